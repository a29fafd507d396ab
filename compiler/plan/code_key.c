/* Which programs share code. Everything that the checked network says is taken into account, except what is known to
 * reach the kernels as data alone, so that a new property of the language makes keys differ until it is listed here. */
#include <stdlib.h>

#include "bouton/compiler.h"

/* Sets what br_phase carries to the kernels to a value that no longer tells two phases apart. */
static void blank(bl_phase *phase, const double *ones)
{
    phase->eta = ones;
    phase->xi = phase->xi_to = phase->decay = 1;
    phase->warm_up = 0;
    phase->conscience = phase->alienate = 0;
    phase->patches = 1;
    phase->epochs = phase->batch = 1;
    phase->shift = phase->cutout = 0;
    phase->replicas = phase->merge = 0;
    phase->prune_count = 0;
}

int bc_code_key(const bl_program *program, FILE *to, br_error *error)
{
    bl_program same = *program;
    uint32_t layers = program->layer_count + program->readout_layers;
    bl_phase *phases = calloc(program->phase_count + 1ull, sizeof *phases);
    double *ones = calloc(layers, sizeof *ones);
    if (phases == NULL || ones == NULL) {
        free(phases);
        free(ones);
        return br_fail(error, BR_ERROR_FAULT, "out of memory while comparing programs");
    }
    for (uint32_t i = 0; i < layers; i++)
        ones[i] = 1;
    for (uint32_t i = 0; i < program->phase_count; i++) {
        phases[i] = program->phases[i];
        blank(&phases[i], ones);
    }
    same.phases = phases;
    same.seed = 0;
    same.data = NULL;
    same.expect_count = 0;
    bl_dump_model(&same, to);
    free(phases);
    free(ones);
    return 0;
}
