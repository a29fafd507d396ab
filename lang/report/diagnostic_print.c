/* Writes diagnostics, as text for people and as JSON for tools. */
#include <jansson.h>
#include <string.h>

#include "base/text.h"
#include "report/context.h"

enum { EXCERPT_WIDTH = 120 }; /* bytes of a line shown around the place */

typedef struct paint {
    const char *error, *warning, *note, *mend, *strong, *plain;
} paint;

static const paint COLOURS = {"\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m", "\x1b[32m", "\x1b[1m", "\x1b[0m"};
static const paint NO_COLOURS = {"", "", "", "", "", ""};

static const char *severity_name(bl_severity severity)
{
    return severity == BL_ERROR ? "error" : severity == BL_WARNING ? "warning" : "note";
}

static const char *severity_colour(const paint *paint, bl_severity severity)
{
    return severity == BL_ERROR ? paint->error : severity == BL_WARNING ? paint->warning : paint->note;
}

static const char *clean(bl_context *context, const char *text)
{
    return bl_clean_text(&context->arena, text, strlen(text));
}

/* The offset of the first byte of a character. Steps back at most three bytes, so that invalid UTF-8 does no harm. */
static uint32_t character_start(const bl_position *at, uint32_t offset)
{
    for (int steps = 0; steps < 3 && offset > 0 && offset < at->excerpt_length; steps++)
        offset -= ((unsigned char)at->excerpt[offset] & 0xc0) == 0x80;
    return offset;
}

/* Only the part of a long line around the place is shown. */
static void window(const bl_position *at, uint32_t *first, uint32_t *last)
{
    uint32_t lead = at->lead < at->excerpt_length ? at->lead : at->excerpt_length;
    *first = lead > EXCERPT_WIDTH * 2 / 3 ? character_start(at, lead - EXCERPT_WIDTH / 2) : 0;
    *last =
        at->excerpt_length - *first > EXCERPT_WIDTH ? character_start(at, *first + EXCERPT_WIDTH) : at->excerpt_length;
}

/* Writes the line and, below it, a mark for each character of the place. Tabs are repeated so that the marks align. */
static void write_excerpt(bl_context *context, bl_text *out, const bl_position *at, uint32_t length, const char *colour,
                          const char *plain)
{
    uint32_t lead = at->lead < at->excerpt_length ? at->lead : at->excerpt_length, first, last;
    window(at, &first, &last);
    const char *shown = bl_clean_text(&context->arena, at->excerpt + first, last - first);
    bl_text_format(out, "    %s\n    ", shown);
    for (uint32_t i = first; i < lead;) {
        size_t step = bl_utf8_length(at->excerpt + i, lead - i);
        bl_text_add(out, at->excerpt[i] == '\t' ? "\t" : " ");
        i += step == 0 ? 1 : (uint32_t)step;
    }
    bl_text_add(out, colour);
    bl_text_add(out, "^");
    for (uint32_t i = lead, end = length > last - lead ? last : lead + length; i < end;) {
        size_t step = bl_utf8_length(at->excerpt + i, end - i);
        if (i > lead)
            bl_text_add(out, at->excerpt[i] == '\t' ? "\t" : "~");
        i += step == 0 ? 1 : (uint32_t)step;
    }
    bl_text_format(out, "%s\n", plain);
}

static void write_head(bl_context *context, bl_text *out, bl_place place, bl_position *at, const paint *paint)
{
    const bl_file *file = bl_context_file(context, place.file);
    *at = (bl_position){0};
    if (file == NULL)
        return;
    *at = bl_file_position(file, place.offset);
    bl_text_format(out, "%s%s:%u:%u:%s ", paint->strong, clean(context, at->file), at->line, at->column, paint->plain);
}

static void write_one(bl_context *context, bl_text *out, const bl_finding *diagnostic, const paint *paint)
{
    bl_position at;
    const char *colour = severity_colour(paint, diagnostic->severity);
    write_head(context, out, diagnostic->place, &at, paint);
    bl_text_format(out, "%s%s[%s]:%s %s%s%s\n", colour, severity_name(diagnostic->severity), diagnostic->code,
                   paint->plain, paint->strong, clean(context, diagnostic->message), paint->plain);
    if (at.excerpt != NULL)
        write_excerpt(context, out, &at, diagnostic->place.length, colour, paint->plain);
    if (diagnostic->mend != NULL)
        bl_text_format(out, "  %shelp:%s %s\n", paint->mend, paint->plain, clean(context, diagnostic->mend));
    if (diagnostic->remark == NULL)
        return;
    write_head(context, out, diagnostic->remark_place, &at, paint);
    bl_text_format(out, "%snote:%s %s\n", paint->note, paint->plain, clean(context, diagnostic->remark));
    if (at.excerpt != NULL)
        write_excerpt(context, out, &at, diagnostic->remark_place.length, paint->note, paint->plain);
}

typedef struct writing {
    FILE *to;
    bool color;
} writing;

static int write_text(bl_context *context, void *argument)
{
    const writing *writing = argument;
    const bl_findings sorted = bl_diagnostics_sorted(context);
    for (uint32_t i = 0; i < sorted.count; i++) {
        bl_text out = bl_text_new(&context->arena);
        write_one(context, &out, &sorted.list[i], writing->color ? &COLOURS : &NO_COLOURS);
        fwrite(out.data, 1, out.length, writing->to);
    }
    if (context->diagnostics.dropped > 0)
        fprintf(writing->to, "... and %u more\n", context->diagnostics.dropped);
    return 0;
}

void bl_write_diagnostics(const bl_context *context, FILE *to, bool color)
{
    writing writing = {to, color};
    bl_guard((bl_context *)context, write_text, &writing);
}

/* All texts of a diagnostic. They are built before jansson allocates, so that a jump out of the arena leaks nothing. */
typedef struct located {
    const char *file, *message, *excerpt; /* `file` is NULL for BL_NOWHERE */
    bl_position at;
    bl_place place;
} located;

static located locate(bl_context *context, bl_place place, const char *message)
{
    located located = {.place = place, .message = clean(context, message)};
    const bl_file *file = bl_context_file(context, place.file);
    if (file == NULL)
        return located;
    located.at = bl_file_position(file, place.offset);
    located.file = clean(context, located.at.file);
    uint32_t first, last;
    window(&located.at, &first, &last);
    located.excerpt = bl_clean_text(&context->arena, located.at.excerpt + first, last - first);
    return located;
}

static void add_located(json_t *object, const located *located)
{
    json_object_set_new(object, "message", json_string(located->message));
    if (located->file == NULL)
        return;
    json_object_set_new(object, "file", json_string(located->file));
    json_object_set_new(object, "line", json_integer(located->at.line));
    json_object_set_new(object, "column", json_integer(located->at.column));
    json_object_set_new(object, "offset", json_integer(located->place.offset));
    json_object_set_new(object, "length", json_integer(located->place.length));
    json_object_set_new(object, "excerpt", json_string(located->excerpt));
}

static void write_one_json(bl_context *context, const bl_finding *diagnostic, FILE *to)
{
    const located primary = locate(context, diagnostic->place, diagnostic->message);
    const char *mend = diagnostic->mend == NULL ? NULL : clean(context, diagnostic->mend);
    bool remarked = diagnostic->remark != NULL;
    const located remark = remarked ? locate(context, diagnostic->remark_place, diagnostic->remark) : (located){0};

    json_t *object = json_object(), *notes = json_array();
    json_object_set_new(object, "code", json_string(diagnostic->code));
    json_object_set_new(object, "severity", json_string(severity_name(diagnostic->severity)));
    add_located(object, &primary);
    if (mend != NULL)
        json_object_set_new(object, "help", json_string(mend));
    if (remarked) {
        json_t *note = json_object();
        add_located(note, &remark);
        json_array_append_new(notes, note);
    }
    json_object_set_new(object, "notes", notes);
    json_dumpf(object, to, JSON_COMPACT);
    json_decref(object);
}

static int write_json(bl_context *context, void *argument)
{
    FILE *to = argument;
    const bl_findings sorted = bl_diagnostics_sorted(context);
    fprintf(to, "{\"errors\": %u, \"warnings\": %u, \"diagnostics\": [", context->diagnostics.errors,
            context->diagnostics.warnings);
    for (uint32_t i = 0; i < sorted.count; i++) {
        fputs(i == 0 ? "\n" : ",\n", to);
        write_one_json(context, &sorted.list[i], to);
    }
    fprintf(to, "]}\n");
    return 0;
}

void bl_write_diagnostics_json(const bl_context *context, FILE *to)
{
    bl_guard((bl_context *)context, write_json, to);
}
