/* CSV: samples of three values or one, with the label before or after them, or without a label. */
#include "reading.h"

enum { CLASSES = 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t values[] = {3, 1};
    static const br_label_column columns[] = {BR_LABEL_LAST, BR_LABEL_FIRST, BR_LABEL_LAST_OR_NONE};
    br_bytes file = fuzz_bytes(data, size);
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            br_array array;
            br_error error = {0};
            int status = br_csv_read(PATH, &file, values[v], columns[c], CLASSES, &array, &error);
            fuzz_check_array(status, &array, &error, CLASSES);
            br_array_free(&array);
        }
    return 0;
}
