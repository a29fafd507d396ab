#include "verbs/build_source.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"

bool source_asked(artefact_id emit)
{
    return emit == ARTEFACT_c;
}

const char *source_word(artefact_id emit)
{
    static const char *const words[ARTEFACT_COUNT] = {
#define X(name, ending, summary) #name,
        ARTEFACTS(X)
#undef X
    };
    return words[emit];
}

/* A value at the low end of its range is an activation of 0. */
static void find_lit(const br_samples *samples, uint64_t values, uint8_t *lit)
{
    for (uint64_t n = 0; n < samples->count; n++)
        for (uint64_t i = 0; i < values; i++)
            lit[i] |= samples->bytes != NULL ? samples->bytes[n * values + i] > samples->low
                                             : (double)samples->floats[n * values + i] > samples->low;
}

int source_lit(const command_line *cli, const bl_program *program, const br_data *data, uint8_t **lit)
{
    const bt_shape shape = program->input.encoded;
    uint64_t values = (uint64_t)shape.height * shape.width * shape.channels, dark = 0;
    *lit = calloc(values, 1);
    if (*lit == NULL)
        return fail_memory(cli);
    find_lit(br_data_split(data, BT_SPLIT_TRAIN), values, *lit);
    find_lit(br_data_split(data, BT_SPLIT_VALIDATION), values, *lit);
    for (uint64_t i = 0; i < values; i++)
        dark += (*lit)[i] == 0;
    fprintf(cli_out(cli), "%llu of %llu values of the input are 0 in every training and validation sample\n",
            (unsigned long long)dark, (unsigned long long)values);
    return STATUS_DONE;
}

int source_write(const bc_source *source, const char *base, output_files *outputs)
{
    char path[PATH_MAX], header[PATH_MAX];
    size_t length = strlen(base);
    if (length > 2 && strcmp(base + length - 2, ".c") == 0)
        length -= 2;
    snprintf(path, sizeof path, "%.*s.c", (int)length, base);
    snprintf(header, sizeof header, "%.*s.h", (int)length, base);
    FILE *code = outputs_open(outputs, path, false);
    if (code == NULL)
        return STATUS_IO;
    const char *slash = strrchr(header, '/');
    bc_source_code(source, slash != NULL ? slash + 1 : header, code); /* outputs_commit checks for write errors */
    FILE *interface = outputs_open(outputs, header, false);
    if (interface == NULL)
        return STATUS_IO;
    bc_source_header(source, interface);
    return STATUS_DONE;
}
