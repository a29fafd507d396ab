/* Dumps of stages parse again, to the same program. */
#include "test_help.h"

typedef void dump_function(bl_context *context, const bl_program *program, FILE *to);

static void dump_tokens(bl_context *context, const bl_program *program, FILE *to)
{
    (void)program;
    bl_dump_tokens(context, to);
}

static void dump_ast(bl_context *context, const bl_program *program, FILE *to)
{
    (void)program;
    bl_dump_ast(context, to);
}

static void dump_model(bl_context *context, const bl_program *program, FILE *to)
{
    (void)context;
    bl_dump_model(program, to);
}

static const char *const TEXTS[] = {
    WHOLE_TEXT,
    WHOLE_MAPS,
    WHOLE_TABLES,
    WHOLE_PICTURES,
    "network n { input series(5); layer a = conv(5, 4) { depress over filters; } } data d { csv train "
    "\"a\" label none; values in [-1, 1]; } schedule { phase p { compete a; } }",
    "network n { input vector(4); layer a = dense(2); }",
    "rule printed; network n { input image(28x28, grey) in [0, 0.5]; layer a = dense(12) { signs excitatory; sum "
    "shared; }"
    "layer b = dense(10); } data d { synthetic digits(train 10, test 20); } schedule { phase p { correct b; batch 4;"
    "error hinge; epochs 7; } }",
    "network n { input image(8x8, 5) in [0, 0.1]; layer a = dense(3) { alpha in [0.1, 1/3] = distinct(0.1, 0.2);"
    "signs fixed; } } data d { csv train \"\\\"\\n\\t\\\\\" label first; }",
    "let a = 3; let b = -(a + 1) * 2 / -4; network n { input vector(b); layer l = dense(a * b); layer m = dense(2) "
    "from l; }",
};

static void round_trips(void **state)
{
    (void)state;
    dump_function *const DUMPS[] = {dump_tokens, dump_ast, dump_model};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        for (size_t j = 0; j < sizeof DUMPS / sizeof *DUMPS; j++) {
            char *first = NULL, *second = NULL;
            bl_context *context = load(TEXTS[i]);
            const bl_program *program = bl_check(context, NULL);
            assert_non_null(program);
            WRITTEN(first, DUMPS[j](context, program, to));
            bl_context *again = load(first);
            const bl_program *same = bl_check(again, NULL);
            if (same == NULL)
                bl_write_diagnostics(again, stderr, false);
            assert_non_null(same);
            same_program(program, same);
            if (DUMPS[j] != dump_tokens) { /* canonical text is dumped unchanged */
                assert_int_equal(again->diagnostics.kept_count,
                                 DUMPS[j] == dump_model ? 0 : context->diagnostics.kept_count);
                WRITTEN(second, DUMPS[j](again, same, to));
                assert_string_equal(first, second);
            }
            free(first);
            free(second);
            bl_context_free(context);
            bl_context_free(again);
        }
}

static void canonical_layout(void **state)
{
    (void)state;
    bl_context *context =
        load("let  K=2*( 3+4 ) ; /* c */ network n{input vector(5%*K)in[0,.5];layer a=dense(K){leak 0;;}}");
    assert_string_equal(bl_source_text(context), "let K = 2 * (3 + 4);\n"
                                                 "\n"
                                                 "network n {\n"
                                                 "  input vector(5% * K) in [0, .5];\n"
                                                 "  layer a = dense(K) {\n"
                                                 "    leak 0;\n"
                                                 "  }\n"
                                                 "}\n");
    bl_context_free(context);
}

/* Every construct has a canonical text. */
static void every_construct_prints(void **state)
{
    (void)state;
    static const char TEXT[] = "neuron foo(x, alpha) = max(0, -(x - alpha) / logistic(1 - alpha));\n"
                               "\n"
                               "network f {\n"
                               "  input image(32x32, rgb) in [0, 0.5] {\n"
                               "    opponent;\n"
                               "    normalise local 7x7;\n"
                               "    whiten 2000 patches of 6x6 epsilon 0.1;\n"
                               "    split on off;\n"
                               "  }\n"
                               "  layer edges = conv(7x7, 128) stride 1 padding same {\n"
                               "    signs excitatory switching;\n"
                               "    alpha in [0, 0.5] = from patches frozen;\n"
                               "    depress over filters within 8 gap 0.05;\n"
                               "    depress over places 3x3 keep 6%;\n"
                               "    fire logistic(3);\n"
                               "  }\n"
                               "  layer pooled = pool(sum) grid 4x4 {\n"
                               "    calibrate 1;\n"
                               "    jitter 1;\n"
                               "  }\n"
                               "  layer small = pool(max) 2x2 from edges, pooled;\n"
                               "}\n"
                               "\n"
                               "data c {\n"
                               "  cifar10 train \"a\", \"b\";\n"
                               "  cifar100 test \"c\";\n"
                               "  images test \"x\";\n"
                               "}\n"
                               "\n"
                               "schedule {\n"
                               "  phase features {\n"
                               "    compete edges;\n"
                               "    sample 200_000 patches;\n"
                               "    xi 0.05 to 0.005;\n"
                               "    target pattern;\n"
                               "    conscience 0.01;\n"
                               "    alienate 0;\n"
                               "    flips;\n"
                               "  }\n"
                               "  phase readout {\n"
                               "    correct edges;\n"
                               "    shift 8;\n"
                               "    cutout 12;\n"
                               "    anneal keep 100% to 6% over 30% on edges, 1 to 1 / 4 over 1 / 2;\n"
                               "    prune to 20% on edges, 1 / 2 over 1 / 4;\n"
                               "    weight classes by rarity;\n"
                               "  }\n"
                               "}\n"
                               "\n"
                               "rule gradient;\n";
    bl_context *context = load(TEXT);
    assert_int_equal(bl_error_count(context), 0);
    assert_string_equal(bl_source_text(context), TEXT);
    bl_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(round_trips), cmocka_unit_test(canonical_layout),
                                       cmocka_unit_test(every_construct_prints)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
