#include "data/pictures/names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"

int br_names_add(br_names *names, const char *name, br_error *error)
{
    if (names->count == names->room) {
        uint64_t room = 2 * names->room + 16;
        char **larger = br_resize(names->list, room, sizeof *larger, error);
        if (larger == NULL)
            return -1;
        names->list = larger;
        names->room = room;
    }
    char *copy = br_copy_string(name, error);
    if (copy == NULL)
        return -1;
    names->list[names->count++] = copy;
    return 0;
}

void br_names_free(br_names *names)
{
    for (uint64_t i = 0; i < names->count; i++)
        br_release(names->list[i]);
    br_release(names->list);
    *names = (br_names){0};
}

/* ---- order ---- */

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The digits of a whole number without leading zeros; NULL: it is none. */
static const char *digits_of(const char *name, bool *negative)
{
    *negative = *name == '-';
    name += *negative;
    if (*name == '\0' || name[strspn(name, "0123456789")] != '\0')
        return NULL;
    return name + strspn(name, "0");
}

/* By value, whatever the number of digits; names of the same value ("1", "01") by bytes. */
static int by_number(const void *a, const void *b)
{
    bool a_negative, b_negative;
    const char *x = digits_of(*(char *const *)a, &a_negative), *y = digits_of(*(char *const *)b, &b_negative);
    if (a_negative != b_negative)
        return a_negative ? -1 : 1;
    size_t m = strlen(x), n = strlen(y);
    int order = m != n ? (m < n ? -1 : 1) : strcmp(x, y);
    if (order != 0)
        return a_negative ? -order : order;
    return by_bytes(a, b);
}

static void sort_by_bytes(br_names *names)
{
    if (names->count > 0)
        qsort(names->list, names->count, sizeof *names->list, by_bytes);
}

void br_names_sort(br_names *names)
{
    bool numbers = true, negative;
    for (uint64_t i = 0; i < names->count && numbers; i++)
        numbers = digits_of(names->list[i], &negative) != NULL;
    if (names->count > 0)
        qsort(names->list, names->count, sizeof *names->list, numbers ? by_number : by_bytes);
}

const char *br_names_write(char *out, uint64_t size, const char *const *names, uint64_t count)
{
    static const char more[] = " ...";
    uint64_t at = 0;
    out[0] = '\0';
    for (uint64_t i = 0; i < count; i++) {
        const char *comma = i > 0 ? ", " : "";
        if (at + strlen(comma) + strlen(names[i]) + sizeof more > size) {
            snprintf(out + at, size - at, "%s", more);
            break;
        }
        at += (uint64_t)snprintf(out + at, size - at, "%s%s", comma, names[i]);
    }
    return out;
}

/* ---- folders ---- */

/* What file managers and archives leave in folders, whatever the case of its letters. */
static bool is_left_behind(const char *name)
{
    static const char *const known[] = {"Thumbs.db",    "ehthumbs.db", "desktop.ini",
                                        "Icon\r",       "__MACOSX",    "@eaDir",
                                        "$RECYCLE.BIN", "lost+found",  "System Volume Information"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcasecmp(name, known[i]) == 0)
            return true;
    return name[0] == '.';
}

static int sort_in(DIR *stream, const char *name, br_listing *out, br_error *error)
{
    struct stat facts;
    if (is_left_behind(name))
        return 0;
    bool there = fstatat(dirfd(stream), name, &facts, 0) == 0;
    br_names *kind = there && S_ISDIR(facts.st_mode)   ? &out->folders
                     : there && S_ISREG(facts.st_mode) ? &out->files
                                                       : &out->others;
    return br_names_add(kind, name, error);
}

int br_listing_read(const char *path, br_listing *out, br_error *error)
{
    *out = (br_listing){0};
    DIR *stream = opendir(path);
    if (stream == NULL)
        return br_fail(error, BR_ERROR_IO, "%s: the folder can't be opened: %s; check the name and the data folder",
                       path, strerror(errno));
    int status = 0;
    errno = 0;
    for (struct dirent *entry; status == 0 && (entry = readdir(stream)) != NULL; errno = 0)
        status = sort_in(stream, entry->d_name, out, error);
    if (status == 0 && errno != 0)
        status = br_fail(error, BR_ERROR_IO, "%s: the folder can't be read: %s", path, strerror(errno));
    closedir(stream);
    if (status != 0) {
        br_listing_free(out);
        return -1;
    }
    br_names_sort(&out->folders);
    sort_by_bytes(&out->files);
    sort_by_bytes(&out->others);
    return 0;
}

void br_listing_free(br_listing *listing)
{
    br_names_free(&listing->folders);
    br_names_free(&listing->files);
    br_names_free(&listing->others);
}

char *br_path_join(const char *folder, const char *name, br_error *error)
{
    uint64_t length = strlen(folder), size = length + strlen(name) + 2;
    char *path = br_new(size, 1, error);
    if (path != NULL)
        snprintf(path, size, "%s%s%s", folder, length > 0 && folder[length - 1] == '/' ? "" : "/", name);
    return path;
}
