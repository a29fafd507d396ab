#include "sweep/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "show/numbers.h"
#include "system/interrupt.h"
#include "system/machine.h"

#define SHOW_EVERY_NS 100000000 /* nanoseconds between updates of the line */

typedef struct pool {
    sweep *s;
    sweep_share share;
    const run_aim *aim;
    pthread_mutex_t lock; /* of everything below, and of the states and shares of runs */
    pthread_cond_t changed;
    size_t next;        /* the run that is looked at next */
    size_t total, done; /* runs that this process trains, or finds taken */
    uint32_t working;   /* threads */
    bool terminal;
    bool open; /* the terminal shows a line that the next one overwrites */
    double begin;
    int status; /* of the first run that failed */
} pool;

/* A run and the pool, as the watch of the run sees them. */
typedef struct pool_watch {
    pool *p;
    sweep_run *run;
} pool_watch;

/* ---- progress; the lock is held ---- */

/* Seconds left, from the share of the work that is done; negative: not known yet. */
static double seconds_left(const pool *p)
{
    double done = (double)p->done;
    for (size_t i = 0; i < p->s->run_count; i++)
        if (p->s->runs[i].state == RUN_ACTIVE)
            done += p->s->runs[i].share;
    return done > 0 ? (machine_seconds() - p->begin) * ((double)p->total - done) / done : -1;
}

static void left_text(const pool *p, char *text, size_t size)
{
    number_buffer clock;
    double left = seconds_left(p);
    *text = '\0';
    if (left >= 0 && p->done < p->total)
        snprintf(text, size, "  %s left", number_clock(clock, left));
}

static void clear_line(pool *p)
{
    if (p->open)
        fputs("\r\033[K", stderr);
    p->open = false;
}

static int screen_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static void show_line(pool *p)
{
    char line[128], bar[21] = "", left[48];
    double done = (double)p->done;
    size_t active = 0;
    for (size_t i = 0; i < p->s->run_count; i++)
        if (p->s->runs[i].state == RUN_ACTIVE) {
            done += p->s->runs[i].share;
            active++;
        }
    for (int i = 0; i < 20; i++)
        bar[i] = i < (int)(20 * done / (double)p->total) ? '=' : ' ';
    left_text(p, left, sizeof left);
    snprintf(line, sizeof line, "%zu of %zu runs  [%s]  %zu in training%s", p->done, p->total, bar, active, left);
    fprintf(stderr, "\r%.*s\033[K", screen_width() - 1, line);
    fflush(stderr);
    p->open = true;
}

static void print_name(const pool *p, const sweep_run *run)
{
    const char *label = p->s->rows[run->row].label;
    fprintf(stderr, "%s%sseed %llu", label, *label != '\0' ? ", " : "",
            (unsigned long long)p->s->grid.seeds[run->seed]);
}

/* Where no terminal shows the moving line, a run that ends has a line of its own. */
static void show_end(pool *p, const sweep_run *run)
{
    char left[48];
    const training_score *score = &run->result.scores[p->s->on];
    if (p->terminal)
        return;
    left_text(p, left, sizeof left);
    fprintf(stderr, "%zu of %zu runs  ", p->done, p->total);
    print_name(p, run);
    if (run->state == RUN_PAUSED)
        fprintf(stderr, "  validation %.2f%% after %.4g%% of the schedule", 100 * run->paused_at,
                100 * run_share_until(p->s, run->row, p->aim->until));
    else if (score->scored)
        fprintf(stderr, "  %s %.2f%%", bt_split_word(p->s->on), 100 * (double)score->right / (double)score->samples);
    fprintf(stderr, "%s\n", left);
}

/* ---- what runs tell ---- */

static bool on_progress(void *user, double share)
{
    pool_watch *watch = user;
    pthread_mutex_lock(&watch->p->lock);
    watch->run->share = share;
    pthread_mutex_unlock(&watch->p->lock);
    return interrupt_signal() == 0;
}

static void tell(pool *p, const sweep_run *run, message_kind kind, const char *text)
{
    const char *label = p->s->rows[run->row].label;
    clear_line(p);
    say(p->s->cli, kind, "%s%sseed %llu: %s", label, *label != '\0' ? ", " : "",
        (unsigned long long)p->s->grid.seeds[run->seed], text);
}

static void on_message(void *user, message_kind kind, const char *text)
{
    pool_watch *watch = user;
    pthread_mutex_lock(&watch->p->lock);
    tell(watch->p, watch->run, kind, text);
    pthread_mutex_unlock(&watch->p->lock);
}

/* ---- workers ---- */

static sweep_run *next_run(pool *p)
{
    while (p->next < p->s->run_count && interrupt_signal() == 0) {
        sweep_run *run = &p->s->runs[p->next++];
        if (run->state == RUN_WAITS) {
            run->state = RUN_ACTIVE;
            return run;
        }
    }
    return NULL;
}

static void end_run(pool *p, sweep_run *run, run_state state, const br_error *error)
{
    run->state = state;
    run->share = 0;
    if (state == RUN_STOPPED)
        return;
    p->done++;
    if (state == RUN_FAILED) {
        tell(p, run, MESSAGE_ERROR, error->message);
        if (p->status == STATUS_DONE)
            p->status = (int)error->kind;
    } else if (state == RUN_BUSY) {
        tell(p, run, MESSAGE_NOTE, "another process is training this run, so it is left to it");
    } else {
        show_end(p, run);
    }
}

static void *work(void *user)
{
    pool *p = user;
    pthread_mutex_lock(&p->lock);
    for (sweep_run *run; (run = next_run(p)) != NULL;) {
        br_error error = {0};
        pool_watch watching = {p, run};
        run_watch watch = {&watching, on_progress, on_message};
        pthread_mutex_unlock(&p->lock);
        run_state state = run_train(&p->share, run, p->aim, &watch, &error);
        pthread_mutex_lock(&p->lock);
        end_run(p, run, state, &error);
    }
    p->working--;
    pthread_cond_signal(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Waits until all threads have ended, and draws the line meanwhile. The lock is held. */
static void watch_workers(pool *p)
{
    while (p->working > 0) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += SHOW_EVERY_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&p->changed, &p->lock, &until);
        if (p->terminal && p->working > 0)
            show_line(p);
    }
    clear_line(p);
}

/* Runs `jobs` threads. If the system gives fewer, those share the work. */
static int run_threads(pool *p, uint32_t jobs)
{
    pthread_t *threads = allocate(p->s->cli, jobs, sizeof *threads);
    uint32_t count = 0;
    int cause = 0;
    if (threads == NULL)
        return STATUS_FAULT;
    pthread_mutex_lock(&p->lock);
    while (count < jobs && (cause = pthread_create(&threads[count], NULL, work, p)) == 0)
        count++;
    p->working = count;
    watch_workers(p);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return count > 0 ? STATUS_DONE : fail(p->s->cli, STATUS_FAULT, "No thread can be started: %s", strerror(cause));
}

int pool_train(sweep *s, const run_aim *aim)
{
    pool p = {.s = s, .aim = aim, .terminal = isatty(STDERR_FILENO) != 0, .begin = machine_seconds()};
    for (size_t i = 0; i < s->run_count; i++)
        p.total += s->runs[i].state == RUN_WAITS;
    if (p.total == 0)
        return STATUS_DONE;
    uint32_t jobs = (uint32_t)cli_count(s->cli, OPTION_jobs, br_processors());
    jobs = p.total < jobs ? (uint32_t)p.total : jobs;
    int status = share_new(s, jobs, &p.share);
    pthread_mutex_init(&p.lock, NULL);
    pthread_cond_init(&p.changed, NULL);
    interrupt_watch();
    if (status == STATUS_DONE)
        status = run_threads(&p, jobs);
    pthread_cond_destroy(&p.changed);
    pthread_mutex_destroy(&p.lock);
    share_free(&p.share);
    if (status == STATUS_DONE && interrupt_signal() != 0)
        return 128 + interrupt_signal();
    return status != STATUS_DONE ? status : p.status;
}
