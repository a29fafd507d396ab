/* The runs of a sweep as its page shows them. */
#ifndef BOUTON_DRIVER_BESIDE_RUNS_H
#define BOUTON_DRIVER_BESIDE_RUNS_H

#include "report/epochs.h"
#include "sweep/finish.h"

/* A finished run. */
typedef struct ranked_run {
    const sweep_run *run;
    double accuracy;       /* on the samples by which rows are compared, in [0, 1] */
    epoch_columns columns; /* empty: its model has no history, or is not among those that are drawn */
} ranked_run;

typedef struct runs_page {
    sweep s;
    sweep_choice choice;
    ranked_run *runs; /* [run_count], the best first */
    size_t run_count;
} runs_page;

/* The table of rows, with the numbers of `bouton sweep`, and that of runs. */
void runs_put_rows(FILE *to, const runs_page *page);
void runs_put_list(FILE *to, const runs_page *page);

#endif
