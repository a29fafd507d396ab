/* libbouton_runtime: compiled code and data become results. Knows no syntax and no LLVM.
 *
 * Conventions. Functions that can fail return 0, or -1 with the reason in *error (never NULL). Handles are freed by the
 * function named after them; freeing NULL is fine. Nothing here prints or exits; progress reaches the caller through
 * callbacks. Pixels and labels are unsigned bytes or 32-bit floats as read; activations are 32-bit floats in [0, s]. */
#ifndef BOUTON_RUNTIME_H
#define BOUTON_RUNTIME_H

#include <stddef.h>
#include <stdio.h>

#include "bouton/model.h"

BOUTON_BEGIN

/* ---- errors ---- */

/* Values are the exit statuses of the command line. */
typedef enum br_error_kind {
    BR_OK = 0,
    BR_ERROR_CHECK = 1, /* a description, an expectation or settings don't fit */
    BR_ERROR_USAGE = 2,
    BR_ERROR_IO = 3,    /* a file is missing, unreadable, malformed or can't be written */
    BR_ERROR_FAULT = 4, /* a fault of bouton itself, memory included */
} br_error_kind;

typedef struct br_error {
    br_error_kind kind;
    char message[512]; /* one sentence: place (file, and line or byte where known), cause, mend */
} br_error;

/* Fills *error, returns -1. */
int br_fail(br_error *error, br_error_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__ /* looks at one file at a time, and would have failures go on */
#define br_fail(...) ((br_fail)(__VA_ARGS__), -1)
#endif

uint32_t br_processors(void); /* this process may use */

/* ---- random numbers: Philox 4x32-10, counter-based; a stream per purpose ---- */

typedef enum br_stream {
    BR_STREAM_SIGN = 1,
    BR_STREAM_ALPHA,
    BR_STREAM_SHUFFLE,
    BR_STREAM_SHIFT,
    BR_STREAM_HOLD_OUT,
    BR_STREAM_DIGITS,
    BR_STREAM_ENCODE,
    BR_STREAM_PATCH,
    BR_STREAM_MIRROR,
    BR_STREAM_TEST, /* never used by the libraries: the caller's own */
} br_stream;

/* Four random words number `index` of a stream's lane `lane`. Any order, any thread, same words. */
void br_random4(uint64_t seed, br_stream stream, uint32_t lane, uint64_t index, uint32_t out[4]);
float br_random_unit(uint32_t word);                 /* [0, 1), 24 bits */
uint32_t br_random_below(uint32_t word, uint32_t n); /* 0..n-1, by multiplication */

/* ---- data ---- */

typedef enum br_split { BR_TRAIN, BR_VALIDATION, BR_TEST, BR_SPLITS } br_split;
typedef enum br_format {
    BR_FORMAT_IDX,
    BR_FORMAT_CSV,
    BR_FORMAT_NPY,
    BR_FORMAT_SYNTHETIC,
    BR_FORMAT_CIFAR10,  /* rows of label byte + 3072 bytes, planes r g b; plain or .gz */
    BR_FORMAT_CIFAR100, /* rows of coarse label, fine label (used), 3072 bytes */
    BR_FORMAT_FOLDER,   /* PNG and JPEG pictures, one folder for each class, names ascending */
    BR_FORMAT_PIXELS    /* every pixel of one picture, row by row, as a sample of 1x1x3; no labels */
} br_format;

typedef struct br_source {
    br_format format;
    br_split split;
    const char *inputs, *labels; /* file names, taken relative to the spec's folder; labels NULL where inside or made */
    bool label_first;
    uint64_t samples; /* synthetic */
} br_source;

typedef struct br_data_spec {
    uint32_t source_count;
    br_source *sources;
    double hold_out;
    double low, high;                          /* raw values that map onto 0 and s; low < high */
    uint32_t height, width, channels, classes; /* what the network expects */
    const char *folder;                        /* of relative file names; NULL: the current one */
} br_data_spec;

/* Samples of one split. Exactly one of bytes and floats is set. */
typedef struct br_samples {
    uint64_t count;
    uint32_t height, width, channels;
    const uint8_t *bytes;   /* [count][height*width*channels], raw 0..255 */
    const float *floats;    /* the same shape, raw values */
    const uint32_t *labels; /* [count], below classes; NULL where unknown (predict, pixels) */
    double low, high;       /* raw values that map onto 0 and s; those outside count as the end */
} br_samples;

typedef struct br_data br_data;
int br_data_load(const br_data_spec *spec, uint64_t seed, br_data **out, br_error *error);

/* The same from what the caller holds, one br_samples for each split (count 0: none), behind what the spec's sources
 * give, if it has any. All of it is copied; low and high are the spec's. BR_ERROR_CHECK: another shape than the spec's,
 * values outside [low, high] or not finite, a label of `classes` or above, only some samples with labels. */
int br_data_from_memory(const br_data_spec *spec, const br_samples given[BR_SPLITS], uint64_t seed, br_data **out,
                        br_error *error);

/* The same on a thread of its own, beside what the caller does until it awaits them, which it must; that frees the job.
 * `spec` stays as it is until then. */
typedef struct br_data_job br_data_job;
int br_data_begin(const br_data_spec *spec, uint64_t seed, br_data_job **out, br_error *error);
int br_data_await(br_data_job *job, br_data **out, br_error *error);

void br_data_free(br_data *data);
const br_samples *br_data_split(const br_data *data, br_split split); /* count 0 where the split is empty */
uint64_t br_data_hash(const br_data *data);                           /* of all raw values and labels */

/* ---- encodings: what happens to raw images before the first layer reads them ---- */

typedef enum br_encoding_kind {
    BR_ENCODE_OPPONENT,  /* rgb -> luminance, red-green, blue-yellow */
    BR_ENCODE_NORMALISE, /* minus a local mean, over a local deviation */
    BR_ENCODE_WHITEN,    /* ZCA learned from patches, as a convolution */
    BR_ENCODE_SPLIT,     /* x -> max(x, 0), max(-x, 0): twice the channels */
    BR_ENCODE_LEVELS,    /* x -> how far it has passed each of n levels: n times the channels */
    BR_ENCODE_COMPLEMENT /* x -> x, 1 - x: twice the channels */
} br_encoding_kind;

typedef struct br_encoding {
    br_encoding_kind kind;
    uint32_t height, width;
    uint64_t patches;
    uint32_t levels;
} br_encoding;

/* Steps with what they learned. Encoded samples are bytes 0..255 over the input's range, so they weigh as little as raw
 * ones. A br_encoder without steps passes samples through unchanged. */
typedef struct br_encoder br_encoder;
int br_encoder_new(const br_encoding *steps, uint32_t count, uint32_t height, uint32_t width, uint32_t channels,
                   br_encoder **out, br_error *error);
void br_encoder_free(br_encoder *encoder);
int br_encoder_learn(br_encoder *encoder, const br_samples *train, uint64_t seed, br_error *error);
/* Learned numbers, for the model file: count is known once the steps are. Restoring refuses what is not finite. */
uint64_t br_encoder_count(const br_encoder *encoder);
const float *br_encoder_numbers(const br_encoder *encoder);
int br_encoder_restore(br_encoder *encoder, const float *numbers, uint64_t count, br_error *error);
/* Encodes every split of `data` in place. */
int br_data_encode(br_data *data, const br_encoder *encoder, uint32_t threads, br_error *error);

/* Samples to predict from one file: PNG, JPEG, PGM/PPM, IDX, NPY or CSV by content (name for CSV). Grey images of
 * another size are scaled to height x width. The samples are the split BR_TEST; labels are set where a CSV has them. */
int br_inputs_load(const char *path, uint32_t height, uint32_t width, uint32_t channels, double low, double high,
                   br_data **out, br_error *error);

/* One synthetic digit, 28x28 bytes: sample `index` of a stream lane; also what `synthetic digits` holds. */
uint32_t br_digit_draw(uint64_t seed, uint32_t lane, uint64_t index, uint8_t pixels[784]); /* returns its label */
int br_png_write_grey(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error);

/* ---- a network's state: its bounds, signs and thresholds ---- */

typedef enum br_start { BR_START_UNIFORM, BR_START_CONSTANT, BR_START_DISTINCT, BR_START_PATCHES } br_start;

typedef struct br_layer_start {
    float excitatory; /* share of excitatory connections */
    br_start start;
    float low, high;
    float theta;
} br_layer_start;

typedef struct br_network br_network; /* a model with its state; the model must outlive it */
int br_network_new(const br_model *model, br_network **out, br_error *error);
void br_network_free(br_network *network);
const br_model *br_network_model(const br_network *network);
int br_network_start(br_network *network, const br_layer_start *starts, uint64_t seed, br_error *error);

/* (alpha, sign, theta) of a layer: alpha and sign [neurons][inputs], theta [neurons]; what files store. Reading back
 * refuses alpha outside the layer's bounds, signs other than +-1, thresholds outside [0, 1), anything not finite. */
void br_network_export(const br_network *network, uint32_t layer, float *alpha, int8_t *sign, float *theta);
int br_network_import(br_network *network, uint32_t layer, const float *alpha, const int8_t *sign, const float *theta,
                      br_error *error);

/* A layer's state as kernels hold it, without padding: w [inputs][neurons], theta and conscience [neurons]. Returns
 * what a summing pool multiplies its sums by. */
float br_network_state(const br_network *network, uint32_t layer, float *w, float *theta, float *conscience);

/* ---- learning ---- */

typedef enum br_phase_kind { BR_PHASE_CORRECT, BR_PHASE_COMPETE } br_phase_kind;

typedef struct br_phase {
    const char *name;
    br_phase_kind kind;
    /* compete: one layer, fields sampled one at a time */
    uint32_t compete;
    uint64_t patches;
    bool standard; /* target standard; else pattern */
    float xi_to, conscience, alienate;
    /* correct */
    uint32_t layer_count;
    uint32_t *layers; /* corrected, ascending */
    float *eta;       /* one for each */
    float *theta_xi;  /* one for each */
    float xi, decay;
    uint32_t epochs, batch, shift;
    bool mirror;    /* half of the images left to right */
    bool keep_best; /* on validation */
} br_phase;

typedef struct br_schedule {
    uint64_t seed;
    uint32_t start_count;
    br_layer_start *starts; /* one for each layer */
    uint32_t phase_count;
    br_phase *phases;
} br_schedule;

typedef struct br_progress { /* where training stands */
    const char *phase;
    uint32_t epoch, epochs; /* epoch counts from 1 */
    uint64_t done, total;   /* samples of this epoch */
    double seconds;         /* since training began */
    double epoch_seconds;   /* learning alone, this epoch so far */
    double error;           /* mean over samples of sum |e| / 2, this epoch */
    double accuracy;        /* on the samples learned from, before their step */
    bool end_of_epoch;      /* then validation is filled in */
    double validation;      /* accuracy on validation; negative: no such split */
    bool best;              /* this epoch is the best so far */
    bool competing;         /* fields, not samples, are counted; no error, no accuracy */
} br_progress;

typedef struct br_file_facts br_file_facts;
typedef struct br_checkpoint br_checkpoint;

typedef struct br_train_options {
    uint32_t threads;                                          /* 0: every processor; results don't depend on it */
    bool (*progress)(void *user, const br_progress *progress); /* about ten times a second, and once at each epoch's
                                                                  end; false stops training cleanly. May be NULL */
    void (*warn)(void *user, const br_error *warning);         /* what training goes on in spite of. May be NULL */
    void *user;
    const char *checkpoint;     /* file to keep a checkpoint in; NULL: none */
    const br_file_facts *facts; /* with `checkpoint`: whose text, seed and data they are */
    double save_every;          /* seconds between two checkpoints; 0: one at each epoch's end */
    br_checkpoint *resume;      /* where to go on; emptied. NULL: at the beginning */
} br_train_options;

typedef struct br_train_result {
    uint32_t epochs;       /* run */
    uint32_t best_epoch;   /* kept */
    double seconds;        /* learning and validating */
    double learn_seconds;  /* learning alone */
    uint64_t samples;      /* learned from */
    double validation;     /* of the state kept; negative: none */
    bool stopped;          /* by the callback */
    uint64_t idle_filters; /* competing filters that never won a field */
} br_train_result;

/* Bytes that a training takes, found before anything is taken. What frozen layers answer is kept for all samples only
 * where there is room for it, so it doesn't count. */
typedef struct br_memory_need {
    uint64_t data;     /* held already */
    uint64_t network;  /* its state, and the best so far */
    uint64_t batch;    /* working memory of the largest batch */
    uint64_t scoring;  /* that of the validation, for all threads */
    uint64_t features; /* of frozen layers */
    uint64_t order;    /* of the samples, of this epoch and the next */
    uint64_t total;    /* of all but the data and the features */
    uint64_t room;     /* what can still be had: of the machine, of its group of processes, of the process */
} br_memory_need;
void br_train_need(const br_model *model, const br_schedule *schedule, const br_data *data, uint32_t threads,
                   br_memory_need *out);

/* Checkpoints: the whole state of a training in one file, replaced atomically at each epoch's end or every so many
 * seconds, and when training is stopped. Training that goes on from one ends with the same bytes as an unbroken one, on
 * any number of threads. They are of one machine's kind: of this version, text, seed, data and processor level. */
typedef struct br_position { /* of a checkpoint */
    uint32_t phase;          /* of the schedule, counted from 0 */
    uint32_t epoch;          /* ended in it */
    uint64_t done;           /* samples or fields of the next one */
    uint64_t ended;          /* epochs and competitions ended, over all phases */
    br_train_result result;  /* so far */
} br_position;

/* Reads and checks a checkpoint. *out NULL: there is no such file. BR_ERROR_CHECK: it is of another run, the message
 * says what differs; BR_ERROR_IO: unreadable or damaged. */
int br_checkpoint_open(const char *path, const br_model *model, const br_schedule *schedule, const br_file_facts *facts,
                       br_checkpoint **out, br_error *error);
const br_position *br_checkpoint_position(const br_checkpoint *checkpoint);
void br_checkpoint_free(br_checkpoint *checkpoint);

/* Runs the whole schedule on the network as it stands. `options` NULL: every processor, nobody is told. BR_ERROR_CHECK:
 * samples of another shape than the network's, none to learn from, labels that are missing or beyond its classes, or
 * more memory needed than can be had. */
int br_train(br_network *network, const br_schedule *schedule, const br_data *data, const br_train_options *options,
             br_train_result *out, br_error *error);

/* ---- scoring and predicting ---- */

typedef struct br_score {
    uint64_t samples, right;
    double accuracy;
    double seconds;
    uint32_t classes;
    uint64_t *confusion;  /* [classes][classes]: wanted, answered */
    uint32_t layer_count; /* 0: what is live was not counted */
    double *live;         /* [layer_count]: mean share of connections with o > alpha */
    double *live_spread;  /* [layer_count]: its standard deviation over samples */
} br_score;

/* Samples as the first layer reads them: of a network with encodings, brought through br_data_encode. */
int br_score_samples(br_network *network, const br_samples *samples, uint32_t threads, br_score *out, br_error *error);
void br_score_free(br_score *score);

/* levels [count][neurons of the last layer] = y in [0, 1], labels [count] = largest drive, lowest index on ties. Both
 * are the caller's; either may be NULL. Samples need no labels. */
int br_predict(br_network *network, const br_samples *samples, uint32_t threads, uint32_t *labels, float *levels,
               br_error *error);

/* Answers as text, sample by sample: what `bouton predict` and built programs print. JSON text holds no name that is
 * not UTF-8: null stands for it. */
typedef enum br_answer_form { BR_ANSWERS_TEXT, BR_ANSWERS_CSV, BR_ANSWERS_JSON } br_answer_form;
typedef struct br_answers {
    FILE *to;
    br_answer_form form;
    uint32_t classes;
    uint64_t printed;
} br_answers;
br_answers br_answers_begin(br_answer_form form, uint32_t classes, FILE *to);
/* `index` tells samples of one file apart (input#index); -1 where it holds only one. */
void br_answers_print(br_answers *answers, const char *input, int64_t index, uint32_t label, const float *levels);
void br_answers_end(br_answers *answers);

/* 8-bit inference (docs/design/quantised.md), for a model compiled with it: layers it serves hold their activations and
 * bounds in bytes, the others stay in floats. The largest activation that each layer reads among `samples` becomes the
 * top of its scale; without samples that is the range. The network must outlive what is made of it. */
typedef struct br_quantised br_quantised;
typedef struct br_quantised_layer {
    bool eight;     /* false: in floats */
    float top;      /* activations 0 .. top are 0 .. 255 */
    float steepest; /* the largest a of a connection that can carry signal; slopes -a .. a are -127 .. 127 */
    uint64_t connections, unheard; /* unheard: alpha at or above top, silent for every input */
} br_quantised_layer;
int br_quantise(const br_network *network, const br_samples *samples, uint32_t threads, br_quantised **out,
                br_error *error);
void br_quantised_free(br_quantised *quantised);
const br_quantised_layer *br_quantised_of(const br_quantised *quantised, uint32_t layer);

/* A layer's rows laid out for other vectors than its model's, as br_eight of bouton/model.h has them: how many bytes,
 * 0 where that can't be said in 64 bits; and the rows, into that many bytes. br_quantised_scales fills what else of a
 * br_eight is known beforehand. For layers in 8 bits alone. */
uint64_t br_quantised_bytes(const br_quantised *quantised, uint32_t layer, uint32_t stride);
int br_quantised_rows(const br_quantised *quantised, uint32_t layer, uint32_t lanes, uint32_t stride, uint8_t *rows,
                      br_error *error);
br_eight br_quantised_scales(const br_quantised *quantised, uint32_t layer);

/* As br_score_samples, in 8 bits; what is live is not counted: layer_count is 0. */
int br_score_quantised(const br_quantised *quantised, const br_samples *samples, uint32_t threads, br_score *out,
                       br_error *error);

/* Chooses how each dense layer answers, lists of live inputs or tiles over all of them, by the share of live inputs in
 * the first samples; training does so at the start of a phase, scoring where nobody has yet. */
int br_forms_choose(br_network *network, const br_samples *samples, br_error *error);
/* Make sure a layer's dense form can be run, the one it learns in or the one in which it only answers; an error where
 * it has none. */
int br_form_make_dense(const br_network *network, uint32_t layer, br_error *error);
int br_form_make_packed(const br_network *network, uint32_t layer, br_error *error);
/* What was chosen for a layer: tiles rather than lists while it learns (dense), where it only answers (packed); and the
 * share of its inputs found live. False: no data were seen, or it isn't dense. */
bool br_form_of(const br_network *network, uint32_t layer, bool *dense, bool *packed, double *live);

/* ---- pictures in the few colours of a competing layer (section VI of the paper) ---- */

#define BR_PALETTE_MOST 256u /* colours of an indexed PNG */

typedef struct br_redrawn {
    uint32_t height, width;
    uint64_t file_bytes;    /* of the picture it was made from */
    uint32_t filters, idle; /* of the last layer; how many of them won no pixel and give no colour */
    uint32_t colours;       /* of the palette: fewer than filters that won where two of their means agree */
    uint8_t palette[BR_PALETTE_MOST][3];
    uint8_t *pixels;    /* [height][width]: places in the palette */
    double mean_square; /* of the error over all channels of all pixels; 0: nothing was lost */
    double psnr;        /* 10 log10(255^2 / mean square), dB; infinite where nothing was lost */
} br_redrawn;

/* Every pixel of a picture (PNG, JPEG, PGM, PPM) is answered by the filter that wins it, and becomes the mean of all
 * pixels which that filter won. The network reads 1x1x3 raw values in [low, high] through `encoder`; its last layer
 * competes and has at most BR_PALETTE_MOST filters. */
int br_redraw(br_network *network, const br_encoder *encoder, const char *path, double low, double high,
              uint32_t threads, br_redrawn *out, br_error *error);
void br_redrawn_free(br_redrawn *picture);
int br_png_write_redrawn(const char *path, const br_redrawn *picture, uint64_t *bytes, br_error *error);

/* ---- timing, for `bouton bench` ---- */

typedef struct br_timing {
    const char *work; /* "forward", "feedback", "step", "learn" */
    const char *form; /* how it is done: "events", "dense", ...; every form a layer was compiled with has its own */
    double least, lower, median, upper, most; /* seconds for one batch; lower, upper: the quartiles */
} br_timing;

typedef struct br_timing_options {
    uint32_t batch, threads, repeat;
    const br_samples *samples; /* what is read; NULL: random */
    double live;               /* share of random inputs that are above 0 */
    uint64_t seed;
    const br_quantised *quantised; /* what is timed in 8 bits too; NULL: nothing is */
} br_timing_options;

enum { BR_TIMINGS_MOST = 10 };
typedef struct br_timings {
    double live;    /* share of what is read that is above 0 */
    uint32_t batch; /* samples that the seconds are for */
    uint32_t count;
    br_timing works[BR_TIMINGS_MOST];
} br_timings;

/* The kernels of one layer, each alone. With samples, what the layer reads and its errors are those of a batch of them;
 * without, the layer reads random activations and every neuron has an error. */
int br_time_layer(const br_network *network, uint32_t layer, const br_timing_options *options, br_timings *out,
                  br_error *error);
/* The whole network, as br_predict walks it, the same in 8 bits, and as one thread team learns by a phase; phase NULL:
 * nothing is learned. Fills `batch` of each with the samples its seconds are for; what is not timed has count 0. */
enum { BR_TIME_FORWARD, BR_TIME_EIGHT, BR_TIME_LEARN, BR_NETWORK_TIMINGS };
int br_time_network(const br_network *network, const br_phase *phase, uint32_t phase_index,
                    const br_timing_options *options, br_timings out[BR_NETWORK_TIMINGS], br_error *error);
/* Multiply-adds per second of a kernel that does one for each of `floats` values of `out` in each of its a1 - a0 rounds
 * (bc_peak of bouton/compiler.h), on all threads together. */
int br_time_peak(br_kernel *kernel, uint32_t floats, const br_timing_options *options, double *rate, br_error *error);

/* ---- model files: .safetensors ---- */

struct br_file_facts {   /* the metadata; strings belong to the handle */
    const char *source;  /* the network's text */
    const char *lines;   /* where its layers and phases stood in the files it was read from, "LINE FILE\n" each;
                            NULL: not known */
    const char *network; /* its name */
    const char *version; /* bouton's */
    uint64_t seed;
    uint64_t data_hash;
    uint32_t phase, epoch; /* the schedule's position */
    const float *encoder;  /* what the encodings learned: br_encoder_numbers; NULL: nothing */
    uint64_t encoder_count;
};

int br_model_write(const char *path, const br_network *network, const br_file_facts *facts, br_error *error);

typedef struct br_model_file br_model_file;
int br_model_open(const char *path, br_model_file **out, br_error *error); /* reads and checks the whole file */
void br_model_close(br_model_file *file);
const br_file_facts *br_model_facts(const br_model_file *file);
uint64_t br_model_hash(const br_model_file *file);                                     /* of all its bytes */
int br_model_restore(const br_model_file *file, br_network *network, br_error *error); /* shapes must fit exactly */

/* A whole new file or the old one untouched: written beside its place, synced, then renamed. */
typedef struct br_atomic_file br_atomic_file;
int br_atomic_open(const char *path, br_atomic_file **out, br_error *error);
FILE *br_atomic_stream(br_atomic_file *file);
int br_atomic_commit(br_atomic_file *file, br_error *error); /* frees the handle either way */
void br_atomic_discard(br_atomic_file *file);

#define BR_VERSION "0.1.0"

BOUTON_END
#endif
