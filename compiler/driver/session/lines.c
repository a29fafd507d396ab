#include "session/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_LIMIT = 100000000 };

static uint32_t count_of(const session *session)
{
    return session->program->layer_count + session->program->phase_count;
}

static const bl_place *place_of(const session *session, uint32_t index)
{
    const bl_program *program = session->program;
    return index < program->layer_count ? &program->layers[index].place
                                        : &program->phases[index - program->layer_count].place;
}

/* ---- finding ---- */

/* As the text that was read has them. A model's own text is the one that `dump --stage=ast` writes. */
static int from_text(session *session, uint32_t index, const char *file)
{
    bc_line *out = &session->lines[index];
    bl_location at;
    if (!bl_locate(session->context, *place_of(session, index), &at))
        at = (bl_location){.file = session->path, .line = 1, .column = 1, .text = ""};
    out->file = file != NULL ? file : at.file;
    out->line = at.line;
    out->column = at.column;
    out->text = text_copy(session->cli, at.text, at.length);
    return out->text != NULL ? STATUS_DONE : STATUS_FAULT;
}

/* "LINE FILE\n" from a model file, which may hold anything; NULL where it isn't that. */
static const char *one_kept(const char *text, bc_line *out, char *file, size_t size)
{
    char *rest;
    unsigned long line = *text >= '1' && *text <= '9' ? strtoul(text, &rest, 10) : 0;
    if (line == 0 || line > LINE_LIMIT || *rest != ' ')
        return NULL;
    size_t length = strcspn(++rest, "\n");
    if (length == 0 || length >= size || rest[length] != '\n')
        return NULL;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)rest[i] < ' ' || rest[i] == '"' || rest[i] == '\\')
            return NULL;
    memcpy(file, rest, length);
    file[length] = '\0';
    out->line = (uint32_t)line;
    out->column = 1;
    return rest + length + 1;
}

/* Where the text that a model was trained from had them: that is the file its user will look into. */
static int from_model(session *session)
{
    const char *kept = session->facts->lines;
    char file[512];
    for (uint32_t i = 0; kept != NULL && i < count_of(session); i++) {
        bc_line line;
        kept = one_kept(kept, &line, file, sizeof file);
        if (kept == NULL)
            break;
        char *name = text_copy(session->cli, file, strlen(file));
        if (name == NULL)
            return STATUS_FAULT;
        session->line_files[i] = name;
        session->lines[i].file = name;
        session->lines[i].line = line.line;
        session->lines[i].column = line.column;
    }
    return STATUS_DONE;
}

int lines_find(session *session)
{
    uint32_t count = count_of(session);
    if (session->lines != NULL)
        return STATUS_DONE;
    session->lines = allocate(session->cli, count, sizeof *session->lines);
    session->line_files = allocate(session->cli, count + 1, sizeof *session->line_files);
    if (session->lines == NULL || session->line_files == NULL)
        return STATUS_FAULT;
    session->line_count = count;
    const char *file = NULL;
    if (session->file != NULL) {
        size_t length = strlen(session->program->name);
        char *name = allocate(session->cli, length + sizeof ".btn", 1);
        if (name == NULL)
            return STATUS_FAULT;
        memcpy(name, session->program->name, length);
        memcpy(name + length, ".btn", sizeof ".btn");
        file = session->line_files[count] = name;
    }
    int status = STATUS_DONE;
    for (uint32_t i = 0; i < count && status == STATUS_DONE; i++)
        status = from_text(session, i, file);
    return status == STATUS_DONE && session->file != NULL ? from_model(session) : status;
}

void lines_drop(session *session)
{
    for (uint32_t i = 0; i < session->line_count; i++) {
        free((char *)session->lines[i].text);
        free(session->line_files[i]);
    }
    if (session->line_files != NULL)
        free(session->line_files[session->line_count]);
    free(session->line_files);
    free(session->lines);
    session->lines = NULL;
}

/* ---- keeping ---- */

char *lines_text(const session *session)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    for (uint32_t i = 0; to != NULL && i < count_of(session); i++) {
        bl_location at = {.file = session->path, .line = 1};
        (void)bl_locate(session->context, *place_of(session, i), &at);
        const char *slash = strrchr(at.file, '/'); /* the same model wherever the file lies */
        fprintf(to, "%u %s\n", at.line, slash != NULL ? slash + 1 : at.file);
    }
    if (to == NULL || fclose(to) != 0) {
        free(text);
        text = NULL;
        (void)fail_memory(session->cli);
    }
    return text;
}

int lines_map(const session *session)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    br_error error;
    br_atomic_file *file;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(session->cli, &error);
    bc_code_functions(session->code, br_atomic_stream(file));
    return br_atomic_commit(file, &error) == 0 ? STATUS_DONE : fail_with(session->cli, &error);
}
