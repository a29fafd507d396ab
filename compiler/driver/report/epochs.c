#include "report/epochs.h"

#include <math.h>
#include <stdlib.h>

/* Epochs of the schedule before each phase begins. */
static double epochs_before(const bl_program *program, uint32_t phase)
{
    double sum = 0;
    for (uint32_t i = 0; i < phase; i++)
        sum += program->phases[i].kind == BT_PHASE_COMPETE ? 1 : program->phases[i].epochs;
    return sum;
}

static void take_epoch(epoch_columns *c, const bl_program *program, const br_history *h, uint32_t i)
{
    const br_epoch_facts *e = &h->epochs[i];
    double before = epochs_before(program, e->phase);
    c->x[i] = before + e->epoch;
    c->error[i] = e->error;
    c->accuracy[i] = e->accuracy;
    c->validation[i] = e->validation;
    for (uint32_t l = 0; l < c->live_count; l++)
        c->live[l][i] = (double)h->live[(size_t)i * h->layer_count + l];
    if (i > 0 && e->phase != h->epochs[i - 1].phase && c->border_count < EPOCHS_BORDERS)
        c->borders[c->border_count++] = before + 0.5;
    if (e->best)
        c->best = i;
    c->x_most = c->x[i];
}

int epochs_take(epoch_columns *c, const command_line *cli, const bl_program *program, const br_history *h)
{
    enum { ALL = 4 + CHART_LINES };
    *c = (epoch_columns){.all = allocate(cli, h->epoch_count, ALL * sizeof(double)),
                         .count = h->epoch_count,
                         .live_count = program->layer_count < CHART_LINES ? program->layer_count : CHART_LINES,
                         .best = -1};
    if (c->all == NULL)
        return STATUS_FAULT;
    double **const at[] = {&c->x, &c->error, &c->accuracy, &c->validation};
    for (int i = 0; i < 4; i++)
        *at[i] = c->all + (size_t)i * h->epoch_count;
    for (uint32_t l = 0; l < c->live_count; l++)
        c->live[l] = c->all + (size_t)(4 + l) * h->epoch_count;
    for (uint32_t i = 0; i < h->epoch_count; i++)
        take_epoch(c, program, h, i);
    return STATUS_DONE;
}

void epochs_free(epoch_columns *c)
{
    free(c->all);
    *c = (epoch_columns){0};
}

bool epochs_has(const double *column, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (!isnan(column[i]))
            return true;
    return false;
}

void epochs_reach(const double *column, uint32_t count, double *least, double *most)
{
    for (uint32_t i = 0; i < count; i++)
        if (!isnan(column[i])) {
            *least = fmin(*least, column[i]);
            *most = fmax(*most, column[i]);
        }
}

double epochs_bottom(double least)
{
    return fmax(0, ceil(10 * least - 1) / 10);
}

double epochs_top(double most)
{
    return most > 0 ? 1.05 * most : 1;
}
