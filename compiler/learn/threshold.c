/* The step of the thresholds: equations (7)-(8), repaired. */
#include "kernels/kernel.h"

#include <float.h>

/* y* = clamp(y + dy, 0, 1 - 0.02);  theta^ = (x - y*)/(1 - y*);  theta += xi_theta (theta^ - theta), within [0, max]
 * It is skipped if x >= 1 or dy = 0. All samples of a batch read the same theta; their steps are summed. */
void bc_emit_threshold(bc_emit *e, const bc_kernel *k, const char *name)
{
    bc_kernel_args a = bc_function(e, name);
    bc_value thetas = BC_FIELD_PTR(e, a.state, theta), drive = BC_FIELD_PTR(e, a.state, drive);
    bc_value correction = BC_FIELD_PTR(e, a.state, correction), active = BC_FIELD_PTR(e, a.state, active);
    bc_value rate = bc_splat(e, BC_FIELD_F32(e, a.state, rates.theta));
    bc_value zero = bc_splat_f32(e, 0), one = bc_splat_f32(e, 1);

    bc_loop blocks = bc_loop_begin(e, a.part_first, a.part_end, 1, "block");
    bc_value first = bc_imul(e, blocks.i, e->lanes);
    bc_value theta = bc_load_vector(e, thetas, first);
    bc_value change = bc_slot(e, e->vector, zero, "change");
    bc_loop samples = bc_loop_begin(e, a.first, a.end, 1, "sample");
    bc_value idle = bc_iequal(e, bc_load_i32(e, active, samples.i), bc_i32(e, 0));
    bc_branch if_active = bc_if(e, LLVMBuildNot(e->builder, idle, ""), "active");
    bc_places places = bc_places_begin(e, k);
    bc_value x = bc_load_vector(e, bc_at_place(e, k, drive, samples.i, places.place), first);
    bc_value dy = bc_load_vector(e, bc_at_place(e, k, correction, samples.i, places.place), first);
    bc_value y = bc_clamp(e, bc_div(e, bc_sub(e, x, theta), bc_sub(e, one, theta)), zero, one);
    bc_value target = bc_clamp(e, bc_add(e, y, dy), zero, bc_splat_f32(e, 1 - 0.02));
    bc_value solved = bc_div(e, bc_sub(e, x, target), bc_sub(e, one, target));
    bc_value asked = bc_and(e, bc_less(e, x, one), bc_greater(e, bc_abs(e, dy), zero));
    bc_value sum = bc_get(e, e->vector, change);
    bc_set(e, change, bc_select(e, asked, bc_muladd(e, rate, bc_sub(e, solved, theta), sum), sum));
    bc_places_end(e, &places);
    bc_endif(e, &if_active);
    bc_loop_end(e, &samples);
    bc_value moved = bc_add(e, theta, bc_get(e, e->vector, change));
    bc_assert_within(e, theta, 0, (float)k->layer->theta_max, BR_FAULT_THRESHOLD);
    bc_assert_within(e, moved, -FLT_MAX, FLT_MAX, BR_FAULT_THRESHOLD);
    bc_store_vector(e, thetas, first, bc_clamp(e, moved, zero, bc_splat_f32(e, k->layer->theta_max)));
    bc_loop_end(e, &blocks);
    bc_return(e);
}
