/* Quantises activations for int8 inference: o in quanta, rounded, at most 255. Channels are stored without gaps, in
 * lines as the field reads them. The border of a convolution's map and the bytes behind the last line stay 0. */
#include "forward/int8.h"

enum { PICK_MOST = 8 }; /* vectors of a place: more are gathered about as fast as picked */

typedef struct quantise_context {
    bc_value in, codes;
    bc_value order;               /* of the channels of a place; NULL: as in the map */
    bc_value channels[PICK_MOST]; /* of the current place, `vectors` of them; vectors 0: they are gathered */
    uint32_t vectors;
    bc_value per_quantum;
} quantise_context;

/* min(255, o 255/top + 1/2), truncated. There is no fused multiply-add, whose rounding would differ between
 * machines. */
static bc_value code_of(bc_emit *e, const quantise_context *u, bc_value o)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(o)) == LLVMVectorTypeKind;
    bc_value scale = vector ? bc_splat(e, u->per_quantum) : u->per_quantum;
    bc_value half = bc_f32_like(e, o, 0.5), most = bc_f32_like(e, o, 255);
    return bc_to_bytes(e, bc_min(e, bc_add(e, bc_mul(e, o, scale), half), most));
}

/* The values at positions at, at + 1, ... of the place that begins at `from`. */
static bc_value ordered(bc_emit *e, const quantise_context *u, bc_value from, bc_value at)
{
    bc_value channels = bc_load_indices(e, u->order, at);
    if (u->vectors > 0)
        return bc_pick(e, u->channels, u->vectors, channels);
    return bc_gather(e, bc_row(e, e->f32, u->in, from, 1), channels);
}

static void one_vector(bc_emit *e, const quantise_context *u, bc_value from, bc_value to, bc_value at)
{
    bc_value o = u->order ? ordered(e, u, from, at) : bc_load_unaligned(e, u->in, bc_iadd(e, from, at));
    bc_value place = bc_at_byte(e, u->codes, bc_iadd(e, to, at));
    LLVMSetAlignment(LLVMBuildStore(e->builder, code_of(e, u, o), place), 1);
}

/* `count` contiguous values. The last vector overlaps the one before it, so nothing is read or written beyond the
 * end. */
static void run(bc_emit *e, quantise_context *u, bc_value from, bc_value to, uint32_t count)
{
    if (count >= e->lanes) {
        for (uint32_t i = 0; i < u->vectors; i++)
            u->channels[i] = bc_load_vector(e, u->in, bc_iadd(e, from, bc_i32(e, i * e->lanes)));
        bc_loop vectors = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), e->lanes, "vector");
        one_vector(e, u, from, to, vectors.i);
        bc_loop_end(e, &vectors);
        if (count % e->lanes != 0)
            one_vector(e, u, from, to, bc_i32(e, count - e->lanes));
        return;
    }
    bc_loop values = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, count), 1, "value");
    bc_value channel = u->order ? bc_load_i32(e, u->order, values.i) : values.i;
    bc_value o = bc_load_f32(e, u->in, bc_iadd(e, from, channel));
    LLVMBuildStore(e->builder, code_of(e, u, o), bc_at_byte(e, u->codes, bc_iadd(e, to, values.i)));
    bc_loop_end(e, &values);
}

void bc_emit_quantise(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    const br_map *in = &k->plan->in;
    const br_int8_shape *shape = &k->plan->int8;
    bc_value int8 = BC_FIELD_PTR(e, a.state, int8);
    bc_value ins = BC_FIELD_PTR(e, a.state, in);
    bc_value codes = bc_field(e, int8, offsetof(br_int8, quanta), e->ptr, "codes");
    quantise_context u = {.per_quantum = bc_field(e, int8, offsetof(br_int8, per_quantum), e->f32, "per_quantum")};
    if (shape->tile > 0)
        u.order = bc_field(e, int8, offsetof(br_int8, order), e->ptr, "order");
    if (u.order && bc_can_pick(e) && in->pitch % e->lanes == 0 && in->pitch / e->lanes <= PICK_MOST)
        u.vectors = in->pitch / e->lanes;
    /* A line of the map is contiguous if there is no padding between its places, and no other order in them. */
    bool tight = shape->tile == 0 && (in->pitch == in->channels || in->width == 1);
    uint32_t runs = tight ? 1 : in->width, count = in->channels * (tight ? in->width : 1);
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    u.in = bc_row(e, e->f32, ins, samples.i, in->sample_stride);
    u.codes = bc_row(e, e->i8, codes, samples.i, shape->sample_stride);
    bc_loop rows = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, in->height), 1, "row");
    bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, runs), 1, "column");
    bc_value from = bc_iadd(e, bc_imul(e, rows.i, in->width * in->pitch), bc_imul(e, columns.i, in->pitch));
    bc_value top = bc_imul(e, bc_iadd(e, rows.i, bc_i32(e, k->layer->pad_top)), shape->line);
    bc_value left = bc_imul(e, bc_iadd(e, columns.i, bc_i32(e, k->layer->pad_left)), in->channels);
    run(e, &u, from, bc_iadd(e, top, left), count);
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
    if (shape->tile > 0)
        bc_int8_list(e, k, int8, samples.i);
    bc_loop_end(e, &samples);
    bc_return(e);
}
