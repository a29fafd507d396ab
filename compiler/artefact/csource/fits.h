/* What C source has no form for, told with the layer's line and what to use instead. */
#ifndef BC_FITS_H
#define BC_FITS_H

#include "artefact/csource/source.h"

/* Of the text alone, before any bounds are taken. BR_ERROR_CHECK with the place, the cause and the remedy. */
int bc_fits(const bc_source *s, br_error *error);

/* In whole numbers: also of the state, once the tops of all layers and their consciences are known. */
int bc_fits_whole(const bc_source *s, br_error *error);

/* BR_ERROR_CHECK of a layer: its line, the cause, the remedy. */
int bc_refuse(const bc_source *s, uint32_t index, const char *cause, const char *remedy, br_error *error);

#endif
