/* The forward pass by events of a convolution whose field has few bounds: they stay in the first cache, and the sums of
 * a place in registers. */
#include "forward/sums.h"

/* How many lines of places are computed together. Their windows overlap, so a live input is loaded once for all of
 * them. */
static uint32_t lines_together(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    uint32_t registers = e->lanes == 16 ? 16 : 4, lines = registers / count < BC_SUMS ? registers / count : BC_SUMS;
    if (k->packed || k->layer->field_height <= k->layer->stride || lines == 0)
        return 1;
    return lines < k->plan->out.height ? lines : k->plan->out.height;
}

/* The fields at places one below the other, for a few blocks of neurons. */
static void fields(bc_emit *e, const bc_kernel *k, bc_sums *u, const bc_window *top, uint32_t lines)
{
    bc_value sums[16], first = bc_place_of(e, k, top);
    bc_sums_clear(e, u, lines);
    bc_field_begin(e, u, bc_f32(e, 0));
    bc_each_event_of_lines(e, k, top, lines, bc_add_event, u);
    for (uint32_t i = 0; i < lines; i++) {
        bc_value place = bc_iadd(e, first, bc_i32(e, i * k->plan->out.width));
        bc_store_f32(e, u->fields, place, bc_field_sum(e, u, i));
        for (uint32_t v = 0; v < u->count; v++)
            sums[v] = bc_get(e, e->vector, u->total[i][v]);
        bc_sums_finish(e, k, u, place, sums);
    }
}

void bc_fields(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value y0, bc_value y1)
{
    bc_value from = y0, width = bc_i32(e, k->plan->out.width);
    for (uint32_t lines = lines_together(e, k, u->count);; lines = 1) { /* the remaining lines, one by one */
        bc_loop rows = bc_loop_begin(e, from, y1, lines, "y");
        bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), width, 1, "x");
        fields(e, k, u, &(bc_window){&u->live, u->sample, rows.i, columns.i}, lines);
        bc_loop_end(e, &columns);
        bc_loop_end(e, &rows);
        from = rows.rest;
        if (lines == 1)
            return;
    }
}
