/* bouton report: the sections of a page in their order, written in memory and then to the file. */
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "options/console.h"
#include "report/html.h"
#include "report/sections.h"
#include "show/numbers.h"
#include "show/ticker.h"

static int write_file(const command_line *cli, const char *path, const char *text, size_t size)
{
    br_error error;
    br_atomic_file *file;
    if (size > REPORT_MOST)
        return fail(cli, STATUS_FAILED, "%s: the report takes %zu bytes, and at most %u are written", path, size,
                    REPORT_MOST);
    if (br_atomic_open(path, &file, &error) != 0)
        return fail_with(cli, &error);
    if (fwrite(text, 1, size, br_atomic_stream(file)) != size) {
        int cause = errno;
        br_atomic_discard(file);
        return fail(cli, STATUS_IO, "%s: can't be written: %s; the old file, if any, is untouched", path,
                    strerror(cause));
    }
    return br_atomic_commit(file, &error) == 0 ? STATUS_DONE : fail_with(cli, &error);
}

static int write_sections(FILE *to, void *user)
{
    report_facts *f = user;
    static int (*const sections[])(FILE *, report_facts *) = {
#define X(section) section,
        REPORT_SECTIONS(X)
#undef X
    };
    int status = STATUS_DONE;
    html_begin(to, f->s.source.program->name, 0);
    for (size_t i = 0; i < sizeof sections / sizeof *sections && status == STATUS_DONE; i++)
        status = sections[i](to, f);
    if (f->room.left_out > 0)
        fprintf(to, "<p class=\"soft\">%u pictures were left out, so that the file stays below 2 MB.</p>\n",
                f->room.left_out);
    html_end(to);
    return status;
}

int report_page(const command_line *cli, const char *path, report_writer *write, void *user, FILE *said)
{
    char *text = NULL;
    number_buffer bytes;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL)
        return fail_memory(cli);
    ticker *t = said != NULL ? ticker_begin(cli, "writing %s", path) : NULL; /* a training has its own line */
    int status = write(to, user);
    ticker_end(t);
    if (fclose(to) != 0 && status == STATUS_DONE)
        status = fail_memory(cli);
    if (status == STATUS_DONE)
        status = write_file(cli, path, text, size);
    free(text);
    if (status == STATUS_DONE && said != NULL)
        fprintf(said, "wrote %s (%s bytes)\n", path, number_grouped(bytes, size));
    return status;
}

int report_make(const command_line *cli, const char *model, const char *path, FILE *to)
{
    report_facts f;
    int status = facts_answer(&f, cli, model);
    if (status == STATUS_DONE)
        status = facts_survey(&f);
    if (status == STATUS_DONE && f.no_samples != NULL)
        say(cli, MESSAGE_NOTE, "%s: the report has no answers and no samples: %s", model, f.no_samples);
    if (status == STATUS_DONE)
        status = report_page(cli, path, write_sections, &f, to);
    facts_free(&f);
    return status;
}
