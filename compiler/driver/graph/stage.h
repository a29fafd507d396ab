/* Where the neurons of a layer stand in a drawing of live connections. Few neurons are circles in a row; many are cells
 * of a grid. A map is a grid of its places, in which the channels of a place are one cell. Where there are many, a cell
 * stands for several: there are never more than 2304. */
#ifndef BOUTON_DRIVER_STAGE_H
#define BOUTON_DRIVER_STAGE_H

#include "picture/drawing.h"

typedef struct stage {
    const char *name;
    bt_shape shape;
    bool circles;
    uint32_t rows, columns; /* of the nodes */
    uint32_t merged;        /* how many one node stands for: neurons, or places along each side of a map */
    double pitch;           /* from node to node */
    double x, y;            /* of the first node's middle */
    double top;             /* the largest activation */
} stage;

stage stage_new(const char *name, bt_shape shape, double top);

uint32_t stage_nodes(const stage *s);
double stage_width(const stage *s);
double stage_height(const stage *s);

/* The node of a value of the map, and its middle. */
uint32_t stage_node(const stage *s, uint64_t value);
point stage_point(const stage *s, uint32_t node);

/* Draws every node, as full as its most active neuron. activations: [bt_values(shape)]. `answer` is the node with a
 * ring; UINT32_MAX: none. */
void stage_draw(const stage *s, drawing *d, const float *activations, uint32_t answer);

#endif
