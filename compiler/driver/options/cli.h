/* The parsed command line: the verb, the options and the operands. Strings belong to argv. */
#ifndef BOUTON_DRIVER_CLI_H
#define BOUTON_DRIVER_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "options/tables.h"
#include "options/value.h"

/* Exit statuses. The statuses of failures equal the values of br_error_kind. */
typedef enum exit_status {
    STATUS_DONE = 0,
    STATUS_FAILED = 1, /* a check failed or an expectation was not met */
    STATUS_USAGE = 2,
    STATUS_IO = 3,
    STATUS_FAULT = 4,
} exit_status;

typedef struct verb_row {
    const char *name, *operands;
    int fewest, most; /* number of operands */
    const char *summary, *example;
} verb_row;

extern const verb_row verb_rows[VERB_COUNT];

/* A file in the memory of a program that runs a verb: read wherever an operand has its name. */
typedef struct held_file {
    const char *name;
    const void *bytes;
    size_t size;
} held_file;

/* What a program that runs verbs has instead of a terminal. Empty for bouton itself. */
typedef struct verb_host {
    /* Takes a message, without a newline; NULL: messages go to standard error, and diagnostics of texts with them.
     * `kind` is a message_kind. */
    void (*told)(void *user, int kind, const char *text);
    void *user;
    FILE *to;       /* takes what verbs print; NULL: standard output */
    held_file held; /* name NULL: none */
} verb_host;

typedef struct command_line {
    verb_host host;
    bool has_verb; /* false: the command line holds only --help or --version */
    verb_id verb;
    option_value values[OPTION_COUNT];
    option_setting *settings; /* every --set, in order */
    size_t setting_count;
    const char **operands;
    size_t operand_count;
    bool color;         /* colour in messages */
    int argument_count; /* argv, for the record of a training run */
    char **arguments;
} command_line;

/* Fills *out. Where the command line is wrong, prints an error and returns STATUS_USAGE. `host` may be NULL; its strings
 * are borrowed. */
int cli_parse(command_line *out, const verb_host *host, int argc, char **argv);
void cli_free(command_line *cli);

/* Whether the verb of the command line has this option; without a verb, whether bouton has it. */
bool cli_serves(const command_line *cli, option_id id);

bool verb_find(const char *word, verb_id *out);
int fail_unknown_verb(const command_line *cli, const char *word); /* suggests the nearest verb; returns STATUS_USAGE */

/* Where a verb prints its results. */
static inline FILE *cli_out(const command_line *cli)
{
    return cli->host.to != NULL ? cli->host.to : stdout;
}

/* Where a verb may show what it is doing; NULL: nowhere. */
static inline FILE *cli_terminal(const command_line *cli)
{
    return cli->host.told != NULL ? NULL : stderr;
}

static inline bool cli_has(const command_line *cli, option_id id)
{
    return cli->values[id].text != NULL;
}

/* The argument as given, or NULL if the option was not given. */
static inline const char *cli_text(const command_line *cli, option_id id)
{
    return cli->values[id].text;
}

/* The value of an option by its type, or `fallback` if the option was not given. */
static inline uint64_t cli_count(const command_line *cli, option_id id, uint64_t fallback)
{
    return cli_has(cli, id) ? cli->values[id].count : fallback;
}

/* For SECONDS, SHARE and POINTS, and for the smallest value that an expectation allows. */
static inline double cli_number(const command_line *cli, option_id id, double fallback)
{
    return cli_has(cli, id) ? cli->values[id].number : fallback;
}

static inline unsigned cli_word(const command_line *cli, option_id id, unsigned fallback)
{
    return cli_has(cli, id) ? cli->values[id].word : fallback;
}

#endif
