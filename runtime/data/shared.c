/* One copy of the samples for all ranks of a machine. The lowest of its ranks reads and encodes them, and puts them into
 * memory without a name (memfd), which the others open as a file of that process:
 *
 *     who is where -> the memory is made, and opened by the others -> read -> copied into it -> mapped by the others
 *
 * Ranks that can't open it, since they run as another user or in another container, read for themselves. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/each_rank.h"
#include "base/hash.h"
#include "base/memory.h"
#include "data/data.h"
#include "data/schema.h"

#define ALIGNMENT 64u

struct br_shared_data {
    const br_ranks *ranks;
    int memory;      /* file descriptor; -1: this rank has its data alone */
    uint32_t from;   /* the rank that reads for this one, or this one */
    uint32_t takers; /* ranks for which this one reads */
};

/* What the ranks tell each other. */
typedef struct presence {
    uint64_t place;          /* of the machine and of what is trained: equal where samples can be shared */
    int32_t process, memory; /* memory: the descriptor there; -1: none */
    uint32_t from;           /* the rank that reads for it, or itself */
} presence;

/* How the memory begins. Offsets are from its begin; 0: there is no such array. */
typedef struct shared_split {
    uint64_t count, labels, bytes, floats;
    bt_shape shape;
    uint32_t tied;
    double low, high;
} shared_split;

typedef struct shared_head {
    uint64_t size, hash, schema; /* schema: offset of its text */
    uint32_t first_column;
    shared_split splits[BT_SPLITS];
} shared_head;

/* ---- who is where ---- */

static uint64_t hash_file(const char *path, uint64_t hash)
{
    char text[128];
    FILE *file = fopen(path, "r");
    size_t got = file != NULL ? fread(text, 1, sizeof text, file) : 0;
    if (file != NULL)
        fclose(file);
    return br_hash_bytes(hash, text, got);
}

/* The running system, its numbers of processes, and the training. */
static uint64_t place_of(const char *text, uint64_t seed)
{
    char name[64];
    uint64_t hash = hash_file("/proc/sys/kernel/random/boot_id", BR_HASH_START);
    ssize_t got = readlink("/proc/self/ns/pid", name, sizeof name);
    hash = br_hash_bytes(hash, name, got > 0 ? (uint64_t)got : 0);
    return br_hash_word(br_hash_bytes(hash, text, strlen(text)), seed);
}

/* The lowest rank at the place of this one. */
static uint32_t first_beside(const presence *all, uint32_t rank)
{
    uint32_t q = 0;
    while (all[q].place != all[rank].place)
        q++;
    return q;
}

/* Opens the memory of another rank; -1 if that is not allowed. */
static int open_memory(const presence *of)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", of->process, of->memory);
    return of->memory >= 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

static int agree(br_shared_data *s, uint64_t place, presence *all, br_error *error)
{
    uint32_t rank = s->ranks->rank;
    all[rank] = (presence){place, (int32_t)getpid(), -1, rank};
    if (br_each_rank(s->ranks, all, sizeof *all, error) != 0)
        return -1;
    uint32_t first = first_beside(all, rank);
    if (first == rank)
        all[rank].memory = s->memory = memfd_create("bouton samples", MFD_CLOEXEC);
    if (br_each_rank(s->ranks, all, sizeof *all, error) != 0)
        return -1;
    if (first != rank && (s->memory = open_memory(&all[first])) >= 0)
        all[rank].from = first;
    if (br_each_rank(s->ranks, all, sizeof *all, error) != 0)
        return -1;
    s->from = all[rank].from;
    for (uint32_t q = 0; q < s->ranks->size; q++)
        s->takers += q != rank && all[q].from == rank;
    return 0;
}

int br_shared_data_begin(const br_ranks *ranks, const char *text, uint64_t seed, br_shared_data **out, br_error *error)
{
    *out = NULL;
    br_shared_data *s = br_new(1, sizeof *s, error);
    presence *all = s != NULL ? br_new(ranks->size, sizeof *all, error) : NULL;
    if (all == NULL) {
        br_release(s);
        return -1;
    }
    *s = (br_shared_data){.ranks = ranks, .memory = -1, .from = ranks->rank};
    int status = agree(s, place_of(text, seed), all, error);
    br_release(all);
    if (status == 0)
        *out = s;
    else
        br_shared_data_free(s);
    return status;
}

bool br_shared_data_reads(const br_shared_data *s)
{
    return s->from == s->ranks->rank;
}

void br_shared_data_free(br_shared_data *s)
{
    if (s == NULL)
        return;
    if (s->memory >= 0)
        close(s->memory);
    br_release(s);
}

/* ---- the memory ---- */

static uint64_t take(uint64_t *size, uint64_t bytes)
{
    uint64_t at = *size;
    *size += (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return at;
}

/* Decides where everything lies. */
static shared_head lay_out(const br_data *data, uint64_t schema_bytes)
{
    shared_head head = {.hash = data->hash, .first_column = data->first_column};
    take(&head.size, sizeof head);
    head.schema = take(&head.size, schema_bytes);
    for (int i = 0; i < BT_SPLITS; i++) {
        const br_array *array = &data->arrays[i];
        const br_samples *view = &data->views[i];
        uint64_t values = array->count * br_array_values(array);
        shared_split *split = &head.splits[i];
        *split = (shared_split){
            .count = array->count, .shape = array->shape, .tied = view->tied, .low = view->low, .high = view->high};
        if (array->labels)
            split->labels = take(&head.size, array->count * sizeof *array->labels);
        if (array->bytes)
            split->bytes = take(&head.size, values);
        if (array->floats)
            split->floats = take(&head.size, values * sizeof *array->floats);
    }
    return head;
}

static void *at_offset(void *memory, uint64_t offset)
{
    return offset > 0 ? (char *)memory + offset : NULL;
}

/* Lets the arrays be those in the memory, which `data` unmaps at its end. Labels are not borrowed, so they are copied. */
static int use_memory(br_data *data, void *memory, br_error *error)
{
    const shared_head *head = memory;
    data->mapped = memory;
    data->mapped_bytes = head->size;
    for (int i = 0; i < BT_SPLITS; i++) {
        const shared_split *split = &head->splits[i];
        br_array *array = &data->arrays[i];
        *array = (br_array){.count = split->count,
                            .shape = split->shape,
                            .bytes = at_offset(memory, split->bytes),
                            .floats = at_offset(memory, split->floats),
                            .borrowed = true};
        if (split->labels > 0 && (array->labels = br_new(split->count, sizeof *array->labels, error)) == NULL)
            return -1;
        if (split->labels > 0)
            memcpy(array->labels, at_offset(memory, split->labels), split->count * sizeof *array->labels);
        br_samples *view = &data->views[i];
        *view = (br_samples){.count = array->count,
                             .shape = array->shape,
                             .bytes = array->bytes,
                             .floats = array->floats,
                             .labels = array->labels,
                             .low = split->low,
                             .high = split->high,
                             .tied = split->tied};
    }
    return 0;
}

/* ---- the rank that reads ---- */

static void copy_into(void *memory, const shared_head *head, const br_data *data, const char *schema)
{
    memcpy(memory, head, sizeof *head);
    strcpy(at_offset(memory, head->schema), schema);
    for (int i = 0; i < BT_SPLITS; i++) {
        const br_array *array = &data->arrays[i];
        const shared_split *split = &head->splits[i];
        uint64_t values = array->count * br_array_values(array);
        if (split->labels > 0)
            memcpy(at_offset(memory, split->labels), array->labels, array->count * sizeof *array->labels);
        if (split->bytes > 0)
            memcpy(at_offset(memory, split->bytes), array->bytes, values);
        if (split->floats > 0)
            memcpy(at_offset(memory, split->floats), array->floats, values * sizeof *array->floats);
    }
}

static int give(const br_shared_data *s, br_data *data, br_error *error)
{
    char *schema;
    if (br_schema_write(&data->schema, &schema, error) != 0)
        return -1;
    shared_head head = lay_out(data, strlen(schema) + 1);
    void *memory = posix_fallocate(s->memory, 0, (off_t)head.size) == 0
                       ? mmap(NULL, head.size, PROT_READ | PROT_WRITE, MAP_SHARED, s->memory, 0)
                       : MAP_FAILED;
    if (memory != MAP_FAILED)
        copy_into(memory, &head, data, schema);
    free(schema);
    if (memory == MAP_FAILED)
        return br_fail(error, BR_ERROR_FAULT, "out of memory: %llu bytes for the samples that %u ranks share",
                       (unsigned long long)head.size, s->takers + 1);
    for (int i = 0; i < BT_SPLITS; i++)
        br_array_free(&data->arrays[i]);
    return use_memory(data, memory, error);
}

/* ---- the ranks for which it reads ---- */

static int map(const br_shared_data *s, br_data *data, br_error *error)
{
    struct stat facts;
    br_schema *schema;
    void *memory = fstat(s->memory, &facts) == 0 && facts.st_size > 0
                       ? mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_SHARED, s->memory, 0)
                       : MAP_FAILED;
    if (memory == MAP_FAILED)
        return br_fail(error, BR_ERROR_FAULT, "the samples of rank %u can't be mapped: %s", s->from, strerror(errno));
    const shared_head *head = memory;
    data->hash = head->hash;
    data->first_column = head->first_column;
    if (use_memory(data, memory, error) != 0 || br_schema_read(at_offset(memory, head->schema), &schema, error) != 0)
        return -1;
    int status = br_schema_copy(schema, &data->schema, error);
    br_schema_free(schema);
    return status;
}

/* ---- all ---- */

/* Every rank learns whether those that read have succeeded. */
static int read_by_all(const br_shared_data *s, bool *mine, br_error *error)
{
    bool *read = br_each_rank_new(s->ranks, mine, sizeof *read, error);
    if (read == NULL)
        return -1;
    *mine = read[s->from];
    br_release(read);
    return 0;
}

int br_shared_data_pass(br_shared_data *s, br_data **data, br_error *error)
{
    bool reads = br_shared_data_reads(s), there = true;
    int status = s->takers > 0 ? give(s, *data, error) : 0;
    br_error lost;
    there = status == 0;
    if (read_by_all(s, &there, status == 0 ? error : &lost) != 0)
        return -1;
    if (reads)
        return status;
    if (!there)
        return br_fail(error, BR_ERROR_FAULT, "rank %u has no memory for the samples that it shares", s->from);
    *data = br_new(1, sizeof **data, error);
    if (*data == NULL)
        return -1;
    status = map(s, *data, error);
    if (status != 0) {
        br_data_free(*data);
        *data = NULL;
    }
    return status;
}
