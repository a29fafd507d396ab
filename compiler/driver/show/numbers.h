/* Numbers as people read them. The locale is C throughout: a point is a point. */
#ifndef BOUTON_DRIVER_NUMBERS_H
#define BOUTON_DRIVER_NUMBERS_H

#include <stdint.h>

/* Short texts for a value, in room of the caller's that is returned. */
#define NUMBER_ROOM 32
typedef char number_room[NUMBER_ROOM];
const char *number_grouped(number_room room, uint64_t value); /* 1,234,567 */
const char *number_bytes(number_room room, uint64_t bytes);   /* 1.6 MB */
const char *number_scaled(number_room room, double value);    /* 61.2 G */
const char *number_seconds(number_room room, double seconds); /* 41 ms, 12.3 s, 3 min 05 s */
const char *number_clock(number_room room, double seconds);   /* whole seconds, rounded up: 12 s, 1 h 05 min */

#endif
