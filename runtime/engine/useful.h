/* How useful the connections of a network are, by what its inputs do on samples: docs/model.md, section 19. */
#ifndef BR_USEFUL_H
#define BR_USEFUL_H

#include "base/team.h"
#include "bouton/data.h"
#include "model/network.h"

/* Of the values of one kind of input that are above a quantum of the range: how many there were, and their sum. */
typedef struct br_above {
    double count, sum;
} br_above;

enum { BR_USEFUL_QUANTA = 256 };

typedef struct br_seen {
    uint32_t layer, kinds; /* input i of a neuron is of kind i % kinds */
    uint64_t values;       /* of each kind */
    br_above *above;       /* [kinds][BR_USEFUL_QUANTA] */
} br_seen;

/* Looks at what the layers in seen[].layer, ascending, read of some of the samples, as they are. br_seen_free frees what
 * it has filled in, also if it fails. */
int br_seen_fill(br_seen *seen, uint32_t count, const br_network *network, const br_samples *samples, uint32_t threads,
                 br_error *error);
void br_seen_free(br_seen *seen, uint32_t count);

/* The bytes that br_seen_fill takes for a layer. */
uint64_t br_seen_bytes(const br_layer_code *code);

/* The usefulness of a connection of input i with this alpha, of a neuron whose sum is multiplied by `gain`.     (44) */
double br_useful(const br_seen *seen, const br_layer_code *code, uint32_t input, double alpha, double gain);

#endif
