/* Prints a score as text or as JSON. */
#ifndef BOUTON_DRIVER_SCORE_VIEW_H
#define BOUTON_DRIVER_SCORE_VIEW_H

#include <stdio.h>

#include "show/quantised.h"

typedef struct score_subject {
    const bl_program *program;
    const br_schema *schema; /* names of the classes; NULL: none */
    const br_score *score;
    const quantised_result *quantised; /* NULL: a score in floats. Of a score in int8, scales and loss are printed too;
                                          live shares are those of the floats */
    bool mirror;                       /* probabilities were averaged with those of the mirror images */
} score_subject;

int score_print(const command_line *cli, const score_subject *subject, const char *split, FILE *to);

/* Prints only the table of live shares. */
int score_print_live(const command_line *cli, const bl_program *program, const br_score *score, FILE *to);

/* {"accuracy": 0.987, "samples": 1000, "nll": 0.05, "ece": 0.01, "confusion": [[...]], "live": {"hidden": 0.17, ...}};
 * `mirror` adds "mirror": true, names of classes add "classes", int8 adds "quantize" */
int score_print_json(const command_line *cli, const score_subject *subject, FILE *to);

#endif
