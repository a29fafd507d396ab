/* Checks an expectation of the text (`expect accuracy >= 98.3% on test;`) or of the command line. */
#ifndef BOUTON_DRIVER_VERDICT_H
#define BOUTON_DRIVER_VERDICT_H

#include <stdio.h>

#include "bouton/runtime.h"

/* Each prints one line with the result and returns STATUS_DONE or STATUS_FAILED. NULL: verdict_accuracy prints
 * nothing. */
int verdict_accuracy(double least, const char *split, const br_score *score, FILE *to);
int verdict_mean(double least, const char *split, double mean, size_t seeds, FILE *to);
int verdict_psnr(double least, double psnr, FILE *to);

#endif
