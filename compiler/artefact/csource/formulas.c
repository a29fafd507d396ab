#include "artefact/csource/formulas.h"

#include "artefact/csource/table.h"

/* As compiled code does, exp ends at exp(-87) and at exp(88), so that no divisor becomes 0. */
static const char exponential[] =
    "\n/* exp(x): 2^n times a polynomial in x - n ln 2. Beyond -87 and 88 it is constant. */\n"
    "static float exponential(float x)\n"
    "{\n"
    "    const float bounded = x < -87.0f ? -87.0f : x < 88.0f ? x : 88.0f;\n"
    "    const float least = bounded < 0.0f ? bounded : -bounded; /* exp(-|x|) first */\n"
    "    const float factor = x < 0.0f ? 0.5f : 2.0f;\n"
    "    float n = (float)(int32_t)(least * 1.44269504f - 0.5f), r, p;\n"
    "    r = least - n * 0.693359375f + n * 2.12194440e-4f;\n"
    "    p = 1.9875691500e-4f * r + 1.3981999507e-3f;\n"
    "    p = p * r + 8.3334519073e-3f;\n"
    "    p = p * r + 4.1665795894e-2f;\n"
    "    p = p * r + 1.6666665459e-1f;\n"
    "    p = p * r + 5.0000001201e-1f;\n"
    "    p = p * r * r + r + 1.0f;\n"
    "    p = x < 0.0f ? p : 1.0f / p;\n"
    "    for (; n < 0.0f; n += 1.0f)\n"
    "        p *= factor;\n"
    "    return p;\n"
    "}\n";

static const char logistic[] = "\nstatic float logistic(float x)\n"
                               "{\n"
                               "    const float small = exponential(x < 0.0f ? x : -x);\n"
                               "    return x > 0.0f ? 1.0f / (1.0f + small) : small / (1.0f + small);\n"
                               "}\n";

static const char tangent[] = "\n/* tanh(x) */\n"
                              "static float tangent(float x)\n"
                              "{\n"
                              "    const float square = x * x, e = exponential(x < 0.0f ? 2.0f * x : -2.0f * x);\n"
                              "    if (square < 1.0e-2f)\n"
                              "        return x * (1.0f - square / 3.0f + square * square * 0.133333333f);\n"
                              "    return x < 0.0f ? (e - 1.0f) / (e + 1.0f) : (1.0f - e) / (1.0f + e);\n"
                              "}\n";

static const char root[] = "\n/* The square root by Newton's method, from above. */\n"
                           "static float root(float x)\n"
                           "{\n"
                           "    float r = x > 1.0f ? x : 1.0f;\n"
                           "    if (!(x > 0.0f))\n"
                           "        return 0.0f;\n"
                           "    for (;;) {\n"
                           "        const float next = 0.5f * (r + x / r);\n"
                           "        if (!(next < r)) /* infinity, too, ends it */\n"
                           "            return r;\n"
                           "        r = next;\n"
                           "    }\n"
                           "}\n";

/* How a step is written: %1 stands for its first operand, and so on. */
static const struct {
    uint32_t operands;
    const char *text;
} forms[BL_OPERATIONS] = {
    [BL_OPERATION_DRIVE] = {0, "x"},
    [BL_OPERATION_ALPHA] = {0, "alpha"},
    [BL_OPERATION_NEGATE] = {1, "-%1"},
    [BL_OPERATION_ADD] = {2, "%1 + %2"},
    [BL_OPERATION_SUBTRACT] = {2, "%1 - %2"},
    [BL_OPERATION_MULTIPLY] = {2, "%1 * %2"},
    [BL_OPERATION_DIVIDE] = {2, "%1 / %2"},
    [BL_OPERATION_MIN] = {2, "%1 < %2 ? %1 : %2"},
    [BL_OPERATION_MAX] = {2, "%1 > %2 ? %1 : %2"},
    [BL_OPERATION_CLAMP] = {3, "%1 < %2 ? %2 : %1 < %3 ? %1 : %3"},
    [BL_OPERATION_ABS] = {1, "%1 < 0.0f ? -%1 : %1"},
    [BL_OPERATION_SQUARE] = {1, "%1 * %1"},
    [BL_OPERATION_SQRT] = {1, "root(%1)"},
    [BL_OPERATION_EXP] = {1, "exponential(%1)"},
    [BL_OPERATION_TANH] = {1, "tangent(%1)"},
    [BL_OPERATION_LOGISTIC] = {1, "logistic(%1)"},
};

/* One variable for each step. The operands of a step are the variables on the top of the stack. */
static void put_formula(const bl_formula *f, FILE *to)
{
    uint32_t stack[BL_MAX_STACK + 3] = {0}, height = 0;
    char number[32];
    fprintf(to,
            "\n/* The level of neurons `%s`. */\nstatic float level_of_%s(float x, float alpha)\n{\n"
            "    (void)x;\n    (void)alpha;\n",
            f->name, f->name);
    for (uint32_t i = 0; i < f->step_count; i++) {
        const bl_step *step = &f->steps[i];
        fprintf(to, "    const float t%u = ", i);
        height -= forms[step->operation].operands;
        if (step->operation == BL_OPERATION_NUMBER)
            fputs(bc_float_text((float)step->number, number), to);
        for (const char *at = forms[step->operation].text; at && *at; at++)
            if (*at == '%')
                fprintf(to, "t%u", stack[height + (uint32_t)(*++at - '1')]);
            else
                fputc(*at, to);
        fputs(";\n", to);
        stack[height++] = i;
    }
    fprintf(to, "    return t%u;\n}\n", stack[0]);
}

static bool is_used(const bc_source *s, uint32_t formula)
{
    for (uint32_t i = 0; i < s->program->layer_count; i++)
        if (!bc_is_pool(s->layers[i].layer) && s->layers[i].layer->fire == BT_FIRE_FORMULA &&
            s->layers[i].layer->formula == formula)
            return true;
    return false;
}

static bool uses(const bc_source *s, bl_operation operation)
{
    for (uint32_t f = 0; f < s->program->formula_count; f++)
        for (uint32_t i = 0; is_used(s, f) && i < s->program->formulas[f].step_count; i++)
            if (s->program->formulas[f].steps[i].operation == operation)
                return true;
    return false;
}

void bc_put_formulas(const bc_source *s, const bc_needs *n, FILE *to)
{
    bool curve = n->logistic || uses(s, BL_OPERATION_LOGISTIC), tanh = uses(s, BL_OPERATION_TANH);
    bool softmax = s->learning.phase != NULL && !s->whole && s->learning.phase->error == BT_ERROR_SOFTMAX;
    if (curve || tanh || softmax || uses(s, BL_OPERATION_EXP))
        fputs(exponential, to);
    if (curve)
        fputs(logistic, to);
    if (tanh)
        fputs(tangent, to);
    if (uses(s, BL_OPERATION_SQRT))
        fputs(root, to);
    for (uint32_t f = 0; f < s->program->formula_count; f++)
        if (is_used(s, f))
            put_formula(&s->program->formulas[f], to);
}
