/* What firmware takes, layer by layer. */
#ifndef BOUTON_DRIVER_SHOW_FIRMWARE_H
#define BOUTON_DRIVER_SHOW_FIRMWARE_H

#include "bouton/compiler.h"

/* Prints flash memory and RAM of each layer, and what was left out. */
void firmware_show(const bc_firmware_facts *facts, FILE *to);

#endif
