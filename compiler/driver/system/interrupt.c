#include "system/interrupt.h"

#include <signal.h>
#include <stdatomic.h>

/* The program's only mutable global: a signal handler receives no context. Several threads may read it. */
static atomic_int caught;
_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a signal handler may set only what needs no lock");

static void note(int signal)
{
    caught = signal;
}

/* A signal that the program was started to ignore stays ignored: a shell starts background jobs so that Ctrl-C for the
 * command in front does not reach them. */
static void handle(int signal, void (*handler)(int))
{
    struct sigaction before, action = {.sa_handler = handler, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (sigaction(signal, NULL, &before) != 0 || before.sa_handler != SIG_IGN)
        sigaction(signal, &action, NULL);
}

void interrupt_watch(void)
{
    handle(SIGINT, note);
    handle(SIGTERM, note);
}

void interrupt_leave(void)
{
    handle(SIGINT, SIG_DFL);
    handle(SIGTERM, SIG_DFL);
    if (caught != 0)
        raise(caught);
}

int interrupt_signal(void)
{
    return caught;
}
