/* Plans: how each layer will be compiled for a machine, decided before any code is made. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/live.h"
#include "plan/stretch.h"
#include "plan/target.h"
#include "plan/walk.h"

static uint32_t round_up(uint32_t n, uint32_t to)
{
    return (n + to - 1) / to * to;
}

/* Vector accumulators of a block: for 32 vector registers (AVX-512) or 16. The other registers hold operands. */
static uint32_t widest_tile(uint32_t lanes)
{
    return lanes == 16 ? 8 : 4;
}

/* The input map of a layer: the output map of its one source, or several sources copied side by side without gaps. */
static br_map map_in(const bl_program *program, const bc_layer_plan *plans, const bl_layer *layer, uint32_t pad)
{
    if (layer->source_count == 1 && layer->sources[0] != BT_INPUT)
        return plans[layer->sources[0]].out;
    const bt_shape *shape = layer->source_count == 1 ? &program->input.encoded : &layer->in;
    uint32_t values = shape->height * shape->width * shape->channels;
    return (br_map){shape->height, shape->width, shape->channels, shape->channels, round_up(values, pad)};
}

/* The padded map contains every field of the convolution, and a vector that is loaded at its very end. */
static void plan_padding(const bl_layer *layer, uint32_t lanes, bc_layer_plan *out)
{
    const br_map *in = &out->in;
    uint32_t height = (layer->out.height - 1) * layer->stride + layer->field_height;
    uint32_t width = (layer->out.width - 1) * layer->stride + layer->field_width;
    br_map *padded = &out->padded;
    *padded = (br_map){height, width, in->channels, in->pitch, 0};
    if (padded->height < layer->pad_top + in->height)
        padded->height = layer->pad_top + in->height;
    if (padded->width < layer->pad_left + in->width)
        padded->width = layer->pad_left + in->width;
    padded->sample_stride = round_up(padded->height * padded->width * padded->pitch + lanes, lanes);
    out->field_row = round_up(layer->field_width * in->pitch, lanes);
    bc_plan_pairs(out, layer->out.height * layer->out.width);
}

/* Whether a convolution reads only the live quads of its map. A live quad costs more than one of a dense product, and
 * has one live byte or four: it pays where some two thirds of the quads are 0. */
static bool reads_live_quads(const bl_program *program, const bl_layer *layer)
{
    enum { EIGHTH = 8 };
    return layer->kind == BT_LAYER_CONV && layer->in.channels % 4 == 0 && layer->source_count == 1 &&
           EIGHTH * bc_live_at_most(program, layer->sources[0]) <= 1;
}

/* A sum of up to 255 * 127 for each input must fit into 32 bits. `rule printed` is not served: with alpha near 1 it
 * needs slopes up to 100. */
static void plan_int8(const bl_program *program, const bl_layer *layer, uint32_t lanes, bc_layer_plan *out)
{
    enum { MOST_INPUTS = INT32_MAX / (255 * 127) };
    bool conv = layer->kind == BT_LAYER_CONV, live = reads_live_quads(program, layer);
    if (layer->kind == BT_LAYER_POOL || out->bound_encoding != BR_BOUND_V || layer->inputs > MOST_INPUTS)
        return;
    br_int8_shape *shape = &out->int8;
    uint32_t line = conv ? layer->field_width * out->in.channels : layer->inputs;
    const br_map *map = conv ? &out->padded : &out->in;
    shape->lines = conv ? layer->field_height : 1;
    shape->quads = (line + 3) / 4;
    shape->line = map->width * map->channels;
    shape->sample_stride = round_up(map->height * shape->line + (conv ? 4 * lanes : 3), 4 * lanes);
    shape->tile = live ? br_int8_tile(out->pitch / lanes) : 0;
    shape->live_stride = shape->quads + 1;
    if (live)
        shape->live_stride = br_map_places(*map) + 1 + (uint64_t)map->height * shape->line / 4 + lanes;
    else if (conv)
        shape->live_stride = 0;
}

/* Tied levels times bounds that are whole numbers, as bytes: a convolution whose sums of 32 bits are also exact as
 * floats. */
static bool whole_served(const bl_layer *layer)
{
    enum { MOST = 1 << 24 };
    bool whole = layer->frozen && layer->start == BT_START_PATCHES && layer->kind == BT_LAYER_CONV;
    return whole && (uint64_t)layer->inputs * layer->tied * 2 * BR_TIED_TOP < MOST;
}

/* Whether a layer may use packed bounds. Packed sums have the rounding error of all connections, other methods that of
 * the live ones. The difference is negligible unless `sum shared` or a large 1/(1 - alpha_max) magnifies it. A
 * convolution with few places has too few sums to keep the pipes busy. */
static bool may_rest(const bl_program *program, const bl_layer *layer)
{
    enum { STEEPEST = 16, LEAST_PLACES = 8 };
    if (layer->kind == BT_LAYER_POOL || program->rule == BT_RULE_PRINTED || layer->sum == BT_SUM_SHARED)
        return false;
    if (layer->tied > 0)
        return whole_served(layer);
    bool wide = layer->kind == BT_LAYER_CONV ? layer->out.height * layer->out.width >= LEAST_PLACES
                                             : layer->alpha_max >= layer->range_in;
    return wide && 1 <= STEEPEST * (1 - layer->alpha_max);
}

bool bc_method_served(const bl_program *program, uint32_t layer, bt_method method)
{
    const bl_layer *l = &program->layers[layer];
    switch (method) {
    case BT_METHOD_DENSE:
        return l->kind == BT_LAYER_DENSE && program->rule != BT_RULE_PRINTED && l->alpha_max >= l->range_in &&
               l->tied == 0;
    case BT_METHOD_PACKED:
        return may_rest(program, l);
    default:
        return true;
    }
}

bool bc_method_askable(bt_method method)
{
    return method == BT_METHOD_EVENTS || method == BT_METHOD_DENSE || method == BT_METHOD_PACKED;
}

/* The shares of live inputs at which the events method and tiles take the same time, measured (docs/benchmarks.md):
 * `learns` in training, `answers` in inference with packed bounds. Tiles share each load of a bound among samples and
 * walk no lists. This gain is larger if fewer neurons read an input. Convolutions have no tiles of v. Their packed bounds
 * take two vector operations for every connection, and lists three for every live one, besides what the walk costs. The
 * shares of wide convolutions lie below the even ones of a processor with two vector pipes, 0.55: with four pipes, the
 * packed form gains more. */
typedef struct even {
    uint32_t lanes, neurons;
    double learns, answers;
} even;

static even measured_shares(const bl_layer *layer, uint32_t lanes)
{
    static const even dense[] = {{16, 16, 0.43, 0.33}, {16, 32, 0.43, 0.38}, {16, UINT32_MAX, 0.5, 0.4},
                                 {8, 16, 0.3, 0.15},   {8, 32, 0.4, 0.2},    {8, UINT32_MAX, 0.65, 0.38},
                                 {4, 16, 0.45, 0.33},  {4, 32, 0.9, 0.42},   {4, UINT32_MAX, 0.9, 0.5}};
    static const even conv[] = {{16, 16, 1, 0.3}, {16, 32, 1, 0.4}, {16, UINT32_MAX, 1, 0.45},
                                {8, 8, 1, 0.25},  {8, 16, 1, 0.33}, {8, UINT32_MAX, 1, 0.5},
                                {4, 8, 1, 0.43},  {4, 16, 1, 0.45}, {4, UINT32_MAX, 1, 0.47}};
    enum { ROWS = sizeof dense / sizeof *dense };
    _Static_assert(sizeof dense == sizeof conv, "both tables have as many rows");
    const even *table = layer->kind == BT_LAYER_CONV ? conv : dense;
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].lanes == lanes && layer->neurons <= table[i].neurons)
            return table[i];
    return (even){0};
}

static even even_shares(const bl_program *program, uint32_t layer, uint32_t lanes, bt_method wanted)
{
    even shares = measured_shares(&program->layers[layer], lanes);
    if (wanted == BT_METHOD_EVENTS)
        return (even){.learns = 1, .answers = 1};
    if (wanted == BT_METHOD_DENSE)
        shares.learns = 0;
    if (wanted == BT_METHOD_DENSE || wanted == BT_METHOD_PACKED)
        shares.answers = 0;
    if (!bc_method_served(program, layer, BT_METHOD_DENSE))
        shares.learns = 1;
    if (program->layers[layer].tied > 0 && wanted != BT_METHOD_EVENTS) /* bytes are faster than floats everywhere */
        shares.answers = 0;
    if (!bc_method_served(program, layer, BT_METHOD_PACKED))
        shares.answers = 1;
    return shares;
}

/* Whether the feedback of a pool may overwrite the corrections of its source. Its windows must cover every place once,
 * and no later layer, whose feedback runs before, may have the same source. */
static bool overwrites(const bc_plan *plan, uint32_t index)
{
    const bl_program *program = plan->program;
    const bl_layer *l = &program->layers[index];
    bool across = l->in.width == 1 || (l->field_width == l->stride && l->in.width % l->stride == 0);
    bool down = l->in.height == 1 || (l->field_height == l->stride && l->in.height % l->stride == 0);
    if (l->kind != BT_LAYER_POOL || !(l->grid || (across && down)))
        return false;
    for (uint32_t i = index + 1; l->source_count == 1 && i < plan->layer_count; i++)
        for (uint32_t k = 0; k < program->layers[i].source_count; k++)
            if (program->layers[i].sources[k] == l->sources[0])
                return false;
    return true;
}

/* The most inputs of a stretch of packed bounds. Long stretches are faster and lose more digits; the sums of large
 * fields, which are taken over more stretches, lose less than those of other methods. */
static uint32_t most_inputs(const bl_layer *layer)
{
    enum { LEAST = 32, MOST = 96, STRETCHES = 24 };
    uint32_t share = layer->kind == BT_LAYER_CONV ? layer->inputs / STRETCHES : LEAST;
    return share < LEAST ? LEAST : share > MOST ? MOST : share;
}

/* The stretches of a dense layer are cut from its whole field, those of a convolution from a line of it: the inputs of a
 * stretch are neighbours in the map. Short lines share a stretch. */
static void plan_packed(const bl_layer *layer, bc_layer_plan *out)
{
    bc_packed_plan *packed = &out->packed;
    uint32_t most = most_inputs(layer);
    if (layer->tied > 0) { /* forward/whole.c: a vector of what is to be subtracted, then one of bytes for each quad */
        uint64_t quads = (layer->inputs + 3) / 4, places = (uint64_t)layer->out.height * layer->out.width;
        uint64_t map = (uint64_t)out->padded.height * out->padded.width * out->padded.channels;
        *packed = (bc_packed_plan){.stride = (1 + quads) * out->lanes};
        out->fields = places * quads + (map + 3) / 4 + out->lanes;
        return;
    }
    *packed = (bc_packed_plan){.stretch = most, .run = out->rows, .runs = 1};
    if (layer->kind == BT_LAYER_CONV) {
        uint32_t line = layer->field_width * out->in.pitch, stretches = (line + most - 1) / most;
        uint32_t lines = line > most ? 1 : most / line;
        lines = lines < layer->field_height ? lines : layer->field_height;
        packed->stretch = line > most ? (line + stretches - 1) / stretches : lines * line;
        packed->run = lines * line;
        packed->runs = layer->field_height / lines;
        packed->tail = layer->field_height % lines * line;
    }
    uint64_t each = (packed->run + packed->stretch - 1) / packed->stretch;
    uint64_t sums = packed->runs * each + (packed->tail + packed->stretch - 1) / packed->stretch;
    packed->stride = (2ull * out->rows + sums) * out->lanes;
}

static void plan_layer(bc_plan *plan, uint32_t index, uint32_t pad, bt_method method)
{
    const bl_program *program = plan->program;
    bc_layer_plan *plans = plan->layers;
    uint32_t lanes = plan->lanes;
    const bl_layer *layer = &program->layers[index];
    bc_layer_plan *out = &plans[index];
    out->layer = layer;
    out->bound_encoding = program->rule == BT_RULE_PRINTED ? BR_BOUND_ALPHA
                          : layer->tied > 0                ? BR_BOUND_TIED
                                                           : BR_BOUND_V;
    out->whole = layer->tied > 0 && layer->frozen && layer->start == BT_START_PATCHES;
    out->gradient = program->rule == BT_RULE_GRADIENT;
    out->formula = layer->fire == BT_FIRE_FORMULA ? &program->formulas[layer->formula] : NULL;
    out->lanes = lanes;
    out->in = map_in(program, plans, layer, pad);
    out->pitch = round_up(layer->out.channels, pad);
    uint32_t places = layer->out.height * layer->out.width;
    out->out = (br_map){layer->out.height, layer->out.width, layer->out.channels, out->pitch, places * out->pitch};
    out->rows = layer->kind == BT_LAYER_POOL ? 0 : layer->field_height * layer->field_width * out->in.pitch;
    if (layer->kind == BT_LAYER_CONV)
        plan_padding(layer, lanes, out);
    uint32_t blocks = out->pitch / lanes;
    uint32_t tile = widest_tile(lanes);
    out->vectors = blocks < tile ? blocks : tile;
    out->by_neurons = layer->kind == BT_LAYER_DENSE && blocks >= 2 * tile;
    out->overwrites = overwrites(plan, index);
    out->standardised = layer->homeostasis;
    out->soft = layer->alpha_max >= layer->range_in;
    even shares = even_shares(program, index, lanes, method);
    out->dense_above = shares.learns;
    out->packed_above = shares.answers;
    if (out->packed_above < 1)
        plan_packed(layer, out);
    out->bounds_bytes = (uint64_t)out->rows * out->pitch * sizeof(float);
    uint64_t live =
        layer->kind == BT_LAYER_POOL ? 0 : (out->in.sample_stride + lanes) * 4ull * sizeof(float); /* index, o, q, t */
    if (out->dense_above < 1)
        live += out->in.sample_stride * 2ull * sizeof(float);
    uint64_t answers = out->out.sample_stride * 4ull * sizeof(float); /* drive, out, error, correction */
    out->batch_bytes = live + answers + (layer->kind == BT_LAYER_DENSE ? out->rows * sizeof(br_event) : 0);
}

/* The gradient of a `sum shared` drive also depends on the sum of the field. Rule gradient does not have that term. */
static int check_gradient(const bl_program *program, br_error *error)
{
    for (uint32_t i = 0; program->rule == BT_RULE_GRADIENT && i < program->layer_count; i++)
        if (program->layers[i].kind != BT_LAYER_POOL && program->layers[i].sum == BT_SUM_SHARED)
            return br_fail(error, BR_ERROR_CHECK,
                           "layer %s: rule gradient does not serve `sum shared`; use `sum scaled` or `sum raw`",
                           program->layers[i].name);
    return 0;
}

static int check_methods(const bl_program *program, const bt_method *methods, br_error *error)
{
    for (uint32_t i = 0; methods && i < program->layer_count; i++) {
        if (methods[i] != BC_METHOD_MEASURED && !bc_method_askable(methods[i]))
            return br_fail(error, BR_ERROR_USAGE,
                           "layer %s: cannot be planned as %s: leave it to events, dense or packed",
                           program->layers[i].name, bt_method_word(methods[i]));
        if (bc_method_served(program, i, methods[i]))
            continue;
        const char *serves =
            methods[i] == BT_METHOD_DENSE
                ? "tiles serve dense layers under the repaired rule whose alpha reaches up to the range they read"
                : "packed bounds serve dense layers and convolutions of 8 places or more, under the repaired rule, "
                  "without `sum shared`, with alpha at most 0.9375; a dense layer's alpha must reach up to the range "
                  "it reads";
        return br_fail(error, BR_ERROR_USAGE, "layer %s: cannot be planned as %s: %s; leave it to events",
                       program->layers[i].name, bt_method_word(methods[i]), serves);
    }
    return 0;
}

int bc_plan_new(const bl_program *program, const bc_options *options, bc_plan **out, br_error *error)
{
    options = options ? options : &BC_OPTIONS_DEFAULT;
    if (check_gradient(program, error) != 0 || check_methods(program, options->methods, error) != 0)
        return -1;
    bc_target target;
    if (bc_target_find(options->target, options->cpu, &target, error) != 0)
        return -1;
    bc_plan *plan = calloc(1, sizeof *plan);
    bool readouts = !options->inference_only || options->readouts;
    uint32_t count = program->layer_count + (readouts ? program->readout_layers : 0);
    bc_layer_plan *layers = calloc(count, sizeof *layers);
    char *features = strdup(target.features), *triple = strdup(target.triple);
    if (!plan || !layers || !features || !triple) {
        free(plan), free(layers), free(features), free(triple);
        bc_target_free(&target);
        return br_fail(error, BR_ERROR_FAULT, "out of memory while planning %u layers", count);
    }
    plan->program = program;
    plan->lines = options->lines;
    snprintf(plan->cpu, sizeof plan->cpu, "%s", target.cpu);
    plan->features = features;
    plan->triple = triple;
    plan->lanes = target.lanes;
    plan->dot = target.dot;
    plan->check = options->check;
    plan->quantise = options->quantise;
    plan->layer_count = count;
    plan->layers = layers;
    uint32_t pad = options->pad > target.lanes ? options->pad : target.lanes;
    for (uint32_t i = 0; i < count; i++)
        plan_layer(plan, i, pad,
                   options->methods && i < program->layer_count ? options->methods[i] : BC_METHOD_MEASURED);
    for (uint32_t i = 0; i < program->layer_count; i++)
        if (program->layers[i].kind == BT_LAYER_CONV)
            layers[i].walk = bc_walk_plan(program, &layers[i], options);
    for (uint32_t i = 0; i < program->layer_count; i++)
        layers[i].jitter = options->inference_only ? 0 : program->layers[i].jitter;
    for (uint32_t i = 0; i + 1 < program->layer_count; i++)
        bc_plan_stretch(plan, i);
    for (uint32_t i = 0; options->quantise && i < program->layer_count; i++)
        plan_int8(program, &program->layers[i], target.lanes, &layers[i]);
    bc_target_free(&target);
    *out = plan;
    return 0;
}

void bc_plan_free(bc_plan *plan)
{
    if (!plan)
        return;
    free(plan->layers);
    free(plan->features);
    free(plan->triple);
    free(plan);
}

static void print_tiles(const bc_layer_plan *p, FILE *to)
{
    if (p->dense_above <= 0)
        fprintf(to, "  method   dense, as requested: tiles of samples and %u vectors over all inputs\n",
                p->vectors < 4 ? p->vectors : 4);
    else
        fprintf(to, "  method   events: rows of live inputs only, tiles of %u vectors\n", p->vectors);
    if (p->dense_above > 0 && p->dense_above < 1)
        fprintf(to, "           dense tiles instead where %.0f %% of the first samples' inputs or more are live\n",
                100 * p->dense_above);
}

static void print_packed(const bc_layer_plan *p, FILE *to)
{
    if (p->packed.stride == 0)
        return;
    if (p->whole) {
        fprintf(to,
                "           packed bounds where the layer only answers: bytes times levels of one byte, four products "
                "in each\n           lane; %" PRIu64 " bytes, exact\n",
                p->packed.stride * (p->pitch / p->lanes) * sizeof(float));
        return;
    }
    fputs("           packed bounds where the layer only answers", to);
    if (p->packed_above > 0)
        fprintf(to, " and %.0f %% or more are live", 100 * p->packed_above);
    fprintf(to,
            ": two operations for every\n           connection, not three for live ones; %" PRIu64
            " bytes, sums over up to %u inputs\n",
            p->packed.stride * (p->pitch / p->lanes) * sizeof(float), p->packed.stretch);
}

static void print_form(const bc_layer_plan *p, FILE *to)
{
    if (p->layer->kind == BT_LAYER_CONV)
        bc_walk_print(p, to);
    else
        print_tiles(p, to);
    print_packed(p, to);
}

static void print_weights(const bc_layer_plan *p, FILE *to)
{
    bool tied = p->bound_encoding == BR_BOUND_TIED, printed = p->bound_encoding == BR_BOUND_ALPHA;
    fprintf(to, "  bounds   %s, rows of %u floats over neurons, %" PRIu64 " bytes\n",
            tied && p->whole ? "whole w from -127 to 127"
            : tied           ? "w from -127 to 127"
            : printed        ? "signed alpha, as printed"
                             : "signed v = +-(a_max - a)",
            p->pitch, p->bounds_bytes);
    fprintf(to, "  signal   %s\n",
            tied      ? "w n of tied levels n"
            : printed ? "sign * clamp((o - alpha)/(1 - alpha), 0, 1)"
            : p->soft ? "q soft(v, t): alpha_max reaches the range it reads"
                      : "sign * q max(0, |v| - t): alpha_max lies below the range it reads");
    print_form(p, to);
    if (p->int8.sample_stride > 0)
        fprintf(to, "  8 bits   %u x %u quads of inputs%s, %" PRIu64 " bytes of bounds and slopes\n", p->int8.lines,
                p->int8.quads, p->int8.tile > 0 ? ", live ones only" : "",
                (uint64_t)p->int8.lines * p->int8.quads * p->pitch * 8);
    fprintf(to, "  threads  %s\n",
            p->by_neurons                      ? "share out neurons"
            : p->layer->kind == BT_LAYER_DENSE ? "share out samples forward, rows in the step"
                                               : "share out samples; steps summed in groups of samples");
}

/* The phases in which more of a layer's filters stay than at rest. */
static void print_anneals(const bc_plan *plan, uint32_t index, FILE *to)
{
    const bl_program *program = plan->program;
    for (uint32_t i = 0; i < program->phase_count; i++)
        for (uint32_t k = 0; k < program->phases[i].anneal_count; k++) {
            const bl_anneal *anneal = &program->phases[i].anneals[k];
            if (anneal->layer == index)
                fprintf(
                    to,
                    "  anneal   phase %s: %.4g %% of the filters of a place stay at first, %.4g %% after %.4g %% of\n"
                    "           the batches; until then winners are found by selection\n",
                    program->phases[i].name, 100 * anneal->from, 100 * anneal->to, 100 * anneal->over);
        }
}

static void print_layer(const bc_plan *plan, uint32_t index, FILE *to)
{
    const bc_layer_plan *p = &plan->layers[index];
    fprintf(to, "layer %s: %s, %ux%ux%u to %ux%ux%u\n", p->layer->name, bt_layer_kind_word(p->layer->kind),
            p->in.height, p->in.width, p->in.channels, p->out.height, p->out.width, p->out.channels);
    if (p->layer->kind != BT_LAYER_POOL)
        print_weights(p, to);
    bc_print_homeostasis(plan, index, to);
    bc_print_stretch(plan, index, to);
    print_anneals(plan, index, to);
    fprintf(to, "  memory   %" PRIu64 " bytes for each sample of a batch\n", p->batch_bytes);
}

void bc_plan_print(const bc_plan *plan, FILE *to)
{
    fprintf(to, "network %s\n", plan->program->name);
    fprintf(to, "processor %s (%s), vectors of %u floats\n", plan->cpu, plan->triple, plan->lanes);
    if (plan->quantise)
        fprintf(to, "8-bit inference: %s\n",
                plan->dot ? "saturating subtract and dot product of bytes"
                          : "saturating subtract, products of 16 bits");
    for (uint32_t i = 0; i < plan->layer_count; i++)
        print_layer(plan, i, to);
}
