/* One sample in a workspace of its own, and walks over the inputs of its neurons. */
#ifndef BR_TRACE_H
#define BR_TRACE_H

#include "bouton/why.h"
#include "engine/workspace_pool.h"

struct br_trace {
    const br_network *network;
    br_workspace_pool pool; /* two workspaces of one sample: the sample, and room for br_why_new */
};

static inline const br_layer_state *br_trace_state(const br_trace *trace, uint32_t layer)
{
    return &trace->pool.each[0]->layers[layer];
}

static inline const br_map *br_trace_map(const br_trace *trace, uint32_t layer)
{
    return &trace->network->model->layers[layer].shape.out;
}

/* Offset of value i of a map among its floats. */
static inline uint64_t br_map_at(const br_map *map, uint64_t i)
{
    return i / map->channels * map->pitch + i % map->channels;
}

/* The value that a layer reads at an offset of its `in`. */
typedef struct br_read {
    uint32_t source; /* a layer, or BT_INPUT */
    uint64_t value;  /* its number in the map of the source */
} br_read;
br_read br_trace_read(const br_trace *trace, uint32_t layer, uint64_t at);

/* An input of a field that is not 0, with the bounds of the connections that read it. */
typedef struct br_field_input {
    uint64_t at;      /* offset in `in` */
    const float *row; /* [neurons] */
    float o;
} br_field_input;
typedef void br_visit_input(void *user, const br_field_input *input);

/* Visits the inputs that are not 0 of the field that the neurons at one place of a layer read. */
void br_trace_field(const br_trace *trace, uint32_t layer, uint64_t place, br_visit_input *visit, void *user);

/* A connection at an activation that is not 0: its contribution (2), and what a change of the activation would change it by. */
typedef struct br_carried {
    bool live;
    double adds, slope; /* before gamma; 0 unless it is live */
} br_carried;
br_carried br_carries(const br_layer_code *code, float w, float o);

/* The factor of a neuron's contributions: gamma of (4) at a place, or the gain of (26). `sum`: of the field, which
 * br_trace_sum gives. */
double br_trace_gamma(const br_trace *trace, uint32_t layer, double sum, uint32_t neuron);
double br_trace_sum(const br_trace *trace, uint32_t layer, uint64_t place);

/* Rows and columns [y0, y1) x [x0, x1) that a pool reads at a place. */
typedef struct br_window {
    uint32_t y0, y1, x0, x1;
} br_window;
br_window br_pool_window(const br_layer_code *code, uint64_t place);

/* Offset in `in` of the value that pool(max) chose. */
uint64_t br_pool_choice(const br_trace *trace, uint32_t layer, uint64_t place, uint32_t channel);

/* Visits the values above 0 that a pool passes on at one place and channel; `slope` of each is what it adds to the
 * pool's activation, divided by the value. */
typedef void br_visit_pooled(void *user, uint64_t at, float o, double slope);
void br_trace_pooled(const br_trace *trace, uint32_t layer, uint64_t place, uint32_t channel, br_visit_pooled *visit,
                     void *user);

#endif
