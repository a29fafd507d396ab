/* What numbers and words mean: the table meaning.def, and the numbers that a check has recorded. */
#include <string.h>

#include "check/value.h"
#include "formula/formula.h"
#include "report/context.h"

typedef struct meaning {
    const char *symbol, *text;
} meaning;

typedef struct term {
    const char *word, *text;
} term;

typedef struct call {
    const char *word, *label, *text;
} call;

#define MEANING(id, symbol, text)
#define TERM(word, text)
#define CALL(word, label, text)

static const meaning MEANINGS[BL_QUANTITIES] = {
#undef MEANING
#define MEANING(id, symbol, text) [BL_QUANTITY_##id] = {symbol, text},
#include "inspect/meaning.def"
#undef MEANING
#define MEANING(id, symbol, text)
};

static const term TERMS[] = {
#undef TERM
#define TERM(word, text) {word, text},
#include "inspect/meaning.def"
#undef TERM
#define TERM(word, text)
};

static const call CALLS[] = {
#undef CALL
#define CALL(word, label, text) {word, label, text},
#include "inspect/meaning.def"
#undef CALL
#undef TERM
#undef MEANING
};

const char *bl_word_meaning(const char *word)
{
    for (size_t i = 0; i < sizeof TERMS / sizeof *TERMS; i++)
        if (strcmp(TERMS[i].word, word) == 0)
            return TERMS[i].text;
    return NULL;
}

static bool function_signature(const char *word, uint32_t index, const char **label, const char **text)
{
    static const char FUNCTION[] = "A function of neuron formulas.";
    for (size_t i = 0; i < BL_OPERATIONS && index == 0; i++) {
        if (*bl_operation_kinds[i].usage == '\0' || strcmp(bl_operation_kinds[i].spelling, word) != 0)
            continue;
        *label = bl_operation_kinds[i].usage;
        *text = FUNCTION;
        return true;
    }
    return false;
}

bool bl_signature(const char *word, uint32_t index, const char **label, const char **text)
{
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        if (strcmp(CALLS[i].word, word) != 0 || index-- > 0)
            continue;
        *label = CALLS[i].label;
        *text = CALLS[i].text;
        return true;
    }
    return function_signature(word, index, label, text);
}

/* ---- numbers ---- */

typedef struct number_request {
    uint32_t file, offset;
    bl_number *out;
    bool found;
} number_request;

static void describe(bl_context *context, const bl_checked_number *number, bl_number *out)
{
    *out = (bl_number){.place = number->place, .value = number->value};
    if (number->quantity == UINT32_MAX)
        return;
    bl_quantity_view(&context->arena, (bl_quantity)number->quantity, &out->facts);
    const meaning *meaning = &MEANINGS[number->quantity];
    out->facts.symbol = meaning->symbol == NULL ? "" : meaning->symbol;
    out->facts.meaning = meaning->text == NULL ? "" : meaning->text;
}

/* Of several numbers at one place, such as a `keep` that is a count or a share, the last one is the most exact. */
static int number_at(bl_context *context, void *argument)
{
    number_request *request = argument;
    const bl_checked_number *best = NULL;
    for (uint32_t i = 0; i < context->number_count; i++) {
        const bl_checked_number *number = &context->numbers[i];
        const bl_place *place = &number->place;
        bool covers = place->file == request->file && place->offset <= request->offset &&
                      request->offset < place->offset + place->length;
        if (covers && (best == NULL || place->length <= best->place.length))
            best = number;
    }
    request->found = best != NULL;
    if (best != NULL)
        describe(context, best, request->out);
    return 0;
}

bool bl_number_at(bl_context *context, uint32_t file, uint32_t offset, bl_number *out)
{
    number_request request = {file, offset, out, false};
    return bl_guard(context, number_at, &request) == 0 && request.found;
}

bl_known_layers bl_list_layers(const bl_context *context)
{
    return context->layers;
}
