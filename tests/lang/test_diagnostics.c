/* Diagnostics: their places, their texts, and the rules that their table follows. */
#include <jansson.h>

#include "test_help.h"

static char *text_of(const char *source, bool color)
{
    char *text = NULL;
    bl_context *context = load(source);
    bl_check(context, NULL);
    WRITTEN(text, bl_write_diagnostics(context, to, color));
    bl_context_free(context);
    return text;
}

#define NET "network n { input vector(2); layer a = dense(2); }\n"

static void text_form(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text;
    } CASES[] = {
        {NET "\tlet K = 12ab; // x\n",
         "test.btn:2:10: error[E0105]: `12ab` is neither a number nor a size\n"
         "    \tlet K = 12ab; // x\n"
         "    \t        ^~~~\n"
         "  help: write a number such as 60_000, 0.5, 1e-3 or 5%, or a size such as 28x28 or 32x32x3\n"},
        {NET "/* \xc3\xa4\xc3\xb6 */ lett K = 1;", "test.btn:2:10: error[E0202]: unknown word `lett`\n"
                                                   "    /* \xc3\xa4\xc3\xb6 */ lett K = 1;\n"
                                                   "             ^~~~\n"
                                                   "  help: did you mean `let`?\n"},
        {NET "let K = 1;\r\nlet K = 2;\r\n", "test.btn:3:5: error[E0308]: there is already a constant called `K`\n"
                                             "    let K = 2;\n"
                                             "        ^\n"
                                             "  help: rename one of them\n"
                                             "test.btn:2:5: note: first declared here\n"
                                             "    let K = 1;\n"
                                             "        ^\n"},
        {NET "let K = 1\n\n\nlet L = 2;", "test.btn:2:10: error[E0206]: `;` is missing here\n"
                                          "    let K = 1\n"
                                          "             ^\n"
                                          "  help: end the statement with `;`\n"},
        {NET "data d {",
         "test.btn:2:9: error[E0204]: the text ends too early\n"
         "    data d {\n"
         "            ^\n"
         "  help: expected `idx`, `csv`, `npy`, `synthetic`, `cifar10`, `cifar100`, `images`, `pixels`, "
         "`hold`, `values`, `header`, `no`, `missing`, `npz`, `classes`, `background`, `invert`, `transpose` or "
         "`turn`\n"
         "test.btn:2:8: note: this block is not closed\n"
         "    data d {\n"
         "           ^\n"},
        {NET "expect accuracy >= 97.5 on test;",
         "test.btn:2:20: error[E0301]: the accuracy expected must be at least 0 and at most 1, not 97.5\n"
         "    expect accuracy >= 97.5 on test;\n"
         "                       ^~~~\n"
         "  help: did you mean 97.5%?\n"
         "test.btn:2:28: error[E0508]: there are no test samples\n"
         "    expect accuracy >= 97.5 on test;\n"
         "                               ^~~~\n"
         "  help: add a test source to the data (for validation also: `hold out`)\n"},
        {NET "\x1b", "test.btn:2:1: error[E0101]: the byte 0x1B has no meaning here\n"
                     "    \xef\xbf\xbd\n"
                     "    ^\n"
                     "  help: remove it, or put it into a comment or a string\n"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char *text = text_of(CASES[i].source, false);
        assert_string_equal(text, CASES[i].text);
        free(text);
    }
}

static void colour_is_only_where_asked(void **state)
{
    (void)state;
    char *plain = text_of("let K = ;", false), *colour = text_of("let K = ;", true);
    assert_null(strchr(plain, '\x1b'));
    assert_non_null(strstr(colour, "\x1b[1;31merror[E0201]:\x1b[0m"));
    free(plain);
    free(colour);
}

/* Of a line of a megabyte only the part around the place is shown. */
static void long_lines_are_cut(void **state)
{
    (void)state;
    enum { LENGTH = 1000000 };
    char *source = malloc(LENGTH + 1);
    memset(source, ' ', LENGTH);
    memcpy(source, NET, sizeof NET - 1);
    source[LENGTH / 2] = '@';
    source[LENGTH] = '\0';
    char *text = text_of(source, false);
    assert_true(strlen(text) < 600);
    assert_non_null(strstr(text, "@"));
    free(text);
    free(source);
}

static void json_form(void **state)
{
    (void)state;
    char *text = NULL;
    bl_context *context = load(NET "let K = 1;\n\tlet K = 2; \xff\n");
    bl_check(context, NULL);
    WRITTEN(text, bl_write_diagnostics_json(context, to));
    json_t *root = json_loads(text, 0, NULL);
    assert_non_null(root);
    assert_int_equal(json_integer_value(json_object_get(root, "errors")), 2);
    assert_int_equal(json_integer_value(json_object_get(root, "warnings")), 0);
    const json_t *list = json_object_get(root, "diagnostics"), *first = json_array_get(list, 0);
    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(json_string_value(json_object_get(first, "code")), "E0308");
    assert_string_equal(json_string_value(json_object_get(first, "severity")), "error");
    assert_string_equal(json_string_value(json_object_get(first, "file")), "test.btn");
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 3);
    assert_int_equal(json_integer_value(json_object_get(first, "column")), 6);
    assert_int_equal(json_integer_value(json_object_get(first, "length")), 1);
    assert_string_equal(json_string_value(json_object_get(first, "excerpt")), "\tlet K = 2; \xef\xbf\xbd");
    assert_string_equal(json_string_value(json_object_get(first, "help")), "rename one of them");
    const json_t *note = json_array_get(json_object_get(first, "notes"), 0);
    assert_int_equal(json_integer_value(json_object_get(note, "line")), 2);
    json_decref(root);
    free(text);
    bl_context_free(context);
}

/* Errors of later stages are sorted by place among the others, and need no place. */
static void reports_of_later_stages(void **state)
{
    (void)state;
    char *text = NULL;
    bl_context *context = load("let a = 1;\nlet b = 2;\n" NET);
    assert_non_null(bl_check(context, NULL));
    bl_report(context, BL_ERROR, (bl_place){0, 15, 1}, "too hot", NULL);
    bl_report(context, BL_WARNING, (bl_place){0, 4, 1}, "too cold", "warm it");
    bl_report(context, BL_NOTE, (bl_place){77, 4, 1}, "nowhere", NULL);
    assert_int_equal(bl_error_count(context), 1);
    assert_int_equal(bl_warning_count(context), 1);
    WRITTEN(text, bl_write_diagnostics(context, to, false));
    assert_string_equal(text, "test.btn:1:5: warning[W0000]: too cold\n    let a = 1;\n        ^\n  help: warm it\n"
                              "test.btn:2:5: error[E0000]: too hot\n    let b = 2;\n        ^\n"
                              "note[N0000]: nowhere\n");
    free(text);
    bl_context_free(context);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < BL_CODES; i++) {
        const bl_diagnostic_kind *kind = &bl_diagnostic_kinds[i];
        char code[8];
        assert_true(strlen(kind->message) > 0 && strlen(kind->explanation) > 20);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(kind->number, bl_diagnostic_kinds[j].number);
        bl_code_text((bl_code)i, kind->severity, code);
        assert_ptr_equal(bl_diagnostic_find(code), kind);
        assert_true(kind->number / 100 != 9 || strstr(kind->message, "not supported yet") != NULL);
    }
    assert_ptr_equal(bl_diagnostic_find("202"), &bl_diagnostic_kinds[BL_WORD_UNKNOWN]);
    assert_null(bl_diagnostic_find("E9999"));
    assert_null(bl_diagnostic_find("E"));
    assert_null(bl_diagnostic_find("E0101x"));
}

static void nearest(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"layer", "leak", "learned", "switching", "xi", ""};
    static const struct {
        const char *word, *nearest;
    } CASES[] = {{"layr", "layer"},  {"alyer", "layer"},    {"LEAK", "leak"},
                 {"leek", "leak"},   {"learnd", "learned"}, {"swiching", "switching"},
                 {"x", "xi"},        {"y", NULL},           {"", NULL},
                 {"momentum", NULL}, {"dropout", NULL}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        same_text(bl_nearest(CASES[i].word, WORDS, 6), CASES[i].nearest);
    char longest[5000];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(bl_nearest(longest, WORDS, 6));
}

/* The help for an unknown word or name suggests the nearest known one. */
static void suggestions(void **state)
{
    (void)state;
    static const struct {
        const char *source, *help;
    } CASES[] = {
        {"network n { input vector(2); layer a = dense(2) { signs exitatory; } }", "`excitatory`"},
        {"network n { input vector(2); layer a = dnse(2); }", "`dense`"},
        {"network n { inptu vector(2); }", "`input`"},
        {"shedule { }", "`schedule`"},
        {NET "data d { csv trian \"a\"; }", "`train`"},
        {NET "data d { csv train \"a\"; } schedule { phase p { correct a; ecpochs 3; } }", "`epochs`"},
        {"network n { input vector(2); layer hidden = dense(2); } schedule { phase p { correct hiden; } }", "`hidden`"},
        {"let Filters = 2; network n { input vector(2); layer hidden = dense(Filter); }", "`Filters`"},
        {"network n { input vector(2); layer a = dense(2) { fire rmp; } }", "`ramp`"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "help: did you mean %s?", CASES[i].help);
        char *text = text_of(CASES[i].source, false);
        if (strstr(text, wanted) == NULL)
            print_error("%s\n%s", CASES[i].source, text);
        assert_non_null(strstr(text, wanted));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_form),
        cmocka_unit_test(colour_is_only_where_asked),
        cmocka_unit_test(long_lines_are_cut),
        cmocka_unit_test(json_form),
        cmocka_unit_test(reports_of_later_stages),
        cmocka_unit_test(table),
        cmocka_unit_test(nearest),
        cmocka_unit_test(suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
