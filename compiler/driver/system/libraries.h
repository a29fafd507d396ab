/* The libraries that built programs read files with, in the order in which they are linked. */
#ifndef BOUTON_DRIVER_LIBRARIES_H
#define BOUTON_DRIVER_LIBRARIES_H

/* name as in -lNAME, header, Debian's package; what a program for a foreign machine is compiled with where the machine
 * lacks the library, and the source that is left out then (runtime/program/without.c). */
#define PROGRAM_LIBRARIES(X)                                                                                           \
    X(png, "png.h", "libpng-dev", "BR_WITHOUT_PNG", "runtime/data/pictures/png.c")                                     \
    X(jpeg, "jpeglib.h", "libjpeg62-turbo-dev", "BR_WITHOUT_JPEG", "runtime/data/pictures/jpeg.c")                     \
    X(gif, "gif_lib.h", "libgif-dev", "BR_WITHOUT_GIF", "runtime/data/pictures/gif.c")                                 \
    X(webp, "webp/decode.h", "libwebp-dev", "BR_WITHOUT_WEBP", "runtime/data/pictures/webp.c")                         \
    X(zip, "zip.h", "libzip-dev", "BR_WITHOUT_ZIP", "runtime/data/formats/npz.c")                                      \
    X(z, "zlib.h", "zlib1g-dev", "BR_WITHOUT_Z", "")

enum {
#define X(name, header, package, without, unit) LIBRARY_##name,
    PROGRAM_LIBRARIES(X)
#undef X
        LIBRARY_COUNT
};

#endif
