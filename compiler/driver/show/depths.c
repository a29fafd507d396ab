#include "show/depths.h"

#include <string.h>

void depths_line(const br_depth *depths, uint32_t count, FILE *to)
{
    for (uint32_t i = 0; i < count; i++)
        fprintf(to, "%s%.*s %.2f%%", i == 0 ? "  readouts  " : "  ", (int)strcspn(depths[i].layer, "."),
                depths[i].layer, 100 * depths[i].accuracy);
    if (count > 0)
        fputc('\n', to);
}

json_t *depths_json(const br_depth *depths, uint32_t count)
{
    json_t *all = json_object();
    bool lost = false;
    for (uint32_t i = 0; i < count; i++)
        lost = json_object_setn_new(all, depths[i].layer, strcspn(depths[i].layer, "."),
                                    json_real(depths[i].accuracy)) != 0 ||
               lost;
    if (!lost)
        return all;
    json_decref(all);
    return NULL;
}
