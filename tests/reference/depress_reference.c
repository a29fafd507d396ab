#include "depress_reference.h"

#include <math.h>
#include <stdlib.h>

/* One neuron compared with some of its neighbours. */
typedef struct meeting {
    const double *x;
    ref_shape shape;
    const ref_clause *clause;
    uint64_t self;
    uint32_t not_led, others;
    double *drives; /* of the others */
} meeting;

static void meet(meeting *m, uint64_t other)
{
    double mine = m->x[m->self], its = m->x[other];
    bool tie_lost = m->clause->gap == 0 && its == mine && other < m->self;
    m->drives[m->others++] = its;
    if (mine - its < m->clause->gap || tie_lost)
        m->not_led++;
}

static uint64_t at(ref_shape shape, uint32_t y, uint32_t x, uint32_t filter)
{
    return ((uint64_t)y * shape.width + x) * shape.channels + filter;
}

static void meet_filters(meeting *m, uint32_t y, uint32_t x, uint32_t filter)
{
    uint32_t n = m->shape.channels;
    for (uint32_t j = 0; j < n; j++) {
        uint32_t up = (j + n - filter) % n, down = (filter + n - j) % n; /* distances along the ring */
        bool near = m->clause->within == 0 || up <= m->clause->within || down <= m->clause->within;
        if (j != filter && near)
            meet(m, at(m->shape, y, x, j));
    }
}

static void meet_places(meeting *m, uint32_t y, uint32_t x, uint32_t filter)
{
    for (uint32_t row = 0; row < m->shape.height; row++) {
        for (uint32_t column = 0; column < m->shape.width; column++) {
            bool near = abs((int)row - (int)y) <= (int)m->clause->height / 2 &&
                        abs((int)column - (int)x) <= (int)m->clause->width / 2;
            if (near && (row != y || column != x))
                meet(m, at(m->shape, row, column, filter));
        }
    }
}

static int descending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

ref_standing ref_stand(const double *x, ref_shape shape, const ref_clause *clause, uint32_t y, uint32_t column,
                       uint32_t filter)
{
    meeting m = {.x = x, .shape = shape, .clause = clause, .self = at(shape, y, column, filter)};
    uint64_t most = clause->over_places ? (uint64_t)clause->height * clause->width : shape.channels;
    m.drives = calloc(most, sizeof *m.drives);
    if (!m.drives)
        abort();
    if (clause->over_places)
        meet_places(&m, y, column, filter);
    else
        meet_filters(&m, y, column, filter);
    qsort(m.drives, m.others, sizeof *m.drives, descending);
    ref_standing standing = {.stays = m.not_led < clause->keep, .next = -INFINITY, .largest = x[m.self]};
    if (m.others >= clause->keep)
        standing.next = m.drives[clause->keep - 1];
    if (m.others > 0)
        standing.largest = fmax(standing.largest, m.drives[0]);
    free(m.drives);
    return standing;
}

/* s (x_i - x_(k+1))/(x_max - x_(k+1)) */
static double graded(double x, const ref_standing *standing, double s)
{
    if (isinf(standing->next) || standing->largest <= standing->next)
        return s;
    return s * (x - standing->next) / (standing->largest - standing->next);
}

void ref_depress(const double *x, ref_shape shape, const ref_clause *clauses, uint32_t count, ref_fire fire, double s,
                 double *o)
{
    ref_depress_reduced(x, x, shape, &(ref_depression){clauses, count, fire, s}, o);
}

void ref_depress_reduced(const double *x, const double *reduced, ref_shape shape, const ref_depression *by, double *o)
{
    for (uint32_t row = 0; row < shape.height; row++) {
        for (uint32_t column = 0; column < shape.width; column++) {
            for (uint32_t k = 0; k < shape.channels; k++) {
                uint64_t self = at(shape, row, column, k);
                for (uint32_t c = 0; c < by->count && o[self] > 0; c++) {
                    const double *compared = by->clauses[c].over_places ? x : reduced;
                    ref_standing standing = ref_stand(compared, shape, &by->clauses[c], row, column, k);
                    if (!standing.stays)
                        o[self] = 0;
                    else if (c == 0 && by->fire != REF_RAMP)
                        o[self] = by->fire == REF_BINARY ? by->s : graded(compared[self], &standing, by->s);
                }
            }
        }
    }
}
