#include "workshop/changes.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "options/console.h"
#include "options/paths.h"

enum { LOOK_MS = 500, QUIET_MS = 40, QUIET_ROUNDS = 25 };

/* What tells a file from its next version. Missing files have zeros. */
typedef struct state {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
} state;

typedef struct watched {
    char *path;
    state before;
} watched;

struct file_changes {
    const command_line *cli;
    int notices; /* of inotify, or -1 */
    watched *list;
    size_t count, room;
};

static state look(const char *path)
{
    struct stat facts;
    if (stat(path, &facts) != 0)
        return (state){0};
    return (state){facts.st_dev, facts.st_ino, S_ISDIR(facts.st_mode) ? 0 : facts.st_size, facts.st_mtim};
}

static bool same(const state *a, const state *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

file_changes *changes_new(const command_line *cli, bool polls)
{
    file_changes *c = allocate(cli, 1, sizeof *c);
    if (c != NULL)
        *c = (file_changes){.cli = cli, .notices = polls ? -1 : inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    return c;
}

static void forget(file_changes *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->list[i].path);
    c->count = 0;
}

void changes_free(file_changes *c)
{
    if (c == NULL)
        return;
    forget(c);
    free(c->list);
    if (c->notices >= 0)
        close(c->notices);
    free(c);
}

int changes_add(file_changes *c, const char *path, bool folder)
{
    if (c->count == c->room) {
        size_t room = 2 * c->room + 16;
        watched *larger = realloc(c->list, room * sizeof *larger);
        if (larger == NULL)
            return fail_memory(c->cli);
        c->list = larger;
        c->room = room;
    }
    char *holder = path_folder(c->cli, path);
    if (holder == NULL)
        return STATUS_FAULT;
    /* Editors replace files, so the folder gives the notices. Without them the files are looked at all the same. */
    if (c->notices >= 0 &&
        inotify_add_watch(c->notices, holder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MODIFY) < 0) {
        close(c->notices);
        c->notices = -1;
    }
    char *kept = folder ? holder : text_copy(c->cli, path, strlen(path));
    if (kept != holder)
        free(holder);
    if (kept == NULL)
        return STATUS_FAULT;
    c->list[c->count++] = (watched){kept, look(kept)};
    return STATUS_DONE;
}

int changes_begin(file_changes *c, const char *path)
{
    forget(c);
    return changes_add(c, path, false);
}

/* Whether some file has changed; the new states are remembered. */
static bool take_changes(file_changes *c)
{
    bool any = false;
    for (size_t i = 0; i < c->count; i++) {
        state now = look(c->list[i].path);
        any = any || !same(&now, &c->list[i].before);
        c->list[i].before = now;
    }
    return any;
}

static void drain(const file_changes *c)
{
    char events[4096];
    while (c->notices >= 0 && read(c->notices, events, sizeof events) > 0)
        continue;
}

/* Waits until nothing changes any more: an editor may write a file in several steps. */
static void await_quiet(file_changes *c)
{
    for (int round = 0; round < QUIET_ROUNDS; round++) {
        poll(NULL, 0, QUIET_MS);
        if (!take_changes(c))
            break;
    }
    drain(c);
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

bool changes_wait(file_changes *c, int milliseconds)
{
    long long end = now_ms() + milliseconds;
    for (;;) {
        if (take_changes(c)) {
            await_quiet(c);
            return true;
        }
        long long left = milliseconds < 0 ? LOOK_MS : end - now_ms();
        if (left <= 0)
            return false;
        struct pollfd notice = {.fd = c->notices, .events = POLLIN}; /* poll ignores -1 */
        if (poll(&notice, 1, (int)(left < LOOK_MS ? left : LOOK_MS)) < 0)
            return false;
        drain(c);
    }
}
