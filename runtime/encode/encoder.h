/* Encodings inside: steps over one image at a time. Between steps an image is planes of floats, [channels][height]
 * [width], raw values on 0..1; only the last steps, which make several values of one, change the number of
 * channels. */
#ifndef BR_ENCODE_H
#define BR_ENCODE_H

#include "bouton/runtime.h"

typedef struct br_encode_step {
    bt_encoding_kind kind;
    uint32_t height, width; /* of the box or patch */
    uint64_t patches;
    bool opponent;    /* its first channel is luminance, the others are colour differences */
    uint64_t numbers; /* where what it learned begins */
} br_encode_step;

struct br_encoder {
    uint32_t height, width, channels; /* of raw samples */
    uint32_t step_count;
    br_encode_step *steps;
    uint32_t levels;        /* of each channel: 1 without */
    bool split, complement; /* twice the channels come out */
    bool ended;             /* a step that makes several values of one has come */
    bool learned;
    uint64_t number_count;
    float *numbers; /* of a whitening step: [channels] filters of [height][width][channels] */
};

/* One image in work. Each thread has its own. */
typedef struct br_encode_work {
    float *planes;   /* the image */
    float *next;     /* what a step makes of it; then the two are swapped */
    double *sums;    /* [height + 1][width + 1]: sums over everything above and to the left */
    float *bordered; /* the planes with mirrored borders */
} br_encode_work;

/* Row or column of the window's middle: of even sizes the one after. */
static inline uint32_t br_window_middle(uint32_t side)
{
    return side / 2;
}

#endif
