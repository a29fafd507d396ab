/* The command line, parsed: which verb, which options, which operands. Strings are argv's own. */
#ifndef BOUTON_DRIVER_CLI_H
#define BOUTON_DRIVER_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options/tables.h"
#include "options/value.h"

/* Exit statuses; those of failures are br_error_kind's. */
typedef enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1, /* a check or an expectation */
    STATUS_USAGE = 2,
    STATUS_IO = 3,
    STATUS_FAULT = 4,
} exit_status;

typedef struct verb_row {
    const char *name, *operands;
    int fewest, most; /* operands */
    const char *summary, *example;
} verb_row;

extern const verb_row verb_rows[VERB_COUNT];

typedef struct command_line {
    bool has_verb; /* false: only --help or --version was asked */
    verb_id verb;
    option_value values[OPTION_COUNT];
    option_setting *settings; /* every --set, in order */
    size_t setting_count;
    const char **operands;
    size_t operand_count;
    bool color;         /* of messages */
    int argument_count; /* argv, for the record */
    char **arguments;
} command_line;

/* Fills *out; a wrong command line has been answered on standard error when this returns STATUS_USAGE. */
int cli_parse(command_line *out, int argc, char **argv);
void cli_free(command_line *cli);

bool verb_find(const char *word, verb_id *out);
int fail_unknown_verb(const command_line *cli, const char *word); /* says the nearest one; STATUS_USAGE */

static inline bool cli_has(const command_line *cli, option_id id)
{
    return cli->values[id].text != NULL;
}

/* The argument as it was given; NULL where it was not. */
static inline const char *cli_text(const command_line *cli, option_id id)
{
    return cli->values[id].text;
}

/* Values by the option's type, checked already; `fallback` where not given. */
static inline uint64_t cli_count(const command_line *cli, option_id id, uint64_t fallback)
{
    return cli_has(cli, id) ? cli->values[id].count : fallback;
}

/* Of SECONDS, SHARE and POINTS, and the least value of an expectation. */
static inline double cli_number(const command_line *cli, option_id id, double fallback)
{
    return cli_has(cli, id) ? cli->values[id].number : fallback;
}

static inline unsigned cli_word(const command_line *cli, option_id id, unsigned fallback)
{
    return cli_has(cli, id) ? cli->values[id].word : fallback;
}

#endif
