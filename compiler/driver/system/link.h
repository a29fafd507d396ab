/* Linking by the system's C compiler or by lld, whichever is found. */
#ifndef BOUTON_DRIVER_LINK_H
#define BOUTON_DRIVER_LINK_H

#include <stddef.h>

#include "options/cli.h"

typedef enum link_kind { LINK_PROGRAM, LINK_SHARED, LINK_WASM } link_kind;

typedef struct link_job {
    link_kind kind;
    const char *name; /* a shared library's own */
    bool foreign;     /* code of another machine: lld alone knows it */
    const char *object;
    size_t object_size;
    const char *const *symbols; /* what a wasm module shows */
} link_job;

/* Links in a folder of its own, which is gone afterwards; *out is the result, to be freed. Says what went wrong. */
int link_object(const command_line *cli, const link_job *job, char **out, size_t *size);

#endif
