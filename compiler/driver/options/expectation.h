/* Expectations of the command line (--expect). */
#ifndef BOUTON_DRIVER_EXPECTATION_H
#define BOUTON_DRIVER_EXPECTATION_H

#include "options/cli.h"

/* Reads "accuracy >= 97%" (or 0.97); anything else is STATUS_USAGE, said. */
int expectation_read(const command_line *cli, const char *text, double *least);

/* Reads "psnr >= 30", in dB. */
int expectation_read_psnr(const command_line *cli, const char *text, double *least);

#endif
