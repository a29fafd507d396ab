#include "int8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../reference/quantised.h"
#include "engine/forward.h"
#include "engine/int8.h"

static int tell(const br_error *error)
{
    fprintf(stderr, "%s\n", error->message);
    return -1;
}

static void *take(uint64_t count, uint64_t size)
{
    void *memory = calloc(count + 1, size);
    if (!memory)
        abort();
    return memory;
}

int int8_compile(const int8_subject *s, const char *cpu, int level, int8_code *c)
{
    br_error error = {0};
    const bc_options options = {.cpu = cpu, .level = level, .inference_only = true, .quantise = true};
    *c = (int8_code){.context = bl_context_new()};
    if (!c->context || bl_load_text(c->context, "random.btn", s->text, strlen(s->text)) != 0)
        abort();
    const bl_program *program = bl_check(c->context, NULL);
    if (!program) {
        bl_write_diagnostics(c->context, stderr, false);
        return -1;
    }
    if (bc_compile(program, &options, &c->code, &error) == 0 &&
        br_network_new(bc_code_model(c->code), &c->network, &error) == 0)
        return 0;
    return tell(&error);
}

int int8_borrow(bc_code *code, int8_code *c)
{
    br_error error;
    *c = (int8_code){.code = code};
    return br_network_new(bc_code_model(code), &c->network, &error) == 0 ? 0 : tell(&error);
}

static int set_state(const int8_subject *s, const int8_code *c)
{
    br_error error;
    const br_model *model = bc_code_model(c->code);
    for (uint32_t l = 0; l < br_path_layers(model); l++)
        if (model->layers[l].kind != BT_LAYER_POOL &&
            (br_network_import(c->network, l, s->alpha[l], s->sign[l], s->theta[l], &error) != 0 ||
             (s->gain && s->gain[l] && br_network_set_gains(c->network, l, s->gain[l], &error) != 0)))
            return tell(&error);
    return 0;
}

int int8_answer(const int8_subject *s, int8_code *c)
{
    br_error error = {0};
    const br_model *model = bc_code_model(c->code);
    br_samples samples = {.count = s->calibrate && s->batch > INT8_CALIBRATION ? INT8_CALIBRATION : 0,
                          .shape = model->shape,
                          .floats = s->in,
                          .high = (double)s->range};
    if (set_state(s, c) != 0)
        return -1;
    if (br_quantise_to(c->network, s->bits ? s->bits : 8, &samples, 1, &c->quantised, &error) != 0 ||
        br_workspace_new(c->network, s->batch, false, &c->workspace, &error) != 0 ||
        br_work_int8(c->workspace, c->quantised, &error) != 0)
        return tell(&error);
    uint32_t stride =
        (s->values + model->layers[0].layout.lanes - 1) / model->layers[0].layout.lanes * model->layers[0].layout.lanes;
    for (uint32_t n = 0; n < s->batch; n++)
        memcpy(c->workspace->in + (uint64_t)n * stride, s->in + (uint64_t)n * s->values, s->values * sizeof(float));
    br_forward_alone(c->workspace, 0, br_path_layers(model), 0, s->batch);
    return 0;
}

void int8_free(int8_code *c)
{
    br_workspace_free(c->workspace);
    br_quantised_free(c->quantised);
    br_network_free(c->network);
    if (c->context)
        bc_code_free(c->code);
    bl_context_free(c->context);
}

/* ---- one layer against the reference ---- */

typedef struct layer_state {
    float *alpha, *theta, *gain, *field;
    int8_t *sign;
    uint8_t *codes;          /* [inputs][neurons]: bounds of 4 bits */
    const br_levels *levels; /* NULL: bounds have 8 bits */
} layer_state;

static layer_state take_state(const int8_code *c, uint32_t layer)
{
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    uint64_t connections = (uint64_t)code->shape.inputs * code->shape.neurons;
    layer_state s = {.alpha = take(connections, sizeof(float)),
                     .theta = take(code->shape.neurons, sizeof(float)),
                     .gain = take(code->shape.neurons, sizeof(float)),
                     .field = take(code->shape.inputs, sizeof(float)),
                     .sign = take(connections, 1),
                     .codes = take(connections, 1),
                     .levels = br_quantised_levels(c->quantised, layer)};
    if (s.levels)
        br_quantised_codes(c->quantised, layer, s.codes);
    br_network_export(c->network, layer, s.alpha, s.sign, s.theta);
    br_network_gains(c->network, layer, s.gain);
    return s;
}

/* The activations of the field at (y, x), 0 outside the map. */
static void gather_field(const br_layer_code *code, const float *in, uint32_t y, uint32_t x, float *field)
{
    const br_map *map = &code->shape.in;
    bool conv = code->kind == BT_LAYER_CONV;
    for (uint32_t dy = 0; dy < code->shape.field_height; dy++)
        for (uint32_t dx = 0; dx < code->shape.field_width; dx++)
            for (uint32_t ch = 0; ch < map->channels; ch++) {
                int64_t row = conv ? (int64_t)y * code->shape.stride + dy - code->shape.pad_top : dy;
                int64_t column = conv ? (int64_t)x * code->shape.stride + dx - code->shape.pad_left : dx;
                bool inside = row >= 0 && row < map->height && column >= 0 && column < map->width;
                uint64_t place = inside ? (uint64_t)row * map->width + (uint64_t)column : 0;
                field[((uint64_t)dy * code->shape.field_width + dx) * map->channels + ch] =
                    inside ? in[place * map->pitch + ch] : 0;
            }
}

static int check_drive(const br_layer_code *code, const ref_field_sum *r, float drive, float steepest)
{
    bool shared = code->parameters.sum == BT_SUM_SHARED;
    double quantum = r->worth * 127 / (double)steepest, total = quantum * (double)r->all;
    double gamma =
        code->parameters.sum == BT_SUM_RAW ? 1 : (double)code->parameters.gain / sqrt((double)code->shape.inputs);
    if (shared)
        gamma = r->all > 0 ? (double)code->parameters.gain / total : 0;
    if (gamma == 0)
        return drive == 0 ? 0 : -1;
    double rounded = fabs((double)r->sum) * 0x1p-22; /* gamma, its product with the sum: floats */
    if (fabs((double)drive / (gamma * r->worth) - (double)r->sum) > 0.5 + rounded) {
        fprintf(stderr, "layer %s: a drive of %.9g stands for the sum %lld, not %lld\n", code->name, (double)drive,
                llround((double)drive / (gamma * r->worth)), (long long)r->sum);
        return -1;
    }
    double wanted = r->wanted, bound = r->bound;
    if (shared) { /* gain S/T: both S and T are rounded */
        if (r->total == 0 || total <= 0)
            return 0;
        wanted = r->wanted * total / r->total;
        bound = r->bound + fabs(r->wanted) * r->loose / r->total;
    }
    double apart = fabs((double)drive - gamma * wanted), allowed = gamma * bound;
    if (apart <= allowed + 1e-5 * (1 + fabs(gamma * wanted)))
        return 0;
    fprintf(stderr, "layer %s: a drive of %g is %g from %g, at most %g\n", code->name, (double)drive, apart,
            gamma * wanted, allowed);
    return -1;
}

/* A drive of a layer with homeostasis is gain sum - theta.                                                 (26) */
static int check_standardised(const br_layer_code *code, const ref_field_sum *r, float gain, float theta,
                              const float at[2])
{
    double wanted = (double)gain * r->wanted - (double)theta, apart = fabs((double)at[0] - wanted);
    double level = fmin(1, fmax(0, (double)at[0])),
           off = fabs((double)at[1] - (double)code->parameters.range_out * level);
    if (apart <= (double)gain * r->bound + 1e-5 * (1 + fabs(wanted)) && (code->kernels.depress || off < 2e-5))
        return 0;
    fprintf(stderr, "layer %s: a drive of %g is %g from %g; its activation is %g off\n", code->name, (double)at[0],
            apart, wanted, off);
    return -1;
}

static int check_activation(const br_layer_code *code, const ref_neuron *neuron, float drive, float theta, float out)
{
    static const ref_neuron ramp = {.way = REF_WAY_RAMP};
    double y = ref_neuron_level(neuron ? neuron : &ramp, (double)drive, (double)theta);
    double off = fabs((double)out - (double)code->parameters.range_out * y);
    if (code->kernels.depress || off < 2e-5)
        return 0;
    fprintf(stderr, "layer %s: a drive of %.9g becomes %.9g, %g off\n", code->name, (double)drive, (double)out, off);
    return -1;
}

static ref_field_sum sum_of(const layer_state *s, const br_layer_shape *shape, const ref_scales *scales, uint32_t k)
{
    uint64_t first = (uint64_t)k * shape->inputs;
    if (!s->levels)
        return ref_quantised_sum(scales, s->field, s->alpha + first, s->sign + first, shape->inputs);
    const ref_levels levels = {s->levels->alphas, s->levels->slopes, s->codes + k, shape->neurons};
    return ref_levels_sum(scales, &levels, s->field, shape->inputs);
}

static int check_place(const int8_code *c, uint32_t layer, const ref_neuron *neuron, const layer_state *state,
                       uint32_t sample, uint64_t place)
{
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    const br_layer_state *s = &c->workspace->layers[layer];
    const br_quantised_layer *facts = br_quantised_of(c->quantised, layer);
    ref_scales scales = {facts->top, facts->steepest};
    gather_field(code, s->in + (uint64_t)sample * code->shape.in.sample_stride,
                 (uint32_t)(place / code->shape.out.width), (uint32_t)(place % code->shape.out.width), state->field);
    for (uint32_t k = 0; k < code->shape.neurons; k++) {
        uint64_t at = sample * (uint64_t)code->shape.out.sample_stride + place * code->shape.out.pitch + k;
        ref_field_sum r = sum_of(state, &code->shape, &scales, k);
        if (code->parameters.homeostasis) {
            if (check_standardised(code, &r, state->gain[k], state->theta[k], (float[]){s->drive[at], s->out[at]}) != 0)
                return -1;
            continue;
        }
        if (check_drive(code, &r, s->drive[at], facts->steepest) != 0 ||
            check_activation(code, neuron, s->drive[at], state->theta[k], s->out[at]) != 0)
            return -1;
    }
    return 0;
}

static void free_state(layer_state *s)
{
    free(s->alpha);
    free(s->theta);
    free(s->gain);
    free(s->field);
    free(s->sign);
    free(s->codes);
}

static int check_layer(const int8_code *c, uint32_t layer, const ref_neuron *neuron, uint64_t *compared)
{
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    const br_layer_state *s = &c->workspace->layers[layer];
    bool served = code->kind != BT_LAYER_POOL && code->parameters.bound_encoding == BR_BOUND_V;
    if (br_quantised_of(c->quantised, layer)->int8 != served || (s->int8 != NULL) != served) {
        fprintf(stderr, "layer %s: in 8 bits, or not, against its kind\n", code->name);
        return -1;
    }
    if (!served)
        return 0;
    int status = 0;
    layer_state state = take_state(c, layer);
    uint64_t places = br_map_places(code->shape.out);
    for (uint32_t n = 0; n < s->batch && status == 0; n++)
        for (uint64_t place = 0; place < places && status == 0; place++)
            status = check_place(c, layer, neuron, &state, n, place);
    free_state(&state);
    *compared += places * s->batch * code->shape.neurons;
    return status;
}

/* The drives and the activations before depression of one sample, without padding. */
static void take_drives(const int8_code *c, uint32_t layer, uint32_t sample, double *x, double *o)
{
    static const ref_neuron ramp = {.way = REF_WAY_RAMP};
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    const br_layer_state *s = &c->workspace->layers[layer];
    layer_state state = take_state(c, layer);
    for (uint64_t place = 0; place < br_map_places(code->shape.out); place++)
        for (uint32_t k = 0; k < code->shape.neurons; k++, x++, o++) {
            *x = (double)s->drive[(uint64_t)sample * code->shape.out.sample_stride + place * code->shape.out.pitch + k];
            *o = (double)code->parameters.range_out * ref_neuron_level(&ramp, *x, (double)state.theta[k]);
        }
    free_state(&state);
}

/* Neurons at the very edge of firing are left out: the reference has other roundings there. So are gaps. */
static int check_winners(const int8_code *c, uint32_t layer, const ref_map_layer *map, uint32_t sample)
{
    const br_layer_code *code = &bc_code_model(c->code)->layers[layer];
    const br_map *out = &code->shape.out;
    uint64_t values = br_map_places(*out) * code->shape.neurons;
    double *x = take(values, sizeof *x), *o = take(values, sizeof *o), *before = take(values, sizeof *before);
    take_drives(c, layer, sample, x, o);
    memcpy(before, o, values * sizeof *o);
    ref_depress(x, (ref_shape){out->height, out->width, out->channels}, map->clauses, map->clause_count, map->fire,
                (double)code->parameters.range_out, o);
    int status = 0;
    for (uint64_t i = 0; i < values && status == 0; i++) {
        const float *from = c->workspace->layers[layer].out + (uint64_t)sample * out->sample_stride;
        float found = from[i / code->shape.neurons * out->pitch + i % code->shape.neurons];
        bool edge = before[i] > 0 && before[i] < 1e-6;
        if (!edge && ((found > 0) != (o[i] > 0) || fabs((double)found - o[i]) > 2e-5)) {
            fprintf(stderr, "layer %s: value %llu is %.9g after depression, not %.9g\n", code->name,
                    (unsigned long long)i, (double)found, o[i]);
            status = -1;
        }
    }
    free(x);
    free(o);
    free(before);
    return status;
}

static int check_depression(const int8_subject *s, const int8_code *c, uint32_t layer)
{
    const ref_map_layer *map = s->maps[layer];
    bool checked = map && map->clause_count > 0 && c->workspace->layers[layer].int8;
    for (uint32_t i = 0; checked && i < map->clause_count; i++)
        checked = map->clauses[i].gap == 0;
    for (uint32_t n = 0; checked && n < s->batch; n++)
        if (check_winners(c, layer, map, n) != 0)
            return -1;
    return 0;
}

int int8_check(const int8_subject *s, const int8_code *c, uint64_t *compared)
{
    const br_model *model = bc_code_model(c->code);
    for (uint32_t l = 0; l < br_path_layers(model); l++)
        if (check_layer(c, l, s->neurons[l], compared) != 0 || check_depression(s, c, l) != 0)
            return -1;
    return 0;
}

/* ---- answers ---- */

static void take_map(const br_layer_code *code, const float *map, uint64_t places, int8_answers *to)
{
    to->values = realloc(to->values, (to->count + places * code->shape.neurons) * sizeof *to->values);
    if (!to->values)
        abort();
    for (uint64_t p = 0; p < places; p++, to->count += code->shape.neurons) /* there are no gaps between samples */
        memcpy(to->values + to->count, map + p * code->shape.out.pitch, code->shape.neurons * sizeof(float));
}

int8_answers int8_answers_of(const int8_code *c, uint32_t batch)
{
    const br_model *model = bc_code_model(c->code);
    int8_answers all = {0};
    for (uint32_t l = 0; l < br_path_layers(model); l++) {
        const br_layer_code *code = &model->layers[l];
        uint64_t places = (uint64_t)batch * code->shape.out.height * code->shape.out.width;
        if (code->kind == BT_LAYER_POOL)
            continue;
        take_map(code, c->workspace->layers[l].drive, places, &all);
        take_map(code, c->workspace->layers[l].out, places, &all);
    }
    return all;
}
