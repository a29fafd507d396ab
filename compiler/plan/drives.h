/* Which drives must be kept after their layer has run. */
#ifndef BC_DRIVES_H
#define BC_DRIVES_H

#include "bouton/lang.h"

typedef struct bc_drive_use {
    bool kept;    /* the drives of all places are read later */
    bool chooses; /* pool(max): it takes the place with the largest drive, not the largest activation */
} bc_drive_use;

/* Fills in [layer_count] uses, in which the caller has set `kept` for layers that need their drives themselves. A pool
 * that is depressed, that keeps its drives, or that reads activations which do not grow with the drives chooses by the
 * drives of the layer below. */
void bc_drives_find(const bl_program *program, bc_drive_use *uses);

#endif
