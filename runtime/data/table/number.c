#include "data/table/number.h"

#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXACT_MANTISSA (1ull << 53) /* a double represents every integer up to here */
#define LONGEST        512          /* characters; longer than any printed double */

const double br_number_powers[BR_NUMBER_POWERS + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                       1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                       1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The parts of a number's text: value = mantissa * 10^exponent, if the digits fit. */
typedef struct parts {
    bool negative, fits;
    uint64_t mantissa;
    long exponent;
} parts;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void add_digit(parts *p, char c)
{
    uint64_t next;
    if (__builtin_mul_overflow(p->mantissa, 10u, &next) || __builtin_add_overflow(next, (uint64_t)(c - '0'), &next))
        p->fits = false;
    else
        p->mantissa = next;
}

/* Checks the whole text and collects its digits. */
static bool take_apart(const char *at, const char *end, parts *p)
{
    *p = (parts){.fits = true};
    if (at < end && (*at == '-' || *at == '+'))
        p->negative = *at++ == '-';
    bool digits = false;
    for (; at < end && is_digit(*at); at++, digits = true)
        add_digit(p, *at);
    if (at < end && *at == '.') {
        for (at++; at < end && is_digit(*at); at++, digits = true, p->exponent--)
            add_digit(p, *at);
    }
    if (!digits)
        return false;
    if (at < end && (*at == 'e' || *at == 'E')) {
        bool down = ++at < end && *at == '-';
        if (at < end && (*at == '-' || *at == '+'))
            at++;
        long exponent = 0;
        digits = false;
        for (; at < end && is_digit(*at); at++, digits = true)
            exponent = exponent < 100000 ? exponent * 10 + (*at - '0') : exponent;
        p->exponent += down ? -exponent : exponent;
        if (!digits)
            return false;
    }
    return at == end;
}

/* The exact conversion of long or extreme numbers: strtod under the C locale, whatever the current locale is. */
static bool read_slowly(const char *text, size_t length, double *out)
{
    char copy[LONGEST + 1], *end;
    locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (c == (locale_t)0)
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *out = strtod_l(copy, &end, c);
    freelocale(c);
    return end == copy + length;
}

bool br_number_read(const char *text, size_t length, double *out)
{
    parts p;
    if (length > LONGEST || !take_apart(text, text + length, &p))
        return false;
    if (!p.fits || p.mantissa > EXACT_MANTISSA || p.exponent > BR_NUMBER_POWERS || p.exponent < -BR_NUMBER_POWERS)
        return read_slowly(text, length, out);
    double value = (double)p.mantissa; /* exact, like the power: one rounding gives the nearest double */
    value = p.exponent < 0 ? value / br_number_powers[-p.exponent] : value * br_number_powers[p.exponent];
    *out = p.negative ? -value : value;
    return true;
}

bool br_number_float(const char *text, size_t length, char point, float *out)
{
    char copy[LONGEST];
    double value;
    if (length > LONGEST)
        return false;
    if (point != '.') {
        for (size_t i = 0; i < length; i++) {
            if (text[i] == '.')
                return false;
            copy[i] = text[i] == point ? '.' : text[i];
        }
        text = copy;
    }
    if (!br_number_read(text, length, &value))
        return false;
    *out = (float)value;
    return true;
}
