/* Predictions as text, CSV or JSON, sample by sample: a million of them take no more memory than one. */
#ifndef BOUTON_DRIVER_PREDICTION_VIEW_H
#define BOUTON_DRIVER_PREDICTION_VIEW_H

#include <stdio.h>

#include "cli.h"

typedef struct prediction_view {
    const cli *cli;
    FILE *to;
    uint32_t classes;
    bool json, csv;
    uint64_t printed;
} prediction_view;

prediction_view prediction_begin(const cli *cli, uint32_t classes, FILE *to);

/* `index` tells samples of one file apart (input#index); -1 where it holds only one. */
int prediction_print(prediction_view *view, const char *input, int64_t index, uint32_t label, const float *levels);
void prediction_end(prediction_view *view);

#endif
