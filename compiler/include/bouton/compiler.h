/* libbouton_compiler: a checked network becomes native code.
 *
 * Owner of everything it returns is the handle it was asked through; strings inside live as long as that handle.
 * Functions that can fail return 0, or -1 with the reason in *error. Nothing here prints or exits. */
#ifndef BOUTON_COMPILER_H
#define BOUTON_COMPILER_H

#include <stdio.h>

#include "bouton/lang.h"
#include "bouton/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a layer answers: lists of live inputs, or register tiles over all inputs, chosen by what data show. */
typedef enum bc_form { BC_FORM_MEASURED, BC_FORM_EVENTS, BC_FORM_DENSE } bc_form;

typedef struct bc_options {
    const char *cpu;      /* "native", "generic", or an LLVM processor name such as "x86-64-v3"; NULL: native */
    int level;            /* optimisation, 0 to 3 */
    const bc_form *forms; /* [layer_count] of the program, borrowed; NULL: all measured */
    bool answers;         /* make no code to learn with */
    bool quantise;        /* also make the kernels of 8-bit inference */
} bc_options;
#define BC_OPTIONS_DEFAULT ((bc_options){.cpu = "native", .level = 2})

/* What a layer will be, decided before any code is made: see docs/design/compiler.md. */
typedef struct bc_layer_plan {
    const bl_layer *layer;
    br_form form;
    const bl_formula *formula; /* what its neurons fire; NULL: a way of the language */
    bool gradient;             /* rule gradient: the control arm, exact subgradient in a */
    uint32_t lanes;            /* floats in a vector of the chosen machine */
    uint32_t vectors;          /* vector accumulators a forward block keeps in registers */
    br_map in, out;            /* what it reads and writes, with the padding of this machine */
    br_map padded;             /* conv: `in` with its border, and a spare vector behind each sample */
    uint32_t field_row;        /* conv: floats of one row of a field, rounded up to whole vectors */
    uint32_t rows;             /* of bounds: field height * field width * in.pitch */
    uint32_t stride;           /* neurons rounded up to whole vectors: out.pitch */
    double dense_above;    /* share of live inputs above which tiles are faster; 0: always tiles, 1: always events */
    bool by_neurons;       /* threads share out neurons; else samples forward and rows in the step */
    bool soft;             /* alpha_max >= s: c = q * soft(v, t); else the general form with an explicit sign */
    br_eight_shape eight;  /* 8-bit inference; stride 0: not asked for, or the layer stays in floats */
    uint64_t bounds_bytes; /* connections, padded */
    uint64_t batch_bytes;  /* working memory per sample of a batch */
} bc_layer_plan;

typedef struct bc_plan {
    const bl_program *program;
    char cpu[64];
    char *features; /* LLVM's feature string */
    char *triple;
    uint32_t lanes; /* floats in a vector */
    bool dot;       /* the machine has a dot product of bytes */
    bool quantise;
    uint32_t layer_count;
    bc_layer_plan *layers;
} bc_plan;

/* Whether a layer can be planned so: tiles are for dense layers, repaired, whose alpha reaches the range they read. */
bool bc_form_served(const bl_program *program, uint32_t layer, bc_form form);

int bc_plan_new(const bl_program *program, const bc_options *options, bc_plan **out, br_error *error);
void bc_plan_free(bc_plan *plan);
void bc_plan_print(const bc_plan *plan, FILE *to);

/* Compiled code. The program must outlive it. */
typedef struct bc_code bc_code;
int bc_compile(const bl_program *program, const bc_options *options, bc_code **out, br_error *error);
void bc_code_free(bc_code *code);
const br_model *bc_code_model(const bc_code *code);
double bc_code_seconds(const bc_code *code); /* what making it took, emission and look-up included */

/* Text of the module before ("llvm") or after ("asm") code generation. */
int bc_dump_llvm(const bl_program *program, const bc_options *options, FILE *to, br_error *error);
int bc_dump_asm(const bl_program *program, const bc_options *options, FILE *to, br_error *error);

const char *bc_llvm_version(void); /* such as 19.1.7 */

/* A kernel that does one multiply-add for each of `floats` values of `out` in each of its a1 - a0 rounds, as fast as
 * the chosen processor can: what the speed of others is compared with (br_time_peak). */
typedef struct bc_peak bc_peak;
int bc_peak_new(const bc_options *options, bc_peak **out, br_error *error);
void bc_peak_free(bc_peak *peak);
br_kernel *bc_peak_kernel(const bc_peak *peak, uint32_t *floats);

/* The runtime's descriptions of a program's data, schedule and initial state. Strings are borrowed from the program. */
int bc_lower_data(const bl_program *program, br_data_spec *out, br_error *error);
/* An encoder with the program's encodings, nothing learned yet. */
int bc_lower_encoder(const bl_program *program, br_encoder **out, br_error *error);
int bc_lower_schedule(const bl_program *program, br_schedule *out, br_error *error);
void bc_lowered_data_free(br_data_spec *spec);
void bc_lowered_schedule_free(br_schedule *schedule);

#ifdef __cplusplus
}
#endif
#endif
