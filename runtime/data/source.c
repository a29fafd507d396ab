/* Reads each source by its format, and brings it to the network's shape. */
#include "data/source.h"

#include <string.h>

#include "base/memory.h"
#include "data/formats/bytes.h"
#include "data/formats/readers.h"
#include "data/labels.h"
#include "data/pictures/folder.h"
#include "data/prepare.h"
#include "data/range_check.h"
#include "data/schema.h"
#include "data/suspect.h"

#define SYNTHETIC_NAME  "synthetic digits"
#define SYNTHETIC_SIDE  28u
#define SYNTHETIC_KINDS 10u /* labels */

/* The path of a file: relative names are within the folder of the spec. */
static char *full_path(const br_loader *l, const char *name)
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

/* The names of the classes come from the model, from the text, or from the first folder, and hold for all folders. */
static int read_folder(br_loader *l, const char *path, br_array *out)
{
    const br_data_spec *spec = l->spec;
    br_schema *schema = &l->data->schema;
    br_picture_shape shape = {br_shape_before(spec->shape, &spec->pictures), spec->low, spec->high};
    br_folder_rules rules = {.shape = &shape, .classes = spec->classes};
    br_names found = {0};
    rules.names = schema->class_count > 0 ? schema->classes : NULL;
    rules.numbered = rules.names == NULL && l->folders_numbered;
    int status = br_folder_read(&l->pictures, path, &rules, out, &found, l->error);
    if (status == 0 && rules.names == NULL && found.count > 0)
        status = br_schema_set_classes(schema, (const char *const *)found.list, (uint32_t)found.count, l->error);
    l->folders_numbered = schema->class_count == 0;
    br_names_free(&found);
    return status;
}

/* The class files of CIFAR lie beside the data. They name the classes unless something else does. */
static int name_cifar(br_loader *l, const br_source *source, const char *path)
{
    br_schema *schema = &l->data->schema;
    char **names;
    uint32_t count;
    if (schema->class_count > 0)
        return 0;
    if (br_cifar_names(path, source->format == BT_FORMAT_CIFAR100, &names, &count, l->error) != 0)
        return -1;
    int status =
        count == l->spec->classes ? br_schema_set_classes(schema, (const char *const *)names, count, l->error) : 0;
    br_cifar_names_free(names, count);
    return status;
}

/* Gives an array its labels, after words among them have become classes. The labels are freed on failure. */
static int take_labels(const br_loader *l, const char *path, br_labels *labels, br_array *out)
{
    int status = br_labels_name(labels, path, l->spec->classes, &l->data->schema, &l->data->notes, l->error);
    if (status != 0) {
        br_labels_free(labels);
        return -1;
    }
    out->labels = labels->labels;
    labels->labels = NULL;
    br_labels_free(labels);
    return 0;
}

static int read_archive(const br_loader *l, const br_source *source, const char *path, const br_bytes *file,
                        br_array *out)
{
    const br_data_spec *spec = l->spec;
    br_labels labels;
    br_npz_request request = {.samples = source->member,
                              .labels = source->labels_of,
                              .split = source->split,
                              .shape = br_shape_before(spec->shape, &spec->pictures),
                              .classes = spec->classes,
                              .notes = &l->data->notes};
    return br_npz_read(path, file, &request, out, &labels, l->error) != 0 ? -1 : take_labels(l, path, &labels, out);
}

static int read_inputs(br_loader *l, const br_source *source, const char *path, br_array *out)
{
    const br_data_spec *spec = l->spec;
    br_bytes file;
    if (source->format == BT_FORMAT_FOLDER)
        return read_folder(l, path, out);
    if (source->format == BT_FORMAT_PIXELS) {
        br_picture_shape shape = {spec->shape, spec->low, spec->high};
        return br_pixels_read(&l->pictures, path, &shape, out, l->error);
    }
    if (br_bytes_read(path, BR_FILE_LIMIT, &file, l->error) != 0)
        return -1;
    int status;
    bt_shape before = br_shape_before(spec->shape, &spec->pictures);
    if (source->format == BT_FORMAT_IDX)
        status = br_idx_take(path, &file, before, &l->data->notes, out, l->error);
    else if (source->format == BT_FORMAT_NPY)
        status = br_npy_inputs(path, &file, before, &l->data->notes, out, l->error);
    else if (source->format == BT_FORMAT_NPZ)
        status = read_archive(l, source, path, &file, out);
    else
        status = name_cifar(l, source, path) != 0
                     ? -1
                     : br_cifar_read(path, &file, source->format == BT_FORMAT_CIFAR100, spec->classes, out, l->error);
    br_bytes_free(&file);
    return status;
}

/* Reads a file of labels, one for each sample of `out`. */
static int read_labels(const br_loader *l, const br_source *source, const char *inputs, const char *path, br_array *out)
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
    if (labels.count == out->count)
        return take_labels(l, path, &labels, out);
    br_fail(l->error, BR_ERROR_IO, "%s: %llu labels, but %s holds %llu samples; do the two belong together?", path,
            (unsigned long long)labels.count, inputs, (unsigned long long)out->count);
    br_labels_free(&labels);
    return -1;
}

static int draw_digits(br_loader *l, const br_source *source, br_array *out)
{
    const br_data_spec *spec = l->spec;
    const uint64_t pixels = SYNTHETIC_SIDE * SYNTHETIC_SIDE;
    if (spec->classes < SYNTHETIC_KINDS)
        return br_fail(l->error, BR_ERROR_CHECK, SYNTHETIC_NAME ": they have %u labels, but the network has %u classes",
                       SYNTHETIC_KINDS, spec->classes);
    if (br_array_shape(out, SYNTHETIC_NAME, source->samples, SYNTHETIC_SIDE, SYNTHETIC_SIDE, 1, l->error) != 0)
        return -1;
    out->bytes = br_new(source->samples, pixels, l->error);
    out->labels = out->bytes != NULL ? br_new(source->samples, sizeof *out->labels, l->error) : NULL;
    if (out->labels == NULL)
        return -1;
    for (uint64_t i = 0; i < source->samples; i++)
        out->labels[i] =
            br_digit_draw(l->seed, (uint32_t)source->split, l->drawn[source->split] + i, out->bytes + i * pixels);
    l->drawn[source->split] += source->samples;
    return 0;
}

/* ---- tables ---- */

static int begin_tables(br_loader *l)
{
    const br_data_spec *spec = l->spec;
    br_tables_spec tables = {.values = (uint32_t)bt_values(spec->shape),
                             .classes = spec->classes,
                             .class_names = spec->class_names,
                             .schema = spec->schema,
                             .check_range = spec->scaling == BT_SCALING_RANGE,
                             .low = spec->low,
                             .high = spec->high,
                             .range_given = spec->range_given,
                             .vector = spec->vector,
                             .notes = &l->data->notes};
    return l->tables != NULL ? 0 : br_tables_new(&tables, &l->tables, l->error);
}

static int read_table(br_loader *l, const br_source *source, const char *path, br_array *out)
{
    if (begin_tables(l) != 0 || br_tables_read(l->tables, path, &source->table, source->split, out, l->error) != 0)
        return -1;
    l->of_tables[l->table_count++] = out;
    return 0;
}

/* ---- one source ---- */

static int read_files(br_loader *l, const br_source *source, br_array *out)
{
    bool labels_apart = source->format == BT_FORMAT_IDX || source->format == BT_FORMAT_NPY;
    if (labels_apart != (source->labels != NULL))
        return br_fail(l->error, BR_ERROR_CHECK,
                       labels_apart ? "%s: the name of its file of labels is missing"
                                    : "%s: this kind of source has its labels inside; name one file",
                       source->inputs);
    char *path = full_path(l, source->inputs);
    char *labels = path != NULL && labels_apart ? full_path(l, source->labels) : NULL;
    int status = path == NULL || (labels_apart && labels == NULL) ? -1
                 : source->format == BT_FORMAT_CSV                ? read_table(l, source, path, out)
                                                                  : read_inputs(l, source, path, out);
    if (status == 0 && labels_apart)
        status = read_labels(l, source, path, labels, out);
    br_release(path);
    br_release(labels);
    return status;
}

int br_source_read(br_loader *l, uint32_t index)
{
    const br_source *source = &l->spec->sources[index];
    br_array *out = &l->parts[index];
    return source->format == BT_FORMAT_SYNTHETIC ? draw_digits(l, source, out) : read_files(l, source, out);
}

/* Rows of tables were checked against the range while they were read, where their lines were known. */
static int check_values(br_loader *l, const br_source *source, const char *name, br_array *part)
{
    const br_data_spec *spec = l->spec;
    br_suspect judged = {.name = name,
                         .low = spec->low,
                         .high = spec->high,
                         .vector = spec->vector,
                         .schema = &l->data->schema,
                         .notes = &l->data->notes};
    br_range_check check = {.low = spec->low, .high = spec->high, .range_given = spec->range_given};
    if (spec->scaling == BT_SCALING_RANGE && source->format != BT_FORMAT_CSV &&
        br_array_check_range(part, name, &check, l->error) != 0)
        return -1;
    br_suspect_range(part, &judged);
    return 0;
}

int br_source_fit(br_loader *l, uint32_t index)
{
    const br_data_spec *spec = l->spec;
    const br_source *source = &spec->sources[index];
    br_array *part = &l->parts[index];
    char *path = source->inputs != NULL ? full_path(l, source->inputs) : br_copy_string(SYNTHETIC_NAME, l->error);
    int status = path != NULL ? br_array_fit(part, path, br_shape_before(spec->shape, &spec->pictures), l->error) : -1;
    if (status == 0)
        status = check_values(l, source, path, part);
    if (status == 0)
        status = br_pictures_prepare(part, &spec->pictures, spec->low, spec->high, spec->shape, l->error);
    br_release(path);
    return status;
}
