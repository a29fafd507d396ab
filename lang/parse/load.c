/* Loads a file, its includes, and the values set from outside. Each file is read once; circular includes are refused.
 *
 *     bl_load -> read bytes -> parse -> load each include in the same way -> context->root */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "parse/parse.h"

enum { MAX_INCLUDES = 32 /* nested */, BLOCK = 64 * 1024 };

static const char TOO_LARGE[] = "it is larger than 4 MiB, the limit for a description";

static bl_node *root(bl_context *context)
{
    if (context->root == NULL)
        context->root = bl_node_new(&context->arena, BL_NODE_LIST, BL_NOWHERE, NULL, NULL, 0);
    return context->root;
}

static bl_place start_of(uint32_t file)
{
    return (bl_place){.file = file};
}

typedef struct bytes {
    char *data;
    size_t length;
    struct stat facts;
    const bl_held *overlay; /* NULL: read from the file */
} bytes;

/* Reads context->reading to its end and closes it. Returns the reason of a failure, or NULL. */
static const char *read_open(bl_context *context, bytes *out)
{
    FILE *from = context->reading;
    const char *trouble = NULL;
    bl_text text = bl_text_new(&context->arena);
    char *block = bl_alloc(&context->arena, BLOCK, 1);
    if (fstat(fileno(from), &out->facts) != 0)
        trouble = strerror(errno);
    else if (S_ISDIR(out->facts.st_mode))
        trouble = "it is a folder";
    else if (context->regular && !S_ISREG(out->facts.st_mode))
        trouble = "it is no regular file";
    for (size_t got = 1; trouble == NULL && got > 0;) {
        errno = 0;
        got = fread(block, 1, BLOCK, from);
        bl_text_add_bytes(&text, block, got);
        if (ferror(from))
            trouble = strerror(errno);
        else if (text.length > BL_MAX_TEXT)
            trouble = TOO_LARGE;
    }
    if (from != stdin)
        fclose(from);
    context->reading = NULL;
    out->data = text.data;
    out->length = text.length;
    return trouble;
}

/* The path without `.`, `..` and doubled slashes. Links are not followed. */
static const char *plain_path(bl_context *context, const char *path)
{
    char *plain = bl_alloc(&context->arena, strlen(path) + 1, 1), *end = plain;
    for (const char *at = path; *at != '\0';) {
        size_t length = strcspn(at, "/"), rest = length + (at[length] == '/');
        bool up = length == 2 && memcmp(at, "..", 2) == 0, here = length == 1 && *at == '.';
        if (up && end > plain + 1) {
            for (end--; end > plain && end[-1] != '/';)
                end--;
        } else if (!here && !(length == 0 && end > plain)) {
            memcpy(end, at, rest);
            end += rest;
        }
        at += rest;
    }
    *end = '\0';
    return plain;
}

/* The text that is to be read in place of the file `path`, or NULL. */
static const bl_held *overlay_of(bl_context *context, const char *path)
{
    struct stat facts;
    if (context->held_count == 0)
        return NULL;
    const char *plain = plain_path(context, path);
    bool there = stat(path, &facts) == 0;
    for (uint32_t i = 0; i < context->held_count; i++) {
        const bl_held *held = context->held[i];
        bool same =
            there && held->on_disk && held->device == (uint64_t)facts.st_dev && held->inode == (uint64_t)facts.st_ino;
        if (same || strcmp(held->path, plain) == 0)
            return held;
    }
    return NULL;
}

/* Opening a pipe would wait for its writer, so a file is examined before. */
static bool may_open(const bl_context *context, const char *path)
{
    struct stat facts;
    return !context->regular || stat(path, &facts) != 0 || S_ISREG(facts.st_mode) || S_ISDIR(facts.st_mode);
}

static const char *read_file(bl_context *context, const char *path, bytes *out)
{
    bool standard = strcmp(path, "-") == 0;
    out->overlay = standard ? NULL : overlay_of(context, path);
    if (out->overlay != NULL) {
        out->data = (char *)out->overlay->text;
        out->length = out->overlay->length;
        return out->length > BL_MAX_TEXT ? TOO_LARGE : NULL;
    }
    if (!standard && !may_open(context, path))
        return "it is no regular file";
    errno = 0;
    context->reading = standard ? stdin : fopen(path, "rb");
    if (context->reading == NULL)
        return strerror(errno);
    return read_open(context, out);
}

/* The file with these bytes, if it has been read before. */
static uint32_t known_file(bl_context *context, const bytes *read)
{
    uint64_t device = (uint64_t)read->facts.st_dev, inode = (uint64_t)read->facts.st_ino;
    for (uint32_t i = 0; i < context->file_count; i++) {
        const bl_file *file = context->files[i];
        if (read->overlay != NULL ? file->overlay == read->overlay
                                  : file->on_disk && file->device == device && file->inode == inode)
            return i;
    }
    return UINT32_MAX;
}

static uint32_t add_file(bl_context *context, const char *path, const bytes *read, bool standard)
{
    uint32_t index = bl_context_add_file(context, standard ? "<stdin>" : path, read->data, read->length);
    bl_file *file = context->files[index];
    file->overlay = read->overlay;
    file->on_disk = !standard && read->overlay == NULL;
    file->device = (uint64_t)read->facts.st_dev;
    file->inode = (uint64_t)read->facts.st_ino;
    return index;
}

/* The path of an include is relative to the file that contains it. */
static const char *path_from(bl_context *context, const char *from, const char *path)
{
    const char *slash = strrchr(from, '/');
    bl_text joined = bl_text_new(&context->arena);
    if (path[0] != '/' && slash != NULL)
        bl_text_add_bytes(&joined, from, (size_t)(slash - from) + 1);
    bl_text_add(&joined, path);
    return joined.data;
}

static bl_node *parse_file(bl_context *context, uint32_t index, unsigned depth);

/* Loads an included file and adds its statements to the include node. */
static void take_in(bl_context *context, bl_node *include, unsigned depth)
{
    bl_arena *arena = &context->arena;
    bytes read = {0};
    bl_node *broken = bl_node_new(arena, BL_NODE_BROKEN, include->place, NULL, NULL, 0);
    if (include->text == NULL) { /* the scanner has reported it */
        bl_node_add(include, broken);
        return;
    }
    const char *path = path_from(context, bl_context_file(context, include->place.file)->name, include->text);
    const char *trouble = depth >= MAX_INCLUDES ? "includes are nested more than 32 deep" : NULL;
    if (trouble == NULL && strcmp(include->text, "-") == 0)
        trouble = "standard input cannot be included";
    if (trouble == NULL)
        trouble = read_file(context, path, &read);
    if (trouble != NULL) {
        bl_diagnose(context, INCLUDE_UNREADABLE, include->name_place, path, trouble);
        bl_node_add(include, broken);
        return;
    }
    include->file = known_file(context, &read);
    const bl_file *known = bl_context_file(context, include->file);
    if (known != NULL && known->open)
        bl_diagnose(context, INCLUDE_CIRCLE, include->name_place, include->text);
    if (known != NULL)
        return;
    include->file = add_file(context, path, &read, false);
    bl_node_add(include, parse_file(context, include->file, depth + 1));
}

/* The scanner reports stray bytes where they have no meaning; in strings and comments it passes over them. */
static void check_utf8(bl_context *context, uint32_t index)
{
    const bl_file *file = context->files[index];
    uint32_t first = 0, count = 0;
    for (uint32_t i = 0; i < file->length;) {
        size_t step = bl_utf8_length(file->text + i, file->length - i);
        if (step == 0 && count++ == 0)
            first = i;
        i += step == 0 ? 1 : (uint32_t)step;
    }
    if (count == 0)
        return;
    bl_text byte = bl_text_new(&context->arena), others = bl_text_new(&context->arena);
    bl_text_format(&byte, "0x%02X", (unsigned char)file->text[first]);
    if (count > 1)
        bl_text_format(&others, ", and so %s %u more", count > 2 ? "are" : "is", count - 1);
    bl_place place = {.file = index, .offset = first, .length = 1};
    bl_diagnose(context, TEXT_NOT_UTF8, place, byte.data, others.data);
}

/* Returns a LIST of the file's statements. */
static bl_node *parse_file(bl_context *context, uint32_t index, unsigned depth)
{
    bl_parsing *parsing = BL_NEW(&context->arena, bl_parsing);
    uint32_t before = context->diagnostics.errors;
    context->files[index]->open = true;
    bl_parse_text(parsing, context, index);
    if (context->diagnostics.errors == before)
        check_utf8(context, index);
    for (bl_node *item = parsing->items->first; item != NULL; item = item->next)
        if (item->kind == BL_NODE_INCLUDE)
            take_in(context, item, depth);
    context->files[index]->open = false;
    return parsing->items;
}

/* Replaces the values of constants by values set from outside. */
static void apply_settings(bl_context *context, bl_node *items)
{
    for (bl_node *item = items->first; item != NULL; item = item->next) {
        if (item->kind == BL_NODE_INCLUDE)
            apply_settings(context, item);
        for (uint32_t i = 0; item->kind == BL_NODE_LET && i < context->setting_count; i++) {
            bl_setting *setting = &context->settings[i];
            if (strcmp(setting->name, item->text) != 0)
                continue;
            setting->used = true;
            if (setting->value != NULL)
                item->first = item->last = (bl_node *)setting->value;
        }
    }
}

/* Adds the statements of a file to the statements loaded before. */
static void join(bl_context *context, bl_node *items)
{
    apply_settings(context, items);
    bl_node_add(root(context), items);
}

bool bl_read_file(bl_context *context, const char *path, uint32_t *index)
{
    bytes read = {0};
    const char *trouble = read_file(context, path, &read);
    if (trouble != NULL) {
        bl_diagnose(context, FILE_UNREADABLE, BL_NOWHERE, path, trouble);
        return false;
    }
    *index = add_file(context, path, &read, strcmp(path, "-") == 0);
    context->files[*index]->root = true;
    return true;
}

static int load_file(bl_context *context, void *argument)
{
    uint32_t index;
    if (bl_read_file(context, argument, &index))
        join(context, parse_file(context, index, 0));
    else
        bl_node_add(root(context), bl_node_new(&context->arena, BL_NODE_BROKEN, BL_NOWHERE, NULL, NULL, 0));
    return 0;
}

int bl_load(bl_context *context, const char *path)
{
    return bl_guard(context, load_file, (void *)path);
}

typedef struct given_text {
    const char *name, *text;
    size_t length;
} given_text;

bool bl_hold_text(bl_context *context, const char *name, const char *text, size_t length, uint32_t *index)
{
    bool fits = length <= BL_MAX_TEXT;
    *index = bl_context_add_file(context, name, text, fits ? length : 0);
    context->files[*index]->root = true;
    if (!fits) {
        bl_diagnose(context, FILE_UNREADABLE, start_of(*index), name, TOO_LARGE);
    }
    return fits;
}

static int load_text(bl_context *context, void *argument)
{
    const given_text *given = argument;
    uint32_t index;
    bl_hold_text(context, given->name, given->text, given->length, &index);
    join(context, parse_file(context, index, 0));
    return 0;
}

int bl_load_text(bl_context *context, const char *name, const char *text, size_t length)
{
    given_text given = {name, text, length};
    return bl_guard(context, load_text, &given);
}

static int overlay(bl_context *context, void *argument)
{
    const given_text *given = argument;
    struct stat facts;
    bl_held *held = BL_NEW(&context->arena, bl_held);
    *held = (bl_held){.name = bl_copy_text(&context->arena, given->name, strlen(given->name)),
                      .path = plain_path(context, given->name),
                      .text = bl_copy_text(&context->arena, given->text, given->length),
                      .length = given->length,
                      .on_disk = stat(given->name, &facts) == 0};
    if (held->on_disk) {
        held->device = (uint64_t)facts.st_dev;
        held->inode = (uint64_t)facts.st_ino;
    }
    context->held = bl_grow(&context->arena, context->held, context->held_count, sizeof *context->held);
    context->held[context->held_count++] = held;
    return 0;
}

int bl_overlay(bl_context *context, const char *path, const char *text, size_t length)
{
    given_text given = {path, text, length};
    return bl_guard(context, overlay, &given);
}

void bl_read_regular(bl_context *context)
{
    context->regular = true;
}

typedef struct wanted {
    const char *name, *value;
} wanted;

/* Parses NAME=VALUE as the text `let NAME = VALUE;`, so that errors in it have a place. */
static int set(bl_context *context, void *argument)
{
    const wanted *wanted = argument;
    bl_arena *arena = &context->arena;
    bl_text text = bl_text_new(arena), label = bl_text_new(arena);
    bl_text_format(&text, "let %s = %s;", wanted->name, wanted->value);
    bl_text_format(&label, "--set %s=%s", wanted->name, wanted->value);
    if (text.length > BL_MAX_TEXT)
        text.length = BL_MAX_TEXT;
    uint32_t index = bl_context_add_file(context, label.data, text.data, text.length);
    uint32_t before = context->diagnostics.errors;
    bl_parsing *parsing = BL_NEW(arena, bl_parsing);
    bl_parse_text(parsing, context, index);
    const bl_node *let = parsing->items->first;
    bool right = let != NULL && let->next == NULL && let->kind == BL_NODE_LET && strcmp(let->text, wanted->name) == 0;
    bool told = context->diagnostics.errors > before;
    if (!right && !told)
        bl_diagnose(context, SET_MALFORMED, start_of(index), label.data);
    context->settings = bl_grow(arena, context->settings, context->setting_count, sizeof *context->settings);
    context->settings[context->setting_count++] =
        (bl_setting){.name = bl_copy_text(arena, wanted->name, strlen(wanted->name)),
                     .place = right ? let->name_place : start_of(index),
                     .value = right && !told ? let->first : NULL};
    return 0;
}

int bl_set(bl_context *context, const char *name, const char *value)
{
    wanted wanted = {name, value};
    return bl_guard(context, set, &wanted);
}
