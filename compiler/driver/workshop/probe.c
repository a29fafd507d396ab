#include "workshop/probe.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *probe_level(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        return "x86-64-v4 (AVX-512)";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return "x86-64-v3 (AVX2, FMA)";
    if (__builtin_cpu_supports("sse4.2"))
        return "x86-64-v2 (SSE4.2)";
    return "x86-64 (SSE2)";
#elif defined(__aarch64__)
    return "aarch64 (Advanced SIMD)";
#else
    return "no level that bouton knows; LLVM finds out what it has";
#endif
}

bool probe_program(const char *name, char out[PATH_MAX])
{
    const char *path = getenv("PATH");
    int length = (int)strcspn(name, " ");
    if (memchr(name, '/', (size_t)length) != NULL)
        return snprintf(out, PATH_MAX, "%.*s", length, name) < PATH_MAX && access(out, X_OK) == 0;
    for (const char *at = path != NULL ? path : ""; *at != '\0';) {
        size_t folder = strcspn(at, ":");
        if (snprintf(out, PATH_MAX, "%.*s/%.*s", (int)folder, at, length, name) < PATH_MAX && access(out, X_OK) == 0)
            return true;
        at += folder + (at[folder] == ':');
    }
    return false;
}

bool probe_library(const char *name)
{
    void *library = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (library != NULL)
        dlclose(library);
    return library != NULL;
}

/* Debian keeps headers of one machine in a folder of its name. */
bool probe_header(const char *name)
{
#if defined(__x86_64__)
    static const char machine[] = "x86_64-linux-gnu";
#elif defined(__aarch64__)
    static const char machine[] = "aarch64-linux-gnu";
#else
    static const char machine[] = ".";
#endif
    static const char *const folders[] = {"/usr/include", "/usr/local/include"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], name);
        if (access(path, R_OK) == 0)
            return true;
        snprintf(path, sizeof path, "%s/%s/%s", folders[i], machine, name);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}
