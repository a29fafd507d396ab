/* Scoring in 8 bits beside floats. */
#ifndef BOUTON_DRIVER_QUANTISED_H
#define BOUTON_DRIVER_QUANTISED_H

#include <jansson.h>
#include <stdio.h>

#include "bouton/lang.h"
#include "options/console.h"

typedef struct quantised_result {
    br_quantised *network;
    br_score floats;      /* accuracy in floats, and what is live */
    br_score score;       /* in 8 bits */
    uint64_t calibration; /* samples that the scales were taken from */
    double allowed, lost; /* points of accuracy */
} quantised_result;

/* The second line of a score, and the table of scales. */
int quantised_print(const command_line *cli, const bl_program *program, const quantised_result *quantised, FILE *to);
json_t *quantised_json(const bl_program *program, const quantised_result *quantised); /* NULL: out of memory */

#endif
