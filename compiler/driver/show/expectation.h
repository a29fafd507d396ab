/* Expectations: of the file (`expect accuracy >= 98.3% on test;`) and of the command line (--expect). */
#ifndef BOUTON_DRIVER_EXPECTATION_H
#define BOUTON_DRIVER_EXPECTATION_H

#include <stdio.h>

#include "bouton/runtime.h"
#include "cli.h"

/* Reads "accuracy >= 97%" (or 0.97); anything else is STATUS_USAGE, said. */
int expectation_read(const cli *cli, const char *text, double *least);

/* Reads "psnr >= 30", in dB. */
int expectation_read_psnr(const cli *cli, const char *text, double *least);

/* Prints one line with the verdict and returns STATUS_DONE or STATUS_FAILED. */
int expectation_check(double least, const char *split, const br_score *score, FILE *to);

int expectation_check_psnr(double least, double psnr, FILE *to);

#endif
