/* What each input added to the drive of a class, docs/model.md section 16, for graphs of maps. Unlike the project, which
 * walks down from the class, this walks up from the input: every drive and activation is held as the list of its
 * parts. */
#ifndef REF_WHY_H
#define REF_WHY_H

#include "maps.h"

/* adds: [values of the input], then what no input added. Returns the drive of the class. */
double ref_map_why(const ref_graph *graph, const float *in, uint32_t label, double *adds);

#endif
