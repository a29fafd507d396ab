#include "system/machine.h"

#include "bouton/runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The value of a line "key<tabs>: value" of /proc/cpuinfo, or NULL if the line has another key. */
static const char *value_of(char *line, const char *key)
{
    size_t length = strlen(key);
    if (strncmp(line, key, length) != 0)
        return NULL;
    char *colon = strchr(line, ':');
    if (colon == NULL || strspn(line + length, " \t") != (size_t)(colon - line) - length)
        return NULL;
    line[strcspn(line, "\n")] = '\0';
    return colon + 1 + strspn(colon + 1, " \t");
}

machine_info machine_facts(void)
{
    machine_info facts = {.processor = "unknown", .threads = br_processors()};
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (file == NULL)
        return facts;
    char line[4096];
    bool named = false;
    while (fgets(line, sizeof line, file) != NULL) {
        const char *name = value_of(line, "model name"), *clock = value_of(line, "cpu MHz");
        if (name != NULL && !named) {
            snprintf(facts.processor, sizeof facts.processor, "%s", name);
            named = true;
        }
        if (clock != NULL && facts.clock[0] == '\0')
            snprintf(facts.clock, sizeof facts.clock, "%.2f GHz", strtod(clock, NULL) / 1000);
    }
    fclose(file);
    return facts;
}

double machine_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
