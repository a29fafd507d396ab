/* Turns a syntax error into one message, and into a correction where the intended text is plain. */
#include "parse/syntax_error.h"

#include <string.h>

#include "base/text.h"
#include "parse/word.h"
#include "parser.h"

static bool one_of(const char *text, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(text, *list) == 0)
            return true;
    return false;
}

/* True if a message should list an accepted token. Left out are: other beginnings of an expression where a number is
 * accepted, operators that could continue a finished expression, words where any name is accepted, and the end of a
 * block where a statement may begin. */
static bool worth_telling(const bl_syntax_error *error, uint32_t index, bool statement)
{
    static const char *const STARTS[] = {"a name", "`alpha`", "`max`", "`logistic`", "`(`", "`-`", NULL};
    static const char *const GOES_ON[] = {"`+`", "`-`", "`*`", "`/`", NULL};
    static const char *const ENDS[] = {"`;`", "`}`", "the end of the file", NULL};
    const char *text = error->expected[index];
    if (error->number_expected && one_of(text, STARTS))
        return false;
    if (error->any_word_expected && error->words[index] != NULL)
        return false;
    if (!error->number_expected && one_of(text, GOES_ON))
        return false;
    return !statement || !one_of(text, ENDS);
}

static const char *expected_text(bl_parsing *parsing, const bl_syntax_error *error)
{
    uint32_t words = 0, count = 0;
    const char **told = BL_ARRAY(parsing->arena, const char *, error->count + 1);
    for (uint32_t i = 0; i < error->count; i++)
        words += error->words[i] != NULL;
    bool statement = words >= 3 && !error->any_word_expected;
    for (uint32_t i = 0; i < error->count; i++)
        if (worth_telling(error, i, statement))
            told[count++] = error->expected[i];
    return count == 0 ? NULL : bl_list_text(parsing->arena, told, count, "or");
}

/* The accepted word nearest to the token found, or NULL. */
static const char *nearest_expected(bl_parsing *parsing, const bl_syntax_error *error)
{
    uint32_t count = 0;
    const char **words = BL_ARRAY(parsing->arena, const char *, error->count + 1);
    if (error->any_word_expected || !(error->name || error->word))
        return NULL;
    for (uint32_t i = 0; i < error->count; i++)
        if (error->words[i] != NULL)
            words[count++] = error->words[i];
    bl_text found = bl_text_new(parsing->arena); /* without its quotes */
    bl_text_add_bytes(&found, error->found + 1, strlen(error->found) - 2);
    return bl_nearest(found.data, words, count);
}

/* ---- messages and corrections ---- */

/* True if a line break precedes the token found. */
static bool on_new_line(const bl_parsing *parsing)
{
    const bl_file *file = bl_context_file(parsing->context, parsing->file);
    uint32_t end = parsing->previous.offset + parsing->previous.length;
    return parsing->token.offset > end && memchr(file->text + end, '\n', parsing->token.offset - end) != NULL;
}

static bl_place behind_previous(const bl_parsing *parsing)
{
    return (bl_place){parsing->file, parsing->previous.offset + parsing->previous.length, 0};
}

static bl_remark open_block(const bl_parsing *parsing)
{
    if (parsing->brace_count == 0 || parsing->brace_count > BL_OPEN_BRACES)
        return (bl_remark){.message = NULL};
    return (bl_remark){.place = parsing->braces[parsing->brace_count - 1], .message = "this block is not closed"};
}

/* Reports the early end of the text, and closes the statement and all open blocks by corrections. */
static void close_all(bl_parsing *parsing, const char *expected)
{
    bl_correction end = {.offset = parsing->token.offset,
                         .inserted = true,
                         .silent = parsing->comment_open,
                         .code = BL_END_EARLY,
                         .place = parsing->token,
                         .arguments = {"", expected},
                         .remark = open_block(parsing)};
    if (!end.silent)
        bl_report_correction(parsing->context, &end);
    if (parsing->recovery->blocks || parsing->recovery->gave_up)
        return;
    if (parsing->recovery->cursor > 0 && /* tried before */
        parsing->recovery->list[parsing->recovery->cursor - 1]->offset == end.offset)
        return;
    end.token = T_AT_LEAST; /* accepted nowhere here: it turns the unfinished statement into a broken one */
    bl_recovery_add(parsing->recovery, &end);
    end.silent = true;
    end.token = ';';
    bl_recovery_add(parsing->recovery, &end);
    end.token = '}';
    for (uint32_t i = 0; i < parsing->brace_count && i < BL_OPEN_BRACES; i++)
        bl_recovery_add(parsing->recovery, &end);
}

/* True if the word found begins a statement of the file or of a block that holds blocks. */
static bool begins_statement(const bl_syntax_error *error)
{
    static const char *const BEGINNINGS[] = {"`network`", "`data`",  "`schedule`", "`expect`", "`rule`", "`let`",
                                             "`include`", "`layer`", "`phase`",    "`input`",  NULL};
    return error->word && one_of(error->found, BEGINNINGS);
}

/* The last token but one, where it was taken for a name and was meant to begin a statement on a new line, as `layer` is
 * in `from`, a line break and `layer b`. */
static const char *mistaken_for_name(const bl_parsing *parsing, const bl_syntax_error *error)
{
    static const char *const BEGINNINGS[] = {"layer", "input", "let", "phase", NULL};
    const bl_file *file = bl_context_file(parsing->context, parsing->file);
    bl_place place = parsing->previous;
    uint32_t at = place.offset;
    if (parsing->previous_begins || parsing->fresh || error->name_expected || !(error->name || error->word))
        return NULL;
    while (at > 0 && (file->text[at - 1] == ' ' || file->text[at - 1] == '\t'))
        at--;
    for (uint32_t i = 0; BEGINNINGS[i] != NULL && at > 0 && file->text[at - 1] == '\n'; i++)
        if (strlen(BEGINNINGS[i]) == place.length &&
            memcmp(file->text + place.offset, BEGINNINGS[i], place.length) == 0)
            return BEGINNINGS[i];
    return NULL;
}

/* Ends the unfinished statement before the last token but one. */
static void give_up_before(bl_parsing *parsing, const char *beginning, bl_correction *out)
{
    bl_text found = bl_text_new(parsing->arena);
    bl_text_format(&found, "`%s`", beginning);
    out->offset = parsing->previous.offset;
    out->place = parsing->previous;
    out->arguments[0] = found.data;
    out->arguments[1] = "a name";
    out->token = ';';
    out->inserted = true;
}

static bl_correction judge(bl_parsing *parsing, const bl_syntax_error *error)
{
    const char *expected = expected_text(parsing, error), *nearest = nearest_expected(parsing, error);
    uint32_t words = 0;
    for (uint32_t i = 0; i < error->count; i++)
        words += error->words[i] != NULL;
    bool statement = words >= 3 && !error->any_word_expected && !error->number_expected;
    bool ends_line = on_new_line(parsing) || error->sign == '}';
    bl_correction out = {.offset = parsing->token.offset,
                         .code = BL_UNEXPECTED,
                         .place = parsing->token,
                         .arguments = {error->found, expected}};

    const char *mistaken = mistaken_for_name(parsing, error);
    if (mistaken != NULL) {
        give_up_before(parsing, mistaken, &out);
    } else if (error->name && nearest != NULL) {
        out.code = BL_WORD_UNKNOWN;
        out.arguments[1] = nearest;
        out.arguments[2] = expected;
        out.token = bl_word_token(nearest, strlen(nearest));
        out.text = nearest;
    } else if (error->semicolon_expected && ends_line && !parsing->fresh) {
        out.code = BL_SEMICOLON;
        out.place = behind_previous(parsing);
        out.token = ';';
        out.inserted = true;
    } else if (error->brace_expected && parsing->brace_count > 0 && begins_statement(error) && on_new_line(parsing) &&
               !bl_recovery_rejected(parsing->recovery, out.offset)) {
        out.code = BL_BRACE_MISSING;
        out.place = behind_previous(parsing);
        out.remark = open_block(parsing);
        out.token = '}';
        out.inserted = true;
    } else if (error->name && statement) {
        out.code = BL_WORD_UNKNOWN;
        out.arguments[1] = NULL;
        out.arguments[2] = expected;
    } else if (error->word && error->name_expected && error->count == 1) {
        out.code = BL_WORD_TAKEN;
        out.token = T_NAME;
        out.text = NULL; /* the text of the word found */
    } else if (error->bracket_expected != 0 && (error->sign == ';' || error->sign == '{' || error->sign == '}')) {
        out.token = error->bracket_expected;
        out.inserted = true;
    } else if (error->any_word_expected && (error->sign == '{' || error->sign == '=')) {
        out.token = T_NAME;
        out.text = "?";
        out.inserted = true;
    } else if (!parsing->fresh && (error->sign == '}' || (begins_statement(error) && on_new_line(parsing)))) {
        out.token = ';'; /* gives up the unfinished statement, and neither its block nor the next statement */
        out.inserted = true;
    }
    return out;
}

void bl_report_syntax_error(bl_parsing *parsing, const bl_syntax_error *error)
{
    if (parsing->inserted) /* the error that led to it has been reported */
        return;
    const bl_correction *suspect = parsing->recovery->suspect;
    bl_correction correction = {0};
    if (!error->end)
        correction = judge(parsing, error);
    bool completes =
        suspect != NULL && suspect->inserted && correction.inserted && suspect->offset == correction.offset;
    if (!completes && !parsing->recovery->gave_up) /* for example `;` behind a missing `)` */
        bl_recovery_doubt(parsing->recovery);
    if (error->end) {
        close_all(parsing, expected_text(parsing, error));
        return;
    }
    bl_report_correction(parsing->context, &correction);
    bool block = correction.token == '}', gives_up = correction.token == ';' && correction.code == BL_UNEXPECTED;
    if (correction.token != 0 && !(block && parsing->recovery->blocks) && !parsing->recovery->gave_up &&
        bl_recovery_add(parsing->recovery, &correction)) {
        parsing->recovery->blocks |= block;
        parsing->recovery->gave_up |= gives_up;
    }
}
