/* Links with the system's C compiler, or with lld if there is none. */
#ifndef BOUTON_DRIVER_LINK_H
#define BOUTON_DRIVER_LINK_H

#include <stddef.h>

#include "options/cli.h"

typedef enum link_kind { LINK_PROGRAM, LINK_SHARED, LINK_WASM } link_kind;

typedef struct link_job {
    link_kind kind;
    const char *name;   /* of a shared library (soname) */
    const char *target; /* as --target names it; NULL: this machine */
    bool foreign;       /* code for another machine: libraries are linked by lld, programs by a C compiler for it */
    const char *object;
    size_t object_size;
    const char *const *symbols; /* exported by a wasm module; ends with NULL */
} link_job;

/* Links in a temporary folder, which is removed afterwards. *out is the result, which the caller frees. On failure,
 * prints an error. */
int link_object(const command_line *cli, const link_job *job, char **out, size_t *size);

#endif
