#include "emit/debug_lines.h"

#include <llvm-c/DebugInfo.h>
#include <stdlib.h>
#include <string.h>

enum { DWARF_VERSION = 4 };

struct bc_lines {
    const bc_plan *plan;
    LLVMDIBuilderRef builder;
    LLVMMetadataRef unit, type;
    const bc_line *here;
};

/* The folder is ".", so the code is the same wherever it is compiled. Debuggers look for the file in their own
 * folder. */
static LLVMMetadataRef file_of(bc_lines *l, const bc_line *line)
{
    return LLVMDIBuilderCreateFile(l->builder, line->file, strlen(line->file), ".", 1);
}

static void flag(bc_emit *e, const char *name, uint32_t value)
{
    LLVMMetadataRef number = LLVMValueAsMetadata(bc_i32(e, value));
    LLVMAddModuleFlag(e->module, LLVMModuleFlagBehaviorWarning, name, strlen(name), number);
}

void bc_lines_begin(bc_emit *e, const bc_plan *plan)
{
    static const char producer[] = "bouton " BR_VERSION;
    if (!plan->lines)
        return;
    bc_lines *l = calloc(1, sizeof *l);
    e->out_of_memory = e->out_of_memory || !l;
    if (!l)
        return;
    l->plan = plan;
    l->here = plan->lines;
    l->builder = LLVMCreateDIBuilder(e->module);
    l->unit = LLVMDIBuilderCreateCompileUnit(l->builder, LLVMDWARFSourceLanguageC99, file_of(l, l->here), producer,
                                             strlen(producer), 1, "", 0, 0, "", 0, LLVMDWARFEmissionLineTablesOnly, 0,
                                             0, 0, "", 0, "", 0);
    l->type = LLVMDIBuilderCreateSubroutineType(l->builder, file_of(l, l->here), NULL, 0, LLVMDIFlagZero);
    flag(e, "Debug Info Version", LLVMDebugMetadataVersion());
    flag(e, "Dwarf Version", DWARF_VERSION);
    e->lines = l;
}

void bc_lines_end(bc_emit *e)
{
    if (!e->lines)
        return;
    LLVMDIBuilderFinalize(e->lines->builder);
    LLVMDisposeDIBuilder(e->lines->builder);
    free(e->lines);
    e->lines = NULL;
}

/* Lines are those of the network's layers, of the phases, and of the readouts. */
void bc_lines_layer(bc_emit *e, uint32_t layer)
{
    if (!e->lines)
        return;
    const bl_program *program = e->lines->plan->program;
    e->lines->here = &e->lines->plan->lines[layer < program->layer_count ? layer : layer + program->phase_count];
}

void bc_lines_phase(bc_emit *e, uint32_t phase)
{
    if (e->lines && phase < e->lines->plan->program->phase_count)
        e->lines->here = &e->lines->plan->lines[e->lines->plan->program->layer_count + phase];
}

void bc_lines_function(bc_emit *e, const char *name)
{
    bc_lines *l = e->lines;
    if (!l)
        return;
    LLVMMetadataRef file = file_of(l, l->here);
    LLVMMetadataRef function =
        LLVMDIBuilderCreateFunction(l->builder, file, name, strlen(name), name, strlen(name), file, l->here->line,
                                    l->type, 0, 1, l->here->line, LLVMDIFlagZero, 1);
    LLVMSetSubprogram(e->function, function);
    LLVMSetCurrentDebugLocation2(
        e->builder, LLVMDIBuilderCreateDebugLocation(e->llvm, l->here->line, l->here->column, function, NULL));
}

/* ---- assembly with source lines ---- */

enum { FILES = 64 };

typedef struct text {
    const char *at;
    size_t length;
} text;

/* .file NUMBER "FOLDER" "NAME" */
static void name_file(const char *line, size_t length, text files[FILES])
{
    char *rest;
    unsigned long number = strtoul(line, &rest, 10);
    const char *last = line + length;
    const char *closing = length > 0 ? memrchr(line, '"', length) : NULL;
    const char *opening = closing ? memrchr(line, '"', (size_t)(closing - line)) : NULL;
    if (rest == line || number >= FILES || !opening || closing >= last)
        return;
    files[number] = (text){opening + 1, (size_t)(closing - opening) - 1};
}

/* .loc FILE LINE COLUMN */
static const bc_line *line_of(const bc_plan *plan, const char *loc, const text files[FILES])
{
    char *rest;
    unsigned long file = strtoul(loc, &rest, 10), number = strtoul(rest, &rest, 10);
    uint32_t count = plan->layer_count + plan->program->phase_count;
    for (uint32_t i = 0; file < FILES && i < count; i++) {
        const bc_line *line = &plan->lines[i];
        if (line->line == number && strlen(line->file) == files[file].length &&
            memcmp(line->file, files[file].at, files[file].length) == 0)
            return line;
    }
    return NULL;
}

static bool starts(const char *line, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

void bc_lines_weave(const bc_plan *plan, const char *assembly, size_t size, FILE *to)
{
    const char *comment = strncmp(plan->triple, "x86", 3) == 0 ? "#" : "//", *end = assembly + size;
    const bc_line *last = NULL;
    text files[FILES] = {{NULL, 0}};
    bool hidden = false;
    for (const char *at = assembly, *next; at < end; at = next) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at);
        next = at + length + (stop != NULL);
        if (starts(at, length, "\t.section\t") || starts(at, length, "\t.text")) {
            hidden = starts(at, length, "\t.section\t.debug");
            last = NULL;
        }
        bool file = starts(at, length, "\t.file\t"), loc = starts(at, length, "\t.loc\t");
        if (file)
            name_file(at + strlen("\t.file\t"), length - strlen("\t.file\t"), files);
        if (!hidden && !file && !loc && !starts(at, length, ".Ltmp"))
            fwrite(at, 1, (size_t)(next - at), to);
        if (!loc)
            continue;
        const bc_line *line = line_of(plan, at + strlen("\t.loc\t"), files);
        if (line && line != last)
            fprintf(to, "%s %s:%u: %s\n", comment, line->file, line->line, line->text);
        last = line ? line : last;
    }
}
