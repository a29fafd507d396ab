/* A score for the eyes and for programs. */
#ifndef BOUTON_DRIVER_SCORE_VIEW_H
#define BOUTON_DRIVER_SCORE_VIEW_H

#include <stdio.h>

#include "show/quantised.h"

/* `quantised`: NULL, or what `score` is of: scales and the loss are printed too, what is live is that of the floats. */
int score_print(const command_line *cli, const bl_program *program, const br_score *score,
                const quantised_result *quantised, const char *split, FILE *to);

/* The table of live shares alone. */
int score_print_live(const command_line *cli, const bl_program *program, const br_score *score, FILE *to);

/* {"accuracy": 0.987, "samples": 1000, "confusion": [[...]], "live": {"hidden": 0.17, ...}}; 8 bits: also "quantize" */
int score_print_json(const command_line *cli, const bl_program *program, const br_score *score,
                     const quantised_result *quantised, FILE *to);

#endif
