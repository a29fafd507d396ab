/* Section 3 of docs/model.md for the last layers and one sample: errors, from the last layer to the first, then for each a
 * walk over its live inputs, each of which takes a step with all of its connections. The arithmetic is that of the kernels
 * of learning. */
#include "firmware/learn.h"

#include <string.h>

#include "firmware/data.h"

#define MOST_RATE 1.0e6f

static const bc_small_layer *learner(const struct bc_firmware *f)
{
    return &f->layers[f->program->layer_count - 1];
}

uint64_t bc_small_state_place(struct bc_firmware *f)
{
    uint64_t at = BC_STATE_RATES + sizeof(float) * (f->program->layer_count - f->learning.first);
    if (f->learning.phase == NULL)
        return 0;
    for (uint32_t i = f->learning.first; i < f->program->layer_count; i++) {
        f->layers[i].state_at = at;
        at += f->layers[i].stored.entries * sizeof(float);
    }
    return at;
}

static uint32_t rate_at(const struct bc_firmware *f, uint32_t layer)
{
    return BC_STATE_RATES + (uint32_t)sizeof(float) * (layer - f->learning.first);
}

static bc_value load_f32(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, base, index), "");
}

/* ---- errors ---- */

typedef struct errors {
    const struct bc_firmware *f;
    bc_value drives, values; /* addresses: [neurons] */
    bc_value label;
    bc_value any; /* slot: the largest |e| */
} errors;

static bc_loop each_neuron(bc_emit *e, const errors *r)
{
    return bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, learner(r->f)->layer->neurons), 1, "neuron");
}

/* Errors below the floor count as 0. */
static void keep(bc_emit *e, const errors *r, bc_value k, bc_value value)
{
    bc_value small = bc_less(e, bc_abs(e, value), bc_f32(e, r->f->learning.phase->floor));
    value = bc_select(e, small, bc_f32(e, 0), value);
    bc_set(e, r->any, bc_max(e, bc_get(e, e->f32, r->any), bc_abs(e, value)));
    LLVMBuildStore(e->builder, value, bc_element(e, e->f32, r->values, k));
}

/* e_k = [k = label] - softmax(b x)_k, or the gradient of -log p_label. */
static void softmax(bc_emit *e, const errors *r)
{
    bc_value b = bc_f32(e, r->f->learning.phase->sharpness);
    bc_value top = bc_slot(e, e->f32, bc_f32(e, -3.0e38), "top"), all = bc_slot(e, e->f32, bc_f32(e, 0), "all");
    bc_loop one = each_neuron(e, r);
    bc_set(e, top, bc_max(e, load_f32(e, r->drives, one.i), bc_get(e, e->f32, top)));
    bc_loop_end(e, &one);
    bc_loop two = each_neuron(e, r);
    bc_value below = bc_sub(e, load_f32(e, r->drives, two.i), bc_get(e, e->f32, top));
    bc_value weight = bc_exp(e, bc_mul(e, b, below));
    LLVMBuildStore(e->builder, weight, bc_element(e, e->f32, r->values, two.i));
    bc_set(e, all, bc_add(e, bc_get(e, e->f32, all), weight));
    bc_loop_end(e, &two);
    bc_loop three = each_neuron(e, r);
    bc_value p = bc_div(e, load_f32(e, r->values, three.i), bc_get(e, e->f32, all));
    bc_value wanted = bc_select(e, bc_iequal(e, three.i, r->label), bc_f32(e, 1), bc_f32(e, 0));
    bc_value error = bc_sub(e, wanted, p);
    keep(e, r, three.i, r->f->program->rule == BT_RULE_GRADIENT ? bc_mul(e, error, b) : error);
    bc_loop_end(e, &three);
}

/* e_label = max(0, m - x), e_other = -max(0, x + m), or the gradient of that. */
static void hinge(bc_emit *e, const errors *r)
{
    bc_value zero = bc_f32(e, 0), margin = bc_f32(e, r->f->learning.phase->sharpness);
    bc_loop loop = each_neuron(e, r);
    bc_value x = load_f32(e, r->drives, loop.i);
    bc_value up = bc_max(e, bc_sub(e, margin, x), zero), down = bc_neg(e, bc_max(e, bc_add(e, x, margin), zero));
    if (r->f->program->rule == BT_RULE_GRADIENT) {
        up = bc_select(e, bc_greater(e, up, zero), bc_f32(e, 1), zero);
        down = bc_select(e, bc_less(e, down, zero), bc_f32(e, -1), zero);
    }
    keep(e, r, loop.i, bc_select(e, bc_iequal(e, loop.i, r->label), up, down));
    bc_loop_end(e, &loop);
}

/* ---- steps ---- */

typedef struct walk {
    bc_small_sums reads; /* the maps that the layer reads, its bounds */
    bc_value errors;
    bc_value factor; /* of the shares of all inputs */
    bc_value all;    /* slot: the sum of the inputs */
} walk;

typedef void walk_body(bc_emit *e, const walk *w, bc_value o, bc_value row);

static void each_input(bc_emit *e, const walk *w, walk_body *body)
{
    uint32_t row = 0;
    for (uint32_t s = 0; s < w->reads.l->layer->source_count; s++) {
        const bc_reader *r = &w->reads.readers[s];
        uint32_t count = r->map->height * r->map->width * r->map->channels;
        bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), 1, "input");
        bc_value o = bc_read(e, r, loop.i);
        bc_branch live = bc_if(e, bc_is_live(e, r, o), "live");
        body(e, w, o, bc_iadd(e, bc_i32(e, row), loop.i));
        bc_endif(e, &live);
        bc_loop_end(e, &loop);
        row += count;
    }
}

static void add(bc_emit *e, const walk *w, bc_value o, bc_value row)
{
    (void)row;
    bc_set(e, w->all, bc_add(e, bc_get(e, e->f32, w->all), o));
}

/* v += share e where |v| >= t(o), leak times that elsewhere; limits and valve.                       (11)-(15) */
static void move(bc_emit *e, const walk *w, bc_value o, bc_value row)
{
    const bc_kernel *k = &w->reads.kernel;
    const bl_layer *layer = w->reads.l->layer;
    bc_value one = bc_f32(e, 1), q = bc_sub(e, one, o), t = bc_sub(e, bc_f32(e, (double)k->a_max), bc_div(e, one, q));
    bc_value share = bc_share(e, k, o, q, w->factor), leaked = bc_mul(e, share, bc_f32(e, layer->leak));
    bc_value bounds = bc_element(e, e->f32, w->reads.bounds, bc_imul(e, row, w->reads.l->stored.pitch));
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, layer->neurons), 1, "neuron");
    bc_value place = bc_element(e, e->f32, bounds, neurons.i);
    bc_value v = LLVMBuildLoad2(e->builder, e->f32, place, ""), live = bc_at_least(e, bc_abs(e, v), t);
    bc_value taken = layer->leak > 0 ? bc_select(e, live, share, leaked) : share;
    bc_value moved = bc_bounded(e, k, v, bc_add(e, v, bc_mul(e, taken, load_f32(e, w->errors, neurons.i))));
    LLVMBuildStore(e->builder, layer->leak > 0 ? moved : bc_select(e, live, moved, v), place);
    bc_loop_end(e, &neurons);
}

/* ---- layers before the last one ---- */

typedef struct step {
    const struct bc_firmware *f;
    const bc_small_arguments *a;
} step;

static bc_value errors_of(bc_emit *e, const step *s, uint32_t layer)
{
    return bc_offset(e, s->a->scratch, s->f->layers[layer].errors);
}

static void ask_nothing(bc_emit *e, const step *s, uint32_t layer)
{
    bc_value errors = errors_of(e, s, layer);
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, s->f->layers[layer].layer->neurons), 1, "neuron");
    LLVMBuildStore(e->builder, bc_f32(e, 0), bc_element(e, e->f32, errors, loop.i));
    bc_loop_end(e, &loop);
}

/* do_i += sum over k live of sign_ik (1 - alpha_ik) e_k, where live means |v| > t; by the gradient gamma/(1 - alpha_ik).
 * `row` is that of the first input of this source.                                                  (16)-(18) */
static void ask_source(bc_emit *e, const step *s, const bc_small_sums *reads, uint32_t source, uint32_t row)
{
    const bc_kernel *k = &reads->kernel;
    const bc_reader *r = &reads->readers[source];
    bc_value errors = bc_offset(e, s->a->scratch, reads->l->errors);
    bc_value asked = errors_of(e, s, reads->l->layer->sources[source]);
    bc_value one = bc_f32(e, 1), sum = bc_slot(e, e->f32, bc_f32(e, 0), "sum");
    bc_loop loop =
        bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, r->map->height * r->map->width * r->map->channels), 1, "input");
    bc_value o = bc_read(e, r, loop.i);
    bc_branch live = bc_if(e, bc_is_live(e, r, o), "live");
    bc_value t = bc_sub(e, bc_f32(e, (double)k->a_max), bc_div(e, one, bc_sub(e, one, o)));
    bc_value first = bc_imul(e, bc_iadd(e, bc_i32(e, row), loop.i), reads->l->stored.pitch);
    bc_value bounds = bc_element(e, e->f32, reads->bounds, first);
    bc_set(e, sum, bc_f32(e, 0));
    bc_loop neurons = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, reads->l->layer->neurons), 1, "neuron");
    bc_value v = load_f32(e, bounds, neurons.i);
    bc_value adds = bc_mul(e, bc_slope(e, k, v), load_f32(e, errors, neurons.i));
    adds = bc_select(e, bc_greater(e, bc_abs(e, v), t), adds, bc_f32(e, 0));
    bc_set(e, sum, bc_add(e, bc_get(e, e->f32, sum), adds));
    bc_loop_end(e, &neurons);
    bc_value to = bc_element(e, e->f32, asked, loop.i);
    LLVMBuildStore(e->builder, bc_add(e, load_f32(e, asked, loop.i), bc_get(e, e->f32, sum)), to);
    bc_endif(e, &live);
    bc_loop_end(e, &loop);
}

static void ask_below(bc_emit *e, const step *s, uint32_t layer)
{
    const bl_layer *of = s->f->layers[layer].layer;
    const bc_small_sums reads = bc_small_sums_new(e, s->f, layer, s->a);
    uint32_t row = 0;
    for (uint32_t n = 0; n < of->source_count; n++) {
        const bc_small_map *map = bc_small_source(s->f, of->sources[n]);
        if (of->sources[n] != BT_INPUT && s->f->layers[of->sources[n]].learns)
            ask_source(e, s, &reads, n, row);
        row += map->height * map->width * map->channels;
    }
}

/* e = (1 - theta) do if 0 < y < 1, or if y = 1 and do < 0; else 0. By the gradient s do/(1 - theta) if 0 < y < 1. (9) */
static void gate(bc_emit *e, const step *s, uint32_t layer)
{
    const bc_small_layer *l = &s->f->layers[layer];
    bc_owner owner = {s->f->program->name, l->layer->name};
    bc_value thetas = l->uniform ? NULL : bc_data_floats(e, owner, l->theta, l->layer->neurons);
    bc_value errors = errors_of(e, s, layer), drives = bc_offset(e, s->a->scratch, l->drives), zero = bc_f32(e, 0);
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, l->layer->neurons), 1, "neuron");
    bc_value theta = thetas ? load_f32(e, thetas, loop.i) : bc_f32(e, (double)l->theta[0]);
    bc_value x = load_f32(e, drives, loop.i), asked = load_f32(e, errors, loop.i), one = bc_f32(e, 1);
    bc_value span = bc_sub(e, one, theta), below = bc_less(e, x, one), moves, error;
    if (s->f->program->rule == BT_RULE_GRADIENT) {
        moves = below;
        error = bc_mul(e, bc_div(e, bc_f32(e, l->layer->range_out), span), asked);
    } else {
        moves = bc_or(e, below, bc_less(e, asked, zero));
        error = bc_mul(e, span, asked);
    }
    moves = bc_and(e, bc_greater(e, x, theta), moves);
    LLVMBuildStore(e->builder, bc_select(e, moves, error, zero), bc_element(e, e->f32, errors, loop.i));
    bc_loop_end(e, &loop);
}

/* ---- a step ---- */

static void step_of(bc_emit *e, const step *s, uint32_t layer)
{
    walk w = {.reads = bc_small_sums_new(e, s->f, layer, s->a),
              .errors = errors_of(e, s, layer),
              .all = bc_slot(e, e->f32, bc_f32(e, 0), "all")};
    bc_set(e, w.all, bc_f32(e, 0));
    each_input(e, &w, add);
    bc_value all = bc_get(e, e->f32, w.all);
    bc_branch credited = bc_if(e, bc_greater(e, all, bc_f32(e, 0)), "credited");
    bc_value rate = LLVMBuildLoad2(e->builder, e->f32, bc_offset(e, s->a->state, rate_at(s->f, layer)), "");
    w.factor = bc_share_factor(e, &w.reads.kernel, rate, all);
    each_input(e, &w, move);
    bc_endif(e, &credited);
}

/* All errors are found before any bound moves. */
static void steps(bc_emit *e, const struct bc_firmware *f, const bc_small_arguments *a)
{
    uint32_t last = f->program->layer_count - 1;
    step s = {.f = f, .a = a};
    for (uint32_t l = f->learning.first; l < last; l++)
        ask_nothing(e, &s, l);
    for (uint32_t l = last + 1; l-- > f->learning.first;) {
        if (l < last)
            gate(e, &s, l);
        ask_below(e, &s, l);
    }
    for (uint32_t l = f->learning.first; l <= last; l++)
        step_of(e, &s, l);
}

void bc_emit_small_step(bc_emit *e, const struct bc_firmware *f, const bc_small_arguments *a, bc_value label)
{
    const bc_small_layer *l = learner(f);
    e->no_contraction = true;
    bc_branch known = bc_if(e, bc_iless(e, label, bc_i32(e, l->layer->neurons)), "known");
    errors r = {f, bc_offset(e, a->scratch, l->sums), bc_offset(e, a->scratch, l->errors), label,
                bc_slot(e, e->f32, bc_f32(e, 0), "any")};
    if (f->learning.phase->error == BT_ERROR_SOFTMAX)
        softmax(e, &r);
    else
        hinge(e, &r);
    bc_branch some = bc_if(e, bc_greater(e, bc_get(e, e->f32, r.any), bc_f32(e, 0)), "some");
    steps(e, f, a);
    bc_endif(e, &some);
    bc_endif(e, &known);
    e->no_contraction = false;
}

/* ---- states ---- */

static void begin_layer(bc_emit *e, const struct bc_firmware *f, uint32_t layer, bc_value state)
{
    const bc_small_layer *l = &f->layers[layer];
    const bc_stored *s = &l->stored;
    bc_owner owner = {f->program->name, l->layer->name};
    bc_value from = bc_data_floats(e, owner, s->bounds, s->entries), to = bc_offset(e, state, l->state_at);
    LLVMBuildStore(e->builder, bc_f32(e, (double)bc_learning_rate(&f->learning, layer)),
                   bc_offset(e, state, rate_at(f, layer)));
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (uint32_t)s->entries), 1, "bound");
    LLVMBuildStore(e->builder, load_f32(e, from, loop.i), bc_element(e, e->f32, to, loop.i));
    bc_loop_end(e, &loop);
}

void bc_emit_state_begin(bc_emit *e, const struct bc_firmware *f, bc_value state)
{
    LLVMBuildStore(e->builder, bc_i32(e, (uint32_t)(f->options.model >> 32)), state);
    LLVMBuildStore(e->builder, bc_i32(e, (uint32_t)f->options.model), bc_offset(e, state, sizeof(uint32_t)));
    for (uint32_t i = f->learning.first; i < f->program->layer_count; i++)
        begin_layer(e, f, i, state);
}

/* Bits of floats that are not negative have the order of the floats, and those of infinity and NaN come last. */
static bc_value at_most(bc_emit *e, bc_value bits, float most)
{
    uint32_t limit;
    memcpy(&limit, &most, sizeof limit);
    return LLVMBuildICmp(e->builder, LLVMIntULE, bits, bc_i32(e, limit), "");
}

static bc_value word(bc_emit *e, bc_value state, uint32_t at)
{
    return LLVMBuildLoad2(e->builder, e->i32, bc_offset(e, state, at), "");
}

bc_value bc_emit_state_fits(bc_emit *e, const struct bc_firmware *f, bc_value state)
{
    bc_value fits = bc_and(e, bc_iequal(e, word(e, state, 0), bc_i32(e, (uint32_t)(f->options.model >> 32))),
                           bc_iequal(e, word(e, state, 4), bc_i32(e, (uint32_t)f->options.model)));
    for (uint32_t i = f->learning.first; i < f->program->layer_count; i++)
        fits = bc_and(e, fits, at_most(e, word(e, state, rate_at(f, i)), MOST_RATE));
    bc_value all = bc_slot(e, e->i1, fits, "fits");
    for (uint32_t i = f->learning.first; i < f->program->layer_count; i++) {
        const bc_small_layer *l = &f->layers[i];
        bc_value bounds = bc_offset(e, state, l->state_at);
        bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (uint32_t)l->stored.entries), 1, "bound");
        bc_value size = LLVMBuildAnd(e->builder, bc_load_number(e, bounds, loop.i, 4), bc_i32(e, INT32_MAX), "");
        bc_set(e, all, bc_and(e, bc_get(e, e->i1, all), at_most(e, size, bc_kernel_new(l->plan).v_max)));
        bc_loop_end(e, &loop);
    }
    return LLVMBuildZExt(e->builder, bc_get(e, e->i1, all), e->i32, "");
}
