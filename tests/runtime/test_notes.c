/* Notes: each is told once, in one data set and over several files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "data/notes.h"

static void equal_notes_are_one(void **state)
{
    br_notes notes = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        br_note_add(&notes, i % 2 == 0, "column %d holds one value", i % 7);
    assert_int_equal(notes.count, 7);
    assert_string_equal(notes.list[3].text, "column 3 holds one value");
    assert_true(notes.list[0].warning);
    assert_false(notes.list[1].warning);
    br_notes_free(&notes);
    assert_int_equal(notes.count, 0);
}

static void the_file_does_not_make_a_note_new(void **state)
{
    br_told *told = NULL;
    (void)state;
    assert_true(br_note_first(&told, "a.png", &(br_note){false, "a.png: transparent"}));
    assert_false(br_note_first(&told, "a.png", &(br_note){false, "a.png: transparent"}));
    assert_false(br_note_first(&told, "b.png", &(br_note){false, "b.png: transparent"}));
    assert_true(br_note_first(&told, "b.png", &(br_note){false, "b.png: turned"}));
    assert_true(br_note_first(&told, "b.png", &(br_note){false, "transparent"}));
    assert_true(br_note_first(&told, "c.png", &(br_note){false, "b.png: transparent"}));
    br_told_free(told);
    br_told_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_notes_are_one),
                                       cmocka_unit_test(the_file_does_not_make_a_note_new)};
    return cmocka_run_group_tests_name("runtime/notes", tests, NULL, NULL);
}
