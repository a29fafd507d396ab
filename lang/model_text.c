/* The checked network as text, every default written out. It parses again to the same program. */
#include <stdlib.h>

#include "context.h"
#include "text.h"

static const char *split_word(bl_split split)
{
    return split == BL_SPLIT_TRAIN ? "train" : split == BL_SPLIT_TEST ? "test" : "validation";
}

/* Numbers between pieces of text: "alpha in [", low, ", ", high, "]" */
static void add_number(bl_text *text, const char *before, double number)
{
    bl_text_add(text, before);
    bl_text_number(text, number);
}

static void write_input(bl_text *text, const bl_input *input)
{
    if (input->image)
        bl_text_format(text, "  input image(%ux%ux%u)", input->height, input->width, input->channels);
    else
        bl_text_format(text, "  input vector(%u)", input->width);
    add_number(text, " in [0, ", input->range);
    bl_text_add(text, "];\n");
}

static void write_alpha(bl_text *text, const bl_layer *layer)
{
    static const char *const STARTS[] = {"uniform", "constant", "distinct"};
    add_number(text, "    alpha in [", layer->alpha_min);
    add_number(text, ", ", layer->alpha_max);
    bl_text_format(text, "] = %s", STARTS[layer->start]);
    add_number(text, "(", layer->start_low);
    if (layer->start != BL_START_CONSTANT)
        add_number(text, ", ", layer->start_high);
    bl_text_add(text, ");\n");
}

static void write_layer(bl_text *text, const bl_layer *layer)
{
    bl_text_format(text, "  layer %s = dense(%u) {\n", layer->name, layer->neurons);
    add_number(text, "    signs mixed(", layer->excitatory);
    if (layer->switches)
        add_number(text, ") switching at tau ", layer->tau);
    else
        bl_text_add(text, ") fixed");
    bl_text_add(text, ";\n");
    write_alpha(text, layer);
    add_number(text, "    neuron alpha ", layer->theta);
    add_number(text, " up to ", layer->theta_max);
    add_number(text, " learned xi ", layer->theta_xi);
    add_number(text, ";\n    leak ", layer->leak);
    bl_text_add(text, ";\n    sum ");
    if (layer->sum == BL_SUM_RAW)
        bl_text_add(text, "raw");
    else {
        add_number(text, layer->sum == BL_SUM_SCALED ? "scaled(" : "shared(", layer->gain);
        bl_text_add(text, ")");
    }
    add_number(text, ";\n    fire ramp;\n    range [0, ", layer->range_out);
    bl_text_add(text, "];\n  }\n");
}

static void write_source(bl_text *text, const bl_source *source)
{
    static const char *const FORMATS[] = {"idx", "csv", "npy"};
    if (source->format == BL_FORMAT_SYNTHETIC) {
        bl_text_format(text, "  synthetic digits(%s %llu);\n", split_word(source->split),
                       (unsigned long long)source->samples);
        return;
    }
    bl_text_format(text, "  %s %s ", FORMATS[source->format], split_word(source->split));
    bl_text_quoted(text, source->inputs);
    if (source->labels != NULL) {
        bl_text_add(text, ", ");
        bl_text_quoted(text, source->labels);
    } else
        bl_text_add(text, source->label_first ? " label first" : " label last");
    bl_text_add(text, ";\n");
}

static void write_data(bl_text *text, const bl_data *data)
{
    bl_text_format(text, "\ndata %s {\n", data->name);
    for (uint32_t i = 0; i < data->source_count; i++)
        write_source(text, &data->sources[i]);
    if (data->hold_out > 0) {
        add_number(text, "  hold out ", data->hold_out);
        bl_text_add(text, " of train as validation;\n");
    }
    if (data->values_given) { /* otherwise the raw values follow the input's kind */
        add_number(text, "  values in [", data->low);
        add_number(text, ", ", data->high);
        bl_text_add(text, "];\n");
    }
    bl_text_add(text, "}\n");
}

/* The rule as printed has its own error: to write one would only earn a note. */
static void write_error(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    if (program->rule == BL_RULE_PRINTED)
        return;
    add_number(text, phase->error == BL_ERROR_SOFTMAX ? "    error softmax(" : "    error hinge(", phase->sharpness);
    add_number(text, ") floor ", phase->floor);
    bl_text_add(text, ";\n");
}

static void write_phase(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    bl_text_format(text, "  phase %s {\n    correct ", phase->name);
    for (uint32_t i = 0; i < phase->layer_count; i++)
        bl_text_format(text, "%s%s", i > 0 ? ", " : "", program->layers[phase->layers[i]].name);
    bl_text_add(text, ";\n");
    write_error(text, program, phase);
    for (uint32_t i = 0; i < phase->layer_count; i++) {
        add_number(text, i > 0 ? ", " : "    eta ", phase->eta[i]);
        bl_text_format(text, " on %s", program->layers[phase->layers[i]].name);
    }
    add_number(text, ", decay ", phase->decay);
    add_number(text, ";\n    xi ", phase->xi);
    bl_text_format(text, ";\n    epochs %u;\n    batch %u;\n    shift %u;\n", phase->epochs, phase->batch,
                   phase->shift);
    bl_text_add(text, phase->keep_best ? "    keep best on validation;\n  }\n" : "  }\n");
}

static bl_text program_text(bl_arena *arena, const bl_program *program)
{
    bl_text text = bl_text_new(arena);
    bl_text_format(&text, "rule %s;\n\nnetwork %s {\n", program->rule == BL_RULE_PRINTED ? "printed" : "repaired",
                   program->name);
    write_input(&text, &program->input);
    for (uint32_t i = 0; i < program->layer_count; i++)
        write_layer(&text, &program->layers[i]);
    bl_text_add(&text, "}\n");
    if (program->data != NULL)
        write_data(&text, program->data);
    if (program->phase_count > 0) {
        bl_text_format(&text, "\nschedule {\n  seed %llu;\n", (unsigned long long)program->seed);
        for (uint32_t i = 0; i < program->phase_count; i++)
            write_phase(&text, program, &program->phases[i]);
        bl_text_add(&text, "}\n");
    }
    for (uint32_t i = 0; i < program->expect_count; i++) {
        add_number(&text, "\nexpect accuracy >= ", program->expects[i].least);
        bl_text_format(&text, " on %s;\n", split_word(program->expects[i].on));
    }
    return text;
}

typedef struct dump {
    const bl_program *program;
    FILE *to;
} dump;

static int write_program(bl_context *context, void *argument)
{
    const dump *dump = argument;
    bl_text text = program_text(&context->arena, dump->program);
    fwrite(text.data, 1, text.length, dump->to);
    return 0;
}

/* The program does not know its context: the text is built in one of its own. */
void bl_dump_model(const bl_program *program, FILE *to)
{
    bl_context *context = bl_context_new();
    if (context == NULL)
        return;
    dump dump = {program, to};
    bl_guard(context, write_program, &dump);
    bl_context_free(context);
}
