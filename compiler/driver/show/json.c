#include "show/json.h"

#include "options/console.h"

int json_deliver(const command_line *cli, json_t *result, size_t how, FILE *to)
{
    if (result == NULL)
        return fail_memory(cli);
    json_dumpf(result, to, how | JSON_REAL_PRECISION(9)); /* main checks standard output at the end */
    fputc('\n', to);
    json_decref(result);
    return STATUS_DONE;
}
