/* The manual pages: bouton(1), one page for each verb, and bouton(5) about the language. */
#ifndef BOUTON_DRIVER_MANUAL_H
#define BOUTON_DRIVER_MANUAL_H

#include "manual/page.h"
#include "options/cli.h"

void manual_program(page *p);
void manual_verb(page *p, verb_id verb);
void manual_language(page *p);

/* Writes every page as roff into an existing folder or a new one. Prints errors and returns the exit status. */
int manual_write(const command_line *cli, const char *folder);

#endif
