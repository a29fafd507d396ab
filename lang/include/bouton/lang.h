/* libbouton_lang: network text becomes a checked network.
 *
 *     bl_context *context = bl_context_new();
 *     if (context == NULL || bl_load(context, "digits.btn") != 0)
 *         return fail("out of memory");
 *     const bl_program *program = bl_check(context, NULL);
 *     bl_write_diagnostics(context, stderr, false);  // errors and warnings; writes nothing if there are none
 *     if (program != NULL)
 *         printf("%s: %u layers\n", program->name, program->layer_count);
 *     bl_context_free(context);                      // frees the program too
 *
 * Errors: a problem with a text, or with a file that holds one, is a diagnostic of the context. A function that returns
 * int returns 0 even if it added diagnostics, and -1 only when memory runs out. After -1 the context is good for
 * bl_context_free, bl_error_count and the diagnostics. bl_error_count says whether the text is in order.
 *
 * Ownership: a context owns its sources, trees, programs and diagnostics. Pointers that its functions return are valid
 * until bl_context_free. Strings that the caller passes are copied.
 *
 * Threads: the library has no global state. Different contexts may be used in different threads at the same time. One
 * context serves one thread at a time, for every function that takes it: writing diagnostics needs memory of it, too.
 * Any number of threads may read a checked program. The library never exits, and prints only to a given FILE. */
#ifndef BOUTON_LANG_H
#define BOUTON_LANG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "bouton/terms.h"

BOUTON_BEGIN

/* Limits. They are checked before memory is allocated. */
#define BL_MAX_NEURONS     (1u << 24)   /* neurons of a layer; values of an input */
#define BL_MAX_CONNECTIONS (1ull << 31) /* connections of a layer */
#define BL_MAX_LAYERS      1000u
#define BL_MAX_KEEP        64u  /* largest `keep` of a clause, unless it is over all filters */
#define BL_MAX_STEPS       128u /* steps of a neuron formula */
#define BL_MAX_STACK       32u  /* values on the stack of a formula */

/* A range of source text: `file` is an index into the context's files; offset and length are in bytes. File UINT32_MAX
 * means no place at all. */
typedef struct bl_place {
    uint32_t file, offset, length;
} bl_place;

/* ---- the checked network: plain data, every name resolved, every default filled in ----
 *
 * Every number lies within the range that its comment gives; [0, 1) includes 0 and excludes 1. Fields that a layer or a
 * phase of this kind does not use are unspecified. Symbols, equations and sections are those of docs/model.md. `place`
 * is where the statement stands in the text. */

typedef enum bl_operation {
#define OPERATION(id, spelling, operands, usage) BL_OPERATION_##id,
#include "bouton/operation.def"
#undef OPERATION
    BL_OPERATIONS
} bl_operation;

typedef struct bl_step {
    bl_operation operation;
    double number; /* BL_OPERATION_NUMBER: its value, finite */
} bl_step;

/* `neuron NAME(x, alpha) = ...`: the level y as a function of the drive x and the neuron's own alpha (theta). The steps
 * are in postfix order, and the last one leaves the level alone on the stack. The level is proved to lie in [0, 1] for
 * every drive and every alpha that the layers allow. */
typedef struct bl_formula {
    const char *name;
    const char *drive, *alpha; /* names of the parameters, as written */
    uint32_t step_count;       /* 1 .. BL_MAX_STEPS */
    const bl_step *steps;
    bl_place place;
} bl_formula;

/* One clause of lateral depression (eq. 19). A neuron fires only if every clause of its layer lets it. */
typedef struct bl_depress {
    bool over_places;       /* rivals: true, the same filter at other places; false, other filters at this place */
    uint32_t within;        /* over filters: rivals on each side on a ring; 0: all other filters */
    uint32_t height, width; /* over places: sides of the centred window, odd */
    double gap;             /* beta, 0 .. 1e6: least lead in drive */
    uint32_t keep;          /* neurons of the neighbourhood that may fire, from 1: the lead is over number keep + 1 */
    bl_place place;
} bl_depress;

typedef struct bl_layer {
    const char *name;
    bl_place place;
    bt_layer_kind kind;
    uint32_t source_count;              /* at least 1; the maps of several are joined side by side */
    const uint32_t *sources;            /* indices of layers nearer to the input, or BT_INPUT */
    bt_shape in, out;                   /* in: the joined sources; out of a dense layer: 1 x 1 x neurons */
    uint32_t field_height, field_width; /* conv: receptive field; pool: window; dense: sides of `in` */
    uint32_t stride;                    /* conv, pool: step of the window in places, from 1 */
    uint32_t pad_top, pad_left;         /* conv: places added at the top and left, silent; 0: none */
    bt_pooling pooling;                 /* pool */
    bool grid;        /* pool: the map is divided into out.height x out.width cells of nearly equal size; no windows */
    double calibrate; /* pool(sum): p of section 6, in (0, 1e6] */
    uint32_t jitter;  /* grid: while correcting, the borders of cells move by up to so many places; 0: never */
    bt_fire fire;
    double logistic_k; /* BT_FIRE_LOGISTIC: steepness k, in (0, 1e6] */
    uint32_t formula;  /* BT_FIRE_FORMULA: index into the program's formulas */
    double steepest;   /* BT_FIRE_FORMULA: largest |dy/dx| over drives from -8 to 8 at `theta`; at least 1e-6 */
    uint32_t depress_count;
    const bl_depress *depress;  /* [depress_count] */
    bool frozen;                /* `alpha frozen`: no phase changes its bounds and thresholds */
    uint32_t inputs, neurons;   /* connections of one neuron; neurons of a dense layer, filters of a conv layer */
    uint32_t tied;              /* conv, dense: N of the tied levels that it reads, section 17; 0: activations */
    double range_in, range_out; /* s of its inputs and s of its output, in (0, 1); 1 under `rule printed` */
    double excitatory;          /* initial share of excitatory connections, in [0, 1] */
    bool switches;              /* connections may change their sign */
    double tau; /* the sign switches only within tau of alpha_max, in (0, 1); tau = alpha_max: anywhere */
    double alpha_min, alpha_max;  /* bounds of alpha, in [0, 1); alpha_min < alpha_max */
    bt_start start;               /* how alpha is drawn from [start_low, start_high] */
    double start_low, start_high; /* within the bounds of alpha; constant: both are the value */
    double theta;                 /* initial threshold, in [0, theta_max] */
    double theta_xi, theta_max;   /* learning rate of theta, in [0, 1], 0: fixed; its upper bound, in [0, 1) */
    double leak;                  /* lambda, in [0, 1]: learning rate of silent connections relative to live ones */
    bool homeostasis;             /* drives are standardised; `sum` is raw, theta and its rate are 0 */
    double ramp, ramp_from;       /* homeostasis: width w and start h of the ramp, in deviations; (0, 1e3], +-1e3 */
    bt_sum sum;                   /* gamma's kind, eq. (4) */
    double gain;                  /* gamma's gain, in (0, 1e6]; raw: 1 */
} bl_layer;

/* One step that prepares a raw sample before the first layer reads it. */
typedef struct bl_encoding {
    bt_encoding_kind kind;
    uint32_t height, width; /* normalise: sides of the box; whiten: sides of the patch; in pixels */
    uint64_t patches;       /* whiten: patches to learn from, 1 .. 1e9 */
    double epsilon;         /* whiten: added to every eigenvalue, in (0, 1e3] */
    uint32_t levels;        /* levels: values made of each value, 1 .. 255; tied: levels of each side, 1 .. 63 */
    bool tied;              /* levels: one connection for all levels of a value: `levels N by D tied` */
    double by;              /* tied: the step between two levels, in deviations, in (0, 1e3] */
    bl_place place;
} bl_encoding;

typedef struct bl_input {
    bt_shape encoded; /* shape after all encodings, as the first layer reads it; tied levels are one value */
    uint32_t tied;    /* N of `levels N by D tied`: its values are whole numbers from -N to N; 0: activations */
    uint32_t encoding_count;
    const bl_encoding *encodings;     /* [encoding_count], in the order of their application */
    bool image;                       /* false: a vector of `width` values, height 1, channels 1, or a series */
    bool series;                      /* `width` moments of `channels` values, height 1 */
    uint32_t height, width, channels; /* of a raw sample, channels last in memory */
    double range;                     /* s: activations are in [0, s]; in (0, 1), 1 under `rule printed` */
    bl_place place;
} bl_input;

/* How a table lays out its columns. A column is named by its name in the header, or by its number, from 1. No column is
 * named twice. */
typedef struct bl_table {
    bt_label label;
    const char *label_name; /* BT_LABEL_NAMED: the column; otherwise NULL */
    bt_header header;
    bt_missing missing;
    uint32_t without_count;
    const char *const *without; /* [without_count]: columns that are not read */
    bool all_categories;        /* every column of words is a category; `categories` is empty */
    uint32_t category_count;
    const char *const *categories; /* [category_count]: columns that are categories, of words or of numbers */
} bl_table;

typedef struct bl_source {
    bt_format format;
    bt_split split;
    const char *inputs;    /* file name as written; NULL for synthetic */
    const char *labels;    /* file name of the labels; NULL if the labels are in `inputs`, made, or missing */
    const char *member;    /* npz: the array of the samples; NULL: found by its name */
    const char *labels_of; /* npz: the array of the labels; NULL: found by its name */
    bl_table table;        /* csv */
    uint64_t samples;      /* synthetic: number of samples, 1 .. 1e9 */
    bl_place place;
} bl_source;

/* How pictures are prepared: `invert`, `transpose`, `turn`, in this order; only for an image. */
typedef struct bl_pictures {
    bool background_given;
    uint8_t background[3]; /* red, green, blue; white unless it is given */
    bool invert, transpose;
    uint32_t turns; /* quarter turns clockwise, 0 .. 3 */
} bl_pictures;

typedef struct bl_data {
    const char *name;
    uint32_t source_count;
    const bl_source *sources;       /* [source_count] */
    double hold_out, hold_out_test; /* shares of the training samples kept for validation and test; sum in [0, 1) */
    bt_scaling scaling;             /* default: BT_SCALING_RANGE for an image, otherwise BT_SCALING_COLUMNS */
    bool values_given;              /* `values in [low, high]` was written */
    bool scaling_given;             /* any `values` was written; otherwise `scaling` is a default */
    double low, high;     /* values that map onto 0 and s, low < high; default: 0, 255; scaled by columns: 0, 1 */
    uint32_t class_count; /* 0: no names; otherwise the neurons of the last layer */
    const char *const *class_names; /* [class_count]: all different, not empty */
    bl_pictures pictures;
    bl_place place;
} bl_data;

/* How many filters of a place stay in a layer during a phase: at first `from`, over a share `over` of the batches down to
 * `to`, the layer's own `keep`; all are shares in (0, 1]. */
typedef struct bl_anneal {
    uint32_t layer; /* with `depress over filters` */
    double from, to, over;
} bl_anneal;

/* How many connections of a layer may still carry signal when a phase has pruned it, as a share in (0, 1). */
typedef struct bl_prune {
    uint32_t layer;
    double keep;
} bl_prune;

typedef struct bl_phase {
    const char *name;
    bl_place place;
    bt_phase_kind kind;
    /* compete: one layer learns without labels from fields that are sampled one at a time (section 8) */
    uint32_t compete; /* index of the layer */
    uint64_t patches; /* fields to sample, 1 .. 1e9 */
    double xi_to;     /* the learning rate falls linearly from xi to this, in (0, 1] */
    bt_target target;
    double conscience; /* rate of the handicaps of filters that win often, in [0, 1]; 0: none */
    double alienate;   /* how hard rivals within the gap are pushed away, 0 .. 1e6; 0: not at all */
    bool mirror;       /* half of the images are mirrored left to right; both kinds of phase */
    /* correct: layers learn from the errors of the last layer (section 3) */
    uint32_t layer_count;     /* number of layers that learn, its readouts among them; compete: 1 */
    const uint32_t *layers;   /* [layer_count]: indices into the program's layers, ascending; its readouts behind */
    const double *eta;        /* [layer_count]: share of the error that one batch corrects, in (0, 1e6]; compete: 0 */
    double xi;                /* step of alpha, in (0, 1e6]; compete: the first learning rate, in (0, 1] */
    bt_course course;         /* how eta changes */
    double decay;             /* BT_COURSE_DECAY: factor of eta after each epoch, in (0, 1] */
    uint32_t warm_up;         /* batches over which eta rises, to 1e9; 0: none */
    double momentum;          /* B1 of the mean of the steps, in [0, 1); 0: none */
    bool adapts;              /* each connection's step is divided by the size of its usual steps */
    double adaptive;          /* adapts: B2 of the mean of their squares, in [0, 1) */
    uint32_t anneal_count;    /* layers whose winners fall in number */
    const bl_anneal *anneals; /* [anneal_count], layers ascending */
    uint32_t prune_count;     /* layers that are pruned */
    const bl_prune *prunes;   /* [prune_count], layers ascending; each is corrected, and no readout */
    double prune_over;        /* share of the epochs over which it is done, in (0, 1] */
    bt_error_kind error;
    double sharpness;       /* softmax: b; hinge: the margin m; in (0, 1e6] */
    double floor;           /* errors of a smaller size count as 0; in [0, 1) */
    uint32_t centred;       /* homeostasis: one in so many silent places is centred, 1 .. 1000; 0: no corrections are */
    uint32_t epochs, batch; /* 1 .. 1e6 epochs; 1 .. 65536 samples of a batch */
    uint32_t shift;         /* images are translated at random by up to this many pixels each way; 0: none */
    uint32_t replicas;      /* learners that share out the batches, 1 .. 4096; 1: one learner */
    uint32_t merge;         /* batches of each replica between two merges, 1 .. 1e9; 0: `replicas` is not written */
    uint32_t cutout;        /* side of the square that is cut out of each image at a random place; 0: none */
    bool keep_best;         /* the epoch with the best validation accuracy is restored at the end */
    bool weigh_classes;     /* errors of samples of rare classes count more: `weight classes by rarity` */
    uint32_t readout_count; /* readouts that take part (section 15): the last of `layers` */
    bool by_layer;          /* layers hear the readouts nearest to them only: `layer by layer`; otherwise all above */
    bool readouts_alone;    /* the layer that answers is not corrected and has no errors */
} bl_phase;

typedef struct bl_expect {
    double least; /* least accuracy, in [0, 1] */
    bt_split on;
    bl_place place;
} bl_expect;

/* `sweep NAME in ...`: values to try, one after the other (bouton sweep). They change nothing in the program. */
typedef struct bl_sweep {
    const char *name; /* of a constant; NULL: the seed */
    uint32_t count;
    const char *const *values; /* [count], as bl_set takes them; seeds are whole numbers */
    bl_place place;
} bl_sweep;

#define BL_MAX_SWEPT 10000u /* values of one `sweep` */

typedef struct bl_program {
    const char *name; /* of the chosen network */
    bt_rule rule;
    bl_input input;
    uint32_t formula_count;
    const bl_formula *formulas; /* [formula_count]: the formulas that its layers use */
    uint32_t layer_count;       /* at least 1 */
    const bl_layer *layers;     /* [layer_count]: each layer follows its sources; the last one gives the answer. The
                                   layers of the readouts follow behind: [layer_count + readout_layers] in all */
    uint32_t readout_layers;    /* for each readout a pool of cells, unless its layer is one place, and a dense layer */
    bool keep_readouts;         /* the trained model has them, too */
    const bl_data *data;        /* NULL: the text has no data block */
    uint64_t seed;              /* 0 .. 2^53 */
    uint32_t phase_count;
    const bl_phase *phases; /* [phase_count], in the order of training */
    uint32_t expect_count;
    const bl_expect *expects; /* [expect_count] */
    uint32_t sweep_count;
    const bl_sweep *sweeps; /* [sweep_count], each of another name */
} bl_program;

/* Whether the samples of a source have labels. All sources of a program have or none has. */
static inline bool bl_has_labels(const bl_source *source)
{
    return source->format != BT_FORMAT_PIXELS &&
           (source->format != BT_FORMAT_CSV || source->table.label != BT_LABEL_NONE);
}

/* The values of a raw sample. */
static inline uint64_t bl_sample_values(const bl_input *input)
{
    return (uint64_t)input->height * input->width * input->channels;
}

/* The layer that answers: its neurons are the classes. */
static inline const bl_layer *bl_last_layer(const bl_program *program)
{
    return &program->layers[program->layer_count - 1];
}

/* The layers that read a map: that of a layer, or of BT_INPUT. A layer counts as often as it reads the map. */
typedef struct bl_readers {
    uint32_t count, last; /* last: an index; 0 where count is 0 */
} bl_readers;

static inline bl_readers bl_readers_of(const bl_layer *layers, uint32_t layer_count, uint32_t map)
{
    bl_readers readers = {0, 0};
    for (uint32_t i = 0; i < layer_count; i++)
        for (uint32_t k = 0; k < layers[i].source_count; k++)
            if (layers[i].sources[k] == map) {
                readers.count++;
                readers.last = i;
            }
    return readers;
}

/* The layers of a trained model are the first so many. */
static inline uint32_t bl_model_layers(const bl_program *program)
{
    return program->layer_count + (program->keep_readouts ? program->readout_layers : 0);
}

/* The lowest layer with homeostasis whose drives a correcting phase standardises by the statistics of its batches: none
 * below the phase's lowest corrected layer is. NULL: none. */
static inline const bl_layer *bl_first_standardised(const bl_layer *layers, uint32_t layer_count, const bl_phase *phase)
{
    for (uint32_t i = phase->layer_count > 0 ? phase->layers[0] : layer_count; i < layer_count; i++)
        if (layers[i].homeostasis)
            return &layers[i];
    return NULL;
}

/* ---- from text to network ---- */

typedef struct bl_context bl_context;

bl_context *bl_context_new(void);          /* NULL: out of memory */
void bl_context_free(bl_context *context); /* NULL is fine */

/* Replaces the value of the top-level `let` called `name`, as --set does on the command line. `value` is the text of a
 * constant expression. Call it before bl_load. -1: out of memory. Diagnostics: a value that is no expression; when the
 * network is checked, a name that no text declares. */
int bl_set(bl_context *context, const char *name, const char *value);

/* Reads and parses a file (`-`: standard input) or a text in memory, with the files that it includes. `name` stands for
 * the text in diagnostics. The statements of several calls form one program. -1: out of memory. Diagnostics: a file
 * that can't be read, a text above 4 MiB, syntax errors. */
int bl_load(bl_context *context, const char *path);
int bl_load_text(bl_context *context, const char *name, const char *text, size_t length);

/* Checks everything that was loaded, and returns the network called `network` (NULL: the last one of the text). Returns
 * NULL if the context has any error, also one in another network, or if memory ran out, which adds no diagnostic. */
const bl_program *bl_check(bl_context *context, const char *network);

/* The level y of a formula at a drive and an alpha, and its derivative dy/dx in *slope. At a kink the slope is that of
 * the branch taken. A slope that is not finite is given as 0. Cannot fail; any thread may call it. */
double bl_formula_level(const bl_formula *formula, double drive, double alpha, double *slope);

/* All loaded statements but `sweep` as one text in canonical layout, included files and replaced values in their places. It parses
 * to the same program, and model files store it. NULL: out of memory. */
const char *bl_source_text(bl_context *context);

/* A place as a person reads it. */
typedef struct bl_location {
    const char *file;
    uint32_t line, column; /* from 1; columns count characters */
    const char *text;      /* the line, `length` bytes, not terminated */
    uint32_t length;
} bl_location;

/* Finds a place in the text. False, with *out untouched: the place lies in no text. */
bool bl_locate(const bl_context *context, bl_place place, bl_location *out);

/* ---- diagnostics ---- */

typedef enum bl_severity { BL_ERROR, BL_WARNING, BL_NOTE } bl_severity;

uint32_t bl_error_count(const bl_context *context);
uint32_t bl_warning_count(const bl_context *context);

/* Writes the diagnostics in the order of the text: path:line:column, severity, code, message, the line with a caret,
 * and the proposed correction. `color` adds terminal escapes. The JSON has the same facts in the same order. If memory
 * runs out, the output ends early; failed writes show in ferror(to). */
void bl_write_diagnostics(const bl_context *context, FILE *to, bool color);
void bl_write_diagnostics_json(const bl_context *context, FILE *to);

/* Adds a diagnostic of a later stage, with the general code. `mend` proposes a correction; NULL: none. Both texts are
 * copied. Out of memory: the diagnostic is lost. */
void bl_report(bl_context *context, bl_severity severity, bl_place place, const char *message, const char *mend);

/* A kind of diagnostic. {0}, {1}, ... in its texts stand for the names and numbers of a case. Strings are constant. */
typedef struct bl_explanation {
    char code[8]; /* "E0102" */
    bl_severity severity;
    const char *message;
    const char *mend; /* the proposed correction: alternatives with `|` between, or "" */
    const char *text; /* the explanation, several sentences */
} bl_explanation;

/* The diagnostic with a code ("E0102", "e0102" or "102"), or number `index` of all, from 0. False: there is none. */
bool bl_explain(const char *code, bl_explanation *out);
bool bl_explain_at(size_t index, bl_explanation *out);

/* The candidate with the fewest edits from `word`, for "did you mean"; NULL: no candidate is near. Cannot fail. */
const char *bl_nearest(const char *word, const char *const *candidates, size_t count);

/* ---- layout ---- */

typedef struct bl_layout {
    const char *text; /* the file in canonical layout; NULL: none, see the diagnostics or `fault` */
    size_t length;
    bool changed;        /* `text` differs from the file */
    uint32_t first_line; /* the first line that differs, from 1 */
    bool fault;          /* the layout would have changed a statement, so none is given: an error of the library */
} bl_layout;

/* Lays out one file (`-`: standard input) or a text in memory. The layout sets indentation, spaces and line lengths. It
 * keeps comments, and the statements that begin a line. Included files are not read. Each call verifies that the result
 * parses to the same statements. -1: out of memory. Diagnostics: as those of bl_load. The context must have no errors
 * yet: with any error there is no layout. */
int bl_lay_out(bl_context *context, const char *path, bl_layout *out);
int bl_lay_out_text(bl_context *context, const char *name, const char *text, size_t length, bl_layout *out);

/* ---- stages as text. If memory runs out, the output is missing or ends early. ---- */

void bl_dump_tokens(bl_context *context, FILE *to);        /* one token a line, its place and kind as a comment */
void bl_dump_ast(bl_context *context, FILE *to);           /* .btn text in canonical layout; parses again */
void bl_dump_model(const bl_program *program, FILE *to);   /* .btn text with every default written out; parses again */
void bl_dump_formula(const bl_formula *formula, FILE *to); /* neuron NAME(x, alpha) = ...; no newline */

BOUTON_END
#endif
