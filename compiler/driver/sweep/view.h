/* The table of a sweep, for people and as JSON and CSV. It depends on the results alone, not on when and where the runs
 * were trained. */
#ifndef BOUTON_DRIVER_SWEEP_VIEW_H
#define BOUTON_DRIVER_SWEEP_VIEW_H

#include "sweep/plan.h"

/* The row whose test samples may be looked at. */
typedef struct sweep_choice {
    bool made; /* false: runs are missing */
    size_t row;
} sweep_choice;

int view_text(const sweep *s, const sweep_choice *choice, FILE *to);
int view_json(const sweep *s, const sweep_choice *choice, FILE *to);
int view_csv(const sweep *s, const sweep_choice *choice, FILE *to);

#endif
