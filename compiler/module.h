/* One LLVM module for one network: every kernel of every layer. */
#ifndef BC_MODULE_H
#define BC_MODULE_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"
#include "emit.h"

/* The kernels of a layer, one line each: field of br_layer_code, its emitter in a dense layer (repaired, as printed),
 * in a convolution, in a pool; NULL where there is none. bc_has_kernel says which layers need theirs. */
#define BC_KERNELS(X)                                                                                                  \
    X(events, bc_emit_events, bc_emit_events, bc_emit_events, NULL)                                                    \
    X(forward, bc_emit_forward, bc_emit_forward, bc_emit_forward, bc_emit_pool_forward)                                \
    X(terms, bc_emit_terms, NULL, NULL, NULL)                                                                          \
    X(forward_dense, bc_emit_forward_dense, NULL, NULL, NULL)                                                          \
    X(depress, bc_emit_depress, NULL, bc_emit_depress, NULL)                                                           \
    X(gate, bc_emit_gate, bc_emit_gate_printed, bc_emit_gate, NULL)                                                    \
    X(rows_of, bc_emit_rows, bc_emit_rows, NULL, NULL)                                                                 \
    X(pairs, NULL, NULL, bc_emit_conv_pairs, NULL)                                                                     \
    X(feedback, bc_emit_feedback, bc_emit_feedback_printed, bc_emit_conv_feedback, bc_emit_pool_feedback)              \
    X(step, bc_emit_step, bc_emit_step_printed, bc_emit_conv_step, NULL)                                               \
    X(apply, NULL, NULL, bc_emit_conv_apply, NULL)                                                                     \
    X(threshold, bc_emit_threshold, bc_emit_threshold_printed, bc_emit_threshold, NULL)

typedef enum bc_kernel_id {
#define ID(field, ...) BC_KERNEL_##field,
    BC_KERNELS(ID)
#undef ID
        BC_KERNEL_COUNT
} bc_kernel_id;

bool bc_has_kernel(const bc_plan *plan, uint32_t layer, bc_kernel_id id);

uint32_t bc_error_count(const bc_plan *plan); /* error kernels: one for each phase, at least one; none to answer */

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

LLVMModuleRef bc_module_emit(const bc_plan *plan, LLVMContextRef llvm);
int bc_module_optimise(LLVMModuleRef module, LLVMTargetMachineRef machine, int level, br_error *error);

#endif
