/* The columns of tables: labels and their names, categories, missing cells, columns by name, and tables that are read
 * as the training table was. */
#include "tables.h"

/* ---- labels ---- */

static void the_label_is_where_it_is_stated(void **state)
{
    (void)state;
    static const char text[] = "kind,left,right\n2,0.5,-2\n0,3,4\n";
    tables t = tables_of(2, 3);
    t.layout.label = BT_LABEL_FIRST;
    assert_read(&t, text, "0.5 -2:2 3 4:0");
    assert_int_equal(t.schema.columns[0].role, BT_ROLE_LABEL);
    t.layout = (br_table){.label = BT_LABEL_NAMED, .label_name = "kind"};
    assert_read(&t, text, "0.5 -2:2 3 4:0");
    assert_notes(&t, ""); /* a name that the layout knows is no guess */
    t.layout.label_name = "1";
    assert_read(&t, text, "0.5 -2:2 3 4:0");
    assert_read(&t, "2,0.5,-2\n0,3,4\n", "0.5 -2:2 3 4:0");
    t.layout.label_name = "kin";
    assert_fails(&t, text, BR_ERROR_CHECK,
                 "t0.csv: label \"kin\": no column has this name; did you mean \"kind\"?; the columns are kind, left, "
                 "right");
    assert_fails(&t, "2,0.5,-2\n0,3,4\n", BR_ERROR_CHECK,
                 "t0.csv: label \"kin\": the table does not name its columns; write the column's number, 1 to 3, or "
                 "`header` if the first row has the names");
    t.layout = (br_table){.label = BT_LABEL_NONE};
    t.spec.values = 3;
    assert_read(&t, text, "2 0.5 -2 0 3 4");
    assert_null(t.arrays[0].labels);
    tables_clear(&t);
}

static void words_are_names_of_classes(void **state)
{
    (void)state;
    tables t = tables_of(1, 3);
    assert_read(&t, "1,rose\n2,iris\n3,tulip\n4,iris\n", "1:1 2:0 3:2 4:0");
    assert_int_equal(t.schema.class_count, 3);
    assert_string_equal(t.schema.classes[0], "iris");
    assert_string_equal(t.schema.classes[2], "tulip");
    assert_notes(&t, "the labels iris, rose, tulip are taken as the names of the classes 0 to 2\n");
    assert_read(&t, "1,10\n2,9\n3,-1\n", "1:2 2:1 3:0"); /* numbers are in the order of their values */
    assert_string_equal(t.schema.classes[2], "10");
    assert_read(&t, "1,None\n2,-\n3,+\n", "1:2 2:1 3:0");
    assert_read(&t, "1,2.0\n2,0\n", "1:2 2:0"); /* whole numbers that are classes stay so */
    assert_int_equal(t.schema.class_count, 0);
    assert_notes(&t, "");
    tables_clear(&t);
}

static void labels_that_do_not_fit_the_classes_are_listed(void **state)
{
    (void)state;
    tables t = tables_of(1, 2);
    assert_fails(
        &t, "1,rose\n2,iris\n3,tulip\n", BR_ERROR_CHECK,
        "t0.csv: the labels have 3 names, iris, rose, tulip, but the network has 2 classes; write `dense(3)` as "
        "the last layer");
    assert_fails(
        &t, "1,0\n2,1\n3,2\n", BR_ERROR_CHECK,
        "t0.csv:3:3: the label `2` is not a class: the network's 2 classes are 0 to 1, and the 3 labels of train "
        "are 0, 1, 2; write `dense(3)` as the last layer");
    char text[400], *at = text;
    for (int i = 0; i < 20; i++)
        at += sprintf(at, "%d,word%02d\n", i, i);
    assert_fails(
        &t, text, BR_ERROR_CHECK,
        "t0.csv: the labels have 20 names, word00, word01, word02, word03, word04, word05, word06, word07, "
        "word08, word09, word10, word11 and 8 more, but the network has 2 classes; write `dense(20)` as the last "
        "layer");
    tables_clear(&t);
}

static void stated_names_are_obeyed(void **state)
{
    (void)state;
    static const char *const names[] = {"rose", "iris"};
    tables t = tables_of(1, 2);
    t.spec.class_names = names;
    assert_read(&t, "1,iris\n2,iris\n3,rose\n4,0\n", "1:1 2:1 3:0 4:0");
    assert_string_equal(t.schema.classes[1], "iris");
    assert_fails(&t, "1,iris\n2,rosa\n", BR_ERROR_CHECK,
                 "t0.csv:2:3: the label `rosa` names no class; did you mean `rose`?; the classes are rose, iris");
    tables_clear(&t);
}

static void labels_of_other_tables_must_occur_in_train(void **state)
{
    (void)state;
    tables t = tables_of(1, 2);
    assert_read_two(&t, "1,b\n2,a\n", "3,a\n4,b\n", "3:0 4:1");
    assert_fails_two(&t, "1,b\n2,a\n", "3,a\n4,c\n",
                     "t1.csv:2:3: the label `c` does not occur in the training table; correct it or remove its rows");
    assert_fails_two(&t, "1,0\n2,1\n", "3,2\n",
                     "t1.csv:1:3: the label `2` is not a class: the network's 2 classes are 0 to 1");
    tables_clear(&t);
}

static bool first_looks_like_labels(const char *text, bt_label label)
{
    br_notes notes = {0};
    br_schema schema = {0};
    br_array array, *list = &array;
    br_error error;
    br_tables *reading;
    br_table layout = {.label = label};
    br_bytes file = {(uint8_t *)text, strlen(text)};
    br_tables_spec spec = {.values = 2, .classes = 3, .notes = &notes};
    assert_int_equal(br_tables_new(&spec, &reading, &error), 0);
    assert_int_equal(br_tables_read_bytes(reading, "x", &file, &layout, BT_SPLIT_TRAIN, &array, &error), 0);
    assert_int_equal(br_tables_finish(reading, &list, 1, &schema, &error), 0);
    bool looks = br_tables_first_looks_like_labels(reading);
    br_tables_free(reading);
    br_array_free(&array);
    br_schema_clear(&schema);
    br_notes_free(&notes);
    return looks;
}

static void one_column_for_each_class_is_a_label(void **state)
{
    (void)state;
    tables t = tables_of(2, 3);
    assert_read(&t, "1,2,0,1,0\n3,4,1,0,0\n5,6,0,0,1\n", "1 2:1 3 4:0 5 6:2");
    assert_int_equal(t.schema.columns[2].role, BT_ROLE_LABEL);
    assert_int_equal(t.schema.columns[4].role, BT_ROLE_LABEL);
    assert_notes(&t, "t0.csv: the last 3 columns are taken as the label, one for each class\n");
    assert_read_two(&t, "a,b,tulip,iris,rose\n1,2,0,1,0\n3,4,1,0,0\n", "5,6,0,0,1\n7,8,1,0,0\n", "5 6:1 7 8:2");
    assert_string_equal(t.schema.classes[2], "tulip");
    char text[2000], *at = text; /* rows behind those that decide */
    for (int i = 0; i < 150; i++)
        at += sprintf(at, "1,2,0,1,0\n");
#define HOT "the last 3 columns, which are the label, one for each class"
    strcpy(at, "1,2,1,1,0\n");
    assert_fails(&t, text, BR_ERROR_IO, "t0.csv:151:7: a second 1 in " HOT);
    strcpy(at, "1,2,0,0,0\n");
    assert_fails(&t, text, BR_ERROR_IO, "t0.csv:151:10: no 1 in " HOT);
    strcpy(at, "1,2,0,2,0\n");
    assert_fails(&t, text, BR_ERROR_IO,
                 "t0.csv:151:7: `2` is neither 0 nor 1, but the last 3 columns are the label, one for each class");
    tables_clear(&t);
}

static void a_forgotten_label_column_is_suspected(void **state)
{
    (void)state;
    assert_true(first_looks_like_labels("0,7,0\n2,9,0\n1,9,0\n", BT_LABEL_LAST));
    assert_true(first_looks_like_labels("0,7.5,0\n2,9,0\n1,9,0\n", BT_LABEL_LAST));
    assert_false(first_looks_like_labels("0,7,0\n2,9,1\n", BT_LABEL_LAST));
    assert_false(first_looks_like_labels("0,7,0\n3,9,0\n", BT_LABEL_LAST));
    assert_false(first_looks_like_labels("0.5,7,0\n1,9,0\n", BT_LABEL_LAST));
    assert_false(first_looks_like_labels("1,7,0\n1,9,0\n", BT_LABEL_LAST));
    assert_false(first_looks_like_labels("0,7,0\n0,9,1\n", BT_LABEL_FIRST));
}

/* ---- columns ---- */

static void columns_are_left_out_by_name_or_number(void **state)
{
    (void)state;
    static const char text[] = "id,a,b,note,kind\n17,1,2,x,0\n18,3,4,y y,1\n";
    tables t = tables_of(2, 2);
    t.layout.without = (const char *const[]){"id", "note"};
    t.layout.without_count = 2;
    assert_read(&t, text, "1 2:0 3 4:1");
    assert_int_equal(t.schema.column_count, 5);
    assert_int_equal(t.schema.columns[0].role, BT_ROLE_UNUSED);
    assert_int_equal(t.schema.columns[4].role, BT_ROLE_LABEL);
    t.layout.without = (const char *const[]){"1", "4"};
    assert_read(&t, text, "1 2:0 3 4:1");
    t.layout.without = (const char *const[]){"id", "nota"};
    assert_fails(&t, text, BR_ERROR_CHECK,
                 "t0.csv: without \"nota\": no column has this name; did you mean \"note\"?; the columns are id, a, b, "
                 "note, kind");
    t.layout.without = (const char *const[]){"4", "5"}; /* the label is then the last one that is left */
    t.spec.classes = 5;
    assert_read(&t, text, "17 1:2 18 3:4");
    tables_clear(&t);
}

static void the_index_of_pandas_is_left_out(void **state)
{
    (void)state;
    tables t = tables_of(2, 2);
    assert_read(&t, ",a,b,kind\n0,1,2,0\n1,3,4,1\n", "1 2:0 3 4:1");
    assert_int_equal(t.schema.columns[0].role, BT_ROLE_UNUSED);
    assert_notes(&t, "t0.csv: the first row names the columns: , a, b, kind; state it by `header` or `no header`\n"
                     "t0.csv: the first column numbers the rows and has no name; it is left out\n");
    t.layout.label = BT_LABEL_FIRST; /* of the others */
    assert_read(&t, ",kind,a,b\n0,0,1,2\n1,1,3,4\n", "1 2:0 3 4:1");
    tables_clear(&t);
}

static void categories_become_one_value_for_each_word(void **state)
{
    (void)state;
    static const char text[] = "size,colour,kind\n1.5,red,0\n2,blue,1\n3,?,0\n4,blue,1\n";
    tables t = tables_of(4, 2);
    t.layout.all_categories = true;
    assert_read(&t, text, "1.5 0 0 1:0 2 0 1 0:1 3 1 0 0:0 4 0 1 0:1");
    assert_int_equal(t.schema.columns[1].role, BT_ROLE_CATEGORY);
    assert_int_equal(t.schema.columns[1].word_count, 3);
    assert_string_equal(t.schema.columns[1].words[0], "?");
    assert_string_equal(t.schema.columns[1].words[2], "red");
    t.layout = (br_table){.categories = (const char *const[]){"colour"}, .category_count = 1};
    assert_read(&t, text, "1.5 0 0 1:0 2 0 1 0:1 3 1 0 0:0 4 0 1 0:1");
    t.layout.categories = (const char *const[]){"1"};
    t.spec.values = 3;
    assert_read(&t, "10,5,0\n9,6,1\n10,7,0\n", "1 0 5:0 0 1 6:1 1 0 7:0"); /* numbers, in the order of their bytes */
    assert_non_null(t.arrays[0].bytes);
    t.spec.values = 2;
    assert_fails(&t, "10,5,0\n9,6,1\n10,7,0\n", BR_ERROR_CHECK,
                 "t0.csv: the table gives 3 values: 1 numbers, 2 for column 1, one for each word; the network's input "
                 "reads 2; write `input vector(3)`, or leave columns out by `without`");
    tables_clear(&t);
}

static void words_that_train_lacks_are_told(void **state)
{
    (void)state;
    tables t = tables_of(2, 2);
    t.layout.all_categories = true;
    assert_read_two(&t, "red,0\nblue,1\nred,1\n", "blue,0\ngreen,1\n?,0\n", "1 0:0 0 0:1 0 0:0");
    assert_notes(&t,
                 "!t1.csv:2:1: `green` is no word of this category in training; all its values are 0 (2 cells of this "
                 "kind)\n");
    tables_clear(&t);
}

static void missing_cells_are_filled_when_asked(void **state)
{
    (void)state;
    static const char text[] = "1,2,0\n,4,1\nNA,?,0\n4,-,1\n";
    tables t = tables_of(2, 2);
    t.layout.missing = BT_MISSING_ZERO;
    assert_read(&t, text, "1 2:0 0 4:1 0 0:0 4 0:1");
    assert_non_null(t.arrays[0].bytes);
    assert_notes(&t, "t0.csv: 4 missing cells become 0\n");
    assert_int_equal(t.schema.missing, BT_MISSING_ZERO);
    t.layout.missing = BT_MISSING_MEAN;
    assert_read(&t, text, "1 2:0 2.5 4:1 2.5 3:0 4 3:1");
    assert_true(t.schema.columns[0].fill == 2.5 && t.schema.columns[1].fill == 3);
    assert_notes(&t, "t0.csv: 4 missing cells become the mean of the column\n");
    assert_read_two(&t, "1,2,0\n5,4,1\n", "null,nan,0\n100,100,1\n", "3 3:0 100 100:1"); /* the mean of train */
    assert_fails(&t, "1,,0\n5,,1\n", BR_ERROR_CHECK,
                 "t0.csv: column 2 has no number at all in the training table, so it has no mean; leave it out by "
                 "`without \"2\"`");
    tables_clear(&t);
}

/* ---- other tables ---- */

static void a_label_is_no_value_of_the_training_table(void **state)
{
    (void)state;
    tables t = tables_of(2, 3);
    assert_fails_two(&t, "a,b,kind\n1,2,0\n3,4,2\n", "b,a\n10,20\n",
                     "t1.csv:1: the column of the label is a column of values in the training table; write `label "
                     "\"NAME\"` or `label none`");
    assert_fails_two(&t, "a,b,kind\n1,2,0\n3,4,2\n", "sort,b,a\n0,10,20\n",
                     "t1.csv:1: the column of the label is a column of values in the training table; write `label "
                     "\"NAME\"` or `label none`");
    tables_clear(&t);
}

static void later_tables_are_matched_by_name(void **state)
{
    (void)state;
    tables t = tables_of(2, 2);
    assert_read_two(&t, "a,b,kind\n1,2,0\n3,4,1\n", "kind,more,b,a\n1,9,6,5\n", "5 6:1");
    assert_string_equal(t.notes.list[1].text, "t1.csv: columns that the training table lacks are not read: more");
    assert_read_two(&t, "a,b,kind\n1,2,0\n3,4,1\n", "5,6,1\n", "5 6:1"); /* no names: in their order */
    assert_fails_two(&t, "a,b,kind\n1,2,0\n3,4,1\n", "a,c,kind\n1,2,0\n3,4,1\n",
                     "t1.csv:1: the header lacks the column b; it names a, c, kind");
    assert_fails_two(&t, "1,2,0\n3,4,1\n", "1,2,3,0\n",
                     "t1.csv:1: the table has 3 columns of values besides the label; the training table has 2");
    tables_clear(&t);
}

/* A model of: unused, number, label, category. */
static br_schema *model(void)
{
    static const char text[] = "schema 1\nmissing mean\nscaling columns\nclass iris\nclass rose\ncolumn unused 0 id\n"
                               "column number 2.5 size\ncolumn label 0 kind\ncolumn category 0 colour\nword blue\n"
                               "word red\n";
    br_schema *schema;
    br_error error;
    assert_int_equal(br_schema_read(text, &schema, &error), 0);
    return schema;
}

static void predictions_are_read_as_training_was(void **state)
{
    (void)state;
    tables t = tables_of(3, 2);
    t.spec.schema = model();
    t.spec.predicting = true;
    static const char *const same[] = {
        "id,size,kind,colour\n9,1.5,rose,red\n9,?,iris,blue\n",     /* all columns */
        "size,colour\n1.5,red\n,blue\n",                            /* the values alone */
        "colour;more;size\nred;x;1,5\nblue;y;NA\n",                 /* by name, in another order */
        "9,1.5,rose,red\n9,,iris,blue\n",                           /* by their number */
        "9,1.5,red\n9,?,blue\n",                                    /* without the label */
        "1.5,red\n?,blue\n",                                        /* only those that are used */
        ",id,size,kind,colour\n0,9,1.5,rose,red\n1,9,?,iris,blue\n" /* with an index */
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_read(&t, same[i], "1.5 0 1 2.5 1 0");
    assert_read(&t, "2,green\n", "2 0 0");
    assert_notes(&t,
                 "!t0.csv:1:3: `green` is no word of this category in training; all its values are 0 (1 cell of this "
                 "kind)\n");
    assert_fails(&t, "id,kind,colour\n9,rose,red\n", BR_ERROR_CHECK,
                 "t0.csv:1: the header lacks the column size; it names id, kind, colour");
    assert_fails(
        &t, "1,2,3,4,5\n", BR_ERROR_CHECK,
        "t0.csv:1: the table has 5 columns; as in training there must be 4, or the 2 of the values alone: size, "
        "colour");
    assert_fails(&t, "9,1.5,rose,red\n9,x,iris,blue\n", BR_ERROR_IO,
                 "t0.csv:2:3: `x` is not a number, as column 2 has them; correct it");
    t.layout.label = BT_LABEL_FIRST; /* stated, as by --label */
    assert_read(&t, "rose,9,1.5,red\n", "1.5 0 1");
    t.layout.label = BT_LABEL_NONE;
    assert_read(&t, "9,1.5,red\n", "1.5 0 1");
    assert_fails(
        &t, "9,1.5,rose,red\n", BR_ERROR_CHECK,
        "t0.csv:1: the table has 4 columns; as in training there must be 4, or the 2 of the values alone: size, "
        "colour");
    br_schema_free((br_schema *)t.spec.schema);
    tables_clear(&t);
}

static void a_model_is_scored_as_it_was_trained(void **state)
{
    (void)state;
    tables t = tables_of(3, 2);
    t.spec.schema = model();
    t.layout = (br_table){.label = BT_LABEL_NAMED, .label_name = "kind"};
    assert_read(&t, "kind,colour,size\nrose,red,1.5\niris,blue,?\n", "1.5 0 1:1 2.5 1 0:0");
    assert_int_equal(t.schema.column_count, 0); /* the model's schema stays the only one */
    assert_fails(&t, "kind,colour,size\nrose,red,1.5\nlily,blue,2\n", BR_ERROR_CHECK,
                 "t0.csv:3:1: the label `lily` names no class; the classes are iris, rose");
    br_schema_free((br_schema *)t.spec.schema);
    tables_clear(&t);
}

static void predictions_without_a_schema_take_values_and_perhaps_a_label(void **state)
{
    (void)state;
    tables t = tables_of(2, 2);
    t.spec.predicting = true;
    assert_read(&t, "1,2\n3,4\n", "1 2 3 4");
    assert_read(&t, "1,2,iris\n3,4,rose\n", "1 2 3 4");
    assert_read(&t, "x,y\n1,2\n3,4\n", "1 2 3 4");
    t.layout = (br_table){.label = BT_LABEL_FIRST, .missing = BT_MISSING_MEAN}; /* there is no mean */
    assert_fails(&t, "0,,2\n0,1,2\n", BR_ERROR_IO, "t0.csv:1:3: the cell is empty in column 2; fill it in");
    assert_read(&t, "iris,1,2\nrose,3,4\n", "1 2 3 4");
    assert_fails(&t, "1,2\n", BR_ERROR_CHECK,
                 "t0.csv:1: the table has 2 columns, but the network reads 2 values: there must be as many columns, or "
                 "one more for a label");
    tables_clear(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_label_is_where_it_is_stated),
        cmocka_unit_test(words_are_names_of_classes),
        cmocka_unit_test(labels_that_do_not_fit_the_classes_are_listed),
        cmocka_unit_test(stated_names_are_obeyed),
        cmocka_unit_test(labels_of_other_tables_must_occur_in_train),
        cmocka_unit_test(one_column_for_each_class_is_a_label),
        cmocka_unit_test(a_forgotten_label_column_is_suspected),
        cmocka_unit_test(columns_are_left_out_by_name_or_number),
        cmocka_unit_test(the_index_of_pandas_is_left_out),
        cmocka_unit_test(categories_become_one_value_for_each_word),
        cmocka_unit_test(words_that_train_lacks_are_told),
        cmocka_unit_test(missing_cells_are_filled_when_asked),
        cmocka_unit_test(a_label_is_no_value_of_the_training_table),
        cmocka_unit_test(later_tables_are_matched_by_name),
        cmocka_unit_test(predictions_are_read_as_training_was),
        cmocka_unit_test(a_model_is_scored_as_it_was_trained),
        cmocka_unit_test(predictions_without_a_schema_take_values_and_perhaps_a_label),
    };
    return cmocka_run_group_tests_name("columns of tables", tests, NULL, NULL);
}
