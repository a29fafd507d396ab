/* One LLVM module for one network: every kernel of every layer. */
#ifndef BC_MODULE_H
#define BC_MODULE_H

#include <llvm-c/TargetMachine.h>

#include "bouton/compiler.h"

/* The kernels of a layer, one line each: field of br_layer_code, which layers have it (an expression of `program`,
 * `layer` index and its plan), repaired emitter, printed emitter. */
#define BC_KERNELS(X)                                                                                                  \
    X(events, true, bc_emit_events, bc_emit_events)                                                                    \
    X(forward, true, bc_emit_forward, bc_emit_forward)                                                                 \
    X(rows, true, bc_emit_rows, bc_emit_rows)                                                                          \
    X(feedback, layer > 0, bc_emit_feedback, bc_emit_feedback_printed)                                                 \
    X(step, true, bc_emit_step, bc_emit_step_printed)                                                                  \
    X(threshold, program->layers[layer].theta_xi > 0, bc_emit_threshold, bc_emit_threshold_printed)

/* Writes NETWORK_LAYER_KERNEL into `out`, which holds `size` bytes. */
void bc_kernel_name(const bl_program *program, uint32_t layer, const char *kernel, char *out, size_t size);

/* Writes NETWORK_PHASE_error. */
void bc_error_name(const bl_program *program, uint32_t phase, char *out, size_t size);

LLVMModuleRef bc_module_emit(const bc_plan *plan, LLVMContextRef llvm);
int bc_module_optimise(LLVMModuleRef module, LLVMTargetMachineRef machine, int level, br_error *error);

#endif
