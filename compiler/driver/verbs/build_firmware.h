/* Firmware for `bouton build`: the request, and the choice among forms within a budget. */
#ifndef BOUTON_DRIVER_BUILD_FIRMWARE_H
#define BOUTON_DRIVER_BUILD_FIRMWARE_H

#include "session/session.h"

typedef struct firmware_job {
    const session *s;
    const char *target;
    const uint8_t *lit;                                                   /* with --trim: as in bc_firmware_options */
    int (*quantise)(void *user, uint32_t bits, const br_quantised **out); /* calibrates; ends what it gave before */
    void *user;
} firmware_job;

/* Builds what the command line asks for. With --budget, the first form that fits, the fastest ones first: floats before
 * 8 bits, unless --quantize asks for these, and speed before size. On failure, prints an error. */
int firmware_build(const firmware_job *job, bc_firmware **out);

#endif
