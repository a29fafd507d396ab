/* Dumps of stages as text: the tokens, the tree, and the source with everything it includes. */
#include "parse/parse.h"
#include "parser.h"
#include "report/context.h"

/* All statements in canonical form. Statements of included files and values set from outside are in their places. */
static bl_text canonical(bl_context *context, const bl_node *statements)
{
    bl_text text = bl_text_new(&context->arena);
    if (statements != NULL)
        bl_node_print(statements, &text);
    return text;
}

/* Adds the statements of one network. Those that list settings to try describe many. */
static void add_own(bl_arena *arena, bl_node *to, const bl_node *from)
{
    for (const bl_node *item = from->first; item != NULL; item = item->next) {
        if (item->kind == BL_NODE_INCLUDE) {
            add_own(arena, to, item);
        } else if (item->kind != BL_NODE_SWEEP) {
            bl_node *copy = BL_NEW(arena, bl_node);
            *copy = *item;
            copy->next = NULL;
            bl_node_add(to, copy);
        }
    }
}

typedef struct source_text {
    const char *text; /* out */
} source_text;

static int make_source_text(bl_context *context, void *argument)
{
    bl_node *own = bl_node_new(&context->arena, BL_NODE_LIST, BL_NOWHERE, NULL, NULL, 0);
    if (context->root != NULL)
        add_own(&context->arena, own, context->root);
    ((source_text *)argument)->text = canonical(context, own).data;
    return 0;
}

const char *bl_source_text(bl_context *context)
{
    source_text made = {NULL};
    return bl_guard(context, make_source_text, &made) == 0 ? made.text : NULL;
}

static int dump_ast(bl_context *context, void *argument)
{
    bl_text text = canonical(context, context->root);
    fwrite(text.data, 1, text.length, argument);
    return 0;
}

void bl_dump_ast(bl_context *context, FILE *to)
{
    bl_guard(context, dump_ast, to);
}

static const char *token_kind(int token)
{
    return token == T_NAME     ? "name"
           : token == T_NUMBER ? "number"
           : token == T_SIZE   ? "size"
           : token == T_SPAN   ? "span"
           : token == T_STRING ? "string"
           : token > T_STRING  ? "word"
                               : "sign";
}

/* One token per line as written, with its line and column in a comment. The dump can be parsed again. */
static void dump_file_tokens(bl_context *context, uint32_t index, FILE *to)
{
    const bl_file *file = bl_context_file(context, index);
    bl_parsing *parsing = BL_NEW(&context->arena, bl_parsing);
    *parsing = (bl_parsing){.context = context, .arena = &context->arena, .file = index, .quiet = true};
    bl_scan_open(parsing);
    BL_YYSTYPE value;
    bl_place place;
    for (int token; (token = bl_scan(&value, &place, parsing->scanner)) != T_END;) {
        bl_position at = bl_file_position(file, place.offset);
        bl_text line = bl_text_new(&context->arena);
        bl_text_add_bytes(&line, file->text + place.offset, place.length);
        bl_text_format(&line, "%*s // %u:%u %s\n", place.length < 32 ? (int)(32 - place.length) : 0, "", at.line,
                       at.column, token == T_AT_LEAST ? "sign" : token_kind(token));
        fwrite(line.data, 1, line.length, to);
    }
    bl_scan_close(parsing);
}

static int dump_tokens(bl_context *context, void *argument)
{
    for (uint32_t i = 0; i < context->file_count; i++)
        if (context->files[i]->root)
            dump_file_tokens(context, i, argument);
    return 0;
}

void bl_dump_tokens(bl_context *context, FILE *to)
{
    bl_guard(context, dump_tokens, to);
}
