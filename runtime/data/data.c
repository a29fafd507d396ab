/* Data sets, from files to samples:
 *
 *     sources -> tables completed -> fitted, prepared, checked -> joined by split -> hashed -> held out -> scaled */
#include "data/data.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

#include "base/hash.h"
#include "base/memory.h"
#include "data/prepare.h"
#include "data/range_check.h"
#include "data/scaling.h"
#include "data/schema.h"
#include "data/source.h"
#include "data/split.h"
#include "data/suspect.h"

static int check_spec(const br_data_spec *spec, br_error *error)
{
    if (!isfinite(spec->low) || !isfinite(spec->high) || !(spec->low < spec->high))
        return br_fail(error, BR_ERROR_CHECK,
                       "values in [%g, %g]: the range must be finite and its first end the smaller one", spec->low,
                       spec->high);
    if (!(spec->hold_out >= 0 && spec->hold_out_test >= 0 && spec->hold_out + spec->hold_out_test < 1))
        return br_fail(error, BR_ERROR_CHECK, "hold out %g and %g: shares must be at least 0 and together below 1",
                       spec->hold_out, spec->hold_out_test);
    if (!br_shape_allowed(spec->shape) || spec->classes == 0)
        return br_fail(error, BR_ERROR_CHECK,
                       "an input of %ux%ux%u and %u classes: at least 1 of each, at most %u values", spec->shape.height,
                       spec->shape.width, spec->shape.channels, spec->classes, BR_VALUES_LIMIT);
    return 0;
}

/* Joins a source to its split. Bytes stay bytes until a source has floats; then all samples are converted to floats. */
static int join(br_data *data, bt_split split, br_array *from, br_error *error)
{
    bool floats = from->floats != NULL;
    for (int i = 0; i < BT_SPLITS; i++)
        if (data->arrays[i].count > 0 && (data->arrays[i].labels == NULL) != (from->labels == NULL))
            return br_fail(error, BR_ERROR_CHECK, "samples with labels and samples without can't be joined");
    for (int i = 0; i < BT_SPLITS; i++)
        floats = floats || data->arrays[i].floats != NULL;
    for (int i = 0; floats && i < BT_SPLITS; i++)
        if (br_array_to_floats(&data->arrays[i], error) != 0)
            return -1;
    if (floats && br_array_to_floats(from, error) != 0)
        return -1;
    return br_array_append(&data->arrays[split], from, error);
}

/* Appends samples of the caller to those that the sources gave this split. */
static int take_given(br_loader *l, bt_split split, const br_samples *given)
{
    const br_data_spec *spec = l->spec;
    const char *name = bt_split_word(split);
    br_array from;
    if (given->count == 0)
        return 0;
    int status = (l->borrows ? br_array_borrow : br_array_copy)(&from, name, given, spec->classes, l->error);
    if (status == 0)
        status = br_array_fit(&from, name, br_shape_before(spec->shape, &spec->pictures), l->error);
    br_range_check check = {.low = spec->low, .high = spec->high, .range_given = spec->range_given};
    if (status == 0 && spec->scaling == BT_SCALING_RANGE)
        status = br_array_check_range(&from, name, &check, l->error);
    if (status == 0)
        status = br_pictures_prepare(&from, &spec->pictures, spec->low, spec->high, spec->shape, l->error);
    if (status == 0)
        status = join(l->data, split, &from, l->error);
    br_array_free(&from);
    return status;
}

/* ---- the schema ---- */

/* A trained model's schema decides. Otherwise names of classes are those stated, or those that the sources give. */
static int begin_schema(const br_data_spec *spec, br_schema *out, br_error *error)
{
    if (spec->schema != NULL)
        return br_schema_copy(spec->schema, out, error);
    *out = (br_schema){.scaling = spec->scaling, .centred = spec->centred, .pictures = spec->pictures};
    return spec->class_names != NULL ? br_schema_set_classes(out, spec->class_names, spec->classes, error) : 0;
}

/* ---- sources ---- */

static int read_sources(br_loader *l)
{
    const br_data_spec *spec = l->spec;
    int status = 0;
    for (uint32_t i = 0; i < spec->source_count && status == 0; i++)
        status = br_source_read(l, i);
    br_picture_tell(&l->pictures);
    if (status == 0 && l->tables != NULL)
        status = br_tables_finish(l->tables, l->of_tables, l->table_count, &l->data->schema, l->error);
    for (uint32_t i = 0; i < spec->source_count && status == 0; i++)
        status = br_source_fit(l, i);
    for (uint32_t i = 0; i < spec->source_count && status == 0; i++)
        status = join(l->data, spec->sources[i].split, &l->parts[i], l->error);
    return status;
}

static int load_sources(br_loader *l)
{
    uint32_t count = l->spec->source_count;
    l->parts = br_new(count, sizeof *l->parts, l->error);
    l->of_tables = l->parts != NULL ? br_new(count, sizeof *l->of_tables, l->error) : NULL;
    int status = l->of_tables != NULL ? read_sources(l) : -1;
    for (uint32_t i = 0; l->parts != NULL && i < count; i++)
        br_array_free(&l->parts[i]);
    br_release(l->parts);
    br_release(l->of_tables);
    return status;
}

/* ---- from raw values to samples ---- */

static int judge(br_loader *l)
{
    br_array *train = &l->data->arrays[BT_SPLIT_TRAIN];
    br_suspect judged = {
        .name = "train", .vector = l->spec->vector, .schema = &l->data->schema, .notes = &l->data->notes};
    int status = br_suspect_classes(train, l->spec->classes, l->data->first_column, &judged, l->error);
    if (status == 0 && l->spec->schema == NULL && train->count > 0)
        status = br_suspect_outliers(train, &judged, l->error);
    return status;
}

/* The ranges come from the training samples alone, after samples were held out. */
static int scale(br_loader *l)
{
    br_data *data = l->data;
    int status = l->spec->schema == NULL
                     ? br_scaling_learn(l->spec, &data->arrays[BT_SPLIT_TRAIN], &data->schema, &data->notes, l->error)
                     : 0;
    if (status == 0)
        status = judge(l);
    for (int i = 0; i < BT_SPLITS && status == 0; i++) {
        br_suspect judged = {.name = bt_split_word((bt_split)i),
                             .vector = l->spec->vector,
                             .schema = &data->schema,
                             .notes = &data->notes};
        br_suspect_far(&data->arrays[i], &judged);
        status = br_scaling_apply(&data->arrays[i], &data->schema, l->error);
    }
    return status;
}

/* Everything that does not depend on which samples are held out. The hash is taken before that, so that the same files
 * have the same hash under every seed. */
static int read_all(br_loader *l, const br_samples given[BT_SPLITS])
{
    br_data *data = l->data;
    int status = begin_schema(l->spec, &data->schema, l->error);
    if (status == 0)
        status = load_sources(l);
    for (int i = 0; i < BT_SPLITS && status == 0; i++)
        status = take_given(l, (bt_split)i, &given[i]);
    data->first_column = l->tables != NULL && br_tables_first_looks_like_labels(l->tables);
    data->hash = BR_HASH_START;
    for (int i = 0; i < BT_SPLITS && status == 0; i++)
        data->hash = br_array_hash(&data->arrays[i], data->hash);
    return status;
}

/* Holds samples out and scales, which makes the data complete. */
static int finish(br_loader *l)
{
    br_data *data = l->data;
    if (br_hold_out(data, l->spec, l->seed, l->error) != 0 || scale(l) != 0)
        return -1;
    bool one_range = data->schema.scaling == BT_SCALING_RANGE;
    br_data_show(data, one_range ? l->spec->low : 0, one_range ? l->spec->high : 1);
    return 0;
}

void br_data_show(br_data *data, double low, double high)
{
    for (int i = 0; i < BT_SPLITS; i++) {
        const br_array *a = &data->arrays[i];
        data->views[i] = (br_samples){.count = a->count,
                                      .shape = a->shape,
                                      .bytes = a->bytes,
                                      .floats = a->floats,
                                      .labels = a->labels,
                                      .low = low,
                                      .high = high};
    }
}

int br_data_load(const br_data_spec *spec, uint64_t seed, br_data **out, br_error *error)
{
    const br_samples none[BT_SPLITS] = {0};
    return br_data_from_memory(spec, none, seed, out, error);
}

/* What `begin` does besides reading. */
enum { UNFINISHED = 1, BORROWS = 2 };

static int begin(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, unsigned how,
                 br_data **out, br_error *error)
{
    *out = NULL;
    br_data *data = check_spec(spec, error) == 0 ? br_new(1, sizeof *data, error) : NULL;
    if (data == NULL)
        return -1;
    br_loader l = {.spec = spec, .seed = seed, .data = data, .borrows = how & BORROWS, .error = error};
    l.pictures = (br_picture_context){.rules = &data->schema.pictures, .notes = &data->notes};
    int status = read_all(&l, given);
    if (status == 0 && !(how & UNFINISHED))
        status = finish(&l);
    br_tables_free(l.tables);
    if (status != 0) {
        br_data_free(data);
        return -1;
    }
    *out = data;
    return 0;
}

int br_data_from_memory(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, br_data **out,
                        br_error *error)
{
    return begin(spec, given, seed, 0, out, error);
}

int br_data_borrow(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, br_data **out,
                   br_error *error)
{
    return begin(spec, given, seed, BORROWS, out, error);
}

/* ---- one reading for several seeds ---- */

struct br_raw {
    br_data data; /* without views */
};

int br_raw_read(const br_data_spec *spec, uint64_t seed, br_raw **out, br_error *error)
{
    const br_samples none[BT_SPLITS] = {0};
    br_data *data;
    *out = NULL;
    if (begin(spec, none, seed, UNFINISHED, &data, error) != 0)
        return -1;
    *out = (br_raw *)data; /* its first member */
    return 0;
}

uint64_t br_raw_hash(const br_raw *raw)
{
    return raw->data.hash;
}

void br_raw_free(br_raw *raw)
{
    br_data_free((br_data *)raw);
}

static int copy_raw(const br_raw *raw, br_data *out, br_error *error)
{
    const br_data *from = &raw->data;
    out->hash = from->hash;
    out->first_column = from->first_column;
    for (uint32_t i = 0; i < from->notes.count; i++)
        br_note_add(&out->notes, from->notes.list[i].warning, "%s", from->notes.list[i].text);
    for (int i = 0; i < BT_SPLITS; i++)
        if (br_array_clone(&out->arrays[i], &from->arrays[i], error) != 0)
            return -1;
    return br_schema_copy(&from->schema, &out->schema, error);
}

int br_raw_split(const br_raw *raw, const br_data_spec *spec, uint64_t seed, br_data **out, br_error *error)
{
    *out = NULL;
    br_data *data = br_new(1, sizeof *data, error);
    if (data == NULL)
        return -1;
    br_loader l = {.spec = spec, .seed = seed, .data = data, .error = error};
    if (copy_raw(raw, data, error) != 0 || finish(&l) != 0) {
        br_data_free(data);
        return -1;
    }
    *out = data;
    return 0;
}

void br_data_free(br_data *data)
{
    if (data == NULL)
        return;
    for (int i = 0; i < BT_SPLITS; i++)
        br_array_free(&data->arrays[i]);
    br_schema_clear(&data->schema);
    br_notes_free(&data->notes);
    if (data->mapped != NULL)
        munmap(data->mapped, data->mapped_bytes);
    br_release(data);
}

const br_samples *br_data_split(const br_data *data, bt_split split)
{
    return &data->views[split];
}

uint64_t br_data_hash(const br_data *data)
{
    return data->hash;
}

uint32_t br_data_notes(const br_data *data, const br_note **out)
{
    *out = data->notes.list;
    return data->notes.count;
}

const br_schema *br_data_schema(const br_data *data)
{
    return &data->schema;
}
