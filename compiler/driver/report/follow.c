/* The page about a training that goes on. */
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

typedef struct following {
    const command_line *cli;
    const report_progress *at;
} following;

static int write_page(FILE *to, void *user)
{
    const following *page = user;
    const report_progress *at = page->at;
    int status = STATUS_DONE;
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
        status = curves_draw(to, page->cli, at->program, at->history);
    else
        fputs("<p>The curves begin when the first epoch has ended.</p>\n", to);
    html_section_end(to);
    html_end(to);
    return status;
}

int report_follow(const command_line *cli, const report_progress *at, const char *path)
{
    following page = {cli, at};
    return report_page(cli, path, write_page, &page, NULL);
}
