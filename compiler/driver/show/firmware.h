/* What firmware takes, layer by layer. */
#ifndef BOUTON_DRIVER_SHOW_FIRMWARE_H
#define BOUTON_DRIVER_SHOW_FIRMWARE_H

#include "bouton/compiler.h"

/* Prints flash memory and RAM of each layer, and what was left out. */
void firmware_show(const bc_firmware_facts *facts, const char *learners, FILE *to);
/* The layers that `learners`, of --learn, names, and the bytes of their state. */
void firmware_show_learners(const char *names, uint64_t bytes, FILE *to);

/* Prints how many of the input's values no training or validation sample lights, and what becomes of their connections. */
void firmware_show_unlit(uint64_t unlit, uint64_t values, uint64_t samples, FILE *to);

#endif
