/* The forward pass by events of a convolution whose field has few bounds: they stay in the first cache, and the sums of
 * a place in registers. */
#include "forward/sums.h"

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

/* Windows of neighbouring lines overlap, so a live input is loaded once for all lines that are computed together. */
void bc_fields(bc_emit *e, const bc_kernel *k, bc_sums *u, const bc_walk *walk, bc_line_range range)
{
    bc_value from = range.from, width = bc_i32(e, k->plan->out.width);
    for (uint32_t lines = k->packed ? 1 : walk->lines;; lines = 1) { /* the remaining lines, one by one */
        bc_loop rows = bc_loop_begin(e, from, range.to, lines, "y");
        bc_loop columns = bc_loop_begin(e, bc_i32(e, 0), width, 1, "x");
        fields(e, k, u, &(bc_window){&u->live, u->sample, rows.i, columns.i}, lines);
        bc_loop_end(e, &columns);
        bc_loop_end(e, &rows);
        from = rows.rest;
        if (lines == 1)
            return;
    }
}
