/* Data sets. The sources are read, fitted to the network, joined by split and hashed. Then a share of the training
 * samples is held out. */
#include "data/data.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "data/formats/bytes.h"
#include "data/formats/readers.h"
#include "data/schema.h"
#include "data/table/table.h"

#define SYNTHETIC_NAME  "synthetic digits"
#define SYNTHETIC_SIDE  28u
#define SYNTHETIC_KINDS 10u /* labels */

typedef struct loader {
    const br_data_spec *spec;
    uint64_t seed;
    uint64_t drawn[BT_SPLITS]; /* synthetic samples that the split already has */
    br_error *error;
} loader;

static int check_spec(const br_data_spec *spec, br_error *error)
{
    if (!isfinite(spec->low) || !isfinite(spec->high) || !(spec->low < spec->high))
        return br_fail(error, BR_ERROR_CHECK,
                       "values in [%g, %g]: the range must be finite and its first end the smaller one", spec->low,
                       spec->high);
    if (!(spec->hold_out >= 0 && spec->hold_out < 1))
        return br_fail(error, BR_ERROR_CHECK, "hold out %g: the share must be at least 0 and below 1", spec->hold_out);
    if (!br_shape_allowed(spec->shape) || spec->classes == 0)
        return br_fail(error, BR_ERROR_CHECK,
                       "an input of %ux%ux%u and %u classes: at least 1 of each, at most %u values", spec->shape.height,
                       spec->shape.width, spec->shape.channels, spec->classes, BR_VALUES_LIMIT);
    return 0;
}

/* The path of a file: relative names are within the folder of the spec. */
static char *full_path(const loader *l, const char *name)
{
    const char *folder = l->spec->folder;
    if (folder == NULL || *folder == '\0' || *name == '/')
        return br_copy_string(name, l->error);
    uint64_t size = strlen(folder) + strlen(name) + 2;
    char *path = br_new(size, 1, l->error);
    if (path != NULL)
        snprintf(path, size, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
    return path;
}

/* The first image folder determines the class names that all others must have. */
static int check_classes(const loader *l, const br_source *source, const char *path)
{
    const br_source *first = l->spec->sources;
    while (first->format != BT_FORMAT_FOLDER)
        first++;
    if (first == source)
        return 0;
    char *other = full_path(l, first->inputs);
    int status = other == NULL ? -1 : br_folder_same_classes(path, other, l->error);
    br_release(other);
    return status;
}

/* One table, which shares no words with others. */
static int read_table(const loader *l, const br_source *source, const char *path, const br_bytes *file, br_array *out)
{
    br_notes notes = {0};
    br_schema schema = {0};
    br_tables *tables;
    br_tables_spec spec = {.values = (uint32_t)bt_values(l->spec->shape),
                           .classes = l->spec->classes,
                           .check_range = true,
                           .low = l->spec->low,
                           .high = l->spec->high,
                           .notes = &notes};
    int status = br_tables_new(&spec, &tables, l->error);
    if (status == 0)
        status = br_tables_read_bytes(tables, path, file, &source->table, BT_SPLIT_TRAIN, out, l->error);
    if (status == 0)
        status = br_tables_finish(tables, &out, 1, &schema, l->error);
    br_tables_free(tables);
    br_schema_clear(&schema);
    br_notes_free(&notes);
    return status;
}

static int read_inputs(const loader *l, const br_source *source, const char *path, br_array *out)
{
    const br_data_spec *spec = l->spec;
    br_bytes file;
    if (source->format == BT_FORMAT_FOLDER) {
        br_picture_shape shape = {spec->shape, spec->low, spec->high};
        return check_classes(l, source, path) != 0 ? -1 : br_folder_read(path, &shape, spec->classes, out, l->error);
    }
    if (source->format == BT_FORMAT_PIXELS) {
        br_picture_shape shape = {spec->shape, spec->low, spec->high};
        return br_pixels_read(path, &shape, out, l->error);
    }
    if (br_bytes_read(path, BR_FILE_LIMIT, &file, l->error) != 0)
        return -1;
    int status;
    if (source->format == BT_FORMAT_IDX)
        status = br_idx_take(path, &file, out, l->error);
    else if (source->format == BT_FORMAT_NPY)
        status = br_npy_inputs(path, &file, out, l->error);
    else if (source->format == BT_FORMAT_CIFAR10 || source->format == BT_FORMAT_CIFAR100)
        status = br_cifar_read(path, &file, source->format == BT_FORMAT_CIFAR100, spec->classes, out, l->error);
    else
        status = read_table(l, source, path, &file, out);
    br_bytes_free(&file);
    return status;
}

/* Reads a file of labels, one for each sample of `out`. */
static int read_labels(const loader *l, const br_source *source, const char *inputs, const char *path, br_array *out)
{
    br_bytes file;
    br_labels labels;
    if (br_bytes_read(path, BR_FILE_LIMIT, &file, l->error) != 0)
        return -1;
    int status = source->format == BT_FORMAT_IDX ? br_idx_labels(path, &file, l->spec->classes, &labels, l->error)
                                                 : br_npy_labels(path, &file, l->spec->classes, &labels, l->error);
    br_bytes_free(&file);
    if (status != 0)
        return -1;
    out->labels = labels.labels;
    if (labels.count != out->count)
        return br_fail(l->error, BR_ERROR_IO, "%s: %llu labels, but %s holds %llu samples; do the two belong together?",
                       path, (unsigned long long)labels.count, inputs, (unsigned long long)out->count);
    return 0;
}

static int read_files(const loader *l, const br_source *source, br_array *out)
{
    const br_data_spec *spec = l->spec;
    bool labels_apart = source->format == BT_FORMAT_IDX || source->format == BT_FORMAT_NPY;
    if (labels_apart != (source->labels != NULL))
        return br_fail(l->error, BR_ERROR_CHECK,
                       labels_apart ? "%s: the name of its file of labels is missing"
                                    : "%s: this kind of source has its labels inside; name one file",
                       source->inputs);
    char *path = full_path(l, source->inputs);
    char *labels = path != NULL && labels_apart ? full_path(l, source->labels) : NULL;
    int status = path == NULL || (labels_apart && labels == NULL) ? -1 : read_inputs(l, source, path, out);
    if (status == 0)
        status = br_array_fit(out, path, spec->shape, l->error);
    if (status == 0 && labels_apart)
        status = read_labels(l, source, path, labels, out);
    if (status == 0)
        status = br_array_check_range(out, path, spec->low, spec->high, l->error);
    br_release(path);
    br_release(labels);
    return status;
}

static int draw_digits(loader *l, const br_source *source, br_array *out)
{
    const br_data_spec *spec = l->spec;
    const uint64_t pixels = SYNTHETIC_SIDE * SYNTHETIC_SIDE;
    if (spec->classes < SYNTHETIC_KINDS)
        return br_fail(l->error, BR_ERROR_CHECK, SYNTHETIC_NAME ": they have %u labels, but the network has %u classes",
                       SYNTHETIC_KINDS, spec->classes);
    if (br_array_shape(out, SYNTHETIC_NAME, source->samples, SYNTHETIC_SIDE, SYNTHETIC_SIDE, 1, l->error) != 0 ||
        br_array_fit(out, SYNTHETIC_NAME, spec->shape, l->error) != 0)
        return -1;
    out->bytes = br_new(source->samples, pixels, l->error);
    out->labels = out->bytes != NULL ? br_new(source->samples, sizeof *out->labels, l->error) : NULL;
    if (out->labels == NULL)
        return -1;
    for (uint64_t i = 0; i < source->samples; i++)
        out->labels[i] =
            br_digit_draw(l->seed, (uint32_t)source->split, l->drawn[source->split] + i, out->bytes + i * pixels);
    l->drawn[source->split] += source->samples;
    return br_array_check_range(out, SYNTHETIC_NAME, spec->low, spec->high, l->error);
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

static int load_source(loader *l, const br_source *source, br_data *data)
{
    br_array from = {0};
    int status = source->format == BT_FORMAT_SYNTHETIC ? draw_digits(l, source, &from) : read_files(l, source, &from);
    if (status == 0)
        status = join(data, source->split, &from, l->error);
    br_array_free(&from);
    return status;
}

/* Appends samples of the caller to those that the sources gave this split. */
static int take_given(loader *l, bt_split split, const br_samples *given, br_data *data)
{
    const br_data_spec *spec = l->spec;
    const char *name = bt_split_word(split);
    br_array from;
    if (given->count == 0)
        return 0;
    int status = br_array_copy(&from, name, given, spec->classes, l->error);
    if (status == 0)
        status = br_array_fit(&from, name, spec->shape, l->error);
    if (status == 0)
        status = br_array_check_range(&from, name, spec->low, spec->high, l->error);
    if (status == 0)
        status = join(data, split, &from, l->error);
    br_array_free(&from);
    return status;
}

/* Marks `held` of n samples: the first ones of a random permutation keyed by the seed (a partial Fisher-Yates shuffle).
 */
static uint8_t *choose(uint64_t n, uint64_t held, uint64_t seed, br_error *error)
{
    uint8_t *chosen = br_new(n, 1, error);
    uint32_t *order = chosen != NULL ? br_new(n, sizeof *order, error) : NULL;
    if (order == NULL) {
        br_release(chosen);
        return NULL;
    }
    for (uint64_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    uint32_t words[4];
    for (uint64_t i = 0; i < held; i++) {
        if (i % 4 == 0)
            br_random4(seed, BR_STREAM_HOLD_OUT, 0, i / 4, words);
        uint64_t j = i + br_random_below(words[i % 4], (uint32_t)(n - i));
        uint32_t swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
        chosen[order[i]] = 1;
    }
    br_release(order);
    return chosen;
}

/* Moves the marked samples of `from` to the empty array `to`, which is large enough. Both keep their order. */
static void part(br_array *from, br_array *to, const uint8_t *chosen)
{
    uint64_t values = br_array_values(from), n = from->count;
    from->count = 0;
    for (uint64_t i = 0; i < n; i++) {
        br_array *side = chosen[i] ? to : from;
        if (from->bytes != NULL)
            memmove(side->bytes + side->count * values, from->bytes + i * values, values);
        else
            memmove(side->floats + side->count * values, from->floats + i * values, values * sizeof(float));
        side->labels[side->count++] = from->labels[i];
    }
}

static int hold_out(br_data *data, double share, uint64_t seed, br_error *error)
{
    br_array *train = &data->arrays[BT_SPLIT_TRAIN];
    if (share == 0)
        return 0;
    if (train->count > 0 && train->labels == NULL)
        return br_fail(error, BR_ERROR_CHECK, "hold out %g%%: samples without labels can't validate anything",
                       100 * share);
    uint64_t held = (uint64_t)((double)train->count * share + 0.5);
    held = held == 0 ? 1 : held;
    if (held >= train->count)
        return br_fail(error, BR_ERROR_CHECK, "hold out %g%%: nothing is left of the %llu training samples",
                       100 * share, (unsigned long long)train->count);
    br_array kept = *train;
    kept.count = 0;
    kept.bytes = train->bytes != NULL ? br_new(held, br_array_values(train), error) : NULL;
    kept.floats = train->floats != NULL ? br_new(held, br_array_values(train) * sizeof(float), error) : NULL;
    kept.labels = br_new(held, sizeof *kept.labels, error);
    uint8_t *chosen = choose(train->count, held, seed, error);
    int status = -1;
    if ((kept.bytes != NULL || kept.floats != NULL) && kept.labels != NULL && chosen != NULL) {
        part(train, &kept, chosen);
        status = br_array_append(&data->arrays[BT_SPLIT_VALIDATION], &kept, error);
    }
    br_release(chosen);
    br_array_free(&kept);
    return status;
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

int br_data_from_memory(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, br_data **out,
                        br_error *error)
{
    *out = NULL;
    loader l = {.spec = spec, .seed = seed, .error = error};
    br_data *data = check_spec(spec, error) == 0 ? br_new(1, sizeof *data, error) : NULL;
    if (data == NULL)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < spec->source_count && status == 0; i++)
        status = load_source(&l, &spec->sources[i], data);
    for (int i = 0; i < BT_SPLITS && status == 0; i++)
        status = take_given(&l, (bt_split)i, &given[i], data);
    data->hash =
        BR_HASH_START; /* before samples are held out, so that the same files have the same hash under every seed */
    for (int i = 0; i < BT_SPLITS && status == 0; i++)
        data->hash = br_array_hash(&data->arrays[i], data->hash);
    if (status == 0)
        status = hold_out(data, spec->hold_out, seed, error);
    if (status != 0) {
        br_data_free(data);
        return -1;
    }
    br_data_show(data, spec->low, spec->high);
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
