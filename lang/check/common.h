/* The checker, and the helpers that every check needs. */
#ifndef BL_CHECK_COMMON_H
#define BL_CHECK_COMMON_H

#include "check/value.h"
#include "report/context.h"

enum { BL_MAX_STATEMENTS = 4096 /* of one kind: constants, phases, sources, ... */ };

typedef struct bl_nodes { /* statements of one kind, in order */
    const bl_node **list;
    uint32_t count;
} bl_nodes;

typedef struct bl_checker {
    bl_context *context;
    bl_arena *arena;
    bl_constants constants;
    bt_rule rule;
    bl_nodes networks, data, schedules, rules, expects, neurons;
    struct bl_neuron *formulas; /* of the neurons, in their order (check/formula_read.h) */
    bool incomplete;            /* part of the text could not be read, so missing statements are not reported */
} bl_checker;

typedef struct bl_network {
    const bl_node *node;
    bl_input input;
    bool shape_known; /* of the input */
    uint32_t formula_count;
    bl_formula *formulas; /* the formulas that its layers fire */
    uint32_t layer_count;
    bl_layer *layers;      /* shapes, inputs and neurons are 0 where unknown */
    const bl_node **nodes; /* of the layers */
    bool incomplete;       /* layers may be missing */
    bool sources_unknown;  /* the source of some layer is unknown */
} bl_network;

typedef struct bl_splits { /* which splits the data has */
    bool train, validation, test;
    bool unknown;              /* the data could not be read: any may exist */
    const bl_node *unlabelled; /* the first source without labels, or NULL */
} bl_splits;

/* Reports an error if the data have no labels. `what` needs the labels; `mend` is the help of the message. */
void bl_check_labels(bl_checker *checker, const bl_splits *splits, bl_place place, const char *what, const char *mend);

/* Checks that the last layer is dense, because labels are compared with it. */
void bl_check_answer(bl_checker *checker, const bl_network *network);

/* The layer called `name`, or -1. */
int64_t bl_find_layer(const bl_network *network, const char *name);
void bl_report_unknown_layer(bl_checker *checker, const bl_network *network, bl_place place, const char *name);

/* Reports properties that occur a second time in a block. */
void bl_check_once(bl_checker *checker, const bl_node *block);
/* Reports the second of two statements that exclude each other. */
void bl_check_either(bl_checker *checker, const bl_node *one, const bl_node *other);

/* Reads a range [0, high] of activations. Returns true if `high` is known. */
bool bl_take_range(bl_checker *checker, const bl_node *interval, double *high);

/* Notes, once per place, that the rule as printed uses `instead` and not the setting of the file. */
void bl_printed_instead(bl_checker *checker, bl_place place, const char *instead);

void bl_nodes_add(bl_checker *checker, bl_nodes *nodes, const bl_node *node, const char *what);

#endif
