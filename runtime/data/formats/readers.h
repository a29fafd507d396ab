/* One reader per file format: bytes of a whole file become samples or labels. `path` is for messages alone. On failure
 * nothing is left in *out. */
#ifndef BR_READERS_H
#define BR_READERS_H

#include "data/array.h"
#include "data/formats/bytes.h"

/* Labels of a file of their own; each is below `classes`. */
typedef struct br_labels {
    uint64_t count;
    uint32_t *labels;
} br_labels;

int br_label_beyond(const char *path, uint64_t sample, uint64_t byte, int64_t label, uint32_t classes,
                    br_error *error); /* fills *error, returns -1 */

bool br_idx_is(const br_bytes *file);
int br_idx_inputs(const char *path, const br_bytes *file, br_array *out, br_error *error);
int br_idx_take(const char *path, br_bytes *file, br_array *out,
                br_error *error); /* in the file's memory, not a copy */
int br_idx_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error);

bool br_npy_is(const br_bytes *file);
int br_npy_inputs(const char *path, const br_bytes *file, br_array *out, br_error *error);
int br_npy_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error);

typedef enum br_label_column { BR_LABEL_LAST, BR_LABEL_FIRST, BR_LABEL_LAST_OR_NONE } br_label_column;

/* Lines of `values` numbers, and a label where the file has one. */
int br_csv_read(const char *path, const br_bytes *file, uint32_t values, br_label_column where, uint32_t classes,
                br_array *out, br_error *error);

/* CIFAR-10, or `fine` CIFAR-100 with its fine labels. */
int br_cifar_read(const char *path, const br_bytes *file, bool fine, uint32_t classes, br_array *out, br_error *error);

/* Pictures: one sample of bytes, with one channel (grey) or three. */
#define BR_PICTURE_SIDE  16384u       /* most rows or columns */
#define BR_PICTURE_BYTES (1ull << 28) /* most bytes, decoded */

bool br_png_is(const br_bytes *file);
int br_png_read(const char *path, const br_bytes *file, br_array *out, br_error *error);
bool br_jpeg_is(const br_bytes *file);
int br_jpeg_read(const char *path, const br_bytes *file, br_array *out, br_error *error);
bool br_pnm_is(const br_bytes *file);
int br_pnm_read(const char *path, const br_bytes *file, br_array *out, br_error *error);
bool br_picture_is(const br_bytes *file); /* any of these */
int br_picture_read(const char *path, const br_bytes *file, br_array *out, br_error *error);
int br_picture_check(const char *path, uint64_t height, uint64_t width, uint64_t channels, br_error *error);

/* Brings one picture to the network's input: scaled, grey made of colour or the other way round. */
int br_picture_fit(br_array *array, const char *path, uint32_t height, uint32_t width, uint32_t channels,
                   br_error *error);

/* A picture's black and white are the two ends of the raw values, whatever those are. */
int br_picture_map(br_array *array, double low, double high, br_error *error);

/* What pictures are to become. */
typedef struct br_picture_shape {
    uint32_t height, width, channels;
    double low, high;
} br_picture_shape;

/* Pictures in folders, one for each class. */
int br_folder_read(const char *path, const br_picture_shape *shape, uint32_t classes, br_array *out, br_error *error);

/* Every pixel of a picture, row by row, as a sample of 1x1x3; grey ones in three equal channels. No labels. */
int br_pixels_read(const char *path, const br_picture_shape *shape, br_array *out, br_error *error);

/* A picture of any format as red, green and blue bytes: one sample. */
int br_picture_colours(const char *path, const br_bytes *file, br_array *out, br_error *error);

/* Labels are the order of the names, so two folders of one data set must hold classes of the same names. */
int br_folder_same_classes(const char *path, const char *other, br_error *error);

/* Pictures of another shape brought to height x width x channels; see scale.c. */
int br_scale(br_array *array, uint32_t height, uint32_t width, uint32_t channels, br_error *error);

#endif
