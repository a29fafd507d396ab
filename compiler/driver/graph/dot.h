/* A graph as text for graphviz. */
#ifndef BOUTON_DRIVER_DOT_H
#define BOUTON_DRIVER_DOT_H

#include "graph/nodes.h"

/* Nodes are called n0, n1, ..., phases p0, p1, ... A pen is as wide as the share of live connections. */
void dot_write(const net_graph *graph, FILE *to);

#endif
