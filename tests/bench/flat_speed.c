/* The time of bouton_predict in C, beside which tests/bench/python.sh measures Python.   flat_speed MODEL SAMPLES CALLS
 * prints the median of CALLS calls in microseconds. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <bouton/bouton.h>

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    static const char *const options[] = {"--threads=1", NULL};
    uint64_t count = argc == 4 ? strtoull(argv[2], NULL, 10) : 0;
    long calls = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
    bouton_network *network;
    if (count == 0 || calls < 1 || bouton_load(argv[1], options, &network, NULL) != 0)
        return 2;
    uint64_t values = bouton_values(network), shape[] = {count, values};
    uint8_t *samples = malloc(count * values);
    uint32_t *labels = malloc(count * sizeof *labels);
    double *times = malloc((size_t)calls * sizeof *times);
    if (samples == NULL || labels == NULL || times == NULL)
        return 2;
    for (uint64_t i = 0; i < count * values; i++)
        samples[i] = (uint8_t)(i * 2654435761u >> 24 & (i % 5 == 0 ? 255 : 0));
    for (long i = 0; i < calls; i++) {
        bouton_array *array;
        double begin = now();
        if (bouton_array_new(samples, BOUTON_UINT8, 2, shape, NULL, &array, NULL) != 0 ||
            bouton_predict(network, array, labels, NULL, NULL, NULL) != 0)
            return 2;
        bouton_array_free(array);
        times[i] = now() - begin;
    }
    qsort(times, (size_t)calls, sizeof *times, by_value);
    printf("%.1f\n", times[calls / 2]);
    bouton_free(network);
    free(samples);
    free(labels);
    free(times);
    return 0;
}
