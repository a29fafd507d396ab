/* The scalar reference for whole graphs: convolutions, pools, joined sources, depression, dense layers on any of them.
 * The repaired rule and (gradient.h) the gradient. Written from docs/model.md; shares no code with the project.
 *
 * Conventions beside those of reference.h and depress_reference.h:
 *
 * - A map lies in memory place by place, row by row, channels last. Several sources are laid side by side along the
 *   channels; a dense layer reads them end to end. Padding counts as silent inputs: fan-in is the whole field.
 * - padding `same`: ceil(in/stride) places; of the padding needed, the smaller half lies above and to the left.
 * - Cell g of a grid of G over n places reaches from g n/G to (g + 1) n/G, both rounded down.
 * - pool(max) chooses by drive, the first of equals, and answers that place's activation, also where depression has
 *   silenced it. Where several sources are joined, or the input is pooled, activations are its drives. A pool's drive
 *   is that of what was chosen, the mean, or the plain sum.
 * - Way back: a layer's wanted changes of y are summed over all that read it. pool(max) asks the place chosen,
 *   pool(mean) each place for 1/places of it, pool(sum) each for its factor of it, and where the cell is full only for
 *   less.
 * - The gate (9) has the state of each place; a depressed neuron has no error. Thresholds learn at every place with a
 *   wanted change, ungated.
 * - A filter's step is summed over samples and places, each with the sum of o and the gamma of its own field, then
 *   bounded once. */
#ifndef REF_MAPS_H
#define REF_MAPS_H

#include "depress_reference.h"
#include "reference.h"

#define REF_INPUT UINT32_MAX
enum { REF_SOURCES = 8, REF_CLAUSES = 2 };

typedef enum ref_kind { REF_DENSE, REF_CONV, REF_POOL } ref_kind;
typedef enum ref_pooling { REF_MAX, REF_MEAN, REF_TOTAL } ref_pooling;

typedef struct ref_map_layer {
    ref_kind kind;
    uint32_t source_count, sources[REF_SOURCES];
    ref_shape in, out; /* of the joined sources; dense: 1 x 1 x values, 1 x 1 x neurons */
    uint32_t window_height, window_width, stride;
    bool same; /* padding */
    bool grid;
    ref_pooling pooling;
    double factor; /* pool(sum): what the sum is multiplied by before s caps it */
    ref_fire fire;
    uint32_t clause_count;
    ref_clause clauses[REF_CLAUSES];
    ref_layer weights; /* inputs: the fan-in; pools: only the ranges */
} ref_map_layer;

typedef struct ref_graph {
    ref_network settings; /* of the error; its layers are not used */
    ref_shape input;
    uint32_t layer_count;
    ref_map_layer *layers;
} ref_graph;

/* What one sample does in one layer. */
typedef struct ref_map_pass {
    double *in, *in_drive;     /* the joined sources: their activations, and what pool(max) chooses by */
    double *in_asked;          /* wanted changes of them */
    double *field_sum;         /* [places]: sum of o of the field */
    double *gamma;             /* [places] */
    double *x, *o, *asked, *e; /* [places][channels]: drive, activation, wanted change of y, error */
    uint64_t *chosen;          /* pool(max): index in `in` */
} ref_map_pass;

uint64_t ref_values(ref_shape shape);

ref_map_pass *ref_map_passes_new(const ref_graph *graph);
void ref_map_passes_free(const ref_graph *graph, ref_map_pass *passes);
void ref_graph_release(ref_graph *graph); /* the layers' state and their array */

/* Index in `in` of input i of the field at place (y, x); -1 in the padding. */
int64_t ref_field_at(const ref_map_layer *layer, uint32_t y, uint32_t x, uint32_t i);

/* Rows and columns [y0, y1) x [x0, x1) that a pool reads at place (y, x). */
typedef struct ref_window {
    uint32_t y0, y1, x0, x1;
} ref_window;
ref_window ref_pool_window(const ref_map_layer *layer, uint32_t y, uint32_t x);

void ref_map_forward(const ref_graph *graph, const float *in, ref_map_pass *passes);

/* The way back: from a layer's errors, or of a pool from what it is asked, to `in_asked` (`field`: what one place with
 * connections adds); then from the joined sources to `asked` of each. */
typedef void ref_field_back(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x);
void ref_layer_back(const ref_map_layer *layer, ref_map_pass *pass, ref_field_back *field);
void ref_unjoin(const ref_graph *graph, uint32_t l, ref_map_pass *passes);

/* One batch, by the rule of the settings: in[count][values of the input]. How many connections moved is returned, so
 * that a test can see that something happened. */
uint64_t ref_map_learn(ref_graph *graph, const float *in, const uint32_t *labels, uint32_t count, const double *eta,
                       double xi, const bool *corrected);

#endif
