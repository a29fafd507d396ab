/* docs/commands.md describes every verb and every option of the command line's tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "driver/options/tables.h"

static const char document[] = "docs/commands.md";

static int read_document(void **state)
{
    size_t size = 0;
    FILE *file = fopen(document, "r");
    *state = NULL;
    if (file == NULL)
        return -1;
    ssize_t length = getdelim((char **)state, &size, '\0', file);
    fclose(file);
    return length > 0 ? 0 : -1;
}

static int free_document(void **state)
{
    free(*state);
    return 0;
}

/* Does a row of a table start with `VERB` or [`VERB`](...), perhaps followed by operands? */
static bool has_row(const char *text, const char *verb)
{
    static const char *const starts[] = {"\n| `%s", "\n| [`%s"};
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        char start[64];
        size_t length = (size_t)snprintf(start, sizeof start, starts[i], verb);
        for (const char *at = strstr(text, start); at != NULL; at = strstr(at + 1, start))
            if (at[length] == ' ' || at[length] == '`')
                return true;
    }
    return false;
}

/* Does the text have --NAME in code, as a whole word? */
static bool has_option(const char *text, const char *name)
{
    char start[64];
    size_t length = (size_t)snprintf(start, sizeof start, "`--%s", name);
    for (const char *at = strstr(text, start); at != NULL; at = strstr(at + 1, start))
        if (at[length] == ' ' || at[length] == '`')
            return true;
    return false;
}

static void test_verbs(void **state)
{
    static const char *const verbs[] = {
#define X(name, ...) #name,
        VERBS(X)
#undef X
    };
    unsigned missing = 0;
    for (size_t i = 0; i < VERB_COUNT; i++)
        if (!has_row(*state, verbs[i])) {
            print_error("%s: no row of verb '%s'\n", document, verbs[i]);
            missing++;
        }
    assert_int_equal(missing, 0);
}

static void test_options(void **state)
{
    static const char *const options[] = {
#define X(id, letter, name, ...) name,
        OPTIONS(X)
#undef X
    };
    unsigned missing = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (!has_option(*state, options[i])) {
            print_error("%s: `--%s` is not described\n", document, options[i]);
            missing++;
        }
    assert_int_equal(missing, 0);
}

static void test_words_are_whole(void **state)
{
    (void)state;
    assert_true(has_row("\n| `check FILE`", "check"));
    assert_false(has_row("\n| `checks`", "check"));
    assert_false(has_row("say `check`", "check"));
    assert_true(has_option("`--cpu-count`, `--cpu NAME`", "cpu"));
    assert_false(has_option("`--cpu-count`, --cpu", "cpu"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_verbs), cmocka_unit_test(test_options),
                                       cmocka_unit_test(test_words_are_whole)};
    return cmocka_run_group_tests(tests, read_document, free_document);
}
