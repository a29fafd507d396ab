/* Data sets: reading them, holding them, encoding them.
 *
 *     br_data_spec spec;                             // bc_lower_data fills it from a checked network
 *     br_data *data;
 *     br_error error;
 *     if (br_data_load(&spec, 1, &data, &error) != 0) {
 *         fprintf(stderr, "%s\n", error.message);
 *         return error.kind;
 *     }
 *     const br_samples *test = br_data_split(data, BT_SPLIT_TEST);
 *     printf("%llu test samples\n", (unsigned long long)test->count);
 *     br_data_free(data);
 *
 * Raw values are unsigned bytes or 32-bit floats, channels last. Loading is deterministic: the same spec, files and
 * seed give the same samples in the same order. Threads: see bouton/error.h; any number of threads may read a loaded
 * br_data. */
#ifndef BOUTON_DATA_H
#define BOUTON_DATA_H

#include "bouton/error.h"
#include "bouton/terms.h"

BOUTON_BEGIN

/* One source of samples. Strings are borrowed. */
typedef struct br_source {
    bt_format format;
    bt_split split;
    const char *inputs; /* file name, relative to the spec's folder */
    const char *labels; /* the same; NULL where the labels are inside the inputs or made */
    bool label_first;   /* CSV: the label is the first column; otherwise the last */
    uint64_t samples;   /* synthetic: how many are drawn */
} br_source;

typedef struct br_data_spec {
    uint32_t source_count;
    br_source *sources;
    double hold_out;    /* share of the training samples kept for validation, in [0, 1) */
    double low, high;   /* raw values that map onto activations 0 and s; low < high */
    bt_shape shape;     /* of a sample, as the network expects it; at least 1 each */
    uint32_t classes;   /* labels are 0 .. classes-1 */
    const char *folder; /* of relative file names; NULL: the current folder */
} br_data_spec;

/* The samples of one split, in memory. Exactly one of bytes and floats is set. */
typedef struct br_samples {
    uint64_t count;
    bt_shape shape;
    const uint8_t *bytes;   /* [count][height*width*channels], raw values 0..255 */
    const float *floats;    /* [count][height*width*channels], raw values, finite */
    const uint32_t *labels; /* [count], below classes; NULL where unknown */
    double low, high;       /* raw values that map onto 0 and s; values beyond them count as the end */
} br_samples;

typedef struct br_data br_data;

/* Reads every source of the spec. BR_ERROR_IO: a file is missing, unreadable or malformed. BR_ERROR_CHECK: the samples
 * have another shape than the spec's, a label is not below `classes`, or a value lies outside [low, high]. The spec is
 * not kept. */
int br_data_load(const br_data_spec *spec, uint64_t seed, br_data **out, br_error *error);

/* As br_data_load, with samples that the caller holds: one br_samples for each split (count 0: none), placed behind the
 * samples of the spec's sources. All values are copied; low and high are the spec's. BR_ERROR_CHECK: another shape than
 * the spec's, values outside [low, high] or not finite, a label that is not below `classes`, or labels for some samples
 * only. */
int br_data_from_memory(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, br_data **out,
                        br_error *error);

/* As br_data_load, on a thread of its own. The caller must await the job, which also frees it, and must leave the spec
 * unchanged until then. br_data_await fails as br_data_load does. */
typedef struct br_data_job br_data_job;
int br_data_begin(const br_data_spec *spec, uint64_t seed, br_data_job **out, br_error *error);
int br_data_await(br_data_job *job, br_data **out, br_error *error);

void br_data_free(br_data *data);                                     /* NULL is fine */
const br_samples *br_data_split(const br_data *data, bt_split split); /* owned by `data`; count 0: the split is empty */
uint64_t br_data_hash(const br_data *data);                           /* of all raw values and labels */

/* ---- encodings: steps that prepare raw images before the first layer reads them ---- */

typedef struct br_encoding {
    bt_encoding_kind kind;
    uint32_t height, width; /* normalise: the box; whiten: the patch; in pixels */
    uint64_t patches;       /* whiten: how many patches it learns from */
    uint32_t levels;        /* levels: how many for each channel */
} br_encoding;

/* The steps with the numbers they learned. Encoded samples are bytes 0..255 over the input's range, so they take as
 * little memory as raw ones. A br_encoder without steps passes samples through unchanged. */
typedef struct br_encoder br_encoder;

/* BR_ERROR_CHECK: a step does not fit the shape that reaches it, or the result has too many values. */
int br_encoder_new(const br_encoding *steps, uint32_t count, bt_shape shape, br_encoder **out, br_error *error);
void br_encoder_free(br_encoder *encoder);

/* Learns the whitening of each step from training samples. BR_ERROR_CHECK: there are none, or they have another shape.
 * BR_ERROR_FAULT: LAPACK did not converge. */
int br_encoder_learn(br_encoder *encoder, const br_samples *train, uint64_t seed, br_error *error);

/* The learned numbers, for the model file. Their count is known from the steps alone. br_encoder_restore gives
 * BR_ERROR_IO for another count and for numbers that are not finite. */
uint64_t br_encoder_count(const br_encoder *encoder);
const float *br_encoder_numbers(const br_encoder *encoder);
int br_encoder_restore(br_encoder *encoder, const float *numbers, uint64_t count, br_error *error);

/* Encodes every split of `data` in place, on `threads` threads (0: every processor). BR_ERROR_CHECK: the samples have
 * another shape than the encoder's, or its whitening has not been learned. */
int br_data_encode(br_data *data, const br_encoder *encoder, uint32_t threads, br_error *error);

/* ---- single files ---- */

/* Raw values that map onto 0 and s; low < high. */
typedef struct br_range {
    double low, high;
} br_range;

/* Reads the samples of one file for prediction: PNG, JPEG, PGM/PPM, IDX and NPY are recognised by their content, CSV by
 * its name. Grey images of another size are scaled to its height and width. The samples are the split BT_SPLIT_TEST;
 * labels are set if a CSV has them. BR_ERROR_IO: missing, unreadable or malformed. BR_ERROR_CHECK: another shape. */
int br_inputs_load(const char *path, bt_shape shape, br_range range, br_data **out, br_error *error);

/* Draws one synthetic digit, 28x28 bytes: sample `index` of a lane, as `synthetic digits` has it. Returns its label. */
uint32_t br_digit_draw(uint64_t seed, uint32_t lane, uint64_t index, uint8_t pixels[784]);

/* Writes a grey PNG: the whole file or none. BR_ERROR_IO: it can't be written. */
int br_png_write_grey(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error);

BOUTON_END
#endif
