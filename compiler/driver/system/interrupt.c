#include "system/interrupt.h"

#include <signal.h>

/* A signal handler has no argument to find a context by: the one variable of the program that lives by itself. */
static volatile sig_atomic_t caught;

static void note(int signal)
{
    caught = signal;
}

void interrupt_watch(void)
{
    struct sigaction action = {.sa_handler = note, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int interrupt_signal(void)
{
    return caught;
}
