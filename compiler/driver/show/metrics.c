#include "show/metrics.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "options/console.h"
#include "show/depths.h"
#include "show/progress.h"

/* Truncates the file after this number of lines. The interrupted epoch is repeated and writes its line again. */
static bool cut_behind(FILE *file, uint64_t lines)
{
    int c = 0;
    while (lines > 0 && (c = getc(file)) != EOF)
        lines -= c == '\n';
    long at = ftell(file);
    return at >= 0 && ftruncate(fileno(file), at) == 0 && fseek(file, at, SEEK_SET) == 0;
}

bool metrics_are_csv(const char *path)
{
    static const char ending[] = ".csv";
    size_t length = path != NULL ? strlen(path) : 0, tail = sizeof ending - 1;
    return length > tail && strcmp(path + length - tail, ending) == 0;
}

int metrics_open(const command_line *cli, uint64_t kept, FILE **out)
{
    const char *path = cli_text(cli, OPTION_metrics);
    bool csv = metrics_are_csv(path);
    *out = NULL;
    if (path == NULL)
        return STATUS_DONE;
    FILE *old = kept > 0 && strcmp(path, "-") != 0 ? fopen(path, "r+") : NULL;
    if (old != NULL && !cut_behind(old, kept + csv)) {
        int cause = errno;
        fclose(old);
        return fail(cli, STATUS_IO, "--metrics %s: can't be continued: %s", path, strerror(cause));
    }
    *out = old != NULL ? old : strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    if (*out == NULL)
        return fail(cli, STATUS_IO, "--metrics %s: %s", path, strerror(errno));
    if (csv && old == NULL) /* a failure shows when the stream is flushed */
        fputs(METRICS_HEADER "\n", *out);
    return STATUS_DONE;
}

/* JSON has neither infinity nor NaN. */
static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static bool put_depths(json_t *line, const br_progress *progress)
{
    return progress->depth_count == 0 ||
           json_object_set_new(line, "readouts", depths_json(progress->depths, progress->depth_count)) == 0;
}

/* A number of a table with a comma before it; nothing between commas stands for none. */
static void put_cell(FILE *to, bool there, double value)
{
    fputc(',', to);
    if (there && isfinite(value))
        fprintf(to, "%.9g", value);
}

/* Names of phases and layers are words, so no cell needs quotes. */
static bool write_row(FILE *to, const br_progress *p)
{
    fprintf(to, "%s,%u,%llu", p->phase, p->epoch, (unsigned long long)p->done);
    put_cell(to, !p->competing, p->error);
    put_cell(to, !p->competing, p->accuracy);
    put_cell(to, p->validation >= 0, p->validation);
    put_cell(to, true, p->seconds);
    put_cell(to, true, progress_rate(p));
    fputs(p->best ? ",true," : ",false,", to);
    for (uint32_t i = 0; i < p->depth_count; i++)
        fprintf(to, "%s%s=%.9g", i > 0 ? " " : "", p->depths[i].layer, p->depths[i].accuracy);
    fputc('\n', to);
    return fflush(to) == 0 && ferror(to) == 0;
}

json_t *metrics_json(const br_progress *progress)
{
    double validation = progress->validation >= 0 ? progress->validation : NAN;
    bool labelled = !progress->competing; /* competing filters use no labels, so there is no error */
    json_t *line = json_pack("{s:s, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:b}", "phase", progress->phase, "epoch",
                             (int)progress->epoch, "samples", (json_int_t)progress->done, "error",
                             real_or_null(labelled ? progress->error : NAN), "accuracy",
                             real_or_null(labelled ? progress->accuracy : NAN), "validation", real_or_null(validation),
                             "seconds", real_or_null(progress->seconds), "samples_per_second",
                             real_or_null(progress_rate(progress)), "best", (int)progress->best);
    if (line != NULL && put_depths(line, progress))
        return line;
    json_decref(line);
    return NULL;
}

bool metrics_write(FILE *to, bool csv, const br_progress *progress)
{
    if (csv)
        return write_row(to, progress);
    json_t *line = metrics_json(progress);
    bool written = line != NULL && json_dumpf(line, to, JSON_REAL_PRECISION(9)) == 0 && fputc('\n', to) != EOF &&
                   fflush(to) == 0; /* after each line, so that the file can be followed */
    json_decref(line);
    return written;
}

int metrics_close(const command_line *cli, FILE *file)
{
    if (file == NULL || file == stdout) /* finish_output checks standard output */
        return STATUS_DONE;
    bool lost = ferror(file) != 0;
    errno = 0;
    if (fclose(file) == 0 && !lost)
        return STATUS_DONE;
    return fail(cli, STATUS_IO, "--metrics %s: %s; lines are missing", cli_text(cli, OPTION_metrics),
                errno != 0 ? strerror(errno) : "a write failed");
}
