/* Options, their types and their values. A value is read and checked once, while the command line is parsed; verbs get
 * numbers and indices. Strings are argv's own. */
#ifndef BOUTON_DRIVER_OPTION_VALUE_H
#define BOUTON_DRIVER_OPTION_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bouton/compiler.h"
#include "options/tables.h"

typedef enum option_kind {
    KIND_FLAG,     /* no argument */
    KIND_TEXT,     /* a name, or a path that is read or created later */
    KIND_OUTPUT,   /* the path of a file that is not text: never standard output */
    KIND_COUNT,    /* a whole number in a range */
    KIND_SECONDS,  /* up to a day */
    KIND_SHARE,    /* 0.2 or 20% */
    KIND_POINTS,   /* points of a percentage, 0 to 100 */
    KIND_WORD,     /* one of the words of the option's argument */
    KIND_SETTING,  /* NAME=VALUE */
    KIND_ACCURACY, /* accuracy >= 97% */
    KIND_PSNR,     /* psnr >= 30 */
} option_kind;

typedef struct option_type {
    option_kind kind;
    uint64_t least, most;           /* of a count */
    const char *content, *replaces; /* of an output: a phrase for the file, and one for the input (NULL: none) */
} option_type;

typedef struct option_row {
    char letter; /* 0: none */
    const char *name, *argument;
    option_type type;
    uint32_t verbs; /* bit per verb_id */
    const char *help;
} option_row;

extern const option_row option_rows[OPTION_COUNT];

/* NAME=VALUE of --set: another value for a constant, or the form of a layer (plan.LAYER=FORM). */
typedef struct option_setting {
    const char *text;
    const char *name; /* of the constant or the layer; not terminated */
    size_t name_length;
    const char *value;
    bc_form form; /* BC_FORM_MEASURED: it is a constant's value */
} option_setting;

typedef struct option_value {
    const char *text; /* as given; NULL: not given; "" for a flag */
    union {
        uint64_t count;
        double number; /* seconds, a share, points, or the least value an expectation allows */
        unsigned word; /* index of the word in its table */
        option_setting setting;
    };
} option_value;

struct command_line;

/* Reads and checks the argument of an option. Prints an error and returns STATUS_USAGE where it is wrong. */
int option_read(const struct command_line *cli, option_id id, const char *text, option_value *out);

#endif
