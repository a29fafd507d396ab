#include "show/progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "show/depths.h"
#include "show/numbers.h"

#define LINE_SIZE  256
#define BAR_SIZE   20
#define BAR_SHORT  10  /* leaves space for two numbers of fields */
#define SHOW_EVERY 0.1 /* seconds between updates */

progress_view progress_new(FILE *to, const br_schedule *schedule, const br_model *model, uint64_t samples)
{
    return (progress_view){.to = to,
                           .terminal = isatty(fileno(to)) != 0,
                           .shown_at = -1,
                           .clock = progress_clock_new(schedule, model, samples)};
}

double progress_rate(const br_progress *progress)
{
    return progress->epoch_seconds > 0 ? (double)progress->done / progress->epoch_seconds : 0;
}

static int screen_width(FILE *to)
{
    struct winsize size;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

static void draw_bar(char bar[BAR_SIZE + 1], int width, double share)
{
    int full = (int)(share * width);
    for (int i = 0; i < width; i++)
        bar[i] = i < full ? '=' : i == full ? '>' : ' ';
    bar[width] = '\0';
}

/* Digits of the number of epochs, so that all lines of a phase align. */
static int epoch_width(const br_progress *progress)
{
    return snprintf(NULL, 0, "%u", progress->epochs);
}

static void show_moving(progress_view *view, const br_progress *progress)
{
    char line[LINE_SIZE], bar[BAR_SIZE + 1], left_text[48] = "";
    number_buffer rate, left_buffer, done, total;
    double share = progress->total > 0 ? (double)progress->done / (double)progress->total : 0;
    double left = progress_clock_left(&view->clock);
    draw_bar(bar, progress->competing ? BAR_SHORT : BAR_SIZE, share);
    if (left >= 0)
        snprintf(left_text, sizeof left_text, "  %s left", number_clock(left_buffer, left));
    if (progress->competing)
        snprintf(line, sizeof line, "%s  %s of %s fields  [%s]  %s/s%s", progress->phase,
                 number_scaled(done, (double)progress->done), number_scaled(total, (double)progress->total), bar,
                 number_scaled(rate, progress_rate(progress)), left_text);
    else
        snprintf(line, sizeof line, "%s  epoch %*u/%u  [%s]  %s/s  error %.4f  accuracy %6.2f%%%s", progress->phase,
                 epoch_width(progress), progress->epoch, progress->epochs, bar,
                 number_grouped(rate, (uint64_t)progress_rate(progress)), progress->error, 100 * progress->accuracy,
                 left_text);
    int width = screen_width(view->to) - 1; /* some terminals wrap after the last column */
    fprintf(view->to, "\r%.*s\033[K", width, line);
    fflush(view->to);
    view->open = true;
    view->shown_at = progress->seconds;
}

/* Competing filters use fields without labels, so there is no error and no accuracy to show. */
static void show_competition(progress_view *view, const br_progress *progress)
{
    number_buffer fields, seconds, rate;
    fprintf(view->to, "%s  %s fields in %s  %s fields/s\n", progress->phase, number_grouped(fields, progress->done),
            number_seconds(seconds, progress->epoch_seconds), number_grouped(rate, (uint64_t)progress_rate(progress)));
    fflush(view->to);
}

/* What pruning at the end of the epoch has left, and its effect. */
static void show_pruning(const progress_view *view, const br_progress *progress)
{
    if (progress->kept < 1)
        fprintf(view->to, "  pruned to %.3g%%", 100 * progress->kept);
    if (progress->kept < 1 && progress->unpruned >= 0)
        fprintf(view->to, " (before: %.2f%%)", 100 * progress->unpruned);
}

static void show_epoch(progress_view *view, const br_progress *progress)
{
    number_buffer rate;
    progress_end(view);
    if (progress->competing) {
        show_competition(view, progress);
        return;
    }
    fprintf(view->to, "%s  epoch %*u/%u  error %.4f  accuracy %6.2f%%", progress->phase, epoch_width(progress),
            progress->epoch, progress->epochs, progress->error, 100 * progress->accuracy);
    if (progress->validation >= 0)
        fprintf(view->to, "  validation %6.2f%%", 100 * progress->validation);
    show_pruning(view, progress);
    fprintf(view->to, "  %s samples/s%s\n", number_grouped(rate, (uint64_t)progress_rate(progress)),
            progress->best ? "  best" : "");
    depths_line(progress->depths, progress->depth_count, view->to);
    fflush(view->to);
}

void progress_show(progress_view *view, const br_progress *progress)
{
    ticker_end(view->stage);
    view->stage = NULL;
    progress_clock_tell(&view->clock, view->epochs_done, progress);
    if (progress->end_of_epoch) {
        view->epochs_done++;
        show_epoch(view, progress);
    } else if (view->terminal && (view->shown_at < 0 || progress->seconds - view->shown_at >= SHOW_EVERY)) {
        show_moving(view, progress);
    }
}

/* The line of the progress stays until the step takes long. */
void progress_stage(progress_view *view, const char *what)
{
    ticker_end(view->stage);
    view->stage = ticker_begin_on(view->to, what);
}

void progress_advance(progress_view *view, uint64_t done, uint64_t total)
{
    ticker_share(view->stage, total > 0 ? (double)done / (double)total : 0);
}

void progress_end(progress_view *view)
{
    ticker_end(view->stage);
    view->stage = NULL;
    if (view->open)
        fputs("\r\033[K", view->to);
    view->open = false;
}
