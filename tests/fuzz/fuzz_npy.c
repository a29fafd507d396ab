/* NPY: as samples and as labels. */
#include "reading.h"

enum { CLASSES = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_bytes file = fuzz_bytes(data, size);
    br_array array;
    br_labels labels;
    br_error error = {0};
    int status = br_npy_inputs(PATH, &file, &array, &error);
    fuzz_check_array(status, &array, &error, CLASSES);
    if (status == 0 && br_array_check_range(&array, PATH, -8, 255, &error) == 0)
        fuzz_require(br_array_to_floats(&array, &error) == 0);
    br_array_free(&array);
    status = br_npy_labels(PATH, &file, CLASSES, &labels, &error);
    fuzz_check_labels(status, &labels, &error, CLASSES);
    return 0;
}
