#include "artefact/csource/walk.h"

#include <stdlib.h>

#include "artefact/csource/bounds.h"
#include "artefact/csource/learn.h"
#include "artefact/csource/learn_whole.h"
#include "artefact/csource/table.h"
#include "plan/numbers.h"

/* ---- the constants of a layer, in the order of the types that texts.c prints ---- */

static const char *truth(bool holds)
{
    return holds ? "1" : "0";
}

static void put_ramps(const bc_needs *n, const bc_source_layer *l, FILE *to)
{
    const bc_firing *f = &l->firing;
    const char *name = l->layer->name;
    fprintf(to, "static const IN_FLASH ramp %s_ramps[%u] = {\n", name, f->count);
    for (uint32_t k = 0; k < f->count; k++) {
        const bc_ramp *r = &f->ramps[k];
        fprintf(to, "    {%d, %uu, %uu, %uu, %u, %u", r->first, r->span, r->slope, r->start, r->base, r->most);
        if (n->odd)
            fprintf(to, ", %u, %u", r->odd_from, r->odd_end);
        fputs("},\n", to);
    }
    fputs("};\n", to);
    if (f->odd_count == 0)
        return;
    bc_table above = bc_table_begin(to, "uint32_t", name, "odd_above", f->odd_count);
    for (uint32_t i = 0; i < f->odd_count; i++)
        bc_table_int(&above, f->odd[i].above);
    bc_table_end(&above);
    bc_table bytes = bc_table_begin(to, "uint8_t", name, "odd_bytes", f->odd_count);
    for (uint32_t i = 0; i < f->odd_count; i++)
        bc_table_int(&bytes, f->odd[i].byte);
    bc_table_end(&bytes);
}

static bool all_equal(const float *values, uint32_t count)
{
    for (uint32_t k = 1; k < count; k++)
        if (values[k] != values[0])
            return false;
    return true;
}

static void put_floats(const char *name, const char *ending, const float *values, uint32_t count, FILE *to)
{
    bc_table t = bc_table_begin(to, "float", name, ending, count);
    for (uint32_t k = 0; k < count; k++)
        bc_table_float(&t, values[k]);
    bc_table_end(&t);
}

static void put_tables(const bc_source *s, const bc_needs *n, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index];
    uint32_t neurons = l->layer->neurons;
    bc_bounds_tables(s, index, to);
    if (s->whole) {
        put_ramps(n, l, to);
        return;
    }
    put_floats(l->layer->name, "thetas", l->theta, all_equal(l->theta, neurons) ? 1 : neurons, to);
    if (l->layer->homeostasis)
        put_floats(l->layer->name, "gains", l->gain, neurons, to);
}

static void put_whole_firing(const bc_needs *n, const bc_source_layer *l, FILE *to)
{
    const char *name = l->layer->name;
    fprintf(to, ", %s_ramps, %u, %u", name, l->firing.count > 1, l->firing.bits);
    if (n->odd && l->firing.odd_count > 0)
        fprintf(to, ", %s_odd_above, %s_odd_bytes", name, name);
    else if (n->odd)
        fputs(", NULL, NULL", to);
}

static void put_float_firing(const bc_source *s, const bc_needs *n, const bc_source_layer *l, bool last, FILE *to)
{
    const bl_layer *layer = l->layer;
    char a[32], b[32];
    if (!n->printed)
        fprintf(to, ", %s", bc_float_text(bc_a_max(layer), a));
    fprintf(to, ", %s", bc_float_text((float)bc_gamma_of(layer), a));
    if (n->shared)
        fprintf(to, ", %s", truth(layer->sum == BT_SUM_SHARED));
    fprintf(to, ", %s_thetas, %s", layer->name, truth(!all_equal(l->theta, layer->neurons)));
    if (n->homeostasis && layer->homeostasis)
        fprintf(to, ", %s_gains", layer->name);
    else if (n->homeostasis)
        fputs(", NULL", to);
    if (n->logistic)
        fprintf(to, ", %s", bc_float_text(layer->fire == BT_FIRE_LOGISTIC ? (float)layer->logistic_k : 0, a));
    if (n->formula && layer->fire == BT_FIRE_FORMULA)
        fprintf(to, ", level_of_%s", s->program->formulas[layer->formula].name);
    else if (n->formula)
        fputs(", NULL", to);
    fprintf(to, ", %s", bc_float_text(last ? 1 : (float)layer->range_out, b)); /* the answer is told in levels */
}

static void put_layer(const bc_source *s, const bc_needs *n, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index];
    const bl_layer *layer = l->layer;
    fprintf(to, "{%u", layer->neurons);
    if (s->coded && l->bounds.codes)
        fprintf(to, ", %s_codes", layer->name);
    else if (s->coded)
        fputs(", NULL", to);
    fprintf(to, s->whole ? ", %s_alphas, %s_slopes" : ", %s_bounds", layer->name, layer->name);
    if (n->lists && l->bounds.listed)
        fprintf(to, ", %s_neurons, %s_starts", layer->name, layer->name);
    else if (n->lists)
        fputs(", NULL, NULL", to);
    if (n->packed && l->bounds.packed)
        fprintf(to, ", %s_rows", layer->name);
    else if (n->packed)
        fputs(", NULL", to);
    if (s->whole)
        put_whole_firing(n, l, to);
    else
        put_float_firing(s, n, l, index + 1 == s->program->layer_count, to);
    fputs("}", to);
}

static const bc_source_layer *pool_of(const bc_source *s, uint32_t conv)
{
    for (uint32_t i = conv; i < s->program->layer_count; i++)
        if (s->layers[i].absorbed && s->layers[i].layer->sources[0] == conv)
            return &s->layers[i];
    return NULL;
}

static void put_convolution(const bc_source *s, const bc_needs *n, uint32_t index, FILE *to)
{
    const bc_source_layer *pool = s->layers[index].fused ? pool_of(s, index) : NULL;
    const bl_layer *layer = s->layers[index].layer, *p = pool ? pool->layer : NULL;
    bt_shape in = layer->in, out = p ? p->out : layer->out;
    fprintf(to, "\nstatic const convolution %s_layer = {\n    ", layer->name);
    put_layer(s, n, index, to);
    fprintf(to, ",\n    %u, %u, %u, %u, %u,\n    %u, %u, %u, %u, %u,\n    %u, %u, %u};\n", in.height, in.width,
            in.channels, out.height, out.width, layer->field_height, layer->field_width, layer->stride, layer->pad_top,
            layer->pad_left, p ? p->field_height : 1, p ? p->field_width : 1, p ? p->stride : 1);
}

static void put_pools(const bc_source *s, uint32_t index, FILE *to)
{
    const bl_layer *layer = s->layers[index].layer;
    bt_shape in = layer->in, out = layer->out;
    fprintf(to, "\nstatic const pool %s_pools[%u] = {\n", layer->name, layer->source_count);
    for (uint32_t n = 0; n < layer->source_count; n++)
        fprintf(to, "    {%u, %u, %u, %u, %u, %u, %u, %u, %u},\n", in.height, in.width,
                bc_source_shape(s, layer->sources[n]).channels, out.height, out.width, out.channels,
                layer->grid ? 0 : layer->field_height, layer->grid ? 0 : layer->field_width, layer->stride);
    fputs("};\n", to);
}

static void put_clauses(const bc_source *s, const bc_needs *n, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index];
    const bl_layer *layer = l->layer;
    bt_shape m = layer->out;
    if (layer->depress_count == 0)
        return;
    fprintf(to, "static const shape %s_shape = {%u, %u, %u};\n", layer->name, m.height, m.width, m.channels);
    fprintf(to, "static const clause %s_clauses[%u] = {\n", layer->name, layer->depress_count);
    for (uint32_t i = 0; i < layer->depress_count; i++) {
        const bl_depress *c = &layer->depress[i];
        char text[32];
        fprintf(to, "    {%u, %u", c->keep,
                c->over_places ? c->height * c->width
                : c->within    ? 2 * c->within
                               : m.channels);
        if (n->clauses_of_rings)
            fprintf(to, ", %u", c->over_places ? 0 : c->within);
        if (n->clauses_of_places)
            fprintf(to, ", %u, %u", c->over_places ? c->height : 0, c->over_places ? c->width : 0);
        if (n->gap)
            fprintf(to, ", %s", bc_float_text((float)c->gap, text));
        if (n->conscience && l->handicapped && !c->over_places)
            fprintf(to, ", %s_handicaps", layer->name);
        else if (n->conscience)
            fputs(", NULL", to);
        fputs("},\n", to);
    }
    fputs("};\n", to);
}

void bc_put_constants(const bc_source *s, const bc_needs *n, FILE *to)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        const bc_source_layer *l = &s->layers[i];
        const char *name = l->layer->name;
        bool last = i + 1 == s->program->layer_count;
        if (l->absorbed)
            continue;
        fprintf(to, "\n/* ---- layer %s ---- */\n", name);
        if (bc_is_pool(l->layer)) {
            put_pools(s, i, to);
        } else if (s->whole && bc_learns(s, i)) {
            fputc('\n', to);
            bc_put_fixed_tables(s, to);
        } else {
            fputc('\n', to);
            put_tables(s, n, i, to);
            if (l->handicapped && (n->conscience || last))
                put_floats(name, "handicaps", l->conscience, l->layer->neurons, to);
            if (l->layer->kind == BT_LAYER_CONV) {
                put_convolution(s, n, i, to);
            } else {
                fprintf(to, "\nstatic const layer %s_layer =\n    ", name);
                put_layer(s, n, i, to);
                fputs(";\n", to);
            }
        }
        put_clauses(s, n, i, to);
    }
}

/* ---- the walk ---- */

static void put_map(const bc_source *s, uint32_t source, FILE *to)
{
    fprintf(to, "s->value + %llu", (unsigned long long)(source == BT_INPUT ? 0 : s->layers[source].at));
}

/* Where a layer's drives lie: kept for later, or in the sums. */
static void put_drives(const bc_source_layer *l, FILE *to)
{
    if (l->drives)
        fprintf(to, "s->kept + %llu", (unsigned long long)l->drives_at);
    else
        fputs("s->sum", to);
}

void bc_put_sources(const bc_source *s, const bl_layer *layer, const char *indent, FILE *to)
{
    bool flat = layer->kind == BT_LAYER_DENSE;
    fprintf(to, "%sconst source from[%u] = {", indent, layer->source_count);
    for (uint32_t n = 0; n < layer->source_count; n++) {
        bt_shape shape = bc_source_shape(s, layer->sources[n]);
        fputs(n ? ", {" : "{", to);
        put_map(s, layer->sources[n], to);
        fprintf(to, ", %llu}", (unsigned long long)(flat ? bt_values(shape) : shape.channels));
    }
    fputs("};\n", to);
}

static void walk_pool(const bc_source *s, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index];
    const bl_layer *layer = l->layer;
    uint64_t channel = 0;
    for (uint32_t n = 0; n < layer->source_count; n++) {
        static const char *const names[] = {[BT_POOL_MAX] = "largest", [BT_POOL_MEAN] = "mean", [BT_POOL_SUM] = "sum"};
        char a[32], b[32];
        fprintf(to, "    pool_%s(&%s_pools[%u], ", l->chooses ? "chosen" : names[layer->pooling], layer->name, n);
        if (layer->pooling == BT_POOL_SUM)
            fprintf(to, "%s, %s, ", bc_float_text(l->calibration, a), bc_float_text((float)layer->range_out, b));
        put_map(s, layer->sources[n], to);
        if (l->chooses)
            fprintf(to, ", s->kept + %llu", (unsigned long long)s->layers[layer->sources[n]].drives_at);
        if (l->drives)
            fprintf(to, ", s->kept + %llu", (unsigned long long)(l->drives_at + channel));
        else
            fputs(", NULL", to);
        fprintf(to, ", s->value + %llu);\n", (unsigned long long)(l->at + channel));
        channel += bc_source_shape(s, layer->sources[n]).channels;
    }
}

/* A layer that learns adds up the bounds of the state. */
static void walk_learner(const bc_source *s, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index];
    bc_learner_names names = bc_learner_names_of(s, index);
    fprintf(to, "        sums_of_state%s(state, from, ", names.function);
    put_drives(l, to);
    fputs(");\n        ", to);
    if (s->whole)
        fputs("fire_state(", to);
    else if (bc_learns_thetas(s, index))
        fprintf(to, "fire_state(&%s_layer, state->%sthetas, ", l->layer->name, names.member);
    else
        fprintf(to, "fire(&%s_layer, ", l->layer->name);
    put_drives(l, to);
    if (index + 1 == s->program->layer_count)
        fputs(", levels);\n    }\n", to);
    else
        fprintf(to, ", s->value + %llu);\n    }\n", (unsigned long long)l->at);
}

static void walk_connections(const bc_source *s, const bc_needs *n, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index], *pool = l->fused ? pool_of(s, index) : NULL;
    const char *name = l->layer->name;
    bool last = index + 1 == s->program->layer_count;
    fputs("    {\n", to);
    bc_put_sources(s, l->layer, "        ", to);
    if (bc_learns(s, index)) {
        walk_learner(s, index, to);
        return;
    }
    if (l->layer->kind == BT_LAYER_DENSE) {
        fprintf(to, "        dense(&%s_layer, from, %u, ", name, l->layer->source_count);
        put_drives(l, to);
        fprintf(to, ");\n        fire(&%s_layer, ", name);
        put_drives(l, to);
        if (last)
            fputs(", levels);\n    }\n", to);
        else
            fprintf(to, ", s->value + %llu);\n    }\n", (unsigned long long)l->at);
        return;
    }
    fprintf(to, "        convolve%s%s(&%s_layer, from, ", l->by_rows ? "_rows" : "", pool ? "_pooled" : "", name);
    if (n->joined && !l->by_rows)
        fprintf(to, "%u, ", l->layer->source_count);
    fputs("s->sum, ", to);
    if (pool)
        fputs("s->largest", to);
    else if (l->drives)
        put_drives(l, to);
    else
        fputs("NULL", to);
    fprintf(to, ", s->value + %llu);\n    }\n", (unsigned long long)(pool ? pool->at : l->at));
}

static void walk_depression(const bc_source *s, const bc_needs *n, uint32_t index, FILE *to)
{
    const bc_source_layer *l = &s->layers[index];
    bool last = index + 1 == s->program->layer_count;
    for (uint32_t i = 0; i < l->layer->depress_count; i++) {
        bool graded = l->layer->fire == BT_FIRE_GRADED, full = i == 0 && (graded || l->layer->fire == BT_FIRE_BINARY);
        char text[32];
        fprintf(to, "    depress(&%s_clauses[%u], &%s_shape, ", l->layer->name, i, l->layer->name);
        put_drives(l, to);
        if (n->binary || n->graded)
            fprintf(to, ", %s", bc_float_text(!full ? 0 : last ? 1 : (float)l->layer->range_out, text));
        if (n->graded)
            fprintf(to, ", %d", graded);
        if (last)
            fputs(", levels);\n", to);
        else
            fprintf(to, ", s->value + %llu);\n", (unsigned long long)l->at);
    }
}

void bc_put_walk(const bc_source *s, const bc_needs *n, FILE *to)
{
    const bc_source_layer *last = &s->layers[s->program->layer_count - 1];
    fprintf(to,
            "\n/* ---- the answer ---- */\n\n"
            "/* From the activations of the input, which lie at the beginning of s->value. */\n"
            "static uint32_t answer(%s_scratch *s, ",
            s->program->name);
    if (s->learning.phase != NULL)
        fprintf(to, "const %s_state *state, ", s->program->name);
    fputs("activation *levels)\n{\n"
          "    if (levels == NULL)\n        levels = s->value; /* nobody wants them */\n",
          to);
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        if (s->layers[i].absorbed)
            continue;
        if (bc_is_pool(s->layers[i].layer))
            walk_pool(s, i, to);
        else
            walk_connections(s, n, i, to);
        walk_depression(s, n, i, to);
    }
    fputs("    return winner(", to);
    put_drives(last, to);
    fprintf(to, ", %u", last->layer->neurons);
    if (last->handicapped)
        fprintf(to, ", %s_handicaps", last->layer->name);
    fputs(");\n}\n", to);
}
