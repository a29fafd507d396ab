/* Helpers of the readers' suites: files in buffers of exactly their size, so that sanitizers see every read past the
 * end, and two ways to damage them. */
#ifndef READING_H
#define READING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/formats/readers.h"

#define PATH "some.file"

/* Reads a file's bytes, frees the result and returns the status. */
typedef int reader(const br_bytes *file, br_error *error);

/* Calls the reader on a copy of n bytes. */
static inline int read_copy(reader *read, const void *bytes, size_t n, br_error *error)
{
    br_bytes file = {malloc(n > 0 ? n : 1), n};
    memcpy(file.data, bytes, n);
    *error = (br_error){0};
    int status = read(&file, error);
    free(file.data);
    return status;
}

static inline void assert_refused(reader *read, const void *bytes, size_t n, br_error_kind kind, const char *message)
{
    br_error error;
    assert_int_equal(read_copy(read, bytes, n, &error), -1);
    assert_string_equal(error.message, message);
    assert_int_equal(error.kind, kind);
}

/* Every truncation of a good file must be refused, with a message that begins with the file's name. */
static inline void assert_truncations_refused(reader *read, const void *bytes, size_t n)
{
    br_error error;
    assert_int_equal(read_copy(read, bytes, n, &error), 0);
    for (size_t cut = 0; cut < n; cut++) {
        assert_int_equal(read_copy(read, bytes, cut, &error), -1);
        assert_memory_equal(error.message, PATH ":", strlen(PATH ":"));
        assert_int_equal(error.kind, BR_ERROR_IO);
    }
}

/* Random changes of a good file must be read or refused with a message, and never cause a crash. BOUTON_TEST_SEED
 * chooses other changes. */
static inline void assert_mutations_survived(reader *read, const void *bytes, size_t n, uint32_t rounds)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : 1;
    print_message("BOUTON_TEST_SEED=%llu\n", (unsigned long long)seed);
    uint8_t *copy = malloc(n);
    uint32_t refused = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        uint32_t words[4];
        br_error error;
        memcpy(copy, bytes, n);
        br_random4(seed, BR_STREAM_TEST, 0, 2 * (uint64_t)round, words);
        uint32_t changes = 1 + br_random_below(words[0], 4);
        size_t length = words[1] < UINT32_MAX / 4 ? br_random_below(words[2], (uint32_t)n) : n;
        for (uint32_t i = 0; i < changes; i++) {
            br_random4(seed, BR_STREAM_TEST, i + 1, 2 * (uint64_t)round + 1, words);
            copy[br_random_below(words[0], (uint32_t)n)] = words[1] & 1 ? (uint8_t)(words[2] >> 8) : 0xFF;
        }
        if (read_copy(read, copy, length, &error) != 0) {
            refused++;
            assert_true(strlen(error.message) > strlen(PATH));
        }
    }
    free(copy);
    assert_true(refused > 0);
}

#endif
