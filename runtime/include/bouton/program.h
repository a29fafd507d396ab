/* What a built program's main (runtime/program/) reads of the code it is linked with. `bouton build` writes this struct
 * as data of the module it makes; change a field: raise BR_INTERFACE_VERSION. */
#ifndef BOUTON_PROGRAM_H
#define BOUTON_PROGRAM_H

#include <stdint.h>

#include "bouton/model.h"

BOUTON_BEGIN

/* Labels one sample of raw values; `out` gets a level for each label. `scratch` is scratch_bytes, begins anywhere. */
typedef uint32_t br_answer_function(const float *in, float *out, void *scratch);

typedef struct br_program {
    uint32_t interface; /* BR_INTERFACE_VERSION of the bouton that built it: first, so that it can always be read */
    uint32_t height, width, channels, labels;
    double low, high; /* raw values lie between */
    uint64_t scratch_bytes;
    const char *name;
    const char *about; /* version, interface, model, processors: what --version prints */
    br_answer_function *answer;
    int (*runs_here)(void);
} br_program;

extern const br_program bouton_program;

BOUTON_END

#endif
