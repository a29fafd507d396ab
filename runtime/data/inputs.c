/* Samples for inference from one file. The format is recognised by the content; the samples are fitted to the network's
 * input. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "data/data.h"
#include "data/formats/bytes.h"
#include "data/formats/readers.h"
#include "data/schema.h"
#include "data/table/table.h"

#define LOOKED_AT 512u /* bytes that decide whether an unknown file is text */

static bool is_text(const br_bytes *file)
{
    uint64_t n = file->size < LOOKED_AT ? file->size : LOOKED_AT;
    for (uint64_t i = 0; i < n; i++)
        if (file->data[i] < ' ' && !isspace(file->data[i]))
            return false;
    return true;
}

static int read_table(const char *path, const br_bytes *file, const br_picture_shape *w, br_array *out, br_error *error)
{
    br_notes notes = {0};
    br_schema schema = {0};
    br_tables *tables;
    br_tables_spec spec = {
        .values = (uint32_t)bt_values(w->shape), .classes = UINT32_MAX, .predicting = true, .notes = &notes};
    int status = br_tables_new(&spec, &tables, error);
    if (status == 0)
        status = br_tables_read_bytes(tables, path, file, NULL, BT_SPLIT_TEST, out, error);
    if (status == 0)
        status = br_tables_finish(tables, &out, 1, &schema, error);
    br_tables_free(tables);
    br_schema_clear(&schema);
    br_notes_free(&notes);
    return status;
}

static int read_file(const char *path, const br_bytes *file, const br_picture_shape *w, br_array *out, br_error *error)
{
    if (br_picture_is(file))
        return br_picture_read(path, file, out, error) != 0 || br_picture_fit(out, path, w->shape, error) != 0 ||
                       br_picture_map(out, w->low, w->high, error) != 0
                   ? -1
                   : 0;
    int status;
    if (br_npy_is(file))
        status = br_npy_inputs(path, file, out, error);
    else if (br_idx_is(file))
        status = br_idx_inputs(path, file, out, error);
    else if (is_text(file))
        return read_table(path, file, w, out, error) != 0 || br_array_fit(out, path, w->shape, error) != 0 ? -1 : 0;
    else
        return br_fail(error, BR_ERROR_IO,
                       "%s: byte 0: neither PNG, JPEG, PGM, PPM, IDX, NPY nor CSV; convert the file", path);
    return status != 0 ? -1 : br_picture_fit(out, path, w->shape, error);
}

int br_inputs_load(const char *path, const br_reading *reading, br_data **out, br_error *error)
{
    bt_shape shape = reading->shape;
    double low = reading->range.low, high = reading->range.high;
    *out = NULL;
    if (!isfinite(low) || !isfinite(high) || !(low < high))
        return br_fail(error, BR_ERROR_CHECK,
                       "values in [%g, %g]: the range must be finite and its first end the smaller one", low, high);
    if (!br_shape_allowed(shape))
        return br_fail(error, BR_ERROR_CHECK, "an input of %ux%ux%u: at least 1 of each, at most %u values",
                       shape.height, shape.width, shape.channels, BR_VALUES_LIMIT);
    br_picture_shape w = {.shape = shape, .low = low, .high = high};
    br_bytes file;
    if (br_bytes_read_pipe(path, BR_FILE_LIMIT, &file, error) != 0)
        return -1;
    br_data *data = br_new(1, sizeof *data, error);
    br_array *array = data != NULL ? &data->arrays[BT_SPLIT_TEST] : NULL;
    int status = data != NULL ? read_file(path, &file, &w, array, error) : -1;
    br_bytes_free(&file);
    if (status == 0)
        status = br_array_check_range(array, path, low, high, error);
    if (status != 0) {
        br_data_free(data);
        return -1;
    }
    data->hash = br_array_hash(array, BR_HASH_START);
    br_data_show(data, low, high);
    *out = data;
    return 0;
}
