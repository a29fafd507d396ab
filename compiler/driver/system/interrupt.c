#include "system/interrupt.h"

#include <signal.h>

/* The program's only mutable global: a signal handler receives no context. */
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
