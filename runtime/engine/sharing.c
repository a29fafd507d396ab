#include "engine/sharing.h"

#include "base/memory.h"
#include "engine/forward.h"

static br_sample_range samples_of(const br_network *network, uint64_t count, uint32_t size, uint32_t rank)
{
    uint64_t block = br_block_of(network->model), blocks = (count + block - 1) / block;
    uint64_t from = blocks * rank / size * block, to = blocks * (rank + 1) / size * block;
    return (br_sample_range){from < count ? from : count, to < count ? to : count};
}

br_sample_range br_own_samples(const br_network *network, uint64_t count, const br_ranks *ranks)
{
    return samples_of(network, count, ranks ? ranks->size : 1, ranks ? ranks->rank : 0);
}

/* How many results there are of samples below `sample`. */
static uint64_t results_below(const br_results *results, uint64_t sample)
{
    uint64_t end = sample < results->end ? sample : results->end;
    return (end + results->stride - 1) / results->stride;
}

int br_gather_results(const br_network *network, uint64_t count, const br_ranks *ranks, const br_results *results,
                      br_error *error)
{
    if (!ranks)
        return 0;
    uint64_t *bytes = br_new(ranks->size, sizeof *bytes, error);
    if (!bytes)
        return -1;
    for (uint32_t q = 0; q < ranks->size; q++) {
        br_sample_range theirs = samples_of(network, count, ranks->size, q);
        bytes[q] = (results_below(results, theirs.to) - results_below(results, theirs.from)) * results->each;
    }
    int status = ranks->gather(ranks->user, results->values, bytes, error);
    br_release(bytes);
    return status;
}
