/* Redraws an image in the colours of a competing layer: the winner of each pixel, the mean colour of each winner, and
 * the error. */
#include "infer/redraw.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/data.h"
#include "data/pictures/pictures.h"
#include "data/prepare.h"
#include "encode/encoder.h"
#include "model/network.h"

enum { BLOCK = 1 << 16 }; /* pixels encoded at a time, because their levels take much more memory than the pixels */

/* ---- the palette ---- */

typedef struct colour_sum {
    uint64_t count, sums[3];
} colour_sum;

/* The index of a colour in the palette. A new colour is appended. */
static uint8_t place_of(br_redrawn *out, const uint8_t colour[3])
{
    uint32_t i = 0;
    while (i < out->colours && memcmp(out->palette[i], colour, 3) != 0)
        i++;
    if (i == out->colours)
        memcpy(out->palette[out->colours++], colour, 3);
    return (uint8_t)i;
}

/* The colour of a filter is the rounded mean of the pixels that it won. A filter that won none has no colour. */
static void take_means(const colour_sum *sums, br_redrawn *out, uint8_t places[BR_PALETTE_MOST])
{
    out->colours = out->idle = 0;
    for (uint32_t k = 0; k < out->filters; k++) {
        uint8_t colour[3] = {0};
        out->idle += sums[k].count == 0;
        for (int c = 0; c < 3 && sums[k].count > 0; c++)
            colour[c] = (uint8_t)((2 * sums[k].sums[c] + sums[k].count) / (2 * sums[k].count));
        if (sums[k].count > 0)
            places[k] = place_of(out, colour);
    }
}

void br_palette_make(const uint8_t *rgb, const uint32_t *winners, br_redrawn *out)
{
    colour_sum sums[BR_PALETTE_MOST] = {0};
    uint8_t places[BR_PALETTE_MOST] = {0};
    uint64_t pixels = (uint64_t)out->height * out->width, squares = 0;
    for (uint64_t i = 0; i < pixels; i++) {
        sums[winners[i]].count++;
        for (int c = 0; c < 3; c++)
            sums[winners[i]].sums[c] += rgb[3 * i + c];
    }
    take_means(sums, out, places);
    for (uint64_t i = 0; i < pixels; i++) {
        out->pixels[i] = places[winners[i]];
        for (int c = 0; c < 3; c++) {
            int off = rgb[3 * i + c] - out->palette[out->pixels[i]][c];
            squares += (uint64_t)(off * off);
        }
    }
    out->mean_square = (double)squares / (double)(3 * pixels);
    out->psnr = squares > 0 ? 10 * log10(255.0 * 255.0 / out->mean_square) : INFINITY;
}

/* ---- winners ---- */

typedef struct redrawing {
    br_network *network;
    const br_encoder *encoder;
    br_range range;
    const br_pictures *rules; /* NULL: pictures are read as they are */
    uint32_t threads;
    br_error *error;
} redrawing;

static int check_network(const redrawing *job, const char *path)
{
    const br_model *model = job->network->model;
    const br_layer_code *last = &model->layers[br_last_layer(model)];
    const br_encoder *e = job->encoder;
    if (e->shape.height != 1 || e->shape.width != 1 || e->shape.channels != 3)
        return br_fail(job->error, BR_ERROR_CHECK,
                       "%s: network %s reads %s, not single pixels; only one with `input image(1x1, rgb)` can redraw "
                       "a picture",
                       path, model->name, br_shape_write(e->shape).text);
    if (last->kernels.depress == NULL)
        return br_fail(job->error, BR_ERROR_CHECK,
                       "%s: layer %s of network %s has no winner: its filters don't compete; give it `depress over "
                       "filters`",
                       path, last->name, model->name);
    if (last->shape.neurons > BR_PALETTE_MOST)
        return br_fail(job->error, BR_ERROR_CHECK,
                       "%s: layer %s of network %s has %u filters; an indexed picture has at most %u colours", path,
                       last->name, model->name, last->shape.neurons, BR_PALETTE_MOST);
    return 0;
}

/* Finds the winner of each of n pixels: the largest drive minus conscience, the lowest index on ties. */
static int win_block(const redrawing *job, const char *path, const uint8_t *rgb, uint64_t n, uint32_t *winners)
{
    br_data data = {0};
    br_array *array = &data.arrays[BT_SPLIT_TEST];
    int status = br_array_shape(array, path, n, 1, 1, 3, job->error);
    array->bytes = status == 0 ? br_new(n, 3, job->error) : NULL;
    if (array->bytes == NULL)
        return -1;
    memcpy(array->bytes, rgb, n * 3);
    status = br_picture_map(array, job->range.low, job->range.high, job->error);
    if (status == 0 && job->rules != NULL)
        status = br_pictures_prepare(array, job->rules, job->range.low, job->range.high, array->shape, job->error);
    if (status == 0) {
        br_data_show(&data, job->range.low, job->range.high);
        status = br_data_encode(&data, job->encoder, job->threads, job->error);
    }
    if (status == 0)
        status = br_predict(job->network, &data.views[BT_SPLIT_TEST], job->threads, &(br_outputs){.labels = winners},
                            job->error);
    br_array_free(array);
    return status;
}

static int win_all(const redrawing *job, const char *path, const br_array *picture, uint32_t *winners)
{
    uint64_t pixels = bt_places(picture->shape);
    for (uint64_t first = 0; first < pixels; first += BLOCK) {
        uint64_t n = pixels - first < BLOCK ? pixels - first : BLOCK;
        if (win_block(job, path, picture->bytes + 3 * first, n, winners + first) != 0)
            return -1;
    }
    return 0;
}

static int redraw(const redrawing *job, const char *path, const br_array *picture, br_redrawn *out)
{
    const br_model *model = job->network->model;
    uint64_t pixels = bt_places(picture->shape);
    out->height = picture->shape.height;
    out->width = picture->shape.width;
    out->filters = model->layers[br_last_layer(model)].shape.neurons;
    uint32_t *winners = br_new(pixels, sizeof *winners, job->error);
    out->pixels = winners != NULL ? br_new(pixels, 1, job->error) : NULL;
    int status = out->pixels != NULL ? win_all(job, path, picture, winners) : -1;
    if (status == 0)
        br_palette_make(picture->bytes, winners, out);
    br_release(winners);
    return status;
}

int br_redraw(br_network *network, const br_encoder *encoder, const char *path, const br_reading *reading,
              uint32_t threads, br_redrawn *out, br_error *error)
{
    const br_pictures *rules = reading->schema != NULL ? &reading->schema->pictures : NULL;
    redrawing job = {network, encoder, reading->range, rules, threads, error};
    br_notes notes = {0};
    br_picture_context context = {.rules = rules, .notes = &notes};
    br_array picture;
    br_bytes file;
    *out = (br_redrawn){0};
    if (check_network(&job, path) != 0 || br_bytes_read_pipe(path, BR_PICTURE_BYTES, &file, error) != 0)
        return -1;
    out->file_bytes = file.size;
    int status = br_picture_colours(&context, path, &file, &picture, error);
    br_bytes_free(&file);
    br_picture_tell(&context);
    out->notes = notes.list;
    out->note_count = notes.count;
    if (status == 0) {
        status = redraw(&job, path, &picture, out);
        br_array_free(&picture);
    }
    if (status != 0)
        br_redrawn_free(out);
    return status;
}

void br_redrawn_free(br_redrawn *picture)
{
    br_notes notes = {picture->notes, picture->note_count, 0};
    br_notes_free(&notes);
    br_release(picture->pixels);
    *picture = (br_redrawn){0};
}
