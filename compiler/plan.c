/* The plan: what every layer will be on this machine, as data, before any code is made. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "target.h"

static uint32_t round_up(uint32_t n, uint32_t to)
{
    return (n + to - 1) / to * to;
}

/* Accumulators a block keeps in registers: half of the machine's 32 or 16 vector registers are for sums. */
static uint32_t widest_tile(uint32_t lanes)
{
    return lanes == 16 ? 8 : 4;
}

static void plan_layer(const bl_program *program, uint32_t index, uint32_t lanes, bc_layer_plan *out)
{
    const bl_layer *layer = &program->layers[index];
    out->layer = layer;
    out->form = program->rule == BL_RULE_PRINTED ? BR_FORM_ALPHA : BR_FORM_V;
    out->lanes = lanes;
    out->stride = round_up(layer->neurons, lanes);
    out->input_stride = round_up(layer->inputs, lanes);
    uint32_t blocks = out->stride / lanes;
    uint32_t tile = widest_tile(lanes);
    out->vectors = blocks < tile ? blocks : tile;
    out->by_neurons = blocks >= 2 * tile;
    out->soft = layer->alpha_max >= layer->range_in;
    out->bounds_bytes = (uint64_t)layer->inputs * out->stride * sizeof(float);
    uint64_t live = (out->input_stride + lanes) * 4ull * sizeof(float); /* index, o, q, t */
    uint64_t answers = out->stride * 4ull * sizeof(float);              /* drive, out, error, correction */
    out->batch_bytes = live + answers + layer->inputs * sizeof(br_event);
}

int bc_plan_new(const bl_program *program, const bc_options *options, bc_plan **out, br_error *error)
{
    bc_target target;
    if (bc_target_find(options->cpu, &target, error) != 0)
        return -1;
    bc_plan *plan = calloc(1, sizeof *plan);
    bc_layer_plan *layers = calloc(program->layer_count, sizeof *layers);
    char *features = strdup(target.features), *triple = strdup(target.triple);
    if (!plan || !layers || !features || !triple) {
        free(plan), free(layers), free(features), free(triple);
        bc_target_free(&target);
        return br_fail(error, BR_ERROR_FAULT, "out of memory while planning %u layers", program->layer_count);
    }
    plan->program = program;
    snprintf(plan->cpu, sizeof plan->cpu, "%s", target.cpu);
    plan->features = features;
    plan->triple = triple;
    plan->lanes = target.lanes;
    plan->layer_count = program->layer_count;
    plan->layers = layers;
    for (uint32_t i = 0; i < program->layer_count; i++)
        plan_layer(program, i, target.lanes, &layers[i]);
    bc_target_free(&target);
    *out = plan;
    return 0;
}

void bc_plan_free(bc_plan *plan)
{
    if (!plan)
        return;
    free(plan->layers);
    free(plan->features);
    free(plan->triple);
    free(plan);
}

void bc_plan_print(const bc_plan *plan, FILE *to)
{
    fprintf(to, "network %s\n", plan->program->name);
    fprintf(to, "processor %s (%s), vectors of %u floats\n", plan->cpu, plan->triple, plan->lanes);
    for (uint32_t i = 0; i < plan->layer_count; i++) {
        const bc_layer_plan *p = &plan->layers[i];
        fprintf(to, "layer %s: %u inputs, %u neurons\n", p->layer->name, p->layer->inputs, p->layer->neurons);
        fprintf(to, "  bounds   %s, rows of %u floats over neurons, %" PRIu64 " bytes\n",
                p->form == BR_FORM_V ? "signed v = +-(a_max - a)" : "signed alpha, as printed", p->stride,
                p->bounds_bytes);
        fprintf(to, "  signal   %s\n",
                p->form != BR_FORM_V ? "sign * clamp((o - alpha)/(1 - alpha), 0, 1)"
                : p->soft            ? "q soft(v, t): alpha_max reaches the range it reads"
                                     : "sign * q max(0, |v| - t): alpha_max lies below the range it reads");
        fprintf(to, "  kernel   events: rows of live inputs only, tiles of %u vectors\n", p->vectors);
        fprintf(to, "  threads  %s\n",
                p->by_neurons ? "share out neurons" : "share out samples forward, rows in the step");
        fprintf(to, "  memory   %" PRIu64 " bytes for each sample of a batch\n", p->batch_bytes);
    }
}
