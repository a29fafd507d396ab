/* Errors, processors and random numbers: the base of the runtime's other headers.
 *
 *     static int read_number(const char *path, double *out, br_error *error)
 *     {
 *         FILE *file = fopen(path, "r");
 *         if (file == NULL)
 *             return br_fail(error, BR_ERROR_IO, "%s: can't be opened: %s", path, strerror(errno));
 *         ...
 *     }
 *
 *     br_error error;
 *     if (read_number("eta.txt", &eta, &error) != 0) {
 *         fprintf(stderr, "error: %s\n", error.message);
 *         return error.kind;                         // also the exit status of the command line
 *     }
 *
 * Every function of the runtime that can fail returns 0 on success, or -1 with the reason in *error. `error` must not
 * be NULL. On failure, out-parameters are untouched or empty, so freeing them is safe. Running out of memory is
 * BR_ERROR_FAULT in every function; the other kinds are named with each function.
 *
 * Threads: the libraries have no global state. Calls that share no handle may run at the same time in any threads. A
 * handle may be read by several threads at a time (const parameters), and changed by one thread alone. */
#ifndef BOUTON_ERROR_H
#define BOUTON_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bouton/api.h"

BOUTON_BEGIN

/* The values are the exit statuses of the command line. */
typedef enum br_error_kind {
    BR_OK = 0,
    BR_ERROR_CHECK = 1, /* a description, an expectation or settings don't fit */
    BR_ERROR_USAGE = 2, /* the caller asked for something that does not exist */
    BR_ERROR_IO = 3,    /* a file is missing, unreadable, malformed or can't be written */
    BR_ERROR_FAULT = 4  /* a fault of bouton itself, out of memory included */
} br_error_kind;

typedef struct br_error {
    br_error_kind kind;
    char message[512]; /* one sentence: place (file, and line or byte where known), cause, remedy */
} br_error;

/* Fills *error and returns -1. */
int br_fail(br_error *error, br_error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__ /* it sees one file at a time and would assume that br_fail returns 0 */
#define br_fail(...) ((br_fail)(__VA_ARGS__), -1)
#endif

/* The number of processors that this process may use, at least 1. */
uint32_t br_processors(void);

/* ---- random numbers: Philox 4x32-10, counter-based ---- */

/* One stream for each purpose, so that no purpose disturbs another's numbers. */
typedef enum br_stream {
    BR_STREAM_SIGN = 1,
    BR_STREAM_ALPHA,
    BR_STREAM_SHUFFLE,
    BR_STREAM_SHIFT,
    BR_STREAM_HOLD_OUT,
    BR_STREAM_DIGITS,
    BR_STREAM_ENCODE,
    BR_STREAM_PATCH,
    BR_STREAM_MIRROR,
    BR_STREAM_CUTOUT,
    BR_STREAM_JITTER,
    BR_STREAM_TEST /* never used by the libraries: the caller's own */
} br_stream;

/* Four random words, number `index` of lane `lane` of a stream. The words depend on the arguments alone, so any thread
 * may ask for any of them in any order. */
void br_random4(uint64_t seed, br_stream stream, uint32_t lane, uint64_t index, uint32_t out[4]);
float br_random_unit(uint32_t word);                 /* in [0, 1), 24 bits */
uint32_t br_random_below(uint32_t word, uint32_t n); /* 0 .. n-1, by multiplication */

BOUTON_END
#endif
