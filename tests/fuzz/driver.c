/* Runs a fuzz target without libFuzzer, for any compiler:
 *
 *     fuzz_NAME [--mutate N] [--seconds S] [--seed SEED] [--first I] [--words FILE] FILE-OR-FOLDER...
 *
 * Runs every file once, then N inputs mutated from the files, or as many as fit into S seconds. Input I depends on SEED
 * and I alone. A child process runs the inputs. If it dies, or spends ten seconds on one input, that input is written
 * to crash-NAME-I, or to crash-NAME-fileI if it is a file. */
#include <dirent.h>
#include <libgen.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mutate.h"

enum { HANG_SECONDS = 10 };

typedef struct settings {
    uint64_t mutate, seed, first;
    double seconds;
    const char *name;
    pieces files, words; /* inputs to mutate, and words to insert */
} settings;

/* Written by the child, read by its parent. */
typedef struct progress {
    uint64_t files, mutated;
    double slowest; /* seconds */
} progress;

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void run(const piece *input, progress *p)
{
    double begin = now();
    uint8_t *exact = malloc(input->size > 0 ? input->size : 1);
    fuzz_require(exact != NULL);
    memcpy(exact, input->bytes, input->size);
    alarm(HANG_SECONDS);
    LLVMFuzzerTestOneInput(exact, input->size);
    alarm(0);
    free(exact);
    double took = now() - begin;
    p->slowest = took > p->slowest ? took : p->slowest;
}

/* ---- files ---- */

static void add_file(settings *s, const char *path)
{
    struct stat facts;
    FILE *from = fopen(path, "rb");
    if (from == NULL || fstat(fileno(from), &facts) != 0) {
        perror(path);
        exit(2);
    }
    uint8_t *bytes = malloc((size_t)facts.st_size + 1);
    fuzz_require(bytes != NULL && fread(bytes, 1, (size_t)facts.st_size, from) == (size_t)facts.st_size);
    pieces_add(&s->files, (piece){bytes, (size_t)facts.st_size});
    fclose(from);
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void add_path(settings *s, const char *path)
{
    struct dirent **entries;
    struct stat facts;
    if (stat(path, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
        add_file(s, path);
        return;
    }
    int count = scandir(path, &entries, is_shown, alphasort);
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        add_file(s, name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

/* ---- runs ---- */

static void run_all(const settings *s, progress *p)
{
    double end = now() + s->seconds;
    for (; p->files < s->files.count; p->files++)
        run(&s->files.list[p->files], p);
    while (p->mutated < s->mutate || (s->seconds > 0 && now() < end)) {
        piece made = mutated(&s->files, &s->words, s->seed, s->first + p->mutated);
        run(&made, p);
        free(made.bytes);
        p->mutated++;
    }
}

/* Writes the input on which the child died to a file. */
static void keep(const settings *s, const progress *p)
{
    char path[256];
    bool file = p->files < s->files.count;
    uint64_t number = file ? p->files : s->first + p->mutated;
    piece made = file ? s->files.list[number] : mutated(&s->files, &s->words, s->seed, number);
    snprintf(path, sizeof path, "crash-%s-%s%llu", s->name, file ? "file" : "", (unsigned long long)number);
    FILE *to = fopen(path, "wb");
    if (to == NULL || fwrite(made.bytes, 1, made.size, to) != made.size || fclose(to) != 0)
        perror(path);
    fprintf(stderr, "%s: %s %llu, seed %llu: written to %s\n", s->name, file ? "file" : "input",
            (unsigned long long)number, (unsigned long long)s->seed, path);
}

static int watch(const settings *s)
{
    progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    fuzz_require(p != MAP_FAILED);
    double begin = now();
    pid_t child = fork();
    fuzz_require(child >= 0);
    if (child == 0) {
        run_all(s, p);
        exit(0); /* here the sanitizer looks for leaks */
    }
    int status;
    fuzz_require(waitpid(child, &status, 0) == child);
    bool ended = p->files == s->files.count && p->mutated >= s->mutate;
    printf("%s: %llu files and %llu inputs made of them in %.1f s, the slowest %.0f ms (seed %llu)\n", s->name,
           (unsigned long long)p->files, (unsigned long long)p->mutated, now() - begin, 1000 * p->slowest,
           (unsigned long long)s->seed);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFSIGNALED(status))
        fprintf(stderr, "%s: ended by signal %d (%s)\n", s->name, WTERMSIG(status),
                WTERMSIG(status) == SIGALRM ? "ten seconds on one input" : strsignal(WTERMSIG(status)));
    if (!ended || WIFSIGNALED(status))
        keep(s, p);
    return 1;
}

static int usage(void)
{
    fputs("usage: fuzz_NAME [--mutate N] [--seconds S] [--seed SEED] [--first I] [--words FILE] FILE-OR-FOLDER...\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    settings s = {.seed = 1, .name = basename(argv[0])};
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] != '-') {
            add_path(&s, argv[i]);
            continue;
        }
        if (i + 1 == argc)
            return usage();
        const char *value = argv[++i];
        if (strcmp(argv[i - 1], "--mutate") == 0)
            s.mutate = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--seconds") == 0)
            s.seconds = strtod(value, NULL);
        else if (strcmp(argv[i - 1], "--seed") == 0)
            s.seed = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--first") == 0)
            s.first = strtoull(value, NULL, 10);
        else if (strcmp(argv[i - 1], "--words") == 0)
            words_read(&s.words, value);
        else
            return usage();
    }
    if (s.files.count == 0)
        return usage();
    int status = watch(&s);
    pieces_free(&s.files);
    pieces_free(&s.words);
    return status;
}
