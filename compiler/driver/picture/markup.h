/* Characters of XML and HTML. */
#ifndef BOUTON_DRIVER_MARKUP_H
#define BOUTON_DRIVER_MARKUP_H

#include <stdio.h>

/* Writes a character so that it is no markup, neither between tags nor in an attribute's value. */
void markup_character(FILE *to, char c);

#endif
