#include "report/diagnostic.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/context.h"

const bl_diagnostic_kind bl_diagnostic_kinds[BL_CODES] = {
#define DIAGNOSTIC(id, number, severity, message, mend, explanation)                                                   \
    {#id, number, severity, message, mend, explanation},
#include "report/diagnostic.def"
#undef DIAGNOSTIC
};

enum { ARGUMENTS = 8 };

/* Fills in a template. Returns false if the template uses an argument that is NULL. */
static bool fill_in(bl_text *out, const char *template, size_t length, const char *const *arguments)
{
    for (size_t i = 0; i < length; i++) {
        bool hole = template[i] == '{' && i + 2 < length && isdigit((unsigned char)template[i + 1]) &&
                    template[i + 2] == '}' && template[i + 1] - '0' < ARGUMENTS;
        if (!hole) {
            bl_text_add_bytes(out, template + i, 1);
            continue;
        }
        const char *argument = arguments[template[i + 1] - '0'];
        if (argument == NULL)
            return false;
        bl_text_add(out, argument);
        i += 2;
    }
    return true;
}

/* The first alternative of the help whose arguments are all given, or NULL. */
static const char *choose_mend(bl_arena *arena, const char *mend, const char *const *arguments)
{
    for (const char *at = mend; *at != '\0';) {
        size_t length = strcspn(at, "|");
        bl_text text = bl_text_new(arena);
        if (fill_in(&text, at, length, arguments))
            return text.data;
        at += length;
        at += *at == '|';
    }
    return NULL;
}

/* ---- corrections as data ---- */

typedef enum mend_way { REPLACE, REMOVE, NAME, OPTION, INSERT, BEHIND } mend_way;

typedef struct mend {
    bl_code code;
    mend_way way;
    const char *text;
} mend;

static const mend MENDS[] = {
#define MEND(id, way, text) {BL_##id, way, text},
#include "report/mend.def"
#undef MEND
};

static uint32_t word_length(const char *text)
{
    uint32_t length = 0;
    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

/* What a correction replaces. False: it does not apply to this place. */
static bool take_place(const bl_file *file, const mend *mend, const char *text, bl_place *place)
{
    const char *at = file->text + place->offset;
    uint32_t word = word_length(at);
    switch (mend->way) {
    case REPLACE:
        return true;
    case REMOVE: /* only a whole statement leaves nothing behind */
        return place->length > 0 && (at[place->length - 1] == ';' || at[place->length - 1] == '}');
    case NAME:
        place->length = word < place->length ? word : place->length;
        return word > 0;
    case OPTION:
        return word > 0 && word == word_length(text) && memcmp(at, text, word) == 0;
    case BEHIND:
        place->offset += place->length;
        break;
    case INSERT:
        break;
    }
    place->length = 0;
    return true;
}

/* Sets the correction of a diagnostic: the first of its code whose arguments are all given. */
static void set_replacement(bl_context *context, bl_diagnostic *diagnostic, const char *const *arguments)
{
    const bl_file *file = bl_context_file(context, diagnostic->place.file);
    for (size_t i = 0; i < sizeof MENDS / sizeof *MENDS && file != NULL; i++) {
        const mend *mend = &MENDS[i];
        bl_text text = bl_text_new(&context->arena);
        if (mend->code != diagnostic->code || !fill_in(&text, mend->text, strlen(mend->text), arguments))
            continue;
        diagnostic->replaced = diagnostic->place;
        if (take_place(file, mend, text.data, &diagnostic->replaced))
            diagnostic->replacement = text.data;
        return;
    }
}

static bool told_already(const bl_collector *collector, bl_code code, bl_place place)
{
    for (uint32_t i = 0; i < collector->kept_count; i++) {
        const bl_diagnostic *other = &collector->kept[i];
        if (other->code == code && other->place.file == place.file && other->place.offset == place.offset)
            return true;
    }
    return false;
}

bool bl_diagnostics_full(const bl_context *context)
{
    return context->diagnostics.kept_count == BL_MAX_DIAGNOSTICS;
}

/* Counts a diagnostic, and keeps it if fewer than BL_MAX_DIAGNOSTICS are kept. */
static bl_diagnostic *keep(bl_context *context, bl_diagnostic diagnostic)
{
    bl_collector *collector = &context->diagnostics;
    collector->errors += diagnostic.severity == BL_ERROR;
    collector->warnings += diagnostic.severity == BL_WARNING;
    if (collector->kept_count == BL_MAX_DIAGNOSTICS) {
        collector->dropped++;
        return NULL;
    }
    diagnostic.order = collector->kept_count;
    collector->kept = bl_grow(&context->arena, collector->kept, collector->kept_count, sizeof *collector->kept);
    collector->kept[collector->kept_count] = diagnostic;
    return &collector->kept[collector->kept_count++];
}

bl_diagnostic *bl_diagnose_with(bl_context *context, bl_code code, bl_place place, const char *const *arguments)
{
    const bl_diagnostic_kind *kind = &bl_diagnostic_kinds[code];
    if (bl_diagnostics_full(context))
        return keep(context, (bl_diagnostic){.severity = kind->severity});
    if (told_already(&context->diagnostics, code, place))
        return NULL;
    bl_text message = bl_text_new(&context->arena);
    fill_in(&message, kind->message, strlen(kind->message), arguments);
    bl_diagnostic diagnostic = {.code = code,
                                .severity = kind->severity,
                                .place = place,
                                .message = message.data,
                                .mend = choose_mend(&context->arena, kind->mend, arguments)};
    set_replacement(context, &diagnostic, arguments);
    return keep(context, diagnostic);
}

void bl_remark_on(bl_diagnostic *diagnostic, bl_place place, const char *message)
{
    if (diagnostic != NULL)
        diagnostic->remark = (bl_remark){.place = place, .message = message};
}

typedef struct report {
    bl_severity severity;
    bl_place place;
    const char *message, *mend;
} report;

static int add_report(bl_context *context, void *argument)
{
    const report *report = argument;
    bl_arena *arena = &context->arena;
    keep(context, (bl_diagnostic){
                      .code = BL_GENERAL,
                      .severity = report->severity,
                      .place = report->place,
                      .message = bl_copy_text(arena, report->message, strlen(report->message)),
                      .mend = report->mend == NULL ? NULL : bl_copy_text(arena, report->mend, strlen(report->mend))});
    return 0;
}

void bl_report(bl_context *context, bl_severity severity, bl_place place, const char *message, const char *mend)
{
    report report = {severity, place, message, mend};
    bl_guard(context, add_report, &report);
}

uint32_t bl_error_count(const bl_context *context)
{
    return context->diagnostics.errors;
}

uint32_t bl_warning_count(const bl_context *context)
{
    return context->diagnostics.warnings;
}

void bl_code_text(bl_code code, bl_severity severity, char out[8])
{
    char letter = severity == BL_ERROR ? 'E' : severity == BL_WARNING ? 'W' : 'N';
    snprintf(out, 8, "%c%04u", letter, bl_diagnostic_kinds[code].number % 10000);
}

const bl_diagnostic_kind *bl_diagnostic_find(const char *code)
{
    if (*code != '\0' && strchr("EeWwNn", *code) != NULL)
        code++;
    char *end;
    unsigned long number = strtoul(code, &end, 10);
    if (!isdigit((unsigned char)*code) || *end != '\0')
        return NULL;
    for (size_t i = 0; i < BL_CODES; i++)
        if (bl_diagnostic_kinds[i].number == number)
            return &bl_diagnostic_kinds[i];
    return NULL;
}

bool bl_explain_at(size_t index, bl_explanation *out)
{
    if (index >= BL_CODES)
        return false;
    const bl_diagnostic_kind *kind = &bl_diagnostic_kinds[index];
    *out = (bl_explanation){
        .severity = kind->severity, .message = kind->message, .mend = kind->mend, .text = kind->explanation};
    bl_code_text((bl_code)index, kind->severity, out->code);
    return true;
}

bool bl_explain(const char *code, bl_explanation *out)
{
    const bl_diagnostic_kind *kind = bl_diagnostic_find(code);
    return kind != NULL && bl_explain_at((size_t)(kind - bl_diagnostic_kinds), out);
}
