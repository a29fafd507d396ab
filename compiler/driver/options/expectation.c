#include "options/expectation.h"

#include <string.h>

#include "options/console.h"
#include "options/number.h"

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t");
}

/* A metric that can be expected: its name, and an example of an expectation. */
typedef struct metric_syntax {
    const char *name, *example;
} metric_syntax;

static const metric_syntax accuracy = {"accuracy", "accuracy >= 97%"}, psnr = {"psnr", "psnr >= 30"},
                           mean = {"mean accuracy", "mean accuracy >= 97%"};

static int fail_text(const command_line *cli, const metric_syntax *metric, const char *text, const char *cause)
{
    return fail(cli, STATUS_USAGE, "--expect '%s': %s; write it as '%s'", text, cause, metric->example);
}

/* The number of "NAME >= NUMBER", as text. */
typedef char number_text[32];
static int read_comparison(const command_line *cli, const metric_syntax *metric, const char *text, number_text number)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    const char *at = skip_space(text);
    size_t length = strspn(at, letters);
    if (strchr(metric->name, ' ') != NULL && at[length] == ' ') /* a metric of two words */
        length += 1 + strspn(at + length + 1, letters);
    if (length != strlen(metric->name) || strncmp(at, metric->name, length) != 0) {
        char cause[64];
        snprintf(cause, sizeof cause, "the only metric is %s", metric->name);
        return fail_text(cli, metric, text, cause);
    }
    at = skip_space(at + length);
    if (strncmp(at, ">=", 2) != 0)
        return fail_text(cli, metric, text, "the only comparison is >=");
    at = skip_space(at + 2);
    length = strcspn(at, " \t");
    if (length >= sizeof(number_text) || *skip_space(at + length) != '\0')
        return fail_text(cli, metric, text, "one number must end it");
    memcpy(number, at, length);
    number[length] = '\0';
    return STATUS_DONE;
}

int expectation_read(const command_line *cli, const char *text, double *least)
{
    number_text number;
    int status = read_comparison(cli, &accuracy, text, number);
    if (status == STATUS_DONE && !share_read(number, least))
        return fail_text(cli, &accuracy, text, "the number is not a share between 0 and 1, or 0% and 100%");
    return status;
}

int expectation_read_mean(const command_line *cli, const char *text, double *least)
{
    number_text number;
    int status = read_comparison(cli, &mean, text, number);
    if (status == STATUS_DONE && !share_read(number, least))
        return fail_text(cli, &mean, text, "the number is not a share between 0 and 1, or 0% and 100%");
    return status;
}

int expectation_read_psnr(const command_line *cli, const char *text, double *least)
{
    number_text number;
    int status = read_comparison(cli, &psnr, text, number);
    if (status == STATUS_DONE && !decimal_read(number, least))
        return fail_text(cli, &psnr, text, "the number is not a plain decimal such as 30 or 30.5");
    return status;
}
