/* Transposes the live lists of a batch: for every input row, the samples in which it is live, and its share in each. So
 * a row of bounds is read and written once per batch, and only if some sample needs it. */
#include "kernels/kernel.h"

void bc_emit_rows(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value counts = BC_FIELD_PTR(e, a.state, live.count), index = BC_FIELD_PTR(e, a.state, live.index);
    bc_value o = BC_FIELD_PTR(e, a.state, events.o), q = BC_FIELD_PTR(e, a.state, events.q);
    bc_value t = BC_FIELD_PTR(e, a.state, events.t), sums = BC_FIELD_PTR(e, a.state, input_sum);
    bc_value row_count = BC_FIELD_PTR(e, a.state, rows.count), rows = BC_FIELD_PTR(e, a.state, rows.events);
    bc_value active = BC_FIELD_PTR(e, a.state, active), batch = BC_FIELD_I32(e, a.state, batch);
    bc_value rate = BC_FIELD_F32(e, a.state, rates.step);
    bc_value zero = bc_i32(e, 0);

    bc_zero_f32(e, row_count, a.part_first, bc_isub(e, a.part_end, a.part_first));
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value is_active = LLVMBuildNot(e->builder, bc_iequal(e, bc_load_i32(e, active, samples.i), zero), "");
    bc_branch if_active = bc_if(e, is_active, "active");
    bc_value factor = bc_share_factor(e, k, rate, bc_load_f32(e, sums, samples.i));
    bc_value sample_index = bc_row(e, e->i32, index, samples.i, k->live_stride);
    bc_value sample_o = bc_row(e, e->f32, o, samples.i, k->live_stride);
    bc_value sample_q = bc_row(e, e->f32, q, samples.i, k->live_stride);
    bc_value sample_t = bc_row(e, e->f32, t, samples.i, k->live_stride);

    bc_loop events = bc_loop_begin(e, zero, bc_load_i32(e, counts, samples.i), 1, "event");
    bc_value row = bc_load_i32(e, sample_index, events.i);
    bc_value mine = bc_iless(e, bc_isub(e, row, a.part_first),
                             bc_isub(e, a.part_end, a.part_first)); /* part_first <= row < part_end */
    bc_branch if_mine = bc_if(e, mine, "mine");
    bc_value place = bc_load_i32(e, row_count, row);
    bc_value own = bc_load_f32(e, sample_o, events.i), rest = bc_load_f32(e, sample_q, events.i);
    bc_event event = {samples.i, bc_load_f32(e, sample_t, events.i), bc_share(e, k, own, rest, factor)};
    bc_event_store(e, bc_event_row(e, rows, row, batch), place, event);
    bc_store_i32(e, row_count, row, bc_iadd(e, place, bc_i32(e, 1)));
    bc_endif(e, &if_mine);
    bc_loop_end(e, &events);
    bc_endif(e, &if_active);
    bc_loop_end(e, &samples);
    bc_return(e);
}
