/* bouton doctor: what this machine offers, and what is missing for which verb. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "options/console.h"
#include "system/cross.h"
#include "system/machine.h"
#include "system/ranks.h"
#include "verbs/verbs.h"
#include "workshop/probe.h"

enum { NAME_COLUMNS = 14 };

typedef struct diagnosis {
    const command_line *cli;
    unsigned missing; /* things that some verb needs */
} diagnosis;

static void tell(const char *name, const char *text)
{
    printf("%-*s%s\n", NAME_COLUMNS, name, text);
}

/* `need`: what is not possible without it; `package`: Debian's. */
static void tell_found(diagnosis *d, const char *name, const char *found, const char *need, const char *package)
{
    if (found != NULL) {
        tell(name, found);
        return;
    }
    printf("%-*smissing: %s; install %s\n", NAME_COLUMNS, name, need, package);
    d->missing++;
}

/* ---- the machine ---- */

/* A line "NAME:   123 kB" of /proc/meminfo, in GiB; 0: there is none. */
static double memory_of(const char *name)
{
    char line[256];
    double found = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            found = strtod(line + strlen(name), NULL) / (1 << 20);
    if (file != NULL)
        fclose(file);
    return found;
}

static void tell_machine(void)
{
    char text[256];
    machine_info facts = machine_facts();
    snprintf(text, sizeof text, "%s%s%s", facts.processor, facts.clock[0] != '\0' ? ", " : "", facts.clock);
    tell("processor", text);
    tell("level", probe_level());
    snprintf(text, sizeof text, "%u, by default all are used; --threads chooses", facts.threads);
    tell("threads", text);
    snprintf(text, sizeof text, "%.1f GiB, %.1f GiB available; a training that needs more is refused",
             memory_of("MemTotal:"), memory_of("MemAvailable:"));
    tell("memory", text);
    tell("LLVM", bc_llvm_version());
}

/* ---- programs and libraries ---- */

static const char *const linkers[] = {"cc", "gcc", "clang", "ld.lld", NULL};
static const char *const wasm[] = {"wasm-ld", "wasm-ld-19", "wasm-ld-14", NULL};
static const char *const lld[] = {"ld.lld", "ld.lld-19", "ld.lld-14", NULL};
static const char *const gdb[] = {"gdb", NULL};
static const char *const perf[] = {"perf", NULL};
static const char *const mpi[] = {"mpirun", "mpiexec", NULL};
static const char *const python[] = {"python3", NULL};

static const char *first_program(const char *const *names, char out[PATH_MAX])
{
    const char *compiler = names == linkers ? getenv("CC") : NULL;
    if (compiler != NULL && *compiler != '\0' && probe_program(compiler, out))
        return out;
    for (; *names != NULL; names++)
        if (probe_program(*names, out))
            return out;
    return NULL;
}

/* The headers that linking a program needs, and the package of each. */
static void tell_headers(diagnosis *d)
{
    static const struct {
        const char *header, *package;
    } needed[] = {
#define X(name, header, package, without, unit) {header, package},
        PROGRAM_LIBRARIES(X)
#undef X
    };
    char packages[160] = "";
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!probe_header(needed[i].header)) {
            size_t used = strlen(packages);
            snprintf(packages + used, sizeof packages - used, "%s%s", used > 0 ? " " : "", needed[i].package);
        }
    tell_found(d, "libraries", packages[0] == '\0' ? "those that programs are linked with are there" : NULL,
               "build --emit=exe can't link programs", packages);
}

/* The C compilers that make programs for foreign machines. A machine that nobody builds for is nothing missing. */
static void tell_cross(void)
{
    char text[PATH_MAX + 128];
    const cross_machine *machine;
    cross_compiler found;
    struct utsname here;
    if (uname(&here) != 0)
        here.machine[0] = '\0';
    for (unsigned i = 0; (machine = cross_machine_at(i)) != NULL; i++) {
        if (strcmp(machine->target, here.machine) == 0)
            continue;
        if (cross_find(machine->target, &found))
            snprintf(text, sizeof text, "%s%s%s; build --target=%s makes programs", found.tool,
                     found.option[0] != '\0' ? " " : "", found.option, machine->target);
        else
            snprintf(text, sizeof text, "no C compiler for it: build --target=%s makes no programs; %s has one",
                     machine->target, machine->gcc);
        tell(machine->target, text);
    }
}

/* The mpirun that is found, and the MPI libraries for which bouton has a module. */
static void tell_mpi(diagnosis *d)
{
    char path[PATH_MAX], module[PATH_MAX], text[PATH_MAX + 128];
    bool openmpi = ranks_module("openmpi", module, sizeof module), mpich = ranks_module("mpich", module, sizeof module);
    bool found = first_program(mpi, path) != NULL;
    if (!openmpi && !mpich) {
        tell("MPI", "this bouton was built without a module for it; train --ranks needs one (libmpich-dev or "
                    "libopenmpi-dev)");
        return;
    }
    snprintf(text, sizeof text, "%s; train --ranks serves %s", found ? path : "",
             openmpi && mpich ? "Open MPI and MPICH"
             : openmpi        ? "Open MPI"
                              : "MPICH");
    tell_found(d, "MPI", found ? text : NULL, "train --ranks can't be started",
               mpich && openmpi ? "mpich or openmpi-bin"
               : mpich          ? "mpich"
                                : "openmpi-bin");
}

static void tell_programs(diagnosis *d)
{
    char path[PATH_MAX];
    tell_found(d, "linker", first_program(linkers, path), "build makes no programs and libraries", "gcc");
    tell_headers(d);
    tell_found(d, "lld", first_program(lld, path), "build --emit=lib makes no libraries for other machines", "lld");
    tell_found(d, "wasm-ld", first_program(wasm, path), "build --target=wasm32 makes no modules", "lld");
    tell_cross();
    tell_found(d, "LAPACK", probe_library("liblapack.so.3") ? "liblapack.so.3" : NULL, "train can't learn `whiten`",
               "liblapack3");
    tell_found(d, "gdb", first_program(gdb, path), "the lines that -g gives can't be looked at", "gdb");
    tell_found(d, "perf", first_program(perf, path), "the names that -g gives can't be looked at", "linux-perf");
    tell_mpi(d);
    tell("Python", first_program(python, path) != NULL ? path : "not found; no verb needs it");
}

/* ---- places ---- */

static void tell_places(void)
{
    const char *home = getenv("BOUTON_DATA");
    char text[PATH_MAX + 64];
    struct stat facts;
    if (home == NULL || *home == '\0')
        snprintf(text, sizeof text, "not set; --data or the folder of the text is where data are looked for");
    else if (stat(home, &facts) != 0 || !S_ISDIR(facts.st_mode))
        snprintf(text, sizeof text, "%s, which is no folder", home);
    else
        snprintf(text, sizeof text, "%s", home);
    tell("BOUTON_DATA", text);
    ssize_t length = readlink("/proc/self/exe", text, sizeof text - 1);
    text[length > 0 ? length : 0] = '\0';
    tell("bouton", text);
}

int verb_doctor(const command_line *cli)
{
    diagnosis d = {.cli = cli};
    tell("version", BR_VERSION);
    tell_machine();
    tell_programs(&d);
    tell_places();
    if (d.missing == 0)
        puts("\nnothing is missing");
    else
        printf("\n%u missing; check, eval, predict, dump, bench and most trainings need none of them\n", d.missing);
    return STATUS_DONE;
}
