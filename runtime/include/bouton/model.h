/* The interface between compiled code and the runtime: the kernels of a model, and the memory that both use.
 *
 * The structs are plain C. Compiled code reads br_layer_state at the offsets that this header gives the compiler
 * (offsetof, compiler/emit/emit.h). A change of a field must raise BR_INTERFACE_VERSION.
 *
 *     const br_layer_code *layer = &model->layers[0];
 *     uint32_t blocks = layer->layout.pitch / layer->layout.lanes;
 *     layer->kernels.events(&state, 0, n, 0, 0);          // the live inputs of samples 0 .. n-1
 *     layer->kernels.forward(&state, 0, n, 0, blocks);    // a dense layer's drives and activations
 *     if (layer->kernels.depress)
 *         layer->kernels.depress(&state, 0, n, 0, 0);
 *
 * A kernel allocates nothing and cannot fail. Calls with different parts of the same state may run at the same time in
 * different threads, unless one reads what the other writes. A model is read-only but for make_method.
 *
 * Notation is docs/model.md's: o activation in [0, s], q = 1 - o, a = 1/(1 - alpha), a_max = 1/(1 - alpha_max),
 * t(o) = a_max - 1/q, v = sign * (a_max - a). */
#ifndef BOUTON_MODEL_H
#define BOUTON_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "bouton/terms.h"

BOUTON_BEGIN

#define BR_INTERFACE_VERSION 13u

/* Faults that compiled code records if it checks ranges, in *fault of a layer: the value that was out of range. */
typedef enum br_fault {
    BR_FAULT_NONE,
    BR_FAULT_DRIVE,      /* not finite */
    BR_FAULT_ACTIVATION, /* outside [0, range_out] */
    BR_FAULT_BOUND,      /* |w| outside [0, v_max] */
    BR_FAULT_THRESHOLD   /* outside [0, theta_max] */
} br_fault;

/* The meaning of the float of one connection. The sign bit always holds the connection's sign, also at zero. */
typedef enum br_bound_encoding {
    BR_BOUND_V = 0, /* |w| = a_max - a: the repaired rule; +0 and -0 are silent connections that remember their sign */
    BR_BOUND_ALPHA = 1, /* |w| = alpha: the rule as printed */
    BR_BOUND_TIED = 2, /* |w| = BR_TIED_TOP (a_max - a)/(a_max - 1): the layer reads tied levels, and its drive is a sum
                         * of w times whole numbers; 0 is silent, BR_TIED_TOP has alpha 0 */
} br_bound_encoding;

#define BR_TIED_TOP 127

/* One live input of one sample, seen from the input's row: the numbers that a step needs in addition to the bounds. */
typedef struct br_event {
    uint32_t sample;
    float threshold; /* t(o) (BR_BOUND_V); o itself (BR_BOUND_ALPHA) */
    float share;     /* rate * o / (q * gamma * sum of o) (BR_BOUND_V); o / sum of o (BR_BOUND_ALPHA) */
} br_event;

/* A map: height x width places of `channels` values. Places lie `pitch` floats apart and samples `sample_stride` floats
 * apart; the floats between channels and pitch are 0. */
typedef struct br_map {
    uint32_t height, width, channels, pitch, sample_stride;
} br_map;

static inline uint64_t br_map_places(br_map map)
{
    return (uint64_t)map.height * map.width;
}

static inline uint64_t br_map_values(br_map map)
{
    return br_map_places(map) * map.channels;
}

/* int8 inference, docs/design/quantised.md. Four neighbouring inputs of one line of a field make a quad: a 32-bit lane
 * holds their bytes. Positions without an input, and those behind the neurons, have alpha 255 and slope 0. */
typedef struct br_int8_shape {
    uint32_t lines, quads;  /* of a field: a dense layer has one line, a convolution field_height */
    uint32_t line;          /* bytes from line to line of a map of quanta */
    uint32_t sample_stride; /* bytes from sample to sample, whole vectors and bytes to spare; 0: not served */
    uint32_t tile; /* convolutions that read lists of live quads: vectors whose rows lie side by side; 0: others */
    uint64_t live_stride; /* elements of br_int8.live from sample to sample */
} br_int8_shape;

#define BR_INT8_TILE_MOST 8u

/* The tile of a layer of `blocks` vectors of neurons that reads lists of live quads. */
static inline uint32_t br_int8_tile(uint32_t blocks)
{
    return blocks >= BR_INT8_TILE_MOST ? BR_INT8_TILE_MOST : blocks >= 4 ? 4 : blocks >= 2 ? 2 : 1;
}

/* One layer in 8 bits. A quantum is top/255, where top is the largest activation seen in calibration. */
typedef struct br_int8 {
    const uint8_t *rows; /* [blocks][lines * quads][2][lanes][4]: alphas in quanta, then slopes +-a (i8). With a tile:
                            [blocks / tile][lines * quads][tile][2][lanes][4], then the other blocks as without */
    uint8_t *quanta;     /* [batch][sample_stride]: activations in quanta; a convolution's with their border */
    uint32_t *live;      /* [batch][live_stride]. Dense: how many quads of a tile of samples are not 0, and which. With
                            a tile: [places of `padded`, and 1] where the quads of each place that are not 0 begin, then
                            their numbers in the map, ascending */
    const uint32_t *order; /* [in.channels]: the channel at each position of a place; NULL without a tile */
    float per_quantum;     /* 255/top */
    float quantum;         /* top/255 */
    float scale;           /* the value of 1 in a sum, before gamma: quantum times the value of 1 in the slopes */
} br_int8;

/* Which filters of each place of one sample stay active under `depress over filters`, docs/model.md, section 7: planes
 * of one number for each place of the map. */
typedef enum br_order {
    BR_ORDER_LEAST,   /* x(k): without a gap, filters with a larger drive stay, or the same and an index below CUT */
    BR_ORDER_CUT,     /* an integer, at most BR_ORDER_WHOLE: that of places without a tie that matters */
    BR_ORDER_NEXT,    /* x(k+1), if it is read: with a gap, filters whose drive leads it by the gap stay */
    BR_ORDER_LARGEST, /* x(1), if it is read */
    BR_ORDERS
} br_order;

#define BR_ORDER_WHOLE 0x7fffffffu

/* All arrays and numbers that the kernels of one layer touch. The runtime owns the arrays. They are 64-byte aligned and
 * hold `batch` samples. In shapes, `in`, `out` and `padded` stand for the sample strides of the layer's maps, `pitch`
 * for its neurons rounded up to whole vectors (out.pitch), and `listed` for layout.live_stride. */
typedef struct br_layer_state {
    float *bounds;       /* [rows][pitch]: w, rows contiguous over neurons */
    float *theta;        /* [pitch]: thresholds, in [0, 1); homeostasis: any thresholds, then [pitch] gains */
    float *conscience;   /* [pitch]: handicaps of competing filters; 0 where none */
    const float *in;     /* [batch][in]: activations read, in [0, range_in] */
    struct {             /* the lists of live inputs, those with o > 0 */
        uint32_t *count; /* [batch] */
        uint32_t *index; /* [batch][listed]: offsets in the sample's map, ascending */
        uint32_t *start; /* [batch][in.height * in.width + 1]: where each place's entries begin; convolutions */
    } live;
    struct {               /* all inputs, for the dense and the packed method */
        float *q;          /* [batch][in]: 1 - o */
        float *t;          /* [batch][in]: t(o) */
        float *transposed; /* [batch rounded up/transposed_samples][in][transposed_samples]: samples side by side;
                              conv: [batch][padded], `in` with its border of zeros; NULL: it has none;
                              parameters.whole: [batch][layout.fields], bytes (forward/whole.c) */
        float *packed;     /* [blocks][packed_stride]: bounds, which must not move; NULL: not packed */
    } tiles;
    struct {      /* the numbers of the live inputs, in the order of live.index */
        float *o; /* [batch][listed] */
        float *q; /* [batch][listed]: 1 - o */
        float *t; /* [batch][listed]: t(o) */
    } events;
    float *input_sum;         /* [batch][places]: sum of o of the field read at each place */
    float *drive;             /* [batch][out]: x; pools: the drive of the chosen input */
    float *out;               /* [batch][out]: o = range_out * y */
    uint32_t *choice;         /* [batch][out]: pool(max): the chosen input of the window, row by row; layout.pooled */
    int32_t *jitter;          /* [batch][2]: pools with parameters.jitter: how far the borders of a sample's cells move
                               * up and to the left; 0 at rest */
    float *error;             /* [batch][out]: e, error of the drive (printed: wanted change of x, eta included) */
    float *correction;        /* [batch][out]: wanted change of y, ungated, summed over the layers that read it */
    float *input_correction;  /* [batch][in]: `correction` of the layer below; NULL: no layer needs it */
    const float *input_drive; /* [batch][in]: `drive` of the layer that a pool reads */
    struct {                  /* dense: the events of each row of bounds in this batch */
        uint32_t *count;      /* [rows] */
        br_event *events;     /* [rows][batch], samples ascending */
    } rows;
    /* Training of convolutions. A group works on a few samples at a time, each of which has a slot; slots is
     * [BR_GROUPS][layout.slots]. A filter's field is field_height lines of field_row floats; the floats behind the
     * inputs of a line are 0. Where places are whole vectors, it is [in.pitch/lanes][height][width][lanes], and the
     * filters are [pitch/lanes][in.pitch/lanes][lanes][height][width][lanes]. */
    struct {
        float *bounds;  /* [pitch][field]: each filter in one piece; with homeostasis alpha instead of v */
        float *slopes;  /* [pitch][field]: sign/a, the factor of feedback */
        float *changes; /* [BR_GROUPS][pitch][field]: summed steps */
    } filters;
    struct {          /* where places are whole vectors, `padded` is [in.pitch/lanes][height][width][lanes] */
        float *t;     /* [slots][padded]: t(o); not with homeostasis */
        float *share; /* [slots][padded]: o/q; with homeostasis o */
        float *asked; /* [slots][padded]: the correction that feedback asks for */
    } field;
    struct {             /* pairs of a place and a filter with an error */
        uint32_t *count; /* [slots][pitch]: places where each filter has an error */
        uint32_t *at;    /* [slots][pitch][filter_stride]: where the field begins in the padded map, ascending */
        float *error;    /* the same shape: e */
        float *share;    /* the same shape: e * rate/(gamma * sum of o of the field) */
    } pairs;
    struct {                  /* training of a map that homeostasis standardises (section 14) */
        float *raw;           /* [2][pitch]: 0 and 1, the thresholds and gains with which sums stay as they are; of the
                                 layer with homeostasis, whose pool may be the map standardised */
        float *theta;         /* [2][pitch]: thresholds and gains of this batch */
        float *sums;          /* [BR_GROUPS][2][pitch]: sums over the places of a group's samples */
        float *shift;         /* [pitch]: subtracted from drives before they are summed: 0, then the mean */
        float *lean;          /* [2][pitch]: A and B of what centring subtracts from errors */
        const float *pattern; /* [patterns][pitch]: factor of that in places without an error: -N or 0 */
        uint32_t patterns;    /* N */
        uint32_t turn;        /* number of the batch over all epochs: b of (28) */
    } balance;
    const uint32_t *labels; /* [batch]: wanted class; the layer that answers, and readouts */
    uint32_t *active;       /* [batch]: 0 for a sample without any error, which feedback and step skip */
    float *error_size;      /* [batch]: sum over k of |e_k| before small errors are dropped; layers with labels */
    uint32_t batch;         /* capacity in samples */
    struct {                /* learning rates of this layer in this batch */
        float step;         /* xi * eta; adaptive steps: 1 */
        float eta;          /* eta alone (printed rule) */
        float xi;           /* xi alone (printed rule) */
        float theta;        /* xi_theta; 0: thresholds stay */
    } rates;
    float calibration;                  /* pool(sum): factor of the sum, before s caps it */
    const br_int8 *int8;                /* int8 inference; NULL: in floats */
    uint32_t *fault;                    /* br_fault, set by checking code */
    struct {                            /* running means over batches; dense: [rows][pitch]; conv: [pitch][field] */
        float *step;                    /* m, of the summed steps */
        float *square;                  /* r, of their squares; NULL: not adaptive */
        float keep_step, take_step;     /* B1; 1 - B1 (momentum alone: 1) */
        float keep_square, take_square; /* B2; 1 - B2 */
        float correct;                  /* 1/(1 - B2^n), n batches into the phase, this one included */
        float move;                     /* xi * eta * v_max/(1 - B1^n) */
    } moments;
    float *order;  /* layout.settled: [BR_ORDERS][places of the convolution] of the one sample of a call, for the
                   * convolution and the pool; NULL: activations are made, and depressed where they are */
    uint32_t keep; /* how many stay of all filters of a place in this batch; 0: as many as at rest */
} br_layer_state;

/* A batch's samples are divided into this many groups whose steps are summed separately, for any number of threads. */
#define BR_GROUPS 4u

/* A kernel works on one part of a batch. Any partition gives the same bits. The first range, first .. end-1, counts
 * samples, rows or vector blocks; the second range, part_first .. part_end-1, counts vector blocks (of `lanes` neurons
 * each), rows, groups or lines of places. Each kernel below names the units of both; `-` marks a range that it ignores.
 *
 * Lines: an empty range stands for all lines of the map. Kernels that work on some lines of one sample are called for
 * the lines above first. `depress` wants at least `lanes` places at a time if the map has as many. */
typedef void br_kernel(const br_layer_state *state, uint32_t first, uint32_t end, uint32_t part_first,
                       uint32_t part_end);

/* The shape of a layer. */
typedef struct br_layer_shape {
    br_map in, out;
    br_map padded;                      /* convolutions: `in` with its border; a spare vector behind each sample */
    uint32_t field_height, field_width; /* receptive field or window; dense: those of `in` */
    uint32_t stride, pad_top, pad_left; /* convolutions: step of the window, places before the map */
    uint32_t inputs;                    /* fan-in: field_height * field_width * in.channels; 0 for pools */
    uint32_t neurons;
} br_layer_shape;

/* Whether a convolution reads beyond its map. */
static inline bool br_has_border(br_map in, br_map padded)
{
    return padded.height != in.height || padded.width != in.width;
}

/* How its arrays lie in memory, and how its work is divided. */
typedef struct br_layer_layout {
    uint32_t lanes;              /* floats in a vector */
    uint32_t pitch;              /* neurons rounded up to whole vectors */
    uint32_t rows;               /* of bounds: field_height * field_width * in.pitch; 0 for pools */
    uint32_t field_row;          /* convolutions: floats of one row of a field, whole vectors */
    uint32_t live_stride;        /* elements from sample to sample in the lists: in.sample_stride, a spare vector */
    uint32_t filter_stride;      /* convolutions: elements from filter to filter in pairs: places, a spare vector */
    uint32_t slots;              /* convolutions: samples of a group whose pairs are walked together */
    uint32_t tile;               /* vector blocks computed together: parts that are multiples of it are fastest */
    uint32_t by_neurons;         /* dense: 1: threads share out vector blocks; 0: samples forward, rows in the step */
    uint32_t overwrites;         /* pools: 1: feedback writes all of input_correction; 0: it adds, as in other layers */
    uint32_t stretch;            /* convolutions: lines of the next layer, a pool, that are computed together with the
                                    lines that they read; 0: layer by layer */
    uint32_t together;           /* convolutions: 1: forward reads its bounds once for all samples of its range */
    uint32_t unread;             /* convolutions: 1: only that pool reads its maps */
    uint32_t pooled;             /* 1: a convolution whose `error` and `choice` are those of that pool, or that pool:
                                    errors are gated where they were pooled, and no map of them is made below */
    uint32_t settled;            /* convolutions: 1: by `order`, the pool behind it can find which neurons stay */
    float dense_above;           /* share of live inputs above which the dense method is faster; 0: always, 1: never */
    float packed_above;          /* the same for the packed method in inference; 0: always, 1: never */
    uint64_t packed_stride;      /* floats of one vector block in tiles.packed */
    uint32_t transposed_samples; /* samples that lie side by side in tiles.transposed; conv: 1 */
    uint64_t fields;             /* parameters.whole: floats of tiles.transposed for a sample; 0: others */
    br_int8_shape int8;          /* int8 inference; sample_stride 0: not compiled for it, or not served */
} br_layer_layout;

/* The numbers of docs/model.md that its kernels use. */
typedef struct br_layer_parameters {
    uint32_t bound_encoding; /* br_bound_encoding */
    uint32_t calibrates;     /* pool(sum): `calibration` is measured when the layers below are trained */
    float calibrate;         /* p of the calibration */
    uint32_t jitter;         /* pools: the borders of cells move by up to so many places while errors are corrected */
    uint32_t sum;            /* bt_sum: gamma's kind */
    float gain;              /* gamma's gain */
    float gap;               /* largest gap of its depress clauses: filters within it are rivals in competition */
    float range_in;          /* s of its inputs */
    float range_out;         /* s of its own output */
    float alpha_min;
    float alpha_max;
    float a_max;   /* 1/(1 - alpha_max), in float arithmetic: t(alpha_max) is exactly 0 */
    float v_max;   /* largest |w|: a_max - 1/(1 - alpha_min) (BR_BOUND_V), alpha_max at the start (BR_BOUND_ALPHA); of
                    alpha_min (BR_BOUND_TIED) */
    uint32_t tied; /* N of the tied levels that it reads: `in` holds whole numbers from -N to N; 0: activations */
    uint32_t winners; /* depressed: most neurons that fire at a place; 0: any number */
    uint32_t whole;   /* 1: every w is a whole number, so that sums are exact, and packed bounds are bytes */
    float theta_max;
    uint32_t homeostasis;  /* 1: a layer whose gains lie behind its thresholds */
    float ramp, ramp_from; /* its w and h, in deviations; also of a pool that is standardised in its place */
    uint32_t fire;         /* bt_fire: how drives become activations */
    uint32_t pooling;      /* bt_pooling; pools */
    uint32_t grid;         /* pools: 1: the map is divided into cells, out.height x out.width; 0: windows */
} br_layer_parameters;

/* Its kernels; NULL if the layer does not need the kernel, or if it is not compiled. */
typedef struct br_layer_kernels {
    br_kernel *events;         /* samples, lines of `in`: in -> live, events, input_sum; maps whose places are no
                                  whole vectors: always all lines.                                     (1) */
    br_kernel *forward;        /* live, events and bounds -> drive, out.                               (2)-(4)
                                  dense: samples, blocks; conv and pools: samples, lines of `out` */
    br_kernel *terms;          /* samples, -: in -> tiles.q, tiles.t, input_sum; dense layers */
    br_kernel *forward_dense;  /* samples, blocks: tiles and bounds -> drive, out.                     (2)-(4) */
    br_kernel *pack;           /* vector blocks, -: bounds -> tiles.packed; once, before inference */
    br_kernel *transpose;      /* samples, -: in -> tiles.transposed; dense: whole groups of samples, -> input_sum;
                                  NULL in a conv without a border */
    br_kernel *forward_packed; /* samples, blocks: tiles (conv without a border: in) -> drive, out;
                                  dense: whole groups of samples.                                      (2)-(4) */
    br_kernel *depress;        /* samples, lines of `out`: drive -> out of the neurons that stay.      (19)
                                  with `order`: drive -> order, which the pool's `forward` reads */
    br_kernel *anneal;         /* the same with `keep` of the state for clauses over all filters.       (31) */
    br_kernel *spread;         /* a sample, a group: drive -> balance.sums: of x - shift, and its square.   (26) */
    br_kernel *standardise;    /* samples, -: drive, balance.theta -> drive, out.                     (26) */
    br_kernel *lean;           /* a sample, a group: error, drive -> balance.sums: of e, and e x.           (28) */
    br_kernel *centre;         /* samples, -: error, drive, balance.lean -> error.                    (28) */
    br_kernel *gate;           /* samples, -: correction -> error; a pooled pool: by the drive and the thresholds of
                                  the neurons it chose                                                 (9) */
    br_kernel *rows_of;        /* samples, rows: lists of active samples -> rows; dense.               (11) */
    br_kernel *pairs;          /* a sample, a slot: in, error -> field, pairs; convolutions.           (11) */
    br_kernel *feedback;       /* error -> input_correction +=.                                        (16)-(18)
                                  dense: samples, rows; conv: samples, a group (after pairs); pools: samples, - */
    br_kernel *step;           /* dense: rows, blocks: rows and error -> bounds.                       (12)-(15)
                                  conv: samples, a group (after pairs): -> filters.changes of that group. The first
                                  of the samples has the first slot of the group, and so on */
    br_kernel *learn;          /* conv: samples, a group (after pairs): feedback and step in one walk */
    br_kernel *momentum;       /* with moments.                                                        (23)
                                  dense, instead of step: rows, blocks: rows, error, moments -> bounds, moments
                                  conv, before apply: vector blocks, -: moments, filters.changes -> both */
    br_kernel *adaptive;       /* the same, adaptive steps.                                            (24) */
    br_kernel *apply;          /* conv: vector blocks, -: bounds and filters.changes -> bounds, filters */
    br_kernel *threshold;      /* samples, blocks: drive, correction -> theta.                         (7)-(8) */
    br_kernel *quantise;       /* samples, -: in -> int8->quanta; with a tile int8->live */
    br_kernel *forward_int8;   /* int8->quanta and rows -> drive, out.                                 (1)-(4)
                                  dense: samples, blocks; conv: samples, lines of `out` */
} br_layer_kernels;

typedef struct br_layer_code {
    const char *name;
    uint32_t kind; /* bt_layer_kind */
    uint32_t source_count;
    const uint32_t *sources; /* layers read, or BT_INPUT; several are copied side by side, without gaps, into `in` */
    br_layer_shape shape;
    br_layer_layout layout;
    br_layer_parameters parameters;
    br_layer_kernels kernels;
} br_layer_code;

/* The kernel that depresses a layer in this batch; NULL: none does. */
static inline br_kernel *br_depression(const br_layer_code *code, const br_layer_state *state)
{
    return state->keep > 0 ? code->kernels.anneal : code->kernels.depress;
}

/* What w = 1 contributes to a sum with a level of 1: s/BR_TIED_TOP; 1 for layers that read activations. */
static inline float br_tied_unit(const br_layer_code *code)
{
    return code->parameters.tied > 0 ? code->parameters.range_in / BR_TIED_TOP : 1;
}

/* Floats of br_layer_state.theta. */
static inline uint64_t br_theta_count(const br_layer_code *code)
{
    return (uint64_t)code->layout.pitch * (code->parameters.homeostasis ? 2 : 1);
}

/* Constants of encodings, which the runtime applies and built code apply. */
#define BR_NORMALISE_GLOBAL 0.3  /* share of the whole image's deviation in the local one */
#define BR_NORMALISE_FLOOR  0.02 /* deviation of an image that shows nothing */
#define BR_NORMALISE_GAIN   1.2
#define BR_NORMALISE_CHROMA 7.2f
#define BR_WHITEN_SHARE     1.3 /* of the whole result's deviation */
#define BR_WHITEN_FLOOR     0.001
#define BR_WHITEN_GAIN      2.0

struct br_error;

/* Groups of arrays that the methods of bouton/method.def need in addition to a layer's inputs and outputs. */
typedef enum br_arrays {
    BR_ARRAYS_LISTS = 1,      /* live, events and input_sum; every layer with connections has them */
    BR_ARRAYS_TERMS = 2,      /* tiles.q, tiles.t */
    BR_ARRAYS_TRANSPOSED = 4, /* tiles.transposed */
    BR_ARRAYS_QUANTA = 8      /* int8->quanta, int8->live */
} br_arrays;

typedef struct br_model {
    uint32_t version;     /* BR_INTERFACE_VERSION of the compiler that made it */
    uint32_t layer_count; /* each layer reads the input or layers before it */
    uint32_t answer;      /* the layer that answers; those behind it belong to readouts (section 15) */
    bool keeps_readouts;  /* readouts are part of a trained model */
    const char *name;
    const char *cpu;   /* the processor level it was compiled for */
    bt_shape shape;    /* of the input; a vector of n is 1 x n x 1 */
    float input_range; /* s of the input */
    const br_layer_code *layers;
    bool checks;              /* compiled to assert every range: faults are to be looked for */
    uint32_t error_count;     /* one for each phase of the schedule, at least one */
    br_kernel *const *errors; /* samples, -: drive of the layer that answers, or of a readout, labels -> error,
                                 correction, active, error_size;
                                 NULL in code that can't learn */
    /* Compiles a method that the layer has but whose kernels are still NULL: `terms` and `forward_dense`, or `pack`,
     * `transpose` and `forward_packed`. Not while the layer is being computed. NULL: nothing more can be compiled. */
    int (*make_method)(void *maker, uint32_t layer, bt_method method, struct br_error *error);
    void *maker;
} br_model;

/* The layer that answers: the last one of the network. */
static inline uint32_t br_last_layer(const br_model *model)
{
    return model->answer;
}

/* The layers that lead to the answer are the first so many. */
static inline uint32_t br_path_layers(const br_model *model)
{
    return model->answer + 1;
}

/* A dense layer that reads the errors of its own answers. */
static inline bool br_is_answering(const br_model *model, uint32_t layer)
{
    return layer >= model->answer && model->layers[layer].kind == BT_LAYER_DENSE;
}

BOUTON_END
#endif
