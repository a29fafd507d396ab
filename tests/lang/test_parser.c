/* The parser reads the whole language, accepts words as names, and reports every error of a text in one run. */
#include "test_help.h"

#define NET(layers)  "network n { input vector(4); " layers " }"
#define PHASE(items) NET("layer a = dense(2);") " schedule { phase p { " items " } }"

static void recovery(void **state)
{
    (void)state;
    static const struct {
        const char *text, *codes;
    } CASES[] = {
        /* the parser resumes behind `;`, `}` and whole blocks */
        {NET("layer a = dnse(3); layer b = dense(2) { leek 0; alpha = constant(2); }"), "E0202 E0202 E0301"},
        {NET("layer a = dense(3) { leak 0 } layer b = dense(0);"), "E0206 E0301"},
        {NET("layer a = dense(3)\n layer b = dense(2);\n layer c = dense(0);"), "E0206 E0301"},
        {"netwrk n { input vector(4); layer a = dense(2) { leak 0; } } rule repared;", "E0202 E0202"},
        {"network n { input vector(4); layer a = dense(2); } } rule repaired;", "E0207"},
        {"network n { input vector(4); layer a = dense(2);", "E0204"},
        {"network n { input vector(4) layer a = dense(2); }", "E0201"},
        {NET("layer a = dense(2) { signs mixed(; leak 3; alpha in [0; }"), "E0201 E0301 E0201"},
        {NET("layer a = dense(2);") " data d { idx train \"a\" \"b\"; hold out 200% of train as validation; }",
         "E0201 E0301"},
        {PHASE("correct a; epoch 3; bath 4; xi 0;"), "E0202 E0202 E0301"},
        {PHASE("correct a; eta 0.3 on; batch 0;"), "E0201 E0301"},
        {"let seed = 3; " NET("layer a = dense(2);"), "E0203"},
        {"expect accuracy > 3% on test; " NET("layer a = dense(2);"), "E0101 E0201"},
        {"let K = (1 + ; let L = 2; " NET("layer a = dense(L);"), "E0201"},
        {NET("layer a = dense(28x28);"), "E0201"},
        /* text that an error skipped is not reported as missing */
        {NET("layer hidden = dense(; layer b = dense(2);") " schedule { phase p { correct hidden, b; } }", "E0201"},
        {"let K = ; " NET("layer a = dense(K);"), "E0201"},
        {PHASE("corect a;"), "E0202"},
        /* empty statements and trailing separators are fine */
        {";;" NET("; layer a = dense(2) { ; leak 0;; };") ";", ""},
        {PHASE("correct a, ; eta 0.3 on a, ;"), ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        expect_codes(CASES[i].text, CASES[i].codes);
}

/* Where the intended text is plain, or a broken statement is understood in part, the rest of the file is checked as if
 * the text were right. */
static void nothing_is_hidden(void **state)
{
    (void)state;
    static const struct {
        const char *text, *codes;
    } CASES[] = {
        /* a misspelt word, a missing `;`, `)`, `]` or name, a word as a name: the layers are known all the same */
        {NET("layer hidden = dnse(3); layer class = dense(2);") " schedule { phase p { correct hiden, class; } }",
         "E0202 E0406"},
        {NET("layer hidden = dense(3)\n layer class = dense(2);") " schedule { phase p { correct hiden, clas; } }",
         "E0206 E0406 E0406"},
        {NET("layer hidden = dense(3; layer class = dense(0);") " schedule { phase p { correct hiden, class; } }",
         "E0201 E0301 E0406"},
        {NET("layer a = dense(2) { alpha in [0, 2; leak 2; }"), "E0301 E0201 E0301"},
        {"let seed = 3; let K = 0; " NET("layer a = dense(K);"), "E0203 E0301"},
        {"network { input vector(0); layer a = dense(0); }", "E0201 E0301 E0301"},
        {"netwrk n { input vector(0); layer a = dense(0); }", "E0202 E0301 E0301"},
        {"network n m { input vector(0); layer a = dense(0); }", "E0201 E0301 E0301"},
        {NET("layer a = dense(2);") " shedule { seed 0.5; fase p { corect b; } }", "E0202 E0302 E0202 E0202 E0406"},
        /* a statement that stays broken still declares its name */
        {NET("layer hidden = 3; layer class = dense(2);") " schedule { phase p { correct hiden; } }", "E0201 E0406"},
        {NET("layer hidden: dense(3); layer class = dense(2);") " schedule { phase p { correct hidden, clas; } }",
         "E0101 E0201 E0406"},
        {"let K = ; let L = 0; " NET("layer a = dense(K); layer b = dense(L); layer c = dense(M);"),
         "E0201 E0301 E0304"},
        {"neuron f(x, alpha) = ; " NET("layer a = dense(2) { fire f; } layer b = dense(2) { fire g; }"), "E0201 E0415"},
        {NET("layer a = conv(3x3); layer b = dense(2) from c;") " schedule { phase p { correct d; } }",
         "E0201 E0406 E0406"},
        /* an unfinished statement takes neither the `}` of its block nor the statement on the next line with it */
        {NET("layer a = dense(0); layer b =") " schedule { phase p { correct c; } }", "E0301 E0201 E0406"},
        {NET("layer a = dense(2); layer b = dense(2) from") " schedule { phase p { correct c; } }", "E0201 E0406"},
        {NET("layer a = dense(2); layer") " schedule { phase p { epochs 0; } }", "E0201 E0602 E0301"},
        {NET("layer a = conv(3x3,") " schedule { phase p { correct c; } }", "E0201 E0406"},
        {NET("layer a = dense(2) { leak } layer b = dense(0);") " schedule { phase p { correct c; } }",
         "E0201 E0301 E0406"},
        {NET("layer a = dense(") " schedule { phase p { correct a, c; eta } phase q { epochs 0; } }",
         "E0201 E0406 E0201 E0602 E0301"},
        {NET("layer a =\n layer b = dense(0); layer c = dense(2);"), "E0201 E0301"},
        {NET("layer a = dense(2) { leak\n layer b = dense(0);") " schedule { phase p { correct c; } }",
         "E0213 E0201 E0301 E0406"},
        {NET("layer a = dense(2) from\n layer b = dense(0);") " schedule { phase p { correct c; } }",
         "E0201 E0301 E0406"},
        {"let K =\nlet L = 0; " NET("layer a = dense(L); layer b = dense(K);"), "E0201 E0301"},
        /* a block that is not closed */
        {NET("layer a = dense(2) { leak 2;\n layer b = dense(0);") "\nschedule { phase p { correct c; } }",
         "E0301 E0213 E0301 E0406"},
        {"network n { input vector(0);\nschedule { phase p { correct a;\n phase p { epochs 0; } }\nrule repared;",
         "E0404 E0301 E0213 E0406 E0213 E0308 E0602 E0301 E0202"},
        {"network n { input vector(0); layer a = dense(0);", "E0301 E0301 E0204"},
        {"network n { input vector(0); layer a = dense(0", "E0301 E0204"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        expect_codes(CASES[i].text, CASES[i].codes);
}

/* A corrected word that then does not fit leads to one error, not two. */
static void corrections_are_withdrawn(void **state)
{
    (void)state;
    expect_codes(NET("lay a = dense(2);") " ", "E0201");
    expect_codes(NET("layer a = dense(2) { lead in the water; leak 2; }"), "E0202 E0301");
    expect_codes("network n { input vector(4); layer a = dense(2);\n phase x; }", "E0201");
}

/* A word of the language may name a layer, a phase, a network and a data block. */
static void words_are_names(void **state)
{
    (void)state;
    expect_codes("network network { input vector(4); layer sum = dense(2); layer layer = dense(3) from sum; }"
                 "data train { csv train \"x\"; }"
                 "schedule { phase phase { correct sum, layer; eta 0.1 on sum, decay 0.5; } }",
                 "");
    expect_codes(NET("layer decay = dense(2);") "schedule { phase eta { correct decay; eta 0.3 on decay; } }", "");
}

/* The examples of language.md: each construct is read. */
static void the_grammar_is_whole(void **state)
{
    (void)state;
    expect_codes(
        "neuron foo(x, alpha) = min(max(0, (x - alpha) / (1 - alpha)), logistic(x));\n"
        "network f {\n"
        "input image(32x32, rgb) in [0, 0.5] { normalise local 7x7; whiten 2000 patches of 6x6; split on off; }\n"
        "layer edges = conv(7x7, 128) stride 1 {\n"
        "  signs  mixed(50%) switching at tau 0.5;\n"
        "  alpha  in [0, 0.5] = from patches;\n"
        "  neuron alpha 0.05; leak 0; sum scaled(4);\n"
        "  depress over filters within 8 gap 0.05;\n"
        "  depress over filters keep 6%;\n"
        "  depress over places 3x3 gap 0.02;\n"
        "  fire graded; range [0, 0.5];\n"
        "}\n"
        "layer pooled = pool(sum) grid 4x4 { calibrate 1; jitter 1; }\n"
        "layer small = pool(max) 2x2 stride 2;\n"
        "layer q = conv(3x3, 4) padding same stride 2x2 from edges { fire foo; }\n"
        "layer x = dense(10) from small, q;\n"
        "}\n"
        "data c { cifar10 train \"a\", \"b\"; images test \"x\"; }\n"
        "schedule { seed 1;\n"
        "  phase features { compete edges; sample 200_000 patches; xi 0.05 to 0.005; target pattern;\n"
        "    conscience 0.01; alienate 0; flips; }\n"
        "  phase readout { correct edges, x; epochs 13; batch 32; cutout 4;\n"
        "    anneal keep 100% to 6% over 30% on edges,; prune to 20%, 50% on x over 40%; weight classes by rarity; }\n"
        "}\n"
        "rule gradient;\n",
        "");
}

/* Each unfinished statement takes a round of parsing. */
static void many_unfinished_statements(void **state)
{
    (void)state;
    enum { TIMES = 40 };
    char text[TIMES * 16 + 100] = "", codes[TIMES * 6 + 1] = "";
    for (int i = 0; i < TIMES; i++) {
        sprintf(text + strlen(text), "let k%d =\n", i);
        sprintf(codes + strlen(codes), "%sE0201", i > 0 ? " " : "");
    }
    strcat(text, ";" NET("layer a = dense(2);"));
    expect_codes(text, codes);
}

static void depth_is_limited(void **state)
{
    (void)state;
    enum { LEVELS = 20000 };
    char *text = malloc(3 * LEVELS + 200);
    strcpy(text, NET("layer a = dense(2);") " let K = ");
    char *end = text + strlen(text);
    memset(end, '(', LEVELS);
    strcpy(end + LEVELS, "1;");
    expect_codes(text, "E0205");
    for (size_t i = 0; i < LEVELS; i++)
        memcpy(end + 2 * i, "1+", 2);
    strcpy(end + (size_t)2 * LEVELS, "1;");
    expect_codes(text, "E0205");
    memset(end, '{', LEVELS);
    end[LEVELS] = '\0';
    bl_context *context = load(text);
    assert_int_not_equal(bl_error_count(context), 0);
    bl_context_free(context);
    free(text);
}

static void diagnostics_are_capped(void **state)
{
    (void)state;
    enum { TIMES = 20000 };
    char *text = calloc(TIMES, 4);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(text + 4 * i, "= ;@", 4);
    text[4 * TIMES - 1] = '\0';
    bl_context *context = load(text);
    assert_int_equal(context->diagnostics.kept_count, BL_MAX_DIAGNOSTICS);
    assert_int_equal(bl_error_count(context), 2 * TIMES - 1);
    bl_context_free(context);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(recovery),
                                       cmocka_unit_test(nothing_is_hidden),
                                       cmocka_unit_test(corrections_are_withdrawn),
                                       cmocka_unit_test(words_are_names),
                                       cmocka_unit_test(the_grammar_is_whole),
                                       cmocka_unit_test(many_unfinished_statements),
                                       cmocka_unit_test(depth_is_limited),
                                       cmocka_unit_test(diagnostics_are_capped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
