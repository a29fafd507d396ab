/* Lowering: copies a program's data block, encodings and schedule into the runtime's structs. Strings are borrowed. */
#include <stdlib.h>
#include <string.h>

#include "bouton/compiler.h"

static int out_of_memory(br_error *error)
{
    return br_fail(error, BR_ERROR_FAULT, "out of memory while preparing the run");
}

void bc_lower_range(const bl_program *program, double *low, double *high)
{
    bool given = program->data != NULL;
    *low = given ? program->data->low : 0;
    *high = given ? program->data->high : program->input.image ? 255 : 1;
}

int bc_lower_data(const bl_program *program, br_data_spec *out, br_error *error)
{
    const bl_data *data = program->data;
    uint32_t count = data ? data->source_count : 0;
    memset(out, 0, sizeof *out);
    out->sources = calloc(count ? count : 1, sizeof *out->sources);
    if (!out->sources)
        return out_of_memory(error);
    out->source_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const bl_source *source = &data->sources[i];
        out->sources[i] = (br_source){.format = source->format,
                                      .split = source->split,
                                      .inputs = source->inputs,
                                      .labels = source->labels,
                                      .table.label = source->label_first ? BT_LABEL_FIRST : BT_LABEL_LAST,
                                      .samples = source->samples};
    }
    out->hold_out = data ? data->hold_out : 0;
    bc_lower_range(program, &out->low, &out->high);
    out->shape.height = program->input.height;
    out->shape.width = program->input.width;
    out->shape.channels = program->input.channels;
    out->classes = bl_last_layer(program)->neurons;
    return 0;
}

int bc_lower_encoder(const bl_program *program, br_encoder **out, br_error *error)
{
    const bl_input *input = &program->input;
    br_encoding *steps = calloc(input->encoding_count ? input->encoding_count : 1, sizeof *steps);
    if (!steps)
        return out_of_memory(error);
    for (uint32_t i = 0; i < input->encoding_count; i++) {
        const bl_encoding *encoding = &input->encodings[i];
        steps[i] =
            (br_encoding){encoding->kind, encoding->height, encoding->width, encoding->patches, encoding->levels};
    }
    int status = br_encoder_new(steps, input->encoding_count, (bt_shape){input->height, input->width, input->channels},
                                out, error);
    free(steps);
    return status;
}

static int lower_phase(const bl_program *program, const bl_phase *phase, br_phase *out)
{
    *out = (br_phase){.name = phase->name,
                      .kind = phase->kind,
                      .compete = phase->compete,
                      .patches = phase->patches,
                      .standard = phase->target == BT_TARGET_STANDARD,
                      .xi_to = (float)phase->xi_to,
                      .conscience = (float)phase->conscience,
                      .alienate = (float)phase->alienate,
                      .mirror = phase->mirror,
                      .layer_count = phase->layer_count,
                      .xi = (float)phase->xi,
                      .decay = (float)phase->decay,
                      .epochs = phase->epochs,
                      .batch = phase->batch,
                      .shift = phase->shift,
                      .keep_best = phase->keep_best,
                      .weigh_classes = phase->weigh_classes};
    out->layers = calloc(phase->layer_count, sizeof *out->layers);
    out->eta = calloc(phase->layer_count, sizeof *out->eta);
    out->theta_xi = calloc(phase->layer_count, sizeof *out->theta_xi);
    if (!out->layers || !out->eta || !out->theta_xi)
        return -1;
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        out->layers[i] = phase->layers[i];
        out->eta[i] = (float)phase->eta[i];
        out->theta_xi[i] = (float)program->layers[phase->layers[i]].theta_xi;
    }
    return 0;
}

int bc_lower_schedule(const bl_program *program, br_schedule *out, br_error *error)
{
    memset(out, 0, sizeof *out);
    out->seed = program->seed;
    out->starts = calloc(program->layer_count, sizeof *out->starts);
    out->phases = calloc(program->phase_count ? program->phase_count : 1, sizeof *out->phases);
    if (!out->starts || !out->phases)
        goto fail;
    out->start_count = program->layer_count;
    out->phase_count = program->phase_count;
    for (uint32_t i = 0; i < program->layer_count; i++) {
        const bl_layer *layer = &program->layers[i];
        out->starts[i] = (br_layer_start){.excitatory = (float)layer->excitatory,
                                          .start = layer->start,
                                          .low = (float)layer->start_low,
                                          .high = (float)layer->start_high,
                                          .theta = (float)layer->theta};
    }
    for (uint32_t i = 0; i < program->phase_count; i++)
        if (lower_phase(program, &program->phases[i], &out->phases[i]) != 0)
            goto fail;
    return 0;
fail:
    bc_lowered_schedule_free(out);
    return out_of_memory(error);
}

void bc_lowered_data_free(br_data_spec *spec)
{
    free(spec->sources);
    memset(spec, 0, sizeof *spec);
}

void bc_lowered_schedule_free(br_schedule *schedule)
{
    for (uint32_t i = 0; schedule->phases && i < schedule->phase_count; i++) {
        free(schedule->phases[i].layers);
        free(schedule->phases[i].eta);
        free(schedule->phases[i].theta_xi);
    }
    free(schedule->starts);
    free(schedule->phases);
    memset(schedule, 0, sizeof *schedule);
}
