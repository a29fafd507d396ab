/* The forward pass by events of a convolution whose field has more bounds than the first cache holds: a part of the
 * window at a time, for several lines of places. */
#include "forward/sums.h"

/* Bytes of bounds that stay in the L1 cache during the loop over places, and bytes of those places' drives. */
enum { FIRST_CACHE = 24 << 10, BYTES_OF_LINES = 16 << 10 };

static uint64_t bytes_of_row(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    return (uint64_t)k->layer->field_width * k->plan->in.pitch * count * e->lanes * sizeof(float);
}

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

/* How many lines of places are processed for each part of the bounds. Their partial drives should stay in the cache
 * too. */
static uint32_t lines_passing(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    uint64_t bytes = (uint64_t)k->plan->out.width * count * e->lanes * sizeof(float);
    uint64_t lines = bytes < BYTES_OF_LINES ? BYTES_OF_LINES / bytes : 1;
    return lines < k->plan->out.height ? (uint32_t)lines : k->plan->out.height;
}

/* Lines [y0, y1) of places with their windows row by row. Sums are added in the same order as place by place, so the
 * bits are the same. */
static void lines_of_places(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value y0, bc_value y1)
{
    const br_map *out = &k->plan->out;
    bc_value zero = bc_i32(e, 0), width = bc_i32(e, out->width), sums[16];
    bc_value first = bc_imul(e, y0, out->width), end = bc_imul(e, y1, out->width);
    bc_loop clear = bc_loop_begin(e, first, end, 1, "clear");
    for (uint32_t v = 0; v < u->count; v++)
        bc_store_vector(e, bc_block(e, bc_row(e, e->f32, u->drive, clear.i, out->pitch), u->block),
                        bc_i32(e, v * e->lanes), bc_splat_f32(e, 0));
    bc_store_f32(e, u->fields, clear.i, bc_f32(e, 0));
    bc_loop_end(e, &clear);

    uint32_t parts = (uint32_t)((bytes_of_row(e, k, u->count) + FIRST_CACHE - 1) / FIRST_CACHE);
    uint32_t part = parts < k->layer->field_width ? (k->layer->field_width + parts - 1) / parts : 1;
    bc_loop window = bc_loop_begin(e, zero, bc_i32(e, k->layer->field_height), 1, "window");
    for (uint32_t from = 0; from < k->layer->field_width; from += part) {
        uint32_t to = from + part < k->layer->field_width ? from + part : k->layer->field_width;
        bc_loop rows = bc_loop_begin(e, y0, y1, 1, "y");
        bc_loop places = bc_loop_begin(e, zero, width, 1, "x");
        bc_window at = {&u->live, u->sample, rows.i, places.i};
        add_columns(e, k, u, &at, (bc_columns){window.i, from, to});
        bc_loop_end(e, &places);
        bc_loop_end(e, &rows);
    }
    bc_loop_end(e, &window);

    bc_loop finish = bc_loop_begin(e, first, end, 1, "finish");
    for (uint32_t v = 0; v < u->count; v++)
        sums[v] = bc_load_vector(e, bc_block(e, bc_row(e, e->f32, u->drive, finish.i, out->pitch), u->block),
                                 bc_i32(e, v * e->lanes));
    bc_sums_finish(e, k, u, finish.i, sums);
    bc_loop_end(e, &finish);
}

bool bc_fields_fit(const bc_emit *e, const bc_kernel *k, uint32_t count)
{
    return k->layer->field_height * bytes_of_row(e, k, count) <= FIRST_CACHE;
}

/* All lines, in groups that are processed together. */
void bc_passing(bc_emit *e, const bc_kernel *k, bc_sums *u, bc_value y0, bc_value y1)
{
    uint32_t lines = lines_passing(e, k, u->count);
    bc_loop groups = bc_loop_begin(e, y0, bc_iadd(e, y1, bc_i32(e, lines - 1)), lines, "lines");
    bc_value end = bc_iadd(e, groups.i, bc_i32(e, lines));
    end = bc_select(e, bc_iless(e, end, y1), end, y1);
    lines_of_places(e, k, u, groups.i, end);
    bc_loop_end(e, &groups);
}
