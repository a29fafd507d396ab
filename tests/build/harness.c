/* Linked with the library that `bouton build --emit=lib` makes of network NET, whose header is HEADER. Reads samples as
 * lines of numbers from standard input, labels them by every function of the header, from eight threads at once, and
 * prints label, probabilities and levels as `bouton predict --csv` does, without its first column. Ends at the first difference
 * between two functions. With `why` it prints what each input added instead. */
#include HEADER

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)
#define OF(name)    JOIN(NET, name)
#define SIZE(name)  JOIN(UPPER, name)

enum { THREADS = 8, INPUTS = SIZE(_INPUTS), LABELS = SIZE(_LABELS), SCRATCH = SIZE(_SCRATCH) };

static float *samples;
static size_t sample_count;

typedef struct answers {
    float *shares;
    uint32_t *labels;
} answers;

static void stop(const char *why)
{
    fprintf(stderr, "harness: %s\n", why);
    exit(1);
}

static void *room(size_t bytes)
{
    void *memory = calloc(bytes ? bytes : 1, 1);
    if (!memory)
        stop("out of memory");
    return memory;
}

static answers new_answers(void)
{
    answers a = {room(sample_count * LABELS * sizeof(float)), room(sample_count * sizeof(uint32_t))};
    return a;
}

static void free_answers(answers a)
{
    free(a.shares);
    free(a.labels);
}

static int same(answers a, answers b)
{
    return memcmp(a.shares, b.shares, sample_count * LABELS * sizeof(float)) == 0 &&
           memcmp(a.labels, b.labels, sample_count * sizeof(uint32_t)) == 0;
}

/* One sample at a time, in scratch memory at an odd address that is filled with garbage. */
static answers singly(void)
{
    answers a = new_answers();
    char *scratch = room(SCRATCH + 1);
    memset(scratch, 0xff, SCRATCH + 1);
    for (size_t i = 0; i < sample_count; i++)
        a.labels[i] = OF(_predict_scratch)(samples + i * INPUTS, a.shares + i * LABELS, scratch + 1);
    free(scratch);
    return a;
}

static answers together(int with_labels)
{
    answers a = new_answers();
    char *scratch = room(SCRATCH);
    OF(_predict_batch_scratch)(samples, a.shares, with_labels ? a.labels : NULL, sample_count, scratch);
    free(scratch);
    return a;
}

/* The contributions of the last layer's connections must add up to its drives, and only live ones contribute. */
static void check_last_layer(const bouton_layer *layers, const float *trace)
{
    const bouton_layer *last = &layers[SIZE(_LAYERS) - 1];
    float *bounds = room(last->connections * sizeof(float)), *adds = room(last->connections * sizeof(float));
    for (uint32_t k = 0; k < LABELS && last->connections > 0; k++) { /* 0: in 8 bits */
        uint32_t live = OF(_connections)(trace, SIZE(_LAYERS) - 1, k, bounds, adds), adding = 0;
        float sum = 0, over = trace[last->drives + k];
        for (uint32_t i = 0; i < last->connections; i++) {
            sum += adds[i];
            adding += adds[i] != 0;
            if (adds[i] != 0 && (bounds[i] < 0) != (adds[i] < 0) && bounds[i] != 0)
                stop("a connection adds against its sign");
        }
        if (live != adding || sum - over > 1e-4f || over - sum > 1e-4f)
            stop("connections do not come to the drive");
    }
    free(bounds);
    free(adds);
}

/* What each value that the first layer reads added to the drive of a label, and what none added, come to the drive. */
static float *reasons_of(const bouton_layer *layers, const float *trace, uint32_t label, double *thresholds)
{
    uint32_t values = layers[0].height * layers[0].width * layers[0].channels;
    float *adds = room(values * sizeof(float));
    double *work = room(SIZE(_WHY) * sizeof(double)), sum, over, size = 1;
    memset(work, 0xff, SIZE(_WHY) * sizeof(double));
    sum = *thresholds = OF(_why)(trace, label, adds, work);
    for (uint32_t i = 0; i < values; i++) {
        sum += (double)adds[i];
        size += adds[i] < 0 ? -(double)adds[i] : (double)adds[i];
    }
    over = sum - (double)trace[layers[SIZE(_LAYERS) - 1].drives + label];
    if (over > 1e-5 * size || over < -1e-5 * size)
        stop("what the inputs added does not come to the drive");
    free(work);
    return adds;
}

/* The same answers, with the trace and the connections behind them. */
static answers looked_into(void)
{
    answers a = new_answers();
    const bouton_layer *layers = OF(_layers)();
    float *trace = room(SIZE(_TRACE) * sizeof(float));
    char *scratch = room(SCRATCH);
    if (layers[0].kind != BOUTON_INPUT || strcmp(layers[0].name, "input") != 0)
        stop("the first layer is not the input");
    for (size_t i = 0; i < sample_count; i++) {
        a.labels[i] = OF(_trace)(samples + i * INPUTS, a.shares + i * LABELS, trace, scratch);
        check_last_layer(layers, trace);
        double thresholds;
        free(reasons_of(layers, trace, a.labels[i], &thresholds));
    }
    free(trace);
    free(scratch);
    return a;
}

/* The same answers, and their levels, which the caller frees. */
static answers with_levels(float **levels)
{
    answers a = new_answers();
    char *scratch = room(SCRATCH);
    *levels = room(sample_count * LABELS * sizeof(float));
    for (size_t i = 0; i < sample_count; i++)
        a.labels[i] = OF(_predict_levels)(samples + i * INPUTS, a.shares + i * LABELS, *levels + i * LABELS, scratch);
    free(scratch);
    return a;
}

/* Looking for the largest probability gives the label. */
static void check_largest(answers a)
{
    for (size_t i = 0; i < sample_count; i++) {
        uint32_t best = 0;
        for (uint32_t k = 0; k < LABELS; k++)
            if (a.shares[i * LABELS + k] > a.shares[i * LABELS + best])
                best = k;
        if (best != a.labels[i])
            stop("the largest probability is not the label's");
    }
}

static void *thread(void *first)
{
    answers a = singly(), b = together(1), c = looked_into();
    int differ = !same(c, *(answers *)first);
    free_answers(c);
    differ = differ || !same(a, *(answers *)first) || !same(b, *(answers *)first);
#ifdef ON_STACK
    for (size_t i = 0; i < sample_count; i++)
        a.labels[i] = OF(_predict)(samples + i * INPUTS, a.shares + i * LABELS);
    OF(_predict_batch)(samples, b.shares, b.labels, sample_count);
    differ = differ || !same(a, *(answers *)first) || !same(b, *(answers *)first);
#endif
    free_answers(a);
    free_answers(b);
    return differ ? first : NULL;
}

static void from_threads(answers *first)
{
    pthread_t threads[THREADS];
    void *differs = NULL, *one;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, thread, first) != 0)
            stop("no thread to be had");
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &one);
        differs = one ? one : differs;
    }
    if (differs)
        stop("a thread's answers differ");
}

static void read_samples(void)
{
    size_t capacity = 0, values = 0;
    float value;
    while (scanf("%f%*[, ;]", &value) == 1) {
        if (values == capacity) {
            capacity = capacity ? 2 * capacity : 1024;
            samples = realloc(samples, capacity * sizeof *samples);
            if (!samples)
                stop("out of memory");
        }
        samples[values++] = value;
    }
    if (values == 0 || values % INPUTS != 0)
        stop("not whole samples");
    sample_count = values / INPUTS;
}

/* Label, thresholds and what each input added, as `bouton predict --why --json` has them. */
static void print_reasons(void)
{
    const bouton_layer *layers = OF(_layers)();
    uint32_t values = layers[0].height * layers[0].width * layers[0].channels;
    float *trace = room(SIZE(_TRACE) * sizeof(float)), *shares = room(LABELS * sizeof(float));
    char *scratch = room(SCRATCH);
    for (size_t i = 0; i < sample_count; i++) {
        double thresholds;
        uint32_t label = OF(_trace)(samples + i * INPUTS, shares, trace, scratch);
        float *adds = reasons_of(layers, trace, label, &thresholds);
        printf("%u,%.9g", (unsigned)label, thresholds);
        for (uint32_t k = 0; k < values; k++)
            printf(",%.9g", (double)adds[k]);
        putchar('\n');
        free(adds);
    }
    free(trace);
    free(shares);
    free(scratch);
}

int main(int argc, char **argv)
{
    read_samples();
    if (argc > 1 && strcmp(argv[1], "why") == 0) {
        print_reasons();
        return 0;
    }
    if (!OF(_runs_here)())
        stop("the processor is said to lack something");
    if (OF(_interface)() != SIZE(_INTERFACE) || !strstr(OF(_about)(), SIZE(_MODEL)) ||
        !strstr(OF(_about)(), SIZE(_VERSION)))
        stop("header and code are not of one build");
    answers first = singly(), without = together(0);
    if (memcmp(first.shares, without.shares, sample_count * LABELS * sizeof(float)) != 0)
        stop("probabilities differ without labels");
    from_threads(&first);
    check_largest(first);
    float *levels;
    answers also = with_levels(&levels);
    if (!same(also, first))
        stop("probabilities differ where levels are wanted");
    for (size_t i = 0; i < sample_count; i++) {
        printf("%u", (unsigned)first.labels[i]);
        for (size_t k = 0; k < LABELS; k++)
            printf(",%.6f", (double)first.shares[i * LABELS + k]);
        for (size_t k = 0; k < LABELS; k++)
            printf(",%.6f", (double)levels[i * LABELS + k]);
        putchar('\n');
    }
    free_answers(first);
    free_answers(without);
    free_answers(also);
    free(levels);
    free(samples);
    return 0;
}
