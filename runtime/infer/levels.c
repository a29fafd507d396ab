/* Levels of bounds in four bits. Whole numbers decide, so that every machine finds the same ones. */
#include "infer/levels.h"

#include <stdlib.h>

#include "base/memory.h"

enum {
    GROUP = 8,              /* until they are ordered, levels 0 .. 7 excite, 8 .. 14 inhibit, 15 is silent */
    SILENT = BR_LEVELS - 1, /* alpha 255, slope 0 */
    MOST = BR_QUANTA - 1,   /* alphas below it may carry signal */
    WEIGHT_BITS = 32        /* of all weights together: costs stay below 2^63 */
};

/* The levels of one sign, the lowest alpha first; the silent one is the last for both. */
typedef struct group {
    uint32_t first, count;
} group;

static group group_of(int8_t slope)
{
    return slope < 0 ? (group){GROUP, SILENT - GROUP} : (group){0, GROUP};
}

/* ---- levels ---- */

/* How often an input is above the alpha of a connection: errors of that alpha matter as often. */
static void weigh(const br_fit *f, bool inhibits, uint64_t weights[MOST])
{
    uint64_t all = 0;
    for (uint64_t at = 0; at < (uint64_t)f->neurons * f->inputs; at++) {
        uint8_t alpha = f->alphas[at];
        if (alpha == MOST || (f->slopes[at] < 0) != inhibits)
            continue;
        const uint64_t *sums = f->excess[at % f->inputs % f->kinds].sums;
        weights[alpha] += sums[alpha] - sums[alpha + 1] + 1; /* what nothing exceeds counts little */
    }
    for (uint32_t a = 0; a < MOST; a++)
        all += weights[a];
    while (all >> WEIGHT_BITS != 0) {
        all = 0;
        for (uint32_t a = 0; a < MOST; a++)
            all += weights[a] = (weights[a] + 1) / 2;
    }
}

/* Sums of weight, weight * alpha and weight * alpha^2 over the alphas below each. */
typedef struct moments {
    uint64_t sums[MOST + 1][3];
} moments;

static moments moments_of(const uint64_t weights[MOST])
{
    moments m = {{{0}}};
    for (uint64_t a = 0; a < MOST; a++)
        for (int k = 0; k < 3; k++)
            m.sums[a + 1][k] = m.sums[a][k] + weights[a] * (k == 0 ? 1 : k == 1 ? a : a * a);
    return m;
}

/* The mean of the alphas from `from` to below `end`, and the weighted squares of their distances to it. */
static uint64_t mean_of(const moments *m, uint32_t from, uint32_t end)
{
    uint64_t weight = m->sums[end][0] - m->sums[from][0], first = m->sums[end][1] - m->sums[from][1];
    return weight == 0 ? from : (first + weight / 2) / weight;
}

static uint64_t cost_of(const moments *m, uint32_t from, uint32_t end)
{
    uint64_t weight = m->sums[end][0] - m->sums[from][0], first = m->sums[end][1] - m->sums[from][1];
    uint64_t mean = mean_of(m, from, end), squares = m->sums[end][2] - m->sums[from][2];
    return weight == 0 ? 0 : squares + mean * mean * weight - 2 * mean * first;
}

/* The best division of all alphas into `count` parts, each with one level, found part by part. */
static void choose(const moments *m, uint32_t count, uint8_t *levels)
{
    uint64_t best[GROUP][MOST + 1];
    uint32_t from[GROUP][MOST + 1];
    for (uint32_t end = 0; end <= MOST; end++) {
        best[0][end] = cost_of(m, 0, end);
        from[0][end] = 0;
    }
    for (uint32_t k = 1; k < count; k++)
        for (uint32_t end = 0; end <= MOST; end++) {
            best[k][end] = UINT64_MAX;
            for (uint32_t begin = 0; begin <= end; begin++) {
                uint64_t cost = best[k - 1][begin] + cost_of(m, begin, end);
                if (cost < best[k][end]) {
                    best[k][end] = cost;
                    from[k][end] = begin;
                }
            }
        }
    for (uint32_t k = count, end = MOST; k-- > 0; end = from[k][end]) {
        uint64_t mean = mean_of(m, from[k][end], end);
        levels[k] = (uint8_t)(mean < MOST ? mean : MOST - 1);
    }
}

static void fit_levels(const br_fit *f, br_levels *out)
{
    *out = (br_levels){.alphas[SILENT] = MOST};
    for (int sign = 1; sign >= -1; sign -= 2) {
        uint64_t weights[MOST] = {0};
        group g = group_of((int8_t)sign);
        weigh(f, sign < 0, weights);
        const moments m = moments_of(weights);
        choose(&m, g.count, out->alphas + g.first);
        for (uint32_t l = g.first; l < g.first + g.count; l++)
            out->slopes[l] = (int8_t)(sign * f->steep[out->alphas[l]]);
    }
}

/* ---- the level of each connection ---- */

/* Another level for a connection: what the mean of the sum becomes more, and what the error grows for each of that. */
typedef struct change {
    uint32_t input;
    uint8_t code;
    int64_t more;
    double price;
} change;

static int distance(const br_levels *levels, uint32_t level, uint8_t alpha)
{
    return abs((int)levels->alphas[level] - (int)alpha);
}

/* The level number n of a group; behind the last one comes the silent one. */
static uint32_t level_at(const group *g, uint32_t n)
{
    return n < g->count ? g->first + n : SILENT;
}

static uint32_t nearest(const br_levels *levels, const group *g, uint8_t alpha)
{
    uint32_t best = 0;
    for (uint32_t n = 1; n <= g->count; n++)
        if (distance(levels, level_at(g, n), alpha) < distance(levels, level_at(g, best), alpha))
            best = n;
    return best;
}

static int64_t carried(int8_t slope, const br_excess *excess, uint8_t alpha)
{
    return (int64_t)slope * (int64_t)excess->sums[alpha];
}

/* The level on the other side of a connection's alpha. False: there is none. */
static bool other_side(const br_levels *levels, const group *g, uint8_t alpha, uint32_t n, uint32_t *out)
{
    bool above = levels->alphas[level_at(g, n)] > alpha;
    if (above ? n == 0 : n == g->count)
        return false;
    *out = level_at(g, above ? n - 1 : n + 1);
    return true;
}

/* Gives connection `input` of a neuron its nearest level, and tells what could be chosen instead. */
static bool place(const br_fit *f, const br_levels *levels, uint64_t at, uint8_t *code, change *out)
{
    uint32_t input = (uint32_t)(at % f->inputs), other;
    const br_excess *excess = &f->excess[input % f->kinds];
    uint8_t alpha = f->alphas[at];
    group g = group_of(f->slopes[at]);
    *code = SILENT;
    if (alpha == MOST)
        return false;
    uint32_t n = nearest(levels, &g, alpha);
    *code = (uint8_t)level_at(&g, n);
    if (!other_side(levels, &g, alpha, n, &other))
        return false;
    int64_t more = carried(levels->slopes[other], excess, levels->alphas[other]) -
                   carried(levels->slopes[*code], excess, levels->alphas[*code]);
    int here = distance(levels, *code, alpha), there = distance(levels, other, alpha);
    double often = (double)(excess->sums[alpha] - excess->sums[alpha + 1]);
    *out =
        (change){input, (uint8_t)other, more, often * (there * there - here * here) / (double)llabs(more ? more : 1)};
    return more != 0;
}

static int by_price(const void *a, const void *b)
{
    const change *x = a, *y = b;
    if (x->price != y->price)
        return x->price < y->price ? -1 : 1;
    return x->input < y->input ? -1 : x->input > y->input;
}

static void fit_neuron(const br_fit *f, const br_levels *levels, uint32_t neuron, change *changes, uint8_t *codes)
{
    uint64_t first = (uint64_t)neuron * f->inputs;
    uint32_t count = 0;
    int64_t off = 0; /* the sum in four bits less the sum in 8 bits, over all that was seen */
    for (uint32_t i = 0; i < f->inputs; i++) {
        const br_excess *excess = &f->excess[i % f->kinds];
        count += place(f, levels, first + i, &codes[first + i], &changes[count]);
        uint8_t code = codes[first + i];
        off += carried(levels->slopes[code], excess, levels->alphas[code]);
        off -= f->alphas[first + i] == MOST ? 0 : carried(f->slopes[first + i], excess, f->alphas[first + i]);
    }
    qsort(changes, count, sizeof *changes, by_price);
    for (uint32_t c = 0; c < count && off != 0; c++)
        if (llabs(off + changes[c].more) < llabs(off)) {
            codes[first + changes[c].input] = changes[c].code;
            off += changes[c].more;
        }
}

/* Puts the levels into the order of their alphas. */
static void order(const br_fit *f, br_levels *levels, uint8_t *codes)
{
    uint8_t places[BR_LEVELS];
    br_levels from = *levels;
    for (uint32_t l = 0; l < BR_LEVELS; l++) {
        places[l] = 0;
        for (uint32_t k = 0; k < BR_LEVELS; k++)
            places[l] += from.alphas[k] < from.alphas[l] || (from.alphas[k] == from.alphas[l] && k < l);
        levels->alphas[places[l]] = from.alphas[l];
        levels->slopes[places[l]] = from.slopes[l];
    }
    for (uint64_t c = 0; c < (uint64_t)f->neurons * f->inputs; c++)
        codes[c] = places[codes[c]];
}

int br_levels_fit(const br_fit *fit, br_levels *out, uint8_t *codes, br_error *error)
{
    change *changes = br_new(fit->inputs, sizeof *changes, error);
    if (!changes)
        return -1;
    fit_levels(fit, out);
    for (uint32_t k = 0; k < fit->neurons; k++)
        fit_neuron(fit, out, k, changes, codes);
    order(fit, out, codes);
    br_release(changes);
    return 0;
}
