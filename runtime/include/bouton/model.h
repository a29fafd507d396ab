/* The model's interface: what compiled code gives the runtime, and the memory both of them touch.
 *
 * The structs are plain C; compiled code reads br_layer_state at the offsets this header gives the compiler
 * (offsetof, compiler/emit/emit.h). Change a field: raise BR_INTERFACE_VERSION.
 *
 * Notation is docs/model.md's: o activation in [0, s], q = 1 - o, a = 1/(1 - alpha), a_max = 1/(1 - alpha_max),
 * t(o) = a_max - 1/q, v = sign * (a_max - a). */
#ifndef BOUTON_MODEL_H
#define BOUTON_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "bouton/terms.h"

BOUTON_BEGIN

#define BR_INTERFACE_VERSION 6u

/* What checking code may find outside its range; in *fault of a layer, 0 while all is well. */
typedef enum br_fault {
    BR_FAULT_NONE,
    BR_FAULT_DRIVE,      /* not finite */
    BR_FAULT_ACTIVATION, /* outside [0, range_out] */
    BR_FAULT_BOUND,      /* |w| outside [0, reach] */
    BR_FAULT_THRESHOLD   /* outside [0, theta_max] */
} br_fault;

/* What the float of one connection means. The sign bit always holds the connection's sign, also at zero. */
typedef enum br_form {
    BR_FORM_V = 0, /* |w| = a_max - a: the repaired rule; +0 and -0 are silent connections that remember their sign */
    BR_FORM_ALPHA = 1, /* |w| = alpha: the rule as printed */
} br_form;

/* One live input of one sample, seen from the input's row: what a step needs beside the row of bounds. */
typedef struct br_event {
    uint32_t sample;
    float threshold; /* t(o) (BR_FORM_V); o itself (BR_FORM_ALPHA) */
    float share;     /* rate * o / (q * gamma * sum of o) (BR_FORM_V); o / sum of o (BR_FORM_ALPHA) */
} br_event;

/* A map: height x width places of `channels` values. Places lie `pitch` floats apart, samples `stride`; what lies
 * between channels and pitch is 0. */
typedef struct br_map {
    uint32_t height, width, channels, pitch, stride;
} br_map;

/* 8-bit inference, docs/design/quantised.md. Four neighbouring inputs of one line of a field make a quad: a 32-bit lane
 * holds their bytes. What there is no input for, and behind the neurons, is alpha 255 and slope 0. */
typedef struct br_eight_shape {
    uint32_t lines, quads; /* of a field: a dense layer has one line, a convolution field_height */
    uint32_t line;         /* bytes from line to line of a map of codes */
    uint32_t stride;       /* bytes from sample to sample, whole vectors and three bytes to spare; 0: not served */
} br_eight_shape;

/* One layer in 8 bits. A quantum is top/255, top the largest activation seen in calibration. */
typedef struct br_eight {
    const uint8_t *rows; /* [blocks][lines * quads][2][lanes][4]: alphas in quanta, then slopes +-a (i8) */
    uint8_t *codes;      /* [batch][shape.stride]: activations in quanta; a convolution's with their border */
    uint32_t *live;      /* [batch][quads + 1]: dense: how many quads a tile of samples has that are not 0, and which */
    float per_quantum;   /* 255/top */
    float quantum;       /* top/255 */
    float scale;         /* what 1 of a sum is worth before gamma: quantum times that of the slopes */
} br_eight;

/* Everything the kernels of one layer touch. Arrays belong to the runtime, are 64-byte aligned, and hold `batch`
 * samples. `in` and `out` as strides are those of the layer's maps; `stride` is neurons rounded up to whole vectors
 * (out.pitch). */
typedef struct br_layer_state {
    float *bounds;        /* [rows][stride]: w, rows contiguous over neurons */
    float *theta;         /* [stride]: thresholds, in [0, 1) */
    float *conscience;    /* [stride]: handicaps of competing filters; 0 where none */
    const float *in;      /* [batch][in.stride]: activations read, in [0, range_in] */
    uint32_t *live_count; /* [batch]: inputs with o > 0 */
    uint32_t *live_index; /* [batch][live_stride]: which (offset in the sample's map), ascending */
    uint32_t *live_start; /* [batch][in.height * in.width + 1]: where each place's entries begin; convolutions */
    float *dense_q;       /* [batch][in.stride]: 1 - o of every input; where the dense form exists */
    float *dense_t;       /* [batch][in.stride]: t(o) */
    float *turned;        /* [batch rounded up/turned_samples][in.stride][turned_samples]: in, samples side by side */
    float *packed;        /* [blocks][packed_stride]: bounds that rest, for answering alone; NULL: not packed */
    float *live_o;        /* [batch][live_stride]: their o */
    float *live_q;        /* [batch][live_stride]: 1 - o */
    float *live_t;        /* [batch][live_stride]: t(o) */
    float *input_sum;     /* [batch][places]: sum of o of the field read at each place */
    float *drive;         /* [batch][out.stride]: x; pools: that of what was chosen */
    float *out;           /* [batch][out.stride]: o = range_out * y */
    uint32_t *choice;     /* [batch][out.stride]: pool(max): which of the window, row by row */
    float *error;      /* [batch][out.stride]: e, the error of the drive (printed: the wanted change of x, eta in it) */
    float *correction; /* [batch][out.stride]: the wanted change of y, ungated, summed over the layers that read it */
    float *input_correction;  /* [batch][in.stride]: `correction` of what this layer reads; NULL: nobody asks */
    const float *input_drive; /* [batch][in.stride]: `drive` of what a pool reads */
    uint32_t *row_count;      /* [rows]: events of each row in this batch; dense */
    br_event *rows;           /* [rows][batch]: the events themselves, samples ascending; dense */
    /* Learning in convolutions; a group works on one sample at a time. A filter's field is field_height lines of
     * field_row floats; behind the inputs of a line there are zeros. */
    float *filters;         /* [stride][field]: bounds, each filter in one piece */
    float *slopes;          /* [stride][field]: sign/a, what feedback multiplies by */
    float *changes;         /* [BR_GROUPS][stride][field]: summed steps */
    float *field_t;         /* [BR_GROUPS][padded.stride]: t(o) */
    float *field_share;     /* [BR_GROUPS][padded.stride]: o/q */
    float *field_asked;     /* [BR_GROUPS][padded.stride]: what feedback asks */
    uint32_t *pair_count;   /* [BR_GROUPS][stride]: places where each filter has an error */
    uint32_t *pair_at;      /* [BR_GROUPS][stride][pair_stride]: where the field begins in the padded map, ascending */
    float *pair_error;      /* the same: e */
    float *pair_share;      /* the same: e * rate/(gamma * sum of o of the field) */
    const uint32_t *labels; /* [batch]: wanted class (last layer only) */
    uint32_t *active;       /* [batch]: 0 where a sample has no error at all and is skipped by feedback and step */
    float *error_size;      /* [batch]: sum over k of |e_k| before small errors are dropped (last layer only) */
    uint32_t batch;         /* capacity: samples the arrays hold */
    float rate;             /* xi * eta of this layer, this epoch */
    float eta;              /* eta alone (printed rule) */
    float xi;               /* xi alone (printed rule) */
    float theta_rate;       /* xi_theta; 0: thresholds stay */
    float calibration;      /* pool(sum): what the sum is multiplied by before s caps it */
    const br_eight *eight;  /* 8-bit inference; NULL: in floats */
    uint32_t *fault;        /* br_fault, set by checking code */
} br_layer_state;

/* A batch's samples are cut into this many groups whose steps are summed apart, whatever the number of threads. */
#define BR_GROUPS 4u

/* A kernel works on one part of a batch; any partition gives the same bits. What the two ranges count is said with each
 * kernel below: samples, input rows, vector blocks (`lanes` neurons each), or one group. */
typedef void br_kernel(const br_layer_state *state, uint32_t a0, uint32_t a1, uint32_t b0, uint32_t b1);

typedef struct br_layer_code {
    const char *name;
    uint32_t kind; /* bt_layer_kind */
    uint32_t source_count;
    const uint32_t *sources; /* layers read, or BT_INPUT; several are copied side by side, compactly, into `in` */
    br_map in, out;
    uint32_t field_height, field_width; /* dense: those of `in` */
    uint32_t hop, pad_top, pad_left;    /* convolutions: stride of the window and places before the map */
    uint32_t inputs;                    /* fan-in: field_height * field_width * in.channels; 0 for pools */
    br_map padded;                      /* convolutions: `in` with its border; stride: with a spare vector */
    uint32_t field_row;                 /* convolutions: floats of one row of a field, whole vectors */
    uint32_t rows;                      /* of bounds: field_height * field_width * in.pitch; 0 for pools */
    uint32_t neurons;
    uint32_t stride;         /* neurons rounded up to whole vectors */
    uint32_t live_stride;    /* elements from sample to sample in the live_ arrays: in.stride and a spare vector */
    uint32_t lanes;          /* floats in a vector */
    uint32_t pair_stride;    /* convolutions: elements from filter to filter in pair_ arrays: places, a spare vector */
    uint32_t tile;           /* vector blocks walked together: parts that are multiples of it are the fastest */
    uint32_t by_neurons;     /* dense: 1: threads share out vector blocks; 0: samples forward, rows in the step */
    uint32_t overwrites;     /* pools: 1: feedback writes all of input_correction; 0: it adds, as other layers' does */
    float dense_above;       /* share of live inputs above which `forward_dense` is the faster; 0: always, 1: never */
    float packed_above;      /* the same for `forward_packed`, where bounds rest; 0: always, 1: never */
    uint64_t packed_stride;  /* floats of one vector block in `packed` */
    uint32_t turned_samples; /* samples that lie side by side in `turned` */
    uint32_t form;           /* br_form */
    uint32_t calibrates;     /* pool(sum): `calibration` is measured when the layers below are done */
    float calibrate;         /* its p */
    uint32_t sum;            /* bt_sum: gamma's kind */
    float gain;              /* gamma's gain */
    float gap;               /* largest gap of its depress clauses: who is a rival in competition */
    float range_in;          /* s of what it reads */
    float range_out;         /* s of its own output */
    float alpha_min;
    float alpha_max;
    float a_max; /* 1/(1 - alpha_max), in float arithmetic: t(alpha_max) is exactly 0 */
    float reach; /* largest |w|: a_max - 1/(1 - alpha_min) (BR_FORM_V), alpha_max at the start (BR_FORM_ALPHA) */
    float theta_max;
    br_eight_shape eight; /* 8-bit inference; stride 0: not compiled for, or not served */
    /* Kernels; NULL where a layer has no such work. */
    br_kernel *events;        /* samples, -: in -> live_*, input_sum.                                 (1) */
    br_kernel *forward;       /* samples, blocks: live_* and bounds -> drive, out.                    (2)-(4) */
    br_kernel *terms;         /* samples, -: in -> dense_q, dense_t, input_sum; dense layers */
    br_kernel *forward_dense; /* samples, blocks: dense_* and bounds -> drive, out.               (2)-(4) */
    br_kernel *pack;          /* vector blocks, -: bounds -> packed; once, bounds rest from then on */
    /* Parts of these begin at multiples of turned_samples. */
    br_kernel *turn;           /* samples, -: in -> turned, input_sum */
    br_kernel *forward_packed; /* samples, blocks: turned and packed -> drive, out.                 (2)-(4) */
    br_kernel *depress;        /* samples, -: drive -> out of those that stay.                         (19) */
    br_kernel *gate;           /* samples, -: correction -> error.                                     (9) */
    br_kernel *rows_of;        /* samples, rows: live_* of active samples -> row_count, rows; dense.   (11) */
    br_kernel *pairs;          /* a sample, a group: in, error -> field_t, field_share, pairs; conv.    (11) */
    br_kernel *feedback;       /* error -> input_correction +=.                                        (16)-(18)
                                  dense: samples, rows; conv: a sample, a group (after pairs); pools: samples, - */
    br_kernel *step;           /* dense: rows, blocks: rows and error -> bounds.                       (12)-(15)
                                  conv: a sample, a group (after pairs): -> changes of that group */
    br_kernel *apply;          /* conv: vector blocks, -: bounds and changes -> bounds, filters, slopes */
    br_kernel *threshold;      /* samples, blocks: drive, correction -> theta.                         (7)-(8) */
    /* 8-bit inference: in the place of events and forward. */
    br_kernel *quantise;      /* samples, -: in -> codes. */
    br_kernel *forward_eight; /* samples, blocks: codes and rows -> drive, out; parts are of samples.  (1)-(4) */
} br_layer_code;

/* Constants of encodings, which the runtime applies (encode_normalise.c, encode_whiten.c) and built code too. */
#define BR_NORMALISE_GLOBAL 0.3  /* share of the whole image's deviation in the local one */
#define BR_NORMALISE_FLOOR  0.02 /* deviation of an image that shows nothing */
#define BR_NORMALISE_GAIN   1.2
#define BR_NORMALISE_CHROMA 7.2f
#define BR_WHITEN_SHARE     1.3 /* of the whole result's deviation */
#define BR_WHITEN_FLOOR     0.001
#define BR_WHITEN_GAIN      2.0

struct br_error;

/* Groups of arrays that the methods of bouton/method.def need beside a layer's inputs and outputs. */
typedef enum br_arrays {
    BR_ARRAYS_LISTS = 1,  /* live_* and input_sum; every layer with connections has them */
    BR_ARRAYS_TERMS = 2,  /* dense_q, dense_t */
    BR_ARRAYS_TURNED = 4, /* turned */
    BR_ARRAYS_CODES = 8   /* eight->codes, eight->live */
} br_arrays;

typedef struct br_model {
    uint32_t version;     /* BR_INTERFACE_VERSION of the compiler that made it */
    uint32_t layer_count; /* a chain: layer 0 reads the input, layer l reads layer l - 1 */
    const char *name;
    const char *cpu;                  /* the processor level it was compiled for */
    uint32_t height, width, channels; /* of the input; a vector of n is 1 x n x 1 */
    float input_range;                /* s of the input */
    const br_layer_code *layers;
    bool checks;              /* compiled to assert every range: faults are to be looked for */
    uint32_t error_count;     /* one for each phase of the schedule, at least one */
    br_kernel *const *errors; /* samples, -: the last layer's drive, labels -> error, correction, active, error_size;
                                 NULL in code that can't learn */
    /* Compiles a method that the layer has but whose kernels are still NULL: `terms` and `forward_dense`, or `pack`,
     * `turn` and `forward_packed`. Not while the layer is being computed. NULL: nothing more can be compiled. */
    int (*make_method)(void *maker, uint32_t layer, bt_method method, struct br_error *error);
    void *maker;
} br_model;

BOUTON_END
#endif
