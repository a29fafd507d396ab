/* Inference: labels, scores, 8-bit networks, pictures in few colours.
 *
 *     br_score score;
 *     if (br_score_samples(network, br_data_split(data, BT_SPLIT_TEST), 0, &score, &error) != 0)
 *         return fail(error.message);
 *     printf("%.2f%% of %llu samples\n", 100 * score.accuracy, (unsigned long long)score.samples);
 *     br_score_free(&score);
 *
 * Samples are passed as the first layer reads them: for a network with encodings, after br_data_encode. `threads` 0 is
 * every processor; results do not depend on it. Threads: see bouton/error.h. The first inference on a network chooses
 * the methods of its layers (br_methods_choose), which changes it; afterwards several threads may score and predict at
 * the same time. */
#ifndef BOUTON_INFER_H
#define BOUTON_INFER_H

#include "bouton/data.h"
#include "bouton/network.h"
#include "bouton/ranks.h"
#include "bouton/why.h"

BOUTON_BEGIN

/* ---- scores and labels ---- */

typedef struct br_score {
    uint64_t samples, right;
    double accuracy; /* right / samples, in [0, 1] */
    double nll;      /* mean of -ln of the probability of the sample's label, at most 87 each */
    double ece;      /* expected calibration error, in [0, 1]: mean distance of probability and accuracy in 10 bins */
    double seconds;
    uint32_t classes;
    uint64_t *confusion;  /* [classes][classes]: samples by their label and the label answered */
    uint32_t layer_count; /* 0: live connections were not counted */
    double *live;         /* [layer_count]: mean share of connections with o > alpha, in [0, 1] */
    double *live_spread;  /* [layer_count]: its standard deviation over samples */
    uint32_t depth_count; /* readouts that the model keeps */
    br_depth *depths;     /* [depth_count]: the accuracy of each, from below */
} br_score;

/* BR_ERROR_CHECK: samples of another shape than the network's, labels missing or beyond its classes, or too many
 * classes for a confusion table. */
int br_score_samples(br_network *network, const br_samples *samples, uint32_t threads, br_score *out, br_error *error);

/* The same on every rank (bouton/ranks.h; NULL: none), of networks in the same state: they share out the samples, and all
 * get the whole score, with the same bits as by one process. BR_ERROR_IO: another rank is gone. */
int br_score_together(br_network *network, const br_samples *samples, uint32_t threads, const br_ranks *ranks,
                      br_score *out, br_error *error);
void br_score_free(br_score *score);

/* What br_predict computes for each sample. The arrays are the caller's; each may be NULL. */
typedef struct br_outputs {
    uint32_t *labels;     /* [count]: the class with the largest drive, the lowest one on ties */
    float *levels;        /* [count][neurons of the last layer]: y in [0, 1] */
    float *probabilities; /* as levels: shares of 1; the label is the first class that has the largest share */
} br_outputs;

/* Samples need no labels. BR_ERROR_CHECK: another shape. */
int br_predict(br_network *network, const br_samples *samples, uint32_t threads, const br_outputs *out,
               br_error *error);

/* Both in one pass: the score of br_score_samples, and what br_predict computes for the same samples. */
int br_score_answers(br_network *network, const br_samples *samples, uint32_t threads, const br_outputs *answers,
                     br_score *out, br_error *error);

/* Fits the sharpness of the probabilities to labelled samples (docs/model.md, equation 21). br_train does it at its end,
 * on the validation samples, or on the training samples if there are none. Without samples nothing changes.
 * BR_ERROR_CHECK: samples of another shape, labels missing or beyond the network's classes. */
int br_calibrate(br_network *network, const br_samples *samples, uint32_t threads, br_error *error);

/* Answers as text, sample by sample, as `bouton predict` and built programs print them. In JSON, a name that is not
 * UTF-8 is printed as null. */
typedef enum br_answer_format { BR_ANSWERS_TEXT, BR_ANSWERS_CSV, BR_ANSWERS_JSON } br_answer_format;
typedef struct br_answers {
    FILE *to;
    br_answer_format format;
    uint32_t classes;
    const br_schema *schema; /* names of the classes; NULL: none */
    uint64_t printed;
} br_answers;
/* `schema`, which may be NULL, must outlive the answers. */
br_answers br_answers_begin(br_answer_format format, uint32_t classes, const br_schema *schema, FILE *to);
/* What each input added, for br_answers_print. Strings are borrowed. */
typedef struct br_reason {
    const br_why *why;
    const char *const *names; /* [bt_values(why->shape)]: names of the values; NULL: none */
    const char *after;        /* the encoding whose values are told; NULL: raw values */
} br_reason;
/* The answer to one sample. `index` tells the samples of one file apart (input#index); -1 if the file holds one. */
typedef struct br_answered {
    const char *input;
    int64_t index;
    uint32_t label;
    const float *probabilities, *levels; /* [classes] */
    const br_reason *reason;             /* NULL: none; printed in JSON only */
} br_answered;
void br_answers_print(br_answers *answers, const br_answered *answer);
void br_answers_end(br_answers *answers);

/* ---- methods: how layers with connections compute ---- */

/* Chooses the method of each layer with connections by the share of live inputs in the first samples: lists of live inputs
 * (BT_METHOD_EVENTS), or tiles over all inputs (BT_METHOD_DENSE, and BT_METHOD_PACKED in inference). Training chooses
 * at the start of each phase; scoring chooses if the methods have not been chosen. */
int br_methods_choose(br_network *network, const br_samples *samples, br_error *error);
/* Compiles the kernels of a layer's method, unless they are there. BR_ERROR_CHECK: the layer has no such method. */
int br_method_make(const br_network *network, uint32_t layer, bt_method method, br_error *error);
/* The methods of a layer in training and in inference, and the share of its inputs that was found live, in [0, 1].
 * False: nothing was chosen yet, or the layer is a pool. */
bool br_methods_of(const br_network *network, uint32_t layer, bt_method *training, bt_method *inference, double *live);

/* ---- 8-bit inference (docs/design/quantised.md) ---- */

/* A quantised network: layers that 8-bit kernels serve hold activations and bounds in bytes; the others stay in
 * floats. The model must have been compiled for it. The largest activation that a layer reads among `samples` becomes
 * the top of its scale; without samples (NULL) the top is the range. The network must outlive the result. */
typedef struct br_quantised br_quantised;
typedef struct br_quantised_layer {
    bool int8;              /* false: in floats */
    float top;              /* activations 0 .. top are the bytes 0 .. 255 */
    float steepest;         /* the largest slope a of a connection that can carry signal; bytes -127 .. 127 */
    uint64_t connections;   /* of the layer */
    uint64_t always_silent; /* connections with alpha at or above top, silent for every input */
} br_quantised_layer;

/* BR_ERROR_CHECK: samples of another shape than the network's, or bounds too large to address. */
int br_quantise(const br_network *network, const br_samples *samples, uint32_t threads, br_quantised **out,
                br_error *error);
/* The same with bounds of so many bits: 8, or 4, where each connection of a layer has one of BR_LEVELS levels. Layers
 * with a sixteenth of the network's connections or less keep 8. Levels are fitted to the samples; activations and sums
 * are those of 8 bits. Other numbers of bits: BR_ERROR_USAGE. */
int br_quantise_to(const br_network *network, uint32_t bits, const br_samples *samples, uint32_t threads,
                   br_quantised **out, br_error *error);
void br_quantised_free(br_quantised *quantised); /* NULL is fine */
const br_quantised_layer *br_quantised_of(const br_quantised *quantised, uint32_t layer);

/* The rows of a layer, laid out for vectors of `lanes` floats as br_int8 of bouton/model.h describes: their size in
 * bytes (0 if 64 bits can't hold it), and the rows themselves, written into that many bytes. br_quantised_scales
 * fills in the other numbers of a br_int8. For layers in 8 bits only. */
uint64_t br_quantised_bytes(const br_quantised *quantised, uint32_t layer, uint32_t stride);
int br_quantised_rows(const br_quantised *quantised, uint32_t layer, uint32_t lanes, uint32_t stride, uint8_t *rows,
                      br_error *error);
/* The same bounds and slopes in the order of the network's own, without padding: [inputs][neurons] both, the caller's. A
 * connection that no input makes live has alpha 255 and slope 0. For layers in 8 bits only. Fails with BR_ERROR_FAULT. */
int br_quantised_bounds(const br_quantised *quantised, uint32_t layer, uint8_t *alphas, int8_t *slopes,
                        br_error *error);

#define BR_LEVELS 16u

/* The levels of a layer with bounds of four bits: the alpha and the slope of each, in the order of their alphas. The last
 * one is silent. */
typedef struct br_levels {
    uint8_t alphas[BR_LEVELS];
    int8_t slopes[BR_LEVELS];
} br_levels;
/* NULL: the layer's bounds have eight bits, or it stays in floats. */
const br_levels *br_quantised_levels(const br_quantised *quantised, uint32_t layer);
/* The level of each connection, [inputs][neurons], the caller's. For layers that have levels only. */
void br_quantised_codes(const br_quantised *quantised, uint32_t layer, uint8_t *codes);
br_int8 br_quantised_scales(const br_quantised *quantised, uint32_t layer);

/* An activation as a byte: min(255, o per_quantum + 1/2), truncated, with the bits of compiled code. per_quantum is 255/top
 * of the layer that reads it. */
uint8_t br_quantum_of(float o, float per_quantum);

/* As br_score_samples, in 8 bits. Live connections are not counted: layer_count is 0. */
int br_score_quantised(const br_quantised *quantised, const br_samples *samples, uint32_t threads, br_score *out,
                       br_error *error);

/* As br_score_samples, or with `quantised`, which is NULL or made of this network, as br_score_quantised. The
 * probabilities of a sample are the means of those of the picture and of its mirror image, left to right; the answer is
 * the first class that has the largest (docs/model.md, equation 20). Live connections are those of the pictures. The
 * input must be an image: of other inputs the values are mirrored, too, which makes no sense. */
int br_score_mirrored(br_network *network, const br_quantised *quantised, const br_samples *samples, uint32_t threads,
                      br_score *out, br_error *error);

/* ---- pictures in the colours of a competing layer (section VI of the paper) ---- */

#define BR_PALETTE_MOST 256u /* colours of an indexed PNG */

typedef struct br_redrawn {
    uint32_t height, width;
    uint64_t file_bytes; /* size of the picture's file */
    uint32_t filters;    /* of the last layer */
    uint32_t idle;       /* filters that won no pixel, and give no colour */
    uint32_t colours;    /* of the palette; fewer than the filters that won if two of their means agree */
    uint8_t palette[BR_PALETTE_MOST][3];
    uint8_t *pixels;    /* [height][width]: indices into the palette */
    double mean_square; /* of the error, over all channels of all pixels; 0: nothing was lost */
    double psnr;        /* 10 log10(255^2 / mean square), in dB; infinite if nothing was lost */
    br_note *notes;     /* [note_count]: of reading the picture */
    uint32_t note_count;
} br_redrawn;

/* Every pixel of a picture becomes the mean colour of all pixels that the same filter won. The network reads 1x1x3 raw
 * values through `encoder`, in reading->range, inverted and laid on the background that reading->schema (or NULL)
 * states; reading->shape is not used. Its last layer competes and has at most BR_PALETTE_MOST filters. BR_ERROR_CHECK:
 * the network is another one. BR_ERROR_IO: the picture can't be read. */
int br_redraw(br_network *network, const br_encoder *encoder, const char *path, const br_reading *reading,
              uint32_t threads, br_redrawn *out, br_error *error);
void br_redrawn_free(br_redrawn *picture);

/* Writes an indexed PNG, the whole file or none, and says its size. BR_ERROR_IO: it can't be written. */
int br_png_write_redrawn(const char *path, const br_redrawn *picture, uint64_t *bytes, br_error *error);

BOUTON_END
#endif
