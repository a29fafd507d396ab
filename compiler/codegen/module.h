/* LLVM modules of a network's kernels. */
#ifndef BC_MODULE_H
#define BC_MODULE_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"
#include "emit/emit.h"

/* What a kernel is used for. The kernels of each use can be compiled without the others. */
typedef enum bc_use {
    BC_INFERENCE = 1,
    BC_TRAINING = 2,
    BC_DENSE = 4,
    BC_INT8 = 8,
    BC_PACKED = 16,
    BC_ALL_USES = 31
} bc_use;

/* The kernels of a layer, one line each: the field of br_layer_code, the use, and the emitters for a dense layer
 * (repaired rule, rule as printed), a convolution and a pool; NULL: no such kernel. bc_has_kernel says which layers
 * need a kernel. Threads compile the lines in turn, so lines next to each other should alternate between large and
 * small kernels. */
#define BC_KERNELS(X)                                                                                                  \
    X(events, BC_INFERENCE, bc_emit_events, bc_emit_events, bc_emit_events, NULL)                                      \
    X(forward, BC_INFERENCE, bc_emit_forward, bc_emit_forward, bc_emit_forward, bc_emit_pool_forward)                  \
    X(terms, BC_DENSE, bc_emit_terms, NULL, NULL, NULL)                                                                \
    X(forward_dense, BC_DENSE, bc_emit_forward_dense, NULL, NULL, NULL)                                                \
    X(pack, BC_PACKED, bc_emit_pack, NULL, bc_emit_pack, NULL)                                                         \
    X(transpose, BC_PACKED, bc_emit_transpose, NULL, bc_emit_border, NULL)                                             \
    X(forward_packed, BC_PACKED, bc_emit_forward_packed, NULL, bc_emit_forward_packed_conv, NULL)                      \
    X(depress, BC_INFERENCE, bc_emit_depress, NULL, bc_emit_depress, bc_emit_depress)                                  \
    X(anneal, BC_TRAINING, bc_emit_anneal, NULL, bc_emit_anneal, bc_emit_anneal)                                       \
    X(gate, BC_TRAINING, bc_emit_gate, bc_emit_gate_printed, bc_emit_gate, bc_emit_gate)                               \
    X(spread, BC_TRAINING, bc_emit_spread, NULL, bc_emit_spread, bc_emit_spread)                                       \
    X(standardise, BC_TRAINING, bc_emit_standardise, NULL, bc_emit_standardise, bc_emit_standardise)                   \
    X(lean, BC_TRAINING, bc_emit_lean, NULL, bc_emit_lean, bc_emit_lean)                                               \
    X(centre, BC_TRAINING, bc_emit_centre, NULL, bc_emit_centre, bc_emit_centre)                                       \
    X(rows_of, BC_TRAINING, bc_emit_rows, bc_emit_rows, NULL, NULL)                                                    \
    X(pairs, BC_TRAINING, NULL, NULL, bc_emit_conv_pairs, NULL)                                                        \
    X(step, BC_TRAINING, bc_emit_step, bc_emit_step_printed, bc_emit_conv_step, NULL)                                  \
    X(feedback, BC_TRAINING, bc_emit_feedback, bc_emit_feedback_printed, bc_emit_conv_feedback, bc_emit_pool_feedback) \
    X(learn, BC_TRAINING, NULL, NULL, bc_emit_conv_learn, NULL)                                                        \
    X(momentum, BC_TRAINING, bc_emit_step_momentum, NULL, bc_emit_conv_momentum, NULL)                                 \
    X(adaptive, BC_TRAINING, bc_emit_step_adaptive, NULL, bc_emit_conv_adaptive, NULL)                                 \
    X(apply, BC_TRAINING, NULL, NULL, bc_emit_conv_apply, NULL)                                                        \
    X(threshold, BC_TRAINING, bc_emit_threshold, bc_emit_threshold_printed, bc_emit_threshold, NULL)                   \
    X(quantise, BC_INT8, bc_emit_quantise, NULL, bc_emit_quantise, NULL)                                               \
    X(forward_int8, BC_INT8, bc_emit_forward_int8, NULL, bc_emit_forward_int8, NULL)

typedef enum bc_kernel_id {
#define ID(field, ...) BC_KERNEL_##field,
    BC_KERNELS(ID)
#undef ID
        BC_KERNEL_COUNT
} bc_kernel_id;

bool bc_has_kernel(const bc_plan *plan, uint32_t layer, bc_kernel_id id);

/* Which kernels a module gets: those of one or several uses (bc_use), for one layer or for all. */
typedef struct bc_selection {
    unsigned uses;
    bool one;
    uint32_t layer;
    uint32_t part, parts; /* of these kernels, share number `part` of `parts`; parts 0: all */
} bc_selection;
bool bc_selected_errors(const bc_selection *selection);
bool bc_selected(const bc_plan *plan, const bc_selection *selection, uint32_t layer, bc_kernel_id id);

/* Writes NETWORK_LAYER_KERNEL into `out`, which has `size` bytes. */
void bc_kernel_name(const bl_program *program, uint32_t layer, const char *kernel, char *out, size_t size);

/* Writes NETWORK_PHASE_error. */
void bc_error_name(const bl_program *program, uint32_t phase, char *out, size_t size);

/* Tables for bounds that are not stored row by row, as in bc_kernel. NULL: no such table. */
typedef struct bc_tables {
    bc_value packed, starts, targets;
} bc_tables;

/* Writes one kernel named `name`. `tables` may be NULL. */
void bc_module_kernel(bc_emit *e, const bc_plan *plan, uint32_t layer, bc_kernel_id id, const bc_tables *tables,
                      const char *name);

LLVMModuleRef bc_module_emit(const bc_plan *plan, const bc_selection *selection, LLVMContextRef llvm);
int bc_module_verify(LLVMModuleRef module, br_error *error);
int bc_module_optimise(LLVMModuleRef module, LLVMTargetMachineRef machine, int level, br_error *error);
/* LLVM's text or its bitcode. The caller disposes of it. */
LLVMMemoryBufferRef bc_module_written(LLVMModuleRef module, bool text);
/* Machine code or assembly. Code generation changes the module, so it must not be used afterwards. The caller disposes
 * of `out`. */
int bc_module_code(LLVMModuleRef module, LLVMTargetMachineRef machine, LLVMCodeGenFileType type,
                   LLVMMemoryBufferRef *out, br_error *error);

#endif
