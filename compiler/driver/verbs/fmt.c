/* bouton fmt: writes network files in canonical layout. A file is replaced as a whole, and only if it changes. */
#include <string.h>

#include "session/source.h"
#include "verbs/verbs.h"

static int replace(const command_line *cli, const char *path, const bl_layout *layout)
{
    br_error error;
    br_atomic_file *file;
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    fwrite(layout->text, 1, layout->length, br_atomic_stream(file)); /* br_atomic_commit reports a write error */
    if (br_atomic_commit(file, &error) != 0)
        return fail_with(cli, &error);
    printf("%s: formatted\n", path);
    return STATUS_DONE;
}

static int deliver(const command_line *cli, const char *path, const bl_layout *layout)
{
    bool standard = strcmp(path, "-") == 0;
    if (cli_has(cli, OPTION_check) && layout->changed) {
        printf("%s:%u: not in canonical layout\n", standard ? "<stdin>" : path, layout->first_line);
        return STATUS_FAILED;
    }
    if (cli_has(cli, OPTION_check))
        return STATUS_DONE;
    if (standard)
        fwrite(layout->text, 1, layout->length, stdout); /* finish_output reports a write error */
    return layout->changed && !standard ? replace(cli, path, layout) : STATUS_DONE;
}

static int format_file(const command_line *cli, const char *path)
{
    bl_layout layout = {0};
    bool trained;
    int status = source_inspect(cli, path, &trained);
    if (status != STATUS_DONE)
        return status;
    if (trained)
        return fail(cli, STATUS_USAGE,
                    "%s: a trained model, not a network's text; 'bouton dump %s --stage=ast' shows it", path, path);
    bl_context *context = bl_context_new();
    if (context == NULL || bl_lay_out(context, path, &layout) != 0)
        status = fail_memory(cli);
    else if (layout.fault)
        status =
            fail(cli, STATUS_FAULT, "%s: can't be formatted without changing its meaning; the file is unchanged", path);
    else if (layout.text == NULL)
        status = STATUS_FAILED;
    if (context != NULL && status != STATUS_FAULT)
        diagnostics_print(cli, context, stderr);
    if (status == STATUS_DONE)
        status = deliver(cli, path, &layout);
    bl_context_free(context);
    return status;
}

/* Formats the remaining files after a failure. Returns the most severe status. */
int verb_fmt(const command_line *cli)
{
    int gravest = STATUS_DONE;
    for (size_t i = 0; i < cli->operand_count; i++) {
        int status = format_file(cli, cli->operands[i]);
        if (status > gravest)
            gravest = status;
    }
    return gravest;
}
