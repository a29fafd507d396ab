/* The memory still available: the minimum over the machine, the control group and the limits of the process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"

/* Reads the first number of a text. Returns the end of the number, or NULL if there is none. */
static const char *next_number(const char *text, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return end != text && errno == 0 ? end : NULL;
}

/* Reads the number after `key` at the beginning of a line, or the first number of the file if `key` is "". Returns
 * false if there is none; "max" is no limit. */
static bool read_number(const char *path, const char *key, uint64_t *out)
{
    char line[256];
    bool found = false;
    FILE *from = fopen(path, "re");
    while (from && !found && fgets(line, sizeof line, from))
        found = strncmp(line, key, strlen(key)) == 0 && next_number(line + strlen(key), out) != NULL;
    if (from)
        fclose(from);
    return found;
}

static void at_most(uint64_t *room, uint64_t limit, uint64_t used)
{
    uint64_t left = limit > used ? limit - used : 0;
    *room = left < *room ? left : *room;
}

/* Bytes that the process has mapped, or only the data among them. */
static uint64_t mapped(bool data)
{
    uint64_t pages = 0;
    char line[256];
    FILE *from = fopen("/proc/self/statm", "re");
    const char *at = from ? fgets(line, sizeof line, from) : NULL;
    for (int i = 0; at && i <= (data ? 5 : 0); i++)
        at = next_number(at, &pages);
    if (from)
        fclose(from);
    return (at ? pages : 0) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void ask_process(uint64_t *room)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        at_most(room, limit.rlim_cur, mapped(false));
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        at_most(room, limit.rlim_cur, mapped(true));
}

/* Inside a container, the root of the hierarchy is the container's own group. */
static void ask_group(uint64_t *room)
{
    uint64_t limit, used = 0;
    if (read_number("/sys/fs/cgroup/memory.max", "", &limit)) {
        read_number("/sys/fs/cgroup/memory.current", "", &used);
        at_most(room, limit, used);
    } else if (read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes", "", &limit)) {
        read_number("/sys/fs/cgroup/memory/memory.usage_in_bytes", "", &used);
        at_most(room, limit, used);
    }
}

uint64_t br_memory_available(void)
{
    uint64_t room = UINT64_MAX, kilobytes;
    if (read_number("/proc/meminfo", "MemAvailable:", &kilobytes))
        room = kilobytes << 10;
    ask_group(&room);
    ask_process(&room);
    return room;
}
