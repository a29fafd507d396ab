/* Reads a file's tokens and the comments between them. The templates of node.def decide where spaces belong: the tree
 * is printed in canonical form, and its tokens are scanned alongside the tokens of the file. */
#include <string.h>

#include "parser.h"
#include "print/format.h"

typedef struct scanning {
    bl_parsing *parsing;
    int token;
    bl_place place;
    uint32_t end; /* of the preceding token */
} scanning;

static bl_parsing *open_scanner(bl_context *context, uint32_t file)
{
    bl_parsing *parsing = BL_NEW(&context->arena, bl_parsing);
    *parsing =
        (bl_parsing){.context = context, .arena = &context->arena, .file = file, .quiet = true, .keeps_comments = true};
    bl_scan_open(parsing);
    return parsing;
}

static void advance(scanning *scanning)
{
    BL_YYSTYPE value;
    scanning->end = scanning->place.offset + scanning->place.length;
    scanning->token = bl_scan(&value, &scanning->place, scanning->parsing->scanner);
}

static scanning start(bl_context *context, uint32_t file)
{
    scanning scanning = {.parsing = open_scanner(context, file)};
    advance(&scanning);
    return scanning;
}

/* Adds the canonical text of the file's statements to the context, as another file. */
static uint32_t print_canonically(bl_parsing *parsing)
{
    bl_text text = bl_text_new(parsing->arena);
    for (const bl_node *item = parsing->items->first; item != NULL; item = item->next) {
        bl_node_print(item, &text);
        bl_text_add(&text, "\n");
    }
    return bl_context_add_file(parsing->context, "canonical", text.data, text.length);
}

/* ---- comments and line breaks ---- */

/* Sets `newline` and `blank` if a line break or an empty line lies between two offsets. */
static void check_between(const bl_file *file, uint32_t from, uint32_t to, bool *newline, bool *blank)
{
    uint32_t count = 0;
    for (uint32_t i = from; i < to; i++)
        count += file->text[i] == '\n';
    *newline = *newline || count > 0;
    *blank = *blank || count > 1;
}

static bl_remark_text make_remark(const bl_file *file, bl_place place)
{
    bl_remark_text remark = {.text = file->text + place.offset, .length = place.length};
    remark.line = remark.text[1] == '/';
    while (remark.line && strchr(" \t\r\f\v", remark.text[remark.length - 1]) != NULL && remark.length > 2)
        remark.length--;
    remark.tall = memchr(remark.text, '\n', remark.length) != NULL;
    remark.column = bl_file_position(file, place.offset).column;
    return remark;
}

/* Adds the comments that were scanned since the last element, with the line breaks around them. */
static void take_remarks(bl_elements *out, bl_element *element, const scanning *source, const bl_file *file,
                         uint32_t *seen)
{
    bl_arena *arena = source->parsing->arena;
    uint32_t end = source->end;
    bool newline = element->newline, blank = element->blank;
    for (; *seen < source->parsing->comment_count; (*seen)++) {
        bl_place place = source->parsing->comments[*seen];
        bl_remark_text remark = make_remark(file, place);
        check_between(file, end, place.offset, &newline, &blank);
        remark.newline = newline;
        remark.blank = blank;
        newline = blank = false;
        end = place.offset + place.length;
        out->remarks = bl_grow(arena, out->remarks, *seen, sizeof *out->remarks);
        out->remarks[*seen] = remark;
        element->remark_count++;
    }
    check_between(file, end, source->place.offset, &newline, &blank);
    element->newline = newline;
    element->blank = blank;
}

/* ---- tokens ---- */

static bool same_token(const scanning *a, const scanning *b)
{
    const bl_file *left = bl_context_file(a->parsing->context, a->parsing->file);
    const bl_file *right = bl_context_file(b->parsing->context, b->parsing->file);
    if (a->token != b->token)
        return false;
    if (a->token == T_STRING || a->token == T_END) /* the same string may be escaped differently */
        return true;
    return a->place.length == b->place.length &&
           memcmp(left->text + a->place.offset, right->text + b->place.offset, a->place.length) == 0;
}

static bool ends_statement(int token)
{
    return token == ';' || token == '{' || token == '}';
}

/* Pairs the braces and marks the blocks that take several lines: blocks with a line break between statements, and
 * blocks with a comment that needs one. Returns false if the braces do not match. */
static bool pair_braces(bl_elements *elements)
{
    uint32_t open[16] = {0}, depth = 0;
    for (uint32_t i = 0; i < elements->count; i++) {
        bl_element *element = &elements->list[i];
        element->starts =
            i == 0 || element->token == '}' || element->token == T_END || ends_statement(elements->list[i - 1].token);
        bool breaks = element->starts && element->newline;
        for (uint32_t j = 0; j < element->remark_count; j++) {
            const bl_remark_text *remark = &elements->remarks[element->first_remark + j];
            breaks = breaks || remark->line || remark->tall || (element->starts && remark->newline);
        }
        for (uint32_t j = 0; breaks && j < depth; j++)
            elements->list[open[j]].open = true;
        if (element->token == '{' && depth < 16)
            open[depth++] = i;
        else if (element->token == '{' || (element->token == '}' && depth == 0))
            return false;
        else if (element->token == '}')
            elements->list[open[--depth]].partner = i;
    }
    return depth == 0;
}

bool bl_format_read(bl_parsing *parsing, bl_elements *out)
{
    bl_context *context = parsing->context;
    const bl_file *file = bl_context_file(context, parsing->file);
    scanning source = start(context, parsing->file), canonical = start(context, print_canonically(parsing));
    uint32_t seen = 0;
    bl_element element = {0};
    for (bool more = true; more; advance(&source)) {
        take_remarks(out, &element, &source, file, &seen);
        if (same_token(&source, &canonical)) {
            element.token = source.token;
            element.text = file->text + source.place.offset;
            element.length = source.place.length;
            element.space = canonical.place.offset > canonical.end;
            out->list = bl_grow(parsing->arena, out->list, out->count, sizeof *out->list);
            out->list[out->count++] = element;
            element = (bl_element){.first_remark = seen};
            more = source.token != T_END;
            if (more)
                advance(&canonical);
        } else if (source.token != ';' && source.token != ',') {
            return false;
        }
    }
    return pair_braces(out);
}
