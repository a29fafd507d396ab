/* Answers as text, CSV and JSON: with numbers, and with names of classes that every format must quote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bouton/runtime.h"

static const float shares[] = {0.25f, 0.7f, 0.05f}, levels[] = {0, 0, 0};

static const char *const names[] = {"red, \"dark\"", "blue\n\x1b[31m", "gr\xc3\xbcn"};
static const br_schema named = {.class_count = 3, .classes = names};

/* What is printed of two answers; the caller frees it. */
static char *printed(br_answer_format format, const br_schema *schema)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    br_answers answers = br_answers_begin(format, 3, schema, to);
    br_answered one = {"a,b.csv", 0, 1, shares, levels, NULL}, other = {"\"c\".png", -1, 0, shares, levels, NULL};
    br_answers_print(&answers, &one);
    br_answers_print(&answers, &other);
    br_answers_end(&answers);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void expect(br_answer_format format, const br_schema *schema, const char *wanted)
{
    char *text = printed(format, schema);
    assert_string_equal(text, wanted);
    free(text);
}

static void numbered_classes(void **state)
{
    (void)state;
    expect(BR_ANSWERS_TEXT, NULL,
           "a,b.csv#0: 1  (0.70; next 0 0.25)\n"
           "\"c\".png: 0  (0.25; next 1 0.70)\n");
    expect(BR_ANSWERS_CSV, NULL,
           "input,label,p0,p1,p2,level0,level1,level2\n"
           "\"a,b.csv#0\",1,0.250000,0.700000,0.050000,0.000000,0.000000,0.000000\n"
           "\"\"\"c\"\".png\",0,0.250000,0.700000,0.050000,0.000000,0.000000,0.000000\n");
    expect(
        BR_ANSWERS_JSON, NULL,
        "{\"predictions\": [\n"
        "  {\"input\": \"a,b.csv#0\", \"label\": 1, \"probabilities\": [0.25, 0.7, 0.05], \"levels\": [0.0, 0.0, "
        "0.0]},\n"
        "  {\"input\": \"\\\"c\\\".png\", \"label\": 0, \"probabilities\": [0.25, 0.7, 0.05], \"levels\": [0.0, 0.0, "
        "0.0]}\n]}\n");
}

static void named_classes(void **state)
{
    (void)state;
    expect(BR_ANSWERS_TEXT, &named,
           "a,b.csv#0: blue??[31m  (0.70; next red, \"dark\" 0.25)\n"
           "\"c\".png: red, \"dark\"  (0.25; next blue??[31m 0.70)\n");
    expect(BR_ANSWERS_CSV, &named,
           "input,label,\"p_red, \"\"dark\"\"\",\"p_blue\n\x1b[31m\",p_gr\xc3\xbcn,\"level_red, \"\"dark\"\"\","
           "\"level_blue\n\x1b[31m\",level_gr\xc3\xbcn\n"
           "\"a,b.csv#0\",\"blue\n\x1b[31m\",0.250000,0.700000,0.050000,0.000000,0.000000,0.000000\n"
           "\"\"\"c\"\".png\",\"red, \"\"dark\"\"\",0.250000,0.700000,0.050000,0.000000,0.000000,0.000000\n");
    expect(
        BR_ANSWERS_JSON, &named,
        "{\"predictions\": [\n"
        "  {\"input\": \"a,b.csv#0\", \"label\": 1, \"class\": \"blue\\n\\u001B[31m\", \"probabilities\": [0.25, 0.7, "
        "0.05], \"levels\": [0.0, 0.0, 0.0]},\n"
        "  {\"input\": \"\\\"c\\\".png\", \"label\": 0, \"class\": \"red, \\\"dark\\\"\", \"probabilities\": [0.25, "
        "0.7, 0.05], \"levels\": [0.0, 0.0, 0.0]}\n]}\n");
}

static void one_class_has_no_next(void **state)
{
    (void)state;
    char *text;
    size_t size;
    float all = 1, fires = 0.5f;
    FILE *to = open_memstream(&text, &size);
    assert_non_null(to);
    br_answers answers = br_answers_begin(BR_ANSWERS_TEXT, 1, NULL, to);
    br_answers_print(&answers, &(br_answered){"x", 4, 0, &all, &fires, NULL});
    br_answers_end(&answers);
    assert_int_equal(fclose(to), 0);
    assert_string_equal(text, "x#4: 0  (1.00)\n");
    free(text);
}

/* The reason of an answer is printed in JSON only. */
static void reasons(void **state)
{
    (void)state;
    double adds[] = {0.1, 0, -2.5};
    const char *const values[] = {"a\"b", "</script>", "c\n"};
    br_why why = {.label = 1, .drive = 0.25, .thresholds = 2.65, .shape = {1, 3, 1}, .adds = adds};
    br_reason reason = {.why = &why, .names = values, .after = "normalise"};
    for (int json = 0; json < 2; json++) {
        char *text;
        size_t size;
        FILE *to = open_memstream(&text, &size);
        assert_non_null(to);
        br_answers answers = br_answers_begin(json ? BR_ANSWERS_JSON : BR_ANSWERS_TEXT, 3, &named, to);
        br_answers_print(&answers, &(br_answered){"x", -1, 1, shares, levels, &reason});
        br_answers_end(&answers);
        assert_int_equal(fclose(to), 0);
        if (json)
            assert_non_null(strstr(text, "\"levels\": [0.0, 0.0, 0.0], \"why\": {\"label\": 1, \"class\": "
                                         "\"blue\\n\\u001B[31m\", \"drive\": 0.25, \"thresholds\": 2.65, "
                                         "\"height\": 1, \"width\": 3, \"channels\": 1, \"after\": \"normalise\", "
                                         "\"adds\": [0.1, 0.0, -2.5], "
                                         "\"names\": [\"a\\\"b\", \"</script>\", \"c\\n\"]}}\n]}\n"));
        else
            assert_string_equal(text, "x: blue??[31m  (0.70; next red, \"dark\" 0.25)\n");
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbered_classes), cmocka_unit_test(named_classes),
                                       cmocka_unit_test(one_class_has_no_next), cmocka_unit_test(reasons)};
    return cmocka_run_group_tests_name("runtime/answers", tests, NULL, NULL);
}
