/* Stands in for zlib's header where a program is built without zlib: the functions by which files are read. A file is
 * read as it is. One in gzip is refused: the state is Z_VERSION_ERROR. */
#ifndef BR_ZLIB_STAND_IN_H
#define BR_ZLIB_STAND_IN_H

typedef struct gzFile_s *gzFile;

enum { Z_OK = 0, Z_STREAM_END = 1, Z_ERRNO = -1, Z_BUF_ERROR = -5, Z_VERSION_ERROR = -6 };

gzFile gzdopen(int file, const char *mode);
int gzbuffer(gzFile stream, unsigned size);
int gzread(gzFile stream, void *to, unsigned size);
const char *gzerror(gzFile stream, int *state);
int gzclose(gzFile stream);

#endif
