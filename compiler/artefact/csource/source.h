/* A trained model as C source, while it is made: what each layer keeps, where it lies, and how its sums fire. */
#ifndef BC_SOURCE_H
#define BC_SOURCE_H

#include "bouton/compiler.h"
#include "plan/learning.h"

/* How the sums of one neuron become bytes. A sum below `first` is 0, one that is `span` or more above it is `most`. A sum
 * that is `above` more than first, above < span, is base + (above * slope + start)/2^bits, unless it is odd. */
typedef struct bc_ramp {
    int32_t first;
    uint32_t span, slope, start;
    uint8_t base, most;
    uint32_t odd_from, odd_end; /* its entries of bc_firing.odd */
} bc_ramp;

/* A sum whose byte the line of its ramp misses by the rounding of floats. */
typedef struct bc_odd_sum {
    uint32_t above;
    uint8_t byte;
} bc_odd_sum;

typedef struct bc_firing {
    uint32_t count; /* 1: all neurons have one ramp; otherwise one for each */
    bc_ramp *ramps; /* [count] */
    unsigned bits;  /* of every ramp */
    uint32_t odd_count;
    bc_odd_sum *odd; /* [odd_count] */
} bc_firing;

/* A connection of a list. */
typedef struct bc_listed {
    uint32_t neuron;
    float key; /* live from this on: alpha, or -|v|, which grows with alpha */
} bc_listed;

/* The connections of one layer, [inputs][neurons]: alphas and slopes in quanta, or w as kernels hold it. */
typedef struct bc_bounds {
    uint8_t *alphas;
    int8_t *slopes;
    uint8_t *codes; /* bounds of 4 bits: the level of each connection; NULL: none */
    br_levels levels;
    float *w;
    uint64_t silent;     /* connections that no input makes live */
    bool *silent_inputs; /* [inputs]: all connections of the input are */
    bool listed;         /* each input's connections sorted by alpha; false: rows of all neurons */
    uint64_t kept;       /* rows that hold a connection which is not silent */
    bool packed;         /* the other rows are left out, and a table tells where each is */
    uint64_t bytes;      /* of the tables */
    bc_listed *list;     /* listed: of all inputs, one after another */
    uint32_t *starts;    /* listed: [inputs + 1], where those of each input begin */
} bc_bounds;

typedef struct bc_source_layer {
    const bl_layer *layer;
    bc_bounds bounds;
    bc_firing firing;                 /* in whole numbers only */
    float *theta, *gain, *conscience; /* [neurons]; gain: homeostasis */
    bool handicapped;                 /* a conscience is not 0 */
    float calibration;                /* pool(sum) */
    float top;                        /* 255 quanta of what it reads; in whole numbers only */
    bool fused;             /* conv: only the pool behind it reads it, and takes its largest sums as they are made */
    bool absorbed;          /* that pool */
    bool by_rows;           /* conv: the sums of a row of places are made together, and its connections lie for this */
    bool drives;            /* its drives are kept for depression or for a pool that chooses by them */
    bool chooses;           /* pool(max): it takes the place with the largest drive, not the largest activation */
    uint64_t at, drives_at; /* where its map lies in the scratch, and its drives, in numbers */
    uint32_t last_read;     /* the time at which its map is read last; 0: never */
} bc_source_layer;

struct bc_source {
    const bl_program *program;
    const bc_line *lines;
    const br_schema *schema;
    bool columns; /* each column has its own range */
    double low, high;
    uint64_t model;
    uint64_t unlit;     /* values of the encoded input that dense layers take for 0 */
    const uint8_t *lit; /* [values of the encoded input]: 0 where it counts as 0; NULL: all count. Only then */
    const br_quantised *quantised; /* NULL: in floats. Only while the source is made */
    bool whole;                    /* in whole numbers */
    bc_learning learning;          /* of the last layer */
    bool speed;                    /* larger tables and scratch where they make it faster */
    bool coded;                    /* bounds of some layers have 4 bits; only with `whole` */
    float sharpness;
    bc_source_layer *layers;
    uint32_t input_last_read;
    uint64_t values, drives, sums, largest; /* numbers of each array of the scratch; 0: none */
    bc_artefact_facts facts;
    bc_layer_facts *layer_facts;
    char upper[256]; /* the network's name in capitals */
};

static inline bool bc_is_pool(const bl_layer *layer)
{
    return layer->kind == BT_LAYER_POOL;
}

/* What the source computes in, for people. */
static inline const char *bc_numbers_of(const bc_source *s)
{
    return s->coded ? "8 bits, bounds of 4" : s->whole ? "8 bits" : "floats";
}

/* The shape of what a layer reads from one of its sources. */
static inline bt_shape bc_source_shape(const bc_source *s, uint32_t source)
{
    return source == BT_INPUT ? s->program->input.encoded : s->layers[source].layer->out;
}

#endif
