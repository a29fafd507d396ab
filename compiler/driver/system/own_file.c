#include "system/own_file.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The folder of a file, with its slash. */
static void folder_of(const char *path, char out[PATH_MAX])
{
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    snprintf(out, PATH_MAX, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 0, path != NULL ? path : "");
}

bool own_file(const char *name, char *path, size_t size)
{
    static const char *const places[] = {"", BOUTON_ARCHIVE_FOLDER, "bouton/"};
    char self[PATH_MAX], folders[2][PATH_MAX];
    Dl_info library;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    self[length > 0 ? length : 0] = '\0';
    folder_of(self, folders[0]);
    folder_of(dladdr(places, &library) != 0 ? library.dli_fname : NULL, folders[1]);
    for (size_t f = 0; f < 2; f++)
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            int written = snprintf(path, size, "%s%s%s", folders[f], places[i], name);
            if (written >= 0 && (size_t)written < size && access(path, R_OK) == 0)
                return true;
        }
    return false;
}
