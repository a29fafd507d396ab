#include "system/ranks.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "mpi/provider.h"
#include "options/console.h"
#include "system/interrupt.h"
#include "system/machine.h"
#include "system/own_file.h"

/* Seconds for which a rank waits for others after a signal. mpirun sends one when a rank has died, and Open MPI kills all
 * within a second: rank 0 must have written its checkpoint by then. */
#define WAIT_FIRST  0.25
#define WAIT_OTHERS 10.0
#define SPEAK_AFTER 3 /* seconds in which rank 0 may end all with the same error */

enum {
    MOST_KEPT = 16384,   /* bytes that a rank other than 0 tells at most */
    READ_STEP_MS = 20,   /* between two looks whether mpirun has read what a rank wrote */
    READ_WAIT_MS = 3000, /* for mpirun to read it */
    PASS_ON_MS = 300     /* for mpirun to pass it on */
};

struct ranks_run {
    const command_line *cli;
    const ranks_provider *provider;
    br_ranks table;
    double signalled; /* seconds of the monotonic clock when a signal was seen first; 0: none */
    FILE *kept;       /* what a rank other than 0 printed; NULL: rank 0 */
    int errors;       /* its standard error */
};

/* ---- how the program was started ---- */

static const struct {
    const char *variable, *module; /* set by the mpirun of this library */
} STARTERS[] = {{"OMPI_COMM_WORLD_SIZE", "openmpi"}, {"PMI_SIZE", "mpich"}, {"PMIX_RANK", "openmpi"}};

static const char *const SIZES[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"};
static const char *const LOCAL_SIZES[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"};

static unsigned long number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text != NULL ? strtoul(text, NULL, 10) : 0;
}

static int refuse_several(const command_line *cli)
{
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        unsigned long size = number_of(SIZES[i]);
        if (size > 1)
            return fail(cli, STATUS_USAGE,
                        "%lu processes were started (%s), and each would train the same network over the others; add "
                        "--ranks, so that they share out its replicas",
                        size, SIZES[i]);
    }
    return STATUS_DONE;
}

/* ---- the module ---- */

bool ranks_module(const char *name, char *path, size_t size)
{
    char file[64];
    snprintf(file, sizeof file, "libbouton_%s.so", name);
    return own_file(file, path, size);
}

/* Open MPI loads parts of itself, which look for the names of its library in the whole program. */
static int load(ranks_run *run, const char *name)
{
    char path[PATH_MAX];
    if (!ranks_module(name, path, sizeof path))
        return fail(run->cli, STATUS_IO,
                    "--ranks: bouton was built without libbouton_%s.so, the module for this mpirun; build bouton "
                    "where mpicc.%s is found, or use the mpirun of the other MPI",
                    name, name);
    void *library = dlopen(path, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
    if (library == NULL)
        return fail(run->cli, STATUS_IO,
                    "--ranks: the MPI library can't be loaded: %s; install the one whose mpirun is used", dlerror());
    run->provider = dlsym(library, RANKS_PROVIDER_SYMBOL);
    dlclose(library); /* it stays loaded: RTLD_NODELETE */
    if (run->provider == NULL || run->provider->version != RANKS_PROVIDER_VERSION)
        return fail(run->cli, STATUS_IO, "--ranks: %s belongs to another version of bouton; install the same one",
                    path);
    return STATUS_DONE;
}

/* ---- waiting for others ---- */

static bool gives_up(void *user)
{
    ranks_run *run = user;
    if (interrupt_signal() == 0)
        return false;
    if (run->signalled <= 0)
        run->signalled = machine_seconds();
    return machine_seconds() - run->signalled > (run->table.rank == 0 ? WAIT_FIRST : WAIT_OTHERS);
}

/* ---- what the other ranks print ---- */

/* The messages of a rank other than 0 go into a file without a name. */
static int keep_back(ranks_run *run)
{
    run->kept = tmpfile();
    run->errors = dup(STDERR_FILENO);
    if (run->kept == NULL || run->errors < 0 || freopen("/dev/null", "w", stdout) == NULL ||
        dup2(fileno(run->kept), STDERR_FILENO) < 0)
        return fail(run->cli, STATUS_IO, "--ranks: no temporary file for the messages of rank %u", run->table.rank);
    return STATUS_DONE;
}

/* Rank 0 is the first to tell an error that all have. */
static void tell_kept(ranks_run *run)
{
    char text[MOST_KEPT + 1];
    sleep(SPEAK_AFTER);
    fflush(stderr);
    dup2(run->errors, STDERR_FILENO);
    rewind(run->kept);
    size_t size = fread(text, 1, MOST_KEPT, run->kept);
    text[size] = '\0';
    fprintf(stderr, "rank %u:\n%s", run->table.rank, text); /* at once: mpirun may mix the lines of ranks */
    fflush(stderr);
}

/* mpirun loses what a rank wrote just before it ends all: waits until mpirun has read it, and gives it time to
 * pass it on. */
static void let_mpirun_read(void)
{
    int unread = 1;
    for (int waited = 0; waited < READ_WAIT_MS && ioctl(STDERR_FILENO, FIONREAD, &unread) == 0 && unread > 0;
         waited += READ_STEP_MS)
        nanosleep(&(struct timespec){0, READ_STEP_MS * 1000000L}, NULL);
    nanosleep(&(struct timespec){0, PASS_ON_MS * 1000000L}, NULL);
}

/* ---- from beginning to end ---- */

static int join(ranks_run *run, const char *name)
{
    br_error error;
    int status = load(run, name);
    if (status == STATUS_DONE && run->provider->begin(gives_up, run, &run->table, &error) != 0)
        status = fail_with(run->cli, &error);
    if (status == STATUS_DONE && run->table.rank > 0)
        status = keep_back(run);
    return status;
}

int ranks_open(const command_line *cli, ranks_run **out)
{
    const char *name = NULL;
    *out = NULL;
    if (!cli_has(cli, OPTION_ranks))
        return refuse_several(cli);
    for (size_t i = 0; name == NULL && i < sizeof STARTERS / sizeof *STARTERS; i++)
        if (getenv(STARTERS[i].variable) != NULL)
            name = STARTERS[i].module;
    if (name == NULL)
        return fail(
            cli, STATUS_USAGE,
            "--ranks: bouton was not started by mpirun; write `mpirun -n 4 bouton train FILE --ranks`, or leave "
            "--ranks out");
    ranks_run *run = allocate(cli, 1, sizeof *run);
    if (run == NULL)
        return STATUS_FAULT;
    run->cli = cli;
    int status = join(run, name);
    if (status == STATUS_DONE)
        *out = run;
    else
        free(run);
    return status;
}

const br_ranks *ranks_table(const ranks_run *run)
{
    return run != NULL ? &run->table : NULL;
}

uint32_t ranks_threads(const ranks_run *run)
{
    unsigned long beside = 1;
    for (size_t i = 0; i < sizeof LOCAL_SIZES / sizeof *LOCAL_SIZES; i++)
        if (number_of(LOCAL_SIZES[i]) > 0)
            beside = number_of(LOCAL_SIZES[i]);
    uint32_t threads = br_processors();
    return run == NULL ? 0 : threads / beside > 0 ? (uint32_t)(threads / beside) : 1;
}

int ranks_close(ranks_run *run, int status, bool together)
{
    if (run == NULL)
        return status;
    if (!together && status != STATUS_DONE) {
        fflush(stdout);
        if (run->kept != NULL)
            tell_kept(run);
        let_mpirun_read();
        run->provider->abort(&run->table, status);
    }
    run->provider->end(&run->table);
    if (run->kept != NULL)
        fclose(run->kept);
    free(run);
    return status;
}
