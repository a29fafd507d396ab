/* The forward pass by events of a convolution whose field has more bounds than the first cache holds: a part of the
 * window at a time, for several lines of places. */
#include "forward/sums.h"

/* Adds some columns of one row of the window at one place. The drive and the field sum hold the sums of the rows
 * before. */
static void add_columns(bc_emit *e, const bc_kernel *k, bc_sums *u, const bc_window *window, bc_columns columns)
{
    bc_value place = bc_place_of(e, k, window);
    bc_value drive = bc_block(e, bc_row(e, e->f32, u->drive, place, k->plan->out.pitch), u->block);
    for (uint32_t v = 0; v < u->count; v++)
        u->total[0][v] = bc_slot(e, e->vector, bc_load_vector(e, drive, bc_i32(e, v * e->lanes)), "sum");
    bc_field_begin(e, u, bc_load_f32(e, u->fields, place));
    bc_each_event_in_row(e, k, window, columns, bc_add_event, u);
    for (uint32_t v = 0; v < u->count; v++)
        bc_store_vector(e, drive, bc_i32(e, v * e->lanes), bc_get(e, e->vector, u->total[0][v]));
    bc_store_f32(e, u->fields, place, bc_field_sum(e, u, 0));
}

/* Drives, which hold the sums, and field sums of the range's places of the current sample. */
static void clear(bc_emit *e, const bc_kernel *k, const bc_sums *u, bc_line_range range)
{
    const br_map *out = &k->plan->out;
    bc_value first = bc_imul(e, range.from, out->width), end = bc_imul(e, range.to, out->width);
    bc_loop places = bc_loop_begin(e, first, end, 1, "clear");
    bc_value drive = bc_block(e, bc_row(e, e->f32, u->drive, places.i, out->pitch), u->block);
    for (uint32_t v = 0; v < u->count; v++)
        bc_store_vector(e, drive, bc_i32(e, v * e->lanes), bc_splat_f32(e, 0));
    bc_store_f32(e, u->fields, places.i, bc_f32(e, 0));
    bc_loop_end(e, &places);
}

static void finish(bc_emit *e, const bc_kernel *k, const bc_sums *u, bc_line_range range)
{
    const br_map *out = &k->plan->out;
    bc_value first = bc_imul(e, range.from, out->width), end = bc_imul(e, range.to, out->width), sums[16];
    bc_loop places = bc_loop_begin(e, first, end, 1, "finish");
    bc_value drive = bc_block(e, bc_row(e, e->f32, u->drive, places.i, out->pitch), u->block);
    for (uint32_t v = 0; v < u->count; v++)
        sums[v] = bc_load_vector(e, drive, bc_i32(e, v * e->lanes));
    bc_sums_finish(e, k, u, places.i, sums);
    bc_loop_end(e, &places);
}

static bc_loop samples_begin(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_line_range samples)
{
    bc_loop loop = bc_loop_begin(e, samples.from, samples.to, 1, "sample");
    bc_sums_sample(e, k, u, loop.i);
    return loop;
}

/* Some lines of places of all samples with their windows row by row. Sums are added in the same order as place by place,
 * so the bits are the same. */
static void lines_of_places(bc_emit *e, const bc_kernel *k, bc_sums *u, uint32_t part, bc_line_range samples,
                            bc_line_range range)
{
    bc_value zero = bc_i32(e, 0), width = bc_i32(e, k->plan->out.width);
    bc_loop cleared = samples_begin(e, k, u, samples);
    clear(e, k, u, range);
    bc_loop_end(e, &cleared);
    bc_loop window = bc_loop_begin(e, zero, bc_i32(e, k->layer->field_height), 1, "window");
    for (uint32_t from = 0; from < k->layer->field_width; from += part) {
        uint32_t to = from + part < k->layer->field_width ? from + part : k->layer->field_width;
        bc_loop each = samples_begin(e, k, u, samples);
        bc_loop rows = bc_loop_begin(e, range.from, range.to, 1, "y");
        bc_loop places = bc_loop_begin(e, zero, width, 1, "x");
        bc_window at = {&u->live, u->sample, rows.i, places.i};
        add_columns(e, k, u, &at, (bc_columns){window.i, from, to});
        bc_loop_end(e, &places);
        bc_loop_end(e, &rows);
        bc_loop_end(e, &each);
    }
    bc_loop_end(e, &window);
    bc_loop finished = samples_begin(e, k, u, samples);
    finish(e, k, u, range);
    bc_loop_end(e, &finished);
}

/* All lines, in groups that are processed together. */
void bc_passing(bc_emit *e, const bc_kernel *k, bc_sums *u, const bc_walk *walk, bc_line_range samples,
                bc_line_range range)
{
    uint32_t lines = walk->lines;
    bc_loop groups = bc_loop_begin(e, range.from, bc_iadd(e, range.to, bc_i32(e, lines - 1)), lines, "lines");
    bc_value end = bc_iadd(e, groups.i, bc_i32(e, lines));
    end = bc_select(e, bc_iless(e, end, range.to), end, range.to);
    lines_of_places(e, k, u, walk->columns, samples, (bc_line_range){groups.i, end});
    bc_loop_end(e, &groups);
}
