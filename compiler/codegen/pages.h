#ifndef BOUTON_COMPILER_PAGES_H
#define BOUTON_COMPILER_PAGES_H

/* Gives back the memory that LLVM took to make code: what its heap no longer uses, and the pages of its own code, which
 * are read from the file again should more be compiled. They are more than most networks need to learn. */
void bc_pages_return(void);

#endif
