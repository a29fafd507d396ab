/* Scoring in 8 bits beside floats. */
#ifndef BOUTON_DRIVER_QUANTISED_H
#define BOUTON_DRIVER_QUANTISED_H

#include <jansson.h>
#include <stdio.h>

#include "bouton/lang.h"
#include "options/console.h"

typedef struct quantised {
    br_quantised *network;
    br_score floats;      /* accuracy in floats, and what is live */
    br_score score;       /* in 8 bits */
    uint64_t calibration; /* samples that the scales were taken from */
    double allowed, lost; /* points of accuracy */
} quantised;

/* The second line of a score, and the table of scales. */
int quantised_print(const cli *cli, const bl_program *program, const quantised *quantised, FILE *to);
json_t *quantised_json(const bl_program *program, const quantised *quantised); /* NULL: out of memory */

#endif
