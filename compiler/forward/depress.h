/* What the emitters of lateral depression share: depress.c walks the clauses, depress_lists.c and depress_select.c find
 * the winners among all filters of a place, depress_row.c sets their activations. docs/design/sparse.md compares the
 * two. */
#ifndef BC_DEPRESS_H
#define BC_DEPRESS_H

#include "kernels/kernel.h"

#define BC_DRIVE_NONE (-3.0e38) /* below every drive: no neighbour, or a lane without a filter */

/* One clause of a layer. A row holds the drives of all filters of one place of one sample. The rows of all samples lie
 * one behind the other, `pitch` floats apart. */
typedef struct bc_depress {
    const bl_depress *clause;
    bool sets_value; /* this clause sets the activation of neurons that stay active */
    bc_value drives, outs;
    bc_value keep;       /* how many stay among all filters; NULL: as the clause says */
    bc_value conscience; /* NULL: a pool, which never competes */
    bc_value thetas;     /* with `order` */
    bc_value order;      /* br_layer_state.order, which may be NULL when the kernel runs; NULL: never set */
    bc_value first, end; /* samples */
    bc_line_range lines;
} bc_depress;

/* Drives of a vector of neurons: its own x, the drive that x must exceed by the gap, the largest of all. */
typedef struct bc_contest {
    bc_value x, next, largest;
} bc_contest;

/* The activations of one vector of neurons whose activations before depression are `out`: 0 unless a neuron stays and
 * was not silent. */
bc_value bc_depress_left(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value out, bc_value stays,
                         bc_contest contest);
/* Sets them where they are, out[first ..]. */
void bc_depress_settle(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value out, bc_value first,
                       bc_value stays, bc_contest contest);

/* The order among all filters of a row; every value is a scalar. `next` and `largest` are needed only if
 * bc_depress_reads_next. */
typedef struct bc_order {
    bc_value least;   /* x(k), the smallest drive that may stay */
    bc_value next;    /* x(k+1) */
    bc_value largest; /* x(1) */
    bc_value tied;    /* i1: x(k) = x(k+1) */
} bc_order;
bool bc_depress_reads_next(const bc_kernel *k, const bc_depress *u);
bc_value bc_depress_keep(bc_emit *e, const bc_depress *u); /* k */
/* Whether a filter stays, by its drive less its conscience. `cut`: as in br_order, if a tie matters; else NULL. */
typedef struct bc_limits {
    bc_value least, next, cut; /* in every lane */
} bc_limits;
bc_value bc_depress_stays(bc_emit *e, const bc_depress *u, const bc_limits *limits, bc_value x, bc_value block);
/* Where the order of a row lies. */
bc_value bc_depress_order_at(bc_emit *e, const bc_kernel *k, const bc_depress *u, br_order fact, bc_value row);
/* CUT of a row whose x(k) and x(k+1) tie. */
bc_value bc_depress_cut(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, bc_value least);
/* Sets the activations of one row, or writes its order. Of filters that tie at x(k), those with the lowest indices
 * stay. */
void bc_depress_row(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, const bc_order *order);

/* x = drive - conscience for a vector of filters, and the same of a row. */
bc_value bc_depress_reduced(bc_emit *e, const bc_depress *u, bc_value drive, bc_value first);
bc_value bc_depress_drive(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value row, bc_value first);

/* Both find bc_order for the rows [from, to) and settle them. */
bool bc_depress_has_lists(const bc_depress *u); /* whether lists are the faster method for many rows */
void bc_depress_by_lists(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value from, bc_value to);
void bc_depress_by_select(bc_emit *e, const bc_kernel *k, const bc_depress *u, bc_value from, bc_value to);

#endif
