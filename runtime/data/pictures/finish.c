/* From a decoded picture to a sample: transparent pixels are laid on the background, and the picture is turned as EXIF
 * states. Notes are collected for the whole data set. */
#include <string.h>

#include "base/memory.h"
#include "data/pictures/exif.h"
#include "data/pictures/pictures.h"

#define OPAQUE 255

int br_picture_check(const char *path, uint64_t height, uint64_t width, uint64_t channels, br_error *error)
{
    if (height == 0 || width == 0)
        return br_fail(error, BR_ERROR_IO, "%s: the picture has no pixels", path);
    if (height > BR_PICTURE_SIDE || width > BR_PICTURE_SIDE || height * width * channels > BR_PICTURE_BYTES)
        return br_fail(error, BR_ERROR_IO, "%s: a picture of %llux%llu; the limits are %u a side and %llu MiB decoded",
                       path, (unsigned long long)height, (unsigned long long)width, BR_PICTURE_SIDE,
                       BR_PICTURE_BYTES >> 20);
    return 0;
}

static const br_pictures white = {.background = {255, 255, 255}};

static void count_picture(const br_picture_context *context, br_picture_tally *tally, const char *path)
{
    br_error lost;
    if (context->notes != NULL && tally->count++ == 0)
        tally->first = br_copy_string(path, &lost); /* without memory there is no note; the picture is read */
}

static bool has_clear_pixels(const br_decoded *d)
{
    uint64_t n = (uint64_t)d->height * d->width;
    if (d->channels == 2 || d->channels == 4)
        for (uint64_t i = 1; i <= n; i++)
            if (d->pixels[i * d->channels - 1] != OPAQUE)
                return true;
    return false;
}

/* to = (alpha from + (255 - alpha) background) / 255, rounded. `to` may be `from` if it has no more channels. */
static void blend(const br_decoded *d, const uint8_t background[3], uint8_t *to, uint32_t channels)
{
    uint64_t n = (uint64_t)d->height * d->width;
    const uint8_t *from = d->pixels;
    for (uint64_t i = 0; i < n; i++, from += d->channels) {
        uint32_t alpha = from[d->channels - 1];
        for (uint32_t c = 0; c < channels; c++) {
            uint32_t value = from[d->channels == 2 ? 0 : c];
            *to++ = (uint8_t)((value * alpha + background[c] * (OPAQUE - alpha) + 127) / 255);
        }
    }
}

/* A grey picture with alpha becomes RGB only if it shows a coloured background. */
static int lay(const br_pictures *rules, br_decoded *d, bool clear, br_error *error)
{
    const uint8_t *b = rules->background;
    uint8_t *to = d->pixels;
    uint32_t channels = d->channels - 1;
    if (d->channels == 2 && clear && (b[0] != b[1] || b[1] != b[2])) {
        channels = 3;
        to = br_new((uint64_t)d->height * d->width, channels, error);
        if (to == NULL)
            return -1;
    }
    blend(d, b, to, channels);
    if (to != d->pixels)
        br_release(d->pixels);
    d->pixels = to;
    d->channels = channels;
    return 0;
}

int br_picture_finish(br_picture_context *context, const char *path, br_decoded *d, br_array *out, br_error *error)
{
    const br_pictures *rules = context->rules != NULL && context->rules->background_given ? context->rules : &white;
    bool clear = has_clear_pixels(d);
    int status = d->channels == 2 || d->channels == 4 ? lay(rules, d, clear, error) : 0;
    *out = (br_array){.count = 1, .shape = {d->height, d->width, d->channels}, .bytes = d->pixels};
    d->pixels = NULL;
    if (status == 0)
        status = br_exif_apply(out, d->orientation, error);
    if (status != 0) {
        br_array_free(out);
        return -1;
    }
    if (clear && rules == &white)
        count_picture(context, &context->transparent, path);
    if (d->animated)
        count_picture(context, &context->animated, path);
    return 0;
}

/* "a.png has" or "a.png and 3 more pictures have" is the beginning of a note. */
static void tell(br_notes *notes, br_picture_tally *tally, const char *what)
{
    uint64_t more = tally->count - 1;
    if (tally->count == 1 && tally->first != NULL)
        br_note_add(notes, false, "%s has %s", tally->first, what);
    else if (tally->count > 1 && tally->first != NULL)
        br_note_add(notes, false, "%s and %llu more picture%s have %s", tally->first, (unsigned long long)more,
                    more == 1 ? "" : "s", what);
    br_release(tally->first);
    *tally = (br_picture_tally){0};
}

void br_picture_tell(br_picture_context *context)
{
    if (context->notes == NULL)
        return;
    tell(context->notes, &context->transparent,
         "transparent pixels; they are laid on white; state it with `background white;` in the data block");
    tell(context->notes, &context->animated, "more than one frame; only the first is read");
}
