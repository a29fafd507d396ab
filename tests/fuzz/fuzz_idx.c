/* IDX: as images, as images that refer to the file's memory, and as labels. */
#include "reading.h"

enum { CLASSES = 10 };

static const bt_shape image = {6, 5, 1};

static void take(const uint8_t *data, size_t size, const br_array *wanted)
{
    br_notes notes = {0};
    br_array array;
    br_error error = {0};
    br_bytes copy = {malloc(size), size};
    fuzz_require(copy.data != NULL);
    memcpy(copy.data, data, size);
    fuzz_require(br_idx_take(PATH, &copy, image, &notes, &array, &error) == 0);
    fuzz_require(br_array_hash(&array, 0) == br_array_hash(wanted, 0));
    br_array_free(&array);
    free(copy.data); /* kept where the values had to be copied */
    br_notes_free(&notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_bytes file = fuzz_bytes(data, size);
    br_array array;
    br_labels labels;
    br_error error = {0};
    br_notes notes = {0};
    int status = br_idx_inputs(PATH, &file, image, &notes, &array, &error);
    br_notes_free(&notes);
    fuzz_check_array(status, &array, &error, CLASSES);
    if (status == 0) {
        take(data, size, &array);
        if (br_picture_fit(&array, PATH, (bt_shape){6, 5, 1}, &error) == 0)
            fuzz_require(br_array_values(&array) == 30);
        br_array_free(&array);
    }
    status = br_idx_labels(PATH, &file, CLASSES, &labels, &error);
    fuzz_check_labels(status, &labels, &error, CLASSES);
    return 0;
}
