/* Sums over live inputs: adds the contribution of one live input to the sums that read it, equations (2) to (4). */
#include "forward/sums.h"

/* Adds one event to one set of sums, from the row of bounds at `place`: x += c for every block of the row.     (2) */
static void add_row(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, bc_value place,
                    const bc_sums *u)
{
    bc_value q = event.all_q, t = event.all_t;
    for (uint32_t v = 0; v < u->count; v++) {
        bc_value w = bc_load_vector(e, place, bc_i32(e, v * e->lanes)), slot = u->total[number][v];
        bc_value sum = bc_get(e, e->vector, slot);
        if (k->plan->bound_encoding == BR_BOUND_ALPHA)
            sum = bc_add(e, sum, bc_contribution_printed(e, w, t));
        else if (k->plan->bound_encoding == BR_BOUND_TIED)
            sum = bc_muladd(e, q, w, sum);
        else if (k->plan->soft) /* q soft(v, t), fused with the addition */
            sum = bc_muladd(e, q, bc_soft(e, w, t, number + v), sum);
        else
            sum = bc_add(e, sum, bc_contribution(e, k, w, q, t));
        bc_set(e, slot, sum);
    }
}

static LLVMTypeRef sums_type(bc_emit *e)
{
    return LLVMVectorType(e->f32, BC_SUMS);
}

/* Adds o to the field sums of all lines with one multiply-add: the factor is 1 for lines that read the input, else
 * 0. */
static void add_to_sums(bc_emit *e, bc_live_event event, const bc_sums *u)
{
    bc_value reads[BC_SUMS], any = LLVMGetPoison(sums_type(e)), sums = bc_get(e, sums_type(e), u->field_sums);
    for (uint32_t line = 0; line < BC_SUMS; line++)
        reads[line] = bc_f32(e, line >= event.first && line < event.last);
    bc_value o = LLVMBuildInsertElement(e->builder, any, event.o, bc_i32(e, 0), "");
    o = LLVMBuildShuffleVector(e->builder, o, any, LLVMConstNull(LLVMVectorType(e->i32, BC_SUMS)), "");
    bc_set(e, u->field_sums, bc_muladd(e, o, LLVMConstVector(reads, BC_SUMS), sums));
}

bc_value bc_field_sum(bc_emit *e, const bc_sums *u, uint32_t line)
{
    return LLVMBuildExtractElement(e->builder, bc_get(e, sums_type(e), u->field_sums), bc_i32(e, line), "");
}

static bc_value bounds_of(bc_emit *e, const bc_kernel *k, const bc_sums *u, bc_value row)
{
    return bc_block(e, bc_row(e, e->f32, u->bounds, row, k->plan->pitch), u->block);
}

/* Adds an event to every line that reads it. From one line to the line above, the row of bounds is a fixed number of
 * rows further on. */
static void add_to_lines(bc_emit *e, const bc_kernel *k, bc_live_event event, const bc_sums *u)
{
    bc_value place = bounds_of(e, k, u, event.row);
    if (bc_sums_fields(k))
        add_to_sums(e, event, u);
    for (uint32_t line = event.last; line-- > event.first;) {
        add_row(e, k, line, event, place, u);
        place = bc_row(e, e->f32, place, bc_i32(e, bc_rows_between_lines(k)), k->plan->pitch);
    }
}

/* If rows that are silent for every input are not stored, a table gives the new positions of the other rows. */
void bc_add_event(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user)
{
    const bc_sums *u = user;
    if (k->conv && !k->packed) {
        add_to_lines(e, k, event, u);
        return;
    }
    if (k->conv && bc_sums_fields(k))
        add_to_sums(e, event, u);
    if (!k->packed) {
        add_row(e, k, number, event, bounds_of(e, k, u, event.row), u);
        return;
    }
    event.row = bc_load_i32(e, k->packed, event.row);
    bc_branch kept = bc_if(e, bc_iless(e, event.row, bc_i32(e, BC_ROW_DROPPED)), "kept");
    add_row(e, k, number, event, bounds_of(e, k, u, event.row), u);
    bc_endif(e, &kept);
}

bc_sums bc_sums_of(bc_emit *e, bc_value state)
{
    return (bc_sums){
        .live = bc_live_load(e, state),
        .bounds = BC_FIELD_PTR(e, state, bounds),
        .theta = BC_FIELD_PTR(e, state, theta),
        .inputs = BC_FIELD_PTR(e, state, input_sum),
        .drives = BC_FIELD_PTR(e, state, drive),
        .outs = BC_FIELD_PTR(e, state, out),
    };
}

void bc_sums_sample(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value sample)
{
    const br_map *out = &k->plan->out;
    u->sample = sample;
    u->fields = bc_row(e, e->f32, u->inputs, sample, out->height * out->width);
    u->drive = bc_row(e, e->f32, u->drives, sample, out->sample_stride);
    u->out = bc_row(e, e->f32, u->outs, sample, out->sample_stride);
}

void bc_sums_tile(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value block, uint32_t count)
{
    u->block = block;
    u->count = count;
    u->thresholds = bc_thresholds_load(e, k, bc_block(e, u->theta, block), count);
}

void bc_sums_clear(bc_emit *e, bc_sums *u, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t v = 0; v < u->count; v++)
            u->total[i][v] = bc_slot(e, e->vector, bc_splat_f32(e, 0), "sum");
}

void bc_field_begin(bc_emit *e, bc_sums *u, bc_value first)
{
    bc_value sums = LLVMBuildInsertElement(e->builder, LLVMConstNull(sums_type(e)), first, bc_i32(e, 0), "");
    u->field_sums = bc_slot(e, sums_type(e), sums, "field");
}

bc_value bc_place_of(bc_emit *e, const bc_kernel *k, const bc_window *window)
{
    return bc_iadd(e, bc_imul(e, window->y, k->plan->out.width), window->x);
}

void bc_sums_finish(bc_emit *e, const bc_kernel *k, const bc_sums *u, bc_value place, const bc_value *sums)
{
    bc_value gamma = bc_splat(e, bc_gamma(e, k, bc_load_f32(e, u->fields, place)));
    bc_tile to = {.block = u->block, .thresholds = &u->thresholds};
    to.drive = bc_block(e, bc_row(e, e->f32, u->drive, place, k->plan->out.pitch), u->block);
    to.out = bc_block(e, bc_row(e, e->f32, u->out, place, k->plan->out.pitch), u->block);
    for (uint32_t v = 0; v < u->count; v++)
        bc_finish(e, k, &to, v, bc_mul(e, sums[v], gamma));
}
