/* A pool of maxima that decides which neurons of the depressed convolution before it stay active. */
#ifndef BC_SETTLE_H
#define BC_SETTLE_H

#include "kernels/kernel.h"

/* The forward kernel of such a pool where `order` is set: it computes all samples and lines and leaves none in *args.
 * Where it is NULL, nothing happens. */
void bc_settle(bc_emit *e, const bc_kernel *k, bc_kernel_args *args);

#endif
