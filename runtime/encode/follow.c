#include "encode/follow.h"

#include "base/clock.h"

#define TELL_EVERY 0.1 /* seconds */

br_follow br_follow_new(const br_encoder *encoder, uint64_t total)
{
    return (br_follow){.encoder = encoder, .total = total, .told = br_now() - TELL_EVERY}; /* the first one tells */
}

bool br_follow_one(br_follow *follow)
{
    const br_encoder *e = follow->encoder;
    follow->done++;
    if (e->advance == NULL || br_now() - follow->told < TELL_EVERY)
        return true;
    follow->told = br_now();
    return e->advance(e->user, follow->done, follow->total);
}
