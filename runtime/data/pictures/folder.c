/* Every name is collected and checked before the first image is opened, so that mistakes are told of at once and the
 * memory is allocated once. */
#include "data/pictures/folder.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

#define LIST 200 /* bytes of a list of names in a message */
#define NAME 16  /* bytes of a label as text */

typedef struct folder_reader {
    br_picture_context *context;
    const br_folder_rules *rules;
    const char *path;
    br_listing top;
    char **folders;  /* [classes]: the path of each label's folder */
    br_names *files; /* [classes]: names within it */
    br_error *error;
} folder_reader;

static const char *write_names(char out[LIST], const br_names *names)
{
    return br_names_write(out, LIST, (const char *const *)names->list, names->count);
}

/* ---- which folder is which class ---- */

static bool names_given(const br_folder_rules *rules)
{
    return rules->names != NULL || rules->numbered;
}

/* What a class folder must be called. */
static const char *class_name(const br_folder_rules *rules, uint32_t label, char number[NAME])
{
    snprintf(number, NAME, "%u", label);
    return rules->names != NULL ? rules->names[label] : number;
}

/* Names the first class that has no folder. */
static int fail_missing(const folder_reader *r)
{
    char list[LIST], wanted[NAME];
    const br_names *folders = &r->top.folders;
    for (uint32_t i = 0; i < r->rules->classes; i++) {
        const char *name = class_name(r->rules, i, wanted);
        uint64_t at = 0;
        while (at < folders->count && strcmp(folders->list[at], name) != 0)
            at++;
        if (at == folders->count)
            return br_fail(r->error, BR_ERROR_CHECK,
                           "%s: the class %s has no folder; there are %s; one folder for each class is needed", r->path,
                           name, folders->count > 0 ? write_names(list, folders) : "none");
    }
    return br_fail(r->error, BR_ERROR_CHECK, "%s: two classes have the same name; name each of them differently",
                   r->path);
}

static int check_folders(const folder_reader *r)
{
    char list[LIST];
    const br_names *folders = &r->top.folders;
    const char *picture = NULL;
    for (uint64_t i = 0; i < r->top.files.count && picture == NULL; i++)
        if (br_picture_named(r->top.files.list[i]))
            picture = r->top.files.list[i];
    if (folders->count == 0 && picture != NULL)
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s: holds pictures (%s), but no folders; move the pictures of each class into a folder of its "
                       "own, whose name is the class",
                       r->path, picture);
    if (folders->count < r->rules->classes && names_given(r->rules))
        return fail_missing(r);
    if (folders->count != r->rules->classes && !names_given(r->rules))
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s: %llu folder%s (%s), but the network has %u classes; one folder for each is needed", r->path,
                       (unsigned long long)folders->count, folders->count == 1 ? "" : "s",
                       folders->count > 0 ? write_names(list, folders) : "none", r->rules->classes);
    if (picture != NULL && r->context->notes != NULL)
        br_note_add(r->context->notes, true, "%s: pictures beside the class folders (%s ...) are not read", r->path,
                    picture);
    for (uint64_t i = 0; i < folders->count; i++)
        if (!br_utf8_is(folders->list[i], strlen(folders->list[i])))
            return br_fail(r->error, BR_ERROR_IO,
                           "%s/%s: the name of this class folder is not UTF-8, so the model can't keep it; rename the "
                           "folder",
                           r->path, folders->list[i]);
    return 0;
}

/* The label of a folder; `classes`: none. */
static uint32_t label_of(const br_folder_rules *rules, const char *name)
{
    char wanted[NAME];
    uint32_t i = 0;
    while (i < rules->classes && strcmp(class_name(rules, i, wanted), name) != 0)
        i++;
    return i;
}

static int fail_unknown(const folder_reader *r, const char *name)
{
    char list[LIST];
    if (r->rules->names == NULL)
        return br_fail(r->error, BR_ERROR_CHECK,
                       "%s: the folder %s is no class: the classes are numbered 0 to %u; rename or remove it", r->path,
                       name, r->rules->classes - 1);
    br_names_write(list, sizeof list, r->rules->names, r->rules->classes);
    return br_fail(r->error, BR_ERROR_CHECK, "%s: the folder %s is none of the classes (%s); rename or remove it",
                   r->path, name, list);
}

/* Names that are given decide. No two folders have the same name, so every class has one when none is left over. */
static int find_labels(folder_reader *r)
{
    const br_names *folders = &r->top.folders;
    for (uint32_t i = 0; i < folders->count; i++) {
        uint32_t label = names_given(r->rules) ? label_of(r->rules, folders->list[i]) : i;
        if (label == r->rules->classes)
            return fail_unknown(r, folders->list[i]);
        r->folders[label] = br_path_join(r->path, folders->list[i], r->error);
        if (r->folders[label] == NULL)
            return -1;
    }
    for (uint32_t label = 0; label < r->rules->classes; label++)
        if (r->folders[label] == NULL)
            return fail_missing(r);
    return 0;
}

/* Gives the learned names to the caller, unless they are 0, 1, 2 ... */
static void give_names(folder_reader *r, br_names *names)
{
    bool numbers = true;
    char number[NAME];
    if (names_given(r->rules))
        return;
    for (uint32_t i = 0; i < r->top.folders.count && numbers; i++)
        numbers = strcmp(class_name(r->rules, i, number), r->top.folders.list[i]) == 0;
    if (!numbers) {
        *names = r->top.folders;
        r->top.folders = (br_names){0};
    }
}

/* ---- the pictures of a class ---- */

/* A class folder holds pictures only. A pipe or a device would be waited for. */
static int list_class(const folder_reader *r, uint32_t label)
{
    br_listing inside;
    const char *path = r->folders[label];
    if (br_listing_read(path, &inside, r->error) != 0)
        return -1;
    int status = 0;
    if (inside.others.count > 0)
        status = br_fail(r->error, BR_ERROR_IO,
                         "%s/%s: is no file (but a pipe, a device, or a link that leads nowhere); remove it", path,
                         inside.others.list[0]);
    else if (inside.folders.count > 0)
        status = br_fail(r->error, BR_ERROR_IO,
                         "%s/%s: is a folder in a class folder; move its pictures into %s, or name the folder whose "
                         "folders are the classes",
                         path, inside.folders.list[0], path);
    else if (inside.files.count == 0)
        status = br_fail(r->error, BR_ERROR_IO, "%s: the class folder holds no pictures", path);
    if (status == 0) {
        r->files[label] = inside.files;
        inside.files = (br_names){0};
    }
    br_listing_free(&inside);
    return status;
}

/* Reads one image, scales it and stores it in its place. */
static int read_picture(const folder_reader *r, const char *path, uint8_t *out)
{
    br_bytes file;
    br_array picture = {0};
    if (br_bytes_read(path, BR_PICTURE_BYTES, &file, r->error) != 0)
        return -1;
    int status = br_picture_read(r->context, path, &file, &picture, r->error);
    br_bytes_free(&file);
    if (status == 0)
        status = br_picture_fit(&picture, path, r->rules->shape->shape, r->error);
    if (status == 0)
        memcpy(out, picture.bytes, br_array_values(&picture));
    br_array_free(&picture);
    return status;
}

static int read_class(const folder_reader *r, uint32_t label, br_array *out, uint64_t *at)
{
    uint64_t values = br_array_values(out);
    for (uint64_t i = 0; i < r->files[label].count; i++, ++*at) {
        char *path = br_path_join(r->folders[label], r->files[label].list[i], r->error);
        int status = path != NULL ? read_picture(r, path, out->bytes + *at * values) : -1;
        br_release(path);
        if (status != 0)
            return -1;
        out->labels[*at] = label;
    }
    return 0;
}

static int read_all(folder_reader *r, br_array *out)
{
    uint64_t samples = 0, at = 0;
    uint32_t classes = r->rules->classes;
    bt_shape shape = r->rules->shape->shape;
    if (br_listing_read(r->path, &r->top, r->error) != 0 || check_folders(r) != 0)
        return -1;
    r->folders = br_new(classes, sizeof *r->folders, r->error);
    r->files = r->folders != NULL ? br_new(classes, sizeof *r->files, r->error) : NULL;
    if (r->files == NULL || find_labels(r) != 0)
        return -1;
    for (uint32_t label = 0; label < classes; label++) {
        if (list_class(r, label) != 0)
            return -1;
        samples += r->files[label].count;
    }
    if (br_array_shape(out, r->path, samples, shape.height, shape.width, shape.channels, r->error) != 0)
        return -1;
    out->bytes = br_new(samples, br_array_values(out), r->error);
    out->labels = out->bytes != NULL ? br_new(samples, sizeof *out->labels, r->error) : NULL;
    if (out->labels == NULL)
        return -1;
    for (uint32_t label = 0; label < classes; label++)
        if (read_class(r, label, out, &at) != 0)
            return -1;
    return br_picture_map(out, r->rules->shape->low, r->rules->shape->high, r->error);
}

int br_folder_read(br_picture_context *context, const char *path, const br_folder_rules *rules, br_array *out,
                   br_names *names, br_error *error)
{
    *out = (br_array){0};
    folder_reader r = {.context = context, .rules = rules, .path = path, .error = error};
    int status = read_all(&r, out);
    if (status == 0)
        give_names(&r, names);
    else
        br_array_free(out);
    for (uint32_t i = 0; r.files != NULL && i < rules->classes; i++)
        br_names_free(&r.files[i]);
    for (uint32_t i = 0; r.folders != NULL && i < rules->classes; i++)
        br_release(r.folders[i]);
    br_release(r.files);
    br_release(r.folders);
    br_listing_free(&r.top);
    return status;
}
