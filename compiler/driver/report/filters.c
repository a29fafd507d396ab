/* The connections of the first layers as pictures: sign by colour, alpha by strength; and for deeper layers, the samples
 * that excite each neuron most. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "report/html.h"
#include "report/sections.h"

enum { CELLS_MOST = 100, CELL_MOST = 40, EXCITING_MOST = 48, ROWS_MOST = 64, COLUMNS_MOST = 256, SHEET_WIDTH = 640 };

/* A sheet of equal cells with gaps between them, signed or in the colours of samples. */
typedef struct sheet {
    uint32_t cells, columns, height, width; /* of a cell */
    uint32_t channels;
    picture picture;
    uint8_t *pixels;
} sheet;

static int sheet_new(const report_facts *f, uint32_t cells, uint32_t height, uint32_t width, uint32_t channels,
                     sheet *out)
{
    uint32_t columns = (uint32_t)ceil(sqrt((double)cells * height / width));
    columns = columns < 1 ? 1 : columns > cells ? cells : columns;
    *out = (sheet){.cells = cells, .columns = columns, .height = height, .width = width, .channels = channels};
    uint32_t rows = (cells + columns - 1) / columns;
    out->picture = (picture){.height = rows * (height + 1) + 1,
                             .width = columns * (width + 1) + 1,
                             .channels = channels,
                             .is_signed = channels == 1};
    size_t size = (size_t)out->picture.height * out->picture.width * channels;
    out->pixels = allocate(f->s.cli, size, 1);
    if (out->pixels == NULL)
        return STATUS_FAULT;
    memset(out->pixels, channels == 1 ? SIGNED_GAP : 128, size);
    out->picture.pixels = out->pixels;
    return STATUS_DONE;
}

static uint8_t *sheet_at(const sheet *s, uint32_t cell, uint32_t y, uint32_t x)
{
    size_t row = (size_t)(cell / s->columns) * (s->height + 1) + 1 + y;
    size_t column = (size_t)(cell % s->columns) * (s->width + 1) + 1 + x;
    return s->pixels + (row * s->picture.width + column) * s->channels;
}

static int sheet_draw(FILE *to, report_facts *f, const sheet *s, const char *text)
{
    double scale = floor((double)SHEET_WIDTH / s->picture.width);
    fputs("<figure>", to);
    int status = picture_draw(to, &f->room, &s->picture, scale < 1 ? 1 : scale > 8 ? 8 : scale, text);
    fputs("<figcaption>", to);
    html_text(to, text, 0);
    fputs("</figcaption></figure>\n", to);
    return status;
}

/* ---- fields ---- */

/* Strength of a connection: 1 at the least alpha, 0 at the largest, with its sign. */
static double strength_of(const bl_layer *layer, const layer_parts *parts, uint32_t neuron, uint64_t input)
{
    size_t at = (size_t)neuron * parts->inputs + input;
    double span = layer->alpha_max - layer->alpha_min;
    double share = span > 0 ? fmax(0, (layer->alpha_max - (double)parts->alpha[at]) / span) : 0; /* rule printed */
    return parts->sign[at] < 0 ? -share : share;
}

/* The mean over the channels of one place of a field. */
static double strength_at(const bl_layer *layer, const layer_parts *parts, uint32_t neuron, uint64_t place)
{
    double sum = 0;
    for (uint32_t c = 0; c < layer->in.channels; c++)
        sum += strength_of(layer, parts, neuron, place * layer->in.channels + c);
    return sum / layer->in.channels;
}

static int draw_fields(FILE *to, report_facts *f, const bl_layer *layer, const layer_parts *parts)
{
    uint32_t longest = layer->field_height > layer->field_width ? layer->field_height : layer->field_width;
    uint32_t step = (longest + CELL_MOST - 1) / CELL_MOST;
    uint32_t cells = layer->neurons < CELLS_MOST ? layer->neurons : CELLS_MOST;
    sheet s;
    char text[320];
    int status =
        sheet_new(f, cells, (layer->field_height + step - 1) / step, (layer->field_width + step - 1) / step, 1, &s);
    if (status != STATUS_DONE)
        return status;
    for (uint32_t k = 0; k < cells; k++)
        for (uint32_t y = 0; y < s.height; y++)
            for (uint32_t x = 0; x < s.width; x++)
                *sheet_at(&s, k, y, x) = picture_signed(
                    strength_at(layer, parts, k, (uint64_t)y * step * layer->field_width + (uint64_t)x * step));
    snprintf(text, sizeof text, "Fields of %u of %u neurons of layer %.60s%s%s", cells, layer->neurons, layer->name,
             layer->in.channels > 1 ? "; each point is the mean over its channels" : "",
             step > 1 ? "; some points are left out" : "");
    status = sheet_draw(to, f, &s, text);
    free(s.pixels);
    return status;
}

/* A layer that reads a vector: one row for each neuron, one column for each value. */
static int draw_matrix(FILE *to, report_facts *f, const bl_layer *layer, const layer_parts *parts)
{
    uint32_t rows = layer->neurons < ROWS_MOST ? layer->neurons : ROWS_MOST;
    uint32_t columns = layer->inputs < COLUMNS_MOST ? layer->inputs : COLUMNS_MOST;
    sheet s;
    char text[320];
    int status = sheet_new(f, 1, rows, columns, 1, &s);
    if (status != STATUS_DONE)
        return status;
    for (uint32_t k = 0; k < rows; k++)
        for (uint32_t i = 0; i < columns; i++)
            *sheet_at(&s, 0, k, i) = picture_signed(strength_of(layer, parts, k, i));
    snprintf(text, sizeof text,
             "Connections of layer %.60s: a row for each of %u of %u neurons, a column for each of %u of %u values",
             layer->name, rows, layer->neurons, columns, layer->inputs);
    status = sheet_draw(to, f, &s, text);
    free(s.pixels);
    return status;
}

/* ---- samples that excite ---- */

static void paint_sample(const report_facts *f, const sheet *s, uint32_t cell, uint64_t sample, uint32_t step)
{
    bt_shape shape = f->raw.shape;
    double span = f->raw.high > f->raw.low ? f->raw.high - f->raw.low : 1;
    for (uint32_t y = 0; y < s->height; y++)
        for (uint32_t x = 0; x < s->width; x++)
            for (uint32_t c = 0; c < 3; c++) {
                uint64_t place = (uint64_t)y * step * shape.width + (uint64_t)x * step;
                uint64_t at = sample * bt_values(shape) + place * shape.channels + (shape.channels == 3 ? c : 0);
                double value = f->raw.bytes != NULL ? (double)f->raw.bytes[at] : (double)f->raw.floats[at];
                sheet_at(s, cell, y, x)[c] = (uint8_t)lround(255 * fmin(fmax((value - f->raw.low) / span, 0), 1));
            }
}

static int draw_exciting(FILE *to, report_facts *f, uint32_t index)
{
    const bl_layer *layer = &f->s.source.program->layers[index];
    const br_layer_survey *seen = &f->survey.layers[index];
    bt_shape shape = f->raw.shape;
    uint32_t longest = shape.height > shape.width ? shape.height : shape.width;
    uint32_t step = (longest + CELL_MOST - 1) / CELL_MOST;
    uint32_t cells = seen->neurons < EXCITING_MOST ? seen->neurons : EXCITING_MOST;
    sheet s;
    char text[256];
    int status = sheet_new(f, cells, (shape.height + step - 1) / step, (shape.width + step - 1) / step, 3, &s);
    if (status != STATUS_DONE)
        return status;
    for (uint32_t k = 0; k < cells; k++)
        if (seen->most_at[k] < f->seen)
            paint_sample(f, &s, k, seen->most_at[k], step);
    snprintf(text, sizeof text, "The sample that excites each of %u of %u neurons of layer %.60s most", cells,
             seen->neurons, layer->name);
    status = sheet_draw(to, f, &s, text);
    free(s.pixels);
    return status;
}

/* ---- the section ---- */

static int draw_layer(FILE *to, report_facts *f, uint32_t index)
{
    const bl_layer *layer = &f->s.source.program->layers[index];
    const bl_input *input = &f->s.source.program->input;
    bool first = layer->source_count == 1 && layer->sources[0] == BT_INPUT;
    bool exciting = !first && f->no_samples == NULL && facts_have_pictures(f);
    layer_parts parts;
    if (layer->kind == BT_LAYER_POOL || (!first && !exciting))
        return STATUS_DONE;
    if (exciting)
        return draw_exciting(to, f, index);
    int status = facts_layer(f, index, &parts);
    if (status == STATUS_DONE && !parts.whole)
        fputs("<p class=\"soft\">A layer with so many connections is not drawn.</p>\n", to);
    else if (status == STATUS_DONE)
        status = (input->image || layer->kind == BT_LAYER_CONV ? draw_fields : draw_matrix)(to, f, layer, &parts);
    facts_layer_free(&parts);
    return status;
}

int section_filters(FILE *to, report_facts *f)
{
    int status = STATUS_DONE;
    html_section(to, "filters", "What the neurons look for");
    fputs("<p>In fields, red connections excite and blue ones inhibit. The stronger the colour, the smaller is alpha, "
          "and the smaller the inputs that make the connection live. Nearly white connections are silent for most "
          "inputs.</p>\n",
          to);
    for (uint32_t i = 0; i < facts_layers(f) && status == STATUS_DONE; i++)
        status = draw_layer(to, f, i);
    facts_layers_left_out(to, f);
    html_section_end(to);
    return status;
}
