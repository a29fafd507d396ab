#include "session/lines.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options/paths.h"

enum { LINE_LIMIT = 100000000 };

static uint32_t count_of(const bl_program *program)
{
    return program->layer_count + program->phase_count + program->readout_layers;
}

static const bl_place *place_of(const bl_program *program, uint32_t index)
{
    uint32_t phases = program->layer_count + program->phase_count;
    return index < program->layer_count ? &program->layers[index].place
           : index < phases             ? &program->phases[index - program->layer_count].place
                                        : &program->layers[index - program->phase_count].place;
}

/* ---- finding lines ---- */

/* Takes the line from the text that was parsed. For a trained model, that is the text which `dump --stage=ast`
 * prints. */
static int from_text(const command_line *cli, const network_source *source, uint32_t index, const char *file,
                     bc_line *out)
{
    bl_location at;
    if (!bl_locate(source->context, *place_of(source->program, index), &at))
        at = (bl_location){.file = source->path, .line = 1, .column = 1, .text = ""};
    out->file = file != NULL ? file : at.file;
    out->line = at.line;
    out->column = at.column;
    out->text = text_copy(cli, at.text, at.length);
    return out->text != NULL ? STATUS_DONE : STATUS_FAULT;
}

/* Reads "LINE FILE\n" of a model file. The file may hold anything; NULL if the text has another form. */
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

/* Takes the lines of the text that the model was trained from, because that is the file its user will open. */
static int from_model(const command_line *cli, const network_source *source, text_lines *lines)
{
    const char *kept = source->facts->lines;
    char file[512];
    for (uint32_t i = 0; kept != NULL && i < count_of(source->program); i++) {
        bc_line line;
        kept = one_kept(kept, &line, file, sizeof file);
        if (kept == NULL)
            break;
        char *name = text_copy(cli, file, strlen(file));
        if (name == NULL)
            return STATUS_FAULT;
        lines->files[i] = name;
        lines->all[i].file = name;
        lines->all[i].line = line.line;
        lines->all[i].column = line.column;
    }
    return STATUS_DONE;
}

int lines_find(const command_line *cli, const network_source *source, text_lines *lines)
{
    uint32_t count = count_of(source->program);
    if (lines->all != NULL)
        return STATUS_DONE;
    lines->all = allocate(cli, count, sizeof *lines->all);
    lines->files = allocate(cli, count + 1, sizeof *lines->files);
    if (lines->all == NULL || lines->files == NULL)
        return STATUS_FAULT;
    lines->count = count;
    const char *file = NULL;
    if (source->file != NULL) {
        size_t length = strlen(source->program->name);
        char *name = allocate(cli, length + sizeof ".btn", 1);
        if (name == NULL)
            return STATUS_FAULT;
        memcpy(name, source->program->name, length);
        memcpy(name + length, ".btn", sizeof ".btn");
        file = lines->files[count] = name;
    }
    int status = STATUS_DONE;
    for (uint32_t i = 0; i < count && status == STATUS_DONE; i++)
        status = from_text(cli, source, i, file, &lines->all[i]);
    return status == STATUS_DONE && source->file != NULL ? from_model(cli, source, lines) : status;
}

void lines_drop(text_lines *lines)
{
    for (uint32_t i = 0; i < lines->count; i++) {
        free((char *)lines->all[i].text);
        free(lines->files[i]);
    }
    if (lines->files != NULL)
        free(lines->files[lines->count]);
    free(lines->files);
    free(lines->all);
    lines->all = NULL;
}

/* ---- writing lines ---- */

/* Prints the name of a text without its folder, since the model does not depend on where the text lies. A model file
 * holds only UTF-8: in a name of another encoding, `?` stands for each byte outside ASCII. */
static void print_name(const char *file, FILE *to)
{
    const char *name = path_name(file);
    json_t *text = json_string(name); /* NULL for other encodings */
    for (; *name != '\0'; name++)
        fputc(text == NULL && (unsigned char)*name >= 0x80 ? '?' : *name, to);
    json_decref(text);
}

char *lines_text(const command_line *cli, const network_source *source)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    for (uint32_t i = 0; to != NULL && i < count_of(source->program); i++) {
        bl_location at = {.file = source->path, .line = 1};
        (void)bl_locate(source->context, *place_of(source->program, i), &at);
        fprintf(to, "%u ", at.line);
        print_name(at.file, to);
        fputc('\n', to);
    }
    if (to == NULL || fclose(to) != 0) {
        free(text);
        text = NULL;
        (void)fail_memory(cli);
    }
    return text;
}

int lines_map(const command_line *cli, const bc_code *code)
{
    char path[64];
    snprintf(path, sizeof path, "/tmp/perf-%ld.map", (long)getpid());
    br_error error;
    br_atomic_file *file;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    bc_code_functions(code, br_atomic_stream(file));
    return br_atomic_commit(file, &error) == 0 ? STATUS_DONE : fail_with(cli, &error);
}
