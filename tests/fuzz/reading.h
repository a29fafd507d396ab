/* Functions shared by the targets of data readers. */
#ifndef FUZZ_READING_H
#define FUZZ_READING_H

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "data/formats/readers.h"
#include "data/range_check.h"
#include "target.h"

#define PATH  "some.file"
#define LARGE (1u << 16) /* pixels */

/* A reader does not change its bytes. The cast drops const, because br_bytes serves for owned memory too. */
static inline br_bytes fuzz_bytes(const uint8_t *data, size_t size)
{
    return (br_bytes){(uint8_t *)data, size};
}

/* The array was read, and all its values and labels are valid, or it was refused with a message that names the file. */
static inline void fuzz_check_array(int status, const br_array *array, const br_error *error, uint32_t classes)
{
    if (status != 0) {
        fuzz_require(error->kind != BR_OK && strstr(error->message, PATH) != NULL);
        fuzz_require(array->bytes == NULL && array->floats == NULL && array->labels == NULL);
        return;
    }
    uint64_t values = array->count * br_array_values(array);
    fuzz_require(values > 0 && (array->bytes != NULL) != (array->floats != NULL));
    for (uint64_t i = 0; array->floats != NULL && i < values; i++)
        fuzz_require(isfinite(array->floats[i]));
    for (uint64_t i = 0; array->labels != NULL && i < array->count; i++)
        fuzz_require(array->labels[i] < classes);
    fuzz_require(br_array_hash(array, 0) == br_array_hash(array, 0));
}

static inline void fuzz_check_labels(int status, br_labels *labels, const br_error *error, uint32_t classes)
{
    if (status != 0) {
        fuzz_require(error->kind != BR_OK && strstr(error->message, PATH) != NULL && labels->labels == NULL);
        return;
    }
    fuzz_require(labels->count > 0);
    uint32_t most = labels->words.count > 0 ? labels->words.count : classes; /* words are numbered on their own */
    for (uint64_t i = 0; i < labels->count; i++)
        fuzz_require(labels->labels[i] < most);
    br_labels_free(labels);
}

/* Reads a picture and converts it to two kinds of input. */
static inline void fuzz_picture(br_picture_reader *read, const uint8_t *data, size_t size)
{
    static const uint32_t shapes[][3] = {{28, 28, 1}, {9, 7, 3}};
    br_bytes file = fuzz_bytes(data, size);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        br_array array;
        br_error error = {0};
        br_notes notes = {0};
        br_picture_context context = {.notes = &notes};
        int status = read(&context, PATH, &file, &array, &error);
        br_picture_tell(&context);
        br_notes_free(&notes);
        if (status == 0 && bt_places(array.shape) > LARGE) { /* a few bytes may claim many pixels, which take time */
            br_array_free(&array);
            return;
        }
        fuzz_check_array(status, &array, &error, 0);
        if (status != 0)
            return;
        fuzz_require(array.count == 1 && (array.shape.channels == 1 || array.shape.channels == 3));
        br_range_check check = {.low = -1, .high = 1};
        if (br_picture_fit(&array, PATH, (bt_shape){shapes[i][0], shapes[i][1], shapes[i][2]}, &error) == 0)
            fuzz_require(br_picture_map(&array, -1, 1, &error) == 0 &&
                         br_array_check_range(&array, PATH, &check, &error) == 0);
        br_array_free(&array);
    }
}

#endif
