/* What may stand at a place. The text before it is scanned, to see whether it lies in a string or a comment and which
 * statement it belongs to, and parsed, to ask the grammar what it would accept next. */
#include <ctype.h>
#include <string.h>

#include "inspect/tokens.h"
#include "parse/parse.h"

typedef struct asking {
    bl_context *context;
    const bl_file *file; /* the text before the place */
    bl_tokens tokens;    /* without comments */
    uint32_t begin;      /* the statement's first token */
    bl_expected *out;
} asking;

static bool is(const asking *a, uint32_t index, const char *spelling)
{
    return index < a->tokens.count && bl_token_is(a->file, &a->tokens.list[index], spelling);
}

static char *text_of(const asking *a, bl_place place)
{
    return bl_copy_text(&a->context->arena, a->file->text + place.offset, place.length);
}

/* A comment holds the end of the text: a line comment without its line break, or a block without its end. */
static bool in_comment(const bl_file *file, const bl_token *last)
{
    uint32_t end = last->place.offset + last->place.length;
    const char *at = file->text + last->place.offset;
    return last->kind == BL_TOKEN_COMMENT && end == file->length && at[1] == '/';
}

/* A block comment that is not closed is no token: its beginning is the last thing in the text that is none. */
static bool in_open_comment(const bl_file *file, uint32_t from)
{
    while (from < file->length && isspace((unsigned char)file->text[from]))
        from++;
    return from + 1 < file->length && file->text[from] == '/' && file->text[from + 1] == '*';
}

static bool is_open_string(const bl_file *file, const bl_token *token)
{
    const char *text = file->text + token->place.offset;
    uint32_t length = token->place.length, slashes = 0;
    if (token->kind != BL_TOKEN_STRING)
        return false;
    while (slashes + 2 < length && text[length - 2 - slashes] == '\\')
        slashes++;
    return length < 2 || text[length - 1] != '"' || slashes % 2 == 1;
}

/* The open string of the last line, behind which the scanner goes on as if it were closed; UINT32_MAX: none. */
static uint32_t open_string(const bl_file *file, const bl_tokens *tokens)
{
    for (uint32_t i = tokens->count; i-- > 0;) {
        uint32_t offset = tokens->list[i].place.offset;
        if (memchr(file->text + offset, '\n', file->length - offset) != NULL)
            break;
        if (is_open_string(file, &tokens->list[i]))
            return i;
    }
    return UINT32_MAX;
}

static uint32_t begin_of_word(const bl_file *file)
{
    uint32_t at = file->length;
    while (at > 0 && (isalnum((unsigned char)file->text[at - 1]) || file->text[at - 1] == '_'))
        at--;
    return at;
}

/* The value of a closed string, without resolving its escapes: names of files rarely have any. */
static const char *first_string(const asking *a)
{
    for (uint32_t i = a->begin; i < a->tokens.count; i++) {
        bl_place place = a->tokens.list[i].place;
        if (a->tokens.list[i].kind == BL_TOKEN_STRING && place.length >= 2)
            return text_of(a, (bl_place){place.file, place.offset + 1, place.length - 2});
    }
    return NULL;
}

static bl_expected_string string_for(const asking *a)
{
    const char *head = a->out->head;
    bool later = a->out->first != NULL;
    if (strcmp(head, "include") == 0)
        return BL_EXPECT_INCLUDE;
    if (strcmp(head, "images") == 0)
        return BL_EXPECT_FOLDER;
    if (strcmp(head, "classes") == 0)
        return BL_EXPECT_CLASS;
    if (strcmp(head, "csv") == 0 && later)
        return BL_EXPECT_COLUMN;
    if (strcmp(head, "npz") == 0 && later)
        return BL_EXPECT_MEMBER;
    return BL_EXPECT_FILE;
}

/* The names of a list stand behind its word: `from a, b`. */
static bool lists_layers(const asking *a)
{
    uint32_t at = a->tokens.count - 1;
    while (at >= a->begin + 2 && is(a, at, ","))
        at -= 2;
    a->out->from = is(a, at, "from");
    return a->out->from || is(a, at, "correct") || is(a, at, "compete") || is(a, at, "on");
}

static bl_expected_name name_for(const asking *a, const bl_cursor *cursor)
{
    uint32_t count = a->tokens.count - a->begin;
    bool declares = count == 1 && (strcmp(a->out->head, "let") == 0 || strcmp(a->out->head, "neuron") == 0);
    if (!cursor->name)
        return BL_EXPECT_NOTHING;
    if (count == 1 && strcmp(a->out->head, "sweep") == 0)
        return BL_EXPECT_CONSTANT;
    if (cursor->any_word)
        return count > 0 && lists_layers(a) ? BL_EXPECT_LAYER : BL_EXPECT_NEW;
    if (declares)
        return BL_EXPECT_NEW;
    if (count > 0 && is(a, a->tokens.count - 1, "fire"))
        return BL_EXPECT_NEURON;
    return cursor->number ? BL_EXPECT_CONSTANT : BL_EXPECT_NOTHING;
}

/* The statement of the last token: what follows the last `;`, `{` or `}`. */
static void find_statement(asking *a)
{
    a->begin = a->tokens.count;
    while (a->begin > 0 && !is(a, a->begin - 1, ";") && !is(a, a->begin - 1, "{") && !is(a, a->begin - 1, "}"))
        a->begin--;
    bool begun = a->begin < a->tokens.count;
    a->out->begin = begun ? a->tokens.list[a->begin].place.offset : a->out->typed.offset;
    a->out->head = begun ? text_of(a, a->tokens.list[a->begin].place) : "";
    a->out->first = first_string(a);
    a->out->formula = strcmp(a->out->head, "neuron") == 0;
}

static void ask_grammar(asking *a, uint32_t cut)
{
    bl_cursor cursor = {0};
    bl_expected *out = a->out;
    bl_parsing *parsing = BL_NEW(&a->context->arena, bl_parsing);
    uint32_t file = bl_context_add_file(a->context, "", a->file->text, cut);
    bl_parse_to(parsing, a->context, file, &cursor);
    if (!cursor.answered)
        return;
    if (cursor.string)
        out->string = string_for(a);
    if (out->quoted)
        return;
    out->words = cursor.words;
    out->word_count = cursor.count;
    out->name = name_for(a, &cursor);
    out->number = cursor.number;
    out->size = cursor.size;
}

typedef struct question {
    const char *text;
    size_t offset;
    bl_expected *out;
} question;

static bl_tokens without_comments(bl_context *context, const bl_tokens *all, uint32_t end)
{
    bl_token *kept = BL_ARRAY(&context->arena, bl_token, all->count + 1);
    uint32_t count = 0;
    for (uint32_t i = 0; i < all->count; i++)
        if (all->list[i].kind != BL_TOKEN_COMMENT && all->list[i].place.offset + all->list[i].place.length <= end)
            kept[count++] = all->list[i];
    return (bl_tokens){count, kept};
}

static int expect(bl_context *context, void *argument)
{
    const question *question = argument;
    uint32_t index;
    if (!bl_hold_text(context, "", question->text, question->offset, &index))
        return 0;
    asking a = {.context = context, .file = bl_context_file(context, index), .out = question->out};
    bl_tokens all = bl_scan_tokens(context, index);
    const bl_token *last = all.count > 0 ? &all.list[all.count - 1] : NULL;
    uint32_t behind = last == NULL ? 0 : last->place.offset + last->place.length;
    if ((last != NULL && in_comment(a.file, last)) || in_open_comment(a.file, behind))
        return 0;
    uint32_t quoted = open_string(a.file, &all), cut;
    if (quoted != UINT32_MAX) {
        cut = all.list[quoted].place.offset;
        question->out->quoted = true;
        question->out->typed = (bl_place){index, cut + 1, a.file->length - cut - 1};
    } else {
        cut = begin_of_word(a.file);
        question->out->typed = (bl_place){index, cut, a.file->length - cut};
    }
    a.tokens = without_comments(context, &all, cut);
    find_statement(&a);
    if (!isdigit((unsigned char)a.file->text[cut]))
        ask_grammar(&a, cut);
    return 0;
}

int bl_expect_at(bl_context *context, const char *text, size_t length, size_t offset, bl_expected *out)
{
    question question = {text, offset < length ? offset : length, out};
    *out = (bl_expected){.head = ""};
    return bl_guard(context, expect, &question);
}
