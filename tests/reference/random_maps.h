/* Random graphs of maps, each for the reference and as an equivalent .btn text. Everything follows from one seed. Every
 * setting has three decimals and is a float. */
#ifndef RANDOM_MAPS_H
#define RANDOM_MAPS_H

#include "maps.h"
#include "random_network.h"

enum {
    MAPS_LAYERS = 5,                               /* up to four, and a dense output layer */
    MAPS_ALL = MAPS_LAYERS + 2 * (MAPS_LAYERS - 1) /* with a readout on each of the four */
};

/* How often layers are depressed. */
typedef enum random_depression {
    RANDOM_SOMETIMES, /* half of the layers, in few ways */
    RANDOM_ALWAYS,    /* every layer that has neighbours, any `keep`, wide layers, with a conscience in some */
    RANDOM_TIED       /* the same, with few values of inputs, alphas and thresholds, so that many drives are equal */
} random_depression;

typedef struct random_maps {
    random_depression depression;
    ref_graph graph;
    double range; /* s of the input */
    bool series;  /* the input is written as a series, and windows as one number; all maps have height 1 */
    bool corrected[MAPS_ALL];
    double eta[MAPS_ALL];
    double xi;
    uint32_t batch;
    float *alpha[MAPS_ALL]; /* the state drawn last */
    int8_t *sign[MAPS_ALL];
    float *theta[MAPS_ALL];
    float *conscience[MAPS_ALL]; /* NULL: none */
    float *gain[MAPS_ALL];       /* homeostasis; NULL: none */
    ref_shape readout_grid;      /* height 0: the default */
    char text[8192];
} random_maps;

void random_maps_make(random_maps *out, ref_random *random, ref_rule rule); /* repaired, or the gradient */
/* A graph under the repaired rule. With RANDOM_TIED the inputs and the levels of layers that fire binary are 0, s/1.5
 * and s, s = 0.75, and alphas are 0, 0.5 and 0.75. Drives that are sums over these are exact in a float. */
void random_maps_make_depressed(random_maps *out, ref_random *random, random_depression depression);
/* Whether the drives of a graph's layer are exact: everything it reads has these levels. */
bool random_maps_exact(const random_maps *of, uint32_t layer);
void random_maps_release(random_maps *maps);

/* How many filters the first clause over all filters keeps; 0: there is none. */
uint32_t random_maps_kept(const ref_map_layer *layer);

/* Writes `text` from all else; random_maps_make does. */
void random_maps_put(random_maps *out);

/* Draws another state, and the factors of pool(sum). */
void random_maps_state(random_maps *of, ref_random *random);

void random_maps_batch(const random_maps *of, ref_random *random, float *in, uint32_t *labels);

/* A twin as in random_network.h: the settings of `from`, and its state with every number changed by `by`. */
void random_maps_twin(const ref_graph *from, ref_graph *twin, ref_random *random, double by);

#endif
