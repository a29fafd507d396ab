/* bouton watch: checks a network again whenever its file or an include changes; with --train, trains it for a while. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bouton/lang.h"
#include "options/console.h"
#include "system/interrupt.h"
#include "verbs/verbs.h"
#include "workshop/changes.h"

extern char **environ;

enum { FILES_MOST = 4096, STEP_MS = 100 };

typedef struct watcher {
    const command_line *cli;
    const char *path;
    file_changes *changes;
    char folder[PATH_MAX]; /* of the models that quick trainings write; empty: none */
    const char **words;    /* of the command that runs, by argv's rules */
    size_t word_count;
} watcher;

/* ---- the files of the network ---- */

/* The text and its includes, and after a mistake the folder, where a missing include may appear. */
static int follow(const watcher *w)
{
    bl_context *context = bl_context_new();
    bl_location place;
    if (context == NULL)
        return fail_memory(w->cli);
    int status = changes_begin(w->changes, w->path);
    if (status == STATUS_DONE && bl_load(context, w->path) != 0)
        status = fail_memory(w->cli);
    for (uint32_t file = 0; file < FILES_MOST && status == STATUS_DONE; file++)
        if (bl_locate(context, (bl_place){.file = file}, &place) && strcmp(place.file, w->path) != 0)
            status = changes_add(w->changes, place.file, false);
    if (status == STATUS_DONE && bl_error_count(context) > 0)
        status = changes_add(w->changes, w->path, true);
    bl_context_free(context);
    return status;
}

/* ---- one run: bouton itself, as a process that can be stopped ---- */

static void add_word(watcher *w, const char *word)
{
    w->words[w->word_count++] = word;
}

static void add_option(watcher *w, option_id id, const char *name)
{
    if (!cli_has(w->cli, id))
        return;
    add_word(w, name);
    add_word(w, cli_text(w->cli, id));
}

/* The command line of the run. It gets the options that both verbs have. */
static void make_words(watcher *w, const char *verb)
{
    w->word_count = 0;
    add_word(w, "bouton");
    add_word(w, verb);
    for (size_t i = 0; i < w->cli->setting_count; i++) {
        add_word(w, "--set");
        add_word(w, w->cli->settings[i].text);
    }
    add_option(w, OPTION_network, "--network");
    add_word(w, "--color");
    add_word(w, w->cli->color ? "always" : "never");
}

static int start(watcher *w, pid_t *process)
{
    add_word(w, "--");
    add_word(w, w->path);
    w->words[w->word_count] = NULL;
    fflush(stdout);
    int trouble = posix_spawn(process, "/proc/self/exe", NULL, NULL, (char **)w->words, environ);
    return trouble == 0 ? STATUS_DONE
                        : fail(w->cli, STATUS_FAULT, "bouton can't be started again: %s", strerror(trouble));
}

static int status_of(int ended)
{
    return WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
}

static int run_check(watcher *w, int *result)
{
    pid_t process;
    int ended = 0;
    make_words(w, "check");
    int status = start(w, &process);
    while (status == STATUS_DONE && waitpid(process, &ended, 0) < 0 && errno == EINTR)
        continue;
    *result = status_of(ended);
    return status;
}

/* Trains until the time is over, a file changes, or a signal comes. *changed: a file changed. */
static int run_training(watcher *w, bool *changed)
{
    char model[PATH_MAX + 32];
    pid_t process;
    int ended = 0, waited = 0;
    int seconds_ms = (int)(1000 * cli_number(w->cli, OPTION_seconds, 10));
    snprintf(model, sizeof model, "%s/watched.safetensors", w->folder);
    make_words(w, "train");
    add_option(w, OPTION_data, "--data");
    add_option(w, OPTION_threads, "--threads");
    add_word(w, "--force");
    add_word(w, "-o");
    add_word(w, model);
    int status = start(w, &process);
    bool stopped = false;
    for (; status == STATUS_DONE && waitpid(process, &ended, WNOHANG) == 0; waited += stopped ? 0 : STEP_MS) {
        if (stopped)
            poll(NULL, 0, STEP_MS);
        else
            *changed = changes_wait(w->changes, STEP_MS);
        if (!stopped && (*changed || interrupt_signal() != 0 || waited >= seconds_ms)) {
            kill(process, SIGTERM);
            stopped = true;
        }
    }
    if (stopped && !*changed && interrupt_signal() == 0)
        printf("stopped after %g seconds; --seconds changes that\n", seconds_ms / 1000.0);
    return status;
}

/* ---- the loop ---- */

static void clear_screen(const watcher *w)
{
    char now[32];
    time_t seconds = time(NULL);
    struct tm parts;
    if (isatty(STDOUT_FILENO))
        fputs("\033[H\033[2J\033[3J", stdout);
    if (localtime_r(&seconds, &parts) != NULL && strftime(now, sizeof now, "%H:%M:%S", &parts) > 0)
        printf("-- %s at %s\n", w->path, now);
}

static int run_once(watcher *w, bool *changed)
{
    int result;
    *changed = false;
    clear_screen(w);
    int status = follow(w);
    if (status == STATUS_DONE)
        status = run_check(w, &result);
    if (status == STATUS_DONE && result == STATUS_DONE && cli_has(w->cli, OPTION_watch_train) &&
        interrupt_signal() == 0)
        status = run_training(w, changed);
    if (status == STATUS_DONE && !*changed && interrupt_signal() == 0)
        puts("-- waiting for a change; Ctrl-C ends");
    fflush(stdout);
    return status;
}

static int make_folder(watcher *w)
{
    const char *home = getenv("TMPDIR");
    snprintf(w->folder, sizeof w->folder, "%s/bouton-watch.XXXXXX", home != NULL && *home != '\0' ? home : "/tmp");
    if (mkdtemp(w->folder) != NULL)
        return STATUS_DONE;
    int status =
        fail(w->cli, STATUS_IO, "%s: %s; set TMPDIR to a folder that can be written", w->folder, strerror(errno));
    w->folder[0] = '\0';
    return status;
}

/* Removes the folder of quick models and whatever a training that was stopped left in it. */
static void remove_folder(const watcher *w)
{
    DIR *folder = w->folder[0] != '\0' ? opendir(w->folder) : NULL;
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        unlinkat(dirfd(folder), entry->d_name, 0); /* fails for . and .. */
    if (folder == NULL)
        return;
    closedir(folder);
    rmdir(w->folder);
}

int verb_watch(const command_line *cli)
{
    bool changed = false;
    watcher w = {.cli = cli, .path = cli->operands[0]};
    if (strcmp(w.path, "-") == 0)
        return fail(cli, STATUS_USAGE, "-: standard input does not change; name a file");
    if (access(w.path, R_OK) != 0)
        return fail(cli, STATUS_IO, "%s: %s", w.path, errno == ENOENT ? "no such file" : strerror(errno));
    w.words = allocate(cli, 2 * cli->setting_count + 32, sizeof *w.words);
    w.changes = w.words != NULL ? changes_new(cli, cli_has(cli, OPTION_poll)) : NULL;
    int status = w.changes != NULL ? STATUS_DONE : STATUS_FAULT;
    if (status == STATUS_DONE && cli_has(cli, OPTION_watch_train))
        status = make_folder(&w);
    interrupt_watch();
    while (status == STATUS_DONE && interrupt_signal() == 0) {
        status = run_once(&w, &changed);
        while (status == STATUS_DONE && !changed && interrupt_signal() == 0)
            changed = changes_wait(w.changes, -1);
    }
    remove_folder(&w);
    changes_free(w.changes);
    free(w.words);
    return status;
}
