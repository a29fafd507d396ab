#include "shares.h"

#include <math.h>

static double largest(const double *x, uint32_t classes)
{
    double top = x[0];
    for (uint32_t k = 1; k < classes; k++)
        top = fmax(top, x[k]);
    return top;
}

/* ln of the sum of exp(B d), d = x - max x. */
static double log_sum(const double *x, uint32_t classes, double sharpness)
{
    double top = largest(x, classes), sum = 0;
    for (uint32_t k = 0; k < classes; k++)
        sum += exp(sharpness * (x[k] - top));
    return log(sum);
}

void ref_shares(const double *x, uint32_t classes, double sharpness, double *p)
{
    double all = log_sum(x, classes, sharpness), top = largest(x, classes);
    for (uint32_t k = 0; k < classes; k++)
        p[k] = exp(sharpness * (x[k] - top) - all);
}

double ref_share_loss(const double *x, const uint32_t *labels, uint32_t count, uint32_t classes, double sharpness)
{
    double loss = 0;
    for (uint32_t n = 0; n < count; n++, x += classes) {
        double all = log_sum(x, classes, sharpness), top = largest(x, classes), of_all = 0;
        for (uint32_t k = 0; k < classes; k++)
            of_all += all - sharpness * (x[k] - top);
        loss += all - sharpness * (x[labels[n]] - top); /* of the sample */
        loss += of_all / classes / count;               /* its part of the one sample that every class shares */
    }
    return loss / (count + 1);
}

double ref_sharpness(const double *x, const uint32_t *labels, uint32_t count, uint32_t classes)
{
    const double part = (sqrt(5) - 1) / 2;
    double low = -10 * log(2), high = 10 * log(2);
    for (int step = 0; step < 80; step++) {
        double a = high - part * (high - low), b = low + part * (high - low);
        if (ref_share_loss(x, labels, count, classes, exp(a)) < ref_share_loss(x, labels, count, classes, exp(b)))
            high = b;
        else
            low = a;
    }
    return exp((low + high) / 2);
}

double ref_calibration_error(const double *p, const int *right, uint32_t count)
{
    double error = 0;
    for (int bin = 0; bin < 10; bin++) {
        double claimed = 0, found = 0;
        for (uint32_t n = 0; n < count; n++)
            if (p[n] * 10 >= bin && (p[n] * 10 < bin + 1 || bin == 9)) {
                claimed += p[n];
                found += right[n];
            }
        error += fabs(claimed - found) / count;
    }
    return error;
}
