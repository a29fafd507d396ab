/* The scripts that connect shells to `bouton completion`. */
#ifndef BOUTON_DRIVER_SHELL_SCRIPTS_H
#define BOUTON_DRIVER_SHELL_SCRIPTS_H

#include "options/tables.h"

typedef enum shell_id {
#define X(name) SHELL_##name,
    SHELLS(X)
#undef X
        SHELL_COUNT
} shell_id;

extern const char *const shell_names[SHELL_COUNT];
extern const char *const shell_scripts[SHELL_COUNT];

#endif
