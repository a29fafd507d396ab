/* What the emitters of one layer share. Every emitter writes one function of type br_kernel; bouton/model.h says what
 * each reads and writes, docs/model.md has the equations. */
#ifndef BC_KERNEL_H
#define BC_KERNEL_H

#include "bouton/compiler.h"
#include "emit.h"

typedef struct bc_kernel {
    const bc_layer_plan *plan;
    const bl_layer *layer;
    const bl_phase *phase; /* the error kernel's constants; NULL in all others */
    uint32_t blocks;       /* vector blocks of neurons */
    uint32_t live_stride;
    float a_max, reach;
} bc_kernel;

bc_kernel bc_kernel_new(const bc_layer_plan *plan);

/* The contribution g in a form the layer's bounds allow: vectors of w against one input's splatted q and t. */
bc_value bc_contribution(bc_emit *e, const bc_kernel *k, bc_value w, bc_value q, bc_value t);

/* Calls body(block, count) for every vector block of [from, to): tiles of `tile` blocks, then single ones. */
typedef void bc_tile_body(bc_emit *e, const bc_kernel *k, bc_value block, uint32_t count, void *user);
void bc_tiles(bc_emit *e, const bc_kernel *k, bc_value from, bc_value to, uint32_t tile, bc_tile_body *body,
              void *user);

void bc_emit_events(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_forward(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_error(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_rows(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_feedback(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_step(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_threshold(bc_emit *e, const bc_kernel *k, const char *name);

/* The rule as printed: the same places in the interface, other equations. */
bc_value bc_contribution_printed(bc_emit *e, bc_value w, bc_value o);
void bc_emit_error_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_feedback_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_step_printed(bc_emit *e, const bc_kernel *k, const char *name);
void bc_emit_threshold_printed(bc_emit *e, const bc_kernel *k, const char *name);

/* One event of a row, loaded (rows are [inputs][batch]). */
typedef struct bc_event {
    bc_value sample, threshold, share;
} bc_event;
bc_value bc_event_row(bc_emit *e, bc_value rows, bc_value row, bc_value batch);
bc_event bc_event_load(bc_emit *e, bc_value row, bc_value index);
void bc_event_store(bc_emit *e, bc_value row, bc_value index, bc_event event);

#endif
