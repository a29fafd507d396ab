#include "report/record.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RECORD_MOST (16 << 20) /* bytes */

/* MODEL.run.json of MODEL.safetensors; the caller frees it. NULL: out of memory, which is told later if it lasts. */
static char *path_of(const char *model)
{
    static const char usual[] = ".safetensors", ending[] = ".run.json";
    size_t length = strlen(model), tail = sizeof usual - 1;
    if (length > tail && strcmp(model + length - tail, usual) == 0)
        length -= tail;
    char *path = malloc(length + sizeof ending);
    if (path != NULL) {
        memcpy(path, model, length);
        memcpy(path + length, ending, sizeof ending);
    }
    return path;
}

static bool is_hash(const json_t *value, uint64_t hash)
{
    char text[24];
    snprintf(text, sizeof text, "%016llx", (unsigned long long)hash);
    return json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static bool is_seed(const json_t *value, uint64_t seed)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)seed);
    return json_is_integer(value) ? (uint64_t)json_integer_value(value) == seed
                                  : json_is_string(value) && strcmp(json_string_value(value), text) == 0;
}

static bool belongs(const json_t *all, const br_file_facts *facts)
{
    const char *network = json_string_value(json_object_get(all, "network"));
    return network != NULL && strcmp(network, facts->network) == 0 &&
           is_hash(json_object_get(json_object_get(all, "data"), "hash"), facts->data_hash) &&
           is_seed(json_object_get(all, "seed"), facts->seed);
}

void record_read(run_record *out, const char *model, const br_file_facts *facts)
{
    struct stat file;
    char *path = path_of(model);
    *out = (run_record){0};
    if (path != NULL && stat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size <= RECORD_MOST)
        out->all = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
    free(path);
    if (out->all != NULL && !belongs(out->all, facts))
        record_free(out);
}

void record_free(run_record *record)
{
    json_decref(record->all);
    record->all = NULL;
}

double record_seconds(const run_record *record, const br_history *history, uint32_t index)
{
    const json_t *list = json_object_get(record->all, "history");
    const json_t *epoch = json_array_get(list, index);
    bool same = json_array_size(list) == history->epoch_count &&
                json_integer_value(json_object_get(epoch, "epoch")) == (json_int_t)history->epochs[index].epoch;
    double seconds = json_number_value(json_object_get(epoch, "seconds"));
    return same && seconds > 0 ? seconds : (double)NAN;
}

const char *record_text(const run_record *record, const char *object, const char *key)
{
    return json_string_value(json_object_get(json_object_get(record->all, object), key));
}
