/* A file's text becomes statements; a token that does not fit becomes one message that says what would. */
#include "parse.h"

#include <string.h>

#include "parser.h"
#include "text.h"

void bl_parse_text(bl_parsing *parsing, bl_context *context, uint32_t file)
{
    *parsing = (bl_parsing){.context = context, .arena = &context->arena, .file = file};
    parsing->items = bl_node_new(parsing->arena, BL_NODE_LIST, (bl_place){.file = file}, NULL, NULL, 0);
    bl_scan_open(parsing);
    if (bl_yyparse(parsing) != 0 || parsing->comment_open)
        bl_node_add(parsing->items,
                    bl_node_new(parsing->arena, BL_NODE_BROKEN, (bl_place){.file = file}, NULL, NULL, 0));
    bl_scan_close(parsing);
}

bl_node *bl_limit_depth(bl_parsing *parsing, bl_node *node)
{
    if (node->depth <= BL_MAX_DEPTH)
        return node;
    bl_diagnose(parsing->context, NESTED_DEEP, node->place, "");
    return bl_node_new(parsing->arena, BL_NODE_BROKEN, node->place, NULL, NULL, 0);
}

static bool one_of(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* What a reader would think of: where a number may stand a sum may too, and a finished number may always go on. */
static bool worth_telling(const bl_surprise *surprise, uint32_t index, bool statement)
{
    static const char *const STARTS[] = {"a name", "`alpha`", "`max`", "`logistic`", "`(`", "`-`", NULL};
    static const char *const GOES_ON[] = {"`+`", "`-`", "`*`", "`/`", NULL};
    static const char *const ENDS[] = {"`;`", "`}`", "the end of the file", NULL};
    const char *text = surprise->expected[index];
    if (surprise->number_expected && one_of(text, STARTS))
        return false;
    if (surprise->any_word_expected && surprise->words[index] != NULL)
        return false;
    if (!surprise->number_expected && one_of(text, GOES_ON))
        return false;
    return !statement || !one_of(text, ENDS);
}

static const char *expected_text(bl_parsing *parsing, const bl_surprise *surprise)
{
    uint32_t words = 0, count = 0;
    const char **told = BL_ARRAY(parsing->arena, const char *, surprise->count + 1);
    for (uint32_t i = 0; i < surprise->count; i++)
        words += surprise->words[i] != NULL;
    bool statement = words >= 3 && !surprise->any_word_expected;
    for (uint32_t i = 0; i < surprise->count; i++)
        if (worth_telling(surprise, i, statement))
            told[count++] = surprise->expected[i];
    return count == 0 ? NULL : bl_list_text(parsing->arena, told, count, "or");
}

/* The nearest of the words that could stand there. */
static const char *nearest_expected(bl_parsing *parsing, const bl_surprise *surprise)
{
    uint32_t count = 0;
    const char **words = BL_ARRAY(parsing->arena, const char *, surprise->count + 1);
    if (surprise->any_word_expected || !(surprise->name || surprise->word))
        return NULL;
    for (uint32_t i = 0; i < surprise->count; i++)
        if (surprise->words[i] != NULL)
            words[count++] = surprise->words[i];
    bl_text found = bl_text_new(parsing->arena); /* without its quotes */
    bl_text_add_bytes(&found, surprise->found + 1, strlen(surprise->found) - 2);
    return bl_nearest(found.data, words, count);
}

static void report_end(bl_parsing *parsing, const char *expected)
{
    if (parsing->comment_open)
        return;
    bl_diagnostic *told = bl_diagnose(parsing->context, END_EARLY, parsing->token, "", expected);
    if (parsing->brace_count > 0 && parsing->brace_count <= BL_OPEN_BRACES)
        bl_remark_on(told, parsing->braces[parsing->brace_count - 1], "this block is not closed");
}

/* Is the token found on a later line than the one before it, or a closing brace? */
static bool semicolon_forgotten(const bl_parsing *parsing, const bl_surprise *surprise)
{
    const bl_file *file = bl_context_file(parsing->context, parsing->file);
    uint32_t end = parsing->previous.offset + parsing->previous.length;
    bool new_line = memchr(file->text + end, '\n', parsing->token.offset - end) != NULL;
    return surprise->semicolon_expected && (new_line || strcmp(surprise->found, "`}`") == 0);
}

void bl_parse_surprise(bl_parsing *parsing, const bl_surprise *surprise)
{
    bl_context *context = parsing->context;
    const char *expected = expected_text(parsing, surprise), *nearest = nearest_expected(parsing, surprise);
    bl_place end = {parsing->file, parsing->previous.offset + parsing->previous.length, 0};
    uint32_t words = 0;
    for (uint32_t i = 0; i < surprise->count; i++)
        words += surprise->words[i] != NULL;
    bool statement = words >= 3 && !surprise->any_word_expected && !surprise->number_expected;

    if (surprise->end)
        report_end(parsing, expected);
    else if (surprise->name && nearest != NULL)
        bl_diagnose(context, WORD_UNKNOWN, parsing->token, surprise->found, nearest, expected);
    else if (semicolon_forgotten(parsing, surprise))
        bl_diagnose(context, SEMICOLON, end, "");
    else if (surprise->name && statement)
        bl_diagnose(context, WORD_UNKNOWN, parsing->token, surprise->found, NULL, expected);
    else if (surprise->word && surprise->name_expected && surprise->count == 1)
        bl_diagnose(context, WORD_TAKEN, parsing->token, surprise->found);
    else
        bl_diagnose(context, UNEXPECTED, parsing->token, surprise->found, expected);
}
