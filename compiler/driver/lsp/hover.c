/* Hovers: what stands under the cursor, from the most exact to the least: a diagnostic, a name, a number, a word. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "lsp/facts.h"
#include "lsp/handlers.h"

typedef struct hovering {
    lsp_state *s;
    lsp_place place;
    FILE *to;
    bl_place shown; /* the text that is explained; length 0: not known yet */
    bool told;
} hovering;

static void begin(hovering *h, bl_place shown)
{
    if (h->told)
        fputs("\n\n", h->to);
    else
        h->shown = shown;
    h->told = true;
}

/* ---- diagnostics ---- */

static void tell_findings(hovering *h)
{
    const bl_findings *findings = &h->place.analysis->findings;
    const char *last = "";
    for (uint32_t i = 0; i < findings->count; i++) {
        const bl_finding *finding = &findings->list[i];
        bl_explanation explanation;
        if (!lsp_covers(finding->place, h->place.file, h->place.offset) || strcmp(finding->code, last) == 0 ||
            !bl_explain(finding->code, &explanation))
            continue;
        begin(h, finding->place);
        fprintf(h->to, "%s: %s", finding->code, explanation.text);
        last = finding->code;
    }
}

/* ---- names ---- */

/* The text of a statement up to its block, in one line. */
static void write_head(hovering *h, const bl_name *name)
{
    bl_read read;
    if (!bl_read_at(h->place.analysis->context, name->whole.file, &read))
        return;
    uint32_t end = name->block.length > 0 ? name->block.offset : name->whole.offset + name->whole.length;
    bool blank = false;
    fputs(h->s->markdown ? "```btn\n" : "", h->to);
    for (uint32_t i = name->whole.offset; i < end; i++) {
        bool space = isspace((unsigned char)read.text[i]) != 0;
        if (!space && blank)
            fputc(' ', h->to);
        if (!space)
            fputc(read.text[i], h->to);
        blank = space;
    }
    fputs(h->s->markdown ? "\n```" : "", h->to);
}

static void tell_name(hovering *h, const bl_name *name, bl_place at)
{
    bl_number number;
    lsp_analysis *a = h->place.analysis;
    const bl_layer *layer = name->kind == BL_NAME_LAYER ? lsp_layer_at(a, name->place) : NULL;
    begin(h, at);
    if (name->kind == BL_NAME_PARAMETER) {
        fputs("A parameter of the formula: first the neuron's drive, then its own alpha.", h->to);
        return;
    }
    write_head(h, name);
    if (layer != NULL) {
        fputs("\n\n", h->to);
        if (lsp_write_shape(h->to, layer))
            lsp_write_costs(h->to, a, layer);
        else
            fputs("Its shape is not known.", h->to);
    } else if (name->kind == BL_NAME_CONSTANT &&
               bl_number_at(a->context, name->place.file, name->place.offset, &number)) {
        fprintf(h->to, "\n\n= %.17g", number.value);
    }
}

/* ---- numbers and words ---- */

static void tell_quantity(hovering *h, const bl_number *number)
{
    const bl_quantity_facts *facts = &number->facts;
    begin(h, number->place);
    fprintf(h->to, "%c%s", toupper((unsigned char)facts->what[0]), facts->what + 1);
    if (*facts->symbol != '\0')
        fprintf(h->to, ", %s", facts->symbol);
    fprintf(h->to, ": %s.\n\n%s\n\n", facts->range, facts->meaning);
    if (facts->usual != NULL)
        fprintf(h->to, "Default: %s. ", facts->usual);
    fprintf(h->to, "Here: %.10g.", number->value);
}

/* The first number behind a word in its statement: `leak 0.1`. */
static bool number_behind(const hovering *h, const bl_tokens *tokens, uint32_t index, bl_number *out)
{
    const char *text = h->place.document->text;
    for (uint32_t i = index + 1; i < tokens->count; i++) {
        bl_place place = tokens->list[i].place;
        if (tokens->list[i].kind == BL_TOKEN_WORD || strchr(";{}", text[place.offset]) != NULL)
            return false;
        if (bl_number_at(h->place.analysis->context, place.file, place.offset, out) && out->facts.what != NULL)
            return true;
    }
    return false;
}

static void tell_word(hovering *h, const bl_tokens *tokens, uint32_t index)
{
    const bl_token *token = &tokens->list[index];
    char word[64];
    const char *label, *meaning;
    bl_number number;
    if (token->place.length >= sizeof word)
        return;
    memcpy(word, h->place.document->text + token->place.offset, token->place.length);
    word[token->place.length] = '\0';
    const char *told = token->kind == BL_TOKEN_WORD ? bl_word_meaning(word) : NULL;
    bool called = bl_signature(word, 0, &label, &meaning);
    if (told == NULL && !called)
        return;
    bool numbered = token->kind == BL_TOKEN_WORD && number_behind(h, tokens, index, &number);
    if (!numbered || called) { /* the meaning of its number is that of a word such as `leak` */
        begin(h, token->place);
        if (called)
            fprintf(h->to, h->s->markdown ? "`%s`\n\n" : "%s\n\n", label);
        fputs(told != NULL ? told : meaning, h->to);
    }
    if (numbered)
        tell_quantity(h, &number);
}

static void tell_token(hovering *h)
{
    bl_tokens tokens;
    bl_number number;
    if (bl_list_tokens(h->place.analysis->context, h->place.file, &tokens) != 0) {
        lsp_made(h->s, NULL);
        return;
    }
    for (uint32_t i = 0; i < tokens.count; i++) {
        const bl_token *token = &tokens.list[i];
        bool inside =
            token->place.offset <= h->place.offset && h->place.offset < token->place.offset + token->place.length;
        if (inside && (token->kind == BL_TOKEN_WORD || token->kind == BL_TOKEN_NAME)) {
            tell_word(h, &tokens, i);
            return;
        }
    }
    if (bl_number_at(h->place.analysis->context, h->place.file, h->place.offset, &number) && number.facts.what != NULL)
        tell_quantity(h, &number);
}

static void tell(hovering *h)
{
    bl_place at;
    bl_number number;
    const bl_name *name = lsp_name_at(h->s, &h->place, &at);
    tell_findings(h);
    if (name == NULL) {
        tell_token(h);
        return;
    }
    tell_name(h, name, at);
    if (bl_number_at(h->place.analysis->context, h->place.file, h->place.offset, &number) && number.facts.what != NULL)
        tell_quantity(h, &number); /* a constant that stands for a number */
}

json_t *lsp_hover(lsp_state *s, const json_t *params)
{
    hovering h = {.s = s};
    char *text = NULL;
    size_t length;
    if (!lsp_locate(s, params, &h.place))
        return NULL;
    h.to = lsp_made(s, open_memstream(&text, &length));
    if (h.to == NULL)
        return NULL;
    tell(&h);
    fclose(h.to);
    json_t *hover = h.told && text != NULL
                        ? json_pack("{s:{s:s, s:o}, s:o}", "contents", "kind", s->markdown ? "markdown" : "plaintext",
                                    "value", lsp_text(text), "range", lsp_range(s, h.place.analysis, h.shown))
                        : json_null();
    free(text);
    return hover;
}
