/* Reads the expectations of the command line (--expect). */
#ifndef BOUTON_DRIVER_EXPECTATION_H
#define BOUTON_DRIVER_EXPECTATION_H

#include "options/cli.h"

/* Reads "accuracy >= 97%" or "accuracy >= 0.97". For any other text, prints an error and returns STATUS_USAGE. */
int expectation_read(const command_line *cli, const char *text, double *least);

/* Reads "mean accuracy >= 97%" in the same way. */
int expectation_read_mean(const command_line *cli, const char *text, double *least);

/* Reads "psnr >= 30", in dB, in the same way. */
int expectation_read_psnr(const command_line *cli, const char *text, double *least);

#endif
