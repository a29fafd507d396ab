/* NPY: as samples and as labels. */
#include "data/range_check.h"
#include "reading.h"

enum { CLASSES = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_bytes file = fuzz_bytes(data, size);
    br_array array;
    br_labels labels;
    br_error error = {0};
    static const bt_shape shapes[] = {{1, 3, 1}, {2, 3, 1}, {2, 2, 3}, {1, 4, 2}};
    int status;
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        br_notes notes = {0};
        br_range_check check = {.low = -8, .high = 255, .predicting = i % 2, .notes = &notes};
        status = br_npy_inputs(PATH, &file, shapes[i], &notes, &array, &error);
        fuzz_check_array(status, &array, &error, CLASSES);
        if (status == 0 && br_array_check_range(&array, PATH, &check, &error) == 0)
            fuzz_require(br_array_to_floats(&array, &error) == 0);
        br_array_free(&array);
        br_notes_free(&notes);
    }
    status = br_npy_labels(PATH, &file, CLASSES, &labels, &error);
    fuzz_check_labels(status, &labels, &error, CLASSES);
    return 0;
}
