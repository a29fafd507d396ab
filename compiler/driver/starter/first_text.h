/* The parts of a first text for someone's data. Every writer prints .btn text with comments; `bouton new` lays it out. */
#ifndef BOUTON_DRIVER_FIRST_TEXT_H
#define BOUTON_DRIVER_FIRST_TEXT_H

#include <stdio.h>

#include "options/cli.h"

typedef struct first_text {
    const command_line *cli;
    FILE *to;
    const char *network; /* its name, and that of the data */
    const char *given;   /* the data as the command line names them; NULL: none */
    const char *data;    /* the same as the text must name them, from its own folder */
} first_text;

/* Each prints the whole text, or an error, and returns the exit status. */
int first_text_of_table(const first_text *text);
int first_text_of_pictures(const first_text *text);
int first_text_of_arrays(const first_text *text, bool *found); /* IDX files; *found: the folder has some */
void first_text_of_nothing(const first_text *text);

/* What the schedule and the splits depend on. */
typedef struct first_facts {
    uint64_t samples; /* of train */
    uint64_t rarest, commonest;
    const char *commonest_name; /* its class; NULL: unknown */
    bool has_test;              /* the data have a test split of their own */
    const char *learn;          /* the statements of the phase that correct, up to `epochs` */
    uint32_t epochs;
} first_facts;

void first_splits(const first_text *text, const first_facts *facts);   /* `hold out`, in the data block */
void first_schedule(const first_text *text, const first_facts *facts); /* and what follows it */

/* Training shows the samples about so often that a first result takes a few seconds, but each of them 10 times at least
 * and `most` times at most. */
uint32_t first_epochs(uint64_t samples, uint64_t shown, uint32_t most);

/* A text in double quotes with its escapes, and a text that stays in its comment. */
void first_quoted(FILE *to, const char *text);
void first_plain(FILE *to, const char *text);

#endif
