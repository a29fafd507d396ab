#include "verbs/build_source.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "options/console.h"
#include "options/paths.h"

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
    bc_source_code(source, path_name(header), code); /* outputs_commit checks for write errors */
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
