#include "data/range_check.h"

#include <math.h>

#define ROUNDING 1e-6 /* as a share of the range: the largest error that rounding to floats can make at an end */
#define NEAR     0.01 /* as a share of the range: values that end here are meant to fill it */
#define FEW      0.01 /* as a share of all values: so few outside may be faults of their own */

br_range br_array_range(const br_array *array)
{
    uint64_t n = array->count * br_array_values(array);
    if (array->bytes != NULL) {
        uint8_t low = UINT8_MAX, high = 0;
        for (uint64_t i = 0; i < n; i++) {
            low = array->bytes[i] < low ? array->bytes[i] : low;
            high = array->bytes[i] > high ? array->bytes[i] : high;
        }
        return (br_range){low, high};
    }
    float low = array->floats[0], high = low;
    for (uint64_t i = 1; i < n; i++) {
        low = array->floats[i] < low ? array->floats[i] : low;
        high = array->floats[i] > high ? array->floats[i] : high;
    }
    return (br_range){low, high};
}

br_range br_range_of(double least, double most)
{
    static const br_range natural[] = {{0, 1}, {-1, 1}, {0, 255}, {-128, 127}, {0, 4095}, {0, 65535}};
    for (size_t i = 0; i < sizeof natural / sizeof *natural; i++) {
        br_range r = natural[i];
        double width = r.high - r.low, slack = ROUNDING * width;
        if (least >= r.low - slack && most <= r.high + slack && least <= r.low + NEAR * width &&
            most >= r.high - NEAR * width)
            return r;
    }
    if (least == most) /* a range must have a width; 0 is as good an end as any */
        return least == 0 ? natural[0] : (br_range){least < 0 ? least : 0, most > 0 ? most : 0};
    double step = pow(10, floor(log10(most - least)) - 2);
    return (br_range){floor(least / step) * step, ceil(most / step) * step};
}

static double value_at(const br_array *array, uint64_t i)
{
    return array->bytes != NULL ? array->bytes[i] : array->floats[i];
}

static int clamp_floats(br_array *array, double low, double high, br_error *error)
{
    uint64_t n = array->count * br_array_values(array);
    if (array->floats == NULL)
        return 0;
    if (br_array_own(array, error) != 0)
        return -1;
    for (uint64_t i = 0; i < n; i++) {
        double value = array->floats[i];
        array->floats[i] = (float)(value < low ? low : value > high ? high : value);
    }
    return 0;
}

/* The values outside [low, high]: the first one, and how many there are. */
typedef struct outside {
    uint64_t first, count, all;
} outside;

static outside find(const br_array *array, double low, double high)
{
    outside found = {.all = array->count * br_array_values(array)};
    for (uint64_t i = 0; i < found.all; i++) {
        double value = value_at(array, i);
        if (value >= low && value <= high)
            continue;
        if (found.count++ == 0)
            found.first = i;
    }
    return found;
}

int br_array_check_range(br_array *array, const char *path, const br_range_check *check, br_error *error)
{
    double low = check->low, high = check->high, slack = ROUNDING * (high - low);
    br_range own = br_array_range(array);
    if (own.low >= low && own.high <= high)
        return 0;
    if (own.low >= low - slack && own.high <= high + slack)
        return clamp_floats(array, low, high, error);
    outside found = find(array, low - slack, high + slack);
    br_place_text place = br_array_place(array->shape, found.first);
    double first = value_at(array, found.first);
    if (check->predicting) {
        br_note_add(
            check->notes, true,
            "%s: %s is %.9g, but the network learned values in [%.9g, %.9g]; %llu of %llu values lie outside and "
            "count as the nearer end",
            path, place.text, first, low, high, (unsigned long long)found.count, (unsigned long long)found.all);
        return clamp_floats(array, low, high, error);
    }
    bool few = (double)found.count <= FEW * (double)found.all;
    br_range mend = br_range_of(own.low, own.high);
    if (check->range_given)
        mend = (br_range){own.low < low ? own.low : low, own.high > high ? own.high : high};
    return br_fail(error, BR_ERROR_CHECK,
                   "%s: %s is %.9g, outside the %s range [%.9g, %.9g], as are %llu of %llu values; its values lie in "
                   "[%.9g, %.9g]; %swrite `values in [%.9g, %.9g];` in the data block",
                   path, place.text, first, check->range_given ? "stated" : "default", low, high,
                   (unsigned long long)found.count, (unsigned long long)found.all, own.low, own.high,
                   few ? "correct them, or " : "", mend.low, mend.high);
}
