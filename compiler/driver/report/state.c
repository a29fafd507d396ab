/* How bounds, thresholds and drives are spread, and what never carries signal. */
#include <math.h>
#include <stdlib.h>

#include "options/console.h"
#include "report/chart.h"
#include "report/html.h"
#include "report/sections.h"
#include "show/numbers.h"

enum { BINS = 24, LISTED = 12 };

/* ---- charts ---- */

static void draw_numbers(FILE *to, const char *title, const char *x_name, const float *numbers, size_t count,
                         double least, double most)
{
    double heights[BINS] = {0};
    for (size_t i = 0; i < count; i++)
        least = fmin(least, (double)numbers[i]), most = fmax(most, (double)numbers[i]);
    double span = most > least ? most - least : 1;
    for (size_t i = 0; i < count; i++) {
        int bin = (int)(((double)numbers[i] - least) / span * BINS);
        heights[bin < BINS ? bin : BINS - 1]++;
    }
    chart_bars(to, &(bar_chart){.title = title,
                                .x_name = x_name,
                                .y_name = "number",
                                .least = least,
                                .most = least + span,
                                .count = BINS,
                                .heights = heights});
}

/* Only the bins from the first to the last that holds something. */
static void draw_drives(FILE *to, const char *title, const br_spread *drives)
{
    double heights[BR_SURVEY_BINS];
    uint32_t first = 0, end = BR_SURVEY_BINS;
    while (first + 1 < end && drives->counts[first] == 0)
        first++;
    while (end > first + 1 && drives->counts[end - 1] == 0)
        end--;
    for (uint32_t i = first; i < end; i++)
        heights[i - first] = (double)drives->counts[i];
    chart_bars(to, &(bar_chart){.title = title,
                                .x_name = "drive",
                                .y_name = "number",
                                .least = ((double)first - BR_SURVEY_BINS / 2) * drives->width,
                                .most = ((double)end - BR_SURVEY_BINS / 2) * drives->width,
                                .count = end - first,
                                .heights = heights});
}

static int draw_layer(FILE *to, const report_facts *f, uint32_t index)
{
    const bl_layer *layer = &f->s.source.program->layers[index];
    layer_parts parts;
    int status = facts_layer(f, index, &parts);
    if (status != STATUS_DONE || !parts.whole) {
        facts_layer_free(&parts);
        return status;
    }
    fputs("<h3>Layer ", to);
    html_name(to, layer->name);
    fputs("</h3>\n<div class=\"row\">\n", to);
    draw_numbers(to, "Bounds alpha of its connections", "alpha", parts.alpha, parts.inputs * parts.neurons,
                 layer->alpha_min, layer->alpha_max);
    draw_numbers(to, "Thresholds theta of its neurons", "theta", parts.theta, parts.neurons, 0, layer->theta_max);
    if (f->no_samples == NULL)
        draw_drives(to, "Drives of its neurons, over all samples that were looked at", &f->survey.layers[index].drives);
    fputs("</div>\n", to);
    facts_layer_free(&parts);
    return STATUS_DONE;
}

/* ---- what is silent ---- */

typedef struct silence {
    bool whole;           /* every bound was looked at */
    bool looked;          /* at samples, and at every connection */
    double low, high;     /* share of connections at the least and at the largest alpha */
    uint64_t connections; /* that are silent for all samples */
    uint64_t inputs;      /* values that are always 0 */
    uint64_t neurons;     /* that never fire */
} silence;

/* The largest activation that input i of a field ever has: over the places at which a convolution stands. */
static float largest_at(const bl_layer *l, const float *top, uint32_t i)
{
    float most = 0;
    uint32_t channel = i % l->in.channels, place = i / l->in.channels;
    if (l->kind == BT_LAYER_DENSE)
        return top[i];
    for (uint32_t oy = 0; oy < l->out.height; oy++)
        for (uint32_t ox = 0; ox < l->out.width; ox++) {
            int64_t y = (int64_t)oy * l->stride - l->pad_top + place / l->field_width;
            int64_t x = (int64_t)ox * l->stride - l->pad_left + place % l->field_width;
            if (y >= 0 && x >= 0 && y < l->in.height && x < l->in.width)
                most = fmaxf(most, top[((uint64_t)y * l->in.width + (uint64_t)x) * l->in.channels + channel]);
        }
    return most;
}

static void see_bounds(const bl_layer *layer, const layer_parts *parts, silence *out)
{
    size_t count = parts->inputs * parts->neurons, low = 0, high = 0;
    float least = (float)layer->alpha_min, most = (float)layer->alpha_max;
    for (size_t i = 0; i < count; i++) {
        low += parts->alpha[i] <= least;
        high += parts->alpha[i] >= most;
    }
    out->low = (double)low / (double)count;
    out->high = (double)high / (double)count;
}

static int see_silence(const report_facts *f, uint32_t index, silence *out)
{
    const bl_layer *layer = &f->s.source.program->layers[index];
    const br_layer_survey *seen = f->no_samples == NULL ? &f->survey.layers[index] : NULL;
    layer_parts parts;
    *out = (silence){0};
    int status = facts_layer(f, index, &parts);
    out->whole = status == STATUS_DONE && parts.whole;
    if (out->whole)
        see_bounds(layer, &parts, out);
    for (uint64_t i = 0; seen != NULL && i < seen->values; i++)
        out->inputs += seen->top[i] <= 0;
    for (uint32_t k = 0; seen != NULL && k < seen->neurons; k++)
        out->neurons += seen->fired[k] == 0;
    out->looked = status == STATUS_DONE && parts.whole && seen != NULL;
    for (uint32_t i = 0; out->looked && i < layer->inputs; i++) {
        float most = largest_at(layer, seen->top, i);
        if (layer->tied > 0 && most > 0) /* a level that is not 0 is an input of s, which is alpha_max */
            most = (float)layer->alpha_max;
        for (uint32_t k = 0; k < layer->neurons; k++)
            out->connections += !(most > parts.alpha[(size_t)k * parts.inputs + i]);
    }
    facts_layer_free(&parts);
    return status;
}

static void put_count(FILE *to, uint64_t part, uint64_t all)
{
    number_buffer text[2];
    fprintf(to, "<td>%s of %s</td>", number_grouped(text[0], part), number_grouped(text[1], all));
}

static void put_silence(FILE *to, const report_facts *f, uint32_t index, const silence *s)
{
    const bl_layer *layer = &f->s.source.program->layers[index];
    bool pool = layer->kind == BT_LAYER_POOL;
    fputs("<tr><th scope=\"row\">", to);
    html_name(to, layer->name);
    fputs("</th>", to);
    if (pool || !s->whole)
        fputs("<td>-</td><td>-</td>", to);
    else
        fprintf(to, "<td>%.1f%%</td><td>%.1f%%</td>", 100 * s->low, 100 * s->high);
    if (f->no_samples != NULL) {
        fputs("<td>-</td><td>-</td><td>-</td></tr>\n", to);
        return;
    }
    put_count(to, s->neurons, f->survey.layers[index].neurons);
    put_count(to, s->inputs, f->survey.layers[index].values);
    if (s->looked)
        put_count(to, s->connections, (uint64_t)layer->inputs * layer->neurons);
    else
        fputs("<td>-</td>", to);
    fputs("</tr>\n", to);
}

static int put_table(FILE *to, const report_facts *f)
{
    int status = STATUS_DONE;
    fputs("<div class=\"wide\"><table id=\"silent-table\"><caption>", to);
    if (f->no_samples == NULL)
        fprintf(to, "Over the first %llu samples. ", (unsigned long long)f->survey.samples);
    fputs(
        "A filter's connections count once. A neuron of the last layer answers by its drive, whether it fires or "
        "not.</caption>\n<thead><tr><th scope=\"col\" class=\"left\">layer</th><th scope=\"col\">at least alpha</th>"
        "<th scope=\"col\">at largest alpha</th><th scope=\"col\">neurons that never fire</th><th scope=\"col\">inputs "
        "that are never live</th><th scope=\"col\">connections that are never live</th></tr></thead>\n<tbody>\n",
        to);
    for (uint32_t l = 0; l < facts_layers(f) && status == STATUS_DONE; l++) {
        silence s;
        status = see_silence(f, l, &s);
        if (status == STATUS_DONE)
            put_silence(to, f, l, &s);
    }
    fputs("</tbody></table></div>\n", to);
    return status;
}

/* Neurons that never fire, by their numbers. */
static void put_silent_neurons(FILE *to, const report_facts *f)
{
    for (uint32_t l = 0; f->no_samples == NULL && l + 1 < facts_layers(f); l++) {
        const br_layer_survey *seen = &f->survey.layers[l];
        uint32_t listed = 0;
        for (uint32_t k = 0; k < seen->neurons; k++) {
            if (seen->fired[k] > 0 || listed > LISTED)
                continue;
            if (listed == 0) {
                fputs("<p>Neurons of ", to);
                html_name(to, f->s.source.program->layers[l].name);
                fputs(" that never fire: ", to);
            }
            fprintf(to, listed == LISTED ? ", and more" : "%s%u", listed > 0 ? ", " : "", k);
            listed++;
        }
        if (listed > 0)
            fputs("</p>\n", to);
    }
}

int section_state(FILE *to, report_facts *f)
{
    html_section(to, "state", "Bounds, thresholds, drives");
    int status = put_table(to, f);
    put_silent_neurons(to, f);
    for (uint32_t l = 0; l < facts_layers(f) && status == STATUS_DONE; l++)
        status = draw_layer(to, f, l);
    facts_layers_left_out(to, f);
    html_section_end(to);
    return status;
}
