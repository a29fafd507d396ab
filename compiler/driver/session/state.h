/* The state of a network in the units of model files: alpha, sign and theta of each layer. */
#ifndef BOUTON_DRIVER_STATE_H
#define BOUTON_DRIVER_STATE_H

#include "bouton/runtime.h"
#include "options/cli.h"

/* Converts every layer to the representation of the model file and back. The network then scores exactly as the
 * saved file will. */
int state_settle(const command_line *cli, br_network *network);

typedef struct state_facts {
    double excitatory; /* share of connections with sign + */
    double alpha_least, alpha_mean, alpha_deviation, alpha_most;
    double silent; /* share of connections that no input makes live */
    double theta_mean;
} state_facts;

int state_summary(const command_line *cli, const br_network *network, uint32_t layer, state_facts *out);

#endif
