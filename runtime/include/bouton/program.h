/* The table that the main function of a built program (runtime/program/) reads. `bouton build` writes it as data of the
 * module. A change of a field must raise BR_INTERFACE_VERSION.
 *
 *     float *in = raw_values(bouton_program.height * bouton_program.width * bouton_program.channels);
 *     float *shares = malloc(bouton_program.labels * sizeof *shares);
 *     void *scratch = malloc(bouton_program.scratch_bytes);
 *     if (bouton_program.interface == BR_INTERFACE_VERSION && bouton_program.runs_here())
 *         printf("%u\n", bouton_program.answer(in, shares, NULL, scratch));
 *
 * The table is constant. Threads may call `answer` at the same time, each with its own scratch memory. */
#ifndef BOUTON_PROGRAM_H
#define BOUTON_PROGRAM_H

#include <stdint.h>

#include "bouton/model.h"

BOUTON_BEGIN

/* Labels one sample of raw values; `out` gets a probability for each label, `levels` (NULL: not wanted) a level.
 * `scratch` has scratch_bytes bytes, at any alignment. */
typedef uint32_t br_answer_function(const float *in, float *out, float *levels, void *scratch);

typedef struct br_program {
    uint32_t interface; /* BR_INTERFACE_VERSION of the bouton that built it: first, so that it can always be read */
    uint32_t height, width, channels, labels;
    double low, high; /* raw values lie between */
    uint64_t scratch_bytes;
    const char *name;
    const char *about; /* version, interface, model, processors, as --version prints them */
    br_answer_function *answer;
    int (*runs_here)(void);
    const char
        *schema; /* how samples are read and what classes are called, for br_schema_read; NULL: one range, no names */
} br_program;

extern const br_program bouton_program;

BOUTON_END

#endif
