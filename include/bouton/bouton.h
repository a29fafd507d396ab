/* bouton through handles: one library, libbouton.so, for programs in any language.
 *
 * No struct crosses this interface: only handles, numbers, strings, arrays with strides, and JSON for rich results.
 * The functions run the code of the command line's verbs, so the same text, data and seed give the same model, byte for
 * byte. bouton/lang.h, bouton/compiler.h and bouton/runtime.h are for C programs that want the parts.
 *
 *     #include <bouton/bouton.h>
 *
 *     static const char text[] = "network sides { input image(2x2); layer side = dense(2); }\n"
 *                                "schedule { phase learn { correct side; epochs 20; } }\n";
 *     static const uint8_t images[4][2][2] = {{{255, 0}, {255, 0}}, {{0, 255}, {0, 255}}, {{200, 0}, {255, 0}}, {{0, 255}, {0, 200}}};
 *     static const int32_t sides[4] = {0, 1, 0, 1};
 *
 *     int main(void)
 *     {
 *         const uint64_t shape[] = {4, 2, 2};
 *         uint32_t labels[4];
 *         bouton_status *status = bouton_status_new();
 *         bouton_network *network = NULL;
 *         bouton_array *x = NULL, *y = NULL;
 *         bouton_data *data = NULL;
 *         int ended = bouton_compile("sides.btn", text, sizeof text - 1, NULL, &network, status) ||
 *                     bouton_array_new(images, BOUTON_UINT8, 3, shape, NULL, &x, status) ||
 *                     bouton_array_new(sides, BOUTON_INT32, 1, shape, NULL, &y, status) ||
 *                     bouton_data_new(&data, status) || bouton_data_add(data, "train", x, y, status) ||
 *                     bouton_train(network, data, -1, 1, NULL, NULL, status) ||
 *                     bouton_predict(network, x, labels, NULL, NULL, status) ||
 *                     bouton_save(network, "sides.safetensors", status);
 *         if (ended != BOUTON_OK)
 *             fprintf(stderr, "%s\n", bouton_status_text(status));
 *         else
 *             printf("%u %u %u %u\n", labels[0], labels[1], labels[2], labels[3]);
 *         bouton_data_free(data);
 *         bouton_array_free(x);
 *         bouton_array_free(y);
 *         bouton_free(network);
 *         bouton_status_free(status);
 *         return ended;
 *     }
 *
 * Errors: a function that returns int returns BOUTON_OK or a code below; what happened is in `status`, which may be NULL.
 * After an error, out-parameters are untouched or NULL. The library never prints and never exits.
 *
 * Ownership: every handle is freed by its own function, in any order, NULL included. Texts and bytes in `char **` belong
 * to the caller and are released by bouton_release. What a handle gives out as `const` belongs to it.
 *
 * Threads: there is no global state. One network may be used by several threads: predictions run side by side, and
 * whatever changes the network waits for them. Other handles are used by one thread at a time. */
#ifndef BOUTON_BOUTON_H
#define BOUTON_BOUTON_H

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#if defined(__GNUC__)
#define BOUTON_FLAT __attribute__((visibility("default")))
#else
#define BOUTON_FLAT
#endif
#ifdef __cplusplus
extern "C" {
#endif
/* clang-format on */

/* The version of this interface: it changes when a program must be compiled again. */
#define BOUTON_FLAT_VERSION 1

/* Codes of results; those of errors are the exit statuses of the command line. */
#define BOUTON_OK      0
#define BOUTON_CHECK   1 /* a text, samples or settings do not fit */
#define BOUTON_USAGE   2 /* the caller asked for something that does not exist */
#define BOUTON_IO      3 /* a file is missing, unreadable, malformed or can't be written */
#define BOUTON_FAULT   4 /* a fault of bouton, or out of memory */
#define BOUTON_STOPPED 5 /* the progress function stopped the training; the network holds the state so far */

/* Types of array elements, in the machine's byte order. */
#define BOUTON_UINT8   0
#define BOUTON_INT8    1
#define BOUTON_UINT16  2
#define BOUTON_INT16   3
#define BOUTON_UINT32  4
#define BOUTON_INT32   5
#define BOUTON_UINT64  6
#define BOUTON_INT64   7
#define BOUTON_FLOAT32 8
#define BOUTON_FLOAT64 9

typedef struct bouton_status bouton_status;
typedef struct bouton_array bouton_array;
typedef struct bouton_data bouton_data;
typedef struct bouton_network bouton_network;
typedef struct bouton_tensor bouton_tensor;

BOUTON_FLAT const char *bouton_version(void);        /* of the library, for example "0.1.0"; constant */
BOUTON_FLAT uint32_t bouton_interface_version(void); /* BOUTON_FLAT_VERSION of the library */
BOUTON_FLAT void bouton_release(void *text);         /* texts and bytes of this interface; NULL is fine */

/* ---- what a call came to ---- */

/* NULL: out of memory. */
BOUTON_FLAT bouton_status *bouton_status_new(void);
BOUTON_FLAT void bouton_status_free(bouton_status *status);
/* Of the last call that was given this status: its code; its error, place, cause and remedy, or "" (for a text with
 * mistakes, every diagnostic with its line and a caret). */
BOUTON_FLAT int bouton_status_code(const bouton_status *status);
BOUTON_FLAT const char *bouton_status_text(const bouton_status *status);
/* The diagnostics of a text, as `bouton check --diagnostics json` prints them; "" if the call read no text. */
BOUTON_FLAT const char *bouton_status_diagnostics(const bouton_status *status);
/* Notes and warnings of the call: a JSON array of {"kind": "note" or "warning", "text"}. */
BOUTON_FLAT const char *bouton_status_notes(const bouton_status *status);

/* ---- arrays and data ---- */

/* Describes an array of the caller, which keeps it unchanged while the handle or data with it live: `dimensions` is 1 to
 * 4, `shape` [dimensions], `strides` [dimensions] in bytes, of any sign; NULL: C order without gaps. Samples are the
 * first dimension; behind it stand the values of a sample: [n], [height][width] or [height][width][channels]. C-ordered
 * UINT8 and FLOAT32 samples are used where they lie. Others are copied into bytes (UINT8) or floats (all other types)
 * once in each call. BOUTON_USAGE: an unknown type, or no or too many dimensions. */
BOUTON_FLAT int bouton_array_new(const void *values, int type, uint32_t dimensions, const uint64_t *shape,
                                 const int64_t *strides, bouton_array **out, bouton_status *status);
BOUTON_FLAT void bouton_array_free(bouton_array *array);
/* 1: the samples of this array are copied, because of their type or their layout; 0: they are used where they lie. */
BOUTON_FLAT int bouton_array_copies(const bouton_array *array);

/* Samples for training. `split` is "train", "validation" or "test"; each is given at most once. `labels` are whole
 * numbers from 0 on, one for each sample; NULL: none, for networks that only compete. Both arrays must outlive the data.
 * BOUTON_USAGE: an unknown split, or one that was given. BOUTON_CHECK: labels that are not whole, or below 0, or of
 * another number than the samples. */
BOUTON_FLAT int bouton_data_new(bouton_data **out, bouton_status *status);
BOUTON_FLAT int bouton_data_add(bouton_data *data, const char *split, const bouton_array *samples,
                                const bouton_array *labels, bouton_status *status);
BOUTON_FLAT void bouton_data_free(bouton_data *data);

/* ---- networks ---- */

/* Checks and compiles a text of `length` bytes, called `name` in messages and in the model; includes are looked up beside
 * it. `options` are words of the command line, NULL at the end, or NULL: --set NAME=VALUE, --network NAME, --data DIR,
 * --cpu NAME, --threads N. BOUTON_CHECK: the text has mistakes, see the diagnostics. BOUTON_USAGE: wrong options. */
BOUTON_FLAT int bouton_compile(const char *name, const char *text, size_t length, const char *const *options,
                               bouton_network **out, bouton_status *status);
/* The same for a file: a text, or a trained model. BOUTON_IO: it is missing, unreadable or damaged. */
BOUTON_FLAT int bouton_load(const char *path, const char *const *options, bouton_network **out, bouton_status *status);
/* The same for the bytes of a trained model or of a text. */
BOUTON_FLAT int bouton_load_bytes(const char *name, const void *bytes, size_t size, const char *const *options,
                                  bouton_network **out, bouton_status *status);
BOUTON_FLAT void bouton_free(bouton_network *network);

BOUTON_FLAT uint64_t bouton_values(const bouton_network *network);  /* of a raw sample */
BOUTON_FLAT uint32_t bouton_classes(const bouton_network *network); /* neurons of the last layer */
BOUTON_FLAT int bouton_trained(bouton_network *network);            /* 1: it was trained, or loaded as a model */

/* Called about ten times a second and at the end of each epoch, on the thread that trains. `json` is valid during the
 * call and has the keys of `train --metrics`, and "epochs", "total" (samples of an epoch), "end" (of an epoch) and "stage" (what a step
 * without progress does; then alone). Another result than 0 stops the training. */
typedef int bouton_progress(void *user, const char *json);

/* Trains from the beginning, as `bouton train` does. `data` NULL: the data that the text names, in the folder of the text,
 * --data or $BOUTON_DATA. `seed` below 0: the text's. `threads` 0: every processor; the model does not depend on it.
 * `progress` may be NULL. BOUTON_CHECK: samples that do not fit, or no schedule; then the network is one that has not been
 * trained. BOUTON_STOPPED: see there. */
BOUTON_FLAT int bouton_train(bouton_network *network, const bouton_data *data, int64_t seed, uint32_t threads,
                             bouton_progress *progress, void *user, bouton_status *status);
/* The same from the present state on, also of a loaded model: one more run of the schedule. Values are scaled as in the
 * first training. A network that has not been trained begins. */
BOUTON_FLAT int bouton_train_on(bouton_network *network, const bouton_data *data, int64_t seed, uint32_t threads,
                                bouton_progress *progress, void *user, bouton_status *status);
/* What each epoch came to: a JSON array of the objects in "history" of `.run.json`. */
BOUTON_FLAT int bouton_history(bouton_network *network, char **json, bouton_status *status);

/* Answers every sample. Each of the arrays may be NULL: labels [n], levels [n][classes] in [0, 1], probabilities
 * [n][classes] with sum 1. BOUTON_CHECK: another shape than the network's input, or values that are not finite. */
BOUTON_FLAT int bouton_predict(bouton_network *network, const bouton_array *samples, uint32_t *labels, float *levels,
                               float *probabilities, bouton_status *status);
/* What each value of sample `index` added to the drive of class `label` (below 0: of the answer). `json` gets what
 * `predict --why --json` prints of a sample. BOUTON_USAGE: no such sample or class. */
BOUTON_FLAT int bouton_why(bouton_network *network, const bouton_array *samples, uint64_t index, int64_t label,
                           char **json, bouton_status *status);
/* Scores labelled samples; `json` gets what `eval --json` prints. */
BOUTON_FLAT int bouton_score(bouton_network *network, const bouton_array *samples, const bouton_array *labels,
                             char **json, bouton_status *status);

/* The network as `info --json` prints it. */
BOUTON_FLAT int bouton_describe(bouton_network *network, char **json, bouton_status *status);

/* Numbers of a layer, as its model file holds them (docs/commands.md, "Model files"): "alpha" FLOAT32 and "sign" INT8
 * [neurons][inputs] (of a convolution [filters][height][width][channels]), "theta" FLOAT32 [neurons] and others. Before
 * training, those that training starts with. The tensor outlives the network. BOUTON_USAGE: no such layer or numbers. */
BOUTON_FLAT int bouton_tensor_new(bouton_network *network, const char *layer, const char *numbers, bouton_tensor **out,
                                  bouton_status *status);
BOUTON_FLAT const void *bouton_tensor_values(const bouton_tensor *tensor); /* C order; valid as long as the tensor */
/* The type, and the dimensions with their sizes in shape[4]. */
BOUTON_FLAT int bouton_tensor_type(const bouton_tensor *tensor);
BOUTON_FLAT uint32_t bouton_tensor_shape(const bouton_tensor *tensor, uint64_t shape[4]);
BOUTON_FLAT void bouton_tensor_free(bouton_tensor *tensor);

/* The model, as `bouton train` writes it: into a file, written whole or not at all, or into memory. BOUTON_USAGE: it has
 * not been trained. */
BOUTON_FLAT int bouton_save(bouton_network *network, const char *path, bouton_status *status);
BOUTON_FLAT int bouton_save_bytes(bouton_network *network, char **bytes, size_t *size, bouton_status *status);

/* Runs a verb of the command line on the network: build (--quantize too), dump, eval, graph, info --json, predict or
 * report. `options` are the words behind the model's name, NULL at the end, or NULL. `printed`, which may be NULL, gets
 * what the verb prints. The result is the verb's exit status. */
BOUTON_FLAT int bouton_run(bouton_network *network, const char *verb, const char *const *options, char **printed,
                           bouton_status *status);

#ifdef __cplusplus
}
#endif
#endif
