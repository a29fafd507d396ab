#include "show/ticker.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "show/numbers.h"

enum { LINE_SIZE = 160, FIRST_AFTER = 500000000 }; /* nanoseconds; from the second one on it changes every second */
#define KNOWN_SHARE 0.01                           /* before it, the time that is left can't be told */

struct ticker {
    FILE *to;
    char what[LINE_SIZE];
    struct timespec begin;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool over;    /* guarded by the lock */
    double share; /* guarded by the lock; negative: unknown */
    bool shown;   /* read after the thread has ended */
};

static void show(ticker *t, long seconds)
{
    struct winsize size;
    char line[LINE_SIZE + 3 * NUMBER_SIZE], share[NUMBER_SIZE] = "", time[NUMBER_SIZE + 2] = "",
                                            left[NUMBER_SIZE + 8] = "";
    number_buffer clock;
    int width = ioctl(fileno(t->to), TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
    if (t->share >= 0)
        snprintf(share, sizeof share, "  %.0f%%", 100 * t->share);
    if (seconds > 0)
        snprintf(time, sizeof time, "  %s", number_clock(clock, (double)seconds));
    if (seconds > 0 && t->share >= KNOWN_SHARE)
        snprintf(left, sizeof left, "  %s left", number_clock(clock, (double)seconds / t->share * (1 - t->share)));
    snprintf(line, sizeof line, "%s%s%s%s", t->what, share, time, left);
    fprintf(t->to, "\r%.*s\033[K", width, line);
    fflush(t->to);
    t->shown = true;
}

static struct timespec later(struct timespec t, long seconds, long nanoseconds)
{
    t.tv_sec += seconds + (t.tv_nsec + nanoseconds) / 1000000000;
    t.tv_nsec = (t.tv_nsec + nanoseconds) % 1000000000;
    return t;
}

static void *tick(void *argument)
{
    ticker *t = argument;
    struct timespec next;
    pthread_mutex_lock(&t->lock);
    for (long seconds = 0; !t->over; seconds++) {
        next = later(t->begin, seconds, seconds == 0 ? FIRST_AFTER : 0);
        while (!t->over && pthread_cond_timedwait(&t->ended, &t->lock, &next) == 0) /* until it is time, or over */
            ;
        if (!t->over)
            show(t, seconds);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

/* Signals are left to the other threads. */
static bool start(ticker *t)
{
    sigset_t all, old;
    pthread_condattr_t clock;
    sigfillset(&all);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->ended, &clock);
    pthread_condattr_destroy(&clock);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    bool started = pthread_create(&t->thread, NULL, tick, t) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return started;
}

ticker *ticker_begin(const command_line *cli, const char *format, ...)
{
    char what[sizeof((ticker *)NULL)->what];
    va_list list;
    va_start(list, format);
    vsnprintf(what, sizeof what, format, list);
    va_end(list);
    return ticker_begin_on(cli_terminal(cli), what);
}

ticker *ticker_begin_on(FILE *to, const char *what)
{
    ticker *t = to != NULL && isatty(fileno(to)) ? calloc(1, sizeof *t) : NULL;
    if (t == NULL)
        return NULL;
    t->to = to;
    t->share = -1;
    snprintf(t->what, sizeof t->what, "%s", what);
    clock_gettime(CLOCK_MONOTONIC, &t->begin);
    if (start(t))
        return t;
    free(t);
    return NULL;
}

void ticker_share(ticker *t, double share)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    t->share = share;
    pthread_mutex_unlock(&t->lock);
}

void ticker_end(ticker *t)
{
    if (t == NULL)
        return;
    pthread_mutex_lock(&t->lock);
    t->over = true;
    pthread_cond_signal(&t->ended);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    pthread_cond_destroy(&t->ended);
    pthread_mutex_destroy(&t->lock);
    if (t->shown) {
        fputs("\r\033[K", t->to);
        fflush(t->to);
    }
    free(t);
}
