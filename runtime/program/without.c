/* What takes the place of a reader whose library the program is built without: a file of its format is known by its
 * first bytes, and refused. */
#include "program/without.h"

#include <string.h>

#include "data/formats/readers.h"
#include "data/pictures/pictures.h"

/* Some libraries may be there, so that a function may have no caller. */
static inline bool begins(const br_bytes *file, const char *bytes, size_t length)
{
    return file->size >= length && memcmp(file->data, bytes, length) == 0;
}

#define WITHOUT(format, library, instead)                                                                              \
    "%s: is " format ", and this program was built without " library ", which the machine's C compiler did not have; " \
    "convert it to " instead ", or build the program again with that library"

#define NO_PICTURE(name, format, library)                                                                              \
    int br_##name##_read(br_picture_context *context, const char *path, const br_bytes *file, br_array *out,           \
                         br_error *error)                                                                              \
    {                                                                                                                  \
        (void)context;                                                                                                 \
        (void)file;                                                                                                    \
        *out = (br_array){0};                                                                                          \
        return br_fail(error, BR_ERROR_IO, WITHOUT("a " format " picture", library, "PGM, PPM or BMP"), path);         \
    }

#ifdef BR_WITHOUT_PNG
bool br_png_is(const br_bytes *file)
{
    return begins(file, "\x89PNG\r\n\x1a\n", 8);
}

NO_PICTURE(png, "PNG", "libpng")
#endif

#ifdef BR_WITHOUT_JPEG
bool br_jpeg_is(const br_bytes *file)
{
    return begins(file, "\xff\xd8\xff", 3);
}

NO_PICTURE(jpeg, "JPEG", "libjpeg")
#endif

#ifdef BR_WITHOUT_GIF
bool br_gif_is(const br_bytes *file)
{
    return begins(file, "GIF87a", 6) || begins(file, "GIF89a", 6);
}

NO_PICTURE(gif, "GIF", "giflib")
#endif

#ifdef BR_WITHOUT_WEBP
bool br_webp_is(const br_bytes *file)
{
    return begins(file, "RIFF", 4) && file->size >= 12 && memcmp(file->data + 8, "WEBP", 4) == 0;
}

NO_PICTURE(webp, "WebP", "libwebp")
#endif

#ifdef BR_WITHOUT_ZIP
bool br_npz_is(const br_bytes *file)
{
    return begins(file, "PK\3\4", 4) || begins(file, "PK\5\6", 4);
}

int br_npz_read(const char *path, const br_bytes *file, const br_npz_request *request, br_array *out, br_labels *labels,
                br_error *error)
{
    (void)file;
    (void)request;
    *out = (br_array){0};
    *labels = (br_labels){0};
    return br_fail(error, BR_ERROR_IO, WITHOUT("an archive of arrays (NPZ)", "libzip", "NPY"), path);
}
#endif
