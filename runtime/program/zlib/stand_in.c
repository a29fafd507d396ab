#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

struct gzFile_s {
    int file, state;
    unsigned read; /* bytes that were read, 2 at most: whether the first two say gzip */
    unsigned char first[2];
};

gzFile gzdopen(int file, const char *mode)
{
    (void)mode;
    gzFile stream = calloc(1, sizeof *stream);
    if (stream != NULL)
        stream->file = file;
    return stream;
}

int gzbuffer(gzFile stream, unsigned size)
{
    (void)stream;
    (void)size;
    return 0;
}

int gzread(gzFile stream, void *to, unsigned size)
{
    unsigned got = 0;
    while (got < size) {
        ssize_t n = read(stream->file, (char *)to + got, size - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            stream->state = Z_ERRNO;
        if (n <= 0)
            break;
        got += (unsigned)n;
    }
    for (unsigned i = 0; i < got && stream->read < 2; i++)
        stream->first[stream->read++] = ((unsigned char *)to)[i];
    if (stream->read == 2 && stream->first[0] == 0x1f && stream->first[1] == 0x8b)
        stream->state = Z_VERSION_ERROR;
    return stream->state != Z_OK ? -1 : (int)got;
}

const char *gzerror(gzFile stream, int *state)
{
    *state = stream->state;
    return stream->state == Z_VERSION_ERROR ? "this program was built without zlib; unpack it with gunzip first" : "";
}

int gzclose(gzFile stream)
{
    close(stream->file);
    free(stream);
    return Z_OK;
}
