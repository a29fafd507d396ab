/* Tells whoever follows an encoder how much of a step is done. */
#ifndef BR_FOLLOW_H
#define BR_FOLLOW_H

#include "encode/encoder.h"

typedef struct br_follow {
    const br_encoder *encoder;
    uint64_t done, total;
    double told; /* seconds of the clock */
} br_follow;

br_follow br_follow_new(const br_encoder *encoder, uint64_t total);

/* One more is done. False: the follower stops the step. Only one thread calls this. */
bool br_follow_one(br_follow *follow);

#endif
