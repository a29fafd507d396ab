/* Tables as files have them: separators, encodings, headers, numbers, and errors with their place. */
#include <locale.h>
#include <math.h>
#include <zlib.h>

#include "bouton/runtime.h"
#include "data/table/number.h"
#include "runtime/reading.h"
#include "runtime/scratch.h"
#include "tables.h"

/* ---- layouts of text ---- */

static void every_layout_gives_the_same_samples(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0.5,-2,2\n3e2,4,0\n",
        "0.5,-2,2\n3e2,4,0",       /* no end of the last line */
        "0.5,-2,2\r\n3e2,4,0\r\n", /* CRLF */
        "0.5,-2,2\r3e2,4,0\r",     /* CR */
        "0.5,-2,2\n3e2,4,0\n\n",   /* blank lines at the ends */
        "\n \n0.5,-2,2\r\n3e2,4,0\r\n \r\n\r\n",
        "0.5;-2;2\n3e2;4;0\n",
        "0.5\t-2\t2\n3e2\t4\t0\n",
        "0.5|-2|2\n3e2|4|0\n",
        "0.5 -2  2\n 3e2 4\t0 \n",
        "0,5;-2;2\n300,0;4;0\n", /* decimal commas */
        "0,5 -2 2\n3e2 4,0 0\n",
        "0,5\t-2\t2\n3e2\t4\t0\n",
        "\"0,5\",\"-2\",\"2\"\n\"3e2\",\"4,0\",\"0\"\n",
        "sep=;\n0.5;-2;2\n3e2;4;0\n",
        "\"sep=|\"\n0.5|-2|2\n3e2|4|0\n",
        "0.5, -2, 2\n3e2 , 4 ,0\n",
        " +.5 , -2.0 ,2.0\n3.0E+2,4.,0\n",
        "\"0.5\",\"-2\",\"2\"\n\" 3e2 \", \"4\" ,\"0\"\n",
        "0.5,-2,2,\n3e2,4,0,\n", /* a separator at the end of every row */
        "a,b,c\n0.5,-2,2,\n3e2,4,0,\n",
        "left,right,label\n0.5,-2,2\n3e2,4,0\n",
        "0,1,label\n0.5,-2,2\n3e2,4,0\n", /* pandas numbers columns without names */
        "0,1,2\n0.5,-2,2\n3e2,4,0\n",
        "2019,2020,label\n0.5,-2,2\n3e2,4,0\n",
        ",0,1,2\n0,0.5,-2,2\n1,3e2,4,0\n",
        ",a,b,c\n7,0.5,-2,2\n3,3e2,4,0\n", /* an index after shuffling */
        "Unnamed: 0,a,b,c\n0,0.5,-2,2\n1,3e2,4,0\n",
        "\"a\";\"b\";\"c\"\n0.5;-2;2\n3e2;4;0\n",
        "\"two\nlines\",\"say \"\"b\"\", c\",c\n0.5,-2,2\n3e2,4,0\n",
        "\357\273\2770.5,-2,2\n3e2,4,0\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        tables t = tables_of(2, 3);
        assert_read(&t, texts[i], "0.5 -2:2 300 4:0");
        assert_null(t.arrays[0].bytes);
        tables_clear(&t);
    }
}

static void utf_16_is_converted(void **state)
{
    (void)state;
    static const char text[] = "gr\xc3\xb6\xc3\x9f"
                               "e,kind\n1,ja\n2,nein\n3,ja\n";
    static const uint16_t codes[] = {'g', 'r',  0xf6, 0xdf, 'e', ',', 'k', 'i', 'n',  'd', '\n', '1', ',', 'j',
                                     'a', '\n', '2',  ',',  'n', 'e', 'i', 'n', '\n', '3', ',',  'j', 'a', '\n'};
    enum { CODES = sizeof codes / sizeof *codes };
    tables t = tables_of(1, 2), as_utf8 = tables_of(1, 2);
    assert_read(&as_utf8, text, "1:0 2:1 3:0");
    for (int big = 0; big < 2; big++)
        for (int mark = 0; mark < 2; mark++) {
            char bytes[2 * CODES + 2] = {big ? '\xfe' : '\xff', big ? '\xff' : '\xfe'};
            for (size_t i = 0; i < CODES; i++) {
                bytes[2 * i + 2 + !big] = (char)(codes[i] >> 8);
                bytes[2 * i + 2 + big] = (char)codes[i];
            }
            const char *begin = bytes + (mark ? 0 : 2);
            size_t length = sizeof bytes - (mark ? 0 : 2);
            assert_int_equal(tables_read(&t, &begin, &length, 1), 0);
            assert_string_equal(tables_samples(&t, 0), "1:0 2:1 3:0");
            assert_string_equal(t.schema.columns[0].name, as_utf8.schema.columns[0].name);
            assert_string_equal(t.schema.classes[1], "nein");
            assert_int_equal(t.notes.count, mark ? 2 : 3);
            if (!mark)
                assert_string_equal(t.notes.list[1].text, "t0.csv: the text is taken for UTF-16");
            length -= 1; /* half a character */
            assert_int_equal(tables_read(&t, &begin, &length, 1), -1);
            assert_non_null(strstr(t.error.message, "no character of UTF-16; save the table as UTF-8"));
        }
    tables_clear(&t);
    tables_clear(&as_utf8);
}

static void windows_1252_is_converted_with_a_note(void **state)
{
    (void)state;
    tables t = tables_of(1, 2);
    assert_read(&t,
                "gr\xf6\xdf"
                "e,kind\n1,caf\xe9\n2,th\xe9\n3,th\xe9\n",
                "1:0 2:1 3:1");
    assert_string_equal(t.schema.columns[0].name, "gr\xc3\xb6\xc3\x9f"
                                                  "e");
    assert_string_equal(t.schema.classes[0], "caf\xc3\xa9");
    assert_string_equal(t.notes.list[1].text, "t0.csv: the text is no UTF-8; it is taken for Windows-1252");
    tables_clear(&t);
}

static void packed_files_are_read_from_the_disk(void **state)
{
    (void)state;
    scratch s;
    scratch_new(&s);
    static const char text[] = "1,2,0\n3,4,1\n";
    for (int packed = 0; packed < 2; packed++) {
        gzFile to = gzopen(scratch_path(&s, "t.csv"), packed ? "wb" : "wbT");
        assert_int_equal(gzwrite(to, text, sizeof text - 1), sizeof text - 1);
        assert_int_equal(gzclose(to), Z_OK);
        tables t = tables_of(2, 2);
        t.spec.notes = &t.notes;
        br_tables *reading;
        br_array *list = &t.arrays[0];
        assert_int_equal(br_tables_new(&t.spec, &reading, &t.error), 0);
        assert_int_equal(br_tables_read(reading, scratch_path(&s, "t.csv"), &t.layout, BT_SPLIT_TRAIN, list, &t.error),
                         0);
        assert_int_equal(
            br_tables_read(reading, scratch_path(&s, "none"), &t.layout, BT_SPLIT_TRAIN, &t.arrays[1], &t.error), -1);
        assert_int_equal(t.error.kind, BR_ERROR_IO);
        assert_int_equal(br_tables_finish(reading, &list, 1, &t.schema, &t.error), 0);
        br_tables_free(reading);
        assert_string_equal(tables_samples(&t, 0), "1 2:0 3 4:1");
        tables_clear(&t);
    }
    scratch_remove(&s);
}

/* ---- many rows ---- */

/* Rows cross the blocks in which a file is read, and the first value that is no byte comes late. */
static void many_rows_are_read(void **state)
{
    (void)state;
    enum { ROWS = 300000 };
    for (int quoted = 0; quoted < 2; quoted++) {
        char *text = malloc(ROWS * 20), *at = text;
        for (int i = 0; i < ROWS; i++)
            at += sprintf(at, quoted ? "\"%d\",%d,%d\n" : "%d,%d,%d\n", i % 256, i < ROWS - 2 ? i % 7 : -i, i % 3);
        tables t = tables_of(2, 3);
        size_t length = (size_t)(at - text);
        assert_int_equal(tables_read(&t, (const char *const *)&text, &length, 1), 0);
        assert_int_equal(t.arrays[0].count, ROWS);
        assert_null(t.arrays[0].bytes);
        for (int i = 0; i < ROWS; i++) {
            assert_true(t.arrays[0].floats[2 * i] == (float)(i % 256));
            assert_true(t.arrays[0].floats[2 * i + 1] == (float)(i < ROWS - 2 ? i % 7 : -i));
            assert_int_equal(t.arrays[0].labels[i], i % 3);
        }
        tables_clear(&t);
        free(text);
    }
}

static void whole_numbers_up_to_255_are_bytes(void **state)
{
    (void)state;
    tables t = tables_of(2, 3);
    assert_read(&t, "0,255,0\n3.0,1e1,1\n", "0 255:0 3 10:1");
    assert_non_null(t.arrays[0].bytes);
    static const char *const others[] = {"256", "-1", "0.5", "-0", "1e-3"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char text[64];
        snprintf(text, sizeof text, "0,255,0\n3,%s,1\n", others[i]);
        assert_int_equal(tables_one(&t, text), 0);
        assert_null(t.arrays[0].bytes);
        assert_true(t.arrays[0].floats[1] == 255 && t.arrays[0].floats[2] == 3);
        assert_true(t.arrays[0].floats[3] == strtof(others[i], NULL));
    }
    tables_clear(&t);
}

/* ---- the first row ---- */

static void headers_are_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t values;
        const char *text, *samples, *notes;
    } cases[] = {
        {2, "a,b,c\n1,2,0\n3,4,1\n", "1 2:0 3 4:1",
         "t0.csv: the first row names the columns: a, b, c; state it by `header` or `no header`\n"},
        {6, "a,b,c,d,e,f,g\n1,2,3,4,5,6,0\n", "1 2 3 4 5 6:0",
         "t0.csv: the first row names the columns: a, b, c, d, e, ...; state it by `header` or `no header`\n"},
        {2, "0,1,2\n1.5,2,0\n3,4,1\n", "1.5 2:0 3 4:1",
         "t0.csv: the first row numbers the columns: 0, 1, 2; state it by `header` or `no header`\n"},
        {7, "0,1,2,3,4,5,6,7\n1,2,1,2,1,2,1,0\n", "1 2 1 2 1 2 1:0",
         "t0.csv: the first row numbers the columns: 0, 1, 2, 3, 4, ...; state it by `header` or `no header`\n"},
        /* rows like a count of the columns are possible in a small table */
        {2, "0,1,2\n1,2,0\n2,1,1\n", "0 1:2 1 2:0 2 1:1",
         "!t0.csv: the first row, 0, 1, 2, is read as a sample, but it may name the columns; state it by `header` or "
         "`no header`\n"},
        {2, "1,2,0\n3,4,1\n", "1 2:0 3 4:1", ""},
        {2, "?,2,0\n3,4,1\n", NULL, ""}, /* a missing value does not make a header */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tables t = tables_of(cases[i].values, 3);
        if (cases[i].samples != NULL)
            assert_read(&t, cases[i].text, cases[i].samples);
        else
            assert_int_equal(tables_one(&t, cases[i].text), -1);
        assert_notes(&t, cases[i].notes);
        tables_clear(&t);
    }
}

static void a_stated_header_is_obeyed(void **state)
{
    (void)state;
    tables t = tables_of(2, 3);
    t.layout.header = BT_HEADER_YES;
    assert_read(&t, "5,6,2\n1,2,0\n3,4,1\n", "1 2:0 3 4:1");
    assert_notes(&t, "");
    t.layout.header = BT_HEADER_NO;
    assert_read(&t, "0,1,2\n1.5,2,0\n", "0 1:2 1.5 2:0");
    assert_notes(&t, "");
    assert_fails(&t, "a,b,c\n1,2,0\n", BR_ERROR_IO,
                 "t0.csv:1:1: `a` is not a number, as column 1 has them; correct it");
    tables_clear(&t);
}

/* One wrong cell in the first row is an error and not a header that is passed over. */
static void a_slip_in_the_first_row_is_no_header(void **state)
{
    (void)state;
    tables t = tables_of(3, 3);
    assert_fails(&t, "5.1,3.x,1.4,0\n4.9,3.0,1.4,0\n4.7,3.2,1.3,1\n", BR_ERROR_IO,
                 "t0.csv:1:5: `3.x` is not a number, as column 2 has them; correct it; if the first row names the "
                 "columns, write `header`");
    tables_clear(&t);
}

static void tables_of_words_may_have_a_header(void **state)
{
    (void)state;
    tables t = tables_of(4, 2);
    t.layout.all_categories = true;
    t.layout.label = BT_LABEL_FIRST;
    assert_read(&t, "kind,cap,ring\np,x,s\ne,f,s\ne,x,t\np,f,s\n", "0 1 1 0:1 1 0 1 0:0 0 1 0 1:0 1 0 1 0:1");
    assert_string_equal(t.schema.columns[1].name, "cap");
    assert_read(&t, "p,x,s\ne,f,s\ne,x,t\np,f,s\n", "0 1 1 0:1 1 0 1 0:0 0 1 0 1:0 1 0 1 0:1");
    assert_null(t.schema.columns[1].name);
    t.spec.values = 2;
    assert_read(&t, "yes,red\nno,blue\n", "0 1:1 1 0:0"); /* nothing repeats, so it is asked */
    assert_int_equal(t.notes.list[0].warning, true);
    tables_clear(&t);
}

/* ---- numbers ---- */

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

/* The fast way of the inner loop gives the float of the exact way or declines. Digits near a tie of two floats are the
 * ones that could go wrong. */
static void plain_numbers_are_the_exact_ones(void **state)
{
    (void)state;
    uint32_t fast = 0, words[4];
    for (uint32_t i = 0; i < 200000; i++) {
        char text[64];
        br_random4(7, BR_STREAM_TEST, 1, i, words);
        double tie = ldexp(1 + (2 * (double)(words[0] >> 9) + 1) / 16777216.0, (int)(words[1] % 60) - 30);
        if (i % 4 == 0)
            snprintf(text, sizeof text, "%.*g,", 10 + (int)(words[2] % 10), tie);
        else if (i % 4 == 1)
            snprintf(text, sizeof text, "%.*f,", (int)(words[2] % 12), (double)words[0] / (1 + words[1] % 1000));
        else if (i % 4 == 2)
            snprintf(text, sizeof text, "%.18e,", (double)words[0] / 4294967296.0);
        else
            snprintf(text, sizeof text, "-%u.%u,", words[0] % 1000, words[1]);
        double exact;
        float plain;
        size_t length = strlen(text) - 1;
        assert_true(br_number_read(text, length, &exact));
        const char *end = br_number_plain(text, '.', &plain);
        if (end == NULL)
            continue;
        fast++;
        assert_ptr_equal(end, text + length);
        assert_true(plain == (float)exact);
    }
    assert_true(fast > 180000);
    static const char *const bad[] = {",", "-,", ".,", "e5,", "1e,", "1e+,", "--1,", "nan,"};
    float value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_null(br_number_plain(bad[i], '.', &value));
}

/* ---- errors ---- */

static void errors_say_line_and_column(void **state)
{
    (void)state;
#define MENDS ", or write `missing as mean` or `missing as 0`"
    static const struct {
        const char *text;
        br_error_kind kind;
        const char *message;
    } cases[] = {
        {"", BR_ERROR_IO, "t0.csv: the file holds no samples"},
        {"\n\n", BR_ERROR_IO, "t0.csv: the file holds no samples"},
        {"a,b,label\n", BR_ERROR_IO, "t0.csv: the file holds no samples"},
        {"1,2,0\n1,nan,0\n", BR_ERROR_IO, "t0.csv:2:3: `nan` means a missing value in column 2; fill it in" MENDS},
        {"?,2,0\n", BR_ERROR_IO, "t0.csv:1:1: `?` means a missing value in column 1; fill it in" MENDS},
        {"1,2,0\n1,2,0\n -inf,2,0\n", BR_ERROR_IO,
         "t0.csv:3:2: `-inf` is not a finite number; correct it or remove the row"},
        {"1,2,0\n1,1e39,0\n", BR_ERROR_IO, "t0.csv:2:3: `1e39` is too large for a 32-bit float"},
        {"a,b,c\n1,2,0\n1,,0\n", BR_ERROR_IO, "t0.csv:3:3: the cell is empty in the column `b`; fill it in" MENDS},
        {"1,2,0\n1,2,\n", BR_ERROR_IO, "t0.csv:2:5: the label is missing"},
        {"1,2,0\n1,2,NA\n", BR_ERROR_IO, "t0.csv:2:5: the label is missing: `NA`"},
        {"1,2,0\n1,3,0\n1,4,0\n1,0x10,0\n", BR_ERROR_IO,
         "t0.csv:4:3: `0x10` is not a number, as column 2 has them; correct it"},
        {"1,2,0\n1,3,0\n1,4,0\n1,a\x01"
         "bcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz,0\n",
         BR_ERROR_IO,
         "t0.csv:4:3: `a?bcdefghijklmnopqrstuvwxyzabcdefghijklm...` is not a number, as column 2 has them; correct it"},
        {"1,2,0\n1,2\n", BR_ERROR_IO, "t0.csv:2:4: the row has 2 columns, but the first row has 3"},
        {"1,2,0\n1,2,0,4,5\n", BR_ERROR_IO, "t0.csv:2:7: the row has 5 columns, but the first row has 3"},
        {"1,2,0\n\n1,2,0\n", BR_ERROR_IO, "t0.csv:2:1: the line is empty, but rows follow; remove it"},
        {"1,2,0\n1,2,1.5\n", BR_ERROR_IO,
         "t0.csv:2:5: `1.5` is not a label: labels are whole numbers or words; if they are in another column, write "
         "`label first` or `label \"NAME\"`"},
        {"\"1\",2,0\n\"1,2,0\n", BR_ERROR_IO, "t0.csv:2: a quote of this row is never closed; close it or remove it"},
        {"1,red,0\n1,blue,1\n1,red,1\n", BR_ERROR_IO,
         "t0.csv:1:3: `red` is not a number; write `categories \"2\"` if the words of this column are categories, or "
         "`without \"2\"`, or state where the label is; if the first row names the columns, write `header`"},
        {"size,colour,kind\n1,red,0\n1,blue,1\n1,red,1\n", BR_ERROR_IO,
         "t0.csv:2:3: `red` is not a number; write `categories \"colour\"` if the words of this column are categories, "
         "or `without \"colour\"`, or state where the label is"},
        {"1,2,3,0\n", BR_ERROR_CHECK,
         "t0.csv:1: the table has 3 columns of values, besides the label in column 4, but the network's input reads 2; "
         "write `input vector(3)`, or leave columns out by `without`"},
        {"1,2\n", BR_ERROR_CHECK,
         "t0.csv:1: the table has 1 column of values, besides the label in column 2, but the network's input reads 2; "
         "write `input vector(1)`, or `label none` if it has no labels"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tables t = tables_of(2, 3);
        assert_fails(&t, cases[i].text, cases[i].kind, cases[i].message);
        tables_clear(&t);
    }
}

static void values_beyond_the_range_have_a_place(void **state)
{
    (void)state;
    static const char text[] = "a,b,c\n1,2,0\n3,95,1\n1,-4.5,0\n";
    tables t = tables_of(2, 2);
    t.spec.check_range = true;
    t.spec.low = 0;
    t.spec.high = 8;
    t.spec.range_given = true;
    assert_fails(
        &t, text, BR_ERROR_CHECK,
        "t0.csv:3:3: 95 lies outside the range [0, 8] (2 of 6 values do; the file's values lie in [-4.5, 95]); "
        "correct the cell, or write `values in [-4.5, 95];` or `values in columns;`");
    t.spec.range_given = false;
    t.spec.vector = false;
    assert_fails(&t, "0.1,-1,0\n1,0,1\n", BR_ERROR_CHECK,
                 "t0.csv:1:5: -1 lies outside the range [0, 8] (1 of 4 values does; the file's values lie in [-1, 1]); "
                 "correct the cell, or write `values in [-1, 1];`");
    t.spec.predicting = true;
    assert_read(&t, text, "1 2 3 8 1 0");
    assert_notes(&t, "t0.csv: the first row names the columns: a, b, c\n"
                     "!t0.csv:3:3: 95 lies outside the range [0, 8] (2 of 6 values do; the file's values lie in [-4.5, "
                     "95]); the model counts it as the end of the range\n");
    t.spec.predicting = false;
    t.spec.low = (double)0.1f + 1e-9; /* a rounding error is no value beyond the range */
    t.spec.high = 1;
    assert_read(&t, "0.1,1,0\n0.5,0.5,1\n", "0.1 1:0 0.5 0.5:1");
    tables_clear(&t);
}

static int any_table(const br_bytes *file, br_error *error)
{
    tables t = tables_of(2, 3);
    t.layout.all_categories = true;
    const char *text = (const char *)file->data;
    int status = tables_read(&t, &text, &(size_t){file->size}, 1);
    *error = t.error;
    tables_clear(&t);
    return status;
}

static void mutations_do_no_harm(void **state)
{
    (void)state;
    const char text[] = "left,\"right\",label\n0.5,-2,2\r\n3e2,\"4\",0\n1e-3,.25,1\n";
    assert_mutations_survived(any_table, text, sizeof text - 1, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_gives_the_same_samples),
        cmocka_unit_test(utf_16_is_converted),
        cmocka_unit_test(windows_1252_is_converted_with_a_note),
        cmocka_unit_test(packed_files_are_read_from_the_disk),
        cmocka_unit_test(many_rows_are_read),
        cmocka_unit_test(whole_numbers_up_to_255_are_bytes),
        cmocka_unit_test(headers_are_told),
        cmocka_unit_test(a_stated_header_is_obeyed),
        cmocka_unit_test(a_slip_in_the_first_row_is_no_header),
        cmocka_unit_test(tables_of_words_may_have_a_header),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(plain_numbers_are_the_exact_ones),
        cmocka_unit_test(errors_say_line_and_column),
        cmocka_unit_test(values_beyond_the_range_have_a_place),
        cmocka_unit_test(mutations_do_no_harm),
    };
    return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
