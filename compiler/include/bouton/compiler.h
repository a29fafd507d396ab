/* libbouton_compiler: a checked network becomes native code, in memory or in a file.
 *
 *     bc_code *code;                                 // `program` is the result of bl_check, bouton/lang.h
 *     br_network *network;
 *     br_schedule schedule;
 *     br_error error;
 *     if (bc_compile(program, NULL, &code, &error) != 0 ||
 *         br_network_new(bc_code_model(code), &network, &error) != 0 ||
 *         bc_lower_schedule(program, &schedule, &error) != 0)
 *         return fail(error.message);
 *     ...                                            // br_train(network, &schedule, ...), bouton/train.h
 *     bc_lowered_schedule_free(&schedule);
 *     br_network_free(network);                      // before the code, which must outlive it
 *     bc_code_free(code);                            // before the context that owns the program
 *
 * Errors: a function that can fail returns 0, or -1 with the reason in *error (bouton/error.h). Out of memory and
 * faults of LLVM are BR_ERROR_FAULT in every function; the other kinds are named with each function. On failure the
 * handle in *out is untouched. Functions that write to a FILE leave failed writes to ferror.
 *
 * Ownership: the caller frees each handle. Strings and arrays that a handle gives out belong to it. Every handle keeps
 * pointers to the program, so the program's context must outlive it.
 *
 * Threads: calls that share no handle may run at the same time in any threads. Several threads may read one program.
 * The library never exits, and prints only to a given FILE. */
#ifndef BOUTON_COMPILER_H
#define BOUTON_COMPILER_H

#include <stdio.h>

#include "bouton/lang.h"
#include "bouton/runtime.h"

BOUTON_BEGIN

/* A method for bc_options: the runtime chooses by the share of live inputs in the first samples. */
#define BC_METHOD_MEASURED ((bt_method)BT_METHODS)

/* The line of text that declares a layer or a phase. Strings are borrowed. */
typedef struct bc_line {
    const char *file, *text; /* the file's name, as debuggers look it up; the text of the line */
    uint32_t line, column;   /* from 1 */
} bc_line;

/* Bytes of bounds that plans expect to stay in a cache while they are used again. */
typedef struct bc_caches {
    uint32_t first, second;
} bc_caches;

/* Every function that takes bc_options takes NULL for BC_OPTIONS_DEFAULT. */
typedef struct bc_options {
    const char *cpu; /* "native", "generic", or a level: "x86-64", "x86-64-v2", -v3, -v4; NULL: native */
    int level;       /* optimisation, 0 .. 3; values beyond count as the nearest */
    /* [layers of the program], borrowed: events, dense or BC_METHOD_MEASURED for each. NULL: all measured. */
    const bt_method *methods;
    bool inference_only; /* compile no kernels for training */
    bool readouts;       /* inference only: compile the readouts, too; code that trains always has them */
    bool check;          /* compiled code asserts that activations, bounds and thresholds stay in their ranges */
    bool quantise;       /* also compile the kernels of int8 inference */
    const char *target;  /* another machine: "x86_64", "aarch64", "riscv64" or "wasm32"; NULL: this one */
    /* [layers, phases, layers of readouts], borrowed: their lines, as debug information for debuggers and profilers. NULL: none. */
    const bc_line *lines;
    uint32_t pad; /* pitch and sample strides are multiples of this many floats, whole vectors; 0: one vector */
    /* How convolutions walk over bounds and places. No choice changes a bit of any result. */
    bc_caches caches; /* 0: usual sizes for the processor's vectors */
    uint32_t block;   /* most vectors of filters that are summed together, 1 .. 16; 0: the plan's choice */
} bc_options;
#ifdef __cplusplus
#define BC_OPTIONS_DEFAULT                                                                                             \
    ([] {                                                                                                              \
        bc_options options{};                                                                                          \
        options.cpu = "native";                                                                                        \
        options.level = 2;                                                                                             \
        return options;                                                                                                \
    }())
#else
#define BC_OPTIONS_DEFAULT ((bc_options){.cpu = "native", .level = 2})
#endif

/* Checks the `target` and the `cpu` of bc_options before there is a program to compile. BR_ERROR_USAGE: a name is
 * unknown, or the target has no such processor. */
int bc_target_check(const char *target, const char *cpu, br_error *error);

/* ---- plans ---- */

/* The order of a convolution's loops, from the outermost on. */
typedef enum bc_walk_order {
    BC_ORDER_PLACES, /* blocks, places, field: the field's bounds stay in the first cache, or few of them are read */
    BC_ORDER_LINES,  /* blocks, lines of places, parts of the field, places: a part stays in the first cache, or all
                        bounds in the second */
    BC_ORDER_BOUNDS  /* the same for all samples, with as many lines of places as the second cache has room for: bounds
                        come from beyond it */
} bc_walk_order;

/* How the sums of a convolution walk over bounds and places. */
typedef struct bc_walk {
    bc_caches caches;
    bool few; /* of its inputs are live, because the layers below are depressed */
    bc_walk_order order;
    uint32_t vectors; /* of filters in a block */
    uint32_t lines;   /* of places that use a part of the bounds one after the other */
    uint32_t columns; /* of a window in a part */
} bc_walk;

/* How the packed bounds of a vector block lie (forward/pack.c). The rows of bounds, which are one after another, are cut
 * into runs, and each run into stretches that are summed separately. */
typedef struct bc_packed_plan {
    uint32_t stretch;   /* rows of a stretch; the last one of a run may have fewer */
    uint32_t run, runs; /* rows of a run, and their number; conv: a line of the field, or several short ones */
    uint32_t tail;      /* rows behind the last run, fewer than a run has; 0: none */
    uint64_t stride;    /* floats of one vector block; 0: never packed */
} bc_packed_plan;

/* How one layer will be compiled, decided before any code is made: see docs/design/compiler.md. Sizes are in floats
 * unless a comment says otherwise. */
typedef struct bc_layer_plan {
    const bl_layer *layer;
    br_bound_encoding bound_encoding;
    const bl_formula *formula; /* the activation function of its neurons; NULL: one of the built-in functions */
    bool gradient;             /* rule gradient, the control arm: the exact subgradient in a */
    uint32_t lanes;            /* floats in a vector of the chosen machine */
    uint32_t vectors;          /* vector accumulators that a block of the forward kernel keeps in registers */
    bc_walk walk;              /* conv */
    br_map in, out;            /* the maps it reads and writes, padded for this machine */
    br_map padded;             /* conv: `in` with its border, and a spare vector behind each sample */
    uint32_t field_row;        /* conv: one row of a field, rounded up to whole vectors */
    uint32_t filter_stride;    /* conv: entries from filter to filter: the places and a spare vector, whole vectors */
    uint32_t slots;            /* conv: samples whose errors are walked together, filter by filter */
    uint32_t rows;             /* rows of bounds: field_height * field_width * in.pitch; pools: 0 */
    uint32_t pitch;            /* neurons rounded up to whole vectors; equals out.pitch */
    double dense_above;        /* training: share of live inputs above which tiles are faster; 0: always, 1: never */
    double packed_above;       /* inference: the same for packed tiles */
    bc_packed_plan packed;     /* inference from packed bounds */
    bool by_neurons;           /* threads share out neurons; false: samples in the forward kernel, rows in the step */
    bool overwrites;           /* pools: feedback writes all corrections of the layer below; false: it adds to them */
    uint32_t jitter;           /* pools: as in bl_layer; 0 in code that only infers */
    uint32_t stretch;          /* conv: lines of the pool behind it that are computed together; 0: layer by layer */
    bool unread;               /* conv: only that pool reads its maps, so that inference need not keep them */
    bool pooled;               /* conv: its errors are found at the places of the pool behind it; that pool */
    bool standardised;         /* homeostasis: drives are standardised in this map: the layer's own, or its pool's */
    bool settled;              /* conv: the pool behind it finds which of its neurons stay active; that pool */
    bool whole;                /* it reads tied levels and starts from patches for good: w are whole numbers */
    uint64_t fields;           /* whole: floats of the fields of a sample, four levels in each (forward/whole.c) */
    bool soft;                 /* alpha_max >= s: c = q * soft(v, t); false: the general form with an explicit sign */
    br_int8_shape int8;        /* int8 inference; sample_stride 0: not requested, or the layer stays in floats */
    uint64_t bounds_bytes;     /* bytes of the bounds, padding included */
    uint64_t batch_bytes;      /* bytes of workspace for each sample of a batch */
} bc_layer_plan;

typedef struct bc_plan {
    const bl_program *program;
    const bc_line *lines; /* as in bc_options */
    char cpu[64];         /* LLVM's name of the processor */
    char *features;       /* LLVM's feature string */
    char *triple;         /* LLVM's name of the machine */
    uint32_t lanes;       /* floats in a vector */
    bool dot;             /* the processor has a dot product of bytes */
    bool check;           /* as in bc_options */
    bool quantise;        /* as in bc_options */
    uint32_t layer_count;
    bc_layer_plan *layers; /* [layer_count] */
} bc_plan;

/* Whether a layer has a method. The dense method is for dense layers under the repaired or the gradient rule with
 * alpha_max >= range_in. Packed bounds are for the same layers and for convolutions of 8 places or more, unless the sum
 * is shared or alpha_max is above 0.9375. True for every other method. */
bool bc_method_served(const bl_program *program, uint32_t layer, bt_method method);
/* Whether bc_options may name a method. A layer that is asked to be packed trains by the method that its data choose. */
bool bc_method_askable(bt_method method);

/* Plans every layer. BR_ERROR_USAGE: an unknown processor or target, or a method that a layer does not have.
 * BR_ERROR_CHECK: rule gradient with a layer of `sum shared`. */
int bc_plan_new(const bl_program *program, const bc_options *options, bc_plan **out, br_error *error);
void bc_plan_free(bc_plan *plan);                  /* NULL is fine */
void bc_plan_print(const bc_plan *plan, FILE *to); /* as text, for people */

/* Writes a text that is the same for two programs only if bc_compile makes the same code of them, for equal options:
 * they differ at most in their seed, data and expectations, and in rates and lengths of their phases. Code of one then
 * serves the other. Fails only with BR_ERROR_FAULT (out of memory). */
int bc_code_key(const bl_program *program, FILE *to, br_error *error);

/* ---- code in memory ---- */

/* Code in this process's memory, run in place. It must outlive every network that is made of its model. Fails as
 * bc_plan_new does; also BR_ERROR_USAGE: `target` is set. */
typedef struct bc_code bc_code;
int bc_compile(const bl_program *program, const bc_options *options, bc_code **out, br_error *error);
void bc_code_free(bc_code *code);                   /* NULL is fine */
const br_model *bc_code_model(const bc_code *code); /* owned by `code` */
/* Every loaded function as a line "ADDRESS SIZE NAME", the numbers in hexadecimal: the format of perf's map files. */
void bc_code_functions(const bc_code *code, FILE *to);
double bc_code_seconds(const bc_code *code); /* seconds that bc_compile took */

/* The module as LLVM's text, before code generation. Fails as bc_plan_new does. */
int bc_dump_llvm(const bl_program *program, const bc_options *options, FILE *to, br_error *error);
/* The module as assembly. If the options have lines, comments show the line that the code was made from. Fails as
 * bc_plan_new does. */
int bc_dump_asm(const bl_program *program, const bc_options *options, FILE *to, br_error *error);

const char *bc_llvm_version(void); /* for example "19.1.7"; constant */

/* A kernel that runs at the peak rate of the processor, as the reference for the speed of other kernels (br_time_peak).
 * In each of its end - first rounds it does one multiply-add for each of `floats` values of `out`. It uses only `cpu`
 * of the options; `target` must be NULL. BR_ERROR_USAGE: an unknown processor. */
typedef struct bc_peak bc_peak;
int bc_peak_new(const bc_options *options, bc_peak **out, br_error *error);
void bc_peak_free(bc_peak *peak);                                 /* NULL is fine */
br_kernel *bc_peak_kernel(const bc_peak *peak, uint32_t *floats); /* owned by `peak` */

/* ---- artefacts: a trained model as code that needs no runtime ---- */

typedef struct bc_artefact_options {
    const char *target; /* as in bc_options */
    const char *cpus;   /* one, or several of x86-64 with commas between: loading chooses the best; NULL: native */
    bool program;       /* add the table that the main function of a built program reads */
    double low, high;   /* raw values that map onto 0 and s of the input; low < high: bc_lower_range */
    /* Of the model file, borrowed for the artefact's life; NULL: one range, no names. Its ranges of columns replace low
     * and high. The code maps raw values by them; but a program's samples come from br_inputs_load, which has done it.
     */
    const br_schema *schema;
    uint64_t model;                /* br_model_hash of the model file */
    const bc_line *lines;          /* as in bc_options */
    const br_quantised *quantised; /* int8 inference of the layers that it holds in int8; NULL: all in floats */
    int level;                     /* optimisation, 0 .. 3 */
    /* C source only: [values of the encoded input], borrowed for the source's life. Dense layers leave out the rows of
     * values that are 0 here, and a sample is answered as if it had 0 there. NULL: all count. */
    const uint8_t *lit;
    /* C source only: the last layer's name, which learns on the device; NULL: none does. */
    const char *learn;
    bool speed; /* C source only: for speed on larger processors rather than for small memories */
} bc_artefact_options;

/* The read-only data of one layer. */
typedef struct bc_layer_facts {
    const char *name;
    uint64_t connections, silent;  /* all connections; always silent: no input makes them live */
    bool listed;                   /* few connections remain, and each is stored alone, not as rows */
    uint64_t rows, dropped;        /* all rows of bounds; rows that are not stored */
    uint64_t bytes_whole, bytes;   /* bytes of all rows; bytes that are stored */
    uint64_t neurons, never_fires; /* all neurons; neurons that fire for no input */
} bc_layer_facts;

typedef struct bc_artefact_facts {
    uint64_t scratch_bytes, constant_bytes; /* scratch memory of one call; read-only data of all layers */
    uint64_t state_bytes;                   /* C source: what a layer that learns on the device moves; 0: none does */
    bool on_stack;                          /* there are functions that take their scratch memory from the stack */
    uint32_t layer_count;
    const bc_layer_facts *layers; /* [layer_count]; pools have no connections */
    const char *cpus;             /* LLVM's names of the processors, commas between */
    const char *triple;           /* LLVM's name of the machine */
    bool foreign;                 /* the code is for another kind of machine than this one */
} bc_artefact_facts;

typedef enum bc_code_format { BC_OBJECT, BC_ASSEMBLY, BC_LLVM, BC_BITCODE } bc_code_format;

#define BC_CONSTANTS_LIMIT (512u << 20) /* most bytes of bounds in an artefact */
#define BC_STACK_LIMIT     (256u << 10) /* most bytes of scratch memory on the stack */

typedef struct bc_artefact bc_artefact;
/* Makes the code of a trained network. The network, the encoder and `quantised` are not kept. The encoder must have
 * learned; it may be NULL if the input has no encodings. BR_ERROR_USAGE: a processor or the target is unknown, or the
 * processors can't share an artefact. BR_ERROR_CHECK: the schema does not fit the input, or the bounds, the scratch
 * memory or the trace of one sample are too large for code. Fails as bc_plan_new does, too. */
int bc_artefact_new(const bl_program *program, const br_network *network, const br_encoder *encoder,
                    const bc_artefact_options *options, bc_artefact **out, br_error *error);
void bc_artefact_free(bc_artefact *artefact);                               /* NULL is fine */
const bc_artefact_facts *bc_artefact_facts_of(const bc_artefact *artefact); /* owned by the artefact */
/* The code in one format. The artefact owns the bytes, which are valid until the next call. */
int bc_artefact_code(bc_artefact *artefact, bc_code_format format, const char **bytes, size_t *size, br_error *error);
void bc_artefact_header(const bc_artefact *artefact, FILE *to); /* the C header of the code */
/* Names of the functions and data that the code defines, NULL at the end. Owned by the artefact. */
const char *const *bc_artefact_symbols(const bc_artefact *artefact);

/* ---- firmware: a trained network for a machine without an operating system ---- */

typedef struct bc_firmware_options {
    const char *target, *cpu; /* a bare machine, bc_target_is_bare; its processor, NULL: the usual one */
    bool speed;               /* faster code, which may be larger; false: the smaller form of each layer */
    /* As in bc_artefact_options. */
    double low, high;
    const br_schema *schema;
    uint64_t model;
    const br_quantised *quantised;
    /* As in bc_artefact_options, but not kept; dense layers also leave out the inputs whose connections are all
     * silent. */
    const uint8_t *lit;
    const bc_line *lines; /* of the layers, for errors; NULL: unknown */
    const char *learn;    /* the last layer's name, which learns on the device, in floats; NULL: none does */
} bc_firmware_options;

/* What one layer takes, in bytes. Pools have no connections. */
typedef struct bc_firmware_layer {
    const char *name; /* the first is the input, the last one the answer and what all layers share */
    uint64_t code, constants, ram;
    uint64_t connections, silent; /* all connections; those that no input makes live */
    uint64_t rows, empty;         /* inputs of the layer; those whose connections are all silent */
    uint64_t left_out;            /* inputs that are not stored: with `lit`, whose silent connections these are, too */
    bool listed, int8;
    bool coded;  /* int8 with bounds of four bits */
    bool folded; /* a pool that the convolution before it computes */
} bc_firmware_layer;

typedef struct bc_firmware_facts {
    uint64_t flash_bytes, scratch_bytes, stack_bytes;
    uint64_t state_bytes; /* what a layer that learns moves; 0: none does */
    bool bytes;           /* samples are bytes; otherwise floats */
    uint32_t layer_count; /* of `layers`: two more than the network has */
    const bc_firmware_layer *layers;
    const char *cpu, *triple;
} bc_firmware_facts;

/* Whether a target is a machine without an operating system: of such a machine there are only objects and libraries. */
bool bc_target_is_bare(const char *target);

typedef struct bc_firmware bc_firmware;
/* Makes the code of a trained network. The network, `quantised` and `lit` are not kept. BR_ERROR_USAGE: an unknown
 * target or processor. BR_ERROR_CHECK: the network has a layer or an input that is not built for such machines, or the
 * code would need a library. */
int bc_firmware_new(const bl_program *program, const br_network *network, const bc_firmware_options *options,
                    bc_firmware **out, br_error *error);
void bc_firmware_free(bc_firmware *firmware);                               /* NULL is fine */
const bc_firmware_facts *bc_firmware_facts_of(const bc_firmware *firmware); /* owned by the firmware */
/* BR_ERROR_CHECK: the constants take more memory than code of the target can read, 64 KiB on an AVR. Such code must not
 * be used; another form of the network may be smaller. */
int bc_firmware_check(const bc_firmware *firmware, br_error *error);
/* As of bc_artefact. */
int bc_firmware_code(bc_firmware *firmware, bc_code_format format, const char **bytes, size_t *size, br_error *error);
void bc_firmware_header(const bc_firmware *firmware, FILE *to);
const char *const *bc_firmware_symbols(const bc_firmware *firmware);

/* ---- artefacts as C source: C99 and C++, no library, for any compiler (docs/design/csource.md) ---- */

#define BC_SOURCE_LIMIT (16u << 20) /* most connections of a network that becomes C source */

typedef struct bc_source bc_source;
/* Makes the C source of a trained network: in floats, or with `quantised` of the options in whole numbers, with the
 * activations and labels of br_score_quantised to the bit. Of the options it reads low, high, schema, model, lines and
 * quantised. The network and `quantised` are not kept. BR_ERROR_CHECK: C source has no form for the input or for a layer,
 * whose line, if the options have lines, and a remedy the message tells; or the network is too large. */
int bc_source_new(const bl_program *program, const br_network *network, const bc_artefact_options *options,
                  bc_source **out, br_error *error);
void bc_source_free(bc_source *source);                                     /* NULL is fine */
const bc_artefact_facts *bc_source_facts(const bc_source *source);          /* owned by the source */
void bc_source_code(const bc_source *source, const char *header, FILE *to); /* it includes "header" */
void bc_source_header(const bc_source *source, FILE *to);

/* Folders that tools of small machines take, with C source, its header, and what describes them to the tool. */
typedef enum bc_kit { BC_KIT_ARDUINO, BC_KIT_PLATFORMIO, BC_KIT_ZEPHYR, BC_KIT_ESP_IDF, BC_KITS } bc_kit;
uint32_t bc_kit_count(bc_kit kit); /* of files; below, a file is counted from 0 */
/* The path of a file within the folder, with `/` between folders; and its text. Failed writes show in ferror(to). */
void bc_kit_path(const bc_source *source, bc_kit kit, uint32_t file, FILE *to);
void bc_kit_write(const bc_source *source, bc_kit kit, uint32_t file, FILE *to);

/* ---- lowering: the runtime's description of a program's data, encodings and schedule ----
 *
 * Each function fails only with BR_ERROR_FAULT (out of memory) unless its comment says otherwise. Strings are borrowed
 * from the program. */

/* The data block. A program without one has no sources, and br_data_from_memory brings the samples. */
int bc_lower_data(const bl_program *program, br_data_spec *out, br_error *error);
/* The raw values that map onto 0 and s of the input. Cannot fail. */
void bc_lower_range(const bl_program *program, double *low, double *high);
/* An encoder with the program's encodings that has not learned yet. Fails as br_encoder_new does; br_encoder_free. */
int bc_lower_encoder(const bl_program *program, br_encoder **out, br_error *error);
/* The phases, and the initial state of each layer. */
int bc_lower_schedule(const bl_program *program, br_schedule *out, br_error *error);
void bc_lowered_data_free(br_data_spec *spec);        /* frees the arrays in *spec and empties it */
void bc_lowered_schedule_free(br_schedule *schedule); /* the same; an emptied schedule is fine */

BOUTON_END
#endif
