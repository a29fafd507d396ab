/* Lateral depression, eq. 19, neuron by neuron and neighbour by neighbour (model.md section 7). Shares no code with the
 * project.
 *
 * Conventions that model.md leaves open:
 *
 * - Neuron i leads its neighbour j if x_i - x_j >= gap. With gap 0, the neuron with the lower index wins a tie: filters
 *   are ordered by number, also where the ring closes, and places row by row.
 * - `keep k`: a neuron stays if fewer than k neighbours are not led. Its drive then leads the k-th largest drive of the
 *   others, which is the (k+1)-th of the neighbourhood. A neuron with fewer than k neighbours always stays.
 * - A neuron below its threshold stays silent, even if it leads.
 * - Graded: the first clause gives the value. The share is 1 if there is no k-th other neuron, or if its drive equals
 *   the largest. */
#ifndef DEPRESS_REFERENCE_H
#define DEPRESS_REFERENCE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ref_shape {
    uint32_t height, width, channels;
} ref_shape;

typedef enum ref_fire { REF_RAMP, REF_GRADED, REF_BINARY } ref_fire;

typedef struct ref_clause {
    bool over_places;
    uint32_t within;        /* over filters: distance on the ring to either side; 0: all filters */
    uint32_t height, width; /* over places: the window, both odd */
    double gap;
    uint32_t keep;
    uint32_t percent; /* how a text writes `keep`, as a share of the neighbourhood; 0: as a count */
} ref_clause;

/* One neuron's rank among its neighbours. */
typedef struct ref_standing {
    bool stays;
    double next;    /* k-th largest drive of the others; -infinity if there are fewer */
    double largest; /* largest drive of the neighbourhood, the neuron's own included */
} ref_standing;

ref_standing ref_stand(const double *x, ref_shape shape, const ref_clause *clause, uint32_t y, uint32_t column,
                       uint32_t filter);

/* x and o are maps, [height][width][channels]. o holds the ramp's activations and is changed in place. */
void ref_depress(const double *x, ref_shape shape, const ref_clause *clauses, uint32_t count, ref_fire fire, double s,
                 double *o);

/* The same with a conscience, [channels]: clauses over filters compare `reduced`, which is x less the conscience, and
 * clauses over places compare x. */
typedef struct ref_depression {
    const ref_clause *clauses; /* [count] */
    uint32_t count;
    ref_fire fire;
    double s;
} ref_depression;

void ref_depress_reduced(const double *x, const double *reduced, ref_shape shape, const ref_depression *by, double *o);

#endif
