/* No input and no failed allocation makes the library crash, leak or hang. */
#include <time.h>

#include "test_help.h"

enum { MUTATIONS = 2000 };

static const char *const SEEDS[] = {
    WHOLE_TEXT,
    WHOLE_MAPS,
    WHOLE_TABLES,
    WHOLE_PICTURES,
    "// One hidden layer\nnetwork digits {\n  input image(28x28) in [0, 0.5];\n  layer hidden = dense(500);\n"
    "  layer class = dense(10);\n}\ndata mnist {\n  idx train \"train\", \"labels\";\n  hold out 10% of train as "
    "validation;\n}\nschedule {\n  phase learn {\n    correct hidden, class;\n    eta 0.3 on hidden, 0.05 on class, "
    "decay 0.88;\n    epochs 25; batch 8; shift 1;\n    keep best on validation;\n  }\n}\n",
    "network f { input image(32x32, rgb) { whiten 2000 patches of 6x6; split on off; } layer e = conv(7x7, 8) stride 1 "
    "{"
    "depress over filters within 8 gap 0.05; fire foo; } layer p = pool(sum) grid 4x4 { calibrate 1; } } neuron foo(x) "
    "="
    "max(0, x - (1)); schedule { phase f { compete e; sample 2 patches; xi 0.05 to 0.005; } } /* end */ rule printed;",
};

static const char *const PIECES[] = {"{",        "}",     ";",     "(",      ")",         "\"",     "/*",
                                     "*/",       "//",    "28x28", "5%",     "-",         "layer",  "network n {",
                                     "let K = ", "1e999", "\xff",  "[0, 1]", "from a, b", "expect", "\n"};

/* A small generator of random numbers, so that the mutations are the same on every machine. */
static uint32_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Makes one to four edits: a byte changed, a range dropped or repeated, a piece inserted, the end cut off. */
static size_t mutate(uint64_t *state, char *text, size_t length, size_t room)
{
    for (uint32_t edits = 1 + next(state) % 4; edits > 0; edits--) {
        size_t at = length == 0 ? 0 : next(state) % length, run = next(state) % 20;
        if (run > length - at)
            run = length - at;
        const char *piece = PIECES[next(state) % (sizeof PIECES / sizeof *PIECES)];
        size_t piece_length = strlen(piece);
        switch (next(state) % 5) {
        case 0:
            if (length > 0)
                text[at] = (char)next(state);
            break;
        case 1:
            memmove(text + at, text + at + run, length - at - run);
            length -= run;
            break;
        case 2:
            if (length + run > room)
                break;
            memmove(text + at + run, text + at, length - at);
            length += run;
            break;
        case 3:
            if (length + piece_length > room)
                break;
            memmove(text + at + piece_length, text + at, length - at);
            memcpy(text + at, piece, piece_length);
            length += piece_length;
            break;
        default:
            if (next(state) % 8 == 0)
                length = at;
        }
    }
    return length;
}

/* An accepted text means the same after each of its dumps; a refused text has an error. */
static void digest(const char *text, size_t length)
{
    char *told = NULL, *model = NULL;
    bl_context *context = bl_context_new();
    assert_int_equal(bl_load_text(context, "mutant", text, length), 0);
    const bl_program *program = bl_check(context, NULL);
    assert_int_equal(program == NULL, bl_error_count(context) > 0);
    WRITTEN(told, bl_dump_tokens(context, to); bl_dump_ast(context, to));
    free(told);
    WRITTEN(told, bl_write_diagnostics(context, to, true));
    assert_int_equal(strlen(told) > 0, context->diagnostics.kept_count > 0);
    if (program != NULL) {
        WRITTEN(model, bl_dump_model(program, to));
        bl_context *again = load(model), *source = load(bl_source_text(context));
        const bl_program *from_model = bl_check(again, NULL), *from_source = bl_check(source, NULL);
        assert_true(from_model != NULL && from_source != NULL);
        same_program(program, from_model);
        same_program(program, from_source);
        bl_context_free(again);
        bl_context_free(source);
    }
    free(told);
    free(model);
    bl_context_free(context);
}

static void mutations(void **state)
{
    (void)state;
    const char *asked = getenv("BOUTON_TEST_SEED");
    uint64_t seed = asked != NULL ? strtoull(asked, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu (again: BOUTON_TEST_SEED)\n", (unsigned long long)seed);
    for (int i = 0; i < MUTATIONS; i++) {
        char text[4096];
        const char *from = SEEDS[(size_t)i % (sizeof SEEDS / sizeof *SEEDS)];
        size_t length = strlen(from);
        memcpy(text, from, length);
        digest(text, mutate(&seed, text, length, sizeof text));
    }
}

/* Every allocation of a run fails once. Each time the public functions return, and nothing leaks. */
static void lack_of_memory(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {WHOLE_TEXT,
                                        "network n { input vector(2); layer a = dnse(2); } let K = 1; let K = 2;"};
    for (size_t which = 0; which < 2; which++) {
        bool enough = false;
        for (uint64_t granted = 0; !enough; granted += 1 + granted / 50) {
            bl_context *context = bl_context_new();
            char *told = NULL;
            context->arena.left = granted;
            int set = bl_set(context, "H", "30");
            int loaded = bl_load_text(context, "t", TEXTS[which], strlen(TEXTS[which]));
            const bl_program *program = bl_check(context, NULL);
            const char *text = bl_source_text(context);
            WRITTEN(told, bl_write_diagnostics(context, to, false); bl_write_diagnostics_json(context, to));
            bl_names names;
            bl_tokens tokens;
            bl_omissions omissions = {0};
            int listed = bl_list_names(context, NULL, &names) | bl_list_tokens(context, 0, &tokens);
            if (program != NULL)
                listed |= bl_list_omissions(context, program, &omissions);
            enough = context->arena.left > 0;
            if (enough)
                assert_true(set == 0 && loaded == 0 && listed == 0 && text != NULL &&
                            (program != NULL) == (which == 0));
            else
                assert_true(set == 0 || set == -1);
            free(told);
            bl_context_free(context);
        }
    }
}

static void nothing_at_all(void **state)
{
    (void)state;
    bl_context_free(NULL);
    bl_context *context = bl_context_new();
    assert_null(bl_check(context, NULL));
    assert_string_equal(bl_source_text(context), "");
    bl_context_free(context);
    digest("", 0);
    static const char ZEROS[64] = {0};
    digest(ZEROS, sizeof ZEROS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(mutations), cmocka_unit_test(lack_of_memory),
                                       cmocka_unit_test(nothing_at_all)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
