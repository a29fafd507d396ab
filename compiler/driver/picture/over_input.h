/* A picture over the input of a network: red where a value added to a class, blue where it took away. */
#ifndef BOUTON_DRIVER_OVER_INPUT_H
#define BOUTON_DRIVER_OVER_INPUT_H

#include "bouton/runtime.h"
#include "options/cli.h"

/* Draws one sample faintly in grey, and over each of its places what its channels added together, the largest in full
 * colour. A series is drawn as one row for each channel. Places are squares of whole pixels, so that the shorter side
 * has some hundred pixels. Writes a PNG, the whole file or none. */
int over_input_write(const command_line *cli, const char *path, const br_why *why, const br_samples *samples,
                     uint64_t index);

#endif
