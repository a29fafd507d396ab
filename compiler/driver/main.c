/* The program: parses the command line, runs the verb, and checks that all output was written.
 *
 *     argv -> cli -> verb_NAME -> session (text -> network -> plan -> code; data) -> results, exit status */
#include <signal.h>
#include <stdio.h>

#include "bouton/model.h"
#include "options/console.h"
#include "options/help.h"
#include "system/out_of_memory.h"
#include "verbs/verbs.h"

static int run_verb(const command_line *cli)
{
    switch (cli->verb) {
#define X(name, ...)                                                                                                   \
    case VERB_##name:                                                                                                  \
        return verb_##name(cli);
        VERBS(X)
#undef X
    case VERB_COUNT:
        break;
    }
    return STATUS_FAULT;
}

/* What a report of a fault should say. */
static void print_build(void)
{
#if defined(__clang__)
    const char *compiler = "clang " __clang_version__;
#elif defined(__GNUC__)
    const char *compiler = "gcc " __VERSION__;
#else
    const char *compiler = "another compiler";
#endif
#if defined(NDEBUG)
    const char *checks = "without assertions";
#else
    const char *checks = "with assertions";
#endif
    printf("LLVM %s\ninterface of compiled code %u\nbuilt by %s, %s\n", bc_llvm_version(), BR_INTERFACE_VERSION,
           compiler, checks);
}

static int run(const command_line *cli)
{
    if (cli_has(cli, OPTION_help)) {
        if (cli->has_verb)
            help_verb(cli->verb, stdout);
        else
            help_program(stdout);
        return STATUS_DONE;
    }
    if (cli_has(cli, OPTION_version)) {
        puts("bouton " BR_VERSION);
        if (cli_has(cli, OPTION_version_verbose) || cli_has(cli, OPTION_verbose) || cli_has(cli, OPTION_build_verbose))
            print_build();
        return STATUS_DONE;
    }
    return run_verb(cli);
}

int main(int argc, char **argv)
{
    command_line cli;
    signal(SIGPIPE, SIG_IGN); /* a closed pipe then shows as a failed write: see finish_output */
    signal(SIGXFSZ, SIG_IGN); /* so does a file that reached the size limit */
    out_of_memory_watch();
    int status = cli_parse(&cli, NULL, argc, argv);
    if (status == STATUS_DONE)
        status = run(&cli);
    int written = finish_output(&cli);
    cli_free(&cli);
    return status != STATUS_DONE ? status : written;
}
