/* bouton graph: a network, or the live connections of a sample, as a picture. */
#ifndef BOUTON_DRIVER_GRAPH_H
#define BOUTON_DRIVER_GRAPH_H

#include "options/cli.h"

int verb_graph(const command_line *cli);

#endif
