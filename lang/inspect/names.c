/* The names that a text declares, and where each is used. First every declaration is gathered, then every use is looked
 * up: a source among the layers of its network, a layer of a phase in the chosen network, a name in an expression among
 * the parameters of its formula and then the constants. */
#include <string.h>

#include "parse/word.h"
#include "report/context.h"

enum { LONGEST_NAME = 255 };

typedef struct naming {
    bl_context *context;
    const char *wanted; /* the network of the phases; NULL: the last one */
    bl_name *list;
    uint32_t count;
    uint32_t network; /* of the phases; BL_NO_SCOPE: none */
} naming;

/* Where a use stands. */
typedef struct surroundings {
    uint32_t network; /* of a layer; BL_NO_SCOPE: outside */
    uint32_t neuron;  /* of an expression; BL_NO_SCOPE: outside */
} surroundings;

/* ---- declarations ---- */

static uint32_t declare(naming *n, bl_name_kind kind, const bl_node *node, uint32_t scope)
{
    if (node->text == NULL || bl_context_file(n->context, node->name_place.file) == NULL)
        return BL_NO_SCOPE;
    const bl_node *block = bl_node_find(node, BL_NODE_BLOCK);
    n->list = bl_grow(&n->context->arena, n->list, n->count, sizeof *n->list);
    n->list[n->count] = (bl_name){.kind = kind,
                                  .text = node->text,
                                  .place = node->name_place,
                                  .whole = node->place,
                                  .block = block == NULL ? (bl_place){.file = node->place.file} : block->place,
                                  .scope = scope};
    return n->count++;
}

static void declare_network(naming *n, const bl_node *node)
{
    uint32_t network = declare(n, BL_NAME_NETWORK, node, BL_NO_SCOPE);
    if (n->wanted == NULL || strcmp(node->text, n->wanted) == 0)
        n->network = network;
    for (const bl_node *item = node->first->first; item != NULL; item = item->next)
        if (item->kind == BL_NODE_LAYER)
            declare(n, BL_NAME_LAYER, item, network);
}

static void declare_neuron(naming *n, const bl_node *node)
{
    uint32_t neuron = declare(n, BL_NAME_NEURON, node, BL_NO_SCOPE);
    const bl_node *parameters = bl_node_find(node, BL_NODE_PARAMETERS);
    for (const bl_node *name = parameters == NULL ? NULL : parameters->first; name != NULL; name = name->next)
        declare(n, BL_NAME_PARAMETER, name, neuron);
}

static void declare_all(naming *n, const bl_node *items)
{
    for (const bl_node *item = items->first; item != NULL; item = item->next) {
        if (item->kind == BL_NODE_INCLUDE || item->kind == BL_NODE_SCHEDULE || item->kind == BL_NODE_BLOCK)
            declare_all(n, item);
        else if (item->kind == BL_NODE_NETWORK)
            declare_network(n, item);
        else if (item->kind == BL_NODE_NEURON)
            declare_neuron(n, item);
        else if (item->kind == BL_NODE_LET)
            declare(n, BL_NAME_CONSTANT, item, BL_NO_SCOPE);
        else if (item->kind == BL_NODE_DATA)
            declare(n, BL_NAME_DATA, item, BL_NO_SCOPE);
        else if (item->kind == BL_NODE_PHASE)
            declare(n, BL_NAME_PHASE, item, BL_NO_SCOPE);
    }
}

/* ---- uses ---- */

static bl_name *find(const naming *n, bl_name_kind kind, const char *text, uint32_t scope)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->list[i].kind == kind && n->list[i].scope == scope && strcmp(n->list[i].text, text) == 0)
            return &n->list[i];
    return NULL;
}

static void use(naming *n, bl_name *name, bl_place place)
{
    if (name == NULL)
        return;
    bl_place *uses = bl_grow(&n->context->arena, (bl_place *)name->uses, name->use_count, sizeof *uses);
    uses[name->use_count++] = place;
    name->uses = uses;
}

static void use_in_expression(naming *n, const bl_node *node, const surroundings *in)
{
    bl_name *name = in->neuron == BL_NO_SCOPE ? NULL : find(n, BL_NAME_PARAMETER, node->text, in->neuron);
    use(n, name != NULL ? name : find(n, BL_NAME_CONSTANT, node->text, BL_NO_SCOPE), node->place);
}

/* A name that stands for a word: `background black`, `centred none`. */
static bool is_word_of(const bl_node *parent, const bl_node *node)
{
    return parent->kind == BL_NODE_BACKGROUND || parent->kind == BL_NODE_IMAGE ||
           (parent->kind == BL_NODE_CENTRED && strcmp(node->text, "none") == 0);
}

static void use_node(naming *n, const bl_node *parent, const bl_node *node, const surroundings *in)
{
    if (node->text == NULL)
        return;
    if (node->kind == BL_NODE_ON)
        use(n, find(n, BL_NAME_LAYER, node->text, n->network), node->place);
    else if (node->kind == BL_NODE_FIRE)
        use(n, find(n, BL_NAME_NEURON, node->text, BL_NO_SCOPE), node->name_place);
    else if (node->kind == BL_NODE_SWEEP)
        use(n, find(n, BL_NAME_CONSTANT, node->text, BL_NO_SCOPE), node->name_place);
    else if (node->kind != BL_NODE_NAME)
        return;
    else if (parent->kind == BL_NODE_FROM)
        use(n, find(n, BL_NAME_LAYER, node->text, in->network), node->place);
    else if (parent->kind == BL_NODE_NAMES || parent->kind == BL_NODE_COMPETE)
        use(n, find(n, BL_NAME_LAYER, node->text, n->network), node->place);
    else if (!is_word_of(parent, node) && parent->kind != BL_NODE_PARAMETERS)
        use_in_expression(n, node, in);
}

static uint32_t index_at(const naming *n, bl_place place)
{
    for (uint32_t i = 0; i < n->count; i++)
        if (n->list[i].place.file == place.file && n->list[i].place.offset == place.offset)
            return i;
    return BL_NO_SCOPE;
}

/* Recursion is bounded: a tree is at most BL_MAX_DEPTH deep, and includes nest at most 32 deep. */
static void use_all(naming *n, const bl_node *parent, surroundings in)
{
    if (parent->kind == BL_NODE_NETWORK)
        in.network = index_at(n, parent->name_place);
    if (parent->kind == BL_NODE_NEURON)
        in.neuron = index_at(n, parent->name_place);
    for (const bl_node *node = parent->first; node != NULL; node = node->next) {
        use_node(n, parent, node, &in);
        use_all(n, node, in);
    }
}

typedef struct naming_request {
    const char *network;
    bl_names *out;
} naming_request;

static int list_names(bl_context *context, void *argument)
{
    const naming_request *request = argument;
    naming n = {.context = context, .wanted = request->network, .network = BL_NO_SCOPE};
    if (context->root == NULL)
        return 0;
    declare_all(&n, context->root);
    use_all(&n, context->root, (surroundings){BL_NO_SCOPE, BL_NO_SCOPE});
    *request->out = (bl_names){n.count, n.list};
    return 0;
}

int bl_list_names(bl_context *context, const char *network, bl_names *out)
{
    naming_request request = {network, out};
    *out = (bl_names){0};
    return bl_guard(context, list_names, &request);
}

/* ---- includes ---- */

typedef struct includes {
    bl_include *list;
    uint32_t count;
} includes;

static void add_includes(bl_context *context, const bl_node *items, includes *out)
{
    for (const bl_node *item = items->first; item != NULL; item = item->next) {
        if (item->kind != BL_NODE_INCLUDE)
            continue;
        out->list = bl_grow(&context->arena, out->list, out->count, sizeof *out->list);
        out->list[out->count++] = (bl_include){item->name_place, item->file};
        add_includes(context, item, out);
    }
}

static int list_includes(bl_context *context, void *argument)
{
    includes found = {0};
    if (context->root != NULL)
        add_includes(context, context->root, &found);
    *(bl_includes *)argument = (bl_includes){found.count, found.list};
    return 0;
}

int bl_list_includes(bl_context *context, bl_includes *out)
{
    *out = (bl_includes){0};
    return bl_guard(context, list_includes, out);
}

/* ---- new names ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_spelt_well(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!is_letter(name[i]) && (i == 0 || name[i] < '0' || name[i] > '9'))
            return false;
    return length > 0;
}

bool bl_name_fits(bl_name_kind kind, const char *name, const char **reason)
{
    bool in_expressions = kind == BL_NAME_CONSTANT || kind == BL_NAME_NEURON || kind == BL_NAME_PARAMETER;
    *reason = NULL;
    if (!is_spelt_well(name))
        *reason = "a name has letters, digits and _, and does not begin with a digit";
    else if (strlen(name) > LONGEST_NAME)
        *reason = "a name has at most 255 characters";
    else if (kind == BL_NAME_LAYER && strcmp(name, "input") == 0)
        *reason = "no layer is called `input`, because `from input` reads the input";
    else if (in_expressions && bl_is_word(name) && !bl_is_free_word(name) &&
             !(kind == BL_NAME_PARAMETER && strcmp(name, "alpha") == 0))
        *reason = "it is a word of the language, which would be ambiguous in an expression";
    return *reason == NULL;
}
