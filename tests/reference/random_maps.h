/* Random graphs of maps, each for the reference and as an equivalent .btn text. Everything follows from one seed. Every
 * setting has three decimals and is a float. */
#ifndef RANDOM_MAPS_H
#define RANDOM_MAPS_H

#include "maps.h"
#include "random_network.h"

enum { MAPS_LAYERS = 5 }; /* up to four, and a dense output layer */

typedef struct random_maps {
    ref_graph graph;
    double range; /* s of the input */
    bool series;  /* the input is written as a series, and windows as one number; all maps have height 1 */
    bool corrected[MAPS_LAYERS];
    double eta[MAPS_LAYERS];
    double xi;
    uint32_t batch;
    float *alpha[MAPS_LAYERS]; /* the state drawn last */
    int8_t *sign[MAPS_LAYERS];
    float *theta[MAPS_LAYERS];
    char text[8192];
} random_maps;

void random_maps_make(random_maps *out, ref_random *random, ref_rule rule); /* repaired, or the gradient */
void random_maps_release(random_maps *maps);

/* Draws another state, and the factors of pool(sum). */
void random_maps_state(random_maps *of, ref_random *random);

void random_maps_batch(const random_maps *of, ref_random *random, float *in, uint32_t *labels);

/* A twin as in random_network.h: the settings of `from`, and its state with every number changed by `by`. */
void random_maps_twin(const ref_graph *from, ref_graph *twin, ref_random *random, double by);

#endif
