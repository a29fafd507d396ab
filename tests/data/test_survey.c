/* Surveys of tables, folders of pictures and IDX files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bouton/data_survey.h"
#include "bouton/runtime.h"

static char folder[] = "/tmp/bouton-survey.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return chdir("/") == 0 && system(command) == 0 ? 0 : -1;
}

static void put(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static void put_text(const char *path, const char *text)
{
    put(path, text, strlen(text));
}

static void test_columns(void **state)
{
    (void)state;
    br_error error;
    br_table_survey survey;
    put_text("t.csv", "a,b,soil,k\n1,0.5,sand,x\n-3,,clay,y\n2,7e1,NA,x\n");
    assert_int_equal(br_table_survey_read("t.csv", &survey, &error), 0);
    assert_true(survey.header);
    assert_false(survey.index);
    assert_int_equal(survey.rows, 3);
    assert_int_equal(survey.column_count, 4);
    const br_surveyed_column *c = survey.columns;
    assert_string_equal(c[0].name, "a");
    assert_true(c[0].whole);
    assert_true(c[0].least == -3 && c[0].most == 2);
    assert_int_equal(c[0].numbers, 3);
    assert_false(c[1].whole);
    assert_int_equal(c[1].missing, 1);
    assert_true(c[1].least == 0.5 && c[1].most == 70);
    assert_int_equal(c[2].words, 2);
    assert_true(c[2].gaps);
    assert_int_equal(c[2].value_count, 2);
    assert_string_equal(c[2].values[0], "sand");
    assert_int_equal(c[3].value_count, 2);
    assert_int_equal(c[3].counts[0], 2);
    assert_string_equal(c[3].values[1], "y");
    br_table_survey_free(&survey);
}

/* Values beyond the limit are no longer told apart, and the numbers still are. */
static void test_many_values(void **state)
{
    (void)state;
    br_error error;
    br_table_survey survey;
    FILE *file = fopen("many.csv", "w");
    assert_non_null(file);
    for (unsigned i = 0; i <= BR_SURVEY_VALUES; i++)
        fprintf(file, "%u,%u\n", i, i % 2);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(br_table_survey_read("many.csv", &survey, &error), 0);
    assert_true(survey.columns[0].many);
    assert_int_equal(survey.columns[0].value_count, BR_SURVEY_VALUES);
    assert_true(survey.columns[0].most == BR_SURVEY_VALUES);
    assert_false(survey.columns[1].many);
    br_table_survey_free(&survey);
}

static void test_index(void **state)
{
    (void)state;
    br_error error;
    br_table_survey survey;
    put_text("pandas.csv", ",v,k\n0,1.5,a\n1,2.5,b\n2,1.5,a\n");
    assert_int_equal(br_table_survey_read("pandas.csv", &survey, &error), 0);
    assert_true(survey.index);
    assert_null(survey.columns[0].name);
    br_table_survey_free(&survey);
}

static void test_refused_tables(void **state)
{
    (void)state;
    br_error error;
    br_table_survey survey;
    put_text("ragged.csv", "a,b\n1,2\n3\n");
    assert_int_equal(br_table_survey_read("ragged.csv", &survey, &error), -1);
    assert_non_null(strstr(error.message, "ragged.csv:3:"));
    assert_int_equal(survey.column_count, 0);
    put_text("empty.csv", "");
    assert_int_equal(br_table_survey_read("empty.csv", &survey, &error), -1);
    assert_int_equal(br_table_survey_read("missing.csv", &survey, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_IO);
}

static void test_pictures(void **state)
{
    (void)state;
    br_error error;
    br_picture_survey survey;
    assert_int_equal(mkdir("p", 0777) | mkdir("p/cat", 0777) | mkdir("p/dog", 0777), 0);
    put_text("p/cat/1.pgm", "P2 2 1 255 0 9");
    put_text("p/cat/2.ppm", "P3 1 1 255 9 9 9");
    put_text("p/dog/1.pgm", "P2 2 1 255 7 9");
    assert_int_equal(br_picture_survey_read("p", &survey, &error), 0);
    assert_int_equal(survey.class_count, 2);
    assert_string_equal(survey.classes[0].name, "cat");
    assert_int_equal(survey.classes[0].pictures, 2);
    assert_int_equal(survey.pictures, 3);
    assert_true(survey.height == 1 && survey.width == 2);
    assert_false(survey.alike);
    assert_false(survey.colour);
    br_picture_survey_free(&survey);
    put_text("p/dog/1.ppm", "P3 1 1 255 9 0 9");
    assert_int_equal(br_picture_survey_read("p", &survey, &error), 0);
    assert_true(survey.colour);
    br_picture_survey_free(&survey);
    put_text("p/dog/2.ppm", "no picture");
    assert_int_equal(br_picture_survey_read("p", &survey, &error), -1);
    assert_int_equal(br_picture_survey_read("p/dog", &survey, &error), -1);
}

static void test_idx(void **state)
{
    (void)state;
    static const uint8_t images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6};
    static const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 4, 0};
    br_error error;
    br_idx_survey survey;
    bool found;
    assert_int_equal(mkdir("i", 0777), 0);
    put_text("i/readme.txt", "about");
    assert_int_equal(br_idx_survey_read("i", &survey, &found, &error), 0);
    assert_false(found);
    put("i/train-images", images, sizeof images);
    assert_int_equal(br_idx_survey_read("i", &survey, &found, &error), -1);
    put("i/train-labels", labels, sizeof labels);
    assert_int_equal(br_idx_survey_read("i", &survey, &found, &error), 0);
    assert_true(found);
    assert_string_equal(survey.images[0], "train-images");
    assert_null(survey.images[1]);
    assert_true(survey.shape.height == 1 && survey.shape.width == 3 && survey.shape.channels == 1);
    assert_int_equal(survey.samples[0], 2);
    assert_int_equal(survey.classes, 5);
    br_idx_survey_free(&survey);
    put("i/train-images-again", images, sizeof images);
    assert_int_equal(br_idx_survey_read("i", &survey, &found, &error), -1);
    assert_int_equal(error.kind, BR_ERROR_CHECK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns),  cmocka_unit_test(test_many_values),
                                       cmocka_unit_test(test_index),    cmocka_unit_test(test_refused_tables),
                                       cmocka_unit_test(test_pictures), cmocka_unit_test(test_idx)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
