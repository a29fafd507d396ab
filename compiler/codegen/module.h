/* LLVM modules of a network's kernels. */
#ifndef BC_MODULE_H
#define BC_MODULE_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"
#include "emit/emit.h"

/* What a kernel is for; the code of each use can be made without the others'. */
typedef enum bc_use {
    BC_ANSWERS = 1,
    BC_LEARNS = 2,
    BC_TILES = 4,
    BC_EIGHT = 8,
    BC_PACKED = 16,
    BC_ALL_USES = 31
} bc_use;

/* The kernels of a layer, one line each: field of br_layer_code, its use, its emitter in a dense layer (repaired, as
 * printed), in a convolution, in a pool; NULL where there is none. bc_has_kernel says which layers need theirs. Parts
 * take lines in turn: neighbours should be much code and little. */
#define BC_KERNELS(X)                                                                                                  \
    X(events, BC_ANSWERS, bc_emit_events, bc_emit_events, bc_emit_events, NULL)                                        \
    X(forward, BC_ANSWERS, bc_emit_forward, bc_emit_forward, bc_emit_forward, bc_emit_pool_forward)                    \
    X(terms, BC_TILES, bc_emit_terms, NULL, NULL, NULL)                                                                \
    X(forward_dense, BC_TILES, bc_emit_forward_dense, NULL, NULL, NULL)                                                \
    X(pack, BC_PACKED, bc_emit_pack, NULL, NULL, NULL)                                                                 \
    X(turn, BC_PACKED, bc_emit_turn, NULL, NULL, NULL)                                                                 \
    X(forward_packed, BC_PACKED, bc_emit_forward_packed, NULL, NULL, NULL)                                             \
    X(depress, BC_ANSWERS, bc_emit_depress, NULL, bc_emit_depress, NULL)                                               \
    X(gate, BC_LEARNS, bc_emit_gate, bc_emit_gate_printed, bc_emit_gate, NULL)                                         \
    X(rows_of, BC_LEARNS, bc_emit_rows, bc_emit_rows, NULL, NULL)                                                      \
    X(pairs, BC_LEARNS, NULL, NULL, bc_emit_conv_pairs, NULL)                                                          \
    X(step, BC_LEARNS, bc_emit_step, bc_emit_step_printed, bc_emit_conv_step, NULL)                                    \
    X(feedback, BC_LEARNS, bc_emit_feedback, bc_emit_feedback_printed, bc_emit_conv_feedback, bc_emit_pool_feedback)   \
    X(apply, BC_LEARNS, NULL, NULL, bc_emit_conv_apply, NULL)                                                          \
    X(threshold, BC_LEARNS, bc_emit_threshold, bc_emit_threshold_printed, bc_emit_threshold, NULL)                     \
    X(quantise, BC_EIGHT, bc_emit_quantise, NULL, bc_emit_quantise, NULL)                                              \
    X(forward_eight, BC_EIGHT, bc_emit_forward_eight, NULL, bc_emit_forward_eight, NULL)

typedef enum bc_kernel_id {
#define ID(field, ...) BC_KERNEL_##field,
    BC_KERNELS(ID)
#undef ID
        BC_KERNEL_COUNT
} bc_kernel_id;

bool bc_has_kernel(const bc_plan *plan, uint32_t layer, bc_kernel_id id);

/* Which kernels a module gets: a bc_use or several, of one layer or of all. */
typedef struct bc_selection {
    unsigned uses;
    bool one;
    uint32_t layer;
    uint32_t part, parts; /* of these, every so-many-th; parts 0: all */
} bc_selection;
bool bc_selected_errors(const bc_selection *selection);
bool bc_selected(const bc_plan *plan, const bc_selection *selection, uint32_t layer, bc_kernel_id id);

/* Writes NETWORK_LAYER_KERNEL into `out`, which holds `size` bytes. */
void bc_kernel_name(const bl_program *program, uint32_t layer, const char *kernel, char *out, size_t size);

/* Writes NETWORK_PHASE_error. */
void bc_error_name(const bl_program *program, uint32_t phase, char *out, size_t size);

/* Bounds that are not stored row by row: tables as in bc_kernel, NULL where there is none. */
typedef struct bc_tables {
    bc_value packed, starts, targets;
} bc_tables;

/* Writes one kernel, called `name`; `tables` may be NULL. */
void bc_module_kernel(bc_emit *e, const bc_plan *plan, uint32_t layer, bc_kernel_id id, const bc_tables *tables,
                      const char *name);

LLVMModuleRef bc_module_emit(const bc_plan *plan, const bc_selection *selection, LLVMContextRef llvm);
int bc_module_verify(LLVMModuleRef module, br_error *error);
int bc_module_optimise(LLVMModuleRef module, LLVMTargetMachineRef machine, int level, br_error *error);
/* Machine code or assembly; the module is used up. `out` is the caller's to dispose of. */
int bc_module_code(LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType type,
                   LLVMMemoryBufferRef *out, br_error *error);

#endif
