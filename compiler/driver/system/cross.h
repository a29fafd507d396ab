/* C compilers for foreign machines, with which `bouton build --target` makes programs. */
#ifndef BOUTON_DRIVER_CROSS_H
#define BOUTON_DRIVER_CROSS_H

#include <limits.h>
#include <stdbool.h>

#include "options/cli.h"
#include "system/libraries.h"

typedef struct cross_machine {
    const char *target, *triple; /* as --target names it; as the names of its compilers begin */
    const char *gcc, *libc;      /* Debian's packages: gcc for it; its C library, for clang */
} cross_machine;

typedef struct cross_compiler {
    const cross_machine *machine;
    char tool[PATH_MAX]; /* its path */
    char option[64];     /* clang's --target=TRIPLE; empty: gcc, which makes code for one machine only */
} cross_compiler;

/* The machines whose programs can be made, the i-th; NULL: there are no more. */
const cross_machine *cross_machine_at(unsigned i);

/* Finds ${CROSS_COMPILE}gcc, TRIPLE-gcc, or clang if the machine's C library lies where Debian puts it. No program is
 * started. false: there is none; out->machine is NULL if no programs are made for such machines, such as wasm32. */
bool cross_find(const char *target, cross_compiler *out);

/* The folders in which a compiler finds libraries. Asks the compiler, which prints to the file `printed`. Sets has[i]
 * for each of PROGRAM_LIBRARIES that it has, and *c_archive if it has the C library for static programs. Returns -1 with
 * errno: the compiler could not be asked. */
int cross_libraries(const cross_compiler *compiler, const char *printed, bool has[LIBRARY_COUNT], bool *c_archive);

/* Writes a response file for the compiler: the sources of a program's main function and readers, without those whose
 * library is not there. On failure, prints an error. */
int cross_units(const command_line *cli, const bool has[LIBRARY_COUNT], const char *path);

#endif
