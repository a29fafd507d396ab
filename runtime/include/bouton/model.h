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
    uint32_t *live_index; /* [batch][inputs]: which, ascending */
    float *live_o;        /* [batch][inputs]: their o */
    float *live_q;        /* [batch][inputs]: 1 - o */
    float *live_t;        /* [batch][inputs]: t(o) */
    float *input_sum;     /* [batch]: sum of o */
    float *drive;         /* [batch][stride]: x */
    float *out;           /* [batch][stride]: o = range_out * y */
    float *error;         /* [batch][stride]: e, the error of the drive (printed: the wanted change of x, eta in it) */
    float *correction;    /* [batch][stride]: the wanted change of y; read where theta learns and by the printed rule */
    float
        *input_correction; /* [batch][input_stride]: the layer below's `correction`, written by feedback; NULL: none */
    float *input_error;    /* [batch][input_stride]: the layer below's `error`, written by feedback; NULL: none */
    const float *input_drive; /* [batch][input_stride]: the layer below's `drive`; NULL: none */
    const float *input_theta; /* [input_stride]: the layer below's `theta`; NULL: none */
    uint32_t *row_count;      /* [inputs]: events of each row in this batch */
    br_event *rows;           /* [inputs][batch]: the events themselves, samples ascending */
    const uint32_t *labels;   /* [batch]: wanted class (last layer only) */
    uint32_t *active;         /* [batch]: 0 where a sample has no error at all and is skipped by feedback and step */
    float *error_size;        /* [batch]: sum over k of |e_k| before small errors are dropped (last layer only) */
    uint32_t batch;           /* capacity: samples the arrays hold */
    float rate;               /* xi * eta of this layer, this epoch */
    float eta;                /* eta alone (printed rule) */
    float xi;                 /* xi alone (printed rule) */
    float theta_rate;         /* xi_theta; 0: thresholds stay */
} br_layer_state;

/* A kernel works on samples [n0, n1) and on part [p0, p1) of what it walks: neurons in vector blocks of `lanes`
 * (forward, step), or input rows (feedback, rows). Any partition gives the same bits. */
typedef void br_kernel(const br_layer_state *state, uint32_t n0, uint32_t n1, uint32_t p0, uint32_t p1);

typedef struct br_layer_code {
    const char *name;
    uint32_t inputs; /* fan-in */
    uint32_t neurons;
    uint32_t input_stride; /* floats from sample to sample in `in`: the layer below's stride */
    uint32_t stride;       /* neurons rounded up to whole vectors */
    uint32_t lanes;        /* floats in a vector */
    uint32_t form;         /* br_form */
    float range_in;        /* s of what it reads */
    float range_out;       /* s of its own output */
    float alpha_min;
    float alpha_max;
    float theta_max;
    br_kernel *events;    /* in -> live_*, input_sum; p ignored.                                   (1), section 2 */
    br_kernel *forward;   /* live_* x bounds -> drive, out; p: vector blocks.                       (2)-(4) */
    br_kernel *error;     /* drive, labels -> error, active, error_size; p ignored; last layer only, else NULL */
    br_kernel *feedback;  /* error x bounds -> input_error, input_correction; p: rows; not first.   (9), (16)-(18) */
    br_kernel *rows;      /* live_* -> row_count, rows for active samples; p: rows.                 (11) */
    br_kernel *step;      /* rows x error -> bounds, over samples [n0, n1) of rows; p: vector blocks. (12)-(15) */
    br_kernel *step_rows; /* the same over all neurons; p: rows. For layers too narrow to share out by neurons */
    br_kernel *threshold; /* correction, drive -> theta; p: vector blocks; NULL where theta is fixed. (7)-(8) */
} br_layer_code;

typedef struct br_model {
    uint32_t version;     /* BR_INTERFACE_VERSION of the compiler that made it */
    uint32_t layer_count; /* a chain: layer 0 reads the input, layer l reads layer l - 1 */
    const char *name;
    const char *cpu;                  /* the processor level it was compiled for */
    uint32_t height, width, channels; /* of the input; a vector of n is 1 x n x 1 */
    float input_range;                /* s of the input */
    const br_layer_code *layers;
} br_model;

#ifdef __cplusplus
}
#endif
#endif
