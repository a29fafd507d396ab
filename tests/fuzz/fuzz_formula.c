/* The formula of a neuron, `exp(x) ...`. If the checker accepts it, its level is in [0, 1] and its slope is finite, for
 * every drive and every alpha. */
#include <math.h>
#include <string.h>

#include "bouton/lang.h"
#include "target.h"

enum { STEPS = 64 };
static const double rounding = 1e-5; /* excess that the checker permits, because compiled code clamps it */

static void check_levels(const bl_formula *formula, double theta_max)
{
    static const double far[] = {-1e10, -1e4, -100, -20, 20, 100, 1e4, 1e10};
    for (int a = 0; a <= 4; a++)
        for (int i = 0; i < STEPS + (int)(sizeof far / sizeof *far); i++) {
            double drive = i < STEPS ? -8 + 16.0 * i / (STEPS - 1) : far[i - STEPS], slope;
            double level = bl_formula_level(formula, drive, theta_max * a / 4, &slope);
            fuzz_require(level >= -rounding && level <= 1 + rounding && isfinite(slope));
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char before[] = "neuron f(x, alpha) = ";
    static const char behind[] = ";\nnetwork n { input vector(2); layer a = dense(2) { neuron alpha 0.05 up to 0.8 "
                                 "learned xi 0.1; fire f; } }\n";
    size_t length = strlen(before) + size + strlen(behind);
    char *text = malloc(length);
    fuzz_require(text != NULL);
    memcpy(text, before, strlen(before));
    memcpy(text + strlen(before), data, size);
    memcpy(text + strlen(before) + size, behind, strlen(behind));
    bl_context *context = bl_context_new();
    fuzz_require(context != NULL && bl_load_text(context, "formula.btn", text, length) == 0);
    const bl_program *program = bl_check(context, "n");
    for (uint32_t i = 0; program != NULL && i < program->layer_count; i++)
        if (program->layers[i].fire == BT_FIRE_FORMULA)
            check_levels(&program->formulas[program->layers[i].formula], program->layers[i].theta_max);
    bl_context_free(context);
    free(text);
    return 0;
}
