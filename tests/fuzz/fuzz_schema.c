/* The text of a schema, as model files and built programs hold it: read, written, and read again. */
#include <stdlib.h>

#include "reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *written, *again;
    br_schema *schema, *back;
    br_error error = {0};
    fuzz_require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (br_schema_read(text, &schema, &error) == 0) {
        /* names that are not UTF-8 are read, but not written */
        if (br_schema_write(schema, &written, &error) == 0) {
            fuzz_require(br_schema_read(written, &back, &error) == 0);
            fuzz_require(br_schema_write(back, &again, &error) == 0);
            fuzz_require(strcmp(written, again) == 0);
            br_schema_free(back);
            free(written);
            free(again);
        } else {
            fuzz_require(error.kind == BR_ERROR_CHECK);
        }
        br_schema_free(schema);
    } else {
        fuzz_require(schema == NULL && error.message[0] != '\0');
    }
    free(text);
    return 0;
}
