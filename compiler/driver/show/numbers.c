#include "show/numbers.h"

#include <math.h>
#include <stdio.h>

const char *number_grouped(number_buffer text, uint64_t value)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    char *to = text;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

const char *number_bytes(number_buffer text, uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    int unit = -1;
    for (; value >= 999.5 && unit < 5; unit++)
        value /= 1000;
    if (unit < 0)
        snprintf(text, NUMBER_SIZE, "%llu B", (unsigned long long)bytes);
    else
        snprintf(text, NUMBER_SIZE, value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return text;
}

const char *number_scaled(number_buffer text, double value)
{
    static const char *const units[] = {"", " k", " M", " G", " T"};
    int unit = 0;
    for (; value >= 999.5 && unit < 4; unit++)
        value /= 1000;
    snprintf(text, NUMBER_SIZE, value < 9.995 ? "%.2f%s" : value < 99.95 ? "%.1f%s" : "%.0f%s", value, units[unit]);
    return text;
}

const char *number_seconds(number_buffer text, double seconds)
{
    if (seconds < 0.9995e-6)
        snprintf(text, NUMBER_SIZE, "%.0f ns", seconds * 1e9);
    else if (seconds < 0.9995e-3)
        snprintf(text, NUMBER_SIZE, seconds < 0.00995e-3 ? "%.2f us" : "%.1f us", seconds * 1e6);
    else if (seconds < 0.9995)
        snprintf(text, NUMBER_SIZE, seconds < 0.00995 ? "%.2f ms" : "%.0f ms", seconds * 1e3);
    else if (seconds < 99.95)
        snprintf(text, NUMBER_SIZE, "%.1f s", seconds);
    else
        number_clock(text, seconds);
    return text;
}

const char *number_clock(number_buffer text, double seconds)
{
    double whole = ceil(seconds);
    if (whole < 100)
        snprintf(text, NUMBER_SIZE, "%.0f s", whole);
    else if (whole < 3600)
        snprintf(text, NUMBER_SIZE, "%.0f min %02.0f s", floor(whole / 60), fmod(whole, 60));
    else
        snprintf(text, NUMBER_SIZE, "%.0f h %02.0f min", floor(whole / 3600), floor(fmod(whole, 3600) / 60));
    return text;
}
