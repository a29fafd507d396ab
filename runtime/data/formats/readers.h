/* One reader for each file format. It converts the bytes of a whole file to samples or labels. `path` is only for
 * messages. On failure *out is empty. */
#ifndef BR_READERS_H
#define BR_READERS_H

#include "data/array.h"
#include "data/formats/bytes.h"
#include "data/notes.h"
#include "data/pictures/pictures.h"
#include "data/words.h"

/* Labels from a separate file. Numbers are below `classes`, one-hot labels are the number of their column. If the
 * labels are words, label k stands for words.list[k].text: words are numbered as they appear, and may be more than
 * `classes`. br_labels_name gives them their classes. */
typedef struct br_labels {
    uint64_t count;
    uint32_t *labels; /* [count]; owned */
    br_words words;   /* count 0: the labels are numbers */
} br_labels;

void br_labels_free(br_labels *labels);

int br_label_beyond(const char *path, uint64_t sample, uint64_t byte, int64_t label, uint32_t classes,
                    br_error *error); /* fills in *error and returns -1 */

/* Arrays: samples of the network's shape; see layout.h for the arrays that fit. Notes tell of guesses. */
bool br_idx_is(const br_bytes *file);
int br_idx_inputs(const char *path, const br_bytes *file, bt_shape shape, br_notes *notes, br_array *out,
                  br_error *error);
int br_idx_take(const char *path, br_bytes *file, bt_shape shape, br_notes *notes, br_array *out,
                br_error *error); /* keeps the file's memory instead of a copy, where the values lie in their order */
int br_idx_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error);

bool br_npy_is(const br_bytes *file);
int br_npy_inputs(const char *path, const br_bytes *file, bt_shape shape, br_notes *notes, br_array *out,
                  br_error *error);
int br_npy_labels(const char *path, const br_bytes *file, uint32_t classes, br_labels *out, br_error *error);

/* What is read from an archive of arrays (NPZ). */
typedef struct br_npz_request {
    const char *samples, *labels; /* names of the arrays; NULL: found by their names, and a note tells which they are */
    bool without_labels;          /* for a prediction: no labels are looked for */
    bt_split split;               /* decides between x_train, x_test and the like */
    bt_shape shape;
    uint32_t classes;
    br_notes *notes;
} br_npz_request;

bool br_npz_is(const br_bytes *file);
/* `labels` is empty with without_labels. */
int br_npz_read(const char *path, const br_bytes *file, const br_npz_request *request, br_array *out, br_labels *labels,
                br_error *error);

/* CIFAR-10, or with `fine` CIFAR-100 and its fine labels. */
int br_cifar_read(const char *path, const br_bytes *file, bool fine, uint32_t classes, br_array *out, br_error *error);

/* The names of the classes, which the data sets bring along: a line for each of the 10 or, with `fine`, 100 classes.
 * br_cifar_names looks beside the data file `path` for batches.meta.txt or fine_label_names.txt; if there is none,
 * *count is 0. BR_ERROR_IO: the file cannot be read, has another number of lines, two equal lines, or one that is empty
 * or not UTF-8. */
int br_cifar_names(const char *path, bool fine, char ***names, uint32_t *count, br_error *error);
int br_cifar_name_lines(const char *path, const br_bytes *file, bool fine, char ***names, uint32_t *count,
                        br_error *error);
void br_cifar_names_free(char **names, uint32_t count);

#endif
