#include "base/each_rank.h"

#include <string.h>

#include "base/memory.h"

int br_each_rank(const br_ranks *ranks, void *all, uint64_t bytes, br_error *error)
{
    uint64_t *each = br_new(ranks->size, sizeof *each, error);
    for (uint32_t q = 0; each != NULL && q < ranks->size; q++)
        each[q] = bytes;
    int status = each != NULL ? ranks->gather(ranks->user, all, each, error) : -1;
    br_release(each);
    return status;
}

void *br_each_rank_new(const br_ranks *ranks, const void *mine, uint64_t bytes, br_error *error)
{
    char *all = br_new(ranks->size, bytes, error);
    if (all == NULL)
        return NULL;
    memcpy(all + ranks->rank * bytes, mine, bytes);
    if (br_each_rank(ranks, all, bytes, error) == 0)
        return all;
    br_release(all);
    return NULL;
}
