/* A fuzz target takes any bytes as what it reads. They lie in memory of exactly their size, so that the sanitizers see
 * a byte read too many. Refusing is as good as reading; what was read must keep its promises. Linked with libFuzzer
 * (clang) or with driver.c (any compiler). */
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

/* A target may define this: it brings sums over other bytes in order, which random changes would never get right. */
__attribute__((weak)) void fuzz_mend(uint8_t *data, size_t size);

/* A promise broken is a crash. */
#define fuzz_require(condition)                                                                                        \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);                                    \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

#endif
