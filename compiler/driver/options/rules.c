#include "options/rules.h"

#include <string.h>

#include "options/console.h"

static const struct {
    option_id option, other;
    bool together; /* true: `option` needs `other`; false: it excludes it */
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
    return STATUS_DONE;
}
