/* Formats numbers for people. The program stays in the C locale, so the decimal separator is a point. */
#ifndef BOUTON_DRIVER_NUMBERS_H
#define BOUTON_DRIVER_NUMBERS_H

#include <stdint.h>

/* Write a short text to the caller's buffer and return that buffer. */
#define NUMBER_SIZE 32
typedef char number_buffer[NUMBER_SIZE];
const char *number_grouped(number_buffer text, uint64_t value); /* 1,234,567 */
const char *number_bytes(number_buffer text, uint64_t bytes);   /* 1.6 MB */
const char *number_scaled(number_buffer text, double value);    /* 61.2 G */
const char *number_seconds(number_buffer text, double seconds); /* 41 ms, 12.3 s, 3 min 05 s */
const char *number_clock(number_buffer text, double seconds);   /* whole seconds, rounded up: 12 s, 1 h 05 min */

#endif
