/* The checker, and the helpers that every check needs. */
#ifndef BL_COMMON_H
#define BL_COMMON_H

#include "check/value.h"
#include "report/context.h"

enum { BL_MAX_STATEMENTS = 4096 /* of one kind, such as constants, phases, sources */ };

typedef struct bl_nodes { /* statements of one kind, in order */
    const bl_node **list;
    uint32_t count;
} bl_nodes;

typedef struct bl_checker {
    bl_context *context;
    bl_arena *arena;
    bl_constants constants;
    bt_rule rule;
    bl_nodes networks, data, schedules, rules, expects, sweeps, neurons;
    struct bl_neuron *formulas; /* one for each of `neurons` (formula_read.h) */
    bool incomplete;            /* part of the text was not parsed, so a missing statement may be there */
} bl_checker;

typedef struct bl_network {
    const bl_node *node;
    bl_input input;
    bool shape_known; /* of the input */
    uint32_t formula_count;
    bl_formula *formulas; /* the formulas that its layers use */
    uint32_t layer_count;
    bl_layer *layers;      /* an unknown shape, fan-in or neuron count is 0 */
    const bl_node **nodes; /* of the layers */
    bool incomplete;       /* layers may be missing */
    bool sources_unknown;  /* a layer has an unknown source */
} bl_network;

typedef struct bl_readouts { /* of all phases: indices of the layers count on from those of the network */
    bl_layer *layers;
    uint32_t count;
    bool kept;
} bl_readouts;

typedef struct bl_splits { /* which splits the data has */
    bool train, validation, test;
    bool unknown;              /* the data block was not parsed, so any split may exist */
    const bl_node *unlabelled; /* the first source without labels, or NULL */
} bl_splits;

/* If the data have no labels, reports that `what` needs them. `mend` proposes a correction. */
void bl_check_labels(bl_checker *checker, const bl_splits *splits, bl_place place, const char *what, const char *mend);

/* The last layer must be dense, because labels are compared with its neurons. */
void bl_check_answer(bl_checker *checker, const bl_network *network);

/* The index of the layer called `name`, or -1. */
int64_t bl_find_layer(const bl_network *network, const char *name);
void bl_report_unknown_layer(bl_checker *checker, const bl_network *network, bl_place place, const char *name);

/* Reports each property that a block gives a second time. */
void bl_check_once(bl_checker *checker, const bl_node *block);
/* Reports the second of two statements that exclude each other. Either may be NULL. */
void bl_check_either(bl_checker *checker, const bl_node *one, const bl_node *other);

/* Takes a range [0, high] of activations. False: high is unknown, and reported. */
bool bl_take_range(bl_checker *checker, const bl_node *interval, double *high);

/* Reports, once for each place, the setting that `rule printed` uses instead of the written one. */
void bl_printed_instead(bl_checker *checker, bl_place place, const char *instead);

/* Appends a node. Beyond BL_MAX_STATEMENTS it reports too many of `what` instead. */
void bl_nodes_add(bl_checker *checker, bl_nodes *nodes, const bl_node *node, const char *what);

#endif
