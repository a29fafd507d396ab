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
    bool image = program->input.image;
    *low = given ? program->data->low : 0; /* 0 and 1 where loading scales each column */
    *high = given ? program->data->high : image ? 255 : 1;
}

static br_table lower_table(const bl_table *table)
{
    return (br_table){.label = table->label,
                      .label_name = table->label_name,
                      .header = table->header,
                      .missing = table->missing,
                      .without = table->without,
                      .without_count = table->without_count,
                      .all_categories = table->all_categories,
                      .categories = table->categories,
                      .category_count = table->category_count};
}

static br_source lower_source(const bl_source *source)
{
    return (br_source){.format = source->format,
                       .split = source->split,
                       .inputs = source->inputs,
                       .labels = source->labels,
                       .member = source->member,
                       .labels_of = source->labels_of,
                       .table = lower_table(&source->table),
                       .samples = source->samples};
}

static bool splits(const bl_input *input)
{
    for (uint32_t i = 0; i < input->encoding_count; i++)
        if (input->encodings[i].kind == BT_ENCODE_SPLIT)
            return true;
    return false;
}

/* Everything but the sources. Only `split on off` keeps what lies below the mean, so only it reads centred values. */
static void lower_block(const bl_program *program, const bl_data *data, br_data_spec *out)
{
    const bl_pictures *pictures = &data->pictures;
    out->hold_out = data->hold_out;
    out->hold_out_test = data->hold_out_test;
    out->scaling = data->scaling;
    out->range_given = data->scaling_given;
    out->centred = data->scaling == BT_SCALING_STANDARD && splits(&program->input);
    out->class_names = data->class_names;
    out->pictures = (br_pictures){.background_given = pictures->background_given,
                                  .invert = pictures->invert,
                                  .transpose = pictures->transpose,
                                  .turns = pictures->turns};
    memcpy(out->pictures.background, pictures->background, sizeof out->pictures.background);
}

int bc_lower_data(const bl_program *program, br_data_spec *out, br_error *error)
{
    const bl_data *data = program->data;
    const bl_input *input = &program->input;
    uint32_t count = data ? data->source_count : 0;
    memset(out, 0, sizeof *out);
    out->sources = calloc(count ? count : 1, sizeof *out->sources);
    if (!out->sources)
        return out_of_memory(error);
    out->source_count = count;
    for (uint32_t i = 0; i < count; i++)
        out->sources[i] = lower_source(&data->sources[i]);
    if (data)
        lower_block(program, data, out);
    bc_lower_range(program, &out->low, &out->high);
    out->vector = !input->image && !input->series;
    out->shape = (bt_shape){input->height, input->width, input->channels};
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
        steps[i] = (br_encoding){encoding->kind,    encoding->height, encoding->width, encoding->patches,
                                 encoding->epsilon, encoding->levels, encoding->tied,  encoding->by};
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
                      .target = phase->target,
                      .xi_to = (float)phase->xi_to,
                      .conscience = (float)phase->conscience,
                      .alienate = (float)phase->alienate,
                      .mirror = phase->mirror,
                      .layer_count = phase->layer_count,
                      .xi = (float)phase->xi,
                      .course = phase->course,
                      .decay = (float)phase->decay,
                      .warm_up = phase->warm_up,
                      .momentum = (float)phase->momentum,
                      .adapts = phase->adapts,
                      .adaptive = (float)phase->adaptive,
                      .anneal_count = phase->anneal_count,
                      .prune_count = phase->prune_count,
                      .prune_over = phase->prune_over,
                      .epochs = phase->epochs,
                      .batch = phase->batch,
                      .centred = phase->centred,
                      .shift = phase->shift,
                      .cutout = phase->cutout,
                      .replicas = phase->replicas,
                      .merge = phase->merge,
                      .keep_best = phase->keep_best,
                      .weigh_classes = phase->weigh_classes,
                      .readout_count = phase->readout_count,
                      .by_layer = phase->by_layer,
                      .readouts_alone = phase->readouts_alone};
    out->layers = calloc(phase->layer_count, sizeof *out->layers);
    out->eta = calloc(phase->layer_count, sizeof *out->eta);
    out->theta_xi = calloc(phase->layer_count, sizeof *out->theta_xi);
    out->anneals = calloc(phase->anneal_count + 1ull, sizeof *out->anneals);
    out->prunes = calloc(phase->prune_count + 1ull, sizeof *out->prunes);
    if (!out->layers || !out->eta || !out->theta_xi || !out->anneals || !out->prunes)
        return -1;
    for (uint32_t i = 0; i < phase->prune_count; i++)
        out->prunes[i] = (br_prune){phase->prunes[i].layer, phase->prunes[i].keep};
    for (uint32_t i = 0; i < phase->anneal_count; i++)
        out->anneals[i] =
            (br_anneal){phase->anneals[i].layer, phase->anneals[i].from, phase->anneals[i].to, phase->anneals[i].over};
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
    uint32_t layers = program->layer_count + program->readout_layers;
    out->starts = calloc(layers, sizeof *out->starts);
    out->phases = calloc(program->phase_count ? program->phase_count : 1, sizeof *out->phases);
    if (!out->starts || !out->phases)
        goto fail;
    out->start_count = layers;
    out->phase_count = program->phase_count;
    for (uint32_t i = 0; i < layers; i++) {
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
        free(schedule->phases[i].anneals);
        free(schedule->phases[i].prunes);
    }
    free(schedule->starts);
    free(schedule->phases);
    memset(schedule, 0, sizeof *schedule);
}
