/* Names, samples and layers as the sections of a report show them. */
#include <math.h>
#include <stdlib.h>

#include "options/console.h"
#include "report/facts.h"
#include "report/html.h"
#include "show/layer_facts.h"

enum { SIDE_MOST = 96 }; /* pixels of a sample's side; larger pictures are thinned out */

void facts_class(FILE *to, const report_facts *f, uint32_t label)
{
    const char *name = br_class_name(f->s.source.schema, label);
    if (name != NULL)
        html_name(to, name);
    else
        fprintf(to, "%u", label);
}

bool facts_have_pictures(const report_facts *f)
{
    return f->s.source.program->input.image && (f->raw.shape.channels == 1 || f->raw.shape.channels == 3);
}

static double raw_value(const report_facts *f, uint64_t at)
{
    double value = f->raw.bytes != NULL ? (double)f->raw.bytes[at] : (double)f->raw.floats[at];
    double span = f->raw.high - f->raw.low;
    return span > 0 ? (value - f->raw.low) / span : 0;
}

int facts_draw_sample(FILE *to, report_facts *f, uint64_t sample, double side, const char *text)
{
    bt_shape shape = f->raw.shape;
    uint32_t longest = shape.height > shape.width ? shape.height : shape.width;
    uint32_t step = (longest + SIDE_MOST - 1) / SIDE_MOST;
    picture p = {.height = (shape.height + step - 1) / step,
                 .width = (shape.width + step - 1) / step,
                 .channels = shape.channels};
    if (f->paint == NULL)
        f->paint = allocate(f->s.cli, (size_t)SIDE_MOST * SIDE_MOST, 3);
    if (f->paint == NULL)
        return STATUS_FAULT;
    uint8_t *at = f->paint;
    for (uint32_t y = 0; y < p.height; y++)
        for (uint32_t x = 0; x < p.width; x++)
            for (uint32_t c = 0; c < shape.channels; c++) {
                uint64_t place = (uint64_t)y * step * shape.width + (uint64_t)x * step;
                double value = raw_value(f, sample * bt_values(shape) + place * shape.channels + c);
                *at++ = (uint8_t)lround(255 * fmin(fmax(value, 0), 1));
            }
    p.pixels = f->paint;
    return picture_draw(to, &f->room, &p, side / (p.width > p.height ? p.width : p.height), text);
}

double facts_live(const report_facts *f)
{
    double live = 0, all = 0;
    for (uint32_t l = 0; l < f->score.layer_count; l++) {
        const bl_layer *layer = &f->s.source.program->layers[l];
        double connections = (double)layer_places(layer) * (double)layer_connections(layer);
        if (connections == 0 || isnan(f->score.live[l]))
            continue;
        live += connections * f->score.live[l];
        all += connections;
    }
    return all > 0 ? live / all : (double)NAN;
}

uint32_t facts_layers(const report_facts *f)
{
    uint32_t count = f->s.source.program->layer_count;
    return count < REPORT_LAYERS ? count : REPORT_LAYERS;
}

void facts_layers_left_out(FILE *to, const report_facts *f)
{
    uint32_t count = f->s.source.program->layer_count;
    if (count > REPORT_LAYERS)
        fprintf(to, "<p class=\"soft\">%u more layers are not shown.</p>\n", count - REPORT_LAYERS);
}
