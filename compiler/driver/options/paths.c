#include "options/paths.h"

#include <string.h>

#include "options/console.h"

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

char *path_folder(const command_line *cli, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return text_copy(cli, ".", 1);
    return text_copy(cli, path, slash == path ? 1 : (size_t)(slash - path));
}
