/* The command line, parsed: which verb, which options, which operands. Strings are argv's own. */
#ifndef BOUTON_DRIVER_CLI_H
#define BOUTON_DRIVER_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tables.h"

/* Exit statuses; those of failures are br_error_kind's. */
typedef enum status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1, /* a check or an expectation */
    STATUS_USAGE = 2,
    STATUS_IO = 3,
    STATUS_FAULT = 4,
} status;

typedef struct verb_row {
    const char *name, *operands;
    int fewest, most; /* operands */
    const char *summary, *example;
} verb_row;

typedef struct option_row {
    char letter; /* 0: none */
    const char *name, *argument;
    uint32_t verbs; /* bit per verb_id */
    const char *help;
} option_row;

extern const verb_row verb_rows[VERB_COUNT];
extern const option_row option_rows[OPTION_COUNT];

typedef struct cli {
    bool has_verb; /* false: only --help or --version was asked */
    verb_id verb;
    const char *value[OPTION_COUNT]; /* NULL: not given; "" for an option without argument */
    const char **sets;               /* every --set, in order */
    size_t set_count;
    const char **operands;
    size_t operand_count;
    bool color;         /* of messages */
    int argument_count; /* argv, for the record */
    char **arguments;
} cli;

/* Fills *out; a wrong command line has been answered on standard error when this returns STATUS_USAGE. */
int cli_parse(cli *out, int argc, char **argv);
void cli_free(cli *cli);

bool verb_find(const char *word, verb_id *out);
int fail_unknown_verb(const cli *cli, const char *word); /* says the nearest one; STATUS_USAGE */

static inline bool cli_has(const cli *cli, option_id id)
{
    return cli->value[id] != NULL;
}

/* The argument as a whole number within [least, most], as seconds up to a day, or as a share (0.2 or 20%); `fallback`
 * where not given. */
int cli_number(const cli *cli, option_id id, uint64_t least, uint64_t most, uint64_t fallback, uint64_t *out);
int cli_seconds(const cli *cli, option_id id, double fallback, double *out);
int cli_share(const cli *cli, option_id id, double fallback, double *out);

/* Choice lists: "|a|b" and "a|b" both hold a and b. Copies word `index` into `word`; false past the last. */
bool choice_word(const char *list, size_t index, char *word, size_t size);

#endif
