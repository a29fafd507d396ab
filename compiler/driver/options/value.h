/* Options, their types and their values. The parser reads and checks each value once; verbs receive numbers and
 * indices. Strings belong to argv. */
#ifndef BOUTON_DRIVER_VALUE_H
#define BOUTON_DRIVER_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bouton/compiler.h"
#include "options/tables.h"

typedef enum option_kind {
    KIND_FLAG,     /* no argument */
    KIND_TEXT,     /* a name, or a path that is opened later */
    KIND_OUTPUT,   /* the path of a binary file, which can't be standard output */
    KIND_COUNT,    /* an integer in a range */
    KIND_SECONDS,  /* seconds, up to a day */
    KIND_SHARE,    /* 0.2 or 20% */
    KIND_POINTS,   /* percentage points, 0 to 100 */
    KIND_WORD,     /* one of the words in the option's argument */
    KIND_BUDGET,   /* flash=64K,ram=16K */
    KIND_SETTING,  /* NAME=VALUE */
    KIND_SEEDS,    /* 1..5 or 1,4,7..9 */
    KIND_PART,     /* 2/4 */
    KIND_ACCURACY, /* accuracy >= 97% */
    KIND_MEAN,     /* mean accuracy >= 97% */
    KIND_PSNR,     /* psnr >= 30 */
} option_kind;

typedef struct option_type {
    option_kind kind;
    uint64_t least, most; /* of a count */
    const char *content,
        *replaces; /* of an output: names the file and the input it must not replace (NULL: no input) */
} option_type;

typedef struct option_row {
    char letter; /* 0: no letter */
    const char *name, *argument;
    option_type type;
    uint32_t verbs; /* one bit for each verb_id */
    const char *help;
} option_row;

extern const option_row option_rows[OPTION_COUNT];

/* NAME=VALUE of --set: a new value for a constant, or the inference method of a layer (plan.LAYER=METHOD). */
typedef struct option_setting {
    const char *text;
    const char *name; /* the constant's or the layer's; not terminated by 0 */
    size_t name_length;
    const char *value;
    bt_method method; /* BC_METHOD_MEASURED: the setting is the value of a constant */
} option_setting;

typedef struct option_value {
    const char *text; /* as given; NULL if not given; "" for a flag */
    union {
        uint64_t count;
        double number; /* seconds, a share, points, or the smallest value that an expectation allows */
        unsigned word; /* index of the word in its table */
        option_setting setting;
        uint32_t part[2]; /* number, from 1, and number of parts */
        struct {
            uint64_t flash, ram; /* bytes; UINT64_MAX: no limit */
        } budget;
    };
} option_value;

struct command_line;

/* Reads and checks the argument of an option. If it is wrong, prints an error and returns STATUS_USAGE. */
int option_read(const struct command_line *cli, option_id id, const char *text, option_value *out);

#endif
