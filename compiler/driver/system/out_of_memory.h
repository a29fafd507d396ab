/* Handles LLVM running out of memory. */
#ifndef BOUTON_DRIVER_OUT_OF_MEMORY_H
#define BOUTON_DRIVER_OUT_OF_MEMORY_H

/* LLVM can't return an out-of-memory error; without these handlers it would abort. With them, the program prints an
 * error and exits with STATUS_FAULT. Output files that are not complete were not renamed into place, so the old ones
 * stay. */
void out_of_memory_watch(void);

#endif
