/* The scalar reference of homeostasis (model.md section 14) in a batch that learns. The drives of a layer are
 * standardised in its own map, or in that of the pool behind it: a pool(max) whose windows do not overlap, that alone
 * reads the layer and reads nothing else, and that another layer reads. The layer itself must not be depressed. */
#ifndef REF_HOMEOSTASIS_H
#define REF_HOMEOSTASIS_H

#include "maps.h"

/* The layer whose neurons map l shows standardised; REF_INPUT if map l is not standardised. */
uint32_t ref_standardised(const ref_graph *graph, uint32_t l);

/* (26): the drives and levels of map l from the sums of all samples. gain[neurons] receives the batch's gains. */
void ref_standardise(const ref_graph *graph, uint32_t l, ref_map_pass *const *samples, uint32_t count, double *gain);

/* (27): e of map l from its wanted changes. `gradient`: the exact slope. */
void ref_homeostatic_gate(const ref_graph *graph, uint32_t l, ref_map_pass *pass, const double *gain, bool gradient);

/* (28): centres e of map l over all samples. */
void ref_centre(const ref_graph *graph, uint32_t l, ref_map_pass *const *samples, uint32_t count);

#endif
