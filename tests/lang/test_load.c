/* Loading: files, includes, circular includes, and values set from outside. */
#include <sys/stat.h>
#include <unistd.h>

#include "test_help.h"

static char folder[] = "bouton-lang-XXXXXX";

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
}

static bl_context *load_path(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    bl_context *context = bl_context_new();
    assert_int_equal(bl_load(context, path), 0);
    return context;
}

static void expect_file(const char *name, const char *codes)
{
    char found[512];
    bl_context *context = load_path(name);
    bl_check(context, NULL);
    codes_of(context, found, sizeof found);
    assert_string_equal(found, codes);
    bl_context_free(context);
}

#define NET "network n { input vector(4); layer a = dense(K); }\n"

static void includes(void **state)
{
    (void)state;
    write_file("sub/constants.btn", "let K = 3;\ninclude \"more.btn\";\n");
    write_file("sub/more.btn", "let L = 4;");
    write_file("main.btn", "include \"sub/constants.btn\";\ninclude \"sub/more.btn\";\n" NET);
    bl_context *context = load_path("main.btn");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_int_equal(program->layers[0].neurons, 3);
    assert_string_equal(bl_source_text(context), "let K = 3;\nlet L = 4;\n\nnetwork n {\n  input vector(4);\n"
                                                 "  layer a = dense(K);\n}\n");
    bl_context *again = load(bl_source_text(context));
    same_program(program, bl_check(again, NULL));
    bl_context_free(again);
    bl_context_free(context);
}

static void bad_includes(void **state)
{
    (void)state;
    write_file("self.btn", "include \"self.btn\";\nlet K = 2;" NET);
    expect_file("self.btn", "E0210");
    write_file("one.btn", "include \"two.btn\";\nlet K = 2;" NET);
    write_file("two.btn", "include \"one.btn\";");
    expect_file("one.btn", "E0210");
    write_file("missing.btn", "\n include \"nowhere.btn\";\n" NET);
    expect_file("missing.btn", "E0209");
    bl_context *context = load_path("missing.btn");
    assert_int_equal(context->diagnostics.kept[0].place.offset, 10);
    assert_int_equal(context->diagnostics.kept[0].place.length, 13);
    bl_context_free(context);
    write_file("folder.btn", "include \"sub\"; include \"-\";" NET);
    expect_file("folder.btn", "E0209 E0209");
    for (int i = 0; i < 40; i++) {
        char name[32], text[64];
        snprintf(name, sizeof name, "deep%d.btn", i);
        snprintf(text, sizeof text, "include \"deep%d.btn\";", i + 1);
        write_file(name, text);
    }
    expect_file("deep0.btn", "E0209");
    write_file("wrong.btn", "let K = 0;");
    write_file("uses.btn", "include \"wrong.btn\";\n" NET);
    expect_file("uses.btn", "E0301");
}

static void unreadable_files(void **state)
{
    (void)state;
    expect_file("not-there.btn", "E0208");
    expect_file("sub", "E0208");
    enum { LENGTH = BL_MAX_TEXT + 1 };
    char *text = malloc(LENGTH), found[64];
    memset(text, ' ', LENGTH);
    bl_context *context = bl_context_new();
    bl_load_text(context, "large", text, LENGTH);
    codes_of(context, found, sizeof found);
    assert_string_equal(found, "E0208");
    bl_context_free(context);
    free(text);
}

static void settings(void **state)
{
    (void)state;
    static const struct {
        const char *name, *value, *codes;
        uint32_t neurons;
    } CASES[] = {
        {"K", "7", "", 7},        {"K", "2 * (L + 1)", "", 12}, {"K", "50% * 8", "", 4},
        {"Kay", "7", "E0212", 0}, {"K", "", "E0201", 0},        {"K", "7; let M = 1", "E0211", 0},
        {"K", "7x", "E0105", 0},  {"K", "0", "E0301", 0},       {"K = 1; let L", "3", "E0211", 0},
        {"K", "M", "E0304", 0},   {"seed", "3", "E0203", 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char found[256];
        bl_context *context = bl_context_new();
        assert_int_equal(bl_set(context, CASES[i].name, CASES[i].value), 0);
        static const char TEXT[] = "let L = 5; let K = 3; " NET;
        bl_load_text(context, "t", TEXT, sizeof TEXT - 1);
        const bl_program *program = bl_check(context, NULL);
        codes_of(context, found, sizeof found);
        assert_string_equal(found, CASES[i].codes);
        if (program != NULL) {
            assert_int_equal(program->layers[0].neurons, CASES[i].neurons);
            bl_context *again = load(bl_source_text(context)); /* the value is in the text */
            same_program(program, bl_check(again, NULL));
            bl_context_free(again);
        }
        bl_context_free(context);
    }
}

static int make_folder(void **state)
{
    (void)state;
    char sub[64];
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(sub, sizeof sub, "%s/sub", folder);
    return mkdir(sub, 0777);
}

static int remove_folder(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"sub/constants.btn", "sub/more.btn", "main.btn",    "self.btn",
                                        "one.btn",           "two.btn",      "missing.btn", "folder.btn",
                                        "wrong.btn",         "uses.btn",     "sub",         ""};
    char path[256];
    for (int i = 0; i < 40; i++) {
        snprintf(path, sizeof path, "%s/deep%d.btn", folder, i);
        remove(path);
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, NAMES[i]);
        remove(path);
    }
    return access(folder, F_OK) == 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(includes), cmocka_unit_test(bad_includes),
                                       cmocka_unit_test(unreadable_files), cmocka_unit_test(settings)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
