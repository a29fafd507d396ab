/* Decimal numbers, read in the same way under every locale. */
#ifndef BR_NUMBER_H
#define BR_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads [+-]digits[.digits][e[+-]digits], the whole text. Returns false for any other text. */
bool br_number_read(const char *text, size_t length, double *out);

/* The same with `point` before the fraction, as a float: the nearest double, rounded. */
bool br_number_float(const char *text, size_t length, char point, float *out);

#define BR_NUMBER_POWERS 22 /* a double represents every power of ten up to here */
extern const double br_number_powers[BR_NUMBER_POWERS + 1];

static inline const char *br_digits(const char *at, uint64_t *value)
{
    for (unsigned digit; (digit = (unsigned)(unsigned char)*at - '0') <= 9; at++)
        *value = *value * 10 + digit;
    return at;
}

/* value = digits * 10^exponent. Digits beyond 2^53 or an inexact power make an error of at most 2 units in the last
 * place of the double. The float is then certain if both ends of that interval round to it. */
static inline bool br_number_round(uint64_t digits, int exponent, float *out)
{
    double value = (double)digits;
    if (exponent == 0) {
        *out = (float)value;
        return true;
    }
    if (exponent < -BR_NUMBER_POWERS || exponent > BR_NUMBER_POWERS || (exponent > 0 && digits > 1ull << 53))
        return false; /* the rest keeps the float finite */
    value = exponent < 0 ? value / br_number_powers[-exponent] : value * br_number_powers[exponent];
    *out = (float)value;
    return digits <= 1ull << 53 || (float)(value * (1 - 0x1p-50)) == (float)(value * (1 + 0x1p-50));
}

/* The number at `at`, which ends before some character that can't belong to a number. Returns its end, or NULL for a
 * text that is no number or that only br_number_float reads exactly. This is the inner loop of tables. */
static inline const char *br_number_plain(const char *at, char point, float *out)
{
    bool negative = *at == '-';
    at += negative;
    uint64_t digits = 0;
    const char *start = at;
    int exponent = 0;
    at = br_digits(at, &digits);
    int64_t count = at - start;
    if (*at == point) {
        const char *fraction = ++at;
        at = br_digits(at, &digits);
        if (at - fraction > 19)
            return NULL;
        exponent = (int)(fraction - at);
        count += at - fraction;
    }
    if (count == 0 || count > 19) /* 10^19 is below 2^64 */
        return NULL;
    if (*at == 'e' || *at == 'E') {
        uint64_t power = 0;
        bool down = at[1] == '-';
        start = at + 1 + (at[1] == '-' || at[1] == '+');
        at = br_digits(start, &power);
        if (at == start || at - start > 3)
            return NULL;
        exponent += down ? -(int)power : (int)power;
    }
    if (!br_number_round(digits, exponent, out))
        return NULL;
    *out = negative ? -*out : *out;
    return at;
}

#endif
