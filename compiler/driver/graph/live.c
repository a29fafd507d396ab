#include "graph/live.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/stage.h"
#include "options/paths.h"
#include "session/notes.h"
#include "show/numbers.h"

enum { PANELS_MOST = 4, LINES_MOST = 160, LINES_EVEN = 60, NAME_CELLS = 20, CAPTION_CELLS = 40, CLASS_CELLS = 4 };

#define EDGE    20.0
#define APART   90.0 /* from layer to layer */
#define LETTERS 13.0
#define SMALL   12.0
#define TINY    11.0
#define BESIDE  40.0 /* from sample to sample */

typedef struct panel {
    session *s;
    drawing *d;
    const br_trace *trace;
    const stage *stages; /* [layers + 1]: the input, then the layers */
    uint32_t layers;
    double x;    /* added to the stages' */
    double left; /* of its first letter */
} panel;

static const stage *stage_of(const panel *p, uint32_t layer)
{
    return &p->stages[layer == BT_INPUT ? 0 : layer + 1];
}

static point at(const panel *p, uint32_t layer, uint32_t node)
{
    point where = stage_point(stage_of(p, layer), node);
    return (point){where.x + p->x, where.y};
}

/* ---- lines ---- */

/* What the connections from one node to another add together. */
typedef struct link {
    uint32_t from, to;
    double adds;
} link;

typedef struct gathering {
    const stage *below, *here;
    uint32_t source;
    double *adds; /* [nodes here][nodes below] */
    uint64_t live;
} gathering;

static void gather(void *user, const br_live *live)
{
    gathering *g = user;
    if (live->source != g->source)
        return;
    g->live++;
    g->adds[(size_t)stage_node(g->here, live->to) * stage_nodes(g->below) + stage_node(g->below, live->from)] +=
        live->adds;
}

static int by_size(const void *a, const void *b)
{
    const link *one = a, *other = b;
    double first = fabs(one->adds), second = fabs(other->adds);
    if (first != second)
        return first < second ? 1 : -1;
    return one->to != other->to      ? (one->to < other->to ? -1 : 1)
           : one->from < other->from ? -1
                                     : one->from > other->from;
}

/* The strongest are painted last. If there are few, all are as wide. */
static void draw_links(const panel *p, uint32_t layer, uint32_t source, const link *links, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        double share = fabs(links[i].adds) / fabs(links[0].adds);
        point ends[] = {at(p, source, links[i].from), at(p, layer, links[i].to)};
        look how = {.stroke = links[i].adds < 0 ? INK_inhibits : INK_excites};
        how.width = count <= LINES_EVEN ? 1.7 : 0.3 + 0.7 * share * share;
        how.opacity = count <= LINES_EVEN ? 1 : 0.15 + 0.4 * share;
        drawing_line(p->d, ends, 2, &how);
    }
}

/* The connections from one source of a layer. Adds the number of live ones, and of lines that are not shown. */
static int draw_source(const panel *p, uint32_t layer, uint32_t source, uint64_t *live, uint64_t *hidden)
{
    gathering g = {.below = stage_of(p, source), .here = stage_of(p, layer), .source = source};
    size_t below = stage_nodes(g.below), all = below * stage_nodes(g.here), count = 0;
    g.adds = allocate(p->s->cli, all, sizeof *g.adds);
    link *links = g.adds != NULL ? allocate(p->s->cli, all, sizeof *links) : NULL;
    if (links != NULL) {
        br_trace_live(p->trace, layer, gather, &g);
        for (size_t i = 0; i < all; i++)
            if (g.adds[i] != 0)
                links[count++] = (link){(uint32_t)(i % below), (uint32_t)(i / below), g.adds[i]};
        qsort(links, count, sizeof *links, by_size);
        draw_links(p, layer, source, links, count < LINES_MOST ? count : LINES_MOST);
        *live += g.live;
        *hidden += count > LINES_MOST ? count - LINES_MOST : 0;
    }
    free(g.adds);
    int status = links != NULL ? STATUS_DONE : STATUS_FAULT;
    free(links);
    return status;
}

/* ---- one sample ---- */

static int draw_nodes(const panel *p, uint32_t layer, uint32_t answer)
{
    stage moved = *stage_of(p, layer);
    float *activations = allocate(p->s->cli, bt_values(moved.shape), sizeof *activations);
    if (activations == NULL)
        return STATUS_FAULT;
    br_trace_activations(p->trace, layer, activations);
    moved.x += p->x;
    stage_draw(&moved, p->d, activations, answer);
    free(activations);
    return STATUS_DONE;
}

/* Lines lie over cells, which they would hide behind, and under circles, at which they end. */
static int draw_stages(const panel *p, bool circles)
{
    int status = STATUS_DONE;
    for (uint32_t i = 0; i <= p->layers && status == STATUS_DONE; i++) {
        bool answers = i == p->layers;
        if (p->stages[i].circles == circles)
            status = draw_nodes(p, i == 0 ? BT_INPUT : i - 1,
                                answers ? stage_node(&p->stages[i], br_trace_answer(p->trace)) : UINT32_MAX);
    }
    return status;
}

/* Numbers or names of the classes over their circles, if they are short. */
static int draw_classes(const panel *p)
{
    const stage *top = &p->stages[p->layers];
    const br_schema *schema = p->s->source.schema;
    bool named = schema != NULL && schema->class_count == stage_nodes(top), fits = top->circles;
    for (uint32_t k = 0; named && k < schema->class_count; k++)
        named = text_cells(schema->classes[k]) <= CLASS_CELLS;
    for (uint32_t k = 0; fits && k < stage_nodes(top); k++) {
        char number[16];
        point where = at(p, p->layers - 1, k);
        snprintf(number, sizeof number, "%u", k);
        drawing_text(p->d, where.x, where.y - 14, &(lettering){.ink = INK_faint, .size = TINY, .anchor = ANCHOR_MIDDLE},
                     named ? schema->classes[k] : number);
    }
    return p->d->failed ? STATUS_FAULT : STATUS_DONE;
}

/* The input's name and the answer, and how much of it is shown. */
static void draw_caption(const panel *p, const char *name, uint64_t live, uint64_t hidden, double y)
{
    char text[400], class[16];
    number_buffer all, some;
    uint32_t label = br_trace_answer(p->trace);
    const char *known = br_class_name(p->s->source.schema, label);
    lettering how = {.ink = INK_text, .size = SMALL};
    snprintf(class, sizeof class, "%u", label);
    char *input = text_fit(p->s->cli, name, NAME_CELLS),
         *answer = text_fit(p->s->cli, known != NULL ? known : class, NAME_CELLS - 2);
    snprintf(text, sizeof text, "%s: %s", input != NULL ? input : "", answer != NULL ? answer : "");
    free(input);
    free(answer);
    drawing_text(p->d, p->left, y, &how, text);
    how.ink = INK_faint;
    snprintf(text, sizeof text, "%s live connections", number_grouped(all, live));
    drawing_text(p->d, p->left, y + 17, &how, text);
    if (hidden == 0)
        return;
    snprintf(text, sizeof text, "%s weaker lines are not drawn", number_grouped(some, hidden));
    drawing_text(p->d, p->left, y + 34, &how, text);
}

static int draw_panel(const panel *p, const char *name, double bottom)
{
    const bl_program *program = p->s->source.program;
    uint64_t live = 0, hidden = 0;
    int status = draw_stages(p, false);
    for (uint32_t l = 0; l < p->layers && status == STATUS_DONE; l++)
        for (uint32_t i = 0; i < program->layers[l].source_count && status == STATUS_DONE; i++)
            status = draw_source(p, l, program->layers[l].sources[i], &live, &hidden);
    if (status == STATUS_DONE)
        status = draw_stages(p, true);
    if (status == STATUS_DONE)
        status = draw_classes(p);
    draw_caption(p, name, live, hidden, bottom);
    return status;
}

/* ---- all samples ---- */

/* Places the stages from the last layer down to the input, each in the middle of `width`. Returns the bottom. */
static double place_stages(stage *stages, uint32_t count, double left, double width)
{
    double y = EDGE + 62;
    for (uint32_t i = count; i-- > 0;) {
        stage *s = &stages[i];
        s->x = left + (width - stage_width(s)) / 2 + (s->circles ? 10 : s->pitch / 2);
        s->y = y + (s->circles ? 10 : s->pitch / 2);
        y += stage_height(s) + (i > 0 ? APART : 0);
    }
    return y;
}

/* The names of the layers, at the left of the first sample. Returns the width that they take. */
static double label_stages(const stage *stages, uint32_t count, drawing *d, bool draw)
{
    double widest = 0;
    for (uint32_t i = 0; i < count; i++) {
        char *name = text_fit(d->cli, stages[i].name, NAME_CELLS);
        if (name == NULL)
            return 0;
        double width = text_width(text_cells(name), SMALL);
        widest = width > widest ? width : widest;
        if (draw)
            drawing_text(d, EDGE, stages[i].y + stage_height(&stages[i]) / 2 - stages[i].pitch / 2 + 8,
                         &(lettering){.ink = INK_faint, .size = SMALL}, name);
        free(name);
    }
    return widest;
}

/* The largest size of an encoded value. */
static double top_of(const bl_input *input)
{
    for (uint32_t i = 0; i < input->encoding_count; i++)
        if (input->encodings[i].tied)
            return input->encodings[i].levels;
    return input->range;
}

static stage *stages_new(const session *s)
{
    const bl_program *program = s->source.program;
    stage *stages = allocate(s->cli, program->layer_count + 1, sizeof *stages);
    if (stages == NULL)
        return NULL;
    stages[0] = stage_new("input", program->input.encoded, top_of(&program->input));
    for (uint32_t l = 0; l < program->layer_count; l++)
        stages[l + 1] = stage_new(program->layers[l].name, program->layers[l].out, program->layers[l].range_out);
    return stages;
}

/* `right`: how far right of the stages it is drawn. */
static int draw_one(const panel *of, const br_samples *samples, uint64_t index, double right, double bottom)
{
    char name[400];
    session *s = of->s;
    br_trace *trace;
    br_error error;
    if (br_trace_new(s->compiled.network, s->compiled.encoder, samples, index, &trace, &error) != 0)
        return fail_with(s->cli, &error);
    panel p = *of;
    p.trace = trace;
    p.x += right;
    p.left += right;
    snprintf(name, sizeof name, samples->count > 1 ? "%.300s#%llu" : "%.300s",
             path_name(cli_text(s->cli, OPTION_sample)), (unsigned long long)index);
    int status = draw_panel(&p, name, bottom);
    br_trace_free(trace);
    return status;
}

static int draw_samples(session *s, drawing *d, stage *stages, const br_samples *samples)
{
    const bl_program *program = s->source.program;
    uint32_t count = program->layer_count + 1,
             panels = samples->count < PANELS_MOST ? (uint32_t)samples->count : PANELS_MOST;
    double width = text_width(CAPTION_CELLS, SMALL), left = EDGE + label_stages(stages, count, d, false) + 16;
    static const char legend[] = "blue excites, orange inhibits";
    int status = STATUS_DONE;
    for (uint32_t i = 0; i < count; i++)
        width = stage_width(&stages[i]) > width ? stage_width(&stages[i]) : width;
    double bottom = place_stages(stages, count, left, width) + 30;
    if (samples->count > PANELS_MOST)
        say(s->cli, MESSAGE_NOTE, "%s: the first %d of %llu samples are drawn", cli_text(s->cli, OPTION_sample),
            PANELS_MOST, (unsigned long long)samples->count);
    panel all = {.s = s, .d = d, .stages = stages, .layers = program->layer_count, .left = left};
    label_stages(stages, count, d, true);
    for (uint32_t i = 0; i < panels && status == STATUS_DONE; i++)
        status = draw_one(&all, samples, i, i * (width + BESIDE), bottom);
    drawing_text(d, EDGE, EDGE + 10, &(lettering){.ink = INK_text, .size = LETTERS, .bold = true}, d->title);
    drawing_text(d, EDGE, EDGE + 28, &(lettering){.ink = INK_faint, .size = SMALL}, legend);
    d->width = left + panels * (width + BESIDE) - BESIDE + EDGE;
    double head = 2 * EDGE + text_width(text_cells(d->title), LETTERS);
    d->width = head > d->width ? head : d->width;
    d->height = bottom + 34 + EDGE;
    return status == STATUS_DONE && d->failed ? STATUS_FAULT : status;
}

int live_draw(session *s, drawing *out)
{
    const char *path = cli_text(s->cli, OPTION_sample);
    br_reading reading = session_reading(s);
    br_data *data;
    br_error error;
    char title[160];
    snprintf(title, sizeof title, "network %.60s, live connections", s->source.program->name);
    *out = drawing_new(s->cli, title);
    if (br_inputs_load(strcmp(path, "-") == 0 ? "/dev/stdin" : path, &reading, &data, &error) != 0)
        return fail_with(s->cli, &error);
    notes_print(s->cli, data);
    stage *stages = stages_new(s);
    int status = stages != NULL ? draw_samples(s, out, stages, br_data_split(data, BT_SPLIT_TEST)) : STATUS_FAULT;
    free(stages);
    br_data_free(data);
    return status;
}
