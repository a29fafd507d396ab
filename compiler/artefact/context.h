/* The state of an artefact, and the functions that its module exports. */
#ifndef BC_CONTEXT_H
#define BC_CONTEXT_H

#include "artefact/scratch.h"
#include "artefact/trace.h"
#include "artefact/weights.h"
#include "plan/target.h"

enum { BC_VERSIONS = 4, BC_SYMBOLS = 13 };

/* The code for one processor. */
typedef struct bc_version {
    char asked[64]; /* as the caller named it; empty if not named */
    char name[64];
    uint32_t level; /* bc_target_level */
    bc_target target;
    bc_plan *plan;
    bc_scratch scratch;
} bc_version;

struct bc_artefact {
    const char *name, *target;
    bl_input input;
    uint32_t labels, least_level;
    double low, high;
    const br_schema *schema; /* of the options; NULL: none */
    bool columns;            /* the code maps each column by its own range */
    float sharpness;         /* of the probabilities */
    uint64_t model;
    char cpus[BC_VERSIONS * 64], about[512];
    uint32_t version_count;
    bc_version versions[BC_VERSIONS]; /* in ascending order of levels */
    bc_trace trace;
    bc_weights *weights;
    const br_quantised *quantised; /* only while the module is made */
    bc_layer_facts *layers;
    bc_artefact_facts facts;
    LLVMContextRef llvm;
    LLVMModuleRef module;
    LLVMTargetMachineRef machine;
    LLVMMemoryBufferRef bytes; /* the result of the last request */
    char names[BC_SYMBOLS][300];
    const char *symbols[BC_SYMBOLS + 1];
};

/* Functions of an artefact: id, the suffix after NAME, type and parameters in C, and whether it needs stack memory for
 * scratch. The header, the module and the symbol list follow this table. Programs leave out the functions that show the
 * activity of a sample. */
#define BC_FUNCTIONS(X)                                                                                                \
    X(PREDICT, "_predict", "uint32_t", "const float *in, float *out", true)                                            \
    X(PREDICT_SCRATCH, "_predict_scratch", "uint32_t", "const float *in, float *out, void *scratch", false)            \
    X(BATCH, "_predict_batch", "void", "const float *in, float *out, uint32_t *labels, size_t count", true)            \
    X(BATCH_SCRATCH, "_predict_batch_scratch", "void",                                                                 \
      "const float *in, float *out, uint32_t *labels, size_t count, void *scratch", false)                             \
    X(LEVELS, "_predict_levels", "uint32_t", "const float *in, float *out, float *levels, void *scratch", false)       \
    X(ABOUT, "_about", "const char *", "void", false)                                                                  \
    X(INTERFACE, "_interface", "uint32_t", "void", false)                                                              \
    X(RUNS_HERE, "_runs_here", "int", "void", false)                                                                   \
    X(TRACE, "_trace", "uint32_t", "const float *in, float *out, float *trace, void *scratch", false)                  \
    X(CONNECTIONS, "_connections", "uint32_t",                                                                         \
      "const float *trace, uint32_t layer, uint32_t neuron, float *bounds, float *adds", false)                        \
    X(WHY, "_why", "double", "const float *trace, uint32_t label, float *adds, double *work", false)                   \
    X(LAYERS, "_layers", "const bouton_layer *", "void", false)

typedef enum bc_function_id {
#define ID(id, ...) BC_FUNCTION_##id,
    BC_FUNCTIONS(ID)
#undef ID
        BC_FUNCTION_COUNT
} bc_function_id;

/* Whether the schema names every label. */
bool bc_artefact_names(const bc_artefact *a);

#endif
