/* The C header of an artefact: sizes as constants, the exported functions, and comments on their use. */
#include <string.h>

#include "artefact/c_text.h"
#include "artefact/context.h"
#include "artefact/why.h"

static const struct {
    const char *name, *type, *parameters;
    bool stack;
} functions[] = {
#define ROW(id, name, type, parameters, stack) {name, type, parameters, stack},
    BC_FUNCTIONS(ROW)
#undef ROW
};

/* ---- what a sample holds ---- */

enum { COLUMNS_SHOWN = 256 };

/* One value of a sample: its position, the names of its column and of its category, its range. */
static void print_column(const bc_artefact *a, uint32_t index, const char *name, const char *word, FILE *to)
{
    if (index == COLUMNS_SHOWN)
        fputs(" *   ...\n", to);
    if (index >= COLUMNS_SHOWN)
        return;
    fprintf(to, " *   %u", index);
    if (name) {
        fputs("  ", to);
        bc_put_in_comment(name, to);
    }
    if (word) {
        fputs(" = ", to);
        bc_put_in_comment(word, to);
    }
    if (a->columns && index < a->schema->range_count)
        fprintf(to, "  %.9g .. %.9g", a->schema->ranges[index].low, a->schema->ranges[index].high);
    fputc('\n', to);
}

/* Returns whether there are categories. */
static bool print_columns(const bc_artefact *a, FILE *to)
{
    const br_schema *schema = a->schema;
    uint32_t index = 0;
    bool categories = false;
    for (uint32_t i = 0; i < schema->column_count; i++) {
        const br_column *column = &schema->columns[i];
        if (column->role == BT_ROLE_NUMBER)
            print_column(a, index++, column->name, NULL, to);
        categories = categories || column->role == BT_ROLE_CATEGORY;
        for (uint32_t w = 0; column->role == BT_ROLE_CATEGORY && w < column->word_count; w++)
            print_column(a, index++, column->name, column->words[w], to);
    }
    while (index < (a->columns ? schema->range_count : 0))
        print_column(a, index++, NULL, NULL, to);
    return categories;
}

/* The functions take samples as the network sees them, after the readers prepared them. */
static void print_sample(const bc_artefact *a, FILE *to)
{
    const br_schema *schema = a->schema;
    const br_pictures *p = schema ? &schema->pictures : NULL;
    uint64_t values = bl_sample_values(&a->input);
    if (schema && (schema->column_count > 0 || a->columns)) {
        fprintf(to, "/* The %s of a sample%s:\n", a->columns && schema->range_count != values ? "channels" : "values",
                a->columns ? ", with the range of raw values; those outside count as the end" : "");
        bool categories = print_columns(a, to);
        fprintf(to, "%s */\n\n", categories ? " * NAME = WORD is 1 where the column holds the word, otherwise 0." : "");
    }
    if (p && (p->invert || p->transpose || p->turns > 0)) {
        fputs("/* Samples are pictures after the steps of the training:", to);
        fprintf(to, "%s%s", p->invert ? " invert;" : "", p->transpose ? " transpose;" : "");
        if (p->turns > 0)
            fprintf(to, " turn %u;", 90 * p->turns);
        fputs(" */\n\n", to);
    }
}

static void print_constants(const bc_artefact *a, const char *upper, FILE *to)
{
    const bl_input *in = &a->input;
    fprintf(to, "#define %s_HEIGHT    %uu\n", upper, in->height);
    fprintf(to, "#define %s_WIDTH     %uu\n", upper, in->width);
    fprintf(to, "#define %s_CHANNELS  %uu\n", upper, in->channels);
    fprintf(to, "#define %s_INPUTS    %lluu /* floats of a sample: rows, columns, channels last */\n", upper,
            (unsigned long long)bl_sample_values(in));
    fprintf(to, "#define %s_LABELS    %uu /* 0 .. %u; floats of an answer */\n", upper, a->labels, a->labels - 1);
    if (bc_artefact_names(a))
        bc_put_classes(upper, a->schema->classes, a->labels, to);
    if (a->columns) {
        fprintf(to, "#define %s_COLUMNS   %uu /* each with its own range, below */\n", upper, a->schema->range_count);
    } else {
        fprintf(to, "#define %s_LOW       %.9g /* raw values lie between; those outside count as the end */\n", upper,
                a->low);
        fprintf(to, "#define %s_HIGH      %.9g\n", upper, a->high);
    }
    fprintf(to, "#define %s_SCRATCH   %lluu /* bytes */\n", upper, (unsigned long long)a->facts.scratch_bytes);
    if (!a->quantised)
        fprintf(to, "#define %s_LAYERS    %uu /* the input among them */\n", upper, a->trace.layer_count);
    if (!a->quantised)
        fprintf(to, "#define %s_WHY       %lluu /* doubles */\n", upper, (unsigned long long)bc_why_doubles(&a->trace));
    if (!a->quantised)
        fprintf(to, "#define %s_TRACE     %lluu /* floats */\n", upper, (unsigned long long)a->trace.floats);
    fprintf(to, "#define %s_INTERFACE %uu\n", upper, BR_INTERFACE_VERSION);
    fprintf(to, "#define %s_VERSION   \"%s\"\n", upper, BR_VERSION);
    fprintf(to, "#define %s_MODEL     \"%016llx\"\n\n", upper, (unsigned long long)a->model);
}

/* Declared once, even if a program includes the headers of several networks. */
static void print_layer_struct(FILE *to)
{
    static const char *const kinds[] = {
#define KIND(id) #id,
        BC_TRACE_KINDS(KIND)
#undef KIND
    };
    fputs("#ifndef BOUTON_LAYER\n#define BOUTON_LAYER\n", to);
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        fprintf(to, "#define BOUTON_%-11s %uu\n", kinds[i], i);
    fputs("typedef struct bouton_layer {\n"
          "    const char *name;\n"
          "    const uint32_t *sources; /* [source_count]: numbers of the layers it reads */\n"
          "    float top;\n",
          to);
#define FIELD(member, words)                                                                                           \
    fprintf(to, "    uint32_t " #member ";%s%s%s\n", *words ? " /* " : "", words, *words ? " */" : "");
    BC_TRACE_FIELDS(FIELD)
#undef FIELD
    fputs("} bouton_layer;\n#endif\n\n", to);
}

static void print_inspection(const bc_artefact *a, const char *upper, FILE *to)
{
    fprintf(
        to,
        "\n/* To see why. `_trace` answers and leaves what every layer did in %s_TRACE floats; `_layers` says where:\n"
        " * %s_LAYERS of them, number 0 the input. `_connections` looks at one neuron, counted as its layer's\n"
        " * activations lie, in a trace: the result is how many of its connections are live, that is carry signal.\n"
        " * `bounds` (NULL: not wanted) gets a bound for each, negative (also -0) where it inhibits, 1 where it was\n"
        " * left out since no input makes it live; `adds` (NULL: not wanted) what each adds to the neuron's drive.\n"
        " * `_why` tells what each input added to the drive of a label, in a trace: `adds` gets a float for each of "
        "the\n"
        " * activations of layer 0%s; the result is what no input\n"
        " * added: thresholds, and the bounds of layers that read layers. Together they are the drive of the label.\n"
        " * `work` is room for %s_WHY doubles, other room for each thread. */\n",
        upper, upper,
        a->input.encoding_count > 0 ? ", which are those after the encodings of the input"
                                    : ", in the order of the values of a sample",
        upper);
}

static void print_functions(const bc_artefact *a, const char *upper, FILE *to)
{
    char facts[512];
    snprintf(
        facts, sizeof facts,
        "\n/* What the code was built from; %.80s_INTERFACE, where this header is of the same build; and 0 where the\n"
        " * processor lacks what the code was built for (%.256s). */\n",
        upper, a->cpus);
    fprintf(
        to,
        "/* Each answers samples of raw values: `out` gets a probability for every label, together 1; the result, or\n"
        " * `labels` (NULL: not wanted), is the label that wins, the first one with the largest probability. `levels`\n"
        " * (NULL: not wanted) gets how strongly each label fires, in [0, 1]. No memory is taken and nothing is kept:\n"
        " * any number of threads may call at once. `scratch` is %s_SCRATCH bytes that begin anywhere, other ones for\n"
        " * each thread; functions without it %s. */\n",
        upper, a->facts.on_stack ? "take as much from the stack" : "would need too much stack: there are none");
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        const char *type = functions[i].type;
        bool inspects =
            i == BC_FUNCTION_TRACE || i == BC_FUNCTION_CONNECTIONS || i == BC_FUNCTION_WHY || i == BC_FUNCTION_LAYERS;
        if (inspects && a->quantised) /* only for bounds in floats */
            continue;
        if (i == BC_FUNCTION_TRACE)
            print_inspection(a, upper, to);
        if (!functions[i].stack || a->facts.on_stack)
            fprintf(to, "%s%s%s%s%s(%s);\n", i == BC_FUNCTION_ABOUT ? facts : "", type,
                    type[strlen(type) - 1] == '*' ? "" : " ", a->name, functions[i].name, functions[i].parameters);
    }
}

void bc_artefact_header(const bc_artefact *a, FILE *to)
{
    char upper[256];
    bc_capitals(a->name, upper, sizeof upper);
    fprintf(to, "/* Network %s, built by bouton %s. */\n", a->name, BR_VERSION);
    fprintf(to, "#ifndef BOUTON_BUILT_%s_H\n#define BOUTON_BUILT_%s_H\n\n", upper, upper);
    fputs("#include <stddef.h>\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n", to);
    if (!a->quantised)
        print_layer_struct(to);
    print_constants(a, upper, to);
    print_sample(a, to);
    print_functions(a, upper, to);
    fputs("\n#ifdef __cplusplus\n}\n#endif\n#endif\n", to);
}
