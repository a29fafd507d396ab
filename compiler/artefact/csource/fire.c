/* Thresholds and ramps in whole numbers.
 *
 * Every operation from a sum to a byte is monotone, also where it rounds. So a neuron is known by its steps: the least
 * sums that give each byte. A ramp is a line through the steps, in fixed point. Where floats round a step to the other
 * side of the line, the sum is odd and its byte is listed. A ramp agrees with its neuron for every sum if it agrees at
 * each step and just below it, because both are monotone between them.
 *
 * Compiled without fused multiply-adds, as the kernels are. */
#include "artefact/csource/fire.h"

#include <stdlib.h>
#include <string.h>

enum { BYTES = 256, MOST_BITS = 40, LEAST_SUM = -(1 << 30) };

uint8_t bc_fire_byte(const bc_float_firing *f, int32_t sum)
{
    float x = (float)sum * f->worth, y;
    if (f->homeostasis) {
        x = x * f->gain + -f->theta;
        y = x;
    } else {
        float scale = 1 / (1 - f->theta), over = x - f->theta;
        y = over * scale;
    }
    y = y > 0 ? y : 0;
    y = y < 1 ? y : 1;
    if (f->binary)
        y = y > 0 ? 1 : 0;
    float o = y * f->range;
    if (f->level)
        o = o / f->range;
    return br_quantum_of(o, f->quanta);
}

/* The steps of one neuron: steps[q] is the least sum from `low` on with a byte of q or more, for base < q <= most. */
typedef struct steps {
    int32_t low, high;
    uint8_t base, most; /* the bytes of the least sum that fires, and of the largest sum */
    int32_t first;      /* the least sum whose byte is not 0; above high: none */
    int64_t at[BYTES];
} steps;

static int64_t least_with(const bc_float_firing *f, int64_t low, int64_t high, uint8_t byte)
{
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (bc_fire_byte(f, (int32_t)middle) >= byte)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static void find_steps(const bc_float_firing *f, int32_t low, int32_t high, steps *out)
{
    *out = (steps){.low = low, .high = high, .most = bc_fire_byte(f, high)};
    out->first = out->most == 0 ? high : (int32_t)least_with(f, LEAST_SUM, high, 1); /* the line begins where y does */
    out->base = bc_fire_byte(f, out->first);
    int64_t from = out->first;
    for (int q = out->base + 1; q <= out->most; q++)
        out->at[q] = from = least_with(f, from, high, (uint8_t)q);
}

/* ---- the line ---- */

/* start must lie in [least, most] for a slope, so that the line has every step where the neuron has it. */
typedef struct room {
    int64_t least, most;
} room;

static room room_of(const steps *s, int64_t slope, unsigned bits)
{
    room r = {0, ((int64_t)1 << bits) - 1}; /* at `first` the byte is base */
    for (int q = s->base + 1; q <= s->most; q++) {
        int64_t to = (int64_t)(q - s->base) << bits, above = s->at[q] - s->first;
        int64_t least = to - slope * above, most = to - slope * (above - 1) - 1;
        if (q < s->most && least > r.least) /* from span on, no line is needed */
            r.least = least;
        if (most < r.most)
            r.most = most;
    }
    return r;
}

/* The slope that leaves the most room: the room is a concave function of the slope. */
static int64_t best_slope(const steps *s, int64_t most, unsigned bits)
{
    int64_t low = 0, high = most;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        room here = room_of(s, middle, bits), next = room_of(s, middle + 1, bits);
        if (next.most - next.least > here.most - here.least)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void draw_line(const steps *s, unsigned bits, bc_ramp *out)
{
    int64_t slope = best_slope(s, 2 * (((int64_t)(s->most - s->base + 1) << bits) / (s->at[s->most] - s->first)), bits);
    room r = room_of(s, slope, bits);
    int64_t start = r.least + (r.most - r.least) / 2, most = UINT32_MAX;
    out->slope = (uint32_t)slope;
    out->start = (uint32_t)(start < 0 ? 0 : start < most ? start : most);
}

uint8_t bc_ramp_byte(const bc_firing *firing, const bc_ramp *ramp, int32_t sum)
{
    if (sum < ramp->first)
        return 0;
    uint32_t above = (uint32_t)sum - (uint32_t)ramp->first;
    if (above >= ramp->span)
        return ramp->most;
    for (uint32_t i = ramp->odd_from; i < ramp->odd_end; i++)
        if (firing->odd[i].above == above)
            return firing->odd[i].byte;
    return (uint8_t)(ramp->base + (uint8_t)(((uint64_t)above * ramp->slope + ramp->start) >> firing->bits));
}

/* ---- sums that the line misses ---- */

static int add_odd(bc_firing *firing, bc_ramp *ramp, uint32_t above, uint8_t byte, br_error *error)
{
    bc_odd_sum *grown = realloc(firing->odd, (firing->odd_count + 1) * sizeof *grown);
    if (!grown)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the thresholds of a layer");
    firing->odd = grown;
    firing->odd[firing->odd_count++] = (bc_odd_sum){above, byte};
    ramp->odd_end = firing->odd_count;
    return 0;
}

/* Goes from each step up and down until the line is right. It is right in between, too: line and neuron are monotone. */
static int find_odd(const bc_float_firing *f, const steps *s, bc_firing *firing, bc_ramp *ramp, br_error *error)
{
    int64_t end = (int64_t)s->first + ramp->span;
    ramp->odd_from = ramp->odd_end = firing->odd_count;
    for (int q = s->base; q <= s->most; q++) {
        int64_t step = q > s->base ? s->at[q] : s->first;
        for (int way = -1; way <= 1; way += 2)
            for (int64_t at = step - (way < 0); at >= s->first && at < end; at += way) {
                uint8_t byte = bc_fire_byte(f, (int32_t)at);
                if (bc_ramp_byte(firing, ramp, (int32_t)at) == byte)
                    break;
                if (add_odd(firing, ramp, (uint32_t)(at - s->first), byte, error) != 0)
                    return -1;
            }
    }
    return 0;
}

/* Looks at both sides of every step again, and at the ends. */
static int prove(const bc_float_firing *f, const steps *s, const bc_firing *firing, const bc_ramp *ramp,
                 br_error *error)
{
    for (int q = s->base; q <= s->most; q++)
        for (int64_t at = (q > s->base ? s->at[q] : s->first) - 1, end = at + 2; at < end; at++)
            if (at <= s->high && bc_ramp_byte(firing, ramp, (int32_t)at) != bc_fire_byte(f, (int32_t)at))
                return br_fail(error, BR_ERROR_FAULT, "sum %lld fires %u in whole numbers and %u in floats",
                               (long long)at, bc_ramp_byte(firing, ramp, (int32_t)at), bc_fire_byte(f, (int32_t)at));
    for (int32_t ends[] = {s->low, s->high}, i = 0; i < 2; i++)
        if (bc_ramp_byte(firing, ramp, ends[i]) != bc_fire_byte(f, ends[i]))
            return br_fail(error, BR_ERROR_FAULT, "sum %d fires %u in whole numbers and %u in floats", ends[i],
                           bc_ramp_byte(firing, ramp, ends[i]), bc_fire_byte(f, ends[i]));
    return 0;
}

/* ---- a layer ---- */

/* The finest fraction with which the slope still fits into 32 bits: a line rises by at most 255 over its span. */
static unsigned bits_for(const steps *s)
{
    unsigned bits = MOST_BITS;
    int64_t span = s->most > s->base ? s->at[s->most] - s->first : 1;
    while (bits > 8 && ((uint64_t)(s->most - s->base + 1) << bits) / (uint64_t)(span > 0 ? span : 1) > UINT32_MAX / 2)
        bits--;
    return bits;
}

static int make_ramp(const bc_float_firing *f, const steps *s, bc_firing *firing, bc_ramp *out, br_error *error)
{
    out->first = s->first;
    out->base = s->base;
    out->most = s->most;
    out->span = s->most > s->base ? (uint32_t)(s->at[s->most] - s->first) : 0;
    if (s->most == 0) { /* never fires: the largest sum is the first one, and gives 0 */
        out->odd_from = out->odd_end = firing->odd_count;
        return 0;
    }
    if (out->span > 0)
        draw_line(s, firing->bits, out);
    return find_odd(f, s, firing, out, error) == 0 ? prove(f, s, firing, out, error) : -1;
}

int bc_firing_new(const bc_fire_task *task, bc_firing *out, br_error *error)
{
    uint32_t count = task->alike ? 1 : task->neurons;
    bc_firing firing = {.count = count, .bits = MOST_BITS, .ramps = calloc(count, sizeof *firing.ramps)};
    steps *all = calloc(count, sizeof *all);
    int status =
        all && firing.ramps ? 0 : br_fail(error, BR_ERROR_FAULT, "out of memory for the thresholds of a layer");
    for (uint32_t k = 0; status == 0 && k < count; k++) {
        int32_t low = task->low[k], high = task->high[k];
        for (uint32_t n = 0; task->alike && n < task->neurons; n++) {
            low = task->low[n] < low ? task->low[n] : low;
            high = task->high[n] > high ? task->high[n] : high;
        }
        find_steps(&task->f[k], low, high, &all[k]);
        unsigned bits = bits_for(&all[k]);
        firing.bits = bits < firing.bits ? bits : firing.bits;
    }
    for (uint32_t k = 0; status == 0 && k < count; k++)
        status = make_ramp(&task->f[k], &all[k], &firing, &firing.ramps[k], error);
    free(all);
    if (status == 0)
        *out = firing;
    else
        bc_firing_free(&firing);
    return status;
}

void bc_firing_free(bc_firing *firing)
{
    free(firing->ramps);
    free(firing->odd);
    *firing = (bc_firing){0};
}
