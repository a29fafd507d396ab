/* The data structures of encoders. Steps are applied to one image at a time. Between steps an image consists of planes
 * of floats, [channels][height][width], with raw values mapped to 0..1. Only the last steps, which make several values
 * of each value, change the number of channels. */
#ifndef BR_ENCODER_H
#define BR_ENCODER_H

#include "bouton/runtime.h"

typedef struct br_encode_step {
    bt_encoding_kind kind;
    uint32_t height, width; /* of the box or patch */
    uint64_t patches;
    double epsilon;
    bool opponent;    /* the first channel is luminance, the others are colour differences */
    uint64_t numbers; /* first of the step's learned numbers */
} br_encode_step;

struct br_encoder {
    bt_shape shape; /* of raw samples */
    uint32_t step_count;
    br_encode_step *steps;
    uint32_t levels;        /* of each channel; 1 without levels */
    uint32_t tied;          /* N of tied levels; 0: none */
    float by;               /* tied: what one level is of the values of the planes */
    bool split, complement; /* the output has twice the channels */
    bool ended;             /* a step that makes several values of each value has been added */
    bool learned;
    bool (*advance)(void *user, uint64_t done, uint64_t total); /* NULL: nobody follows */
    void *user;
    uint64_t number_count;
    float *numbers; /* of a whitening step: [channels] filters of [height][width][channels] */
};

/* The buffers for one image. Each thread has its own. */
typedef struct br_encode_workspace {
    float *planes;   /* the image */
    float *next;     /* result of a step; then the two are swapped */
    double *sums;    /* [height + 1][width + 1]: sums over all pixels above and to the left */
    float *bordered; /* the planes with mirrored borders */
} br_encode_workspace;

/* Channels of a sample once it is encoded. */
uint32_t br_encoder_channels(const br_encoder *encoder);

/* Encodes one raw sample; the caller releases the bytes, of the shape given. BR_ERROR_CHECK: another shape, or whitening
 * that has not been learned. */
int br_encoder_sample(const br_encoder *encoder, const br_samples *samples, uint64_t index, uint8_t **bytes,
                      bt_shape *shape, br_error *error);

/* The row or column of a window's centre; of an even side, the second of the two middle ones. */
static inline uint32_t br_window_middle(uint32_t side)
{
    return side / 2;
}

#endif
