#include "options/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool number_read(const char *text, uint64_t *out)
{
    if (*text == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    errno = 0;
    unsigned long long value = strtoull(text, NULL, 10);
    if (errno != 0)
        return false;
    *out = value;
    return true;
}

/* Reads the seed at the start of the text; returns what stands behind it, or NULL. */
static const char *read_seed(const char *text, uint64_t *out)
{
    char digits[24];
    size_t length = strspn(text, "0123456789");
    if (length >= sizeof digits)
        return NULL;
    memcpy(digits, text, length);
    digits[length] = '\0';
    return number_read(digits, out) ? text + length : NULL;
}

bool seeds_read(const char *text, uint64_t *out, size_t *count)
{
    uint64_t first, last;
    *count = 0;
    for (const char *at = text; at != NULL; at = *at == ',' ? at + 1 : NULL) {
        at = read_seed(at, &first);
        last = first;
        if (at != NULL && strncmp(at, "..", 2) == 0)
            at = read_seed(at + 2, &last);
        if (at == NULL || (*at != '\0' && *at != ',') || last < first || last - first >= SEEDS_MOST - *count)
            return false;
        for (uint64_t i = 0; i <= last - first; i++, ++*count)
            if (out != NULL)
                out[*count] = first + i;
    }
    return true;
}

/* Reads the number at the start of the text; *end points behind it. */
static bool read_digits(const char *text, double *out, const char **end)
{
    char *behind;
    size_t digits = strspn(text, "0123456789.");
    if (digits == 0) /* refuses signs and the hexadecimal, infinite and NaN values that strtod accepts */
        return false;
    *out = strtod(text, &behind);
    *end = behind;
    return behind == text + digits;
}

bool decimal_read(const char *text, double *out)
{
    const char *end;
    return read_digits(text, out, &end) && *end == '\0';
}

bool points_read(const char *text, double *out)
{
    double value;
    if (!decimal_read(text, &value) || !(value <= 100))
        return false;
    *out = value;
    return true;
}

bool share_read(const char *text, double *out)
{
    const char *end;
    double value;
    if (!read_digits(text, &value, &end))
        return false;
    if (*end == '%') {
        value /= 100;
        end++;
    }
    if (*end != '\0' || !(value >= 0 && value <= 1))
        return false;
    *out = value;
    return true;
}

/* A whole number of bytes, with K or M behind it or not; *end is what follows it. */
static bool bytes_read(const char *text, uint64_t *out, const char **end)
{
    char digits[16];
    size_t length = strspn(text, "0123456789");
    if (length == 0 || length >= sizeof digits)
        return false;
    snprintf(digits, sizeof digits, "%.*s", (int)length, text);
    if (!number_read(digits, out))
        return false;
    *end = text + length;
    uint64_t unit = **end == 'K' ? 1u << 10 : **end == 'M' ? 1u << 20 : 1;
    *end += unit > 1;
    if (*out > UINT32_MAX / unit)
        return false;
    *out *= unit;
    return true;
}

bool budget_read(const char *text, uint64_t *flash, uint64_t *ram)
{
    *flash = *ram = UINT64_MAX;
    for (;;) {
        uint64_t *limit = strncmp(text, "flash=", 6) == 0 ? flash : strncmp(text, "ram=", 4) == 0 ? ram : NULL;
        if (limit == NULL || *limit != UINT64_MAX || !bytes_read(strchr(text, '=') + 1, limit, &text))
            return false;
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
}
