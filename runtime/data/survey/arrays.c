/* A look at a folder of IDX files: which are images and which labels, of train and of test. */
#include <string.h>

#include "base/memory.h"
#include "bouton/data_survey.h"
#include "data/formats/readers.h"
#include "data/pictures/names.h"

enum { HEAD = 4 + 4 * 4, TRAIN = 0, TEST = 1 };

/* The split that a file's name tells; -1: none. */
static int split_of(const char *name)
{
    if (strstr(name, "train") != NULL)
        return TRAIN;
    return strstr(name, "t10k") != NULL || strstr(name, "test") != NULL ? TEST : -1;
}

static int take(br_idx_survey *out, const char *folder, const char *name, const br_bytes *head, br_error *error)
{
    int split = split_of(name);
    unsigned dimensions = head->data[3];
    bool labels = dimensions == 1;
    if (split < 0 || dimensions > 4 || head->size < 4 + 4 * (uint64_t)dimensions || dimensions == 2)
        return br_fail(error, BR_ERROR_CHECK,
                       "%s/%s: neither the images nor the labels of train or test; write a text that names it", folder,
                       name);
    const char **place = labels ? &out->labels[split] : &out->images[split];
    if (*place != NULL)
        return br_fail(error, BR_ERROR_CHECK,
                       "%s: %s and %s are both %s of %s; keep one of them in a folder of its own", folder, *place, name,
                       labels ? "labels" : "images", split == TRAIN ? "train" : "test");
    *place = br_copy_string(name, error);
    if (*place == NULL)
        return -1;
    if (labels)
        return 0;
    out->samples[split] = br_big32(head->data + 4);
    if (split == TRAIN)
        out->shape = (bt_shape){br_big32(head->data + 8), br_big32(head->data + 12),
                                dimensions == 4 ? br_big32(head->data + 16) : 1};
    return 0;
}

static int count_classes(br_idx_survey *out, const char *folder, br_error *error)
{
    br_bytes file;
    br_labels labels = {0};
    char *path = br_path_join(folder, out->labels[TRAIN], error);
    if (path == NULL || br_bytes_read(path, BR_FILE_LIMIT, &file, error) != 0) {
        br_release(path);
        return -1;
    }
    int status = br_idx_labels(path, &file, BR_VALUES_LIMIT, &labels, error);
    for (uint64_t i = 0; status == 0 && labels.labels != NULL && i < labels.count; i++)
        out->classes = labels.labels[i] >= out->classes ? labels.labels[i] + 1 : out->classes;
    br_labels_free(&labels);
    br_bytes_free(&file);
    br_release(path);
    return status;
}

static int look_at(br_idx_survey *out, const char *folder, const char *name, bool *found, br_error *error)
{
    br_bytes head = {0};
    char *path = br_path_join(folder, name, error);
    if (path == NULL)
        return -1;
    int status = br_bytes_head(path, HEAD, &head, error) == 0 && br_idx_is(&head) ? 1 : 0;
    if (status == 1) {
        *found = true;
        status = take(out, folder, name, &head, error);
    }
    br_bytes_free(&head);
    br_release(path);
    return status;
}

int br_idx_survey_read(const char *folder, br_idx_survey *out, bool *found, br_error *error)
{
    br_listing inside;
    *out = (br_idx_survey){0};
    *found = false;
    if (br_listing_read(folder, &inside, error) != 0)
        return -1;
    int status = 0;
    for (uint64_t i = 0; i < inside.files.count && status == 0; i++)
        status = look_at(out, folder, inside.files.list[i], found, error);
    br_listing_free(&inside);
    if (status == 0 && *found && (out->images[TRAIN] == NULL || out->labels[TRAIN] == NULL))
        status = br_fail(error, BR_ERROR_CHECK, "%s: has IDX files, but no images and labels of train", folder);
    if (status == 0 && (out->images[TEST] == NULL) != (out->labels[TEST] == NULL))
        status = br_fail(error, BR_ERROR_CHECK, "%s: has images or labels of test, but not both", folder);
    if (status == 0 && *found)
        status = count_classes(out, folder, error);
    if (status != 0)
        br_idx_survey_free(out);
    return status;
}

void br_idx_survey_free(br_idx_survey *survey)
{
    for (int split = TRAIN; split <= TEST; split++) {
        br_release((void *)survey->images[split]);
        br_release((void *)survey->labels[split]);
    }
    *survey = (br_idx_survey){0};
}
