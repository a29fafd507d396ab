#include "forward/int8.h"

bc_value bc_int8_worth(bc_emit *e, const bc_kernel *k, const bc_int8 *u, bc_value all)
{
    if (!bc_int8_shared(k))
        return bc_splat(e, bc_mul(e, bc_gamma(e, k, bc_f32(e, 1)), u->scale));
    bc_value zero = bc_splat_f32(e, 0), sum = bc_from_i32(e, all);
    bc_value gain = bc_splat(e, bc_mul(e, bc_f32(e, k->layer->gain), u->scale));
    bc_value gamma = bc_div(e, gain, bc_mul(e, sum, bc_splat(e, u->quantum)));
    return bc_select(e, bc_greater(e, sum, zero), gamma, zero);
}
