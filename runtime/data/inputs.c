/* Samples for inference from one file, read as those of the training were. The format is recognised by the content. */
#include <ctype.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/memory.h"
#include "data/data.h"
#include "data/formats/bytes.h"
#include "data/formats/readers.h"
#include "data/prepare.h"
#include "data/range_check.h"
#include "data/scaling.h"
#include "data/schema.h"
#include "data/suspect.h"
#include "data/table/table.h"

#define LOOKED_AT 512u /* bytes that decide the format */

/* One file while it is read. */
typedef struct input {
    const char *path;
    const br_reading *reading;
    bt_shape before; /* of a sample before it is transposed or turned */
    br_data *data;
    br_array *array;
    bool picture;
    bool given; /* by the caller, not by a file */
    br_error *error;
} input;

static const br_pictures as_they_are;

/* Whether columns are values. A series of one channel has the shape of a vector, but one range. */
static bool reads_vector(const input *in)
{
    bt_shape shape = in->reading->shape;
    uint32_t ranges = in->data->schema.range_count;
    return shape.height == 1 && shape.channels == 1 && (ranges == 0 || ranges == shape.width);
}

static const br_pictures *rules_of(const br_reading *reading)
{
    return reading->schema != NULL ? &reading->schema->pictures : &as_they_are;
}

/* Text of UTF-16 has a zero in every pair of bytes. */
static bool is_text(const br_bytes *file)
{
    uint64_t n = file->size < LOOKED_AT ? file->size : LOOKED_AT, zeros = 0;
    bool marked = n >= 2 && ((file->data[0] == 0xff && file->data[1] == 0xfe) ||
                             (file->data[0] == 0xfe && file->data[1] == 0xff));
    for (uint64_t i = 0; i < n; i++) {
        zeros += file->data[i] == 0;
        if (!marked && file->data[i] != 0 && file->data[i] < ' ' && !isspace(file->data[i]))
            return false;
    }
    return zeros == 0 || marked || 2 * zeros >= n - 1;
}

/* ---- tables ---- */

/* A regular file is read in blocks; anything else can be read only once, and is in memory already. */
static int read_table(const input *in, const br_bytes *whole)
{
    const br_reading *reading = in->reading;
    br_table layout = {.label = reading->label, .label_name = reading->label_name};
    br_tables_spec spec = {.values = (uint32_t)bt_values(in->before),
                           .classes = UINT32_MAX,
                           .schema = reading->schema,
                           .check_range = in->data->schema.scaling == BT_SCALING_RANGE,
                           .low = reading->range.low,
                           .high = reading->range.high,
                           .range_given = true,
                           .vector = reads_vector(in),
                           .predicting = true,
                           .notes = &in->data->notes};
    const br_table *stated = reading->label_given ? &layout : NULL;
    br_tables *tables;
    if (br_tables_new(&spec, &tables, in->error) != 0)
        return -1;
    br_array *arrays[] = {in->array};
    int status = whole != NULL
                     ? br_tables_read_bytes(tables, in->path, whole, stated, BT_SPLIT_TEST, in->array, in->error)
                     : br_tables_read(tables, in->path, stated, BT_SPLIT_TEST, in->array, in->error);
    if (status == 0)
        status = br_tables_finish(tables, arrays, 1, &in->data->schema, in->error);
    br_tables_free(tables);
    return status == 0 ? br_array_fit(in->array, in->path, in->before, in->error) : -1;
}

/* ---- pictures and arrays ---- */

static int read_picture(input *in, const br_bytes *file)
{
    in->picture = true;
    br_range range = in->reading->range;
    br_picture_context context = {.rules = rules_of(in->reading), .notes = &in->data->notes};
    int status = br_picture_read(&context, in->path, file, in->array, in->error);
    br_picture_tell(&context);
    if (status != 0 || br_picture_fit(in->array, in->path, in->before, in->error) != 0)
        return -1;
    return br_picture_map(in->array, range.low, range.high, in->error);
}

static int check_range(const input *in)
{
    br_range range = in->reading->range;
    br_range_check check = {
        .low = range.low, .high = range.high, .range_given = true, .predicting = true, .notes = &in->data->notes};
    return in->data->schema.scaling == BT_SCALING_RANGE ? br_array_check_range(in->array, in->path, &check, in->error)
                                                        : 0;
}

static int read_archive(const input *in, const br_bytes *file)
{
    br_labels none;
    br_npz_request request = {
        .without_labels = true, .split = BT_SPLIT_TEST, .shape = in->before, .notes = &in->data->notes};
    return br_npz_read(in->path, file, &request, in->array, &none, in->error);
}

static int read_array(const input *in, const br_bytes *file)
{
    br_notes *notes = &in->data->notes;
    int status;
    if (br_npy_is(file))
        status = br_npy_inputs(in->path, file, in->before, notes, in->array, in->error);
    else if (br_npz_is(file))
        status = read_archive(in, file);
    else if (br_idx_is(file))
        status = br_idx_inputs(in->path, file, in->before, notes, in->array, in->error);
    else
        return br_fail(
            in->error, BR_ERROR_IO,
            "%s: byte 0: neither PNG, JPEG, GIF, WebP, BMP, PGM, PPM, IDX, NPY, NPZ nor CSV; convert the file",
            in->path);
    return status == 0 ? check_range(in) : -1;
}

static int read_whole(input *in)
{
    br_bytes file;
    if (br_bytes_read_pipe(in->path, BR_FILE_LIMIT, &file, in->error) != 0)
        return -1;
    int status = br_picture_is(&file)                  ? read_picture(in, &file)
                 : br_npz_is(&file) || !is_text(&file) ? read_array(in, &file)
                                                       : read_table(in, &file);
    br_bytes_free(&file);
    return status;
}

static int read_file(input *in)
{
    struct stat facts;
    br_bytes head;
    if (stat(in->path, &facts) != 0 || !S_ISREG(facts.st_mode))
        return read_whole(in);
    if (br_bytes_head(in->path, LOOKED_AT, &head, in->error) != 0)
        return -1;
    bool table = !br_picture_is(&head) && !br_npy_is(&head) && !br_npz_is(&head) && !br_idx_is(&head) && is_text(&head);
    br_bytes_free(&head);
    return table ? read_table(in, NULL) : read_whole(in);
}

/* ---- the whole ---- */

static int check_reading(const br_reading *reading, br_error *error)
{
    br_range range = reading->range;
    if (!isfinite(range.low) || !isfinite(range.high) || !(range.low < range.high))
        return br_fail(error, BR_ERROR_CHECK,
                       "values in [%g, %g]: the range must be finite and its first end the smaller one", range.low,
                       range.high);
    if (!br_shape_allowed(reading->shape))
        return br_fail(error, BR_ERROR_CHECK, "an input of %ux%ux%u: at least 1 of each, at most %u values",
                       reading->shape.height, reading->shape.width, reading->shape.channels, BR_VALUES_LIMIT);
    return 0;
}

/* Brings raw values to samples, as the data of the training were. */
static int finish(const input *in)
{
    const br_reading *reading = in->reading;
    br_suspect judged = {.name = in->path,
                         .low = reading->range.low,
                         .high = reading->range.high,
                         .vector = reads_vector(in),
                         .predicting = true,
                         .schema = &in->data->schema,
                         .notes = &in->data->notes};
    br_release(in->array->labels); /* nothing is scored */
    in->array->labels = NULL;
    if (!in->picture) /* a picture may be dark, or blank */
        br_suspect_range(in->array, &judged);
    if (br_pictures_prepare(in->array, rules_of(reading), reading->range.low, reading->range.high, reading->shape,
                            in->error) != 0)
        return -1;
    if (!in->given)
        in->data->hash = br_array_hash(in->array, BR_HASH_START);
    br_suspect_far(in->array, &judged);
    return br_scaling_apply(in->array, &in->data->schema, in->error);
}

/* Begins the data of an input, with the schema that the reading states. */
static int begin(const br_reading *reading, input *in)
{
    in->data = check_reading(reading, in->error) == 0 ? br_new(1, sizeof *in->data, in->error) : NULL;
    if (in->data == NULL)
        return -1;
    in->array = &in->data->arrays[BT_SPLIT_TEST];
    in->before = br_shape_before(reading->shape, rules_of(reading));
    return reading->schema != NULL ? br_schema_copy(reading->schema, &in->data->schema, in->error) : 0;
}

static int end(input *in, int status, br_data **out)
{
    if (status != 0) {
        br_data_free(in->data);
        return -1;
    }
    bool one_range = in->data->schema.scaling == BT_SCALING_RANGE;
    br_data_show(in->data, one_range ? in->reading->range.low : 0, one_range ? in->reading->range.high : 1);
    *out = in->data;
    return 0;
}

int br_inputs_load(const char *path, const br_reading *reading, br_data **out, br_error *error)
{
    input in = {.path = path, .reading = reading, .error = error};
    *out = NULL;
    int status = begin(reading, &in);
    if (status == 0)
        status = read_file(&in);
    if (status == 0)
        status = finish(&in);
    return end(&in, status, out);
}

int br_inputs_given(const char *name, const br_samples *given, const br_reading *reading, br_data **out,
                    br_error *error)
{
    input in = {.path = name, .reading = reading, .given = true, .error = error};
    br_samples plain = *given;
    plain.labels = NULL;
    *out = NULL;
    int status = begin(reading, &in);
    if (status == 0)
        status = br_array_borrow(in.array, name, &plain, UINT32_MAX, error);
    if (status == 0)
        status = br_array_fit(in.array, name, in.before, error);
    if (status == 0)
        status = check_range(&in);
    if (status == 0)
        status = finish(&in);
    return end(&in, status, out);
}
