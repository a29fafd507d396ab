/* Shows a long text on a terminal. */
#ifndef BOUTON_DRIVER_PAGER_H
#define BOUTON_DRIVER_PAGER_H

#include <stdio.h>

/* A stream into $PAGER, or else less or more. NULL, without a message: none of them can be started. */
FILE *pager_open(void);

/* Waits until the reader has left. A reader who leaves early is no error. */
void pager_close(FILE *stream);

/* Columns of the terminal on standard output, from 40 to 100; 80 if it is no terminal. */
unsigned terminal_width(void);

#endif
