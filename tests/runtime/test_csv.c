/* CSV files: separators, headers, numbers under any locale, and errors with their location. */
#include <locale.h>
#include <math.h>

#include "data/formats/number.h"
#include "reading.h"

/* Reads a text of samples with two values and a label below 3. */
static int read_text(const char *text, br_label_column where, br_array *out, br_error *error)
{
    br_bytes file = {malloc(strlen(text) + 1), strlen(text)};
    memcpy(file.data, text, file.size);
    int status = br_csv_read(PATH, &file, 2, where, 3, out, error);
    free(file.data);
    return status;
}

static int two_and_label(const br_bytes *file, br_error *error)
{
    br_array out;
    int status = br_csv_read(PATH, file, 2, BR_LABEL_LAST, 3, &out, error);
    br_array_free(&out);
    return status;
}

static void assert_samples(const char *text, br_label_column where)
{
    const float values[] = {0.5f, -2, 3e2f, 4};
    const uint32_t labels[] = {2, 0};
    br_array out;
    br_error error = {0};
    assert_int_equal(read_text(text, where, &out, &error), 0);
    assert_int_equal(out.count, 2);
    assert_int_equal(br_array_values(&out), 2);
    assert_null(out.bytes);
    assert_memory_equal(out.floats, values, sizeof values);
    assert_memory_equal(out.labels, labels, sizeof labels);
    br_array_free(&out);
}

static void every_layout_gives_the_same_samples(void **state)
{
    (void)state;
    static const char *const last[] = {
        "0.5,-2,2\n3e2,4,0\n",
        "0.5,-2,2\n3e2,4,0",       /* no end of the last line */
        "0.5,-2,2\r\n3e2,4,0\r\n", /* CRLF */
        "0.5,-2,2\n3e2,4,0\n\n",   /* blank line at the end */
        "0.5,-2,2\r\n3e2,4,0\r\n \r\n\r\n",
        "0.5;-2;2\n3e2;4;0\n",
        "0.5\t-2\t2\n3e2\t4\t0\n",
        " +.5 , -2.0 ,2.0\n3.0E+2,4.,0\n",
        "left,right,label\n0.5,-2,2\n3e2,4,0\n", /* headers */
        "0,1,label\n0.5,-2,2\n3e2,4,0\n",        /* pandas names columns by number */
        "\"a\";\"b\";\"c\"\n0.5;-2;2\n3e2;4;0\n",
        "\357\273\2770.5,-2,2\n3e2,4,0\n",
    };
    for (size_t i = 0; i < sizeof last / sizeof *last; i++)
        assert_samples(last[i], BR_LABEL_LAST);
    assert_samples("2,0.5,-2\n0,3e2,4\n", BR_LABEL_FIRST);
    assert_samples("label,0,1\n2,0.5,-2\n0,3e2,4\n", BR_LABEL_FIRST);
    assert_samples("0.5,-2,2\n3e2,4,0\n", BR_LABEL_LAST_OR_NONE);
}

static void labels_may_be_absent_where_allowed(void **state)
{
    (void)state;
    br_array out;
    br_error error;
    assert_int_equal(read_text("x,y\n1,2\n3,4\n5,6\n", BR_LABEL_LAST_OR_NONE, &out, &error), 0);
    assert_int_equal(out.count, 3);
    assert_null(out.labels);
    assert_true(out.floats[5] == 6);
    br_array_free(&out);
}

static void many_lines_are_read(void **state)
{
    (void)state;
    enum { LINES = 5000 };
    char *text = malloc(LINES * 16), *at = text;
    for (int i = 0; i < LINES; i++)
        at += sprintf(at, "%d,%d,%d\n", i, -i, i % 3);
    br_array out;
    br_error error;
    assert_int_equal(read_text(text, BR_LABEL_LAST, &out, &error), 0);
    assert_int_equal(out.count, LINES);
    for (int i = 0; i < LINES; i++) {
        assert_true(out.floats[2 * i] == (float)i && out.floats[2 * i + 1] == (float)-i);
        assert_int_equal(out.labels[i], i % 3);
    }
    br_array_free(&out);
    free(text);
}

static void errors_say_line_and_column(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        br_error_kind kind;
        const char *message;
    } cases[] = {
        {"", BR_ERROR_IO, PATH ": the file holds no samples"},
        {"a,b,label\n", BR_ERROR_IO, PATH ": the file holds no samples"},
        {"1,2,0\n1,nan,0\n", BR_ERROR_IO,
         PATH ":2:3: `nan` is not a finite number; remove the line or fill in a value"},
        {"NaN,2,0\n", BR_ERROR_IO, PATH ":1:1: `NaN` is not a finite number; remove the line or fill in a value"},
        {"1,2,0\n1,2,0\n -inf,2,0\n", BR_ERROR_IO,
         PATH ":3:2: `-inf` is not a finite number; remove the line or fill in a value"},
        {"1,2,0\n1,1e39,0\n", BR_ERROR_IO, PATH ":2:3: `1e39` is too large for a 32-bit float"},
        {"1,2,0\n1,,0\n", BR_ERROR_IO, PATH ":2:3: the cell is empty; every cell must hold a number"},
        {"1,2,0\n1,2,\n", BR_ERROR_IO, PATH ":2:5: the label is missing"},
        {"1,2,0\n1,0x10,0\n", BR_ERROR_IO, PATH ":2:3: `0x10` is not a number"},
        {"1,2,0\n1,1.5e,0\n", BR_ERROR_IO, PATH ":2:3: `1.5e` is not a number"},
        {"1,2,0\n1,a\x01"
         "bcdefghijklmnopqrstuvwxyz,0\n",
         BR_ERROR_IO, PATH ":2:3: `a?bcdefghijklmnopqrs...` is not a number"},
        {"1,2,0\n1,2\n", BR_ERROR_IO, PATH ":2:4: the line has 2 columns, but 2 values and a label are expected"},
        {"1,2,0\n1,2,0,4,5\n", BR_ERROR_IO, PATH ":2:7: the line has 5 columns, but 2 values and a label are expected"},
        {"1 2 0\n", BR_ERROR_IO, PATH ": the file holds no samples"},
        {"1,2,0\n\n1,2,0\n", BR_ERROR_IO, PATH ":2:1: the line is empty, but samples follow"},
        {"1,2,0\n1,2,1.5\n", BR_ERROR_IO, PATH ":2:5: `1.5` is not a label: labels are whole numbers from 0 on"},
        {"1,2,0\n1,2,cat\n", BR_ERROR_IO, PATH ":2:5: `cat` is not a label: labels are whole numbers from 0 on"},
        {"1,2,0\n1,2,3\n", BR_ERROR_CHECK, PATH ":2:5: `3` is not a label: the network's 3 classes are 0 to 2"},
        {"1,2,0\n1,2,-1\n", BR_ERROR_CHECK, PATH ":2:5: `-1` is not a label: the network's 3 classes are 0 to 2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_refused(two_and_label, cases[i].text, strlen(cases[i].text), cases[i].kind, cases[i].message);
}

/* Decimal text becomes the nearest double, on the short and the long path, whatever the locale's decimal point. */
static void numbers_are_exact(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"-0.1", -0.1},
        {"3.14159265358979323846264338327950288", 3.14159265358979323846},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"1e-300", 1e-300},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"4.9e-324", 4.9e-324},
        {"9007199254740993", 9007199254740992.0},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"0.000001", 1e-6},
        {"00012.50", 12.5},
    };
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8"};
    for (size_t l = 0; l < sizeof locales / sizeof *locales; l++) {
        if (setlocale(LC_ALL, locales[l]) == NULL)
            continue;
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            double value;
            assert_true(br_number_read(cases[i].text, strlen(cases[i].text), &value));
            assert_true(value == cases[i].value);
        }
    }
    setlocale(LC_ALL, "C");
    double value;
    assert_true(br_number_read("1e99999999999999999999", 22, &value) && isinf(value));
    assert_true(br_number_read("-0", 2, &value) && signbit(value));
    static const char *const bad[] = {"", "+", ".", "e5", "1e", "1e+", "1.2.3", "1 2", "--1", "0x1", "nan", "1,5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(br_number_read(bad[i], strlen(bad[i]), &value));
}

static void mutations_do_no_harm(void **state)
{
    (void)state;
    const char text[] = "left,right,label\n0.5,-2,2\r\n3e2,4,0\n1e-3,.25,1\n";
    assert_mutations_survived(two_and_label, text, sizeof text - 1, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_gives_the_same_samples),
        cmocka_unit_test(labels_may_be_absent_where_allowed),
        cmocka_unit_test(many_lines_are_read),
        cmocka_unit_test(errors_say_line_and_column),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(mutations_do_no_harm),
    };
    return cmocka_run_group_tests_name("CSV", tests, NULL, NULL);
}
