/* Folders of pictures: the names of classes and their order, what is skipped, what is refused, and the files that
 * `predict` answers. */
#include <stdio.h>

#include "base/memory.h"
#include "data/pictures/folder.h"
#include "runtime/reading.h"
#include "runtime/scratch.h"

static scratch s;

static int begin(void **state)
{
    (void)state;
    return scratch_new(&s);
}

/* Folders lie in folders here. */
static int end(void **state)
{
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -r '%s'", s.folder);
    return system(command);
}

static void folder(const char *name)
{
    assert_int_equal(mkdir(scratch_path(&s, name), 0777), 0);
}

static void file(const char *name, const char *bytes)
{
    assert_int_equal(scratch_write(scratch_path(&s, name), bytes, strlen(bytes)), 0);
}

/* A PGM of one pixel, the digit of nine. */
static void picture(const char *name, char digit)
{
    char bytes[] = "P2 1 1 9 ?";
    bytes[9] = digit;
    file(name, bytes);
}

/* A class folder with one picture in it. */
static void class_folder(const char *name, char digit)
{
    char path[100];
    folder(name);
    snprintf(path, sizeof path, "%s/a.pgm", name);
    picture(path, digit);
}

static const br_picture_shape shape = {{1, 1, 1}, 0, 255};

static int read_folder(const br_folder_rules *rules, br_notes *notes, br_array *out, br_names *names, br_error *error)
{
    br_picture_context context = {.notes = notes};
    *names = (br_names){0};
    int status = br_folder_read(&context, s.folder, rules, out, names, error);
    br_picture_tell(&context);
    return status;
}

static void assert_refused_folder(const br_folder_rules *rules, const char *part)
{
    br_array out;
    br_names names;
    br_notes notes = {0};
    br_error error = {0};
    assert_int_equal(read_folder(rules, &notes, &out, &names, &error), -1);
    assert_null(out.bytes);
    assert_int_equal(names.count, 0);
    assert_memory_equal(error.message, s.folder, strlen(s.folder));
    if (strstr(error.message, part) == NULL)
        fail_msg("%s\nlacks\n%s", error.message, part);
    br_notes_free(&notes);
}

/* Reads the folder; the digit of each label's picture is wanted[label]. Gives the names. */
static br_names assert_classes(const br_folder_rules *rules, const char *wanted)
{
    br_array out;
    br_names names;
    br_error error;
    if (read_folder(rules, NULL, &out, &names, &error) != 0)
        fail_msg("%s", error.message);
    assert_int_equal(out.count, rules->classes);
    for (uint32_t i = 0; i < rules->classes; i++) {
        assert_int_equal(out.labels[i], i);
        assert_int_equal((out.bytes[i] * 9 + 127) / 255, wanted[i] - '0');
    }
    br_array_free(&out);
    return names;
}

static void numbers_sort_by_value_and_keep_their_names(void **state)
{
    (void)state;
    class_folder("10", '1');
    class_folder("9", '2');
    class_folder("-3", '3');
    class_folder("007", '4');
    br_names names = assert_classes(&(br_folder_rules){.shape = &shape, .classes = 4}, "3421");
    assert_int_equal(names.count, 4);
    assert_string_equal(names.list[0], "-3");
    assert_string_equal(names.list[1], "007");
    assert_string_equal(names.list[3], "10");
    br_names_free(&names);
}

static void one_word_among_numbers_sorts_all_by_bytes(void **state)
{
    (void)state;
    class_folder("10", '1');
    class_folder("9", '2');
    class_folder("x", '3');
    br_names names = assert_classes(&(br_folder_rules){.shape = &shape, .classes = 3}, "123");
    br_names_free(&names);
}

static void labels_need_no_names(void **state)
{
    (void)state;
    char name[8];
    for (int i = 0; i < 12; i++) {
        snprintf(name, sizeof name, "%d", i);
        class_folder(name, (char)('0' + i % 10));
    }
    br_names names = assert_classes(&(br_folder_rules){.shape = &shape, .classes = 12}, "012345678901");
    assert_int_equal(names.count, 0);
    names = assert_classes(&(br_folder_rules){.shape = &shape, .classes = 12, .numbered = true}, "012345678901");
    assert_int_equal(names.count, 0);
}

static void given_names_decide(void **state)
{
    (void)state;
    static const char *const animals[] = {"owl", "bat", "ant"};
    br_folder_rules rules = {.shape = &shape, .classes = 3, .names = animals};
    class_folder("ant", '1');
    class_folder("bat", '2');
    assert_refused_folder(&rules, ": the class owl has no folder; there are ant, bat; one folder for each class is "
                                  "needed");
    class_folder("owl", '3');
    assert_int_equal(assert_classes(&rules, "321").count, 0);
    class_folder("cow", '4');
    assert_refused_folder(&rules, ": the folder cow is none of the classes (owl, bat, ant); rename or remove it");
    rules.names = NULL;
    rules.numbered = true;
    assert_refused_folder(&rules, ": the folder ant is no class: the classes are numbered 0 to 2; rename or remove it");
}

static void what_systems_leave_behind_is_skipped(void **state)
{
    (void)state;
    class_folder("a", '1');
    class_folder("b", '2');
    folder(".cache");
    folder("__MACOSX");
    file("a/Thumbs.db", "x");
    file("a/.DS_Store", "x");
    file("b/Desktop.ini", "x");
    br_names names = assert_classes(&(br_folder_rules){.shape = &shape, .classes = 2}, "12");
    br_names_free(&names);
}

static void pictures_beside_the_class_folders_are_told_of(void **state)
{
    (void)state;
    br_folder_rules rules = {.shape = &shape, .classes = 1};
    br_array out;
    br_names names;
    br_notes notes = {0};
    br_error error;
    picture("z.PGM", '1');
    file("README", "words");
    assert_refused_folder(&rules, ": holds pictures (z.PGM), but no folders; move the pictures of each class into a "
                                  "folder of its own, whose name is the class");
    class_folder("a", '1');
    assert_int_equal(read_folder(&rules, &notes, &out, &names, &error), 0);
    assert_int_equal(notes.count, 1);
    assert_true(notes.list[0].warning);
    assert_non_null(strstr(notes.list[0].text, ": pictures beside the class folders (z.PGM ...) are not read"));
    br_array_free(&out);
    br_names_free(&names);
    br_notes_free(&notes);
}

static void what_is_no_picture_is_refused_at_once(void **state)
{
    (void)state;
    br_folder_rules rules = {.shape = &shape, .classes = 1};
    class_folder("a", '1');
    assert_int_equal(mkfifo(scratch_path(&s, "a/pipe.png"), 0600), 0);
    assert_refused_folder(&rules, "/a/pipe.png: is no file (but a pipe, a device, or a link that leads nowhere); "
                                  "remove it");
    assert_int_equal(unlink(s.path), 0);
    assert_int_equal(symlink("nowhere", scratch_path(&s, "a/link.png")), 0);
    assert_refused_folder(&rules, "/a/link.png: is no file");
    assert_int_equal(unlink(s.path), 0);
    folder("a/more");
    assert_refused_folder(&rules, "/a/more: is a folder in a class folder; move its pictures into ");
    assert_int_equal(rmdir(s.path), 0);
    file("a/list.json", "{}");
    assert_refused_folder(&rules, "/a/list.json: byte 0: neither PNG");
    assert_int_equal(unlink(s.path), 0);
    file("a/empty.png", "");
    assert_refused_folder(&rules, "/a/empty.png: the file is empty; remove it");
}

static void only_the_names_of_classes_must_be_utf8(void **state)
{
    (void)state;
    br_folder_rules rules = {.shape = &shape, .classes = 1};
    folder("a");
    picture("a/caf\351.pgm", '1');
    br_names names = assert_classes(&rules, "1");
    br_names_free(&names);
    rules.classes = 2;
    class_folder("caf\351", '2');
    assert_refused_folder(&rules, "/caf\351: the name of this class folder is not UTF-8, so the model can't keep it; "
                                  "rename the folder");
}

static void long_lists_of_names_are_cut(void **state)
{
    (void)state;
    static const char *const names[] = {"one", "two", "three"};
    char text[16];
    assert_string_equal(br_names_write(text, sizeof text, names, 2), "one, two");
    assert_string_equal(br_names_write(text, sizeof text, names, 3), "one, two ...");
    assert_string_equal(br_names_write(text, 6, names, 3), " ...");
}

static void the_pictures_of_a_folder_are_listed(void **state)
{
    (void)state;
    static const char *const wanted[] = {"b.png", "caf\351.jpg", "known by content", "2/x.gif", "10/y.bmp"};
    br_files files;
    br_error error;
    assert_int_equal(br_files_find(s.folder, &files, &error), -1);
    assert_non_null(strstr(error.message, ": the folder holds no pictures"));
    file("b.png", "damaged");
    file("caf\351.jpg", "");
    picture("known by content", '1');
    file("words.txt", "words");
    folder("2");
    folder("10");
    folder("10/deeper");
    file("2/x.gif", "");
    file("10/y.bmp", "");
    file("10/deeper/z.png", "");
    assert_int_equal(mkfifo(scratch_path(&s, "pipe.png"), 0600), 0);
    assert_int_equal(br_files_find(s.folder, &files, &error), 0);
    assert_int_equal(files.count, 5);
    assert_int_equal(files.others, 3); /* the words, the pipe, the folder deeper down */
    for (uint64_t i = 0; i < files.count; i++)
        assert_string_equal(files.list[i], scratch_path(&s, wanted[i]));
    br_files_free(&files);
    assert_int_equal(br_files_find(scratch_path(&s, "none"), &files, &error), -1);
    assert_non_null(strstr(error.message, "/none: the folder can't be opened: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_sort_by_value_and_keep_their_names, begin, end),
        cmocka_unit_test_setup_teardown(one_word_among_numbers_sorts_all_by_bytes, begin, end),
        cmocka_unit_test_setup_teardown(labels_need_no_names, begin, end),
        cmocka_unit_test_setup_teardown(given_names_decide, begin, end),
        cmocka_unit_test_setup_teardown(what_systems_leave_behind_is_skipped, begin, end),
        cmocka_unit_test_setup_teardown(pictures_beside_the_class_folders_are_told_of, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_picture_is_refused_at_once, begin, end),
        cmocka_unit_test_setup_teardown(only_the_names_of_classes_must_be_utf8, begin, end),
        cmocka_unit_test(long_lists_of_names_are_cut),
        cmocka_unit_test_setup_teardown(the_pictures_of_a_folder_are_listed, begin, end),
    };
    return cmocka_run_group_tests_name("class folders", tests, NULL, NULL);
}
