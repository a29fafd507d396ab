/* A whole file in memory, decompressed if it is gzip. */
#ifndef BR_BYTES_H
#define BR_BYTES_H

#include <stdint.h>

#include "bouton/runtime.h"

struct gzFile_s; /* of zlib */

#define BR_FILE_LIMIT (4ull << 30) /* bytes of one data file, decompressed */

typedef struct br_bytes {
    uint8_t *data;
    uint64_t size;
} br_bytes;

/* Reads a whole file. Refuses files of more than `limit` bytes, folders, and gzip files that are truncated or damaged.
 * Named pipes, sockets and devices are refused at once, except /dev/stdin and /dev/fd/N. */
int br_bytes_read(const char *path, uint64_t limit, br_bytes *out, br_error *error);

/* The same for a path that the user has named: a named pipe is read, and its writer waited for. */
int br_bytes_read_pipe(const char *path, uint64_t limit, br_bytes *out, br_error *error);

/* Reads the first `most` bytes of a file, or fewer if it is shorter, decompressed if it is gzip. */
int br_bytes_head(const char *path, uint32_t most, br_bytes *out, br_error *error);

void br_bytes_free(br_bytes *bytes);

/* For readers that go through a file block by block: a descriptor of a readable file, or -1, and its estimated number
 * of bytes; and the reason why zlib stopped after `size` bytes: 0 at the end of the file, otherwise -1. */
int br_bytes_open(const char *path, uint64_t *guess, br_error *error);
int br_bytes_end(const char *path, struct gzFile_s *stream, int got, uint64_t size, br_error *error);

/* Little-endian and big-endian numbers at any address, aligned or not. */
static inline uint32_t br_big32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline uint16_t br_little16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t br_little32(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

static inline uint64_t br_little64(const uint8_t *at)
{
    return (uint64_t)br_little32(at + 4) << 32 | br_little32(at);
}

#endif
