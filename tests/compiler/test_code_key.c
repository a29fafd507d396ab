/* bc_code_key: programs with the same key have the same LLVM module; numbers that are data leave the key as it is, others
 * change it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bouton/compiler.h"

static const char text[] =
    "let seed_ = 1; let eta_ = 0.3; let xi_ = 1; let decay_ = 0.9; let rounds = 3; let size = 8; let moves = 1;"
    "let cuts = 2; let patches_ = 1000; let fair = 0.01; let far = 0.1; let width = 8; let tau_ = 0.2; let b = 5;"
    "let calm = 0.5; let leak_ = 0.1; let start = 0.05; let s = 0.5; let gain_ = 4; let least = 10%; let gap_ = 0.1;"
    "let floor_ = 0.01; let warm = 2; let many = 2; let often = 9; let rest = 20%;"
    "network n { input image(12x12) in [0, s];"
    "  layer maps = conv(3x3, 8) { depress over filters gap gap_; fire binary; range [0, 0.4]; }"
    "  layer cells = pool(sum) grid 2x2;"
    "  layer hidden = dense(width) { signs mixed switching at tau tau_; leak leak_; sum scaled(gain_);"
    "    neuron alpha start learned xi 0.1; }"
    "  layer class = dense(10); }"
    "data d { idx train \"i\", \"l\"; hold out least of train as validation; }"
    "schedule { seed seed_;"
    "  phase see { compete maps; sample patches_ patches; xi 0.05 to 0.005; target pattern; conscience fair; alienate "
    "far; }"
    "  phase learn { correct hidden, class; error softmax(b) floor floor_; xi xi_; momentum calm;"
    "    eta eta_ on hidden, 0.05 on class, decay decay_, warm up warm steps; epochs rounds; batch size; shift moves;"
    "    cutout cuts; replicas many merge every often batches; prune to rest over rounds / 9; } }"
    "expect accuracy >= least on validation;";

/* What a program's key and module are with one constant changed. */
typedef struct made {
    char *key, *module;
} made;

static made make(const char *name, const char *value)
{
    made out = {0};
    size_t size;
    br_error error;
    bl_context *context = bl_context_new();
    if (name != NULL)
        assert_int_equal(bl_set(context, name, value), 0);
    assert_int_equal(bl_load_text(context, "key.btn", text, sizeof text - 1), 0);
    const bl_program *program = bl_check(context, NULL);
    if (program == NULL)
        bl_write_diagnostics(context, stderr, false);
    assert_non_null(program);
    FILE *to = open_memstream(&out.key, &size);
    assert_int_equal(bc_code_key(program, to, &error), 0);
    fclose(to);
    to = open_memstream(&out.module, &size);
    assert_int_equal(bc_dump_llvm(program, NULL, to, &error), 0);
    fclose(to);
    bl_context_free(context);
    return out;
}

static void release(made *m)
{
    free(m->key);
    free(m->module);
}

static void rates_are_data(void **state)
{
    static const char *const changes[][2] = {
        {"seed_", "7"}, {"eta_", "0.7"}, {"xi_", "0.5"},       {"decay_", "0.5"}, {"rounds", "9"}, {"size", "32"},
        {"moves", "0"}, {"cuts", "5"},   {"patches_", "2000"}, {"fair", "0.1"},   {"far", "0.3"},  {"least", "30%"},
        {"warm", "5"},  {"many", "1"},   {"often", "2"},       {"rest", "50%"},
    };
    (void)state;
    made first = make(NULL, NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        made other = make(changes[i][0], changes[i][1]);
        if (strcmp(first.key, other.key) != 0)
            fail_msg("%s: another key", changes[i][0]);
        if (strcmp(first.module, other.module) != 0)
            fail_msg("%s: the same key, but another module", changes[i][0]);
        release(&other);
    }
    release(&first);
}

/* Some of these change no instruction, but what the model says beside its kernels. */
static void the_rest_is_code(void **state)
{
    static const char *const changes[][2] = {{"width", "9"},   {"tau_", "0.1"},   {"b", "4"},   {"calm", "0"},
                                             {"leak_", "0.2"}, {"start", "0.1"},  {"s", "0.6"}, {"gain_", "3"},
                                             {"gap_", "0.2"},  {"floor_", "0.02"}};
    (void)state;
    made first = make(NULL, NULL);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        made other = make(changes[i][0], changes[i][1]);
        if (strcmp(first.key, other.key) == 0)
            fail_msg("%s: the same key", changes[i][0]);
        release(&other);
    }
    release(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rates_are_data), cmocka_unit_test(the_rest_is_code)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
