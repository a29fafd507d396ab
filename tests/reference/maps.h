/* The scalar reference for whole graphs: convolutions, pools, joined sources, depression, and dense layers on any of
 * them. It knows the repaired rule and the gradient (gradient.h). It is written from docs/model.md and shares no code
 * with the project.
 *
 * Conventions in addition to those of reference.h and depress_reference.h:
 *
 * - A map lies in memory place by place, row by row, channels last. Several sources are concatenated along the
 *   channels; a dense layer reads them one after the other. Padding counts as silent inputs: the fan-in is the whole
 *   field.
 * - padding `same` gives ceil(in/stride) places. The smaller half of the padding lies above and to the left.
 * - Cell g of a grid of G cells over n places covers g n/G to (g + 1) n/G, both rounded down.
 * - pool(max) chooses the place with the largest drive, the first one in a tie. Its output is that place's activation,
 *   even if depression has silenced it. It chooses by activation if it pools the input or several joined sources. The
 *   drive of a pool is the chosen drive, the mean activation, or the sum of the activations before its factor.
 * - Backward: the wanted changes of a layer's y are summed over all layers that read it. pool(max) passes its wanted
 *   change to the chosen place, pool(mean) passes 1/places of it to each place, and pool(sum) passes its factor times
 *   the change to each place. A pool(sum) at its upper limit passes back only wanted decreases.
 *   The full sum of a depressed pool(sum) is that before depression. A depressed channel of a pool passes back nothing.
 * - The gate (9) uses the state of each place; a depressed neuron has no error. Thresholds learn at every place with a
 *   wanted change, ungated.
 * - Readouts have errors of their own, from the same labels. Their wanted changes are added to those of other readers;
 *   layer by layer, layers with connections pass none on, but for the layer that answers and the readouts.
 * - A filter's step is summed over samples and places. Each place uses the sum of o and the gamma of its own field. The
 *   bounds are applied once, after the sum. */
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
    double factor; /* pool(sum): factor of the sum, which is then limited to s */
    ref_fire fire;
    uint32_t clause_count;
    ref_clause clauses[REF_CLAUSES];
    uint32_t annealed;       /* how many of all filters stay while the graph learns; 0: as many as at rest */
    const float *conscience; /* [neurons]; NULL: none */
    ref_layer weights;       /* inputs: the fan-in; pools: only the ranges */
    double nudged, spread;   /* twins: relative change of the gains of a batch, and what tells the neurons apart */
} ref_map_layer;

typedef struct ref_graph {
    ref_network settings; /* settings of the error; its layers are not used */
    ref_shape input;
    uint32_t layer_count; /* the last one answers */
    uint32_t
        readout_layers;    /* of readouts (section 15), behind it: a pool of cells, or none, then a dense layer each */
    bool by_layer, alone;  /* layer by layer; without errors of the layer that answers */
    ref_map_layer *layers; /* [layer_count + readout_layers] */
} ref_graph;

static inline uint32_t ref_all_layers(const ref_graph *graph)
{
    return graph->layer_count + graph->readout_layers;
}

/* One layer's values for one sample. */
typedef struct ref_map_pass {
    double *in, *in_drive;     /* the joined sources: activations, and the drives by which pool(max) chooses */
    double *in_asked;          /* wanted changes of `in` */
    double *field_sum;         /* [places]: sum of the activations that the field reads */
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

/* One layer from its sources: the drives and the activations before depression; then (19). `raw`: the drives of a layer
 * with homeostasis are its sums. */
void ref_map_sums(const ref_graph *graph, uint32_t l, const float *in, ref_map_pass *passes, bool raw);
void ref_map_depress(const ref_map_layer *layer, ref_map_pass *pass);
/* x = gain x - theta and o, (26) */
void ref_map_level(const ref_layer *weights, double gain, double theta, double *x, double *o);

void ref_map_forward(const ref_graph *graph, const float *in, ref_map_pass *passes);

/* Backward: ref_field_back adds the wanted changes of one place with connections to `in_asked`. A pool
 * computes `in_asked` from its own wanted changes. ref_unjoin then adds `in_asked` to `asked` of each source. */
typedef void ref_field_back(const ref_map_layer *layer, ref_map_pass *pass, uint32_t y, uint32_t x);
void ref_layer_back(const ref_map_layer *layer, ref_map_pass *pass, ref_field_back *field);
void ref_unjoin(const ref_graph *graph, uint32_t l, ref_map_pass *passes);

/* Learns from one batch by the rule of the settings: in[count][values of the input]. Returns the number of connections
 * that moved, so that a test can check that there were any. */
uint64_t ref_map_learn(ref_graph *graph, const float *in, const uint32_t *labels, uint32_t count, const double *eta,
                       double xi, const bool *corrected);

#endif
