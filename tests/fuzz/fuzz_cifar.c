/* CIFAR-10 and CIFAR-100, for a network of 10 classes, so that labels can be too large for it. */
#include "reading.h"

enum { CLASSES = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_bytes file = fuzz_bytes(data, size);
    for (int fine = 0; fine < 2; fine++) {
        br_array array;
        br_error error = {0};
        int status = br_cifar_read(PATH, &file, fine, CLASSES, &array, &error);
        fuzz_check_array(status, &array, &error, CLASSES);
        br_array_free(&array);
    }
    return 0;
}
