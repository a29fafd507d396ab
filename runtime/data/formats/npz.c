/* NPZ, numpy's archive of arrays: a zip file with a member NAME.npy for each array. The archive is untrusted: sizes are
 * checked before a member is unpacked, and a member must unpack to the size that the archive states. */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "base/memory.h"
#include "data/formats/npy.h"
#include "data/formats/readers.h"
#include "data/formats/typed_labels.h"

#define MEMBERS_LIMIT 65536
#define RATIO_LIMIT   1100u /* deflate makes at most 1,032 bytes of one */
#define NAME_LENGTH   80u

typedef struct npz {
    const char *path;
    const br_bytes *file;
    zip_t *archive;
    br_error *error;
} npz;

typedef struct member_name {
    char text[NAME_LENGTH];
} member_name;

bool br_npz_is(const br_bytes *file)
{
    return file->size >= 4 && (memcmp(file->data, "PK\3\4", 4) == 0 || memcmp(file->data, "PK\5\6", 4) == 0);
}

static int open_archive(npz *z)
{
    zip_error_t cause;
    if (!br_npz_is(z->file))
        return br_fail(z->error, BR_ERROR_IO, "%s: byte 0: not an archive of arrays: it does not start with PK",
                       z->path);
    zip_error_init(&cause);
    zip_source_t *source = zip_source_buffer_create(z->file->data, z->file->size, 0, &cause);
    z->archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &cause) : NULL;
    int status = 0;
    if (z->archive == NULL) {
        status = br_fail(z->error, BR_ERROR_IO, "%s: the archive is damaged: %s; save it again with numpy.savez",
                         z->path, zip_error_strerror(&cause));
        zip_source_free(source);
    } else if (zip_get_num_entries(z->archive, 0) > MEMBERS_LIMIT) {
        status = br_fail(z->error, BR_ERROR_IO, "%s: the archive has more than %d arrays", z->path, MEMBERS_LIMIT);
    }
    zip_error_fini(&cause);
    return status;
}

/* ---- members ---- */

/* The name of an array without `.npy`, with signs that are no text replaced. */
static member_name name_of(const npz *z, zip_uint64_t index)
{
    member_name out = {""};
    const char *name = zip_get_name(z->archive, index, ZIP_FL_ENC_RAW);
    size_t length = name != NULL ? strlen(name) : 0;
    if (length > 4 && strcmp(name + length - 4, ".npy") == 0)
        length -= 4;
    for (size_t i = 0; i < length && i + 1 < sizeof out.text; i++)
        out.text[i] = br_visible(name[i]);
    return out;
}

/* The index of an array, or -1. */
static int64_t find_member(const npz *z, const char *name)
{
    zip_int64_t count = zip_get_num_entries(z->archive, 0);
    for (zip_int64_t i = 0; i < count; i++)
        if (strcmp(name_of(z, (zip_uint64_t)i).text, name) == 0)
            return i;
    return -1;
}

static int check_member(const npz *z, int64_t index, zip_stat_t *out)
{
    const char *name = name_of(z, (zip_uint64_t)index).text;
    zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_ENCRYPTION_METHOD;
    if (zip_stat_index(z->archive, (zip_uint64_t)index, 0, out) != 0 || (out->valid & wanted) != wanted)
        return br_fail(z->error, BR_ERROR_IO, "%s: the archive does not tell the size of `%s`; it is damaged", z->path,
                       name);
    if (out->encryption_method != ZIP_EM_NONE)
        return br_fail(z->error, BR_ERROR_IO, "%s: `%s` is encrypted; save the archive without a password", z->path,
                       name);
    if (out->size > BR_FILE_LIMIT || out->size / RATIO_LIMIT > out->comp_size)
        return br_fail(z->error, BR_ERROR_IO, "%s: `%s` claims %llu bytes from %llu; the archive is damaged", z->path,
                       name, (unsigned long long)out->size, (unsigned long long)out->comp_size);
    return 0;
}

/* Unpacks the first `most` bytes of a member. */
static int unpack(const npz *z, int64_t index, uint64_t most, br_bytes *out, uint64_t *whole)
{
    zip_stat_t facts;
    *out = (br_bytes){0};
    if (check_member(z, index, &facts) != 0)
        return -1;
    *whole = facts.size;
    uint64_t wanted = facts.size < most ? facts.size : most;
    out->data = br_new(wanted, 1, z->error);
    zip_file_t *member = out->data != NULL ? zip_fopen_index(z->archive, (zip_uint64_t)index, 0) : NULL;
    if (out->data == NULL)
        return -1;
    zip_int64_t got = 1;
    while (member != NULL && out->size < wanted && got > 0) {
        got = zip_fread(member, out->data + out->size, wanted - out->size);
        out->size += got > 0 ? (uint64_t)got : 0;
    }
    char more;
    bool longer = member != NULL && wanted == facts.size && out->size == wanted && zip_fread(member, &more, 1) != 0;
    if (member != NULL)
        zip_fclose(member);
    if (member != NULL && out->size == wanted && !longer)
        return 0;
    br_bytes_free(out);
    return br_fail(z->error, BR_ERROR_IO, "%s: `%s` can't be unpacked; the archive is damaged or cut short", z->path,
                   name_of(z, (zip_uint64_t)index).text);
}

/* ---- which arrays ---- */

/* "x_train [60000, 28, 28], y_train [60000]" */
static void list_members(const npz *z, char *out, size_t size)
{
    size_t used = 0;
    zip_int64_t count = zip_get_num_entries(z->archive, 0);
    out[0] = '\0';
    for (zip_int64_t i = 0; i < count && used + 100 < size; i++) {
        br_bytes head;
        br_typed array;
        br_error ignored;
        uint64_t whole;
        npz quiet = *z;
        quiet.error = &ignored;
        bool known = unpack(&quiet, i, BR_NPY_HEADER_MOST, &head, &whole) == 0;
        bool is_array = known && br_npy_open(z->path, &head, whole, &array, &ignored) == 0;
        used += (size_t)snprintf(out + used, size - used, "%s%.30s%s%.50s", i > 0 ? ", " : "",
                                 name_of(z, (zip_uint64_t)i).text, is_array ? " " : "",
                                 is_array ? br_dimensions_write(&array.shape).text : "");
        if (known)
            br_bytes_free(&head);
        if (i + 1 < count && used + 100 >= size)
            snprintf(out + used, size - used, " and %lld more", (long long)(count - i - 1));
    }
}

static int64_t try_names(const npz *z, const char *const *words, size_t word_count, const char *split)
{
    char name[NAME_LENGTH];
    for (size_t i = 0; i < word_count; i++)
        for (int order = 0; order < 2; order++) {
            snprintf(name, sizeof name, "%s_%s", order == 0 ? words[i] : split, order == 0 ? split : words[i]);
            int64_t found = find_member(z, name);
            if (found >= 0)
                return found;
        }
    return -1;
}

/* x_train, train_images and the like for the split, then plain names. */
static int64_t guess_member(const npz *z, bt_split split, bool labels)
{
    static const char *const samples[] = {"x", "X", "images", "data", "features", "inputs", "values", "arr_0"};
    static const char *const answers[] = {"y", "Y", "labels", "label", "targets", "target", "classes", "arr_1"};
    static const char *const splits[BT_SPLITS][3] = {[BT_SPLIT_TRAIN] = {"train", "training"},
                                                     [BT_SPLIT_VALIDATION] = {"validation", "valid", "val"},
                                                     [BT_SPLIT_TEST] = {"test", "testing"}};
    const char *const *words = labels ? answers : samples;
    const size_t count = sizeof samples / sizeof *samples;
    int64_t found = -1;
    for (int i = 0; i < 3 && splits[split][i] != NULL && found < 0; i++)
        found = try_names(z, words, count, splits[split][i]);
    for (size_t i = 0; i < count && found < 0; i++)
        found = find_member(z, words[i]);
    return found;
}

static int choose(const npz *z, const br_npz_request *request, bool labels, int64_t *out)
{
    const char *stated = labels ? request->labels : request->samples;
    char list[320];
    *out = stated != NULL ? find_member(z, stated) : guess_member(z, request->split, labels);
    if (*out >= 0)
        return 0;
    list_members(z, list, sizeof list);
    if (stated != NULL)
        return br_fail(z->error, BR_ERROR_CHECK, "%s: no array is called `%.60s`; there are %s", z->path, stated, list);
    return br_fail(
        z->error, BR_ERROR_CHECK,
        "%s: which array holds the %s? There are %s; write `npz %s \"FILE\" values \"NAME\" label \"NAME\";`", z->path,
        labels ? "labels" : "samples", list, bt_split_word(request->split));
}

/* ---- reading ---- */

static int read_samples(const npz *z, const br_npz_request *request, int64_t index, br_array *out)
{
    br_bytes member;
    uint64_t whole;
    if (unpack(z, index, UINT64_MAX, &member, &whole) != 0)
        return -1;
    int status = br_npy_inputs(z->path, &member, request->shape, request->notes, out, z->error);
    br_bytes_free(&member);
    return status;
}

static int read_answers(const npz *z, const br_npz_request *request, int64_t index, uint64_t samples, br_labels *out)
{
    br_bytes member;
    uint64_t whole;
    if (unpack(z, index, UINT64_MAX, &member, &whole) != 0)
        return -1;
    int status = br_npy_labels(z->path, &member, request->classes, out, z->error);
    br_bytes_free(&member);
    if (status == 0 && out->count != samples) {
        status =
            br_fail(z->error, BR_ERROR_CHECK, "%s: `%s` has %llu labels for %llu samples", z->path,
                    name_of(z, (zip_uint64_t)index).text, (unsigned long long)out->count, (unsigned long long)samples);
        br_labels_free(out);
    }
    return status;
}

static int read_all(const npz *z, const br_npz_request *request, br_array *out, br_labels *labels)
{
    int64_t samples, answers = -1;
    if (choose(z, request, false, &samples) != 0 ||
        (!request->without_labels && choose(z, request, true, &answers) != 0) ||
        read_samples(z, request, samples, out) != 0)
        return -1;
    if (answers >= 0 && read_answers(z, request, answers, out->count, labels) != 0)
        return -1;
    member_name x = name_of(z, (zip_uint64_t)samples);
    if (answers >= 0 && (request->samples == NULL || request->labels == NULL))
        br_note_add(request->notes, false, "%s: %s samples are `%s`, their labels `%s`", z->path,
                    bt_split_word(request->split), x.text, name_of(z, (zip_uint64_t)answers).text);
    else if (answers < 0 && request->samples == NULL && zip_get_num_entries(z->archive, 0) > 1)
        br_note_add(request->notes, false, "%s: the samples are `%s`", z->path, x.text);
    return 0;
}

int br_npz_read(const char *path, const br_bytes *file, const br_npz_request *request, br_array *out, br_labels *labels,
                br_error *error)
{
    *out = (br_array){0};
    *labels = (br_labels){0};
    npz z = {.path = path, .file = file, .error = error};
    int status = open_archive(&z);
    if (status == 0)
        status = read_all(&z, request, out, labels);
    if (z.archive != NULL)
        zip_discard(z.archive);
    if (status != 0) {
        br_array_free(out);
        br_labels_free(labels);
    }
    return status;
}
