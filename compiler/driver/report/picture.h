/* Pictures inside a page: PNG as data URIs. */
#ifndef BOUTON_DRIVER_PICTURE_H
#define BOUTON_DRIVER_PICTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "options/cli.h"

/* 256 colours for strengths with a sign: index 128 + strength * 127, strength in [-1, 1]. Inhibition is blue, excitation
 * is red, nothing is nearly white. Index 0 is the space between pictures, 1 is a silent connection's grey. */
enum { SIGNED_GAP = 0 };
uint8_t picture_signed(double strength);

typedef struct picture {
    uint32_t height, width;
    uint32_t channels;     /* 1: grey, or signed strengths; 3: red, green, blue */
    bool is_signed;        /* the colours are those of picture_signed */
    const uint8_t *pixels; /* [height][width][channels] */
} picture;

/* What a page may still spend on pictures, in bytes of its text. */
typedef struct picture_room {
    const command_line *cli;
    size_t left;
    uint32_t left_out; /* pictures that had no room */
} picture_room;

/* Writes <img>, `scale` times as large as its pixels, with a text that stands for it. A picture without room is left out
 * and counted; its text stands there instead. An exit status. */
int picture_draw(FILE *to, picture_room *room, const picture *picture, double scale, const char *text);

#endif
