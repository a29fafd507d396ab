#include "picture/over_input.h"

#include <math.h>
#include <stdlib.h>

#include "options/console.h"

enum { SIDE = 280, SIDE_MOST = 8192 }; /* pixels of the shorter side, about; most of the longer one */

/* Red and blue that differ in brightness too, for eyes that don't tell them apart by colour. */
static const double for_it[3] = {202, 32, 38}, against_it[3] = {20, 80, 200};

/* The places drawn, row by row. */
typedef struct places {
    uint32_t height, width;
    double *adds, *light; /* what each added; brightness in [0, 1] */
    double most;          /* the largest size of adds */
} places;

static double raw_light(const br_samples *samples, uint64_t value)
{
    double raw = samples->bytes != NULL ? samples->bytes[value] : (double)samples->floats[value];
    double light = (raw - samples->low) / (samples->high - samples->low);
    return light < 0 ? 0 : light > 1 ? 1 : light;
}

static void gather(places *p, const br_why *why, const br_samples *samples, uint64_t index)
{
    uint32_t channels = why->shape.channels;
    bool image = why->shape.height > 1;
    for (uint64_t i = 0; i < bt_values(why->shape); i++) {
        uint64_t at = image || channels == 1 ? i / channels : i % channels * p->width + i / channels;
        p->adds[at] += why->adds[i];
        p->light[at] += raw_light(samples, index * bt_values(why->shape) + i) / (image ? channels : 1);
    }
    for (uint64_t i = 0; i < (uint64_t)p->height * p->width; i++)
        p->most = fmax(p->most, fabs(p->adds[i]));
}

/* White to grey for the sample, and over it the colour in proportion. */
static void colour_of(const places *p, uint64_t at, uint8_t pixel[3])
{
    double grey = 255 - 70 * p->light[at], share = p->most > 0 ? fabs(p->adds[at]) / p->most : 0;
    const double *colour = p->adds[at] < 0 ? against_it : for_it;
    for (int c = 0; c < 3; c++)
        pixel[c] = (uint8_t)lround(grey + share * (colour[c] - grey));
}

static int write(const command_line *cli, const char *path, const places *p)
{
    uint32_t shorter = p->height < p->width ? p->height : p->width, longer = p->height + p->width - shorter;
    uint32_t scale = SIDE / shorter > 1 ? SIDE / shorter : 1;
    while (scale > 1 && (uint64_t)longer * scale > SIDE_MOST)
        scale--;
    br_error error;
    uint64_t height = (uint64_t)p->height * scale, width = (uint64_t)p->width * scale;
    uint8_t *pixels = allocate(cli, height * width, 3);
    if (pixels == NULL)
        return STATUS_FAULT;
    for (uint64_t y = 0; y < height; y++)
        for (uint64_t x = 0; x < width; x++)
            colour_of(p, y / scale * p->width + x / scale, pixels + 3 * (y * width + x));
    int status = br_png_write_rgb(path, pixels, (uint32_t)height, (uint32_t)width, &error);
    free(pixels);
    return status == 0 ? STATUS_DONE : fail_with(cli, &error);
}

int over_input_write(const command_line *cli, const char *path, const br_why *why, const br_samples *samples,
                     uint64_t index)
{
    bool image = why->shape.height > 1;
    places p = {.height = image ? why->shape.height : why->shape.channels, .width = why->shape.width};
    p.adds = allocate(cli, (size_t)p.height * p.width, sizeof *p.adds);
    p.light = p.adds != NULL ? allocate(cli, (size_t)p.height * p.width, sizeof *p.light) : NULL;
    int status = STATUS_FAULT;
    if (p.light != NULL) {
        gather(&p, why, samples, index);
        status = write(cli, path, &p);
    }
    free(p.adds);
    free(p.light);
    return status;
}
