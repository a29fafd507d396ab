/* What becomes of memory that LLVM can't have. */
#ifndef BOUTON_DRIVER_OUT_OF_MEMORY_H
#define BOUTON_DRIVER_OUT_OF_MEMORY_H

/* From here on it ends the program with an error in words and STATUS_FAULT, and not with a signal: LLVM has no way to
 * hand it up, and everything of bouton's own does. Files being written were not yet in their places. */
void out_of_memory_watch(void);

#endif
