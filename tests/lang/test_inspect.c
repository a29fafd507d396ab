/* What tools ask of a text: corrections, overlays, names, expected words, numbers, defaults. */
#include "test_help.h"

#include <dirent.h>
#include <unistd.h>

#include "check/value.h"
#include "parse/word.h"

/* ---- the wrong programs of tests/golden ---- */

static char *read_text(const char *path, size_t *length)
{
    char *text = NULL;
    size_t room = 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    ssize_t got = getdelim(&text, &room, EOF, file);
    fclose(file);
    *length = got < 0 ? 0 : (size_t)got;
    return text;
}

static bool has_finding(const bl_findings *findings, const char *code, uint32_t offset)
{
    for (uint32_t i = 0; i < findings->count; i++)
        if (strcmp(findings->list[i].code, code) == 0 && findings->list[i].place.offset == offset)
            return true;
    return false;
}

/* The text with one correction made. */
static char *mended(const char *text, size_t length, const bl_finding *finding)
{
    size_t more = strlen(finding->replacement), begin = finding->replaced.offset;
    size_t end = begin + finding->replaced.length;
    assert_true(end <= length);
    char *out = malloc(length + more + 1);
    assert_non_null(out);
    memcpy(out, text, begin);
    memcpy(out + begin, finding->replacement, more);
    memcpy(out + begin + more, text + end, length - end);
    out[length - (end - begin) + more] = '\0';
    return out;
}

/* A correction makes its diagnostic go away. Returns how many were made; counts those that do nothing. */
static unsigned mend_all(const char *path, unsigned *useless)
{
    size_t length;
    unsigned made = 0;
    char *text = read_text(path, &length);
    bl_context *context = bl_context_new();
    bl_findings found, again;
    assert_int_equal(bl_load_text(context, path, text == NULL ? "" : text, length), 0);
    bl_check(context, NULL);
    assert_int_equal(bl_find(context, &found), 0);
    for (uint32_t i = 0; i < found.count; i++) {
        const bl_finding *finding = &found.list[i];
        if (finding->replacement == NULL || finding->place.file != 0)
            continue;
        char *better = mended(text, length, finding);
        bl_context *next = bl_context_new();
        assert_int_equal(bl_load_text(next, path, better, strlen(better)), 0);
        bl_check(next, NULL);
        assert_int_equal(bl_find(next, &again), 0);
        if (has_finding(&again, finding->code, finding->place.offset) && again.count >= found.count) {
            print_error("%s: %s at %u stays: `%s`\n", path, finding->code, finding->place.offset, finding->replacement);
            (*useless)++;
        }
        made++;
        bl_context_free(next);
        free(better);
    }
    bl_context_free(context);
    free(text);
    return made;
}

/* Calls `visit` for every .btn file in the folders of a folder. */
static void each_text(const char *folder, void (*visit)(const char *path, void *argument), void *argument)
{
    DIR *open = opendir(folder);
    if (open == NULL)
        fail_msg("%s: this suite runs in the project's folder", folder);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        size_t length = strlen(path);
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            each_text(path, visit, argument);
        else if (length > 4 && strcmp(path + length - 4, ".btn") == 0)
            visit(path, argument);
    }
    closedir(open);
}

typedef struct mending {
    unsigned made, useless;
} mending;

static void visit_wrong(const char *path, void *argument)
{
    mending *mending = argument;
    mending->made += mend_all(path, &mending->useless);
}

static void test_corrections(void **state)
{
    (void)state;
    mending mending = {0};
    each_text("tests/golden/bad", visit_wrong, &mending);
    print_message("%u corrections made\n", mending.made);
    assert_int_equal(mending.useless, 0);
    assert_true(mending.made >= 60);
}

/* Every alternative of a help that names one text has a correction. */
static void test_did_you_mean(void **state)
{
    static const char *const rows[] = {
#define MEND(id, way, text) #id,
#include "report/mend.def"
#undef MEND
    };
    (void)state;
    for (size_t i = 0; i < BL_CODES; i++) {
        const bl_diagnostic_kind *kind = &bl_diagnostic_kinds[i];
        bool outside = i == BL_NETWORK_UNKNOWN || i == BL_SET_UNKNOWN; /* not about a place of the text */
        bool found = outside || strstr(kind->mend, "did you mean") == NULL;
        for (size_t j = 0; j < sizeof rows / sizeof *rows; j++)
            found = found || strcmp(rows[j], kind->id) == 0;
        if (!found)
            fail_msg("%s: mend.def has no row for its \"did you mean\"", kind->id);
    }
}

/* ---- overlays ---- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static const char NETWORK[] = "network n { input image(4x4); layer hidden = dense(5); layer class = dense(2); }\n";

static void test_overlay(void **state)
{
    (void)state;
    char folder[] = "/tmp/bouton-inspect-XXXXXX", path[128], link[128], around[160];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/parts.btn", folder);
    snprintf(link, sizeof link, "%s/link.btn", folder);
    snprintf(around, sizeof around, "%s/./x/..//main.btn", folder);
    write_file(path, "this is not what is read");
    assert_int_equal(symlink(path, link), 0);
    bl_context *context = bl_context_new();
    /* The main file does not exist; the other one is included by a link to it. */
    assert_int_equal(bl_overlay(context, around, "include \"link.btn\";\n", 20), 0);
    assert_int_equal(bl_overlay(context, path, NETWORK, strlen(NETWORK)), 0);
    char main_path[128];
    snprintf(main_path, sizeof main_path, "%s/main.btn", folder);
    assert_int_equal(bl_load(context, main_path), 0);
    const bl_program *program = bl_check(context, NULL);
    assert_non_null(program);
    assert_int_equal(program->layer_count, 2);
    bl_includes includes;
    bl_read read;
    assert_int_equal(bl_list_includes(context, &includes), 0);
    assert_int_equal(includes.count, 1);
    assert_true(bl_read_at(context, includes.list[0].file, &read));
    assert_string_equal(read.text, NETWORK);
    assert_false(read.root);
    bl_context_free(context);

    context = bl_context_new(); /* an overlay that includes itself, though no such file exists */
    assert_int_equal(bl_overlay(context, main_path, "include \"main.btn\";\n", 20), 0);
    assert_int_equal(bl_load(context, main_path), 0);
    char codes[256];
    codes_of(context, codes, sizeof codes);
    assert_string_equal(codes, "E0210");
    bl_context_free(context);
    unlink(path);
    unlink(link);
    rmdir(folder);
}

static void test_regular(void **state)
{
    (void)state;
    bl_context *context = bl_context_new();
    bl_read_regular(context);
    const char text[] = "include \"/dev/zero\";";
    assert_int_equal(bl_load_text(context, "test.btn", text, strlen(text)), 0);
    char codes[256];
    codes_of(context, codes, sizeof codes);
    assert_string_equal(codes, "E0209");
    bl_context_free(context);
}

/* ---- names ---- */

static void expect_uses(const bl_names *names, bl_name_kind kind, const char *name, uint32_t uses)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->list[i].kind != kind || strcmp(names->list[i].text, name) != 0)
            continue;
        found++;
        if (names->list[i].use_count != uses)
            fail_msg("%s: %u uses instead of %u", name, names->list[i].use_count, uses);
    }
    if (found == 0)
        fail_msg("%s: no such name", name);
}

static void test_names(void **state)
{
    (void)state;
    bl_context *context = load("let k = 2; let black = 3; let none = 4; sweep k in 2, 3; sweep seed in 1..3;\n"
                               "neuron bump(x, k) = clamp(x * k - k, 0, 1);\n"
                               "neuron flat(v, t) = clamp(v * black + k, 0, 1);\n"
                               "network n { input image(8x8);\n"
                               "  layer sum = dense(k * 5) { fire bump; } layer a = dense(k) from sum, input;\n"
                               "  layer class = dense(10) from a, sum { fire flat; } }\n"
                               "data d { synthetic digits(train 100); background black; }\n"
                               "schedule { phase p { correct sum, class, a; eta 0.1 on sum, 0.2; centred none; } }\n");
    bl_names names;
    assert_int_equal(bl_list_names(context, NULL, &names), 0);
    expect_uses(&names, BL_NAME_CONSTANT, "k", 4); /* the parameter hides it in bump */
    expect_uses(&names, BL_NAME_CONSTANT, "black", 1);
    expect_uses(&names, BL_NAME_CONSTANT, "none", 0);
    expect_uses(&names, BL_NAME_PARAMETER, "k", 2);
    expect_uses(&names, BL_NAME_PARAMETER, "t", 0);
    expect_uses(&names, BL_NAME_NEURON, "bump", 1);
    expect_uses(&names, BL_NAME_LAYER, "sum", 4);
    expect_uses(&names, BL_NAME_LAYER, "a", 2);
    expect_uses(&names, BL_NAME_PHASE, "p", 0);
    expect_uses(&names, BL_NAME_NETWORK, "n", 0);
    for (uint32_t i = 0; i < names.count; i++) { /* each place is exactly the name */
        const bl_name *name = &names.list[i];
        bl_read read;
        assert_true(bl_read_at(context, name->place.file, &read));
        assert_int_equal(name->place.length, strlen(name->text));
        assert_memory_equal(read.text + name->place.offset, name->text, name->place.length);
        for (uint32_t j = 0; j < name->use_count; j++)
            assert_memory_equal(read.text + name->uses[j].offset, name->text, name->uses[j].length);
    }
    bl_context_free(context);
}

static void test_new_names(void **state)
{
    const char *reason;
    (void)state;
    assert_true(bl_name_fits(BL_NAME_LAYER, "sum", &reason));
    assert_false(bl_name_fits(BL_NAME_LAYER, "input", &reason));
    assert_non_null(reason);
    assert_false(bl_name_fits(BL_NAME_CONSTANT, "sum", &reason));
    assert_true(bl_name_fits(BL_NAME_CONSTANT, "header", &reason)); /* a free word */
    assert_true(bl_name_fits(BL_NAME_PARAMETER, "alpha", &reason));
    assert_false(bl_name_fits(BL_NAME_NEURON, "3d", &reason));
    assert_false(bl_name_fits(BL_NAME_NEURON, "", &reason));
}

/* ---- expected words ---- */

/* The text holds a | at the place. */
static bl_context *expect_in(const char *marked, bl_expected *out)
{
    char text[4096];
    size_t offset = strcspn(marked, "|");
    snprintf(text, sizeof text, "%.*s%s", (int)offset, marked, marked + offset + 1);
    bl_context *context = bl_context_new();
    assert_int_equal(bl_expect_at(context, text, strlen(text), offset, out), 0);
    return context;
}

static bool has_word(const bl_expected *expected, const char *word)
{
    for (uint32_t i = 0; i < expected->word_count; i++)
        if (strcmp(expected->words[i], word) == 0)
            return true;
    return false;
}

static void check_word(const char *marked, const char *word, bool wanted)
{
    bl_expected expected;
    bl_context *context = expect_in(marked, &expected);
    if (has_word(&expected, word) != wanted)
        fail_msg("%s: `%s` should %sbe expected", marked, word, wanted ? "" : "not ");
    bl_context_free(context);
}

static void check_name(const char *marked, bl_expected_name name)
{
    bl_expected expected;
    bl_context *context = expect_in(marked, &expected);
    if (expected.name != name)
        fail_msg("%s: the name expected is %d, not %d", marked, (int)expected.name, (int)name);
    bl_context_free(context);
}

static void check_string(const char *marked, bl_expected_string string, const char *typed)
{
    bl_expected expected;
    bl_context *context = expect_in(marked, &expected);
    if (expected.string != string)
        fail_msg("%s: the string expected is %d, not %d", marked, (int)expected.string, (int)string);
    assert_int_equal(expected.typed.length, strlen(typed));
    assert_int_equal(expected.quoted, true);
    bl_context_free(context);
}

static void test_expected_words(void **state)
{
    (void)state;
    check_word("|", "network", true);
    check_word("net|", "network", true);
    check_word("network n { |", "layer", true);
    check_word("network n { |", "network", false);
    check_word("network n { input image(4x4); layer a = de|", "dense", true);
    check_word("network n { input image(4x4); layer a = dense(3) |", "from", true);
    check_word("network n { input image(4x4); layer a = dense(3) { s|", "signs", true);
    check_word("network n { input image(4x4); layer a = dense(3) { fire |", "ramp", true);
    check_word("network n { layer = dense(3); layer b = dens(3); layer c = |", "conv", true); /* behind errors */
    check_word("schedule { phase p { correct a; |", "epochs", true);
    check_word("schedule { phase p { error |", "softmax", true);
    check_word("// net|", "network", false);
    check_word("/* net|", "network", false);
    check_word("/* a */ net|", "network", true);
    check_word("rule |", "printed", true);
}

static void test_expected_names(void **state)
{
    (void)state;
    check_name("network n { layer a = dense(3) from |", BL_EXPECT_LAYER);
    check_name("network n { layer a = dense(3) from b, sum, c|", BL_EXPECT_LAYER);
    check_name("schedule { phase p { correct a, |", BL_EXPECT_LAYER);
    check_name("schedule { phase p { eta 0.1 on |", BL_EXPECT_LAYER);
    check_name("schedule { phase p { compete |", BL_EXPECT_LAYER);
    check_name("network n { layer |", BL_EXPECT_NEW);
    check_name("let |", BL_EXPECT_NEW);
    check_name("let a = |", BL_EXPECT_CONSTANT);
    check_name("sweep |", BL_EXPECT_CONSTANT);
    check_name("network n { layer a = dense(|", BL_EXPECT_CONSTANT);
    check_name("network n { layer a = dense(3) { fire |", BL_EXPECT_NEURON);
    check_name("network |", BL_EXPECT_NEW);
    check_name("rule |", BL_EXPECT_NOTHING);
}

static void test_expected_strings(void **state)
{
    (void)state;
    check_string("include \"par|", BL_EXPECT_INCLUDE, "par");
    check_string("data d { idx train \"|", BL_EXPECT_FILE, "");
    check_string("data d { idx train \"a\", \"b/c|", BL_EXPECT_FILE, "b/c");
    check_string("data d { csv train \"a.csv\" label \"na|", BL_EXPECT_COLUMN, "na");
    check_string("data d { csv train \"a.csv\" without \"x\", \"|\" header;", BL_EXPECT_COLUMN, "");
    check_string("data d { npz train \"a.npz\" values \"|", BL_EXPECT_MEMBER, "");
    check_string("data d { images test \"|", BL_EXPECT_FOLDER, "");
    check_string("data d { classes \"cat\", \"|", BL_EXPECT_CLASS, "");
    bl_expected expected;
    bl_context *context = expect_in("data d { csv train \"tab le.csv\" label \"|", &expected);
    assert_string_equal(expected.first, "tab le.csv");
    bl_context_free(context);
}

/* ---- numbers, meanings, layers ---- */

static void test_numbers(void **state)
{
    (void)state;
    const char text[] = "let wide = 2 * 8;\nnetwork n { input image(4x4); layer class = dense(wide) { leak 25%; } }\n";
    bl_context *context = load(text);
    bl_number number;
    assert_non_null(bl_check(context, NULL));
    assert_true(bl_number_at(context, 0, (uint32_t)(strstr(text, "25%") - text) + 1, &number));
    assert_true(number.value == 0.25);
    assert_string_equal(number.facts.what, "leak");
    assert_string_equal(number.facts.symbol, "λ");
    assert_string_equal(number.facts.usual, "0");
    assert_string_equal(number.facts.range, "at least 0 and at most 1");
    assert_true(bl_number_at(context, 0, (uint32_t)(strstr(text, "(wide") - text) + 1, &number));
    assert_true(number.value == 16);
    assert_string_equal(number.facts.what, "the number of neurons");
    assert_true(bl_number_at(context, 0, 4, &number));
    assert_true(number.value == 16);
    assert_null(number.facts.what);
    assert_false(bl_number_at(context, 0, 0, &number));
    bl_context_free(context);
}

/* Every quantity has a meaning, and every term and call is a word or a function. */
static void test_meanings(void **state)
{
    static const char *const quantities[] = {
#define QUANTITY(id, what, kind, least, most, ends, fallback) #id,
#include "check/quantity.def"
#undef QUANTITY
    };
    static const char *const meanings[] = {
#define MEANING(id, symbol, text) #id,
#define TERM(word, text)
#define CALL(word, label, text)
#include "inspect/meaning.def"
#undef MEANING
#undef TERM
#undef CALL
    };
    static const char *const words[] = {
#define MEANING(id, symbol, text)
#define TERM(word, text)        word,
#define CALL(word, label, text) word,
#include "inspect/meaning.def"
    };
    (void)state;
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++) {
        bool found = false;
        for (size_t j = 0; j < sizeof meanings / sizeof *meanings; j++)
            found = found || strcmp(quantities[i], meanings[j]) == 0;
        if (!found)
            fail_msg("quantity %s has no row in lang/inspect/meaning.def", quantities[i]);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!bl_is_word(words[i]))
            fail_msg("%s in lang/inspect/meaning.def is no word", words[i]);
    const char *label, *text;
    assert_true(bl_signature("conv", 0, &label, &text));
    assert_string_equal(label, "conv(HxW, FILTERS)");
    assert_true(bl_signature("logistic", 0, &label, &text) && bl_signature("logistic", 1, &label, &text));
    assert_string_equal(label, "logistic(value)");
    assert_true(bl_signature("clamp", 0, &label, &text));
    assert_false(bl_signature("clamp", 1, &label, &text));
    assert_null(bl_word_meaning("nonsense"));
}

/* Layers are known in spite of errors elsewhere. */
static void test_layers(void **state)
{
    (void)state;
    bl_context *context = load("network n { input image(28x28); layer c = conv(5x5, 8); layer x = dense(nothing);\n"
                               "  layer class = dense(10) from c, x; }\n");
    assert_null(bl_check(context, NULL));
    bl_known_layers layers = bl_list_layers(context);
    assert_int_equal(layers.count, 3);
    assert_int_equal(layers.list[0].layer->out.height, 24);
    assert_int_equal(layers.list[0].layer->neurons, 8);
    assert_int_equal(layers.list[1].layer->neurons, 0);
    bl_context_free(context);
}

/* ---- what is left out ---- */

static char *dump_of(const bl_program *program)
{
    char *text;
    size_t length;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    bl_dump_model(program, to);
    fclose(to);
    return text;
}

/* The text of a file with everything that its layers and phases leave out. */
static char *completed(const bl_read *read, const bl_omissions *omissions)
{
    char *text;
    size_t length;
    uint32_t at = 0;
    FILE *to = open_memstream(&text, &length);
    assert_non_null(to);
    for (uint32_t i = 0; i < omissions->count; i++) {
        const bl_omission *o = &omissions->list[i];
        assert_true(o->place.file == 0 && o->place.offset >= at);
        fwrite(read->text + at, 1, o->place.offset - at, to);
        at = o->place.offset;
        bool opens = o->statement && read->text[at] == ';';
        bool first = i == 0 || !o[-1].statement || o[-1].place.offset != at;
        bool last = i + 1 == omissions->count || o[1].place.offset != at;
        fprintf(to, "%s%s%s", opens && first ? " { " : " ", o->text, opens && last ? " }" : "");
        at += opens && last; /* the block stands in place of the `;` */
    }
    fwrite(read->text + at, 1, read->length - at, to);
    fclose(to);
    return text;
}

static void check_completed(const char *path, void *argument)
{
    unsigned *count = argument;
    bl_context *context = bl_context_new(), *again = bl_context_new();
    assert_int_equal(bl_load(context, path), 0);
    const bl_program *program = bl_check(context, NULL);
    bl_includes includes;
    bl_omissions omissions;
    bl_read read;
    assert_int_equal(bl_list_includes(context, &includes), 0);
    if (program != NULL && includes.count == 0) {
        assert_int_equal(bl_list_omissions(context, program, &omissions), 0);
        assert_true(bl_read_at(context, 0, &read));
        char *text = completed(&read, &omissions), *wanted = dump_of(program);
        assert_int_equal(bl_load_text(again, path, text, strlen(text)), 0);
        const bl_program *same = bl_check(again, NULL);
        if (same == NULL) {
            print_error("%s\n%s\n", path, text);
            bl_write_diagnostics(again, stderr, false);
        }
        assert_non_null(same);
        char *got = dump_of(same);
        assert_string_equal(got, wanted);
        /* Nothing is left out twice. */
        assert_int_equal(bl_list_omissions(again, same, &omissions), 0);
        for (uint32_t i = 0; i < omissions.count; i++)
            print_error("%s: still left out: %s\n", path, omissions.list[i].text);
        assert_int_equal(omissions.count, 0);
        free(got);
        free(wanted);
        free(text);
        (*count)++;
    }
    bl_context_free(again);
    bl_context_free(context);
}

static void test_omissions(void **state)
{
    (void)state;
    unsigned count = 0;
    each_text("examples", check_completed, &count);
    each_text("tests", check_completed, &count);
    print_message("%u texts completed\n", count);
    assert_true(count >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corrections),
        cmocka_unit_test(test_did_you_mean),
        cmocka_unit_test(test_overlay),
        cmocka_unit_test(test_regular),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_new_names),
        cmocka_unit_test(test_expected_words),
        cmocka_unit_test(test_expected_names),
        cmocka_unit_test(test_expected_strings),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_meanings),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_omissions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
