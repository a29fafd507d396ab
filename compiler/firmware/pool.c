/* The code of a pool that no convolution computes. */
#include "firmware/depress.h"
#include "firmware/layer.h"

typedef struct pool {
    const struct bc_firmware *f;
    const bc_small_layer *l;
    bc_owner owner;
    bc_value scratch, drives, outs; /* addresses; outs: of a depressed pool */
} pool;

/* One channel of a place of the pool, in one of the maps that it reads. */
typedef struct cell {
    const pool *pool;
    const bc_reader *reader;
    bc_value below;      /* chooses: address of the drives of that map */
    bc_value y, x;       /* of the pool */
    bc_value channel;    /* of the map */
    bc_value held, best; /* slots: the result; chooses: the largest drive */
} cell;

/* Borders of cell g of a grid: g n / G; a table, since small cores do not divide. */
static bc_value border(bc_emit *e, bc_owner owner, bc_value at, uint32_t n, uint32_t cells)
{
    uint32_t borders[256];
    for (uint32_t g = 0; g <= cells; g++)
        borders[g] = g * n / cells;
    return bc_load_number(e, bc_data_numbers(e, owner, borders, cells + 1, 2), at, 2);
}

static bc_range range_of(bc_emit *e, const pool *p, bc_value at, bool rows)
{
    const bl_layer *layer = p->l->layer;
    bc_value one = bc_i32(e, 1);
    uint32_t n = rows ? layer->in.height : layer->in.width, cells = rows ? layer->out.height : layer->out.width;
    if (layer->grid)
        return (bc_range){border(e, p->owner, at, n, cells), border(e, p->owner, bc_iadd(e, at, one), n, cells)};
    bc_value from = bc_imul(e, at, layer->stride);
    return (bc_range){from, bc_iadd(e, from, bc_i32(e, rows ? layer->field_height : layer->field_width))};
}

/* The largest activation, or that of the first place with the largest drive; or the sum: as forward/pool.c. */
static void take(bc_emit *e, const cell *c, bc_value at)
{
    bc_value o = bc_read(e, c->reader, at), held = bc_get(e, e->f32, c->held);
    if (!c->best) {
        bool largest = c->pool->l->layer->pooling == BT_POOL_MAX;
        bc_set(e, c->held, largest ? bc_max(e, o, held) : bc_add(e, held, o));
        return;
    }
    bc_value x = LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, c->below, at), "");
    bc_value best = bc_get(e, e->f32, c->best), larger = bc_greater(e, x, best);
    bc_set(e, c->best, bc_select(e, larger, x, best));
    bc_set(e, c->held, bc_select(e, larger, o, held));
}

/* The activation of a channel; *drive becomes its drive, as section 6 of docs/model.md has it. */
static bc_value pooled(bc_emit *e, cell *c, bc_value *drive)
{
    const bc_small_layer *l = c->pool->l;
    const bl_layer *layer = l->layer;
    const bc_small_map *map = c->reader->map;
    bc_range down = range_of(e, c->pool, c->y, true), across = range_of(e, c->pool, c->x, false);
    c->held = bc_slot(e, e->f32, bc_f32(e, 0), "held");
    c->best = l->chooses ? bc_slot(e, e->f32, bc_f32(e, -3.0e38), "best") : NULL;
    bc_loop rows = bc_loop_begin(e, down.from, down.to, 1, "row");
    bc_loop columns = bc_loop_begin(e, across.from, across.to, 1, "column");
    bc_value place = bc_iadd(e, bc_imul(e, rows.i, map->width), columns.i);
    take(e, c, bc_iadd(e, bc_imul(e, place, map->channels), c->channel));
    bc_loop_end(e, &columns);
    bc_loop_end(e, &rows);
    bc_value result = bc_get(e, e->f32, c->held);
    *drive = c->best ? bc_get(e, e->f32, c->best) : result;
    if (layer->pooling == BT_POOL_MEAN) {
        bc_value places =
            LLVMBuildMul(e->builder, bc_isub(e, down.to, down.from), bc_isub(e, across.to, across.from), "");
        return *drive = bc_div(e, result, LLVMBuildSIToFP(e->builder, places, e->f32, ""));
    }
    if (layer->pooling == BT_POOL_MAX)
        return result;
    return bc_min(e, bc_mul(e, result, bc_f32(e, (double)l->calibration)), bc_f32(e, layer->range_out));
}

static void store(bc_emit *e, bc_value base, bc_value index, bc_value value)
{
    LLVMBuildStore(e->builder, value, bc_element(e, e->f32, base, index));
}

/* The channels of one map at a place; they lie from `offset` on among those of the pool. */
static void pool_map(bc_emit *e, const pool *p, const bc_small_place *place, cell c, uint32_t offset)
{
    const bc_small_layer *l = p->l;
    bc_value drive;
    bc_loop channels = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, c.reader->map->channels), 1, "channel");
    c.y = place->y, c.x = place->x, c.channel = channels.i;
    bc_value o = pooled(e, &c, &drive);
    bc_value here = offset > 0 ? bc_iadd(e, channels.i, bc_i32(e, offset)) : channels.i;
    bc_value at = bc_iadd(e, place->at, here);
    if (l->keeps || l->depressed)
        store(e, p->drives, l->keeps ? at : here, drive);
    if (l->depressed)
        store(e, p->outs, l->over_places ? at : here, o);
    else
        bc_write(e, &l->out, p->scratch, at, o);
    bc_loop_end(e, &channels);
}

static bc_value before_depression(bc_emit *e, const void *user, bc_value n, bc_value at, bc_value x)
{
    const pool *p = user;
    (void)x;
    return LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, p->outs, p->l->over_places ? at : n), "");
}

static void pool_places(bc_emit *e, const pool *p, const bc_reader *readers)
{
    const bc_small_layer *l = p->l;
    const bc_small_depression d = {
        .l = l, .scratch = p->scratch, .all = l->keeps, .drives = p->drives, .before = before_depression, .user = p};
    bc_small_places places = bc_small_places_begin(e, &l->out);
    for (uint32_t s = 0, offset = 0; s < l->layer->source_count; s++) {
        cell c = {.pool = p, .reader = &readers[s]};
        if (l->chooses)
            c.below = bc_offset(e, p->scratch, p->f->layers[l->layer->sources[s]].drives);
        pool_map(e, p, &places.place, c, offset);
        offset += readers[s].map->channels;
    }
    if (l->depressed && !l->over_places)
        bc_emit_depression(e, &d, &places.place);
    bc_small_places_end(e, &places);
    if (!l->over_places)
        return;
    places = bc_small_places_begin(e, &l->out);
    bc_emit_depression(e, &d, &places.place);
    bc_small_places_end(e, &places);
}

bc_value bc_emit_small_pool(bc_emit *e, const struct bc_firmware *f, uint32_t layer)
{
    const bc_small_layer *l = &f->layers[layer];
    pool p = {.f = f, .l = l, .owner = {f->program->name, l->layer->name}};
    bc_reader readers[BC_MOST_SOURCES];
    LLVMTypeRef parameters[2] = {e->ptr, e->ptr};
    bc_value function = bc_owned_function(e, p.owner, "layer", LLVMFunctionType(e->none, parameters, 2, 0));
    bc_attribute(e, "noinline", NULL);
    bc_begin(e, l->layer->name);
    p.scratch = LLVMGetParam(function, 1);
    p.drives = bc_offset(e, p.scratch, l->keeps ? l->drives : l->sums);
    p.outs = bc_offset(e, p.scratch, l->outs);
    for (uint32_t s = 0; s < l->layer->source_count; s++)
        readers[s] = bc_reader_new(e, f, layer, s, LLVMGetParam(function, 0), p.scratch);
    pool_places(e, &p, readers);
    LLVMBuildRetVoid(e->builder);
    return function;
}
