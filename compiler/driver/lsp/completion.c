/* Completion: what the grammar accepts at the cursor, and the names that may stand there. */
#include <stdlib.h>
#include <string.h>

#include "lsp/analysis.h"
#include "lsp/handlers.h"
#include "lsp/paths.h"

/* CompletionItemKind of the protocol. */
enum { FUNCTION = 3, VARIABLE = 6, CLASS = 7, KEYWORD = 14, CONSTANT = 21 };

typedef struct completing {
    lsp_state *s;
    lsp_place place;
    lsp_analysis *written; /* of the text as it is; that of `place` may lack the statement at hand */
    const bl_expected *expected;
    json_t *range; /* the text that an item replaces */
    json_t *list;
} completing;

/* `detail` and `documentation` may be NULL. */
static void add(completing *c, const char *label, int kind, const char *detail, const char *documentation)
{
    json_t *item = json_pack("{s:o, s:i, s:{s:O, s:o}}", "label", lsp_text(label), "kind", kind, "textEdit", "range",
                             c->range, "newText", lsp_text(label));
    if (detail != NULL)
        json_object_set_new(item, "detail", json_string(detail));
    if (documentation != NULL)
        json_object_set_new(item, "documentation", json_string(documentation));
    json_array_append_new(c->list, item);
}

static void add_words(completing *c)
{
    for (uint32_t i = 0; i < c->expected->word_count; i++)
        add(c, c->expected->words[i], KEYWORD, NULL, bl_word_meaning(c->expected->words[i]));
}

/* ---- names ---- */

static bool encloses(bl_place outer, uint32_t file, uint32_t offset)
{
    return outer.file == file && outer.offset <= offset && offset <= outer.offset + outer.length;
}

/* The network whose layers can be named here: the one around the cursor, or else the last one. */
static uint32_t network_at(const completing *c, const bl_names *names)
{
    uint32_t last = BL_NO_SCOPE;
    for (uint32_t i = 0; i < names->count; i++) {
        if (names->list[i].kind != BL_NAME_NETWORK)
            continue;
        if (encloses(names->list[i].whole, c->place.file, c->place.offset))
            return i;
        last = i;
    }
    return last;
}

/* A source must stand above: layers further down are left out. */
static void add_layers(completing *c, const bl_names *names)
{
    uint32_t network = network_at(c, names);
    if (c->expected->from)
        add(c, "input", KEYWORD, NULL, "The input of the network.");
    for (uint32_t i = 0; i < names->count; i++) {
        const bl_name *name = &names->list[i];
        bool above = name->place.file != c->place.file || name->whole.offset + name->whole.length <= c->place.offset;
        if (name->kind == BL_NAME_LAYER && name->scope == network && (above || !c->expected->from))
            add(c, name->text, CLASS, "layer", NULL);
    }
}

static void add_kind(completing *c, const bl_names *names, bl_name_kind kind, int item, const char *detail)
{
    for (uint32_t i = 0; i < names->count; i++)
        if (names->list[i].kind == kind)
            add(c, names->list[i].text, item, detail, NULL);
}

static void add_constants(completing *c, const bl_names *names)
{
    for (uint32_t i = 0; i < names->count; i++) {
        const bl_name *name = &names->list[i];
        bl_number number;
        char value[64];
        if (name->kind != BL_NAME_CONSTANT || encloses(name->whole, c->place.file, c->place.offset))
            continue;
        bool known = bl_number_at(c->place.analysis->context, name->place.file, name->place.offset, &number);
        snprintf(value, sizeof value, "= %.10g", known ? number.value : 0);
        add(c, name->text, CONSTANT, known ? value : "constant", NULL);
    }
}

/* What a formula can call: the operations with a usage. */
static void add_functions(completing *c)
{
    static const char *const functions[][2] = {
#define OPERATION(id, spelling, operands, usage) {spelling, usage},
#include "bouton/operation.def"
#undef OPERATION
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (*functions[i][1] != '\0')
            add(c, functions[i][0], FUNCTION, functions[i][1], NULL);
}

/* The parameters of the formula around the cursor. It may not parse yet, so they are read from its tokens: the names
 * between the parentheses of the last `neuron`. */
static void add_parameters(completing *c)
{
    bl_tokens tokens;
    const char *text = c->place.document->text;
    uint32_t head = UINT32_MAX;
    if (bl_list_tokens(c->written->context, c->place.file, &tokens) != 0)
        return;
    for (uint32_t i = 0; i < tokens.count && tokens.list[i].place.offset < c->place.offset; i++)
        if (tokens.list[i].kind == BL_TOKEN_WORD && strncmp(text + tokens.list[i].place.offset, "neuron", 6) == 0)
            head = i;
    for (uint32_t i = head == UINT32_MAX ? tokens.count : head + 3; /* behind `neuron NAME (` */
         i < tokens.count && text[tokens.list[i].place.offset] != ')'; i++) {
        char name[256] = {0};
        bl_place place = tokens.list[i].place;
        bool named = tokens.list[i].kind == BL_TOKEN_NAME || tokens.list[i].kind == BL_TOKEN_WORD;
        if (!named || place.length >= sizeof name || place.offset >= c->place.offset)
            continue;
        memcpy(name, text + place.offset, place.length);
        add(c, name, VARIABLE, "parameter", NULL);
    }
}

static void add_named(completing *c, const bl_names *names)
{
    switch (c->expected->name) {
    case BL_EXPECT_LAYER:
        add_layers(c, names);
        break;
    case BL_EXPECT_NEURON:
        add_kind(c, names, BL_NAME_NEURON, FUNCTION, "neuron formula");
        break;
    case BL_EXPECT_CONSTANT:
        add_constants(c, names);
        if (c->expected->formula) {
            add_parameters(c);
            add_functions(c);
        }
        break;
    case BL_EXPECT_NEW:
    case BL_EXPECT_NOTHING:
        break;
    }
}

/* The statement at hand is mostly unfinished, and may keep what follows from being parsed. So the names are those of the
 * text with blanks in its place, up to the end of the line or the statement. */
static char *without_statement(const completing *c)
{
    const lsp_document *document = c->place.document;
    char *text = lsp_made(c->s, malloc((size_t)document->length + 1)); /* it may hold zeros */
    size_t end = c->place.offset;
    if (text != NULL)
        memcpy(text, document->text, (size_t)document->length + 1);
    while (end < document->length && strchr(";}\n", document->text[end]) == NULL)
        end++;
    end += end < document->length && document->text[end] == ';';
    for (size_t i = c->expected->begin; text != NULL && i < end; i++)
        if (text[i] != '\n')
            text[i] = ' ';
    return text;
}

static void add_names(completing *c)
{
    lsp_analysis *a = c->written;
    bl_names names = {0};
    if (c->expected->name == BL_EXPECT_NOTHING || c->expected->name == BL_EXPECT_NEW)
        return;
    if (bl_error_count(a->context) == 0) {
        add_named(c, lsp_names(c->s, a));
        return;
    }
    lsp_document quiet = *c->place.document;
    quiet.text = without_statement(c);
    quiet.analysis = NULL;
    if (quiet.text == NULL)
        return;
    lsp_analysis *other = lsp_analyse_as(c->s, c->place.root, &quiet);
    if (other != NULL)
        names = *lsp_names(c->s, other);
    c->place.analysis = other == NULL ? a : other;
    add_named(c, &names);
    c->place.analysis = a;
    lsp_analysis_free(other);
    free(quiet.text);
}

/* ---- the request ---- */

static void complete(completing *c)
{
    const bl_place *typed = &c->expected->typed;
    const lsp_document *document = c->place.document;
    c->range = lsp_range_in(c->s, &document->lines, typed->offset, typed->offset + typed->length);
    if (c->expected->quoted) {
        paths_complete(c->s, document, c->expected, c->list);
    } else {
        add_words(c);
        add_names(c);
    }
    json_decref(c->range);
}

json_t *lsp_completion(lsp_state *s, const json_t *params)
{
    completing c = {.s = s};
    bl_expected expected;
    if (!lsp_locate(s, params, &c.place))
        return NULL;
    bl_context *context = bl_context_new();
    const lsp_document *document = c.place.document;
    c.list = json_array();
    c.written = c.place.analysis;
    c.expected = &expected;
    if (context == NULL || bl_expect_at(context, document->text, document->length, c.place.offset, &expected) != 0)
        lsp_made(s, NULL);
    else
        complete(&c);
    bl_context_free(context);
    return json_pack("{s:b, s:o}", "isIncomplete", 0, "items", c.list);
}
