/* Memory that is not available is refused before it is allocated, with a message that gives both sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"

static void is_less_than_the_machine_has(void **state)
{
    (void)state;
    uint64_t room = br_memory_available(), pages = (uint64_t)sysconf(_SC_PHYS_PAGES);
    assert_true(room > 1 << 20);
    assert_true(room <= pages * (uint64_t)sysconf(_SC_PAGESIZE));
}

/* In a process of its own, which may map little more than it already has. */
static int ask_in_a_small_room(void)
{
    br_error error = {0};
    struct rlimit limit = {.rlim_cur = 100 << 20, .rlim_max = RLIM_INFINITY};
    getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = 100 << 20;
    if (setrlimit(RLIMIT_DATA, &limit) != 0)
        return 1;
    if (br_memory_available() > 100 << 20)
        return 2;
    if (br_new(200, 1 << 20, &error) != NULL)
        return 3;
    unsigned long long needed = 0, room = 0;
    if (sscanf(error.message, "one allocation needs %llu MB of memory, and %llu MB are available", &needed, &room) != 2)
        return 4;
    return needed == 209 && room <= 104 ? 0 : 5;
}

static void refuses_with_both_numbers(void **state)
{
    (void)state;
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(ask_in_a_small_room());
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_less_than_the_machine_has),
        cmocka_unit_test(refuses_with_both_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
