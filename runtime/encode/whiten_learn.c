/* Learns whitening filters: the covariance of sampled patches, its eigenvectors, and the whitening matrix (C +
 * epsilon I)^(-1/2). */
#include "encode/whiten_learn.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "encode/apply.h"
#include "encode/follow.h"
#include "encode/lapack.h"

#define PATCH_FLOOR 0.0015 /* added to the variance of a patch: sensor noise on values 0..1 */
#define TOGETHER    8u     /* patches added in one pass over the covariance */

typedef struct patches {
    uint32_t dimensions;
    double *group;      /* [TOGETHER][dimensions] */
    double *mean;       /* [dimensions]; the sum until all patches are added */
    double *covariance; /* [dimensions][dimensions], the upper triangle; later one eigenvector in each row */
    double *eigenvalues;
    double *lapack; /* workspace of LAPACK */
    int lapack_size;
} patches;

static void free_patches(patches *p)
{
    br_release(p->group);
    br_release(p->mean);
    br_release(p->covariance);
    br_release(p->eigenvalues);
    br_release(p->lapack);
}

static int new_patches(uint32_t n, patches *p, br_error *error)
{
    *p = (patches){.dimensions = n, .lapack_size = (int)(66 * n)}; /* dsyev needs (its block size + 2) n */
    p->group = br_new(TOGETHER, n * sizeof *p->group, error);
    p->mean = p->group != NULL ? br_new(n, sizeof *p->mean, error) : NULL;
    p->covariance = p->mean != NULL ? br_new((uint64_t)n * n, sizeof *p->covariance, error) : NULL;
    p->eigenvalues = p->covariance != NULL ? br_new(n, sizeof *p->eigenvalues, error) : NULL;
    p->lapack = p->eigenvalues != NULL ? br_new((uint64_t)p->lapack_size, sizeof *p->lapack, error) : NULL;
    return p->lapack != NULL ? 0 : -1;
}

/* Copies the patch at (y, x) as [height][width][channels], subtracts its mean and divides by its deviation. */
static void take_patch(const br_encoder *e, const br_encode_step *step, const float *planes, uint32_t y, uint32_t x,
                       double *out)
{
    uint64_t plane = bt_places(e->shape), n = 0;
    double sum = 0, squares = 0;
    for (uint32_t v = 0; v < step->height; v++)
        for (uint32_t u = 0; u < step->width; u++)
            for (uint32_t c = 0; c < e->shape.channels; c++)
                sum += out[n++] = planes[c * plane + (uint64_t)(y + v) * e->shape.width + x + u];
    for (uint64_t i = 0; i < n; i++) {
        out[i] -= sum / (double)n;
        squares += out[i] * out[i];
    }
    double deviation = sqrt(squares / (double)n + PATCH_FLOOR);
    for (uint64_t i = 0; i < n; i++)
        out[i] /= deviation;
}

/* Adds the products of the group to the sums of the covariance. */
static void add_group(patches *p)
{
    uint32_t n = p->dimensions;
    for (uint32_t g = 0; g < TOGETHER; g++)
        for (uint32_t i = 0; i < n; i++)
            p->mean[i] += p->group[g * n + i];
    const double *x = p->group;
    for (uint32_t i = 0; i < n; i++) {
        double *row = p->covariance + (uint64_t)i * n, with[TOGETHER];
        for (uint32_t g = 0; g < TOGETHER; g++)
            with[g] = x[g * n + i];
        for (uint32_t j = i; j < n; j++)
            row[j] += with[0] * x[j] + with[1] * x[n + j] + with[2] * x[2 * n + j] + with[3] * x[3 * n + j] +
                      with[4] * x[4 * n + j] + with[5] * x[5 * n + j] + with[6] * x[6 * n + j] + with[7] * x[7 * n + j];
    }
}

/* Adds up training patches, each at a random place of a random image, after the steps before this one. 1: stopped. */
static int sum_patches(const br_encoder *e, uint32_t index, const br_samples *train, uint64_t seed,
                       br_encode_workspace *workspace, patches *p)
{
    const br_encode_step *step = &e->steps[index];
    br_follow follow = br_follow_new(e, step->patches);
    for (uint64_t i = 0; i < step->patches; i++) {
        uint32_t words[4];
        if (!br_follow_one(&follow))
            return 1;
        br_random4(seed, BR_STREAM_ENCODE, 0, i, words);
        br_encode_sample(e, train, br_random_below(words[0], (uint32_t)train->count), index, workspace);
        take_patch(e, step, workspace->planes, br_random_below(words[1], e->shape.height - step->height + 1),
                   br_random_below(words[2], e->shape.width - step->width + 1),
                   p->group + i % TOGETHER * p->dimensions);
        if (i % TOGETHER == TOGETHER - 1)
            add_group(p);
    }
    uint64_t rest = step->patches % TOGETHER;
    if (rest > 0) {
        memset(p->group + rest * p->dimensions, 0, (TOGETHER - rest) * p->dimensions * sizeof *p->group);
        add_group(p);
    }
    uint32_t n = p->dimensions;
    double count = (double)step->patches;
    for (uint32_t i = 0; i < n; i++)
        p->mean[i] /= count;
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = i; j < n; j++)
            p->covariance[(uint64_t)i * n + j] = p->covariance[(uint64_t)i * n + j] / count - p->mean[i] * p->mean[j];
    return 0;
}

/* Row `row` of W = (C + epsilon I)^(-1/2), minus its mean. */
static void write_filter(const patches *p, double epsilon, uint32_t row, float *out)
{
    uint32_t n = p->dimensions;
    double *sums = p->group, mean = 0; /* the group's buffer is free by now */
    memset(sums, 0, n * sizeof *sums);
    for (uint32_t m = 0; m < n; m++) {
        const double *vector = p->covariance + (uint64_t)m * n;
        double eigenvalue = p->eigenvalues[m] > 0 ? p->eigenvalues[m] : 0; /* negative only by rounding */
        double weight = vector[row] / sqrt(eigenvalue + epsilon);
        for (uint32_t i = 0; i < n; i++)
            sums[i] += weight * vector[i];
    }
    for (uint32_t i = 0; i < n; i++)
        mean += sums[i] / n;
    for (uint32_t i = 0; i < n; i++)
        out[i] = (float)(sums[i] - mean);
}

static int learn_filters(br_encoder *e, const br_encode_step *step, patches *p, br_error *error)
{
    /* The upper triangle in row-major order is the lower one in column-major order. */
    br_eigen_job job = {.n = (int)p->dimensions,
                        .matrix = p->covariance,
                        .eigenvalues = p->eigenvalues,
                        .work = p->lapack,
                        .work_size = p->lapack_size};
    if (br_lapack_eigen(&job, error) != 0)
        return -1;
    uint32_t middle = br_window_middle(step->height) * step->width + br_window_middle(step->width);
    for (uint32_t c = 0; c < e->shape.channels; c++)
        write_filter(p, step->epsilon, middle * e->shape.channels + c,
                     e->numbers + step->numbers + (uint64_t)c * p->dimensions);
    return 0;
}

int br_whiten_learn(br_encoder *encoder, uint32_t index, const br_samples *train, uint64_t seed,
                    br_encode_workspace *workspace, br_error *error)
{
    const br_encode_step *step = &encoder->steps[index];
    patches p;
    int status = new_patches(step->height * step->width * encoder->shape.channels, &p, error);
    if (status == 0)
        status = sum_patches(encoder, index, train, seed, workspace, &p);
    if (status == 0)
        status = learn_filters(encoder, step, &p, error);
    free_patches(&p);
    return status;
}
