/* Networks and model files: a compiled model with its state, and how the state is stored.
 *
 *     br_network *network;
 *     br_model_file *file;
 *     if (br_network_new(bc_code_model(code), &network, &error) != 0 ||
 *         br_model_open("digits.safetensors", &file, &error) != 0 ||
 *         br_model_restore(file, network, &error) != 0)
 *         return fail(error.message);
 *     br_model_close(file);                          // the network keeps the numbers, not the file
 *     ...
 *     br_network_free(network);                      // before bc_code_free(code): the model must outlive it
 *
 * Threads: see bouton/error.h. Inference reads a network; training, br_network_start, br_network_import and
 * br_model_restore change it. */
#ifndef BOUTON_NETWORK_H
#define BOUTON_NETWORK_H

#include <stdio.h>

#include "bouton/error.h"
#include "bouton/model.h"

BOUTON_BEGIN

/* How good the answers of a readout are (docs/model.md, section 15). */
typedef struct br_depth {
    const char *layer; /* its name in the model, such as c1.readout on layer c1 */
    double accuracy;   /* on the samples scored, in [0, 1] */
} br_depth;

/* ---- a network's state: its bounds, signs and thresholds ---- */

/* The initial state of one layer. */
typedef struct br_layer_start {
    float excitatory; /* share of excitatory connections, in [0, 1] */
    bt_start start;   /* how alpha is drawn from [low, high]; both within the layer's bounds of alpha */
    float low, high;
    float theta; /* threshold, in [0, 1) */
} br_layer_start;

typedef struct br_network br_network;

/* The model must outlive the network. BR_ERROR_CHECK: the model has another interface version. */
int br_network_new(const br_model *model, br_network **out, br_error *error);
void br_network_free(br_network *network); /* NULL is fine */
const br_model *br_network_model(const br_network *network);

/* Follows what takes long because there are many samples: scores, answers, calibration, surveys, quantisation. `advance`
 * is called about ten times a second, on the thread that asked for the work, with what is done of `total`, in samples;
 * with ranks, in those of this rank. NULL: nobody follows, as at first. The caller of br_train is told by its own
 * functions. While somebody follows, only one thread may use the network. */
void br_network_follow(br_network *network, void (*advance)(void *user, uint64_t done, uint64_t total), void *user);

/* Draws the initial state; `starts` holds one entry for each layer. */
int br_network_start(br_network *network, const br_layer_start *starts, uint64_t seed, br_error *error);

/* The (alpha, sign, theta) of a layer, as model files store it: alpha [neurons][inputs] within the layer's bounds, sign
 * [neurons][inputs] +1 or -1, theta [neurons] in [0, 1). Reading back gives BR_ERROR_IO for values outside these ranges
 * and for values that are not finite. Arrays belong to the caller. */
void br_network_export(const br_network *network, uint32_t layer, float *alpha, int8_t *sign, float *theta);
int br_network_import(br_network *network, uint32_t layer, const float *alpha, const int8_t *sign, const float *theta,
                      br_error *error);

/* The gains of a layer with homeostasis, [neurons], each above 0; its thetas are any finite numbers (section 14). In
 * other layers both do nothing. Reading back gives BR_ERROR_IO for other gains. */
void br_network_gains(const br_network *network, uint32_t layer, float *gain);
int br_network_set_gains(br_network *network, uint32_t layer, const float *gain, br_error *error);

/* A layer's state as its kernels hold it, without padding: w [inputs][neurons], theta and conscience [neurons], all the
 * caller's. Returns the factor by which a summing pool multiplies its sums; without meaning for other
 * layers. */
float br_network_state(const br_network *network, uint32_t layer, float *w, float *theta, float *conscience);

/* B of the shares of the classes (docs/model.md, equation 20): 5, or what br_calibrate or br_model_restore have set. */
float br_network_sharpness(const br_network *network);

/* ---- model files: .safetensors ---- */

typedef struct br_file_facts br_file_facts;

/* The metadata of a model file. Strings and arrays belong to the handle they came from. */
struct br_file_facts {
    const char *source;  /* the network's text */
    const char *lines;   /* where its layers and phases stood in the files it was read from, "LINE FILE\n" each;
                            NULL: unknown */
    const char *schema;  /* how its training samples were read: the text of br_schema_write; NULL: unknown */
    const char *history; /* what its epochs came to: the text of br_history_write without seconds; NULL: unknown */
    const char *network; /* its name */
    const char *version; /* bouton's */
    uint64_t seed;
    uint64_t data_hash;    /* br_data_hash of the data it was trained on */
    uint32_t phase, epoch; /* the schedule's position; phase counts from 0 */
    const float *encoder;  /* the numbers of the encodings, br_encoder_numbers; NULL: none */
    uint64_t encoder_count;
};

/* Writes the whole file or none. BR_ERROR_IO: it can't be written. BR_ERROR_CHECK: the network
 * is too large to store. */
int br_model_write(const char *path, const br_network *network, const br_file_facts *facts, br_error *error);

/* How br_model_write_as differs from br_model_write, or-ed together. TRY: everything happens but the last step, so no
 * file is changed; an error is one that writing would end with. KEEP_OLD: br_atomic_keep_old. */
enum { BR_WRITE_TRY = 1, BR_WRITE_KEEP_OLD = 2 };
int br_model_write_as(const char *path, const br_network *network, const br_file_facts *facts, unsigned how,
                      br_error *error);

/* The same bytes into a stream, called `name` in messages. The stream stays open; what it keeps in its buffer, the
 * caller flushes and checks. */
int br_model_write_to(FILE *to, const char *name, const br_network *network, const br_file_facts *facts,
                      br_error *error);

typedef struct br_model_file br_model_file;

/* Reads and checks the whole file; br_schema_read and br_history_read accept its texts. BR_ERROR_IO: missing, unreadable, damaged, or of
 * another version. */
int br_model_open(const char *path, br_model_file **out, br_error *error);
/* The same from the start of an open regular file, called `name` in messages; `from` stays open. */
int br_model_read(FILE *from, const char *name, br_model_file **out, br_error *error);
void br_model_close(br_model_file *file);                       /* NULL is fine */
const br_file_facts *br_model_facts(const br_model_file *file); /* owned by `file` */
uint64_t br_model_hash(const br_model_file *file);              /* of all its bytes */

/* Sets the network's state. The shapes must agree exactly: BR_ERROR_CHECK. BR_ERROR_IO: a value is out of range. */
int br_model_restore(const br_model_file *file, br_network *network, br_error *error);

/* ---- files that are written whole or not at all: to a temporary file, which is synced and then renamed ---- */

typedef struct br_atomic_file br_atomic_file;

/* BR_ERROR_IO: the file can't be written; the old file is untouched. */
int br_atomic_open(const char *path, br_atomic_file **out, br_error *error);
FILE *br_atomic_stream(br_atomic_file *file); /* to write to; closed by the two functions below */
/* The old file, if there is one, will be kept under its name with `~` behind it, in place of an older one there. At every
 * moment a file has the target's name, except on file systems without hard links. BR_ERROR_IO: that name can't be used;
 * the handle stays open. */
int br_atomic_keep_old(br_atomic_file *file, br_error *error);
int br_atomic_commit(br_atomic_file *file, br_error *error); /* frees the handle, also on failure */
int br_atomic_try(br_atomic_file *file, br_error *error);    /* commits but for the renaming, then discards */
void br_atomic_discard(br_atomic_file *file);                /* frees the handle; the old file stays */

BOUTON_END
#endif
