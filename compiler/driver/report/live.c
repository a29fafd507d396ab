/* Live connections: for a few samples, where they read the input and what they add; for many, their share by class. */
#include <math.h>
#include <stdlib.h>

#include "bouton/why.h"
#include "options/console.h"
#include "report/html.h"
#include "report/sections.h"

enum { SIDE = 112, CELL_SIDE = 64, VALUES_MOST = 16, COLUMNS_MOST = 20 };
#define WORK_MOST (1ull << 29) /* connections looked at for one sample */

/* What the connections that read each place of the input do for one sample. */
typedef struct traffic {
    double *live;  /* [places or values]: how many carry signal */
    double *added; /* what they add to the drives of neurons that fire */
    uint64_t count, all_live, all;
    bool by_place; /* channels of a place are added up */
} traffic;

typedef struct traffic_walk {
    traffic *t;
    const float *out; /* of the layer: whether a neuron fires */
    uint32_t channels;
} traffic_walk;

static void see_connection(void *user, const br_live *live)
{
    const traffic_walk *walk = user;
    uint64_t from = walk->t->by_place ? live->from / walk->channels : live->from;
    walk->t->live[from]++;
    walk->t->all_live++;
    if (walk->out[live->to] > 0)
        walk->t->added[from] += live->adds;
}

static int traffic_of(const report_facts *f, uint32_t index, uint64_t sample, const br_layer_values *values,
                      traffic *out)
{
    const bl_layer *l = &f->s.source.program->layers[index];
    br_error error;
    br_trace *trace;
    *out = (traffic){.by_place = f->s.source.program->input.image,
                     .all = (uint64_t)l->inputs * l->neurons * bt_places(l->out)};
    out->count = out->by_place ? bt_places(l->in) : bt_values(l->in);
    out->live = allocate(f->s.cli, out->count, sizeof *out->live);
    out->added = out->live != NULL ? allocate(f->s.cli, out->count, sizeof *out->added) : NULL;
    if (out->added == NULL)
        return STATUS_FAULT;
    if (br_trace_new(f->s.compiled.network, NULL, br_data_split(f->data, f->split), sample, &trace, &error) != 0)
        return fail_with(f->s.cli, &error);
    br_trace_live(trace, index, see_connection, &(traffic_walk){out, values->out, l->in.channels});
    br_trace_free(trace);
    return STATUS_DONE;
}

static void traffic_free(traffic *t)
{
    free(t->live);
    free(t->added);
}

/* ---- one sample ---- */

/* A map over the places of the input, thinned out if it is large. */
static int draw_map(FILE *to, report_facts *f, bt_shape shape, const double *values, const char *text)
{
    uint32_t longest = shape.height > shape.width ? shape.height : shape.width;
    uint32_t step = (longest + CELL_SIDE - 1) / CELL_SIDE;
    uint8_t pixels[CELL_SIDE * CELL_SIDE], *at = pixels;
    picture p = {.height = (shape.height + step - 1) / step,
                 .width = (shape.width + step - 1) / step,
                 .channels = 1,
                 .is_signed = true,
                 .pixels = pixels};
    double most = 0;
    for (uint64_t i = 0; i < bt_places(shape); i++)
        most = fmax(most, fabs(values[i]));
    for (uint32_t y = 0; y < p.height; y++)
        for (uint32_t x = 0; x < p.width; x++)
            *at++ = picture_signed(most > 0 ? values[(uint64_t)y * step * shape.width + (uint64_t)x * step] / most : 0);
    fputs("<figure>", to);
    int status = picture_draw(to, &f->room, &p, (double)SIDE / (p.width > p.height ? p.width : p.height), text);
    fprintf(to, "<figcaption>%s</figcaption></figure>\n", text);
    return status;
}

static int draw_trio(FILE *to, report_facts *f, uint32_t w, const traffic *t, bt_shape shape)
{
    uint64_t sample = f->watched[w];
    fputs("<div class=\"three\"><figure>", to);
    int status = facts_have_pictures(f) ? facts_draw_sample(to, f, sample, SIDE, "the sample") : STATUS_DONE;
    fputs("<figcaption>the sample</figcaption></figure>\n", to);
    if (status == STATUS_DONE)
        status = draw_map(to, f, shape, t->live, "how many are live");
    if (status == STATUS_DONE)
        status = draw_map(to, f, shape, t->added, "what they add");
    fputs("</div>\n", to);
    return status;
}

static void put_values(FILE *to, const traffic *t, const float *in)
{
    uint64_t shown = t->count < VALUES_MOST ? t->count : VALUES_MOST;
    fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">value</th><th scope=\"col\">activation</th><th "
          "scope=\"col\">live</th><th scope=\"col\">adds</th></tr></thead>\n<tbody>\n",
          to);
    for (uint64_t i = 0; i < shown; i++)
        fprintf(to, "<tr><td>%llu</td><td>%.3f</td><td>%.0f</td><td>%+.3f</td></tr>\n", (unsigned long long)i + 1,
                (double)in[i], t->live[i], t->added[i]);
    fputs("</tbody></table></div>\n", to);
    if (shown < t->count)
        fprintf(to, "<p class=\"soft\">%llu more values</p>\n", (unsigned long long)(t->count - shown));
}

/* The layers above: how much of each is live, and how many of its neurons fire. */
static void put_layers(FILE *to, const report_facts *f, uint32_t w)
{
    fputs("<table><thead><tr><th scope=\"col\" class=\"left\">layer</th><th scope=\"col\">live</th><th "
          "scope=\"col\">fire</th></tr></thead>\n<tbody>\n",
          to);
    for (uint32_t l = 0; l < facts_layers(f); l++) {
        const br_layer_survey *layer = &f->survey.layers[l];
        const float *out = f->survey.values[(uint64_t)w * f->survey.layer_count + l].out;
        uint64_t fire = 0;
        for (uint64_t i = 0; i < layer->outputs; i++)
            fire += out[i] > 0;
        fputs("<tr><th scope=\"row\">", to);
        html_name(to, f->s.source.program->layers[l].name);
        fprintf(to, "</th><td>%.1f%%</td><td>%llu of %llu</td></tr>\n", 100 * (double)layer->live[f->watched[w]],
                (unsigned long long)fire, (unsigned long long)layer->outputs);
    }
    fputs("</tbody></table>\n", to);
}

static int draw_watched(FILE *to, report_facts *f, uint32_t w, uint32_t index, const layer_parts *parts)
{
    const bl_layer *layer = &f->s.source.program->layers[index];
    const br_layer_values *values = &f->survey.values[(uint64_t)w * f->survey.layer_count + index];
    uint64_t sample = f->watched[w];
    traffic t = {0};
    int status = parts->whole ? traffic_of(f, index, sample, values, &t) : STATUS_DONE;
    fprintf(to, "<figure class=\"trio\"><figcaption>sample %llu is ", (unsigned long long)sample);
    facts_class(to, f, br_data_split(f->data, f->split)->labels[sample]);
    fputs(", answered ", to);
    facts_class(to, f, f->labels[sample]);
    fprintf(to, " (%.3f)</figcaption>\n", (double)f->probabilities[sample * f->score.classes + f->labels[sample]]);
    if (status == STATUS_DONE && parts->whole && t.by_place)
        status = draw_trio(to, f, w, &t, layer->in);
    else if (status == STATUS_DONE && parts->whole)
        put_values(to, &t, values->in);
    if (status == STATUS_DONE)
        put_layers(to, f, w);
    fputs("</figure>\n", to);
    traffic_free(&t);
    return status;
}

/* The first layer with connections to the input, or the number of layers. */
static uint32_t reading_layer(const report_facts *f)
{
    const bl_program *program = f->s.source.program;
    for (uint32_t l = 0; l < program->layer_count; l++)
        if (program->layers[l].kind != BT_LAYER_POOL && program->layers[l].source_count == 1 &&
            program->layers[l].sources[0] == BT_INPUT)
            return l;
    return program->layer_count;
}

static int draw_samples(FILE *to, report_facts *f)
{
    uint32_t index = reading_layer(f);
    const bl_program *program = f->s.source.program;
    layer_parts parts;
    if (index == program->layer_count)
        return STATUS_DONE;
    const bl_layer *layer = &program->layers[index];
    int status = facts_layer(f, index, &parts);
    if ((uint64_t)layer->inputs * layer->neurons * bt_places(layer->out) > WORK_MOST)
        parts.whole = false;
    fputs("<p>The connections of layer ", to);
    html_name(to, layer->name);
    fputs(parts.whole ? " that carry signal for a few samples, by the place of the input that they read. The darker "
                        "the red, the more are live; at the right, red adds to the drives of neurons that fire, and "
                        "blue takes from them.</p>\n"
                      : " are too many to look at one by one.</p>\n",
          to);
    fputs("<div class=\"row\">\n", to);
    for (uint32_t w = 0; w < f->survey.watched && status == STATUS_DONE; w++)
        status = draw_watched(to, f, w, index, &parts);
    fputs("</div>\n", to);
    facts_layer_free(&parts);
    return status;
}

/* ---- many samples ---- */

static void put_class_cells(FILE *to, const report_facts *f, const br_layer_survey *layer, uint32_t columns)
{
    const uint32_t *labels = br_data_split(f->data, f->split)->labels;
    for (uint32_t k = 0; k < columns; k++) {
        double sum = 0, count = 0;
        for (uint64_t i = 0; i < f->survey.live_samples; i++)
            if (labels[i] == k) {
                sum += (double)layer->live[i];
                count++;
            }
        if (count > 0)
            fprintf(to, "<td>%.1f%%</td>", 100 * sum / count);
        else
            fputs("<td>-</td>", to);
    }
}

static void put_shares(FILE *to, const report_facts *f)
{
    uint32_t columns = f->score.classes < COLUMNS_MOST ? f->score.classes : COLUMNS_MOST;
    fprintf(to,
            "<div class=\"wide\"><table id=\"live-table\"><caption>Live connections: mean share of a sample, its "
            "standard deviation, and the mean by class, over the first %llu samples. For a pool, values that are not "
            "0.</caption>\n<thead><tr><th scope=\"col\" class=\"left\">layer</th><th scope=\"col\">mean</th><th "
            "scope=\"col\">deviation</th>",
            (unsigned long long)f->survey.live_samples);
    for (uint32_t k = 0; k < columns; k++) {
        fputs("<th scope=\"col\">", to);
        facts_class(to, f, k);
        fputs("</th>", to);
    }
    fputs("</tr></thead>\n<tbody>\n", to);
    for (uint32_t l = 0; l < facts_layers(f); l++) {
        fputs("<tr><th scope=\"row\">", to);
        html_name(to, f->s.source.program->layers[l].name);
        fputs("</th><td>", to);
        html_share(to, NULL, f->score.live[l]);
        fprintf(to, "</td><td>%.1f%%</td>", 100 * f->score.live_spread[l]);
        put_class_cells(to, f, &f->survey.layers[l], columns);
        fputs("</tr>\n", to);
    }
    fputs("</tbody></table></div>\n", to);
    if (columns < f->score.classes)
        fprintf(to, "<p class=\"soft\">%u more classes are not shown.</p>\n", f->score.classes - columns);
    facts_layers_left_out(to, f);
}

int section_live(FILE *to, report_facts *f)
{
    if (f->no_samples != NULL)
        return STATUS_DONE;
    html_section(to, "live", "Live connections");
    int status = draw_samples(to, f);
    if (status == STATUS_DONE)
        put_shares(to, f);
    html_section_end(to);
    return status;
}
