#include "lsp/paths.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lsp/analysis.h"

enum { FILE_ITEM = 17, FOLDER_ITEM = 19, FIELD_ITEM = 5, ENUM_ITEM = 20 }; /* CompletionItemKind of the protocol */
enum { ENTRIES_MOST = 2000, ROW_MOST = 1 << 16, CELL_MOST = 256 };

typedef struct choosing {
    lsp_state *s;
    const lsp_document *document;
    const bl_expected *expected;
    json_t *list;
    json_t *range;
} choosing;

/* `order`: items with a smaller letter come first. */
static void add(choosing *c, const char *label, int kind, char order)
{
    char *sort = lsp_made(c->s, malloc(strlen(label) + 2));
    if (sort == NULL)
        return;
    sort[0] = order;
    strcpy(sort + 1, label);
    json_array_append_new(c->list,
                          json_pack("{s:o, s:i, s:o, s:{s:O, s:o}}", "label", lsp_text(label), "kind", kind, "sortText",
                                    lsp_text(sort), "textEdit", "range", c->range, "newText", lsp_text(label)));
    free(sort);
}

/* A path from one of the folders in which files are looked for. False: there is no such folder. */
static bool path_from(const choosing *c, unsigned folder, const char *name, char out[PATH_MAX])
{
    const char *beside = c->document->path, *slash = strrchr(beside, '/'), *data = getenv("BOUTON_DATA");
    int length = -1;
    if (name[0] == '/')
        length = folder == 0 ? snprintf(out, PATH_MAX, "%s", name) : -1;
    else if (folder == 0 && slash != NULL)
        length = snprintf(out, PATH_MAX, "%.*s/%s", (int)(slash - beside), beside, name);
    else if (folder == 1 && data != NULL && c->expected->string != BL_EXPECT_INCLUDE)
        length = snprintf(out, PATH_MAX, "%s/%s", data, name);
    return length >= 0 && length < PATH_MAX;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* Whether a file's name looks like what the statement reads. */
static bool suits(const bl_expected *expected, const char *name)
{
    char end[32];
    if (expected->string == BL_EXPECT_INCLUDE)
        return ends_with(name, ".btn");
    snprintf(end, sizeof end, ".%s", expected->head);
    return ends_with(name, end) || strcmp(expected->head, "csv") == 0 ? ends_with(name, end) : !ends_with(name, ".btn");
}

/* ---- files and folders ---- */

static void add_entries(choosing *c, const char *folder)
{
    DIR *open = opendir(folder);
    struct stat facts;
    unsigned count = 0;
    if (open == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(open)) != NULL && count < ENTRIES_MOST;) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || length >= PATH_MAX || stat(path, &facts) != 0)
            continue;
        bool is_folder = S_ISDIR(facts.st_mode);
        if (is_folder)
            add(c, entry->d_name, FOLDER_ITEM, c->expected->string == BL_EXPECT_FOLDER ? 'a' : 'c');
        else if (S_ISREG(facts.st_mode) && c->expected->string == BL_EXPECT_FILE)
            add(c, entry->d_name, FILE_ITEM, suits(c->expected, entry->d_name) ? 'a' : 'b');
        else if (S_ISREG(facts.st_mode) && c->expected->string == BL_EXPECT_INCLUDE &&
                 suits(c->expected, entry->d_name))
            add(c, entry->d_name, FILE_ITEM, 'a');
        count++;
    }
    closedir(open);
}

/* The typed path up to its last slash is the folder; an item replaces the rest. */
static void add_paths(choosing *c)
{
    const bl_place *typed = &c->expected->typed;
    const char *begin = c->document->text + typed->offset;
    uint32_t folder = typed->length;
    char name[PATH_MAX], path[PATH_MAX];
    while (folder > 0 && begin[folder - 1] != '/')
        folder--;
    if (folder >= PATH_MAX)
        return;
    memcpy(name, begin, folder);
    name[folder] = '\0';
    c->range = lsp_range_in(c->s, &c->document->lines, typed->offset + folder, typed->offset + typed->length);
    for (unsigned i = 0; i < 2; i++)
        if (path_from(c, i, name, path))
            add_entries(c, path);
}

/* ---- tables ---- */

/* Reads the first row of a file. False: it is no regular file, or not there. */
static bool read_row(const char *path, char row[ROW_MOST])
{
    struct stat facts;
    FILE *file = stat(path, &facts) == 0 && S_ISREG(facts.st_mode) ? fopen(path, "rb") : NULL;
    bool got = file != NULL && fgets(row, ROW_MOST, file) != NULL;
    if (file != NULL)
        fclose(file);
    return got;
}

/* The separator that a row has most of. */
static char separator_of(const char *row)
{
    static const char SIGNS[] = {',', ';', '\t'};
    char best = ',';
    unsigned most = 0;
    for (size_t i = 0; i < sizeof SIGNS; i++) {
        unsigned count = 0;
        for (const char *at = row; *at != '\0'; at++)
            count += *at == SIGNS[i];
        if (count > most) {
            most = count;
            best = SIGNS[i];
        }
    }
    return best;
}

/* Copies the next cell without its quotes and blanks. Returns what follows its separator, or NULL after the last. */
static const char *next_cell(const char *at, char separator, char out[CELL_MOST])
{
    size_t length = 0;
    bool quoted = false;
    while (*at == ' ')
        at++;
    for (; *at != '\0' && *at != '\n' && *at != '\r' && (quoted || *at != separator); at++) {
        if (*at == '"') {
            quoted = !quoted;
            if (quoted || at[1] != '"')
                continue;
        }
        if (length + 1 < CELL_MOST)
            out[length++] = *at;
    }
    while (length > 0 && out[length - 1] == ' ')
        length--;
    out[length] = '\0';
    return *at == separator ? at + 1 : NULL;
}

static bool is_number(const char *cell)
{
    char *end;
    strtod(cell, &end);
    return end > cell && *end == '\0';
}

/* Columns are named by the first row, or by their numbers if it holds numbers. */
static void add_columns(choosing *c)
{
    char row[ROW_MOST], path[PATH_MAX], cell[CELL_MOST], number[16];
    bool got = false;
    for (unsigned i = 0; i < 2 && !got && c->expected->first != NULL; i++)
        got = path_from(c, i, c->expected->first, path) && read_row(path, row);
    if (!got)
        return;
    const char *begin = strncmp(row, "\xEF\xBB\xBF", 3) == 0 ? row + 3 : row;
    bool numbers = false;
    char separator = separator_of(begin);
    for (const char *at = begin; at != NULL;) {
        at = next_cell(at, separator, cell);
        numbers = numbers || is_number(cell);
    }
    unsigned index = 0;
    for (const char *at = begin; at != NULL && index < ENTRIES_MOST;) {
        at = next_cell(at, separator, cell);
        snprintf(number, sizeof number, "%u", ++index);
        if (strchr(cell, '"') == NULL && strchr(cell, '\\') == NULL)
            add(c, numbers || *cell == '\0' ? number : cell, FIELD_ITEM, 'a');
    }
}

/* ---- classes ---- */

/* The folders of the document's `images` are its classes, in the order of their names. */
static void add_classes(choosing *c)
{
    static const char HEAD[] = "images train \"";
    char path[PATH_MAX], name[PATH_MAX];
    const char *at = strstr(c->document->text, HEAD);
    if (at == NULL)
        return;
    at += sizeof HEAD - 1;
    size_t length = strcspn(at, "\"\n");
    if (length >= sizeof name)
        return;
    memcpy(name, at, length);
    name[length] = '\0';
    for (unsigned i = 0; i < 2; i++) {
        struct dirent **entries;
        int count = path_from(c, i, name, path) ? scandir(path, &entries, NULL, alphasort) : -1;
        for (int j = 0; j < count; j++) {
            if (entries[j]->d_type == DT_DIR && entries[j]->d_name[0] != '.')
                add(c, entries[j]->d_name, ENUM_ITEM, 'a');
            free(entries[j]);
        }
        if (count >= 0)
            free(entries);
    }
}

void paths_complete(lsp_state *s, const lsp_document *document, const bl_expected *expected, json_t *list)
{
    choosing c = {.s = s, .document = document, .expected = expected, .list = list};
    bool path = expected->string == BL_EXPECT_INCLUDE || expected->string == BL_EXPECT_FILE ||
                expected->string == BL_EXPECT_FOLDER;
    if (path)
        add_paths(&c);
    else
        c.range =
            lsp_range_in(s, &document->lines, expected->typed.offset, expected->typed.offset + expected->typed.length);
    if (expected->string == BL_EXPECT_COLUMN)
        add_columns(&c);
    if (expected->string == BL_EXPECT_CLASS)
        add_classes(&c);
    json_decref(c.range);
}
