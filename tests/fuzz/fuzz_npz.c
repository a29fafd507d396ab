/* NPZ: archives of arrays, with labels and without. */
#include "reading.h"

enum { CLASSES = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    br_bytes file = fuzz_bytes(data, size);
    for (int labelled = 0; labelled < 2; labelled++) {
        br_array array;
        br_labels labels;
        br_error error = {0};
        br_notes notes = {0};
        br_npz_request request = {.without_labels = !labelled, .shape = {1, 2, 1}, .classes = CLASSES, .notes = &notes};
        int status = br_npz_read(PATH, &file, &request, &array, &labels, &error);
        fuzz_check_array(status, &array, &error, CLASSES);
        if (status == 0 && labelled)
            fuzz_check_labels(status, &labels, &error, CLASSES);
        br_array_free(&array);
        br_notes_free(&notes);
    }
    return 0;
}
