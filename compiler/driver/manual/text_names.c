#include "manual/text_names.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bouton/lang.h"

/* The text in canonical layout, where a name stands at a known place of its line. Statements with mistakes are missing.
 * NULL: there is none. The caller releases it. */
static char *canonical_text(const char *path)
{
    struct stat facts;
    br_model_file *file = NULL;
    br_error error;
    char *text = NULL;
    size_t length;
    if (path == NULL || stat(path, &facts) != 0 || !S_ISREG(facts.st_mode))
        return NULL;
    bl_context *context = bl_context_new();
    FILE *to = context != NULL ? open_memstream(&text, &length) : NULL;
    if (to != NULL) {
        const char *end = strrchr(path, '.');
        int result = -1;
        if (end == NULL || strcmp(end, ".safetensors") != 0)
            result = bl_load(context, path);
        else if (br_model_open(path, &file, &error) == 0)
            result = bl_load_text(context, path, br_model_facts(file)->source, strlen(br_model_facts(file)->source));
        if (result == 0)
            bl_dump_ast(context, to);
        br_model_close(file);
        fclose(to);
    }
    bl_context_free(context);
    return text;
}

/* The name that stands behind `start` at the beginning of a line. */
static bool read_name(const char *line, const char *start, text_name *out)
{
    size_t lead = strlen(start);
    if (strncmp(line, start, lead) != 0)
        return false;
    size_t length = strcspn(line + lead, " =;{\n");
    if (length == 0 || length >= sizeof out->text)
        return false;
    memcpy(out->text, line + lead, length);
    out->text[length] = '\0';
    return true;
}

static bool read_line(const char *line, text_name *out)
{
    *out = (text_name){.kind = TEXT_NAME_LET};
    if (read_name(line, "let ", out)) {
        const char *equals = strstr(line, "= ");
        if (equals != NULL)
            snprintf(out->value, sizeof out->value, "%.*s", (int)strcspn(equals + 2, ";\n"), equals + 2);
        return true;
    }
    out->kind = TEXT_NAME_NETWORK;
    if (read_name(line, "network ", out))
        return true;
    out->kind = TEXT_NAME_LAYER;
    return read_name(line, "  layer ", out);
}

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (const char *at = text; at != NULL && *at != '\0'; at += strcspn(at, "\n"), at += *at == '\n')
        count++;
    return count;
}

void text_names_read(const char *path, text_names *out)
{
    char *text = canonical_text(path);
    *out = (text_names){0};
    out->list = calloc(count_lines(text) + 1, sizeof *out->list);
    for (const char *at = text; out->list != NULL && at != NULL && *at != '\0'; at += *at == '\n') {
        if (read_line(at, &out->list[out->count]))
            out->count++;
        at += strcspn(at, "\n");
    }
    free(text);
}

void text_names_free(text_names *names)
{
    free(names->list);
    *names = (text_names){0};
}
