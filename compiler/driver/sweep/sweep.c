/* bouton sweep: trains a network with many settings and seeds, and compares them.
 *
 *     text -> grid -> plan: rows, runs -> pool: trainings -> missing scores -> choice, table, expectation */
#include <string.h>
#include <sys/stat.h>

#include "sweep/finish.h"
#include "sweep/halving.h"
#include "sweep/pool.h"
#include "sweep/store.h"
#include "verbs/verbs.h"

static void tell_begin(const sweep *s, size_t done)
{
    size_t rows = s->grid.row_count, seeds = s->grid.seed_count;
    fprintf(stderr, "%zu row%s, %zu seed%s: %zu run%s", rows, rows == 1 ? "" : "s", seeds, seeds == 1 ? "" : "s",
            s->run_count, s->run_count == 1 ? "" : "s");
    if (done > 0)
        fprintf(stderr, ", %zu of them finished before", done);
    fputc('\n', stderr);
    if (s->on == BT_SPLIT_TEST && !cli_has(s->cli, OPTION_sweep_on) && rows > 1)
        say(s->cli, MESSAGE_NOTE,
            "There are no validation samples, so rows are compared by their test samples; hold out a share of train as "
            "validation to keep the test samples from the choice");
}

/* With one row there is nothing to choose, so its test samples may be scored at once. */
static bool scores_test(const sweep *s)
{
    return s->grid.row_count == 1 || s->on == BT_SPLIT_TEST;
}

/* Leaves the runs of other parts to those who train them. Runs are dealt out in turn, and each seed begins with another
 * row, so that no part has all the large networks. */
static void take_part(sweep *s)
{
    const uint32_t *part = s->cli->values[OPTION_shard].part;
    size_t rows = s->grid.row_count;
    for (size_t i = 0; i < s->run_count; i++) {
        sweep_run *run = &s->runs[i];
        size_t turn = run->seed * rows + (run->row + run->seed) % rows;
        if (run->state == RUN_WAITS && turn % part[1] != part[0] - 1)
            run->state = RUN_ELSEWHERE;
    }
}

/* A part is not compared with anything: its table would be that of some runs only. */
static void tell_part(const sweep *s)
{
    size_t missing = 0;
    for (size_t i = 0; i < s->run_count; i++)
        missing += s->runs[i].state != RUN_DONE;
    fprintf(stderr, "part %s is trained; ", cli_text(s->cli, OPTION_shard));
    if (missing > 0)
        fprintf(stderr, "%zu of all %zu runs %s missing; ", missing, s->run_count, missing == 1 ? "is" : "are");
    fprintf(stderr, "the table: bouton sweep --collect %s\n", s->folder);
}

static int train_all(sweep *s)
{
    run_aim aim = {.until = 1, .scores_test = scores_test(s)};
    if (cli_has(s->cli, OPTION_halving))
        return halving_train(s);
    if (cli_has(s->cli, OPTION_shard))
        take_part(s);
    return pool_train(s, &aim);
}

static int run_sweep(sweep *s)
{
    if (cli_has(s->cli, OPTION_halving) && s->on != BT_SPLIT_VALIDATION)
        return fail(s->cli, STATUS_FAILED,
                    "%s: halving compares rows by validation samples; hold some out, or leave out --halving", s->path);
    int status = store_write(s);
    if (status != STATUS_DONE)
        return status;
    tell_begin(s, sweep_results(s));
    status = train_all(s);
    if (status > 128)
        return fail(s->cli, status, "Stopped; the same command goes on with the runs that are not finished");
    if (cli_has(s->cli, OPTION_shard)) {
        if (status == STATUS_DONE)
            tell_part(s);
        return status;
    }
    if (s->halved && status == STATUS_DONE)
        status = store_write(s); /* with the rows that were left */
    int finished = sweep_finish(s);
    return status != STATUS_DONE ? status : finished;
}

/* Prints the table of a folder, whoever has trained its runs. */
static int collect(const command_line *cli)
{
    sweep s;
    if (cli->operand_count > 0)
        return fail(cli, STATUS_USAGE, "--collect reads what was trained from its folder; leave out '%s'",
                    cli->operands[0]);
    int status = store_read(cli, cli_text(cli, OPTION_collect), &s);
    if (status == STATUS_DONE) {
        (void)sweep_results(&s);
        status = sweep_finish(&s);
    }
    sweep_free(&s);
    return status;
}

static int check_operands(const command_line *cli)
{
    if (cli->operand_count == 0)
        return fail(cli, STATUS_USAGE, "'bouton sweep' needs FILE; for example: %s", verb_rows[VERB_sweep].example);
    if (!cli_has(cli, OPTION_sweep_out))
        return fail(cli, STATUS_USAGE, "'bouton sweep' needs a folder for its runs; name it with -o DIR");
    return STATUS_DONE;
}

/* Rows read the text several times, which a pipe does not allow. */
static int check_file(const command_line *cli)
{
    struct stat facts;
    const char *path = cli->operands[0];
    if (strcmp(path, "-") == 0 || (stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)))
        return fail(cli, STATUS_USAGE, "%s: a sweep reads its text several times; name a file", path);
    return STATUS_DONE;
}

int verb_sweep(const command_line *cli)
{
    sweep s;
    if (cli_has(cli, OPTION_collect))
        return collect(cli);
    int status = check_operands(cli);
    if (status == STATUS_DONE)
        status = check_file(cli);
    if (status != STATUS_DONE)
        return status;
    status = sweep_plan(cli, cli->operands[0], cli_text(cli, OPTION_sweep_out), &s);
    if (status == STATUS_DONE)
        status = run_sweep(&s);
    sweep_free(&s);
    return status;
}
