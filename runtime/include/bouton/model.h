/* The model's interface: what compiled code gives the runtime, and the memory both of them touch.
 *
 * The same structs serve code compiled just in time and code built into a library. They are plain C with fixed layout;
 * compiler/kernels emits loads and stores against the offsets asserted in compiler/layout.c. Change a field: raise
 * BR_INTERFACE_VERSION.
 *
 * Notation is docs/model.md's: o activation in [0, s], q = 1 - o, a = 1/(1 - alpha), a_max = 1/(1 - alpha_max),
 * t(o) = a_max - 1/q, v = sign * (a_max - a). */
#ifndef BOUTON_MODEL_H
#define BOUTON_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BR_INTERFACE_VERSION 1u

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

/* Everything the kernels of one layer touch. Arrays belong to the runtime, are 64-byte aligned, and hold `batch`
 * samples; strides are in floats. Lanes from `neurons` to `stride` are padding: o and e are 0 there. */
typedef struct br_layer_state {
    float *bounds;        /* [inputs][stride]: w, rows contiguous over neurons */
    float *theta;         /* [stride]: thresholds, in [0, 1) */
    const float *in;      /* [batch][input_stride]: activations read, in [0, range_in] */
    uint32_t *live_count; /* [batch]: inputs with o > 0 */
    uint32_t *live_index; /* [batch][live_stride]: which, ascending */
    float *live_o;        /* [batch][live_stride]: their o */
    float *live_q;        /* [batch][live_stride]: 1 - o */
    float *live_t;        /* [batch][live_stride]: t(o) */
    float *input_sum;     /* [batch]: sum of o */
    float *drive;         /* [batch][stride]: x */
    float *out;           /* [batch][stride]: o = range_out * y */
    float *error;         /* [batch][stride]: e, the error of the drive (printed: the wanted change of x, eta in it) */
    float *correction;    /* [batch][stride]: the wanted change of y, ungated */
    /* The layer below, seen from this one: [batch][input_stride]; NULL in the first layer. Feedback writes the first
     * two. */
    float *input_correction;  /* its `correction` */
    float *input_error;       /* its `error` */
    const float *input_drive; /* its `drive` */
    const float *input_theta; /* its `theta`: [input_stride] */
    uint32_t *row_count;      /* [inputs]: events of each row in this batch */
    br_event *rows;           /* [inputs][batch]: the events themselves, samples ascending */
    const uint32_t *labels;   /* [batch]: wanted class (last layer only) */
    uint32_t *active;         /* [batch]: 0 where a sample has no error at all and is skipped by feedback and step */
    float *error_size;        /* [batch]: sum over k of |e_k| before small errors are dropped (last layer only) */
    uint32_t batch;           /* capacity: samples the arrays hold */
    float rate;               /* xi * eta of this layer, this epoch */
    float eta;                /* eta alone (printed rule) */
    float input_eta;          /* eta of the layer below (printed rule) */
    float xi;                 /* xi alone (printed rule) */
    float theta_rate;         /* xi_theta; 0: thresholds stay */
} br_layer_state;

/* A kernel works on one part of a batch; any partition gives the same bits. What the two ranges count is said with each
 * kernel below: samples, input rows, or vector blocks (`lanes` neurons each). */
typedef void br_kernel(const br_layer_state *state, uint32_t a0, uint32_t a1, uint32_t b0, uint32_t b1);

typedef struct br_layer_code {
    const char *name;
    uint32_t inputs; /* fan-in */
    uint32_t neurons;
    uint32_t input_stride; /* floats from sample to sample in `in`: the layer below's stride */
    uint32_t live_stride;  /* elements from sample to sample in the live_ arrays: inputs and a spare vector */
    uint32_t stride;       /* neurons rounded up to whole vectors */
    uint32_t lanes;        /* floats in a vector */
    uint32_t tile;         /* vector blocks walked together: parts that are multiples of it are the fastest */
    uint32_t by_neurons;   /* 1: threads share out vector blocks; 0: samples forward, rows in the step */
    uint32_t form;         /* br_form */
    uint32_t learns_theta;
    float range_in;  /* s of what it reads */
    float range_out; /* s of its own output */
    float alpha_min;
    float alpha_max;
    float a_max; /* 1/(1 - alpha_max), in float arithmetic: t(alpha_max) is exactly 0 */
    float reach; /* largest |w|: a_max - 1/(1 - alpha_min) (BR_FORM_V), alpha_max at the start (BR_FORM_ALPHA) */
    float theta_max;
    br_kernel *events;    /* samples, -: in -> live_*, input_sum.                                 (1) */
    br_kernel *forward;   /* samples, blocks: live_* and bounds -> drive, out.                    (2)-(4) */
    br_kernel *rows;      /* samples, rows: live_* of active samples -> row_count, rows.          (11) */
    br_kernel *feedback;  /* samples, rows: rows, error -> input_correction, input_error.         (9), (16)-(18)
                             NULL in the first layer */
    br_kernel *step;      /* rows, blocks: rows and error -> bounds.                              (12)-(15) */
    br_kernel *threshold; /* samples, blocks: drive, correction -> theta.                         (7)-(8)
                             NULL where theta is fixed */
} br_layer_code;

typedef struct br_model {
    uint32_t version;     /* BR_INTERFACE_VERSION of the compiler that made it */
    uint32_t layer_count; /* a chain: layer 0 reads the input, layer l reads layer l - 1 */
    const char *name;
    const char *cpu;                  /* the processor level it was compiled for */
    uint32_t height, width, channels; /* of the input; a vector of n is 1 x n x 1 */
    float input_range;                /* s of the input */
    const br_layer_code *layers;
    uint32_t error_count;     /* one for each phase of the schedule, at least one */
    br_kernel *const *errors; /* samples, -: the last layer's drive, labels -> error, correction, active, error_size */
} br_model;

#ifdef __cplusplus
}
#endif
#endif
