#include "train/stages.h"

#include <string.h>

#include "base/memory.h"

enum { BEHIND = 64 }; /* floats behind the last sample that whole vectors may read */

/* ---- which layers ---- */

/* The layer of another stage that a layer reads. BT_INPUT: none. */
static uint32_t source_below(const br_learner *l, uint32_t layer)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    for (uint32_t k = 0; k < code->source_count; k++) {
        uint32_t source = code->sources[k];
        if (source != BT_INPUT && source >= l->first && l->stage[source] != l->stage[layer])
            return source;
    }
    return BT_INPUT;
}

/* Whether a layer reads what is gathered for the lowest stage. */
static bool reads_gathered(const br_learner *l, uint32_t layer)
{
    const br_layer_code *code = &l->network->model->layers[layer];
    for (uint32_t k = 0; k < code->source_count; k++)
        if (code->sources[k] == BT_INPUT || code->sources[k] < l->first)
            return true;
    return false;
}

/* The lowest stage that is computed: the output of the layers below `first` is given. */
static uint32_t lowest_stage(const br_learner *l)
{
    uint32_t lowest = l->stages;
    for (uint32_t i = l->first; i < l->network->model->layer_count; i++)
        if (l->takes_part[i] && l->stage[i] < lowest)
            lowest = l->stage[i];
    return lowest;
}

/* Whether each stage above the lowest reads one layer, of the stage below, and nothing else. sources[stages] becomes these layers. */
static bool find_chain(const br_learner *l, uint32_t lowest, uint32_t *sources)
{
    const br_model *model = l->network->model;
    for (uint32_t s = 0; s < l->stages; s++)
        sources[s] = BT_INPUT;
    for (uint32_t i = l->first; i < model->layer_count; i++) {
        if (l->takes_part[i] && l->stage[i] > lowest && reads_gathered(l, i))
            return false;
        uint32_t below = l->takes_part[i] ? source_below(l, i) : BT_INPUT;
        if (below == BT_INPUT)
            continue;
        uint32_t stage = l->stage[i];
        bool joins = model->layers[i].source_count > 1, other = sources[stage] != BT_INPUT && sources[stage] != below;
        if (joins || other || l->stage[below] + 1 != stage)
            return false;
        sources[stage] = below;
    }
    for (uint32_t s = lowest + 1; s < l->stages; s++)
        if (sources[s] == BT_INPUT)
            return false;
    return true;
}

/* ---- one stage ---- */

static int take_masks(const br_learner *l, uint32_t number, br_learner *own, br_error *error)
{
    uint32_t layers = l->network->model->layer_count;
    own->takes_part = br_new(layers, sizeof *own->takes_part, error);
    own->heard = own->takes_part ? br_new(layers, sizeof *own->heard, error) : NULL;
    own->answering = (br_answering){0};
    own->answering.layers = own->heard ? br_new(l->answering.count, sizeof *own->answering.layers, error) : NULL;
    if (!own->answering.layers)
        return -1;
    for (uint32_t i = 0; i < layers; i++) {
        own->takes_part[i] = l->takes_part[i] && l->stage[i] == number;
        own->heard[i] = l->heard[i] && l->stage[i] == number;
    }
    for (uint32_t a = 0; a < l->answering.count; a++)
        if (l->stage[l->answering.layers[a]] == number)
            own->answering.layers[own->answering.count++] = l->answering.layers[a];
    return 0;
}

static int take_slots(const br_learner *l, br_stage *stage, br_error *error)
{
    uint64_t batch = l->workspace->batch;
    for (uint32_t s = 0; s < BR_STAGE_SLOTS; s++) {
        br_slot *slot = &stage->slots[s];
        slot->labels = br_new(batch, sizeof *slot->labels, error);
        if (!slot->labels)
            return -1;
        if (stage->source == BT_INPUT)
            continue;
        uint64_t stride = l->network->model->layers[stage->source].shape.out.sample_stride;
        slot->values = br_new_aligned(batch * stride + BEHIND, sizeof *slot->values, error);
        if (!slot->values)
            return -1;
    }
    return 0;
}

static int stage_new(br_learner *l, uint32_t number, uint32_t source, br_stage *out, br_error *error)
{
    uint32_t layers = l->network->model->layer_count;
    *out = (br_stage){.learner = *l, .workspace = *l->workspace, .source = source};
    br_learner *own = &out->learner;
    own->members = 1;
    own->workspace = &out->workspace;
    own->takes_part = own->heard = NULL;
    own->answering.layers = NULL;
    out->workspace.layers = br_new(layers, sizeof *out->workspace.layers, error);
    if (!out->workspace.layers || take_masks(l, number, own, error) != 0 || take_slots(l, out, error) != 0)
        return -1;
    memcpy(out->workspace.layers, l->workspace->layers, layers * sizeof *out->workspace.layers);
    for (uint32_t i = 0; i < layers; i++)
        if (!own->takes_part[i])
            out->workspace.layers[i].fault = &out->no_fault;
    if (l->moments) {
        out->moments = *l->moments;
        own->moments = &out->moments;
    }
    return 0;
}

static void stage_end(br_stage *stage)
{
    for (uint32_t s = 0; s < BR_STAGE_SLOTS; s++) {
        br_release(stage->slots[s].values);
        br_release(stage->slots[s].labels);
    }
    br_release(stage->workspace.layers);
    br_release(stage->learner.takes_part);
    br_release(stage->learner.heard);
    br_release(stage->learner.answering.layers);
}

int br_stages_new(br_learner *l, br_stages *out, br_error *error)
{
    *out = (br_stages){0};
    uint32_t lowest = lowest_stage(l);
    if (lowest + 1 >= l->stages || br_team_members(l->team) < 2)
        return 0;
    uint32_t *sources = br_new(l->stages, sizeof *sources, error);
    if (!sources)
        return -1;
    if (!find_chain(l, lowest, sources)) {
        br_release(sources);
        return 0;
    }
    out->each = br_new(l->stages - lowest, sizeof *out->each, error);
    int status = out->each ? 0 : -1;
    while (status == 0 && lowest + out->count < l->stages) {
        uint32_t at = out->count++;
        status = stage_new(l, lowest + at, sources[lowest + at], &out->each[at], error);
    }
    br_release(sources);
    if (status != 0)
        br_stages_free(out);
    return status;
}

void br_stages_free(br_stages *stages)
{
    for (uint32_t s = 0; s < stages->count; s++)
        stage_end(&stages->each[s]);
    br_release(stages->each);
    *stages = (br_stages){0};
}

/* ---- a batch ---- */

void br_stage_take(br_stage *stage, uint64_t batch)
{
    const br_slot *slot = &stage->slots[batch % BR_STAGE_SLOTS];
    const br_model *model = stage->workspace.model;
    stage->workspace.labels = slot->labels;
    for (uint32_t i = 0; i < model->layer_count; i++) {
        br_layer_state *s = &stage->workspace.layers[i];
        s->labels = slot->labels;
        if (slot->values && stage->learner.takes_part[i] && model->layers[i].sources[0] == stage->source)
            s->in = slot->values;
    }
}

void br_stage_hand_over(const br_stage *stage, br_stage *above, uint64_t batch, uint32_t n)
{
    const br_slot *slot = &above->slots[batch % BR_STAGE_SLOTS];
    uint64_t stride = stage->workspace.model->layers[above->source].shape.out.sample_stride;
    memcpy(slot->values, stage->workspace.layers[above->source].out, n * stride * sizeof *slot->values);
    memcpy(slot->labels, stage->workspace.labels, n * sizeof *slot->labels);
}

uint64_t br_stages_bytes(const br_model *model, const br_phase *phase)
{
    uint64_t floats = 0, bytes = 0;
    if (phase->kind != BT_PHASE_CORRECT || !phase->by_layer)
        return 0;
    for (uint32_t i = phase->layers[0]; i < br_path_layers(model); i++)
        if (model->layers[i].kind != BT_LAYER_POOL && !br_add(floats, model->layers[i].shape.in.sample_stride, &floats))
            return UINT64_MAX;
    return br_multiply(floats, phase->batch, &floats) && br_multiply(floats, BR_STAGE_SLOTS * sizeof(float), &bytes)
               ? bytes
               : UINT64_MAX;
}
