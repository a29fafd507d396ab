/* libbouton_lang: text becomes a checked network.
 *
 * A bl_context owns everything read and made through it (sources, trees, programs, diagnostics); strings and pointers
 * returned live until bl_context_free. No function prints unasked, exits, or depends on a machine or on data.
 * Problems of a text become diagnostics, each with a place and a code. If memory runs out, a function returns NULL
 * or -1. */
#ifndef BOUTON_LANG_H
#define BOUTON_LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bouton/terms.h"

BOUTON_BEGIN

/* Limits, checked before memory is allocated. */
#define BL_MAX_NEURONS     (1u << 24)   /* of one layer, and of an input */
#define BL_MAX_CONNECTIONS (1ull << 31) /* of one layer */
#define BL_MAX_LAYERS      1000u
#define BL_MAX_KEEP        64u  /* over a ring or over places; over all filters any number */
#define BL_MAX_STEPS       128u /* of a neuron's formula */
#define BL_MAX_STACK       32u  /* values on the stack of a formula */

/* A stretch of source text: file is an index into the context's files, the rest counts bytes. */
typedef struct bl_place {
    uint32_t file, offset, length;
} bl_place;

/* ---- the checked network: plain data, every name resolved, every default filled in ---- */

typedef enum bl_operation {
#define OPERATION(id, spelling, operands, usage) BL_OPERATION_##id,
#include "bouton/operation.def"
#undef OPERATION
    BL_OPERATIONS
} bl_operation;

typedef struct bl_step {
    bl_operation operation;
    double number; /* of BL_OPERATION_NUMBER */
} bl_step;

/* `neuron NAME(x, alpha) = ...`: the level y of a drive x and the neuron's own alpha (theta), in postfix. The level is
 * in [0, 1] for every drive and every alpha that its layers allow. After the last step it is the only value on the
 * stack. */
typedef struct bl_formula {
    const char *name;
    const char *drive, *alpha; /* the parameters, as written */
    uint32_t step_count;       /* at most BL_MAX_STEPS */
    const bl_step *steps;
    bl_place place;
} bl_formula;

/* One clause of lateral depression (eq. 19). All clauses of a layer must hold. */
typedef struct bl_depress {
    bool over_places;       /* the same filter at the places of a window; else the filters of one place */
    uint32_t within;        /* over filters: this many to either side on a ring; 0: all the others */
    uint32_t height, width; /* over places: the window, centred */
    double gap;             /* beta: least lead in drive over the rival */
    uint32_t keep;          /* the rival is the (keep+1)-th of the neighbourhood; 1: the best of the others */
    bl_place place;
} bl_depress;

typedef struct bl_layer {
    const char *name;
    bl_place place;
    bt_layer_kind kind;
    uint32_t source_count;              /* at least 1; several are joined */
    const uint32_t *sources;            /* indices of layers above, or BT_INPUT */
    bt_shape in, out;                   /* of the joined sources; a dense layer's out is 1 x 1 x neurons */
    uint32_t field_height, field_width; /* conv: receptive field; pool: window; dense: all of `in` */
    uint32_t stride;                    /* of conv and pool windows */
    uint32_t pad_top, pad_left;         /* conv, padding same: places outside count as silent inputs */
    bt_pooling pooling;
    bool grid;        /* pool: out.height x out.width cells of nearly equal size, instead of windows */
    double calibrate; /* pool sum: p of the model */
    bt_fire fire;
    double logistic_k; /* steepness of `logistic(k)` */
    uint32_t formula;  /* BT_FIRE_FORMULA: index into the program's formulas */
    double steepest;   /* its largest |dy/dx| over drives from -8 to 8, at the layer's theta; above 0 */
    uint32_t depress_count;
    const bl_depress *depress;
    bool frozen;                  /* `alpha frozen`: no rule moves its bounds */
    uint32_t inputs, neurons;     /* fan-in and width of a dense layer */
    double range_in, range_out;   /* s of its input, s of its output; in (0, 1), 1 under `rule printed` */
    double excitatory;            /* share of excitatory connections at the start, 0..1 */
    bool switches;                /* a connection may change its sign */
    double tau;                   /* valve: switches only within tau of alpha_max; tau = alpha_max: any crossing */
    double alpha_min, alpha_max;  /* bounds of alpha, in [0, 1) */
    bt_start start;               /* initial distribution; between start_low and start_high */
    double start_low, start_high; /* constant: both are the value */
    double theta;                 /* threshold, in [0, 1) */
    double theta_xi, theta_max;   /* its learning rate (0: fixed) and upper bound */
    double leak;                  /* lambda, 0..1: rate of a silent connection over that of a live one */
    bt_sum sum;
    double gain; /* of scaled and shared; 1 for raw */
} bl_layer;

/* One step that prepares a raw image for the first layer. The steps are applied in order. */
typedef struct bl_encoding {
    bt_encoding_kind kind;
    uint32_t height, width; /* normalise: box; whiten: patch */
    uint64_t patches;       /* whiten: how many are learned from */
    uint32_t levels;        /* levels: how many of each channel */
    bl_place place;
} bl_encoding;

typedef struct bl_input {
    bt_shape encoded; /* read by the first layer: the last encodings multiply the channels */
    uint32_t encoding_count;
    const bl_encoding *encodings;
    bool image;                       /* else a vector: height 1, channels 1 */
    uint32_t height, width, channels; /* channels last in memory */
    double range;                     /* s */
    bl_place place;
} bl_input;

typedef struct bl_source {
    bt_format format;
    bt_split split;
    const char *inputs; /* file name as written; NULL for synthetic */
    const char *labels; /* second file; NULL if labels are in the first (csv) or generated (synthetic) */
    bool label_first;   /* csv: the label is the first column, else the last */
    uint64_t samples;   /* synthetic: how many */
    bl_place place;
} bl_source;

typedef struct bl_data {
    const char *name;
    uint32_t source_count;
    const bl_source *sources;
    double hold_out;   /* share of train kept as validation, 0..1 */
    bool values_given; /* `values in [low, high]` was written */
    double low, high;  /* raw values mapped onto [0, s]; 0..255 for an image, 0..1 for a vector unless given */
    bl_place place;
} bl_data;

typedef struct bl_phase {
    const char *name;
    bl_place place;
    bt_phase_kind kind;
    /* compete (section 8 of the model): one layer, fields sampled one at a time */
    uint32_t compete; /* index of the layer */
    uint64_t patches; /* `sample N patches` */
    double xi_to;     /* xi falls linearly from `xi` to this */
    bt_target target;
    double conscience; /* default 0.01 */
    double alienate;   /* how hard rivals inside the gap are pushed away; default 0 */
    bool mirror;       /* `flips`: half of the images mirrored left to right; correct phases too */
    /* correct */
    uint32_t layer_count;   /* layers corrected, ascending */
    const uint32_t *layers; /* indices into the program's layers */
    const double *eta;      /* one for each of them */
    double xi;              /* step of alpha */
    double decay;           /* eta's factor per epoch */
    bt_error_kind error;
    double sharpness; /* softmax: b; hinge: margin m */
    double floor;     /* errors below this count as zero */
    uint32_t epochs, batch;
    uint32_t shift; /* random translations, up to this many pixels */
    bool keep_best; /* on validation */
} bl_phase;

typedef struct bl_expect {
    double least; /* accuracy, 0..1 */
    bt_split on;
    bl_place place;
} bl_expect;

typedef struct bl_program {
    const char *name; /* of the chosen network */
    bt_rule rule;
    bl_input input;
    uint32_t formula_count;
    const bl_formula *formulas; /* fired by its layers */
    uint32_t layer_count;       /* in the order of the file; the last one gives the answer */
    const bl_layer *layers;
    const bl_data *data; /* NULL if the file names none */
    uint64_t seed;
    uint32_t phase_count;
    const bl_phase *phases;
    uint32_t expect_count;
    const bl_expect *expects;
} bl_program;

/* The layer that answers: its neurons are the classes. */
static inline const bl_layer *bl_last_layer(const bl_program *program)
{
    return &program->layers[program->layer_count - 1];
}

/* ---- reading and checking a text ---- */

typedef struct bl_context bl_context;

bl_context *bl_context_new(void);
void bl_context_free(bl_context *context);

/* Replaces the value of a top-level `let NAME` (command line's --set). Call it before bl_load; VALUE is a constant
 * expression. A name that no file declares becomes a diagnostic when the program is checked. */
int bl_set(bl_context *context, const char *name, const char *value);

/* Reads and parses a file (`-`: standard input) with its includes, or a text held in memory. */
int bl_load(bl_context *context, const char *path);
int bl_load_text(bl_context *context, const char *name, const char *text, size_t length);

/* Checks everything loaded and returns the network called `network` (NULL: the last one of the text). Returns NULL if
 * there is an error: see the diagnostics. */
const bl_program *bl_check(bl_context *context, const char *network);

/* The level of a formula. *slope is dy/dx: at a kink that of the branch taken, 0 if it is not finite. */
double bl_formula_level(const bl_formula *formula, double drive, double alpha, double *slope);

/* The text of all files read, in canonical layout: one text that parses to the same program. Model files store it. */
const char *bl_source_text(bl_context *context);

/* A place as file, line and column, which count from 1. bl_locate returns false and writes nothing if the place is
 * in no text. */
typedef struct bl_location {
    const char *file;
    uint32_t line, column;
    const char *text; /* that line, `length` bytes */
    uint32_t length;
} bl_location;
bool bl_locate(const bl_context *context, bl_place place, bl_location *out);

/* ---- diagnostics ---- */

typedef enum bl_severity { BL_ERROR, BL_WARNING, BL_NOTE } bl_severity;

uint32_t bl_error_count(const bl_context *context);
uint32_t bl_warning_count(const bl_context *context);

/* Every diagnostic, in order of place: path:line:column, code, message, excerpt, caret, help. */
void bl_write_diagnostics(const bl_context *context, FILE *to, bool color);
void bl_write_diagnostics_json(const bl_context *context, FILE *to);

/* Adds a diagnostic of a later stage, without a code, at a place of the source. */
void bl_report(bl_context *context, bl_severity severity, bl_place place, const char *message, const char *mend);

/* An entry of the table of diagnostics. {0}, {1}, ... in its texts stand for arguments. */
typedef struct bl_explanation {
    char code[8]; /* "E0102" */
    bl_severity severity;
    const char *message;
    const char *mend; /* the help: alternatives separated by `|`, or "" */
    const char *text; /* the explanation */
} bl_explanation;

/* The diagnostic with a code such as "E0102", "e0102" or "102", or number `index` of all. False if there is none. */
bool bl_explain(const char *code, bl_explanation *out);
bool bl_explain_at(size_t index, bl_explanation *out);

/* The candidate nearest to `word` by edits, or NULL if none is near enough. For every "did you mean". */
const char *bl_nearest(const char *word, const char *const *candidates, size_t count);

/* ---- layout ---- */

typedef struct bl_layout {
    const char *text; /* the file in canonical layout; NULL if it can't be read or parsed: see the diagnostics */
    size_t length;
    bool changed;        /* the layout differs from the file, */
    uint32_t first_line; /* first in this line, from 1 */
    bool fault;          /* the layout would have changed a statement, so there is none: a fault of the library */
} bl_layout;

/* Lays out one file (`-`: standard input), or a text held in memory: indentation, spaces and line lengths are decided
 * here. Comments are kept, and so are the statements that begin a line. Included files are not read. The new text
 * parses to the same statements, which is verified each time. */
int bl_lay_out(bl_context *context, const char *path, bl_layout *out);
int bl_lay_out_text(bl_context *context, const char *name, const char *text, size_t length, bl_layout *out);

/* ---- stages as text ---- */

void bl_dump_tokens(bl_context *context, FILE *to);
void bl_dump_ast(bl_context *context, FILE *to);           /* .btn text in canonical layout; parses again */
void bl_dump_model(const bl_program *program, FILE *to);   /* .btn text with every default written out; parses again */
void bl_dump_formula(const bl_formula *formula, FILE *to); /* neuron NAME(x, alpha) = ...; without the line's end */

BOUTON_END
#endif
