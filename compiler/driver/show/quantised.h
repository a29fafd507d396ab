/* Shows a score in int8 or int4 next to the score in floats. */
#ifndef BOUTON_DRIVER_QUANTISED_H
#define BOUTON_DRIVER_QUANTISED_H

#include <jansson.h>
#include <stdio.h>

#include "bouton/lang.h"
#include "options/console.h"

typedef struct quantised_result {
    uint32_t bits; /* of a bound: 8 or 4 */
    br_quantised *network;
    br_score floats;      /* in floats; also holds the live shares */
    br_score score;       /* in int8 or int4 */
    uint64_t calibration; /* samples that the scales were calibrated on */
    double allowed, lost; /* percentage points of accuracy */
} quantised_result;

/* Prints the line that compares the accuracies, and the table of scales. */
int quantised_print(const command_line *cli, const bl_program *program, const quantised_result *quantised, FILE *to);
json_t *quantised_json(const bl_program *program, const quantised_result *quantised); /* NULL: out of memory */

#endif
