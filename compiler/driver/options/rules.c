#include "options/rules.h"

#include <stdio.h>
#include <string.h>

#include "options/console.h"

static const struct {
    option_id option, other;
    bool together; /* true: `option` needs `other`; false: `option` excludes `other` */
    const char *refusal;
} rules[] = {
#define X(option, other, together, refusal) {OPTION_##option, OPTION_##other, together, refusal},
    OPTION_RULES(X)
#undef X
};

static int check_output(const command_line *cli, option_id id)
{
    const option_type *type = &option_rows[id].type;
    const char *path = cli_text(cli, id);
    if (path == NULL || type->kind != KIND_OUTPUT || type->replaces == NULL)
        return STATUS_DONE;
    for (size_t i = 0; i < cli->operand_count; i++)
        if (strcmp(path, cli->operands[i]) == 0)
            return fail(cli, STATUS_USAGE, "-o %s: this would replace %s; name another file", path, type->replaces);
    return STATUS_DONE;
}

/* Checks one processor name for the machine of --target, or for this machine. */
static int check_processor(const command_line *cli, const char *name)
{
    br_error error;
    return bc_target_check(cli_text(cli, OPTION_target), name, &error) == 0 ? STATUS_DONE : fail_with(cli, &error);
}

/* Checks --target, --cpu, and the list of names that build takes. Empty and too long names are left to
 * bc_artefact_new, which explains how to write the list. */
static int check_processors(const command_line *cli)
{
    char name[64];
    int status = cli_has(cli, OPTION_target) ? check_processor(cli, NULL) : STATUS_DONE;
    if (status == STATUS_DONE && cli_has(cli, OPTION_cpu))
        status = check_processor(cli, cli_text(cli, OPTION_cpu));
    for (const char *at = cli_text(cli, OPTION_cpus); at != NULL && *at != '\0' && status == STATUS_DONE;) {
        size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (length > 0 && length < sizeof name)
            status = check_processor(cli, name);
        at += length + (at[length] == ',');
    }
    return status;
}

int option_rules_check(const command_line *cli)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (cli_has(cli, rules[i].option) && cli_has(cli, rules[i].other) != rules[i].together)
            return fail(cli, STATUS_USAGE, "%s", rules[i].refusal);
    for (int id = 0; id < OPTION_COUNT; id++) {
        int status = check_output(cli, (option_id)id);
        if (status != STATUS_DONE)
            return status;
    }
    return check_processors(cli);
}
