#ifndef BC_PAGES_H
#define BC_PAGES_H

/* Returns the memory that LLVM used for compilation: free heap memory, and the pages of LLVM's own code, which are read
 * from the file again if more code is compiled. Together they are more than most networks need for training. */
void bc_pages_return(void);

#endif
