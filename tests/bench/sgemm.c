/* Multiply-adds per second of a BLAS's single-precision matrix product:   sgemm M N K
 *
 * C (M x N) = A (M x K) times B (K x N) on random numbers, warmed up; the median of 51 measurements, each long enough
 * for the clock. The library starts the threads (OPENBLAS_NUM_THREADS). A single thread is timed by the processor time
 * it uses, as in bouton. */
#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { REPEATS = 51 };
#define LEAST_SECONDS 1e-3 /* of one measurement */

static double now(void)
{
    struct timespec t;
    const char *threads = getenv("OPENBLAS_NUM_THREADS");
    clock_gettime(threads && strcmp(threads, "1") == 0 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *random_matrix(size_t count)
{
    float *values = aligned_alloc(64, (count * sizeof *values + 63) / 64 * 64);
    if (!values) {
        fputs("sgemm: out of memory\n", stderr);
        exit(1);
    }
    for (size_t i = 0; i < count; i++)
        values[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    return values;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int m = argc == 4 ? atoi(argv[1]) : 0, n = argc == 4 ? atoi(argv[2]) : 0, k = argc == 4 ? atoi(argv[3]) : 0;
    if (m < 1 || n < 1 || k < 1 || m > 32768 || n > 32768 || k > 32768) {
        fputs("usage: sgemm M N K, each from 1 to 32768\n", stderr);
        return 2;
    }
    float *a = random_matrix((size_t)m * (size_t)k), *b = random_matrix((size_t)k * (size_t)n);
    float *c = random_matrix((size_t)m * (size_t)n);
    double seconds[REPEATS];
    int calls = 1;
    for (int r = -1; r < REPEATS; r++) { /* the first round determines the number of calls in a measurement */
        double begin = now(), spent = 0;
        int done = 0;
        do {
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
            done++;
            spent = now() - begin;
        } while (r < 0 ? spent < 50 * LEAST_SECONDS : done < calls);
        if (r >= 0)
            seconds[r] = spent / done;
        else
            calls = done / 50 + 1;
    }
    qsort(seconds, REPEATS, sizeof *seconds, ascending);
    printf("%.4g\n", (double)m * n * k / seconds[REPEATS / 2]);
    free(a), free(b), free(c);
    return 0;
}
