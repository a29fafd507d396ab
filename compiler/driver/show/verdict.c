#include "show/verdict.h"

#include <math.h>

#include "options/cli.h"

int verdict_accuracy(double least, const char *split, const br_score *score, FILE *to)
{
    /* 98.3% is read as 98.3 / 100, which rounding may place above 9830 / 10000 */
    bool met = score->accuracy >= least - 1e-12;
    if (to == NULL)
        return met ? STATUS_DONE : STATUS_FAILED;
    fprintf(to, "expect accuracy >= %.10g%% on %s: %.2f%% (%llu of %llu)  %s\n", 100 * least, split,
            100 * score->accuracy, (unsigned long long)score->right, (unsigned long long)score->samples,
            met ? "met" : "not met");
    return met ? STATUS_DONE : STATUS_FAILED;
}

int verdict_mean(double least, const char *split, double mean, size_t seeds, FILE *to)
{
    bool met = mean >= least - 1e-12;
    fprintf(to, "expect mean accuracy >= %.10g%% on %s: %.2f%% (%zu seed%s)  %s\n", 100 * least, split, 100 * mean,
            seeds, seeds == 1 ? "" : "s", met ? "met" : "not met");
    return met ? STATUS_DONE : STATUS_FAILED;
}

int verdict_psnr(double least, double psnr, FILE *to)
{
    bool met = psnr >= least - 1e-12;
    fprintf(to, "expect psnr >= %.10g: ", least);
    if (isfinite(psnr))
        fprintf(to, "%.2f dB", psnr);
    else
        fputs("exact", to);
    fprintf(to, "  %s\n", met ? "met" : "not met");
    return met ? STATUS_DONE : STATUS_FAILED;
}
