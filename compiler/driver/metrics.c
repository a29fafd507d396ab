#include "metrics.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "console.h"
#include "progress.h"

int metrics_open(const cli *cli, FILE **out)
{
    const char *path = cli->value[OPTION_metrics];
    *out = NULL;
    if (path == NULL)
        return STATUS_DONE;
    *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
    return *out != NULL ? STATUS_DONE : fail(cli, STATUS_IO, "--metrics %s: %s", path, strerror(errno));
}

/* JSON knows no infinity and no NaN. */
static json_t *real_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

bool metrics_write(FILE *to, const br_progress *progress)
{
    double validation = progress->validation >= 0 ? progress->validation : NAN;
    bool labelled = !progress->competing; /* without labels nothing is right or wrong */
    json_t *line = json_pack("{s:s, s:i, s:I, s:o, s:o, s:o, s:o, s:o, s:b}", "phase", progress->phase, "epoch",
                             (int)progress->epoch, "samples", (json_int_t)progress->done, "error",
                             real_or_null(labelled ? progress->error : NAN), "accuracy",
                             real_or_null(labelled ? progress->accuracy : NAN), "validation", real_or_null(validation),
                             "seconds", real_or_null(progress->seconds), "samples_per_second",
                             real_or_null(progress_rate(progress)), "best", (int)progress->best);
    bool written = line != NULL && json_dumpf(line, to, JSON_REAL_PRECISION(9)) == 0 && fputc('\n', to) != EOF &&
                   fflush(to) == 0; /* a line at a time, so that it can be watched */
    json_decref(line);
    return written;
}

int metrics_close(const cli *cli, FILE *file)
{
    if (file == NULL || file == stdout) /* standard output is looked after at the end of the program */
        return STATUS_DONE;
    bool lost = ferror(file) != 0;
    errno = 0;
    if (fclose(file) == 0 && !lost)
        return STATUS_DONE;
    return fail(cli, STATUS_IO, "--metrics %s: %s; lines are missing", cli->value[OPTION_metrics],
                errno != 0 ? strerror(errno) : "a write failed");
}
