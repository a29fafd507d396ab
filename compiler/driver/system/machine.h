/* Facts of the machine a measurement was made on. */
#ifndef BOUTON_DRIVER_MACHINE_H
#define BOUTON_DRIVER_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_NAME_ROOM 128

typedef struct machine_info {
    char processor[MACHINE_NAME_ROOM]; /* as the system names it; "unknown" where it doesn't */
    char clock[32];                    /* "2.60 GHz"; empty where not known */
    uint32_t threads;                  /* processors this process may run on */
} machine_info;

machine_info machine_facts(void);

#endif
