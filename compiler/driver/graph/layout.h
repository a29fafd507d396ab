/* A graph as a drawing. Every node has a row of its own, in the order of the network. What a node reads from the row
 * above comes down straight; what it reads from farther up comes down in a lane at the right, one for each node read.
 * Phases are brackets at the left, in columns. So nothing crosses a text, whatever the network. */
#ifndef BOUTON_DRIVER_LAYOUT_H
#define BOUTON_DRIVER_LAYOUT_H

#include "graph/nodes.h"
#include "picture/drawing.h"

/* Prints an error if memory runs out. The caller frees the drawing, also then. */
int layout_draw(const net_graph *graph, drawing *out);

#endif
