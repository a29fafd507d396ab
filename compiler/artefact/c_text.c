#include "artefact/c_text.h"

#include <ctype.h>
#include <string.h>

#include "bouton/runtime.h"

void bc_put_in_comment(const char *name, FILE *to)
{
    for (char last = 0; *name != '\0'; last = *name++) {
        if ((last == '*' && *name == '/') || (last == '/' && *name == '*'))
            fputc(' ', to);
        fputc(br_visible(*name), to);
    }
}

void bc_put_literal(const char *text, FILE *to)
{
    fputc('"', to);
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at < ' ' || *at > '~')
            fprintf(to, "\\%03o", *at);
        else
            fprintf(to, strchr("\"\\?", *at) ? "\\%c" : "%c", *at);
    fputc('"', to);
}

void bc_put_classes(const char *upper, const char *const *classes, uint32_t count, FILE *to)
{
    fprintf(to, "#define %s_CLASSES { /* the names of the labels, in UTF-8, for a `const char *const []` */ \\\n",
            upper);
    for (uint32_t k = 0; k < count; k++) {
        fputs("    ", to);
        bc_put_literal(classes[k], to);
        fputs(k + 1 < count ? ", \\\n" : " }\n", to);
    }
}

void bc_capitals(const char *name, char *out, size_t size)
{
    size_t length = 0;
    for (; name[length] != '\0' && length + 1 < size; length++)
        out[length] = (char)toupper((unsigned char)name[length]);
    out[length] = '\0';
}

void bc_put_state_begin(const char *network, const char *layers, FILE *to)
{
    fprintf(
        to,
        "/* What learning moves: layer%s %s. It holds no pointers and no gaps, so its bytes may be kept and be taken\n"
        " * back, on a machine with the same order of bytes; ask %s_state_fits then. */\n"
        "typedef struct %s_state {\n"
        "    uint32_t model[2]; /* the model that it began from */\n",
        strchr(layers, ',') ? "s" : "", layers, network, network);
}

void bc_put_state_floats(unsigned long long bounds, FILE *to)
{
    fprintf(to,
            "    float rate;        /* of a step; may be changed, to 1e6; 0: nothing is learned */\n"
            "    float bounds[%llu]; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)), [inputs][neurons] of the layer */\n",
            bounds);
}

void bc_put_state_rates(uint32_t count, const char *layers, FILE *to)
{
    fprintf(to, "    float rate[%u]; /* of a step of %s; may be changed, to 1e6; 0: the layer learns nothing */\n",
            count, layers);
}

void bc_put_state_bounds(const char *layer, unsigned long long bounds, FILE *to)
{
    fprintf(
        to,
        "    float %s_bounds[%llu]; /* v = +-(1/(1 - alpha_max) - 1/(1 - alpha)), [inputs][neurons] of the layer */\n",
        layer, bounds);
}

void bc_put_rate_of_several(const char *upper, uint32_t index, const char *rate, const char *layer, FILE *to)
{
    fprintf(to, "#define %s_RATE_%u %s /* of a step of layer %s, as in training */\n", upper, index, rate, layer);
}

void bc_put_state_functions(const char *network, FILE *to)
{
    fprintf(to,
            "\n/* The state that training left, with the rate of its phase. */\n"
            "void %s_state_begin(%s_state *state);\n"
            "\n/* 1: the state is of this model, and every number is within its bounds. 0: begin another one. */\n"
            "int %s_state_fits(const %s_state *state);\n",
            network, network, network, network);
}

void bc_put_step_comment(const char *upper, const char *phase, FILE *to)
{
    fprintf(
        to,
        "\n/* Returns the label of a sample, and then corrects what learns towards `label`: one step by the rule of "
        "phase\n"
        " * %s of the training. A label of %s_LABELS or more teaches nothing. Calls at the same time need states and\n"
        " * scratch memory of their own. */\n",
        phase, upper);
}
