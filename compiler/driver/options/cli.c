#include "options/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bouton/lang.h"
#include "options/console.h"
#include "options/rules.h"

const verb_row verb_rows[VERB_COUNT] = {
#define X(name, operands, fewest, most, summary, example) {#name, operands, fewest, most, summary, example},
    VERBS(X)
#undef X
};

/* ---- one word of the command line ---- */

bool cli_serves(const command_line *cli, option_id id)
{
    return !cli->has_verb ? option_rows[id].verbs == ON_ALL || option_rows[id].verbs == ON_NONE
                          : (option_rows[id].verbs >> cli->verb & 1u) != 0;
}

/* The command that an option belongs to, for messages: "bouton train" or "bouton". */
static const char *verb_words(const command_line *cli, char *words, size_t size)
{
    snprintf(words, size, "bouton%s%s", cli->has_verb ? " " : "", cli->has_verb ? verb_rows[cli->verb].name : "");
    return words;
}

static int unknown_option(const command_line *cli, const char *name)
{
    const char *known[OPTION_COUNT];
    size_t count = 0;
    for (int id = 0; id < OPTION_COUNT; id++)
        if (cli_serves(cli, (option_id)id))
            known[count++] = option_rows[id].name;
    char words[64];
    verb_words(cli, words, sizeof words);
    const char *near = bl_nearest(name, known, count);
    if (near != NULL)
        return fail(cli, STATUS_USAGE, "'%s' has no option --%s; did you mean --%s?", words, name, near);
    return fail(cli, STATUS_USAGE, "'%s' has no option --%s; '%s --help' lists them", words, name, words);
}

/* Takes an option found in the table. `value` is the text after '=', `next` the following word; either may be NULL. */
static int take_option(command_line *cli, option_id id, const char *value, const char *next, bool *used_next)
{
    const option_row *row = &option_rows[id];
    *used_next = false;
    if (row->argument == NULL) {
        if (value != NULL)
            return fail(cli, STATUS_USAGE, "--%s takes no argument; leave out '=%s'", row->name, value);
        return option_read(cli, id, "", &cli->values[id]);
    }
    if (value == NULL && row->argument[0] == '[')
        return option_read(cli, id, "", &cli->values[id]);
    if (value == NULL) {
        if (next == NULL)
            return fail(cli, STATUS_USAGE, "--%s needs an argument: --%s %s", row->name, row->name,
                        row->argument + (*row->argument == '|'));
        value = next;
        *used_next = true;
    }
    if (*value == '\0' && row->argument[0] == '[')
        return fail(cli, STATUS_USAGE, "--%s= has an empty argument; write --%s%.*s, or --%s alone", row->name,
                    row->name, (int)strlen(row->argument) - 2, row->argument + 1, row->name);
    if (*value == '\0')
        return fail(cli, STATUS_USAGE, "--%s has an empty argument; write --%s %s", row->name, row->name,
                    row->argument + (*row->argument == '|'));
    int status = option_read(cli, id, value, &cli->values[id]);
    if (status == STATUS_DONE && (id == OPTION_set || id == OPTION_swept))
        cli->settings[cli->setting_count++] = cli->values[id].setting;
    return status;
}

static int take_long(command_line *cli, const char *word, const char *next, bool *used_next)
{
    size_t length = strcspn(word, "=");
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    for (int id = 0; id < OPTION_COUNT; id++)
        if (cli_serves(cli, (option_id)id) && strlen(option_rows[id].name) == length &&
            strncmp(option_rows[id].name, word, length) == 0)
            return take_option(cli, (option_id)id, word[length] == '=' ? word + length + 1 : NULL, next, used_next);
    return unknown_option(cli, name);
}

/* Letters may be combined (-vo FILE), and an argument may directly follow its letter (-oFILE). */
static int take_letters(command_line *cli, const char *word, const char *next, bool *used_next)
{
    for (; *word != '\0'; word++) {
        int id = 0;
        while (id < OPTION_COUNT && !(cli_serves(cli, (option_id)id) && option_rows[id].letter == *word))
            id++;
        if (id == OPTION_COUNT) {
            char words[64];
            verb_words(cli, words, sizeof words);
            return fail(cli, STATUS_USAGE, "'%s' has no option -%c; '%s --help' lists them", words, *word, words);
        }
        const char *rest = option_rows[id].argument != NULL && word[1] != '\0' ? word + 1 : NULL;
        int status = take_option(cli, (option_id)id, rest, next, used_next);
        if (status != STATUS_DONE || option_rows[id].argument != NULL)
            return status;
    }
    return STATUS_DONE;
}

int fail_unknown_verb(const command_line *cli, const char *word)
{
    const char *known[VERB_COUNT];
    for (int verb = 0; verb < VERB_COUNT; verb++)
        known[verb] = verb_rows[verb].name;
    const char *near = bl_nearest(word, known, VERB_COUNT);
    if (near != NULL)
        return fail(cli, STATUS_USAGE, "Unknown verb '%s'; did you mean 'bouton %s'?", word, near);
    return fail(cli, STATUS_USAGE, "Unknown verb '%s'; 'bouton --help' lists them", word);
}

bool verb_find(const char *word, verb_id *out)
{
    for (int verb = 0; verb < VERB_COUNT; verb++)
        if (strcmp(word, verb_rows[verb].name) == 0) {
            *out = (verb_id)verb;
            return true;
        }
    return false;
}

static int take_verb(command_line *cli, const char *word)
{
    cli->has_verb = verb_find(word, &cli->verb);
    return cli->has_verb ? STATUS_DONE : fail_unknown_verb(cli, word);
}

/* ---- the whole line ---- */

static bool wants_color(const command_line *cli)
{
    if (cli->host.told != NULL)
        return false;
    const char *none = getenv("NO_COLOR"), *term = getenv("TERM");
    unsigned when = cli_word(cli, OPTION_color, COLOR_auto);
    if (when != COLOR_auto)
        return when == COLOR_always;
    if (none != NULL && *none != '\0')
        return false;
    return isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0;
}

static int check_command_line(const command_line *cli)
{
    if (!cli->has_verb)
        return cli_has(cli, OPTION_help) || cli_has(cli, OPTION_version)
                   ? STATUS_DONE
                   : fail(cli, STATUS_USAGE, "No verb given; 'bouton --help' lists them");
    const verb_row *verb = &verb_rows[cli->verb];
    if (cli_has(cli, OPTION_version_verbose))
        return fail(cli, STATUS_USAGE, "--verbose stands before 'bouton %s'; write it behind the verb, if that has it",
                    verb->name);
    if (cli_has(cli, OPTION_help) || cli_has(cli, OPTION_version))
        return STATUS_DONE;
    if (cli->operand_count < (size_t)verb->fewest)
        return fail(cli, STATUS_USAGE, "'bouton %s' needs %s; for example: %s", verb->name, verb->operands,
                    verb->example);
    if (verb->most == 0 && cli->operand_count > 0)
        return fail(cli, STATUS_USAGE, "'bouton %s' takes no operand; leave out '%s'", verb->name, cli->operands[0]);
    if (cli->operand_count > (size_t)verb->most)
        return fail(cli, STATUS_USAGE, "'bouton %s' takes %s and nothing more; leave out '%s'", verb->name,
                    verb->operands, cli->operands[verb->most]);
    return option_rules_check(cli);
}

int cli_parse(command_line *out, const verb_host *host, int argc, char **argv)
{
    size_t most = argc > 0 ? (size_t)argc : 1;
    *out = (command_line){.host = host != NULL ? *host : (verb_host){0}};
    out->settings = allocate(out, most, sizeof *out->settings);
    out->operands = allocate(out, most, sizeof *out->operands);
    out->argument_count = argc;
    out->arguments = argv;
    out->color = wants_color(out);
    if (out->settings == NULL || out->operands == NULL)
        return STATUS_FAULT;
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i], *next = i + 1 < argc ? argv[i + 1] : NULL;
        bool used_next = false;
        int status = STATUS_DONE;
        if (!options_end && strcmp(word, "--") == 0)
            options_end = true;
        else if (!options_end && strncmp(word, "--", 2) == 0)
            status = take_long(out, word + 2, next, &used_next);
        else if (!options_end && word[0] == '-' && word[1] != '\0')
            status = take_letters(out, word + 1, next, &used_next);
        else if (!out->has_verb)
            status = take_verb(out, word);
        else
            out->operands[out->operand_count++] = word;
        if (status != STATUS_DONE)
            return status;
        i += used_next;
        out->color = wants_color(out);
    }
    return check_command_line(out);
}

void cli_free(command_line *cli)
{
    free(cli->settings);
    free(cli->operands);
}
