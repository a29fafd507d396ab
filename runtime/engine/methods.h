/* The inference methods of layers: one table, read by training, inference and timing. */
#ifndef BR_METHODS_H
#define BR_METHODS_H

#include "model/network.h"

/* A line of bouton/method.def, with the kernels of one layer. A kernel is NULL until it is compiled, and where the
 * layer has no such kernel: a pool prepares nothing. */
typedef struct br_method {
    br_kernel *prepare, *sum;
    uint32_t arrays; /* br_arrays */
    bool inference_only;
} br_method;

br_method br_method_of(const br_layer_code *code, bt_method method);

/* Whether the layer can use the method; its kernels may not be compiled yet. */
bool br_method_served(const br_layer_code *code, bt_method method);

/* Samples are shared out in whole groups of this many. */
uint32_t br_method_group(const br_layer_code *code, bt_method method);

/* Floats of tiles.transposed for one group of samples of the packed method; 0: the layer does not need it. */
uint64_t br_transposed_group(const br_layer_code *code);

/* The arrays (br_arrays) that the layer's methods need in training or in inference. int8 inference allocates its
 * own. */
uint32_t br_method_arrays(const br_layer_code *code, bool learning);

#endif
