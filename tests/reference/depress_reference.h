/* Lateral depression, eq. 19, neuron by neuron and neighbour by neighbour (model.md section 7). Shares no code with the
 * project.
 *
 * Conventions that model.md leaves open:
 *
 * - A neighbour j is led where x_i - x_j >= gap, and, with gap 0, where a tie has the lower index on i's side: filters
 *   by number, also across the ring's seam, places row by row.
 * - `keep k`: fewer than k neighbours are not led. That is a lead over the k-th largest of the others, which for those
 *   that stay is the (k+1)-th of the neighbourhood; where there are fewer others than k, nothing can fail.
 * - Neurons below their threshold stay silent, whoever leads.
 * - Graded: the first clause gives the value. Without a k-th other, or with no room between it and the largest, the
 *   share is 1. */
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
    uint32_t within;        /* over filters: to either side on the ring; 0: all */
    uint32_t height, width; /* over places: an odd window */
    double gap;
    uint32_t keep;
} ref_clause;

/* What one neuron finds among its neighbours. */
typedef struct ref_standing {
    bool stays;
    double next;    /* the k-th largest of the others; -infinity where there are fewer */
    double largest; /* of the neighbourhood, itself included */
} ref_standing;

ref_standing ref_stand(const double *x, ref_shape shape, const ref_clause *clause, uint32_t y, uint32_t column,
                       uint32_t filter);

/* x and o are maps, [height][width][channels]; o comes as the ramp left it. */
void ref_depress(const double *x, ref_shape shape, const ref_clause *clauses, uint32_t count, ref_fire fire, double s,
                 double *o);

#endif
