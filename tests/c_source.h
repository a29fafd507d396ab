/* C source that a test makes, compiles by gcc or clang, and loads. */
#ifndef C_SOURCE_H
#define C_SOURCE_H

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "bouton/compiler.h"

/* gcc and clang in turn, or the one that is installed; NULL: neither is. */
static inline const char *c_source_compiler(uint32_t turn)
{
    static const char *const compilers[] = {"gcc", "clang"};
    for (uint32_t i = 0; i < 2; i++) {
        const char *compiler = compilers[(turn + i) % 2];
        char command[128];
        snprintf(command, sizeof command, "command -v %s >/dev/null 2>&1", compiler);
        if (system(command) == 0)
            return compiler;
    }
    return NULL;
}

/* How a test on random networks begins: tells its seed, and makes a folder from the template. Without a compiler, the test
 * is skipped. */
static inline uint64_t c_source_begin(char *folder, uint64_t usual)
{
    const char *given = getenv("BOUTON_TEST_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : usual;
    print_message("seed %llu (BOUTON_TEST_SEED sets another)\n", (unsigned long long)seed);
    if (!c_source_compiler(0)) {
        print_message("SKIP  neither gcc nor clang\n");
        skip();
    }
    assert_non_null(mkdtemp(folder));
    return seed;
}

/* Writes net.c and net.h into the folder, and gives the library made of them. `about` is told if that fails. */
static inline void *c_source_load(const bc_source *source, const char *folder, const char *compiler, const char *about)
{
    char path[128], command[512];
    snprintf(path, sizeof path, "%s/net.c", folder);
    FILE *code = fopen(path, "w");
    snprintf(path, sizeof path, "%s/net.h", folder);
    FILE *header = fopen(path, "w");
    assert_true(code && header);
    bc_source_code(source, "net.h", code);
    bc_source_header(source, header);
    assert_int_equal(fclose(code) + fclose(header), 0);
    snprintf(
        command, sizeof command,
        "%s -std=c99 -O1 -ffp-contract=off -Wall -Wextra -Wpedantic -Wconversion -Werror -shared -fPIC -o %s/net.so "
        "%s/net.c",
        compiler, folder, folder);
    if (system(command) != 0)
        fail_msg("%s\n%s", command, about);
    snprintf(path, sizeof path, "%s/net.so", folder);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        fail_msg("%s", dlerror());
    return library;
}

/* The function of a network whose name ends so. */
static inline uintptr_t c_source_function(void *library, const char *network, const char *ending)
{
    char name[300];
    snprintf(name, sizeof name, "%s%s", network, ending);
    void *found = dlsym(library, name);
    assert_non_null(found);
    return (uintptr_t)found;
}

static inline void c_source_remove(const char *folder)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    assert_int_equal(system(command), 0);
}

#endif
