/* bouton dump: prints any stage between text and native code.
 *
 *     text -> tokens -> ast -> model -> plan -> llvm -> asm */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "session/lines.h"
#include "session/session.h"
#include "verbs/verbs.h"

/* ---- one function per stage ---- */

static int dump_tokens(session *s, FILE *to)
{
    bl_dump_tokens(s->source.context, to);
    return STATUS_DONE;
}

static int dump_ast(session *s, FILE *to)
{
    bl_dump_ast(s->source.context, to);
    return STATUS_DONE;
}

static int dump_model(session *s, FILE *to)
{
    bl_dump_model(s->source.program, to);
    return STATUS_DONE;
}

static int dump_plan(session *s, FILE *to)
{
    br_error error;
    bc_plan *plan;
    bc_options options = session_options(s);
    if (bc_plan_new(s->source.program, &options, &plan, &error) != 0)
        return fail_with(s->cli, &error);
    bc_plan_print(plan, to);
    bc_plan_free(plan);
    return STATUS_DONE;
}

static int dump_llvm(session *s, FILE *to)
{
    br_error error;
    bc_options options = session_options(s);
    return bc_dump_llvm(s->source.program, &options, to, &error) == 0 ? STATUS_DONE : fail_with(s->cli, &error);
}

static int dump_asm(session *s, FILE *to)
{
    br_error error;
    if (lines_find(s->cli, &s->source, &s->compiled.lines) != STATUS_DONE)
        return STATUS_FAULT;
    bc_options options = session_options(s);
    return bc_dump_asm(s->source.program, &options, to, &error) == 0 ? STATUS_DONE : fail_with(s->cli, &error);
}

typedef struct stage_row {
    const char *file;
    int (*dump)(session *s, FILE *to);
} stage_row;

static const stage_row stages[STAGE_COUNT] = {
#define X(name, file, summary) {file, dump_##name},
    STAGES(X)
#undef X
};

/* ---- outputs ---- */

static int dump_to_file(session *s, const stage_row *stage, const char *path)
{
    br_error error;
    br_atomic_file *file;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(s->cli, &error);
    int status = stage->dump(s, br_atomic_stream(file));
    if (status != STATUS_DONE)
        br_atomic_discard(file);
    else if (br_atomic_commit(file, &error) != 0)
        status = fail_with(s->cli, &error);
    return status;
}

static int dump_all(session *s, const char *folder)
{
    const command_line *cli = s->cli;
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fail(cli, STATUS_IO, "--all %s: the folder can't be created: %s", folder, strerror(errno));
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof path, "%s/%s", folder, stages[stage].file);
        if (length < 0 || (size_t)length >= sizeof path)
            return fail(cli, STATUS_IO, "--all %s: the name is too long", folder);
        int status = dump_to_file(s, &stages[stage], path);
        if (status != STATUS_DONE)
            return status;
    }
    return STATUS_DONE;
}

/* Tokens are printed for any text, the tree for any text that parses, and the other stages for a checked network. */
static int prepare(session *s, stage_id stage)
{
    if (stage == STAGE_tokens || (stage == STAGE_ast && bl_error_count(s->source.context) == 0))
        return STATUS_DONE;
    return session_check(s);
}

static int dump(session *s)
{
    const command_line *cli = s->cli;
    const char *path = cli_text(cli, OPTION_text_out), *folder = cli_text(cli, OPTION_all);
    stage_id stage = folder != NULL ? STAGE_asm : (stage_id)cli_word(cli, OPTION_stage, STAGE_model);
    int status = prepare(s, stage);
    if (status != STATUS_DONE)
        return status;
    if (folder != NULL)
        return dump_all(s, folder);
    if (path != NULL && strcmp(path, "-") != 0)
        return dump_to_file(s, &stages[stage], path);
    return stages[stage].dump(s, cli_out(cli));
}

int verb_dump(const command_line *cli)
{
    session s;
    int status = session_open(&s, cli, cli->operands[0]);
    if (status == STATUS_DONE)
        status = dump(&s);
    session_close(&s);
    return status;
}
