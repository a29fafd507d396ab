/* The reference's shares of classes (docs/model.md, equations 20 to 22), in double. */
#ifndef REF_SHARES_H
#define REF_SHARES_H

#include <stdint.h>

/* p [classes] of x = drive - conscience.                                                                        (20) */
void ref_shares(const double *x, uint32_t classes, double sharpness, double *p);

/* The loss of `count` samples, x [count][classes].                                                              (21) */
double ref_share_loss(const double *x, const uint32_t *labels, uint32_t count, uint32_t classes, double sharpness);

/* The sharpness in [1/1024, 1024] with the least loss, by golden section over its logarithm. */
double ref_sharpness(const double *x, const uint32_t *labels, uint32_t count, uint32_t classes);

/* The expected calibration error of `count` answers, p their shares.                                            (22) */
double ref_calibration_error(const double *p, const int *right, uint32_t count);

#endif
