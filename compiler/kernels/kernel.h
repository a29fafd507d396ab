/* Shared by the emitters of one layer's kernels. Every emitter writes one function of type br_kernel. bouton/model.h
 * lists the fields that each kernel reads and writes; docs/model.md has the equations. */
#ifndef BC_KERNEL_H
#define BC_KERNEL_H

#include "bouton/compiler.h"
#include "emit/emit.h"

#define BC_ROW_DROPPED UINT32_MAX /* in the table of rows: not stored */

typedef struct bc_kernel {
    const bc_layer_plan *plan;
    const bl_layer *layer;
    const bc_layer_plan *before, *behind; /* the layers around it; NULL: none */
    const bl_phase *phase;                /* constants of the error kernel; NULL in all others */
    uint32_t blocks;                      /* number of vector blocks of neurons */
    uint32_t live_stride;
    bool conv;
    float a_max, v_max;
    bc_value packed;          /* [rows]: new number of each row of bounds, or BC_ROW_DROPPED; NULL: no row was moved */
    bc_value starts, targets; /* lists instead of rows: [rows + 1] starts of each row's entries, [entries] neurons */
} bc_kernel;

bc_kernel bc_kernel_new(const bc_layer_plan *plan);

/* Number of samples in a group whose activations are transposed for packed bounds (packed.c). */
uint32_t bc_transposed_samples(uint32_t lanes);

/* The contribution c for vectors of w against q and t of one input in every lane, in the bounds' encoding. */
bc_value bc_contribution(bc_emit *e, const bc_kernel *k, bc_value w, bc_value q, bc_value t);

/* The live lists of all samples, loaded once. */
typedef struct bc_live {
    bc_value count, index, start, o, q, t;
} bc_live;
bc_live bc_live_load(bc_emit *e, bc_value state);

/* The window of one output place (y, x) of one sample. In a dense layer y = x = 0. */
typedef struct bc_window {
    const bc_live *live;
    bc_value sample, y, x;
} bc_window;

/* Walks the live inputs of one field. A dense layer has a single field, the whole map, and walks the whole list. A
 * convolution walks one range of the list for every row of its window. `partial` events at a time are passed to the
 * body, with numbers 0 .. partial-1; the remaining events are passed one by one with number 0. */
typedef struct bc_live_event {
    bc_value row; /* row of bounds, i32 */
    bc_value at;  /* offset in the sample's map, i32 */
    bc_value o, q, t;
    bc_value all_q, all_t; /* in every lane */
    uint32_t first, last;  /* lines of places [first, last) that read it; `row` is that of the last */
} bc_live_event;
typedef void bc_event_body(bc_emit *e, const bc_kernel *k, uint32_t number, bc_live_event event, void *user);
void bc_each_event(bc_emit *e, const bc_kernel *k, const bc_window *window, uint32_t partial, bc_event_body *body,
                   void *user);

/* The same for `lines` places of a convolution, (y, x), (y + 1, x), ... Their windows overlap, and an input that
 * several of them read is loaded once. Every place still gets its events in the order of its window. */
void bc_each_event_of_lines(bc_emit *e, const bc_kernel *k, const bc_window *window, uint32_t lines,
                            bc_event_body *body, void *user);
/* Distance between the rows of bounds of two neighbouring lines for the same input. */
uint32_t bc_rows_between_lines(const bc_kernel *k);

/* The same for columns [from, to) of row `dy` of a convolution's window. */
typedef struct bc_columns {
    bc_value dy;
    uint32_t from, to;
} bc_columns;
void bc_each_event_in_row(bc_emit *e, const bc_kernel *k, const bc_window *window, bc_columns columns,
                          bc_event_body *body, void *user);

/* Lines of places, from the second range of a kernel's arguments; an empty range stands for all `height` lines. */
typedef struct bc_line_range {
    bc_value from, to;
} bc_line_range;
bc_line_range bc_line_range_of(bc_emit *e, const bc_kernel_args *a, uint32_t height);
/* Whether the events kernel can list the live inputs of some lines after others: places are whole vectors. */
bool bc_lists_by_lines(const bc_kernel *k);

/* Loops over the output places of some lines of a layer in order; place = y * width + x. */
typedef struct bc_places {
    bc_loop rows, columns;
    bc_value y, x, place;
} bc_places;
bc_places bc_places_begin(bc_emit *e, const bc_kernel *k);
bc_places bc_places_in(bc_emit *e, const bc_kernel *k, bc_line_range lines);
/* The rows or the columns of the map below that row or column `at` of a pool reads. */
typedef struct bc_range {
    bc_value from, to;
} bc_range;
bc_range bc_pool_range(bc_emit *e, const bc_kernel *pool, bc_value at, bool rows);
/* Address of one place of one sample in an array [batch][out.sample_stride]. */
bc_value bc_at_place(bc_emit *e, const bc_kernel *k, bc_value base, bc_value sample, bc_value place);
void bc_places_end(bc_emit *e, bc_places *places);

/* Whether the sum of o over a field is needed: with homeostasis neither gamma nor a share (29) contains it. */
bool bc_sums_fields(const bc_kernel *k);

/* gamma (4), and the common factor of all shares of one field (11): rate / (gamma * sum of o). */
bc_value bc_gamma(bc_emit *e, const bc_kernel *k, bc_value input_sum);
bc_value bc_share_factor(bc_emit *e, const bc_kernel *k, bc_value rate, bc_value input_sum);
/* The share of one live input: its own part times the field's factor.                               (11), (12) */
bc_value bc_share(bc_emit *e, const bc_kernel *k, bc_value o, bc_value q, bc_value factor);
/* The factor of errors in feedback: sign (1 - alpha) = sign/a; for the gradient rule gamma sign a. */
bc_value bc_slope(bc_emit *e, const bc_kernel *k, bc_value v);

/* Calls body(block, count) for the vector blocks [from, to): first tiles of `tile` blocks, then single blocks. */
typedef void bc_tile_body(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user);
void bc_tiles(bc_emit *e, const bc_kernel *k, bc_value from, bc_value to, uint32_t tile, bc_tile_body *body,
              void *user);

/* The level y of a formula and its slope dy/dx; an infinite slope becomes 0. As in (9) for the ramp, if the outermost
 * clamp is at its top and the change is negative, the slope below the clamp is used. The gradient rule does not do
 * this. */
bc_value bc_formula_level(bc_emit *e, const bc_kernel *k, bc_value x, bc_value theta);
bc_value bc_formula_slope(bc_emit *e, const bc_kernel *k, bc_value x, bc_value theta, bc_value change);

void bc_emit_events(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward_entries(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_terms(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward_dense(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_pack(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_transpose(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward_packed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_border(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward_packed_conv(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_pack_whole(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_whole_fields(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward_whole(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_error(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_spread(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_standardise(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_lean(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_centre(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_gate(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_rows(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_feedback(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_step(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_step_momentum(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_step_adaptive(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_momentum(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_adaptive(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_threshold(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_pairs(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_feedback(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_step(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_learn(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_conv_apply(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_pool_forward(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_pool_feedback(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_depress(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_anneal(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_quantise(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward_int8(bc_emit *e, const bc_kernel *k, const char *name);

/* Limits one vector of bounds after a step, and applies the valve (step.c). */
bc_value bc_bounded(bc_emit *e, const bc_kernel *k, bc_value before, bc_value moved);

/* The rule as printed: the same interface with other equations. */
bc_value bc_contribution_printed(bc_emit *e, bc_value w, bc_value o);
void bc_emit_error_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_gate_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_feedback_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_step_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_threshold_printed(bc_emit *e, const bc_kernel *k, const char *name);

/* One event of a row (rows are [inputs][batch]). */
typedef struct bc_event {
    bc_value sample, threshold, share;
} bc_event;
bc_value bc_event_row(bc_emit *e, bc_value rows, bc_value row, bc_value batch);
bc_event bc_event_load(bc_emit *e, bc_value row, bc_value index);
void bc_event_store(bc_emit *e, bc_value row, bc_value index, bc_event event);

#endif
