#include "artefact/csource/needs.h"

#include "artefact/csource/learners.h"

static void need_connections(const bc_source *s, const bc_source_layer *l, bc_needs *n)
{
    const bl_layer *layer = l->layer;
    bool standard = layer->homeostasis, logistic = layer->fire == BT_FIRE_LOGISTIC;
    bool formula = layer->fire == BT_FIRE_FORMULA;
    bool learns = bc_learns(s, (uint32_t)(l - s->layers)); /* by functions of its own */
    n->rows |= !l->bounds.listed && !learns;
    n->lists |= l->bounds.listed;
    n->codes |= l->bounds.codes != NULL;
    n->bounds |= !l->bounds.listed && !l->bounds.codes && !learns;
    n->packed |= l->bounds.packed;
    n->printed |= s->program->rule == BT_RULE_PRINTED;
    n->dense |= layer->kind == BT_LAYER_DENSE && !learns;
    bool conv = layer->kind == BT_LAYER_CONV;
    n->conv |= conv && !l->fused && !l->by_rows;
    n->pooled |= l->fused && !l->by_rows;
    n->row_conv |= conv && !l->fused && l->by_rows;
    n->row_pooled |= l->fused && l->by_rows;
    n->joined |= layer->kind == BT_LAYER_CONV && layer->source_count > 1;
    n->fires |= !learns || !(layer->theta_xi > 0 || s->whole);
    n->odd |= l->firing.odd_count > 0;
    n->shared |= layer->sum == BT_SUM_SHARED;
    n->homeostasis |= standard;
    n->logistic |= logistic && !standard;
    n->formula |= formula;
    n->ramp |= !logistic && !formula && !standard;
}

static void need_pool(const bc_source_layer *l, bc_needs *n)
{
    if (l->absorbed)
        return;
    n->pools = true;
    n->chooses |= l->chooses;
    n->largest |= l->layer->pooling == BT_POOL_MAX && !l->chooses;
    n->mean |= l->layer->pooling == BT_POOL_MEAN;
    n->sum |= l->layer->pooling == BT_POOL_SUM;
}

static void need_depression(const bc_source *s, const bc_source_layer *l, bc_needs *n)
{
    const bl_layer *layer = l->layer;
    for (uint32_t i = 0; i < layer->depress_count; i++) {
        const bl_depress *clause = &layer->depress[i];
        n->depress = true;
        n->gap |= clause->gap > 0;
        n->conscience |= l->handicapped && !clause->over_places;
        n->clauses_of_places |= clause->over_places;
        n->clauses_of_rings |= !clause->over_places && clause->within > 0;
        n->clauses_of_filters |= !clause->over_places && clause->within == 0;
    }
    n->binary |= layer->depress_count > 0 && layer->fire == BT_FIRE_BINARY && !s->whole; /* there ramps are steps */
    n->graded |= layer->depress_count > 0 && layer->fire == BT_FIRE_GRADED;
}

bc_needs bc_needs_of(const bc_source *s)
{
    bc_needs needs = {0};
    for (uint32_t i = 0; i < s->program->layer_count; i++) {
        if (bc_is_pool(s->layers[i].layer))
            need_pool(&s->layers[i], &needs);
        else
            need_connections(s, &s->layers[i], &needs);
        need_depression(s, &s->layers[i], &needs);
    }
    needs.wide = s->speed && needs.bounds && !needs.codes && !needs.shared && !needs.printed;
    return needs;
}
