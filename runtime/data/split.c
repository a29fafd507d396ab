#include "data/split.h"

#include <string.h>

#include "base/memory.h"

/* The samples of one class to hold out. */
typedef struct quota {
    uint64_t samples, held;
    double rest; /* what rounding down left over, in [0, 1) */
} quota;

/* ---- how many of each class ---- */

/* The class that rounding treated worst and that can still give a sample; `classes` if none can. */
static uint32_t next_class(const quota *quotas, uint32_t classes)
{
    uint32_t best = classes;
    for (uint32_t c = 0; c < classes; c++)
        if (quotas[c].held + 1 < quotas[c].samples && (best == classes || quotas[c].rest > quotas[best].rest))
            best = c;
    return best;
}

/* Shares `held` samples out over the classes by the method of the largest remainder. Each class keeps one sample. */
static quota *share_out(const br_array *train, uint32_t classes, uint64_t held, br_error *error)
{
    quota *quotas = br_new(classes, sizeof *quotas, error);
    if (quotas == NULL)
        return NULL;
    for (uint64_t i = 0; i < train->count; i++)
        quotas[train->labels[i]].samples++;
    uint64_t given = 0;
    for (uint32_t c = 0; c < classes; c++) {
        double fair = (double)quotas[c].samples * ((double)held / (double)train->count);
        quotas[c].held = (uint64_t)fair;
        if (quotas[c].held > 0 && quotas[c].held >= quotas[c].samples)
            quotas[c].held = quotas[c].samples - 1;
        quotas[c].rest = fair - (double)quotas[c].held;
        given += quotas[c].held;
    }
    for (uint32_t c; given < held && (c = next_class(quotas, classes)) < classes; given++) {
        quotas[c].held++;
        quotas[c].rest -= 1;
    }
    return quotas;
}

/* ---- which ones ---- */

/* Marks samples in the order of a random permutation keyed by the seed, until each class has given its quota. */
static uint8_t *choose(const br_array *train, quota *quotas, uint64_t seed, bt_split to, br_error *error)
{
    uint64_t n = train->count;
    uint8_t *chosen = br_new(n, 1, error);
    uint32_t *order = chosen != NULL ? br_new(n, sizeof *order, error) : NULL;
    if (order == NULL) {
        br_release(chosen);
        return NULL;
    }
    for (uint64_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    uint32_t words[4];
    for (uint64_t i = 0; i < n; i++) {
        if (i % 4 == 0)
            br_random4(seed, BR_STREAM_HOLD_OUT, to == BT_SPLIT_VALIDATION ? 0 : 1, i / 4, words);
        uint64_t j = i + br_random_below(words[i % 4], (uint32_t)(n - i));
        uint32_t picked = order[j];
        order[j] = order[i];
        quota *q = &quotas[train->labels[picked]];
        chosen[picked] = q->held > 0;
        q->held -= q->held > 0;
    }
    br_release(order);
    return chosen;
}

/* Moves the marked samples of `from` to the empty array `to`, which is large enough. Both keep their order. */
static void part(br_array *from, br_array *to, const uint8_t *chosen)
{
    uint64_t values = br_array_values(from), n = from->count;
    from->count = 0;
    for (uint64_t i = 0; i < n; i++) {
        br_array *side = chosen[i] ? to : from;
        if (from->bytes != NULL)
            memmove(side->bytes + side->count * values, from->bytes + i * values, values);
        else
            memmove(side->floats + side->count * values, from->floats + i * values, values * sizeof(float));
        side->labels[side->count++] = from->labels[i];
    }
}

/* An empty array with room for `count` samples like those of `like`. */
static int make_room(const br_array *like, uint64_t count, br_array *out, br_error *error)
{
    uint64_t values = br_array_values(like);
    *out = (br_array){.shape = like->shape};
    if (like->bytes != NULL)
        out->bytes = br_new(count, values, error);
    else
        out->floats = br_new(count, values * sizeof(float), error);
    out->labels = out->bytes != NULL || out->floats != NULL ? br_new(count, sizeof *out->labels, error) : NULL;
    return out->labels != NULL ? 0 : -1;
}

static int move_share(br_data *data, bt_split to, uint64_t held, const br_data_spec *spec, uint64_t seed,
                      br_error *error)
{
    br_array *train = &data->arrays[BT_SPLIT_TRAIN], moved = {0};
    quota *quotas = share_out(train, spec->classes, held, error);
    uint8_t *chosen = quotas != NULL ? choose(train, quotas, seed, to, error) : NULL;
    int status = chosen != NULL && br_array_own(train, error) == 0 ? make_room(train, held, &moved, error) : -1;
    if (status == 0) {
        part(train, &moved, chosen);
        status = moved.count > 0 ? br_array_append(&data->arrays[to], &moved, error) : 0;
    }
    br_release(quotas);
    br_release(chosen);
    br_array_free(&moved);
    return status;
}

int br_hold_out(br_data *data, const br_data_spec *spec, uint64_t seed, br_error *error)
{
    const struct {
        bt_split to;
        double share;
    } parts[] = {{BT_SPLIT_TEST, spec->hold_out_test}, {BT_SPLIT_VALIDATION, spec->hold_out}};
    const br_array *train = &data->arrays[BT_SPLIT_TRAIN];
    uint64_t all = train->count;
    for (int i = 0; i < 2; i++) {
        if (parts[i].share == 0)
            continue;
        if (all > 0 && train->labels == NULL)
            return br_fail(error, BR_ERROR_CHECK, "hold out %g%%: samples without labels can't validate anything",
                           100 * parts[i].share);
        uint64_t held = (uint64_t)((double)all * parts[i].share + 0.5);
        held = held == 0 ? 1 : held;
        if (held >= train->count)
            return br_fail(error, BR_ERROR_CHECK, "hold out %g%%: nothing is left of the %llu training samples",
                           100 * parts[i].share, (unsigned long long)all);
        if (move_share(data, parts[i].to, held, spec, seed, error) != 0)
            return -1;
    }
    return 0;
}
