/* Multiply-adds per second of oneDNN on the shapes on which bouton is measured:   dnnl_peer THREADS [TYPE [FILTERS]]
 *
 * Prints a line "SHAPE.TYPE RATE BATCH KERNEL" for each shape and type: multiply-adds per second at the fastest of
 * batches of 1, 8 and 64 samples, that batch, and the kernel that oneDNN chose for it. After the convolutions of a
 * network it prints "NETWORK.TYPE RATE": samples per second of these convolutions alone, one after the other. TYPE is
 * f32, or u8s8: bytes times signed bytes, summed in 32 bits; both are measured if it is left out. oneDNN chooses the
 * layouts of all arrays, and converting to them is not timed. Values are random, never zeros. With FILTERS, the shapes are
 * three convolutions of so many filters, those of examples/ablation/wide.sh, and the network is called "equal".
 *
 * DNNL_MAX_CPU_ISA limits the instructions that oneDNN uses. The library starts the threads. A single thread is timed
 * by the processor time it uses, as in bouton. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <oneapi/dnnl/dnnl.h>

enum { REPEATS = 9, KERNEL_MOST = 100, ARRAYS = 3 };
#define LEAST_SECONDS 3e-3 /* of one measurement */

typedef struct shape {
    const char *name;
    int channels, side, filters, window, padding; /* side 0: a matrix product, channels x filters */
    const char *network;                          /* of which it is a convolution, or NULL */
} shape;

static const shape shapes[] = {
    {"mnist_c1", 1, 28, 32, 5, 0, "mnist"}, {"mnist_c2", 32, 12, 64, 5, 0, "mnist"},
    {"cifar_c1", 6, 32, 32, 5, 0, "cifar"}, {"cifar_c2", 32, 14, 64, 5, 0, "cifar"},
    {"wide_c1", 6, 32, 96, 3, 1, "wide"},   {"wide_c2", 96, 16, 256, 3, 1, "wide"},
    {"wide_c3", 256, 8, 512, 3, 1, "wide"}, {"deep_c1", 6, 32, 64, 3, 1, "deep"},
    {"deep_c2", 64, 16, 96, 3, 1, "deep"},  {"deep_c3", 96, 8, 192, 3, 1, "deep"},
    {"square", 256, 16, 256, 3, 1, NULL},   {"dense", 784, 0, 512, 0, 0, NULL},
};

enum { SHAPES = sizeof shapes / sizeof *shapes, TYPES = 2 };

typedef struct type {
    const char *name;
    dnnl_data_type_t in, weights, out;
} type;

static const type types[TYPES] = {{"f32", dnnl_f32, dnnl_f32, dnnl_f32}, {"u8s8", dnnl_u8, dnnl_s8, dnnl_s32}};

/* One product with its arrays. */
typedef struct work {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arrays[ARRAYS]; /* input, weights, output */
} work;

typedef struct result {
    double rate; /* multiply-adds per second */
    int batch;
    char kernel[KERNEL_MOST];
} result;

static void check(dnnl_status_t status, const char *what)
{
    if (status == dnnl_success)
        return;
    fprintf(stderr, "dnnl_peer: %s: oneDNN's status %d\n", what, (int)status);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    const char *threads = getenv("OMP_NUM_THREADS");
    clock_gettime(threads && strcmp(threads, "1") == 0 ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- the shapes ---- */

static int side_out(const shape *s)
{
    return s->side + 2 * s->padding - s->window + 1;
}

/* Multiply-adds for one sample. */
static double products(const shape *s)
{
    double places = s->side ? (double)side_out(s) * side_out(s) : 1, window = s->side ? s->window * s->window : 1;
    return places * window * s->channels * s->filters;
}

static dnnl_memory_desc_t array_of(int dimensions, const dnnl_dims_t sizes, dnnl_data_type_t values)
{
    dnnl_memory_desc_t array;
    check(dnnl_memory_desc_init_by_tag(&array, dimensions, sizes, values, dnnl_format_tag_any), "an array");
    return array;
}

static void describe_convolution(work *w, const shape *s, const type *t, int batch)
{
    int side = side_out(s);
    dnnl_memory_desc_t in = array_of(4, (dnnl_dims_t){batch, s->channels, s->side, s->side}, t->in);
    dnnl_memory_desc_t weights = array_of(4, (dnnl_dims_t){s->filters, s->channels, s->window, s->window}, t->weights);
    dnnl_memory_desc_t out = array_of(4, (dnnl_dims_t){batch, s->filters, side, side}, t->out);
    dnnl_dims_t strides = {1, 1}, padding = {s->padding, s->padding};
    dnnl_convolution_desc_t what;
    check(dnnl_convolution_forward_desc_init(&what, dnnl_forward_inference, dnnl_convolution_auto, &in, &weights, NULL,
                                             &out, strides, padding, padding),
          s->name);
    check(dnnl_primitive_desc_create(&w->description, &what, NULL, w->engine, NULL), s->name);
}

static void describe_product(work *w, const shape *s, const type *t, int batch)
{
    dnnl_memory_desc_t in = array_of(2, (dnnl_dims_t){batch, s->channels}, t->in);
    dnnl_memory_desc_t weights = array_of(2, (dnnl_dims_t){s->channels, s->filters}, t->weights);
    dnnl_memory_desc_t out = array_of(2, (dnnl_dims_t){batch, s->filters}, t->out);
    dnnl_matmul_desc_t what;
    check(dnnl_matmul_desc_init(&what, &in, &weights, NULL, &out), s->name);
    check(dnnl_primitive_desc_create(&w->description, &what, NULL, w->engine, NULL), s->name);
}

/* ---- arrays of random values ---- */

static void fill(void *values, size_t bytes, dnnl_data_type_t kind)
{
    if (kind == dnnl_f32)
        for (size_t i = 0; i < bytes / sizeof(float); i++)
            ((float *)values)[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    else
        for (size_t i = 0; i < bytes; i++)
            ((uint8_t *)values)[i] = (uint8_t)(rand() >> 8);
}

static dnnl_exec_arg_t argument(const work *w, int which, dnnl_query_t query, dnnl_data_type_t kind)
{
    const dnnl_memory_desc_t *array = dnnl_primitive_desc_query_md(w->description, query, 0);
    dnnl_exec_arg_t argument = {.arg = which};
    void *values;
    check(dnnl_memory_create(&argument.memory, array, w->engine, DNNL_MEMORY_ALLOCATE), "memory");
    check(dnnl_memory_get_data_handle(argument.memory, &values), "memory");
    fill(values, dnnl_memory_desc_get_size(array), kind);
    return argument;
}

static void begin(work *w, const shape *s, const type *t, int batch)
{
    (s->side ? describe_convolution : describe_product)(w, s, t, batch);
    check(dnnl_primitive_create(&w->primitive, w->description), s->name);
    w->arrays[0] = argument(w, DNNL_ARG_SRC, dnnl_query_src_md, t->in);
    w->arrays[1] = argument(w, DNNL_ARG_WEIGHTS, dnnl_query_weights_md, t->weights);
    w->arrays[2] = argument(w, DNNL_ARG_DST, dnnl_query_dst_md, t->out);
}

static void end(work *w)
{
    for (int i = 0; i < ARRAYS; i++)
        dnnl_memory_destroy(w->arrays[i].memory);
    dnnl_primitive_destroy(w->primitive);
    dnnl_primitive_desc_destroy(w->description);
}

/* ---- measuring ---- */

/* Seconds of one call: the median of REPEATS measurements, each long enough for the clock. */
static double seconds_of(const work *w)
{
    double seconds[REPEATS];
    int calls = 1;
    for (int r = -1; r < REPEATS; r++) { /* the first round warms up and determines the number of calls */
        double start = now(), spent = 0;
        int done = 0;
        do {
            check(dnnl_primitive_execute(w->primitive, w->stream, ARRAYS, w->arrays), "a call");
            check(dnnl_stream_wait(w->stream), "a call");
            done++;
            spent = now() - start;
        } while (r < 0 ? spent < 3 * LEAST_SECONDS : done < calls);
        if (r >= 0)
            seconds[r] = spent / done;
        else
            calls = done / 3 + 1;
    }
    qsort(seconds, REPEATS, sizeof *seconds, ascending);
    return seconds[REPEATS / 2];
}

static result measure(work *w, const shape *s, const type *t)
{
    static const int batches[] = {1, 8, 64};
    result best = {0};
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        const char *kernel;
        begin(w, s, t, batches[i]);
        double rate = products(s) * batches[i] / seconds_of(w);
        if (rate > best.rate) {
            best = (result){.rate = rate, .batch = batches[i]};
            check(dnnl_primitive_desc_query(w->description, dnnl_query_impl_info_str, 0, (void *)&kernel), "its name");
            snprintf(best.kernel, sizeof best.kernel, "%s", kernel);
        }
        end(w);
    }
    return best;
}

static bool last_of_network(const shape *shapes, size_t count, size_t i)
{
    const char *network = shapes[i].network, *next = i + 1 < count ? shapes[i + 1].network : NULL;
    return network && (!next || strcmp(network, next) != 0);
}

static void measure_shapes(work *w, const type *t, const shape *shapes, size_t count)
{
    double seconds = 0; /* of one sample in the convolutions of a network so far */
    for (size_t i = 0; i < count; i++) {
        result best = measure(w, &shapes[i], t);
        printf("%s.%s %.4g %d %s\n", shapes[i].name, t->name, best.rate, best.batch, best.kernel);
        seconds += products(&shapes[i]) / best.rate;
        if (last_of_network(shapes, count, i)) {
            printf("%s.%s %.4g\n", shapes[i].network, t->name, 1 / seconds);
            seconds = 0;
        }
    }
}

int main(int argc, char **argv)
{
    work w = {0};
    bool known = argc == 2;
    int filters = argc == 4 ? atoi(argv[3]) : 1;
    for (size_t k = 0; k < TYPES; k++)
        known |= (argc == 3 || argc == 4) && strcmp(argv[2], types[k].name) == 0;
    if (!known || atoi(argv[1]) < 1 || filters < 1) {
        fputs("usage: dnnl_peer THREADS [f32|u8s8 [FILTERS]]\n", stderr);
        return 2;
    }
    setenv("OMP_NUM_THREADS", argv[1], 1); /* read when the library starts its threads */
    check(dnnl_engine_create(&w.engine, dnnl_cpu, 0), "its engine");
    check(dnnl_stream_create(&w.stream, w.engine, dnnl_stream_default_flags), "its stream");
    const shape equal[] = {{"equal_c1", 6, 32, filters, 3, 1, "equal"},
                           {"equal_c2", filters, 16, filters, 3, 1, "equal"},
                           {"equal_c3", filters, 8, filters, 3, 1, "equal"}};
    for (size_t k = 0; k < TYPES; k++)
        if (argc == 2 || strcmp(argv[2], types[k].name) == 0)
            measure_shapes(&w, &types[k], argc == 4 ? equal : shapes, argc == 4 ? 3 : SHAPES);
    dnnl_stream_destroy(w.stream);
    dnnl_engine_destroy(w.engine);
    return 0;
}
