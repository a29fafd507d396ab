/* The page about a training that goes on. */
#include <stdlib.h>

#include "options/console.h"
#include "report/html.h"
#include "report/report.h"
#include "report/sections.h"
#include "show/numbers.h"

enum { REFRESH = 2 }; /* seconds */

static void put_progress(FILE *to, const report_progress *at)
{
    const br_progress *p = at->progress;
    number_buffer done, total, left;
    fputs("<p>Phase ", to);
    html_name(to, p->phase);
    fprintf(to, ", epoch %u of %u: %s of %s %s.", p->epoch, p->epochs, number_grouped(done, p->done),
            number_grouped(total, p->total), p->competing ? "fields" : "samples");
    if (!p->competing)
        fprintf(to, " Error %.4f, accuracy %.2f%%.", p->error, 100 * p->accuracy);
    if (at->left >= 0)
        fprintf(to, " About %s left.", number_clock(left, at->left));
    fputs("</p>\n", to);
}

static void write_page(FILE *to, const report_progress *at)
{
    html_begin(to, at->program->name, REFRESH);
    fputs("<header>\n<h1>Network ", to);
    html_name(to, at->program->name);
    fputs(" is being trained</h1>\n", to);
    put_progress(to, at);
    fputs("<p class=\"soft\">This page reads itself again every few seconds. At the end, the report takes its "
          "place.</p>\n</header>\n",
          to);
    html_section(to, "curves", "Training");
    if (at->history->epoch_count > 0)
        curves_draw(to, at->program, at->history);
    else
        fputs("<p>The curves begin when the first epoch has ended.</p>\n", to);
    html_section_end(to);
    html_end(to);
}

int report_follow(const command_line *cli, const report_progress *at, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);
    if (to == NULL)
        return fail_memory(cli);
    write_page(to, at);
    int status = fclose(to) == 0 ? report_write(cli, path, text, size) : fail_memory(cli);
    free(text);
    return status;
}
