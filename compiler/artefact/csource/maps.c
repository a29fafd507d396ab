#include "artefact/csource/maps.h"

#include "artefact/csource/learners.h"
#include "artefact/csource/needs.h"
#include "plan/buffers.h"
#include "plan/drives.h"

float bc_top_above(const bc_source *s, uint32_t map, uint32_t *other)
{
    float found = 0;
    for (uint32_t i = 0; i < s->program->layer_count; i++)
        for (uint32_t n = 0; n < s->layers[i].layer->source_count; n++) {
            if (s->layers[i].layer->sources[n] != map)
                continue;
            float top = bc_is_pool(s->layers[i].layer) ? bc_top_above(s, i, other) : s->layers[i].top;
            if (other && found > 0 && top > 0 && top != found)
                *other = i;
            found = found > 0 ? found : top;
        }
    return found;
}

/* ---- what is kept ---- */

static void find_drives(bc_source *s)
{
    bc_drive_use uses[BL_MAX_LAYERS];
    for (uint32_t i = 0; i < s->program->layer_count; i++)
        uses[i] = (bc_drive_use){.kept = s->layers[i].layer->depress_count > 0};
    bc_drives_find(s->program, uses);
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        s->layers[i].drives = uses[i].kept || (bc_learns(s, i) && i + 1 < s->program->layer_count);
        s->layers[i].chooses = uses[i].chooses;
    }
}

/* A pool takes the largest sums of a convolution as they are made, if nothing else reads it and no place is in two
 * windows: an activation grows with its sum, so the largest activation is that of the largest sum. */
static void find_fused(bc_source *s)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        bc_source_layer *conv = &s->layers[i];
        bl_readers readers = bl_readers_of(s->program->layers, s->program->layer_count, i);
        if (conv->layer->kind != BT_LAYER_CONV || conv->drives || conv->layer->sum == BT_SUM_SHARED ||
            readers.count != 1)
            continue;
        bc_source_layer *pool = &s->layers[readers.last];
        const bl_layer *p = pool->layer;
        if (!bc_is_pool(p) || p->pooling != BT_POOL_MAX || p->source_count > 1 || pool->drives || p->grid ||
            p->stride < p->field_height || p->stride < p->field_width)
            continue;
        conv->fused = true;
        pool->absorbed = true;
    }
}

/* Convolutions whose fields lie side by side: an input's connections to the places that read it follow one another. */
static void find_by_rows(bc_source *s)
{
    if (!bc_needs_of(s).wide)
        return;
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        bc_source_layer *l = &s->layers[i];
        l->by_rows = l->layer->kind == BT_LAYER_CONV && l->layer->stride == 1 && l->layer->source_count == 1 &&
                     !l->bounds.listed && !l->bounds.packed;
    }
}

/* ---- where it lies ---- */

static void grow(uint64_t *size, uint64_t end)
{
    *size = *size > end ? *size : end;
}

/* The time at which a layer's map is written. Time 0 is the input's, l + 1 that of layer l. */
static uint32_t made_at(const bc_source *s, uint32_t layer)
{
    const bc_source_layer *l = &s->layers[layer];
    return l->absorbed ? l->layer->sources[0] + 1 : layer + 1;
}

static void find_last_reads(bc_source *s)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++)
        for (uint32_t n = 0; n < s->layers[i].layer->source_count; n++) {
            uint32_t source = s->layers[i].layer->sources[n];
            uint32_t time = s->layers[i].absorbed ? 0 : i + 1; /* the map of a fused convolution is never made */
            if (bc_learns(s, i))                               /* behind the answer */
                time = s->program->layer_count;
            uint32_t *last = source == BT_INPUT ? &s->input_last_read : &s->layers[source].last_read;
            *last = time > *last ? time : *last;
        }
}

static void place_maps(bc_source *s, bc_buffers *values, bc_buffers *drives)
{
    uint32_t layers = s->program->layer_count;
    find_last_reads(s);
    bc_buffers_take(values, bt_values(s->program->input.encoded), 0, s->input_last_read);
    for (uint32_t i = 0; i < layers; i++) {
        bc_source_layer *l = &s->layers[i];
        uint64_t count = bt_values(l->layer->out);
        uint32_t from = made_at(s, i), until = l->last_read > from ? l->last_read : from;
        bool kept = !l->fused && i + 1 < layers; /* the last layer fires into the caller's levels, */
        if (kept)
            l->at = bc_buffers_take(values, count, from, until);
        if (i + 1 == layers) /* or, if nobody wants them, into the place of maps that nothing reads any more */
            grow(&s->values, count);
        if (l->drives) /* and a number more: of the sum of the inputs of the last field */
            l->drives_at = bc_buffers_take(drives, count + 1, from, until);
        if (bc_is_pool(l->layer))
            continue;
        uint64_t places = l->by_rows ? l->layer->out.width : 1;
        grow(&s->sums, places * l->layer->neurons + (l->layer->sum == BT_SUM_SHARED));
        if (l->fused)
            grow(&s->largest, places * l->layer->neurons);
    }
    grow(&s->values, values->size);
    s->drives = drives->size;
}

int bc_maps_place(bc_source *s, br_error *error)
{
    bc_buffers values = {0}, drives = {0}; /* in numbers */
    find_drives(s);
    find_fused(s);
    find_by_rows(s);
    place_maps(s, &values, &drives);
    bool failed = values.failed || drives.failed;
    bc_buffers_free(&values);
    bc_buffers_free(&drives);
    if (failed)
        return br_fail(error, BR_ERROR_FAULT, "out of memory for the maps of network %s", s->program->name);
    uint64_t bytes = s->values * (s->whole ? 1 : 4);
    bytes = (bytes + 3) / 4 * 4 + 4 * (s->drives + s->sums + s->largest);
    if (s->learning.phase != NULL)
        bytes += 4ull * bc_errors_count(s);
    if (bytes > BC_CONSTANTS_LIMIT)
        return br_fail(error, BR_ERROR_CHECK, "network %s: its maps take more than %u MiB, too much for C source",
                       s->program->name, BC_CONSTANTS_LIMIT >> 20);
    s->facts.scratch_bytes = bytes;
    return 0;
}
