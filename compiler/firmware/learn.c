/* Section 3 of docs/model.md for the last layer and one sample: its errors, then a walk over its live inputs, each of which
 * takes a step with all of its connections. The arithmetic is that of the kernels of learning. */
#include "firmware/learn.h"

#include <string.h>

#include "firmware/data.h"

#define MOST_RATE 1.0e6f

static const bc_small_layer *learner(const struct bc_firmware *f)
{
    return &f->layers[f->program->layer_count - 1];
}

uint64_t bc_small_state_bytes(const struct bc_firmware *f)
{
    return f->learning.phase == NULL ? 0 : BC_STATE_BOUNDS + learner(f)->stored.entries * sizeof(float);
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
    walk w = {.reads = bc_small_sums_new(e, f, f->program->layer_count - 1, a),
              .errors = r.values,
              .all = bc_slot(e, e->f32, bc_f32(e, 0), "all")};
    each_input(e, &w, add);
    bc_value all = bc_get(e, e->f32, w.all);
    bc_branch credited = bc_if(e, bc_greater(e, all, bc_f32(e, 0)), "credited");
    bc_value rate = LLVMBuildLoad2(e->builder, e->f32, bc_offset(e, a->state, BC_STATE_RATE), "");
    w.factor = bc_share_factor(e, &w.reads.kernel, rate, all);
    each_input(e, &w, move);
    bc_endif(e, &credited);
    bc_endif(e, &some);
    bc_endif(e, &known);
    e->no_contraction = false;
}

/* ---- states ---- */

void bc_emit_state_begin(bc_emit *e, const struct bc_firmware *f, bc_value state)
{
    const bc_stored *s = &learner(f)->stored;
    bc_owner owner = {f->program->name, learner(f)->layer->name};
    bc_value from = bc_data_floats(e, owner, s->bounds, s->entries), to = bc_offset(e, state, BC_STATE_BOUNDS);
    LLVMBuildStore(e->builder, bc_i32(e, (uint32_t)(f->options.model >> 32)), state);
    LLVMBuildStore(e->builder, bc_i32(e, (uint32_t)f->options.model), bc_offset(e, state, sizeof(uint32_t)));
    LLVMBuildStore(e->builder, bc_f32(e, (double)f->learning.rate), bc_offset(e, state, BC_STATE_RATE));
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (uint32_t)s->entries), 1, "bound");
    LLVMBuildStore(e->builder, load_f32(e, from, loop.i), bc_element(e, e->f32, to, loop.i));
    bc_loop_end(e, &loop);
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
    const bc_small_layer *l = learner(f);
    bc_value bounds = bc_offset(e, state, BC_STATE_BOUNDS);
    bc_value fits = bc_and(e, bc_iequal(e, word(e, state, 0), bc_i32(e, (uint32_t)(f->options.model >> 32))),
                           bc_iequal(e, word(e, state, 4), bc_i32(e, (uint32_t)f->options.model)));
    fits = bc_and(e, fits, at_most(e, word(e, state, BC_STATE_RATE), MOST_RATE));
    bc_value all = bc_slot(e, e->i1, fits, "fits");
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, (uint32_t)l->stored.entries), 1, "bound");
    bc_value size = LLVMBuildAnd(e->builder, bc_load_number(e, bounds, loop.i, 4), bc_i32(e, INT32_MAX), "");
    bc_set(e, all, bc_and(e, bc_get(e, e->i1, all), at_most(e, size, bc_kernel_new(l->plan).v_max)));
    bc_loop_end(e, &loop);
    return LLVMBuildZExt(e->builder, bc_get(e, e->i1, all), e->i32, "");
}
