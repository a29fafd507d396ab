/* Scratch memory: maps that a later layer reads, and the sums of the layer at work. Memory is used again once its last
 * reader has run: time 0 is that of the input, l + 1 that of layer l. */
#include "firmware/memory.h"

#include "firmware/depress.h"
#include "plan/buffers.h"

typedef struct work {
    struct bc_firmware *f;
    bc_buffers buffers; /* in bytes */
} work;

static uint64_t take(work *w, uint64_t bytes, uint32_t from, uint32_t until)
{
    return bc_buffers_take(&w->buffers, (bytes + 3) / 4 * 4, from, until);
}

static uint64_t values_of(const bc_small_map *map)
{
    return (uint64_t)map->height * map->width * map->channels;
}

static uint64_t bytes_of(const bc_small_map *map)
{
    return map->form == BC_FORM_RAW ? 0 : values_of(map) * (map->form == BC_FORM_QUANTA ? 1 : sizeof(float));
}

/* Bytes suffice where a single layer reads the map, and reads quanta. Returns when the map is read last. */
static uint32_t choose_form(const struct bc_firmware *f, uint32_t source, bc_small_map *map)
{
    bl_readers readers = bl_readers_of(f->program->layers, f->program->layer_count, source);
    const bc_small_layer *reader = &f->layers[readers.last];
    bool quanta = readers.count == 1 && reader->int8;
    map->form = quanta ? BC_FORM_QUANTA : BC_FORM_FLOATS;
    map->per_quantum = quanta ? reader->scales.per_quantum : 0;
    if (reader->learns && readers.count > 0) /* also after the answer */
        return UINT32_MAX;
    return readers.count > 0 ? readers.last + 1 : 0;
}

/* What depression of the layer's map, and pools that choose by its drives, need: bytes. */
static uint64_t place_drives(work *w, bc_small_layer *l, uint32_t now, uint32_t until)
{
    bool pool = l->layer->kind == BT_LAYER_POOL && l->depressed, outs_needed = pool || l->settles;
    uint64_t all = values_of(&l->out) * sizeof(float), place = l->out.channels * sizeof(float);
    uint64_t drives = l->keeps ? all : 0, sums = pool && !l->keeps ? place : 0;
    uint64_t outs = !outs_needed ? 0 : l->over_places ? all : place;
    l->rank_count = l->depressed ? bc_rank_count(l->judge) : 0;
    l->drives = take(w, drives, now, until);
    if (pool)
        l->sums = take(w, sums, now, now);
    l->outs = take(w, outs, now, now);
    l->ranks = take(w, l->rank_count * sizeof(float), now, now);
    return drives + sums + outs + l->rank_count * sizeof(float);
}

static void place_layer(work *w, uint32_t index)
{
    bc_small_layer *l = &w->f->layers[index];
    const bl_layer *shape = l->pool == BC_NO_POOL ? l->layer : w->f->layers[l->pool].layer;
    uint32_t source = l->pool == BC_NO_POOL ? index : l->pool, now = index + 1;
    if (l->folded)
        return;
    l->out = (bc_small_map){.height = shape->out.height, .width = shape->out.width, .channels = shape->out.channels};
    uint32_t last = choose_form(w->f, source, &l->out), pitch = l->stored.pitch, until = last > now ? last : now;
    if (!l->last)
        l->out.at = take(w, bytes_of(&l->out), now, until);
    if (l->pool != BC_NO_POOL)
        w->f->layers[l->pool].out = l->out;
    if (l->layer->kind != BT_LAYER_POOL)
        l->sums = take(w, pitch * sizeof(float), now, l->last ? UINT32_MAX : now);
    if (l->learns)
        l->errors = take(w, pitch * sizeof(float), now, UINT32_MAX);
    if (l->stored.coded)
        l->carried = take(w, BR_LEVELS * sizeof(float), now, now);
    if (l->pool != BC_NO_POOL)
        l->largest = take(w, pitch * sizeof(float), now, now);
    l->ram = (l->last ? 0 : bytes_of(&l->out)) + (l->pool != BC_NO_POOL || l->learns ? 2 : 1) * pitch * sizeof(float);
    l->ram += l->stored.coded ? BR_LEVELS * sizeof(float) : 0;
    l->ram += place_drives(w, l, now, until);
    if (l->pool != BC_NO_POOL)
        w->f->layers[l->pool].drives = l->drives;
}

int bc_memory_plan(struct bc_firmware *f, br_error *error)
{
    work w = {.f = f};
    const bl_input *input = &f->program->input;
    f->input = (bc_small_map){.height = input->height, .width = input->width, .channels = input->channels};
    uint32_t last = choose_form(f, BT_INPUT, &f->input);
    if (f->bytes)
        f->input.form = BC_FORM_RAW;
    f->input_ram = bytes_of(&f->input);
    f->input.at = take(&w, f->input_ram, 0, last);
    for (uint32_t i = 0; i < f->program->layer_count; i++)
        place_layer(&w, i);
    bool failed = w.buffers.failed;
    f->facts.scratch_bytes = w.buffers.size;
    bc_buffers_free(&w.buffers);
    if (failed)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the maps of network %s", f->program->name);
    if (f->facts.scratch_bytes <= INT32_MAX)
        return 0;
    return br_fail(error, BR_ERROR_CHECK, "network %s: one sample needs %llu bytes of scratch memory, more than 2 GiB",
                   f->program->name, (unsigned long long)f->facts.scratch_bytes);
}
