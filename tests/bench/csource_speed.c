/* The speed of C source beside that of the library of `bouton build`, for tests/bench/csource.sh:
 *     csource_speed NETWORK PICTURES ROUNDS LIBRARY SOURCE...
 * The files are shared objects: the library of network NETWORK, and its C source as compilers made it. Each answers the
 * same pictures of bytes, one at a time, in turn with the others. Prints for each the median time of a picture in
 * microseconds; for a SOURCE also the speed as a share of the library's. Labels that differ end it with 1. */
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_CODES = 16, SCRATCH = 64 << 20 };

typedef struct code {
    const char *path;
    uint32_t (*library)(const float *in, float *out, void *scratch);
    uint32_t (*source)(const uint8_t *in, void *levels, void *scratch);
    double *times;    /* [rounds] */
    uint32_t *labels; /* [pictures] */
} code;

typedef struct pictures {
    size_t count, size;
    uint8_t *bytes; /* [count][size] */
    float *floats;  /* the same */
} pictures;

static void stop(const char *what, const char *of)
{
    fprintf(stderr, "csource_speed: %s %s\n", what, of);
    exit(2);
}

static void *room(size_t bytes)
{
    void *got = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (got == NULL)
        stop("out of memory", "");
    memset(got, 0, bytes);
    return got;
}

/* Time of this thread on a processor: other programs that take their turn do not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return 1e6 * (double)t.tv_sec + 1e-3 * (double)t.tv_nsec;
}

static void *function_of(const char *path, const char *network, const char *ending)
{
    char name[256];
    snprintf(name, sizeof name, "%s_%s", network, ending);
    void *file = dlopen(path, RTLD_NOW | RTLD_LOCAL), *found = file ? dlsym(file, name) : NULL;
    if (found == NULL)
        stop("no such function:", name);
    return found;
}

static code load(const char *path, const char *network, int is_library, size_t rounds, size_t count)
{
    code c = {.path = path, .times = room(rounds * sizeof *c.times), .labels = room(count * sizeof *c.labels)};
    void *found = function_of(path, network, is_library ? "predict_scratch" : "predict_u8");
    if (is_library)
        memcpy(&c.library, &found, sizeof found);
    else
        memcpy(&c.source, &found, sizeof found);
    return c;
}

static pictures read_pictures(const char *path, size_t size)
{
    pictures p = {.size = size};
    FILE *from = fopen(path, "rb");
    if (from == NULL || fseek(from, 0, SEEK_END) != 0)
        stop("cannot read", path);
    p.count = (size_t)ftell(from) / size;
    rewind(from);
    p.bytes = room(p.count * size);
    p.floats = room(p.count * size * sizeof *p.floats);
    if (p.count == 0 || fread(p.bytes, size, p.count, from) != p.count)
        stop("cannot read", path);
    fclose(from);
    for (size_t i = 0; i < p.count * size; i++)
        p.floats[i] = p.bytes[i];
    return p;
}

static double answer_all(const code *c, const pictures *p, void *scratch)
{
    float out[4096];
    double begin = now();
    for (size_t i = 0; i < p->count; i++)
        c->labels[i] = c->library ? c->library(p->floats + i * p->size, out, scratch)
                                  : c->source(p->bytes + i * p->size, NULL, scratch);
    return (now() - begin) / (double)p->count;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 4 ? strtoul(argv[3], NULL, 10) : 0, codes = argc > 4 ? (size_t)argc - 4 : 0;
    if (rounds == 0 || codes > MOST_CODES)
        stop("usage:", "NETWORK PICTURES ROUNDS LIBRARY SOURCE...");
    pictures p = read_pictures(argv[2], 28 * 28);
    code c[MOST_CODES];
    void *scratch = room(SCRATCH);
    for (size_t n = 0; n < codes; n++)
        c[n] = load(argv[4 + n], argv[1], n == 0, rounds, p.count);
    for (size_t round = 0; round < rounds; round++)
        for (size_t n = 0; n < codes; n++)
            c[n].times[round] = answer_all(&c[n], &p, scratch);
    double library = 0;
    int differ = 0;
    for (size_t n = 0; n < codes; n++) {
        qsort(c[n].times, rounds, sizeof *c[n].times, by_value);
        double median = c[n].times[rounds / 2];
        library = n == 0 ? median : library;
        int same = memcmp(c[n].labels, c[0].labels, p.count * sizeof *c[n].labels) == 0;
        printf("%s %.2f %.3f%s\n", c[n].path, median, library / median, same ? "" : " labels differ");
        differ |= !same;
    }
    return differ;
}
