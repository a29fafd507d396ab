/* Questions about this machine. None of them starts a program. */
#ifndef BOUTON_DRIVER_PROBE_H
#define BOUTON_DRIVER_PROBE_H

#include <limits.h>
#include <stdbool.h>

/* The highest level of the processor that compilers name, with what it means: "x86-64-v3 (AVX2, FMA)". */
const char *probe_level(void);

/* Finds a program in PATH, or one that is named by its path; the words behind a first one are left out. */
bool probe_program(const char *name, char out[PATH_MAX]);

/* Whether the dynamic linker finds a library; whether the compiler's standard folders have a header. */
bool probe_library(const char *name);
bool probe_header(const char *name);

#endif
