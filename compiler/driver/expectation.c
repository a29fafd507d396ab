#include "expectation.h"

#include <string.h>

#include "console.h"
#include "numbers.h"

static const char *skip_space(const char *text)
{
    return text + strspn(text, " \t");
}

static int fail_text(const cli *cli, const char *text, const char *cause)
{
    return fail(cli, STATUS_USAGE, "--expect '%s': %s; write it as 'accuracy >= 97%%'", text, cause);
}

int expectation_read(const cli *cli, const char *text, double *least)
{
    const char *at = skip_space(text);
    size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");
    if (length != strlen("accuracy") || strncmp(at, "accuracy", length) != 0)
        return fail_text(cli, text, "the only metric is accuracy");
    at = skip_space(at + length);
    if (strncmp(at, ">=", 2) != 0)
        return fail_text(cli, text, "the only comparison is >=");
    at = skip_space(at + 2);
    char number[32];
    length = strcspn(at, " \t");
    if (length >= sizeof number || *skip_space(at + length) != '\0')
        return fail_text(cli, text, "one number ends it");
    memcpy(number, at, length);
    number[length] = '\0';
    if (!share_read(number, least))
        return fail_text(cli, text, "the number is not a share between 0 and 1, or 0% and 100%");
    return STATUS_DONE;
}

int expectation_check(double least, const char *split, const br_score *score, FILE *to)
{
    /* 98.3% is read as 98.3 / 100, which may lie a rounding above 9830 / 10000. */
    bool met = score->accuracy >= least - 1e-12;
    fprintf(to, "expect accuracy >= %.10g%% on %s: %.2f%% (%llu of %llu)  %s\n", 100 * least, split,
            100 * score->accuracy, (unsigned long long)score->right, (unsigned long long)score->samples,
            met ? "met" : "not met");
    return met ? STATUS_DONE : STATUS_FAILED;
}
