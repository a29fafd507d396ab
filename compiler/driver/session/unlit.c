#include "session/unlit.h"

#include <stdlib.h>

#include "options/console.h"

static void look_at(const br_samples *samples, unlit_values *out)
{
    for (uint64_t n = 0; n < samples->count; n++)
        for (uint64_t i = 0; i < out->values; i++) {
            uint64_t at = n * out->values + i;
            double raw = samples->bytes != NULL ? (double)samples->bytes[at] : (double)samples->floats[at];
            out->lit[i] |= raw > samples->low;
        }
    out->samples += samples->count;
}

int unlit_find(const command_line *cli, const br_data *data, unlit_values *out)
{
    const br_samples *train = br_data_split(data, BT_SPLIT_TRAIN);
    *out = (unlit_values){.values = bt_values(train->shape)};
    out->lit = calloc(out->values, 1);
    if (out->lit == NULL)
        return fail_memory(cli);
    look_at(train, out);
    look_at(br_data_split(data, BT_SPLIT_VALIDATION), out);
    for (uint64_t i = 0; i < out->values; i++)
        out->unlit += out->lit[i] == 0;
    return STATUS_DONE;
}
