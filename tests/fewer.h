/* BOUTON_TEST_FEWER=N: suites of random networks draw an Nth of them. Meant for a build of which another build, of the
 * same sources with other compiler options, runs all tests. */
#ifndef FEWER_H
#define FEWER_H

#include <stdint.h>
#include <stdlib.h>

static inline uint32_t fewer(uint32_t networks)
{
    const char *given = getenv("BOUTON_TEST_FEWER");
    unsigned long share = given ? strtoul(given, NULL, 10) : 1;
    return share > 1 && share < networks ? networks / (uint32_t)share : networks;
}

#endif
