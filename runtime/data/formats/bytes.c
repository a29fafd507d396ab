#include "data/formats/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/memory.h"

#define CHUNK (1u << 20) /* bytes decompressed at once; also the smallest growth of the memory */

/* Standard input and pipes that a shell has opened for the program: whoever started it has chosen them. */
static bool is_open_already(const char *path)
{
    return strcmp(path, "/dev/stdin") == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
           strncmp(path, "/proc/self/fd/", 14) == 0;
}

static const char *what_it_is(mode_t mode)
{
    return S_ISFIFO(mode) ? "a named pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
}

/* Opens a readable file and estimates its number of bytes. A pipe is waited for only if `pipes` is set. */
static int open_file(const char *path, bool pipes, uint64_t *guess, br_error *error)
{
    struct stat facts;
    bool found = stat(path, &facts) == 0, allowed = is_open_already(path);
    allowed = allowed || (found && pipes && S_ISFIFO(facts.st_mode));
    if (found && !allowed && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode))
        return br_fail(error, BR_ERROR_IO, "%s: is %s, not a file; copy what it holds into a file, and name that", path,
                       what_it_is(facts.st_mode));
    /* O_NONBLOCK: a pipe that has come into the place of a file must not be waited for; on files it has no effect. */
    int file = open(path, O_RDONLY | O_CLOEXEC | (allowed ? 0 : O_NONBLOCK));
    if (file < 0)
        return br_fail(error, BR_ERROR_IO, "%s: can't be opened: %s; check the name and the data folder", path,
                       strerror(errno));
    if (fstat(file, &facts) != 0) {
        br_fail(error, BR_ERROR_IO, "%s: can't be read: %s", path, strerror(errno));
        close(file);
        return -1;
    }
    if (S_ISDIR(facts.st_mode)) {
        close(file);
        return br_fail(error, BR_ERROR_IO, "%s: is a folder, not a file", path);
    }
    *guess = facts.st_size > 0 ? (uint64_t)facts.st_size : 0;
    return file;
}

int br_bytes_open(const char *path, uint64_t *guess, br_error *error)
{
    return open_file(path, false, guess, error);
}

int br_bytes_end(const char *path, struct gzFile_s *stream, int got, uint64_t size, br_error *error)
{
    int state;
    const char *reason = gzerror(stream, &state);
    if (state == Z_BUF_ERROR)
        return br_fail(error, BR_ERROR_IO, "%s: the gzip data ends after %llu bytes unpacked; the file is cut short",
                       path, (unsigned long long)size);
    if (state == Z_ERRNO)
        return br_fail(error, BR_ERROR_IO, "%s: can't be read: %s", path, strerror(errno));
    if (state == Z_VERSION_ERROR) /* of the stand-in for zlib, program/zlib/ */
        return br_fail(error, BR_ERROR_IO, "%s: is in gzip, and %s", path, reason);
    if (got < 0 || (state != Z_OK && state != Z_STREAM_END))
        return br_fail(error, BR_ERROR_IO, "%s: the gzip data is damaged after %llu bytes unpacked: %s", path,
                       (unsigned long long)size, reason);
    return 0;
}

static int read_all(const char *path, gzFile stream, uint64_t guess, uint64_t limit, br_bytes *out, br_error *error)
{
    uint64_t capacity = 0;
    for (;;) {
        if (capacity - out->size < CHUNK) {
            uint64_t wanted = capacity == 0 && guess <= limit ? guess + CHUNK + 1 : capacity + capacity / 2 + CHUNK;
            uint8_t *larger = br_resize(out->data, wanted, 1, error);
            if (larger == NULL)
                return -1;
            out->data = larger;
            capacity = wanted;
        }
        int got = gzread(stream, out->data + out->size, CHUNK);
        if (got <= 0)
            return br_bytes_end(path, stream, got, out->size, error);
        out->size += (uint64_t)got;
        if (out->size > limit)
            return br_fail(error, BR_ERROR_IO, "%s: holds more than %llu MiB; split it into several files", path,
                           (unsigned long long)(limit >> 20));
    }
}

static gzFile open_stream(const char *path, bool pipes, uint64_t *guess, br_error *error)
{
    int file = open_file(path, pipes, guess, error);
    gzFile stream = file >= 0 ? gzdopen(file, "rb") : NULL;
    if (stream == NULL && file >= 0) {
        close(file);
        br_fail(error, BR_ERROR_FAULT, "out of memory: zlib's buffers could not be allocated");
    }
    if (stream != NULL && gzbuffer(stream, CHUNK / 8) != 0) {
        gzclose(stream);
        stream = NULL;
        br_fail(error, BR_ERROR_FAULT, "zlib refused a buffer of %u bytes", CHUNK / 8);
    }
    return stream;
}

static int read_path(const char *path, bool pipes, uint64_t limit, br_bytes *out, br_error *error)
{
    *out = (br_bytes){0};
    uint64_t guess = 0;
    gzFile stream = open_stream(path, pipes, &guess, error);
    if (stream == NULL)
        return -1;
    int status = read_all(path, stream, guess, limit, out, error);
    gzclose(stream);
    if (status != 0)
        br_bytes_free(out);
    return status;
}

int br_bytes_head(const char *path, uint32_t most, br_bytes *out, br_error *error)
{
    *out = (br_bytes){0};
    uint64_t guess = 0;
    gzFile stream = open_stream(path, false, &guess, error);
    if (stream == NULL)
        return -1;
    out->data = br_new(most, 1, error);
    int got = out->data != NULL ? gzread(stream, out->data, most) : 0;
    int status = out->data == NULL ? -1 : got < 0 ? br_bytes_end(path, stream, got, 0, error) : 0;
    out->size = got > 0 ? (uint64_t)got : 0;
    gzclose(stream);
    if (status != 0)
        br_bytes_free(out);
    return status;
}

int br_bytes_read(const char *path, uint64_t limit, br_bytes *out, br_error *error)
{
    return read_path(path, false, limit, out, error);
}

int br_bytes_read_pipe(const char *path, uint64_t limit, br_bytes *out, br_error *error)
{
    return read_path(path, true, limit, out, error);
}

void br_bytes_free(br_bytes *bytes)
{
    br_release(bytes->data);
    *bytes = (br_bytes){0};
}
