#include "verbs/build_source.h"

#include <limits.h>
#include <string.h>

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
