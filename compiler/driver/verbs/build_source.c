#include "verbs/build_source.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/console.h"

/* The kit of each artefact that is a folder, and 1; 0: another artefact. */
static const int kits[ARTEFACT_COUNT] = {[ARTEFACT_arduino] = BC_KIT_ARDUINO + 1,
                                         [ARTEFACT_platformio] = BC_KIT_PLATFORMIO + 1,
                                         [ARTEFACT_zephyr] = BC_KIT_ZEPHYR + 1,
                                         [ARTEFACT_espidf] = BC_KIT_ESP_IDF + 1};

bool source_asked(artefact_id emit)
{
    return emit == ARTEFACT_c || kits[emit] > 0;
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

/* ---- files ---- */

static int write_pair(const bc_source *source, const char *base, output_files *outputs)
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

/* Makes the folders of a path; those that are there already are fine. */
static int make_folders(const command_line *cli, char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        if (!made)
            return fail(cli, STATUS_IO, "%s: the folder can't be created: %s", path, strerror(errno));
        *slash = '/';
    }
    return STATUS_DONE;
}

static int write_kit_file(const bc_source *source, bc_kit kit, uint32_t file, const char *folder, output_files *outputs)
{
    char *path = NULL;
    size_t size;
    FILE *to = open_memstream(&path, &size);
    if (to == NULL)
        return fail_memory(outputs->cli);
    fprintf(to, "%s/", folder);
    bc_kit_path(source, kit, file, to);
    int status = fclose(to) == 0 ? make_folders(outputs->cli, path) : fail_memory(outputs->cli);
    if (status == STATUS_DONE) {
        to = outputs_open(outputs, path, false);
        status = to != NULL ? STATUS_DONE : STATUS_IO;
    }
    if (status == STATUS_DONE)
        bc_kit_write(source, kit, file, to); /* outputs_commit checks for write errors */
    free(path);
    return status;
}

int source_write(const bc_source *source, artefact_id emit, const char *base, output_files *outputs)
{
    if (kits[emit] == 0)
        return write_pair(source, base, outputs);
    bc_kit kit = (bc_kit)(kits[emit] - 1);
    int status = STATUS_DONE;
    for (uint32_t file = 0; status == STATUS_DONE && file < bc_kit_count(kit); file++)
        status = write_kit_file(source, kit, file, base, outputs);
    return status;
}
