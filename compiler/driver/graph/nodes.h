/* A network as the nodes of a graph: the input, its encodings, its layers, the readouts beside them, and the phases. */
#ifndef BOUTON_DRIVER_NODES_H
#define BOUTON_DRIVER_NODES_H

#include "session/session.h"

enum { NODE_LINES = 8, LINE_CELLS = 44, NAME_CELLS = 28 };

typedef struct net_node {
    char *name, *kind; /* at most NAME_CELLS cells, and a few */
    char *full;        /* the whole name */
    char *lines[NODE_LINES];
    uint32_t line_count;
    uint32_t *sources; /* [source_count]: nodes above */
    uint32_t source_count;
    double live; /* share of its connections that are live; below 0: unknown */
    bool readout;
} net_node;

typedef struct net_phase {
    char *name, *detail;
    uint32_t *nodes; /* [node_count]: that it trains, ascending */
    uint32_t node_count;
} net_phase;

typedef struct net_graph {
    const command_line *cli;
    char *title;
    net_node *nodes; /* [count]; each behind its sources */
    uint32_t count;
    uint32_t first_layer; /* the node of layer 0 */
    net_phase *phases;    /* [phase_count] */
    uint32_t phase_count;
    bool live; /* some shares are known */
} net_graph;

/* `score`: with the live shares of layers; NULL: unknown. Prints an error if memory runs out. */
int net_graph_make(const session *s, const br_score *score, net_graph *out);
void net_graph_free(net_graph *graph);

#endif
