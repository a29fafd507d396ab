/* Every value of every shared term has a word of its own, and every word leads back to its value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bouton/terms.h"

/* clang-format off */
/* One test for each list of bouton/terms.def: test_bt_split and so on. */
#define TERMS(type, count)                                                                                             \
    static void test_##type(void **state)                                                                              \
    {                                                                                                                  \
        const char *(*word_of)(type) = type##_word;                                                                    \
        bool (*of)(const char *, type *) = type##_of;                                                                  \
        type found = (type)count;                                                                                      \
        int next = 0;                                                                                                  \
        (void)state;                                                                                                   \
        assert_string_equal(word_of((type)count), "");                                                                 \
        assert_false(of("no such word", &found));                                                                      \
        assert_int_equal(found, count);
#define TERM(value, word)                                                                                              \
        assert_int_equal(value, next++);                                                                               \
        assert_string_equal(word_of(value), word);                                                                     \
        assert_true(*word_of(value) != '\0');                                                                          \
        assert_true(of(word, &found)); /* another value if a word stood twice */                                       \
        assert_int_equal(found, value);
#define TERMS_END(type, count)                                                                                         \
        assert_int_equal(count, next);                                                                                 \
    }
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END
/* clang-format on */

static void shapes(void **state)
{
    (void)state;
    bt_shape wide = {65536, 65536, 4096};
    assert_int_equal(bt_places(wide), 1ull << 32);
    assert_int_equal(bt_values(wide), 1ull << 44);
    assert_true(bt_same_shape(wide, wide));
    assert_false(bt_same_shape(wide, (bt_shape){65536, 4096, 65536}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TERMS(type, count) cmocka_unit_test(test_##type),
#define TERM(value, word)
#define TERMS_END(type, count)
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END
        cmocka_unit_test(shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
