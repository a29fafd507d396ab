/* The scanner: every token, every error that it reports, and hostile bytes. */
#include "test_help.h"

/* The dump of tokens without its comments: "let K = 5% ;" */
static void expect_tokens(const char *text, size_t length, const char *tokens)
{
    bl_context *context = bl_context_new();
    bl_load_text(context, "t", text, length);
    char *dump = NULL, joined[1024] = "";
    WRITTEN(dump, bl_dump_tokens(context, to));
    for (char *line = strtok(dump, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        size_t used = strlen(joined), end = strcspn(line, " ");
        char *kind = strrchr(line, ' ');
        snprintf(joined + used, sizeof joined - used, "%s%.*s:%c", used > 0 ? " " : "", (int)end, line, kind[1]);
    }
    assert_string_equal(joined, tokens);
    free(dump);
    bl_context_free(context);
}

static void tokens(void **state)
{
    (void)state;
#define TOKENS(text, tokens) expect_tokens(text, sizeof(text) - 1, tokens)
    TOKENS("60_000 0.5 .5 1e-3 2.5E+2 5% 12.5%", "60_000:n 0.5:n .5:n 1e-3:n 2.5E+2:n 5%:n 12.5%:n");
    TOKENS("28x28 28x28x3 4x4 1_0x2", "28x28:s 28x28x3:s 4x4:s 1_0x2:s");
    TOKENS("layer laye hidden _x9", "layer:w laye:n hidden:n _x9:n");
    TOKENS("{}()[],;=+-*/>=", "{:s }:s (:s ):s [:s ]:s ,:s ;:s =:s +:s -:s *:s /:s >=:s");
    TOKENS("a// b\nc/* d * / ** */e", "a:n c:n e:n");
    TOKENS("\"x\\\"y\"", "\"x\\\"y\":s");
    TOKENS("\xEF\xBB\xBFlet", "let:w");
    TOKENS("a\0b", "a:n b:n");
    TOKENS("", "");
}

#define NET "network n { input vector(2); layer b = dense(2); } "

static void errors(void **state)
{
    (void)state;
    static const struct {
        const char *text, *codes;
    } CASES[] = {
        {NET "let a = 1; @", "E0101"},
        {NET "/* never", "E0103"},
        {NET "/* /* nested? */ let a = 1;", ""},
        {NET "include \"x.btn;\nlet a = 1;", "E0102"},
        {NET "data d { csv train \"x.btn;  \n }", "E0102"},
        {NET "data d { csv train \"x\\", "E0102 E0204"},
        {NET "let a = 28x;", "E0105"},
        {NET "let a = 1.2.3;", "E0105"},
        {NET "let a = 3x4x5x6;", "E0105"},
        {NET "let a = 12abc; let b = a;", "E0105"},
        {NET "let a = 1e999;", "E0106"},
        {NET "data d { csv train \"a\\qb\"; }", "E0104"},
        {NET "let a = 1; \xff\xfe\x80 let b = 2;", "E0101"},
        {NET "let a = 1; \x01\x02 \xc3\xa4", "E0101 E0101"},
        {NET "let a > 1;", "E0101 E0201"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        expect_codes(CASES[i].text, CASES[i].codes);
}

static void nul_bytes_are_located(void **state)
{
    (void)state;
    static const char TEXT[] = "let a = 1;\n \0 \0\0 let b = 2;";
    bl_context *context = bl_context_new();
    bl_load_text(context, "t", TEXT, sizeof TEXT - 1);
    assert_int_equal(bl_error_count(context), 2);
    assert_int_equal(context->diagnostics.kept[0].place.offset, 12);
    assert_int_equal(context->diagnostics.kept[1].place.offset, 14);
    assert_int_equal(context->diagnostics.kept[1].place.length, 2);
    bl_context_free(context);
}

static void names_have_a_limit(void **state)
{
    (void)state;
    char text[600] = "let ";
    memset(text + 4, 'a', 256);
    strcpy(text + 260, " = 1; network n { input vector(2); layer b = dense(2); }");
    expect_codes(text, "E0107");
    memmove(text + 4, text + 5, strlen(text + 5) + 1);
    expect_codes(text, "");
}

/* Escapes are resolved; the string is read back from the program. */
static void strings(void **state)
{
    (void)state;
    bl_context *context = load("network n { input vector(2); layer b = dense(2); }"
                               "data d { csv train \"a\\\\b\\\"c\\n\\t\xc3\xa4\"; }");
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_string_equal(program->data->sources[0].inputs, "a\\b\"c\n\t\xc3\xa4");
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens), cmocka_unit_test(errors),
                                       cmocka_unit_test(nul_bytes_are_located), cmocka_unit_test(names_have_a_limit),
                                       cmocka_unit_test(strings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
