/* Describes this machine, for benchmarks and for the record of a training run. */
#ifndef BOUTON_DRIVER_MACHINE_H
#define BOUTON_DRIVER_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#define MACHINE_NAME_SIZE 128

typedef struct machine_info {
    char processor[MACHINE_NAME_SIZE]; /* the system's name for it, or "unknown" */
    char clock[32];                    /* such as "2.60 GHz"; empty if unknown */
    uint32_t threads;                  /* processors this process may run on */
} machine_info;

machine_info machine_facts(void);

/* Seconds of a clock that only runs forward. */
double machine_seconds(void);

#endif
