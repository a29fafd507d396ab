/* Which of the shared functions a network's C source needs. */
#ifndef BC_NEEDS_H
#define BC_NEEDS_H

#include "artefact/csource/source.h"

typedef struct bc_needs {
    bool rows, lists, packed;  /* forms of connections */
    bool bounds, codes;        /* rows in whole numbers: of bounds, of levels */
    bool printed;              /* lists under `rule printed` */
    bool dense, conv, pooled;  /* pooled: convolutions with the pool behind them */
    bool row_conv, row_pooled; /* the same, by rows of places */
    bool wide;                 /* several live inputs are added at once */
    bool joined;               /* a convolution reads several maps */
    bool fires;                /* layers whose thresholds do not learn */
    bool odd;                  /* sums that miss the lines of their ramps */
    bool shared, homeostasis, ramp, logistic, formula;
    bool pools, chooses, largest, mean, sum;
    bool depress, gap, binary, graded, conscience;
    bool clauses_of_filters, clauses_of_rings, clauses_of_places;
} bc_needs;

bc_needs bc_needs_of(const bc_source *s);

#endif
