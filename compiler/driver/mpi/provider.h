/* What a module for one MPI library offers to the program. The program is linked with no MPI: it loads the module of the
 * library whose mpirun started it (system/ranks.c). The module is linked with that library and with nothing of bouton. */
#ifndef BOUTON_DRIVER_PROVIDER_H
#define BOUTON_DRIVER_PROVIDER_H

#include <stdbool.h>

#include "bouton/ranks.h"

#define RANKS_PROVIDER_VERSION 1u                    /* of this struct; another one is refused */
#define RANKS_PROVIDER_SYMBOL  "bouton_mpi_provider" /* a ranks_provider */

typedef struct ranks_provider {
    uint32_t version;
    /* Joins the ranks and fills in the table; -1 with the reason in *error. While it waits for other ranks, the module
     * asks now and then whether the wait is given up: `gives_up(user)`. */
    int (*begin)(bool (*gives_up)(void *user), void *user, br_ranks *out, br_error *error);
    void (*end)(br_ranks *ranks);               /* waits for all ranks */
    void (*abort)(br_ranks *ranks, int status); /* ends all ranks at once; does not return */
} ranks_provider;

#endif
