/* A fuzz target reads arbitrary bytes. They lie in memory of exactly their size, so that the sanitizers detect a read
 * past the end. The target may refuse them; if it accepts them, the result must meet every fuzz_require. Targets are
 * linked with libFuzzer (clang) or with driver.c (any compiler). */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__has_feature)
#define FUZZ_MEMORY_SANITIZER __has_feature(memory_sanitizer)
#else
#define FUZZ_MEMORY_SANITIZER 0
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A target may define this function. It corrects checksums, which random mutations would practically never get right.
 * */
__attribute__((weak)) void fuzz_mend(uint8_t *data, size_t size);

/* Aborts if the condition does not hold, which counts as a crash. */
#define fuzz_require(condition)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
