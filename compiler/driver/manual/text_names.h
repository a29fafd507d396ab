/* The names in a network's text that a command line may use. */
#ifndef BOUTON_DRIVER_TEXT_NAMES_H
#define BOUTON_DRIVER_TEXT_NAMES_H

#include "options/cli.h"

enum { TEXT_NAME_SIZE = 64 };

typedef enum text_name_kind { TEXT_NAME_LET, TEXT_NAME_NETWORK, TEXT_NAME_LAYER } text_name_kind;

typedef struct text_name {
    text_name_kind kind;
    char text[TEXT_NAME_SIZE];
    char value[32]; /* of a `let`: its expression, cut short; otherwise "" */
} text_name;

typedef struct text_names {
    text_name *list; /* [count], in the order of the text, includes in their places; owned */
    size_t count;
} text_names;

/* Reads a .btn text or the text in a trained model. There are no names, and no error, if `path` is NULL, no regular
 * file, or can't be read. Names that are too long are left out. */
void text_names_read(const char *path, text_names *out);
void text_names_free(text_names *names);

#endif
