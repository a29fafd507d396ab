/* libbouton_compiler: a checked network becomes native code.
 *
 * Everything that a function returns belongs to the handle passed to it; strings inside live as long as that handle.
 * Functions that can fail return 0, or -1 with the reason in *error. Nothing here prints or exits. */
#ifndef BOUTON_COMPILER_H
#define BOUTON_COMPILER_H

#include <stdio.h>

#include "bouton/lang.h"
#include "bouton/runtime.h"

BOUTON_BEGIN

/* A request for the inference method of a layer that leaves the choice to the data. */
#define BC_METHOD_MEASURED ((bt_method)BT_METHODS) /* chosen by the share of live inputs in the first samples */

/* The line of the network's text that declares a layer or a phase. Strings are borrowed. */
typedef struct bc_line {
    const char *file, *text; /* the file's name as a debugger should look for it; the text of the line */
    uint32_t line, column;   /* from 1 */
} bc_line;

typedef struct bc_options {
    const char *cpu; /* "native", "generic", or an LLVM processor name such as "x86-64-v3"; NULL: native */
    int level;       /* optimisation, 0 to 3 */
    const bt_method
        *methods;         /* [layer_count] of the program, borrowed: events, dense or measured; NULL: all measured */
    bool inference_only;  /* make no code for training */
    bool check;           /* code asserts that every activation, bound and threshold stays in its range */
    bool quantise;        /* also make the kernels of 8-bit inference */
    const char *target;   /* another machine, such as "aarch64"; NULL: this one */
    const bc_line *lines; /* [layers, then phases], borrowed: line information for debuggers and profilers, also for
                             just-in-time code. NULL: none */
    uint32_t pad;         /* floats that rows are rounded up to, for several processors; 0: a vector of this one */
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

/* Checks the names of a target and a processor, as bc_options holds them, before there is a program to compile.
 * BR_ERROR_USAGE: one of them is unknown, or the target has no such processor. */
int bc_target_check(const char *target, const char *cpu, br_error *error);

#define BC_PACKED_STRETCH 16u /* inputs whose packed bounds are summed together */

/* The plan of a layer, made before any code: see docs/design/compiler.md. */
typedef struct bc_layer_plan {
    const bl_layer *layer;
    br_bound_encoding bound_encoding;
    const bl_formula *formula; /* the formula that its neurons fire; NULL: one of the built-in ways */
    bool gradient;             /* rule gradient: the control arm, exact subgradient in a */
    uint32_t lanes;            /* floats in a vector of the chosen machine */
    uint32_t vectors;          /* vector accumulators that a forward block keeps in registers */
    br_map in, out;            /* the maps that it reads and writes, padded for this machine */
    br_map padded;             /* conv: `in` with its border, and a spare vector behind each sample */
    uint32_t field_row;        /* conv: floats of one row of a field, rounded up to whole vectors */
    uint32_t filter_stride;    /* conv: places, and a spare vector, rounded up to whole vectors */
    uint32_t rows;             /* of bounds: field height * field width * in.pitch */
    uint32_t pitch;            /* neurons rounded up to whole vectors: out.pitch */
    double dense_above;     /* share of live inputs above which tiles are faster; 0: always tiles, 1: always events */
    double packed_above;    /* the same for packed tiles in inference; dense_above is for training */
    uint64_t packed_stride; /* floats of a block of packed bounds (kernels/packed.c); 0: never packed */
    bool by_neurons;        /* threads share out neurons; else samples forward and rows in the step */
    bool overwrites;        /* pools: feedback writes all corrections below instead of adding to them */
    bool soft;              /* alpha_max >= s: c = q * soft(v, t); else the general form with an explicit sign */
    br_int8_shape int8;     /* 8-bit inference; sample_stride 0: not requested, or the layer stays in floats */
    uint64_t bounds_bytes;  /* connections, padded */
    uint64_t batch_bytes;   /* working memory per sample of a batch */
} bc_layer_plan;

typedef struct bc_plan {
    const bl_program *program;
    const bc_line *lines;
    char cpu[64];
    char *features; /* LLVM's feature string */
    char *triple;
    uint32_t lanes; /* floats in a vector */
    bool dot;       /* the machine has a dot product of bytes */
    bool check;     /* code asserts its ranges */
    bool quantise;
    uint32_t layer_count;
    bc_layer_plan *layers;
} bc_plan;

/* Whether a layer can use a method. Tiles serve only dense layers under the repaired rule with alpha_max >= s. */
bool bc_method_served(const bl_program *program, uint32_t layer, bt_method method);
/* Whether bc_options may request a method: only methods that can also be used in training. */
bool bc_method_askable(bt_method method);

int bc_plan_new(const bl_program *program, const bc_options *options, bc_plan **out, br_error *error);
void bc_plan_free(bc_plan *plan);
void bc_plan_print(const bc_plan *plan, FILE *to);

/* Code in this process's memory, to be run in place. The program must outlive the code, and the code must outlive every
 * network made from its model.
 * Every function that takes bc_options takes NULL for BC_OPTIONS_DEFAULT. BR_ERROR_USAGE: an unknown processor, or
 * another machine's code; BR_ERROR_CHECK: a method that a layer can't have; BR_ERROR_FAULT: LLVM or memory failed. */
typedef struct bc_code bc_code;
int bc_compile(const bl_program *program, const bc_options *options, bc_code **out, br_error *error);
void bc_code_free(bc_code *code);
const br_model *bc_code_model(const bc_code *code);
/* Prints every function loaded so far as a line "ADDRESS SIZE NAME", in hexadecimal, as perf reads them. */
void bc_code_functions(const bc_code *code, FILE *to);
double bc_code_seconds(const bc_code *code); /* compile time, with emission and symbol look-up */

/* Text of the module before ("llvm") or after ("asm") code generation. */
int bc_dump_llvm(const bl_program *program, const bc_options *options, FILE *to, br_error *error);
/* With lines: each line of the network's text is a comment before the instructions made from it. */
int bc_dump_asm(const bl_program *program, const bc_options *options, FILE *to, br_error *error);

const char *bc_llvm_version(void); /* such as 19.1.7 */

/* A kernel that does one multiply-add for each of `floats` values of `out` in each of its end - first rounds, as fast as
 * the chosen processor can. The speed of other kernels is compared with it (br_time_peak). */
typedef struct bc_peak bc_peak;
int bc_peak_new(const bc_options *options, bc_peak **out, br_error *error);
void bc_peak_free(bc_peak *peak);
br_kernel *bc_peak_kernel(const bc_peak *peak, uint32_t *floats);

/* ---- artefacts: a trained model as code of its own ---- */

typedef struct bc_artefact_options {
    const char *target;   /* as in bc_options */
    const char *cpus;     /* one, or several with commas between: the best that the processor has is chosen at load */
    bool program;         /* with the table that the main of a program reads (bouton/program.h) */
    double low, high;     /* raw values that map onto the ends of the input's range */
    uint64_t model;       /* which: br_model_hash */
    const bc_line *lines; /* as in bc_options */
    const br_quantised *quantised; /* of the network: the code computes the same layers in 8 bits. NULL: floats */
    int level;                     /* optimisation, 0 to 3 */
} bc_artefact_options;

/* The read-only data of a layer. */
typedef struct bc_layer_facts {
    const char *name;
    uint64_t connections, silent;  /* silent: for every input */
    bool listed;                   /* few connections are left, so each is stored by itself */
    uint64_t rows, dropped;        /* of bounds */
    uint64_t bytes_whole, bytes;   /* of all rows, and of the stored ones */
    uint64_t neurons, never_fires; /* never_fires: 0 for every input */
} bc_layer_facts;

typedef struct bc_artefact_facts {
    uint64_t scratch_bytes, constant_bytes;
    bool on_stack; /* functions without scratch memory exist */
    uint32_t layer_count;
    const bc_layer_facts *layers; /* pools have no connections */
    const char *cpus;             /* LLVM's names of the processors, commas between */
    const char *triple;
    bool foreign; /* not of this machine's kind */
} bc_artefact_facts;

typedef enum bc_code_format { BC_OBJECT, BC_ASSEMBLY, BC_LLVM, BC_BITCODE } bc_code_format;

#define BC_CONSTANTS_LIMIT (512u << 20) /* bytes of bounds that code can hold */
#define BC_STACK_LIMIT     (256u << 10) /* bytes of scratch memory that functions take from the stack */

typedef struct bc_artefact bc_artefact;
/* The program and the network are read and not kept. `encoder` has learned. */
int bc_artefact_new(const bl_program *program, const br_network *network, const br_encoder *encoder,
                    const bc_artefact_options *options, bc_artefact **out, br_error *error);
void bc_artefact_free(bc_artefact *artefact);
const bc_artefact_facts *bc_artefact_facts_of(const bc_artefact *artefact);
/* The bytes belong to the artefact and are valid until the next call. */
int bc_artefact_code(bc_artefact *artefact, bc_code_format form, const char **bytes, size_t *size, br_error *error);
void bc_artefact_header(const bc_artefact *artefact, FILE *to);
/* The functions and data that it exports; ends with NULL. */
const char *const *bc_artefact_symbols(const bc_artefact *artefact);

/* The runtime's descriptions of a program's data, schedule and initial state. Strings are borrowed from the program.
 * A program without a data block has no sources: pass samples by br_data_from_memory. */
int bc_lower_data(const bl_program *program, br_data_spec *out, br_error *error);
/* The raw values that map onto 0 and onto the end of the input's range. */
void bc_lower_range(const bl_program *program, double *low, double *high);
/* An encoder with the program's encodings, nothing learned yet. */
int bc_lower_encoder(const bl_program *program, br_encoder **out, br_error *error);
int bc_lower_schedule(const bl_program *program, br_schedule *out, br_error *error);
void bc_lowered_data_free(br_data_spec *spec);
void bc_lowered_schedule_free(br_schedule *schedule);

BOUTON_END
#endif
