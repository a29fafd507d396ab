/* CIFAR-10 and CIFAR-100, and their files of names. The network has 10 classes, so that labels can be too large for
 * it. */
#include "reading.h"

enum { CLASSES = 10 };

/* The bytes as a file of names: all of them, or a message that names the file. */
static void try_names(const br_bytes *file, bool fine)
{
    char **names;
    uint32_t count;
    br_error error = {0};
    if (br_cifar_name_lines(PATH, file, fine, &names, &count, &error) != 0) {
        fuzz_require(error.kind == BR_ERROR_IO && strstr(error.message, PATH) != NULL && names == NULL && count == 0);
        return;
    }
    fuzz_require(count == (fine ? 100 : 10));
    for (uint32_t i = 0; i < count; i++)
        fuzz_require(names[i][0] != '\0');
    br_cifar_names_free(names, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_bytes file = fuzz_bytes(data, size);
    for (int fine = 0; fine < 2; fine++) {
        br_array array;
        br_error error = {0};
        int status = br_cifar_read(PATH, &file, fine, CLASSES, &array, &error);
        fuzz_check_array(status, &array, &error, CLASSES);
        br_array_free(&array);
        try_names(&file, fine);
    }
    return 0;
}
