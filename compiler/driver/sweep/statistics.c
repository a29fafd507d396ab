#include "sweep/statistics.h"

#include <math.h>

sweep_run *run_of(const sweep *s, size_t row, size_t seed)
{
    return &s->runs[seed * s->grid.row_count + row];
}

bool accuracy_of(const sweep *s, size_t row, size_t seed, bt_split split, double *out)
{
    const sweep_run *run = run_of(s, row, seed);
    const training_score *score = &run->result.scores[split];
    if (run->state == RUN_PAUSED && split == BT_SPLIT_VALIDATION) {
        *out = run->paused_at;
        return true;
    }
    if (run->state != RUN_DONE || !score->scored)
        return false;
    *out = (double)score->right / (double)score->samples;
    return true;
}

/* Mean and sum of squares about it, by Welford's recurrence: no digits are lost to a difference of large sums. */
typedef struct moments {
    size_t n;
    double mean, squares;
} moments;

static void add(moments *m, double value)
{
    double step = value - m->mean;
    m->n++;
    m->mean += step / (double)m->n;
    m->squares += step * (value - m->mean);
}

static double deviation(const moments *m)
{
    return m->n > 1 ? sqrt(m->squares / (double)(m->n - 1)) : 0;
}

row_mean mean_of(const sweep *s, size_t row, bt_split split)
{
    double value;
    moments m = {0};
    for (size_t seed = 0; seed < s->grid.seed_count; seed++)
        if (accuracy_of(s, row, seed, split, &value))
            add(&m, value);
    return (row_mean){m.n, m.mean, deviation(&m)};
}

row_difference difference_of(const sweep *s, size_t row, bt_split split)
{
    double value, first;
    moments m = {0};
    for (size_t seed = 0; seed < s->grid.seed_count; seed++)
        if (accuracy_of(s, row, seed, split, &value) && accuracy_of(s, 0, seed, split, &first))
            add(&m, value - first);
    double half = m.n > 1 ? student_95(m.n - 1) * deviation(&m) / sqrt((double)m.n) : 0;
    return (row_difference){m.n, m.mean, half};
}

bool best_row(const sweep *s, size_t *out)
{
    double best = -1;
    for (size_t row = 0; row < s->grid.row_count; row++) {
        row_mean mean = mean_of(s, row, s->on);
        if (s->rows[row].trained < 1)
            continue;
        if (mean.n < s->grid.seed_count)
            return false;
        if (mean.mean > best) {
            best = mean.mean;
            *out = row;
        }
    }
    return best >= 0;
}

/* The probability of [-t, t], as a finite sum (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
static double student_within(double t, size_t freedom)
{
    double angle = atan(t / sqrt((double)freedom)), cosine = cos(angle), term, sum = 0;
    bool odd = freedom % 2 == 1;
    term = odd ? cosine : 1;
    for (size_t k = odd ? 3 : 2; k <= freedom; k += 2) {
        sum += term;
        term *= cosine * cosine * (double)(k - 1) / (double)k;
    }
    return odd ? (angle + sin(angle) * sum) * 2 / 3.14159265358979323846 : sin(angle) * sum;
}

double student_95(size_t freedom)
{
    double low = 0, high = 16; /* 12.7 for one degree of freedom, and less for more */
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (student_within(middle, freedom) < 0.95)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
