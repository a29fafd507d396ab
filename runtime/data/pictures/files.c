/* The pictures of a folder, for `predict`. */
#include <fcntl.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/pictures/names.h"
#include "data/pictures/pictures.h"

#define LOOKED_AT 1024 /* bytes that decide whether a file is a picture */

/* A damaged picture is known by its name, one without the usual name by its first bytes. */
static bool is_picture(const char *path)
{
    uint8_t bytes[LOOKED_AT];
    if (br_picture_named(path))
        return true;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return true; /* the reader says why */
    ssize_t held = read(file, bytes, sizeof bytes);
    close(file);
    return held < 0 || br_picture_is(&(br_bytes){bytes, (uint64_t)held});
}

static int add_files(const char *folder, const br_names *files, br_names *out, br_files *found, br_error *error)
{
    int status = 0;
    for (uint64_t i = 0; i < files->count && status == 0; i++) {
        char *path = br_path_join(folder, files->list[i], error);
        if (path == NULL)
            return -1;
        if (is_picture(path))
            status = br_names_add(out, path, error);
        else
            found->others++;
        br_release(path);
    }
    return status;
}

/* The files of a folder within the folder; its own folders are left out. */
static int add_folder(const char *folder, const char *name, br_names *out, br_files *found, br_error *error)
{
    br_listing inside = {0};
    char *path = br_path_join(folder, name, error);
    int status = path != NULL ? br_listing_read(path, &inside, error) : -1;
    if (status == 0)
        status = add_files(path, &inside.files, out, found, error);
    found->others += inside.others.count + inside.folders.count;
    br_listing_free(&inside);
    br_release(path);
    return status;
}

int br_files_find(const char *folder, br_files *out, br_error *error)
{
    br_listing top;
    br_names names = {0};
    *out = (br_files){0};
    if (br_listing_read(folder, &top, error) != 0)
        return -1;
    out->others = top.others.count;
    int status = add_files(folder, &top.files, &names, out, error);
    for (uint64_t i = 0; i < top.folders.count && status == 0; i++)
        status = add_folder(folder, top.folders.list[i], &names, out, error);
    if (status == 0 && names.count == 0)
        status = br_fail(error, BR_ERROR_IO, "%s: the folder holds no pictures", folder);
    br_listing_free(&top);
    if (status != 0) {
        br_names_free(&names);
        *out = (br_files){0};
        return -1;
    }
    out->list = names.list;
    out->count = names.count;
    return 0;
}

void br_files_free(br_files *files)
{
    br_names names = {files->list, files->count, 0};
    br_names_free(&names);
    *files = (br_files){0};
}
