/* The state of a network that is built for a machine without an operating system. */
#ifndef BC_FIRMWARE_CONTEXT_H
#define BC_FIRMWARE_CONTEXT_H

#include "emit/emit.h"
#include "kernels/kernel.h"
#include "plan/learning.h"
#include "plan/target.h"

/* How the values of a map are held. */
typedef enum bc_form {
    BC_FORM_RAW,    /* the caller's bytes, as in the data */
    BC_FORM_QUANTA, /* activations as bytes, in quanta of the one layer that reads them */
    BC_FORM_FLOATS  /* activations */
} bc_form;

/* A map of one sample, channels last, without padding. */
typedef struct bc_small_map {
    bc_form form;
    uint32_t height, width, channels;
    uint64_t at;       /* its place in scratch memory; BC_FORM_RAW: none */
    float per_quantum; /* BC_FORM_QUANTA: as in br_int8 */
} bc_small_map;

/* Inputs of one source of a dense layer that follow each other and are stored: the others are left out. */
typedef struct bc_run {
    uint32_t source, from, count;
} bc_run;

/* The connections of a layer that are stored. A list holds the connections that can carry signal, for each input those
 * of the lowest bound first, so that a walk ends at the first silent one. Rows hold all connections. Coded rows hold the
 * level of each, two in a byte (codes.h). */
typedef struct bc_stored {
    bool listed, int8, coded;
    uint64_t inputs, rows; /* inputs of a neuron; those that are stored, in their order */
    uint64_t entries;      /* stored connections, or pitch * rows */
    uint32_t pitch;        /* neurons from row to row: rows are whole vectors, coded ones whole bytes */
    uint64_t connections, silent;
    uint64_t empty;    /* inputs whose connections are all silent */
    uint8_t *alphas;   /* int8: [entries], in quanta; coded: NULL */
    int8_t *slopes;    /* int8: [entries]; coded: NULL */
    uint8_t *codes;    /* coded: [entries / 2] */
    br_levels levels;  /* coded */
    float *bounds;     /* floats: [entries], as br_layer_state.bounds */
    uint32_t *starts;  /* listed: [rows + 1] */
    uint32_t *targets; /* listed: [entries], neurons */
    bool trimmed;      /* only the inputs of `runs` are stored */
    bc_run *runs;      /* [run_count], in the order of the sources */
    uint32_t run_count;
    bool wide_starts, wide_targets; /* numbers of 32 and of 16 bits; otherwise of 16 and of 8 */
    uint64_t bytes;
} bc_stored;

typedef struct bc_small_layer {
    const bl_layer *layer;
    const bc_layer_plan *plan;
    bool int8;
    br_int8 scales;         /* int8 */
    bc_stored stored;       /* dense, conv */
    uint32_t pool;          /* conv: the pool of maxima behind it that it computes, too; BC_NO_POOL: none */
    bool folded;            /* pool: computed by the convolution before it */
    bool last;              /* it leaves drives, not activations */
    const bl_layer *judge;  /* whose lateral depression its map goes through: the layer or, with `pool`, the pool */
    bool depressed;         /* `judge` has clauses; never the last layer, whose answer is that of its drives */
    bool over_places;       /* depressed: by a clause over places, once all drives are known */
    bool keeps;             /* the drives of all places are kept; with `over_places` always */
    bool chooses;           /* pool: as in bc_drive_use */
    bool settles;           /* with `pool`: it is depressed itself, and leaves the activations of the largest drives */
    bool learns;            /* its connections are those of a state, in floats and in rows of all neurons */
    float *theta, *scale;   /* [neurons]: thresholds; 1/(1 - theta), or gains */
    float *conscience;      /* [neurons]: handicaps */
    bool uniform;           /* all neurons have the same theta and scale */
    float calibration;      /* pool(sum) */
    bc_small_map out;       /* with `pool`: of the pool */
    uint64_t sums, largest; /* [pitch] of 32 bits, in scratch memory; sums of a depressed pool: [channels], drives */
    uint64_t carried;       /* coded: [BR_LEVELS] of 32 bits there */
    uint64_t drives;        /* keeps: [places][channels], in scratch memory */
    uint64_t outs;          /* a depressed pool: activations before it, of all places with `over_places`; settles: those
                             * of the largest drives so far */
    uint64_t ranks;         /* depressed: [rank_count] floats, the largest drives of a neighbourhood */
    uint32_t rank_count;
    uint64_t errors;   /* `learns`: [neurons] of 32 bits there */
    uint64_t state_at; /* `learns`: where its bounds lie in the state, in bytes */
    uint64_t ram;      /* bytes of its arrays */
} bc_small_layer;

#define BC_NO_POOL UINT32_MAX

/* The functions that a firmware calls: label; probabilities; where a layer learns, learn, begin and fit a state. */
enum { BC_ENTRIES = 5 };

struct bc_firmware {
    const bl_program *program;
    bc_firmware_options options;
    bc_target target;
    bc_plan *plan;
    const br_quantised *quantised; /* only while the module is made */
    bool quantised_layers;         /* at least one layer is in 8 bits */
    uint64_t unlit;                /* values of the input that options.lit says are 0 */
    bool coded_layers;             /* at least one of these has bounds of 4 bits */
    bool bytes, columns;           /* samples are bytes; each column has its own range */
    double low, high;
    float sharpness;
    bc_learning learning; /* of the last layers */
    bc_small_map input;
    uint64_t input_ram;
    bc_small_layer layers[BL_MAX_LAYERS];
    bc_firmware_facts facts;
    bc_firmware_layer *shown; /* [layer_count + 2]: input, layers, the answer */
    LLVMContextRef llvm;
    LLVMModuleRef module;
    LLVMTargetMachineRef machine;
    LLVMMemoryBufferRef object, made; /* the object; the result of the last request */
    char names[BC_ENTRIES][300];
    const char *symbols[BC_ENTRIES + 1]; /* those that there are, and NULL */
};

/* Reads the maps and arrays of a sample, and where a layer finds them. */
static inline const bc_small_map *bc_small_source(const struct bc_firmware *f, uint32_t source)
{
    return source == BT_INPUT ? &f->input : &f->layers[source].out;
}

#endif
