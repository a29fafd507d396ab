/* The formatter keeps meaning and comments, and formatting a second time changes nothing. Tested on every example and
 * golden text that parses, and on hostile texts. Runs in the root of the project. */
#define _XOPEN_SOURCE 700
#include "test_help.h"

#include "fewer.h"

#include <ftw.h>

/* ---- texts ---- */

enum { MOST_TEXTS = 1000, MOST_PARTS = 4000, MOST_BYTES = 16 << 10 };

typedef struct sample {
    char *path, *text;
    size_t length;
} sample;

static sample texts[MOST_TEXTS];
static size_t text_count;

static int take_text(const char *path, const struct stat *facts, int type, struct FTW *where)
{
    (void)where;
    size_t length = strlen(path);
    if (type != FTW_F || length < 4 || strcmp(path + length - 4, ".btn") != 0 ||
        facts->st_size > MOST_BYTES) /* large files are made to be refused */
        return 0;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(text_count < MOST_TEXTS);
    sample *text = &texts[text_count++];
    *text = (sample){strdup(path), calloc((size_t)facts->st_size + 1, 1), (size_t)facts->st_size};
    assert_int_equal(fread(text->text, 1, text->length, file), text->length);
    fclose(file);
    return 0;
}

static int gather(void **state)
{
    (void)state;
    nftw("examples", take_text, 16, FTW_PHYS);
    nftw("tests", take_text, 16, FTW_PHYS);
    texts[text_count++] = (sample){strdup("whole.btn"), strdup(WHOLE_TEXT), strlen(WHOLE_TEXT)};
    texts[text_count++] = (sample){strdup("maps.btn"), strdup(WHOLE_MAPS), strlen(WHOLE_MAPS)};
    texts[text_count++] = (sample){strdup("tables.btn"), strdup(WHOLE_TABLES), strlen(WHOLE_TABLES)};
    texts[text_count++] = (sample){strdup("pictures.btn"), strdup(WHOLE_PICTURES), strlen(WHOLE_PICTURES)};
    assert_true(text_count > 25);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < text_count; i++) {
        free(texts[i].path);
        free(texts[i].text);
    }
    return 0;
}

/* The formatted text, to be freed by the caller; NULL if it does not parse. */
static char *laid_out(const char *path, const char *text, size_t length)
{
    bl_context *context = bl_context_new();
    bl_layout layout;
    assert_int_equal(bl_lay_out_text(context, path, text, length, &layout), 0);
    if (layout.fault)
        print_error("%s cannot be laid out:\n%.*s\n", path, (int)length, text);
    assert_false(layout.fault);
    assert_int_equal(layout.text == NULL, bl_error_count(context) > 0);
    char *copy = layout.text == NULL ? NULL : strdup(layout.text);
    if (copy != NULL) {
        assert_int_equal(strlen(copy), layout.length);
        assert_int_equal(layout.changed, length != layout.length || memcmp(text, copy, length) != 0);
    }
    bl_context_free(context);
    return copy;
}

/* Everything that the checker makes of a text: its tree with all includes, each network with all its defaults, and the
 * diagnostics without their places. */
static char *meaning(const char *path, const char *text)
{
    char *out;
    bl_context *context = bl_context_new();
    assert_int_equal(bl_load_text(context, path, text, strlen(text)), 0);
    const bl_program *program = bl_check(context, NULL);
    size_t length;
    FILE *to = open_memstream(&out, &length);
    bl_dump_ast(context, to);
    if (program != NULL)
        bl_dump_model(program, to);
    for (uint32_t i = 0; i < context->diagnostics.kept_count; i++)
        fprintf(to, "%d %s\n", context->diagnostics.kept[i].code, context->diagnostics.kept[i].message);
    fclose(to);
    bl_context_free(context);
    return out;
}

/* ---- a scanner that is independent of the one tested ---- */

typedef struct part { /* a token or a comment, and the line breaks before it */
    const char *text;
    size_t length;
    bool comment;
    unsigned breaks;
} part;

static size_t part_length(const char *at)
{
    const char *start = at;
    if (strncmp(at, "//", 2) == 0)
        return strcspn(at, "\n");
    if (strncmp(at, "/*", 2) == 0)
        return (size_t)(strstr(at + 2, "*/") - at) + 2;
    if (*at == '"') {
        for (at++; *at != '"'; at++)
            at += *at == '\\';
        return (size_t)(at - start) + 1;
    }
    if (strncmp(at, ">=", 2) == 0)
        return 2;
    size_t word = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.%");
    if (word > 1 && (at[word - 1] == 'e' || at[word - 1] == 'E') && at[0] >= '0' && at[0] <= '9' && at[word] == '-')
        word += 1 + strspn(at + word + 1, "0123456789%");
    return word > 0 ? word : 1;
}

static size_t split(const char *text, part *parts)
{
    size_t count = 0;
    unsigned breaks = 0;
    for (const char *at = text; *at != '\0';) {
        if (strchr(" \t\r\n", *at) != NULL) {
            breaks += *at++ == '\n';
            continue;
        }
        assert_true(count < MOST_PARTS);
        size_t length = part_length(at);
        bool comment = at[0] == '/' && (at[1] == '/' || at[1] == '*');
        parts[count++] = (part){at, length, comment, breaks};
        breaks = 0;
        at += length;
    }
    return count;
}

/* The comments of a text in order, without spaces. */
static char *comments_of(const char *text)
{
    static part parts[MOST_PARTS];
    size_t count = split(text, parts), length = 0;
    char *out = calloc(strlen(text) + MOST_PARTS, 1);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; parts[i].comment && j < parts[i].length; j++)
            if (strchr(" \t\r", parts[i].text[j]) == NULL)
                out[length++] = parts[i].text[j];
        if (parts[i].comment)
            out[length++] = '\n';
    }
    return out;
}

/* ---- the properties of formatted text ---- */

static void same(const char *what, const char *path, char *a, char *b)
{
    if (strcmp(a, b) != 0)
        print_error("%s: %s\n---\n%s\n---\n%s\n", path, what, a, b);
    assert_string_equal(a, b);
    free(a);
    free(b);
}

/* Formats a text and asserts all properties of the result, which the caller frees. NULL if the text does not parse. */
static char *proven(const char *path, const char *text, size_t length)
{
    char *once = laid_out(path, text, length);
    if (once == NULL)
        return NULL;
    same("laid out twice", path, strdup(once), laid_out(path, once, strlen(once)));
    same("meaning", path, meaning(path, text), meaning(path, once));
    same("comments", path, comments_of(text), comments_of(once));
    for (const char *at = once; *at != '\0'; at++)
        assert_true(*at != '\n' || at == once || strchr(" \t\r", at[-1]) == NULL);
    return once;
}

static void every_text(void **state)
{
    (void)state;
    size_t count = 0;
    for (size_t i = 0; i < text_count; i++) {
        if (strlen(texts[i].text) != texts[i].length)
            continue; /* it contains NUL bytes */
        char *out = proven(texts[i].path, texts[i].text, texts[i].length);
        count += out != NULL;
        free(out);
    }
    assert_true(count > 25);
}

static void examples_are_canonical(void **state)
{
    (void)state;
    for (size_t i = 0; i < text_count; i++) {
        if (strncmp(texts[i].path, "examples/", 9) != 0)
            continue;
        char *out = laid_out(texts[i].path, texts[i].text, texts[i].length);
        assert_non_null(out);
        assert_string_equal(texts[i].text, out);
        free(out);
    }
}

/* ---- spaces and comments anywhere ---- */

static uint32_t random_state = 12345;

static uint32_t below(uint32_t limit)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static bool starts_statement(const part *parts, size_t index)
{
    char before = index == 0 ? ';' : parts[index - 1].text[0];
    return strchr(";{}", before) != NULL || parts[index].text[0] == '}';
}

static bool wordlike(char letter)
{
    return strchr("(){}[],;=+-*\"", letter) == NULL;
}

/* The text with other spaces. Line breaks between statements stay; new ones are added inside statements only. */
static char *reflowed(const char *text)
{
    static const char *const INSIDE[] = {" ", "\n", "\t ", "\r\n   ", "\n\n", "    ", ""};
    static const char *const SPACES[] = {" ", "\t", "   ", "\f", ""};
    static part parts[MOST_PARTS];
    size_t count = split(text, parts), length;
    char *out;
    FILE *to = open_memstream(&out, &length);
    for (size_t i = 0; i < count; i++) {
        bool beside = parts[i].comment || (i > 0 && parts[i - 1].comment);
        const char *space = SPACES[below(beside ? 1 : 5)];
        if (!beside && i > 0 && !starts_statement(parts, i))
            space = INSIDE[below(7)];
        if (i > 0 && *space == '\0' && wordlike(parts[i].text[0]) && wordlike(parts[i - 1].text[0]))
            space = " ";
        if (beside || starts_statement(parts, i))
            for (unsigned j = 0; j < parts[i].breaks; j++)
                fputs(below(2) == 0 ? "\n" : "\r\n", to);
        /* the column of a comment decides whether it continues the one above it */
        bool column = i > 0 && parts[i].comment && parts[i - 1].comment;
        fprintf(to, "%s%.*s", column ? " " : space, (int)parts[i].length, parts[i].text);
    }
    fclose(to);
    return out;
}

/* Layout depends on tokens, comments and the line breaks between statements, not on spaces. */
static void spaces_do_not_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < text_count; i++) {
        char *out =
            strlen(texts[i].text) == texts[i].length ? laid_out(texts[i].path, texts[i].text, texts[i].length) : NULL;
        for (int j = 0; j < 5 && out != NULL; j++) {
            char *other = reflowed(out);
            same("other spaces", texts[i].path, strdup(out), proven(texts[i].path, other, strlen(other)));
            free(other);
        }
        free(out);
    }
}

/* The text with a comment before one or several of its parts. */
static char *commented(const char *text, size_t where, unsigned among)
{
    static const char *const COMMENTS[] = {
        "/* c */",         " // c\n",     "\n// own\n", "\n  /* two\n     lines */\n", " /* two\n lines */",
        " /* a */ // b\n", "\n\n/* c */ "};
    static part parts[MOST_PARTS];
    size_t count = split(text, parts), length;
    char *out;
    FILE *to = open_memstream(&out, &length);
    for (size_t i = 0; i <= count; i++) {
        unsigned breaks = i < count ? parts[i].breaks : 1; /* the last part may be a `//` comment */
        for (unsigned j = 0; j < breaks; j++)
            fputs("\n", to);
        if (among > 0 ? below(among) == 0 : i == where)
            fprintf(to, "%s%s", i > 0 && *parts[i - 1].text == '/' ? " " : "", COMMENTS[below(7)]); /* `/` is a token */
        bool tight = i == count || i == 0 || parts[i].breaks > 0;
        if (i < count)
            fprintf(to, "%s%.*s", tight ? "" : " ", (int)parts[i].length, parts[i].text);
    }
    fclose(to);
    return out;
}

static void comments_stand_anywhere(void **state)
{
    (void)state;
    static part parts[MOST_PARTS];
    size_t tried = 0;
    for (size_t i = text_count - 4; i < text_count; i++) /* the texts that use the whole language */
        for (size_t j = 0, count = split(texts[i].text, parts); j <= count; j++, tried++) {
            char *text = commented(texts[i].text, j, 0);
            char *out = proven(texts[i].path, text, strlen(text));
            assert_non_null(out);
            free(out);
            free(text);
        }
    assert_true(tried > 900);
}

static void comments_stand_everywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < text_count; i++) {
        char *plain =
            strlen(texts[i].text) == texts[i].length ? laid_out(texts[i].path, texts[i].text, texts[i].length) : NULL;
        for (unsigned among = 1; among < 10 && plain != NULL; among += 8) {
            char *text = commented(plain, 0, among);
            char *out = proven(texts[i].path, text, strlen(text));
            if (out == NULL)
                print_error("%s, commented:\n%s\n", texts[i].path, text);
            assert_non_null(out);
            free(out);
            free(text);
        }
        free(plain);
    }
}

/* ---- examples of layout ---- */

static void becomes(const char *text, const char *wanted)
{
    char *out = proven("text.btn", text, strlen(text));
    assert_non_null(out);
    if (strcmp(out, wanted) != 0)
        print_error("---\n%s---\n", out);
    assert_string_equal(out, wanted);
    free(out);
}

static void layout(void **state)
{
    (void)state;
    becomes("", "");
    becomes("\xEF\xBB\xBF\r\n\n// only\r\n\n\n  /* comments */  ", "// only\n\n/* comments */\n");
    becomes("let a=1;;let  bcd = ( 2+-a )*3 ;\n\n\n\nrule\nprinted ; ;",
            "let a = 1;  let bcd = (2 + -a) * 3;\n\nrule printed;\n");
    becomes("let a=1;\nlet bcd=2;  // two\nlet ef=3; // three\n          // more\n",
            "let a   = 1;\nlet bcd = 2;  // two\nlet ef  = 3;  // three\n              // more\n");
    becomes("network n{input vector(4);layer a=dense(2){}}",
            "network n { input vector(4);  layer a = dense(2) { } }\n");
    becomes("network n {input vector(4); layer a = dense(2);\n}",
            "network n {\n  input vector(4);  layer a = dense(2);\n}\n");
    becomes("network n { // head\ninput vector(4);\nlayer a = dense(2) { leak 0; /* why */ }\n// tail\n}",
            "network n {  // head\n  input vector(4);\n  layer a = dense(2) { leak 0;  /* why */ }\n  // tail\n}\n");
    becomes("data d {\nidx train \"a\",\"bb\";\nidx test \"ccc\", \"d\" ;\n}",
            "data d {\n  idx train \"a\",   \"bb\";\n  idx test  \"ccc\", \"d\";\n}\n");
    becomes("schedule { phase p { correct a, // first\n b,\n // own\n c,; } }",
            "schedule {\n  phase p {\n    correct a,  // first\n        b,\n        // own\n        c;\n  }\n}\n");
    becomes("network n {\n/* two\n   lines */ input vector(4);\n}",
            "network n {\n  /* two\n     lines */\n  input vector(4);\n}\n");
}

/* Text that does not fit its line: blocks open, and statements begin lines or are broken behind commas. */
static void width(void **state)
{
    (void)state;
    becomes("data d { csv train \"a-file-with-a-long-name-0001\"; csv test \"a-file-with-a-long-name-0002\"; hold out "
            "10% of "
            "train as validation; }",
            "data d {\n  csv train \"a-file-with-a-long-name-0001\";\n  csv test  \"a-file-with-a-long-name-0002\";\n"
            "  hold out 10% of train as validation;\n}\n");
    becomes("let a_rather_long_name_of_a_constant = 1; let another_rather_long_name_of_a_constant = 2; "
            "let a_third_rather_long_name = 3;",
            "let a_rather_long_name_of_a_constant = 1;  let another_rather_long_name_of_a_constant = 2;\n"
            "let a_third_rather_long_name         = 3;\n");
    becomes("let all = 1000000000000 + 2000000000000 + 3000000000000 + 4000000000000 + 5000000000000 + 6000000000000 + "
            "7000000000000 + 8000000000000;",
            "let all = 1000000000000 + 2000000000000 + 3000000000000 + 4000000000000 + 5000000000000 + 6000000000000 "
            "+ 7000000000000\n    + 8000000000000;\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),
        cmocka_unit_test(width),
        cmocka_unit_test(every_text),
        cmocka_unit_test(examples_are_canonical),
        cmocka_unit_test(spaces_do_not_matter),
        cmocka_unit_test(comments_stand_anywhere),
        cmocka_unit_test(comments_stand_everywhere),
    };
    return cmocka_run_group_tests(tests, gather, drop);
}
