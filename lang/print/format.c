/* Canonical layout. The author decides where statements begin a line, on empty lines (at most one), and on comments.
 * Everything else follows from the tokens, so that formatting a second time changes nothing.
 *
 *     a statement stays on the line of the one before it, two spaces behind, if it was there and fits
 *     a block stays on one line if it was on one and fits; otherwise each of its statements begins a line
 *     a statement that is too wide is broken behind commas and before operators */
#include <string.h>

#include "parser.h"
#include "print/format.h"

typedef struct layout {
    bl_elements elements;
    bl_format_lines lines;
    bool opened; /* the last line opens a block */
    bool alone;  /* nothing may be added to the last line */
} layout;

static bl_element *at(const layout *layout, uint32_t index)
{
    return &layout->elements.list[index];
}

static const bl_remark_text *remark_of(const layout *layout, const bl_element *element, uint32_t index)
{
    return &layout->elements.remarks[element->first_remark + index];
}

static bl_format_line *last_line(const layout *layout)
{
    return layout->lines.count == 0 ? NULL : &layout->lines.list[layout->lines.count - 1];
}

static bl_format_line *new_line(layout *layout, uint32_t indent)
{
    layout->opened = layout->alone = false;
    return bl_format_line_add(&layout->lines, indent);
}

static void empty_line(layout *layout)
{
    const bl_format_line *last = last_line(layout);
    if (last != NULL && !layout->opened && (last->text.length > 0 || last->trail.length > 0))
        new_line(layout, 0);
}

/* ---- one line ---- */

static bool is_one_of(int token, const char *signs)
{
    return token > 0 && token < 128 && strchr(signs, token) != NULL;
}

static const char *space_before(const layout *layout, uint32_t index)
{
    const bl_element *element = at(layout, index);
    if (!element->starts)
        return element->space ? " " : "";
    return at(layout, index - 1)->token == '{' || element->token == '}' ? " " : "  ";
}

/* Adds a comment between tokens of a line. Spaces separate it from both, but not from brackets and separators. */
static void add_inline(layout *layout, bl_text *out, uint32_t index, const bl_remark_text *remark)
{
    bool between = at(layout, index)->starts && at(layout, index - 1)->token != '{';
    if (out->length > 0 && !is_one_of(out->data[out->length - 1], "([ "))
        bl_text_add(out, between ? "  " : " ");
    bl_text_add_bytes(out, remark->text, remark->length);
}

static bool reads_files(int token)
{
    return token == T_IDX || token == T_NPY || token == T_CSV || token == T_CIFAR10 || token == T_CIFAR100 ||
           token == T_IMAGES || token == T_PIXELS || token == T_NPZ;
}

/* True if a column begins at a token. Neighbouring lines align the `=` and the block of declarations, and the files of
 * data. */
static bool begins_cell(const layout *layout, uint32_t first, uint32_t index, bl_format_line *line)
{
    int head = at(layout, first)->token, token = at(layout, index)->token;
    if (line->cell_count == BL_FORMAT_CELLS)
        return false;
    if (reads_files(head))
        return index == first + 2 || token == T_LABEL || (token == T_STRING && at(layout, index - 1)->token == ',');
    if (token == '=' && head == T_LAYER)
        line->operation = at(layout, index + 1)->token;
    if (token == '=')
        return line->cell_count == 0 && (head == T_LAYER || head == T_LET || head == T_NEURON);
    return token == '{' && (head == T_LAYER || head == T_PHASE);
}

/* Adds the tokens from `from` to `to`, and the comments between them, on one line. Records the cells of `line` unless
 * it is NULL. */
static void add_flat(layout *layout, bl_text *out, uint32_t from, uint32_t to, bl_format_line *line)
{
    for (uint32_t i = from; i < to; i++) {
        const bl_element *element = at(layout, i);
        for (uint32_t j = 0; i > from && j < element->remark_count; j++)
            add_inline(layout, out, i, remark_of(layout, element, j));
        if (i > from && element->remark_count > 0)
            bl_text_add(out, is_one_of(element->token, ";,)]") ? "" : " ");
        else if (i > from)
            bl_text_add(out, space_before(layout, i));
        if (line != NULL && begins_cell(layout, from, i, line))
            line->cells[line->cell_count++] = (uint32_t)out->length;
        bl_text_add_bytes(out, element->text, element->length);
    }
}

static uint32_t flat_width(layout *layout, uint32_t from, uint32_t to)
{
    bl_text text = bl_text_new(layout->lines.arena);
    add_flat(layout, &text, from, to, NULL);
    return bl_format_width(text.data, text.length);
}

/* True if the comments and blocks of a statement allow it to stand on one line. */
static bool is_flat(const layout *layout, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        const bl_element *element = at(layout, i);
        if (element->token == '{' && element->open)
            return false;
        for (uint32_t j = 0; i > from && j < element->remark_count; j++)
            if (remark_of(layout, element, j)->line || remark_of(layout, element, j)->tall)
                return false;
    }
    return true;
}

/* ---- comments ---- */

/* Adds a comment of several lines, which moves as a whole. None of its lines begins left of the first. */
static void add_tall(layout *layout, const bl_remark_text *remark, uint32_t indent)
{
    for (uint32_t from = 0, end; from < remark->length; from = end + 1) {
        const char *stop = memchr(remark->text + from, '\n', remark->length - from);
        end = stop == NULL ? remark->length : (uint32_t)(stop - remark->text);
        uint32_t last = end;
        for (uint32_t i = 1; from > 0 && i < remark->column && from < last; i++)
            from += strchr(" \t\r\f\v", remark->text[from]) != NULL && remark->text[from] != '\0';
        while (last > from && remark->text[last - 1] != '\0' && strchr(" \t\r\f\v", remark->text[last - 1]) != NULL)
            last--;
        bl_text_add_bytes(&new_line(layout, indent)->text, remark->text + from, last - from);
    }
    layout->alone = true;
}

static void add_trail(layout *layout, const bl_remark_text *remark)
{
    bl_text *trail = &last_line(layout)->trail;
    if (trail->length > 0)
        bl_text_add(trail, " ");
    bl_text_add_bytes(trail, remark->text, remark->length);
    layout->alone = true;
}

/* The end of the comments, from `from` on, that stand on one line. Sets `newline` if a line break follows them. */
static uint32_t group_end(const layout *layout, const bl_element *element, uint32_t from, bool closes, bool *newline)
{
    uint32_t end = from + 1;
    const bl_remark_text *remark = remark_of(layout, element, from);
    while (end < element->remark_count && !remark->line && !remark->tall) {
        const bl_remark_text *next = remark_of(layout, element, end);
        if (next->newline || next->tall)
            break;
        remark = next;
        end++;
    }
    *newline = end < element->remark_count || remark->line || remark->tall || element->newline || closes;
    return end;
}

/* Adds comments on a line of their own. A comment in the column of the trailing comment above continues it there. */
static void add_group(layout *layout, const bl_element *element, uint32_t from, uint32_t end, uint32_t indent)
{
    const bl_remark_text *remark = remark_of(layout, element, from);
    bool goes_on = from > 0 && remark->line && !remark->blank && last_line(layout)->trail.length > 0 &&
                   remark->column == remark_of(layout, element, from - 1)->column;
    if (remark->blank)
        empty_line(layout);
    if (remark->tall) {
        add_tall(layout, remark, indent);
        return;
    }
    bl_format_line *line = new_line(layout, indent);
    line->aligned = goes_on;
    for (uint32_t i = from; i < end; i++) {
        bl_text *out = goes_on ? &line->trail : &line->text;
        bl_text_add(out, i > from ? " " : "");
        bl_text_add_bytes(out, remark_of(layout, element, i)->text, remark_of(layout, element, i)->length);
    }
    layout->alone = true;
}

/* Adds the comments before a statement or before the end of a block: behind the line above, or on lines of their own.
 * Returns the index of the first comment that stays on the line of the statement. */
static uint32_t add_remarks(layout *layout, uint32_t index, uint32_t indent, bool closes)
{
    const bl_element *element = at(layout, index);
    uint32_t from = 0;
    while (from < element->remark_count) {
        bool newline;
        const bl_remark_text *remark = remark_of(layout, element, from);
        uint32_t end = group_end(layout, element, from, closes, &newline);
        if (!newline)
            break;
        if (from == 0 && !remark->newline && !remark->tall && layout->lines.count > 0)
            for (; from < end; from++)
                add_trail(layout, remark_of(layout, element, from));
        else
            add_group(layout, element, from, end, indent);
        from = end;
    }
    return from;
}

/* ---- statements ---- */

static void add_statements(layout *layout, uint32_t from, uint32_t end, uint32_t indent, bool apart);

/* Adds comments inside a statement of several lines. Returns true if the next token must begin a line. */
static bool add_inner_remarks(layout *layout, uint32_t index, uint32_t indent)
{
    const bl_element *element = at(layout, index);
    bool breaks = false;
    for (uint32_t i = 0; i < element->remark_count; i++) {
        const bl_remark_text *remark = remark_of(layout, element, i);
        if (remark->tall)
            add_tall(layout, remark, indent);
        else if (remark->line && !remark->newline)
            add_trail(layout, remark);
        else if (remark->line)
            bl_text_add_bytes(&new_line(layout, indent)->text, remark->text, remark->length);
        else
            add_inline(layout, breaks ? &new_line(layout, indent)->text : &last_line(layout)->text, index, remark);
        breaks = remark->tall || remark->line;
    }
    return breaks;
}

static bool begins_clause(int token)
{
    return token == T_LABEL || token == T_WITHOUT || token == T_CATEGORIES || token == T_MISSING;
}

/* The end of the tokens, from `from` on, that stay together: behind a comma, or before an operator, a clause of a
 * table, a comment or a block. */
static uint32_t stretch_end(const layout *layout, uint32_t from, uint32_t to)
{
    uint32_t i = from + 1;
    if (at(layout, from)->token == '{') /* a block on one line */
        return at(layout, from)->partner + 1;
    for (; i < to; i++) {
        const bl_element *element = at(layout, i);
        if (at(layout, i - 1)->token == ',' || element->remark_count > 0 || element->token == '{' ||
            (is_one_of(element->token, "+-*/") && element->space) || begins_clause(element->token))
            break;
    }
    return i;
}

static void add_open_block(layout *layout, uint32_t brace, uint32_t indent, bool apart)
{
    uint32_t end = at(layout, brace)->partner;
    bool breaks = add_inner_remarks(layout, brace, indent + BL_FORMAT_CONTINUED);
    bl_text *text = breaks ? &new_line(layout, indent)->text : &last_line(layout)->text;
    bl_text_add(text, breaks ? "{" : " {");
    layout->opened = true;
    layout->alone = false;
    add_statements(layout, brace + 1, end, indent + BL_FORMAT_INDENT, apart);
    bl_text_add(&new_line(layout, indent)->text, "}");
}

/* Adds a statement on as many lines as it needs. `apart`: its block did not fit on one line. */
static void add_broken(layout *layout, uint32_t from, uint32_t to, uint32_t indent, bool apart)
{
    uint32_t first_line = layout->lines.count;
    for (uint32_t i = from, end; i < to; i = end) {
        if (at(layout, i)->token == '{' && at(layout, i)->open) {
            add_open_block(layout, i, indent, apart);
            break;
        }
        end = stretch_end(layout, i, to);
        bool breaks = i > from && add_inner_remarks(layout, i, indent + BL_FORMAT_CONTINUED);
        bl_format_line *line = last_line(layout);
        const bl_element *element = at(layout, i);
        bool close = is_one_of(element->token, ";,)]");
        const char *space = i == from ? "" : element->remark_count > 0 ? (close ? "" : " ") : space_before(layout, i);
        uint32_t width = flat_width(layout, i, end) + (uint32_t)strlen(space);
        uint32_t used = line->indent + bl_format_width(line->text.data, line->text.length);
        if (breaks || (i > from && used + width > BL_FORMAT_WIDTH && !close)) {
            line = new_line(layout, indent + BL_FORMAT_CONTINUED);
            space = "";
        }
        bl_text_add(&line->text, space);
        add_flat(layout, &line->text, i, end, NULL);
    }
    layout->alone = layout->lines.count > first_line;
}

static uint32_t statement_end(const layout *layout, uint32_t from)
{
    for (uint32_t i = from;; i++) {
        if (at(layout, i)->token == ';')
            return i + 1;
        if (at(layout, i)->token == '{')
            return at(layout, i)->partner + 1;
    }
}

/* Adds the comments that precede a statement on its line. */
static void add_lead(layout *layout, bl_text *out, uint32_t index, uint32_t lead)
{
    const bl_element *element = at(layout, index);
    for (uint32_t i = lead; i < element->remark_count; i++) {
        bl_text_add_bytes(out, remark_of(layout, element, i)->text, remark_of(layout, element, i)->length);
        bl_text_add(out, " ");
    }
}

static void add_statement(layout *layout, uint32_t from, uint32_t to, uint32_t indent, uint32_t lead, bool joins)
{
    bool flat = is_flat(layout, from, to), apart = false;
    bl_text head = bl_text_new(layout->lines.arena);
    add_lead(layout, &head, from, lead);
    uint32_t width = bl_format_width(head.data, head.length) + (flat ? flat_width(layout, from, to) : 0);
    const bl_format_line *last = last_line(layout);
    if (flat && joins &&
        last->indent + bl_format_width(last->text.data, last->text.length) + 2 + width <= BL_FORMAT_WIDTH) {
        bl_text *text = &last_line(layout)->text;
        bl_text_add(text, "  ");
        bl_text_add_bytes(text, head.data, head.length);
        add_flat(layout, text, from, to, NULL);
        return;
    }
    bl_format_line *line = new_line(layout, indent);
    bl_text_add_bytes(&line->text, head.data, head.length);
    line->group = reads_files(at(layout, from)->token) ? T_IDX : at(layout, from)->token;
    if (flat && indent + width <= BL_FORMAT_WIDTH) {
        add_flat(layout, &line->text, from, to, line);
        return;
    }
    for (uint32_t i = from; i < to && flat; i++)
        if (at(layout, i)->token == '{') {
            at(layout, i)->open = apart = true;
            break;
        }
    add_broken(layout, from, to, indent, apart);
}

static void add_statements(layout *layout, uint32_t from, uint32_t end, uint32_t indent, bool apart)
{
    for (uint32_t i = from, next; i < end; i = next) {
        const bl_element *element = at(layout, i);
        next = statement_end(layout, i);
        uint32_t lead = add_remarks(layout, i, indent, false);
        const bl_remark_text *first = lead < element->remark_count ? remark_of(layout, element, lead) : NULL;
        bool joins = !(first != NULL ? first->newline : element->newline) && !apart && layout->lines.count > 0 &&
                     !layout->opened && !layout->alone;
        if (first != NULL ? first->blank : element->blank)
            empty_line(layout);
        add_statement(layout, i, next, indent, lead, joins);
    }
    add_remarks(layout, end, indent, true);
}

/* ---- a file ---- */

typedef struct request {
    const char *name, *text; /* `text` is NULL if `name` is a path */
    size_t length;
    bl_layout *out;
} request;

static bl_text print_items(bl_context *context, const bl_node *items)
{
    bl_text text = bl_text_new(&context->arena);
    for (const bl_node *item = items->first; item != NULL; item = item->next) {
        bl_node_print(item, &text);
        bl_text_add(&text, "\n");
    }
    return text;
}

/* True if the new text holds the same statements. */
static bool same_statements(bl_context *context, const bl_text *text, const bl_node *items)
{
    bl_parsing *again = BL_NEW(&context->arena, bl_parsing);
    uint32_t before = context->diagnostics.errors;
    bl_parse_text(again, context, bl_context_add_file(context, "formatted", text->data, text->length));
    bl_text old = print_items(context, items), new = print_items(context, again->items);
    return context->diagnostics.errors == before &&
           old.length == new.length &&memcmp(old.data, new.data, old.length) == 0;
}

static void compare(const bl_file *file, bl_layout *out)
{
    size_t same = 0;
    while (same < file->length && same < out->length && file->text[same] == out->text[same])
        same++;
    out->changed = same < file->length || same < out->length;
    out->first_line = 1;
    for (size_t i = 0; i < same; i++)
        out->first_line += file->text[i] == '\n';
}

static void lay_out(bl_context *context, uint32_t index, bl_layout *out)
{
    bl_parsing *parsing = BL_NEW(&context->arena, bl_parsing);
    layout layout = {.lines = {.arena = &context->arena}};
    bl_parse_text(parsing, context, index);
    if (context->diagnostics.errors > 0)
        return;
    out->fault = !bl_format_read(parsing, &layout.elements);
    if (out->fault)
        return;
    add_statements(&layout, 0, layout.elements.count - 1, 0, false);
    bl_text text = bl_format_print(&layout.lines);
    out->fault = !same_statements(context, &text, parsing->items);
    if (out->fault)
        return;
    out->text = text.data;
    out->length = text.length;
    compare(bl_context_file(context, index), out);
}

static int format(bl_context *context, void *argument)
{
    const request *request = argument;
    uint32_t index;
    if (request->text == NULL) {
        if (bl_read_file(context, request->name, &index))
            lay_out(context, index, request->out);
    } else if (bl_hold_text(context, request->name, request->text, request->length, &index)) {
        lay_out(context, index, request->out);
    }
    return 0;
}

int bl_lay_out(bl_context *context, const char *path, bl_layout *out)
{
    request request = {.name = path, .out = out};
    *out = (bl_layout){0};
    return bl_guard(context, format, &request);
}

int bl_lay_out_text(bl_context *context, const char *name, const char *text, size_t length, bl_layout *out)
{
    request request = {name, text, length, out};
    *out = (bl_layout){0};
    return bl_guard(context, format, &request);
}
