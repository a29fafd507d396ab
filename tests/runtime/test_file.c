/* Atomic files: the whole new file or the unchanged old one, and no temporary file left. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "bouton/runtime.h"
#include "scratch.h"

static int begin(void **state)
{
    static scratch s;
    *state = &s;
    return scratch_new(&s);
}

static int end(void **state)
{
    scratch_remove(*state);
    return 0;
}

static void assert_content(const char *path, const char *wanted)
{
    size_t count = 0;
    unsigned char *bytes = scratch_read(path, &count);
    assert_non_null(bytes);
    assert_string_equal(bytes, wanted);
    assert_int_equal(count, strlen(wanted));
    free(bytes);
}

static void write_whole(const char *path, const char *text)
{
    br_error error;
    br_atomic_file *file;
    assert_int_equal(br_atomic_open(path, &file, &error), 0);
    assert_true(fputs(text, br_atomic_stream(file)) >= 0);
    assert_int_equal(br_atomic_commit(file, &error), 0);
}

static void assert_refused(const char *path, const char *why)
{
    br_error error = {0};
    br_atomic_file *file;
    assert_int_equal(br_atomic_open(path, &file, &error), -1);
    assert_null(file);
    assert_int_equal(error.kind, BR_ERROR_IO);
    if (!strstr(error.message, path) || !strstr(error.message, why))
        fail_msg("\"%s\" names not both %s and \"%s\"", error.message, path, why);
}

static void commit_makes_and_replaces(void **state)
{
    scratch *s = *state;
    const char *path = scratch_path(s, "new");
    write_whole(path, "first");
    assert_content(path, "first");
    write_whole(path, "second, longer");
    assert_content(path, "second, longer");
    assert_int_equal(scratch_count(s), 1);
}

static void old_file_stays_until_commit(void **state)
{
    scratch *s = *state;
    br_error error;
    br_atomic_file *file;
    const char *path = scratch_path(s, "old");
    assert_int_equal(scratch_write(path, "old", 3), 0);
    assert_int_equal(br_atomic_open(path, &file, &error), 0);
    assert_true(fputs("new", br_atomic_stream(file)) >= 0);
    assert_int_equal(fflush(br_atomic_stream(file)), 0);
    assert_int_equal(scratch_count(s), 2); /* the temporary file is in the same folder */
    assert_content(path, "old");
    br_atomic_discard(file);
    assert_content(path, "old");
    assert_int_equal(scratch_count(s), 1);
    br_atomic_discard(NULL);
}

static void permissions_are_kept(void **state)
{
    struct stat facts;
    const char *path = scratch_path(*state, "mode");
    assert_int_equal(scratch_write(path, "old", 3), 0);
    assert_int_equal(chmod(path, 0640), 0);
    write_whole(path, "new");
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0640);

    mode_t mask = umask(027);
    path = scratch_path(*state, "fresh");
    write_whole(path, "new");
    umask(mask);
    assert_int_equal(stat(path, &facts), 0);
    assert_int_equal(facts.st_mode & 07777, 0640); /* 0666 without the bits of the umask */
}

static void links_are_followed(void **state)
{
    scratch *s = *state;
    struct stat facts;
    char target[512];
    snprintf(target, sizeof target, "%s", scratch_path(s, "target"));
    const char *link = scratch_path(s, "link");
    assert_int_equal(scratch_write(target, "old", 3), 0);
    assert_int_equal(symlink("target", link), 0);
    write_whole(link, "new");
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_content(target, "new");
}

static void what_cant_be_a_target_is_refused(void **state)
{
    scratch *s = *state;
    assert_refused(s->folder, "is a folder");
    assert_refused(scratch_path(s, "missing/file"), "No such file or directory");
    assert_refused(scratch_path(s, "missing/"), "names no file");
    assert_refused("", "names no file");
    const char *pipe = scratch_path(s, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_refused(pipe, "not a regular file");
    const char *plain = scratch_path(s, "plain");
    assert_int_equal(scratch_write(plain, "", 0), 0);
    assert_refused(scratch_path(s, "plain/file"), "Not a directory");
    assert_int_equal(scratch_count(s), 2);
}

static void long_names_work(void **state)
{
    char name[256]; /* 255 bytes, the longest possible name: there is no space for a suffix */
    memset(name, 'n', 255);
    name[255] = '\0';
    const char *path = scratch_path(*state, name);
    write_whole(path, "long");
    assert_content(path, "long");
}

/* Files left by a killed process with the same number must not cause a failure. */
static void leftovers_do_no_harm(void **state)
{
    scratch *s = *state;
    char name[64];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, ".bouton-%ld-%d.tmp", (long)getpid(), i);
        assert_int_equal(scratch_write(scratch_path(s, name), "stale", 5), 0);
    }
    const char *path = scratch_path(s, "made");
    write_whole(path, "fresh");
    assert_content(path, "fresh");
    assert_int_equal(scratch_count(s), 4);
}

/* Writes `text` and keeps the old file, or only tries to. */
static int write_keeping(const char *path, const char *text, bool try_only, br_error *error)
{
    br_atomic_file *file;
    assert_int_equal(br_atomic_open(path, &file, error), 0);
    if (br_atomic_keep_old(file, error) != 0) {
        br_atomic_discard(file);
        return -1;
    }
    assert_true(fputs(text, br_atomic_stream(file)) >= 0);
    return try_only ? br_atomic_try(file, error) : br_atomic_commit(file, error);
}

static void the_old_file_is_kept(void **state)
{
    scratch *s = *state;
    br_error error = {0};
    char path[512], kept[512];
    snprintf(path, sizeof path, "%s", scratch_path(s, "model"));
    snprintf(kept, sizeof kept, "%s", scratch_path(s, "model~"));
    assert_int_equal(write_keeping(path, "first", false, &error), 0); /* there is none to keep */
    assert_int_equal(scratch_count(s), 1);
    assert_int_equal(write_keeping(path, "second", false, &error), 0);
    assert_content(path, "second");
    assert_content(kept, "first");
    assert_int_equal(write_keeping(path, "never", true, &error), 0);
    assert_content(path, "second");
    assert_content(kept, "first");
    assert_int_equal(write_keeping(path, "third", false, &error), 0);
    assert_content(path, "third");
    assert_content(kept, "second");
    assert_int_equal(scratch_count(s), 2);
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(link(path, kept), 0); /* two names of one file */
    assert_int_equal(write_keeping(path, "fourth", false, &error), 0);
    assert_content(path, "fourth");
    assert_content(kept, "third");
    assert_int_equal(unlink(kept), 0);
    assert_int_equal(mkdir(kept, 0700), 0);
    assert_int_equal(write_keeping(path, "fifth", false, &error), -1);
    assert_non_null(strstr(error.message, kept));
    assert_content(path, "fourth");
    assert_int_equal(scratch_count(s), 2);
}

/* A full disk, simulated by a limit on file sizes. The data are written through the stream's buffer, which commit
 * flushes, and directly. */
static void failing_write_changes_nothing(void **state)
{
    scratch *s = *state;
    static const size_t amounts[] = {200, 200, 1000000, 1000000};
    const char *path = scratch_path(s, "full");
    assert_int_equal(scratch_write(path, "old", 3), 0);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < 4; i++) {
        br_error error = {0};
        br_atomic_file *file;
        assert_int_equal(br_atomic_open(path, &file, &error), 0);
        small = (struct rlimit){.rlim_cur = 100, .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
        for (size_t n = 0; n < amounts[i]; n++)
            putc('x', br_atomic_stream(file));
        int result = i % 2 ? br_atomic_try(file, &error) : br_atomic_commit(file, &error);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(result, -1);
        assert_int_equal(error.kind, BR_ERROR_IO);
        assert_non_null(strstr(error.message, path));
        assert_content(path, "old");
        assert_int_equal(scratch_count(s), 1);
    }
    signal(SIGXFSZ, handler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commit_makes_and_replaces, begin, end),
        cmocka_unit_test_setup_teardown(old_file_stays_until_commit, begin, end),
        cmocka_unit_test_setup_teardown(permissions_are_kept, begin, end),
        cmocka_unit_test_setup_teardown(links_are_followed, begin, end),
        cmocka_unit_test_setup_teardown(what_cant_be_a_target_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(long_names_work, begin, end),
        cmocka_unit_test_setup_teardown(leftovers_do_no_harm, begin, end),
        cmocka_unit_test_setup_teardown(the_old_file_is_kept, begin, end),
        cmocka_unit_test_setup_teardown(failing_write_changes_nothing, begin, end),
    };
    return cmocka_run_group_tests_name("runtime/file", tests, NULL, NULL);
}
