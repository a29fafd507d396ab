/* Prints a checked network as .btn text with every default written out. The text parses to the same program. */
#include <stdlib.h>

#include "base/text.h"
#include "formula/formula.h"
#include "print/model_text.h"
#include "report/context.h"

/* Appends numbers between pieces of text, for example "alpha in [", low, ", ", high, "]". */
static void add_number(bl_text *text, const char *before, double number)
{
    bl_text_add(text, before);
    bl_text_number(text, number);
}

static void write_encoding(bl_text *text, const bl_encoding *encoding)
{
    const char *box = bl_size_text(text->arena, encoding->height, encoding->width);
    const char *word = bt_encoding_kind_word(encoding->kind);
    switch (encoding->kind) {
    case BT_ENCODE_NORMALISE:
        bl_text_format(text, "    %s local %s;\n", word, box);
        break;
    case BT_ENCODE_WHITEN:
        bl_text_format(text, "    %s %llu patches of %s", word, (unsigned long long)encoding->patches, box);
        add_number(text, " epsilon ", encoding->epsilon);
        bl_text_add(text, ";\n");
        break;
    case BT_ENCODE_SPLIT:
        bl_text_format(text, "    %s on off;\n", word);
        break;
    case BT_ENCODE_LEVELS:
        bl_text_format(text, "    %s %u", word, encoding->levels);
        if (encoding->tied)
            add_number(text, " by ", encoding->by);
        bl_text_add(text, encoding->tied ? " tied;\n" : ";\n");
        break;
    case BT_ENCODE_OPPONENT:
    case BT_ENCODE_COMPLEMENT:
        bl_text_format(text, "    %s;\n", word);
        break;
    }
}

static void write_input(bl_text *text, const bl_input *input)
{
    if (input->image)
        bl_text_format(text, "  input image(%ux%ux%u)", input->height, input->width, input->channels);
    else if (input->series)
        bl_text_format(text, "  input series(%u, %u)", input->width, input->channels);
    else
        bl_text_format(text, "  input vector(%u)", input->width);
    add_number(text, " in [0, ", input->range);
    bl_text_add(text, input->encoding_count > 0 ? "] {\n" : "];\n");
    for (uint32_t i = 0; i < input->encoding_count; i++)
        write_encoding(text, &input->encodings[i]);
    if (input->encoding_count > 0)
        bl_text_add(text, "  }\n");
}

/* ---- layers ---- */

static void write_operation(bl_text *text, const bl_layer *layer)
{
    const char *field = bl_size_text(text->arena, layer->field_height, layer->field_width);
    bool same = layer->out.height != (layer->in.height - layer->field_height) / layer->stride + 1 ||
                layer->out.width != (layer->in.width - layer->field_width) / layer->stride + 1;
    if (layer->kind == BT_LAYER_DENSE)
        bl_text_format(text, "dense(%u)", layer->neurons);
    else if (layer->kind == BT_LAYER_CONV)
        bl_text_format(text, "conv(%s, %u) stride %u padding %s", field, layer->neurons, layer->stride,
                       same ? "same" : "valid");
    else if (layer->grid)
        bl_text_format(text, "pool(%s) grid %ux%u", bt_pooling_word(layer->pooling), layer->out.height,
                       layer->out.width);
    else
        bl_text_format(text, "pool(%s) %s stride %u", bt_pooling_word(layer->pooling), field, layer->stride);
}

static void write_alpha(bl_text *text, const bl_layer *layer)
{
    add_number(text, "    alpha in [", layer->alpha_min);
    add_number(text, ", ", layer->alpha_max);
    bl_text_format(text, "] = %s", bt_start_word(layer->start));
    if (layer->start != BT_START_PATCHES) {
        add_number(text, "(", layer->start_low);
        if (layer->start != BT_START_CONSTANT)
            add_number(text, ", ", layer->start_high);
        bl_text_add(text, ")");
    }
    bl_text_add(text, layer->frozen ? " frozen;\n" : ";\n");
}

static void write_depress(bl_text *text, const bl_depress *depress)
{
    if (depress->over_places)
        bl_text_format(text, "    depress over places %ux%u", depress->height, depress->width);
    else
        bl_text_add(text, "    depress over filters");
    if (depress->within > 0)
        bl_text_format(text, " within %u", depress->within);
    bl_text_format(text, " keep %u", depress->keep);
    add_number(text, " gap ", depress->gap);
    bl_text_add(text, ";\n");
}

static void write_fire(bl_text *text, const bl_program *program, const bl_layer *layer)
{
    bool formula = layer->fire == BT_FIRE_FORMULA;
    bl_text_format(text, "    fire %s", formula ? program->formulas[layer->formula].name : bt_fire_word(layer->fire));
    if (layer->fire == BT_FIRE_LOGISTIC) {
        add_number(text, "(", layer->logistic_k);
        bl_text_add(text, ")");
    }
    bl_text_add(text, ";\n");
}

static void write_properties(bl_text *text, const bl_layer *layer)
{
    add_number(text, "    signs mixed(", layer->excitatory);
    if (layer->switches)
        add_number(text, ") switching at tau ", layer->tau);
    else
        bl_text_add(text, ") fixed");
    bl_text_add(text, ";\n");
    write_alpha(text, layer);
    if (layer->homeostasis) {
        add_number(text, "    leak ", layer->leak);
        add_number(text, ";\n    homeostasis(", layer->ramp);
        add_number(text, ", ", layer->ramp_from);
        bl_text_add(text, ");\n");
        return;
    }
    add_number(text, "    neuron alpha ", layer->theta);
    add_number(text, " up to ", layer->theta_max);
    add_number(text, " learned xi ", layer->theta_xi);
    add_number(text, ";\n    leak ", layer->leak);
    bl_text_format(text, ";\n    sum %s", bt_sum_word(layer->sum));
    if (layer->sum != BT_SUM_RAW) {
        add_number(text, "(", layer->gain);
        bl_text_add(text, ")");
    }
    bl_text_add(text, ";\n");
}

/* A pool without depression passes on what it pools. */
static void write_firing(bl_text *text, const bl_program *program, const bl_layer *layer)
{
    for (uint32_t i = 0; i < layer->depress_count; i++)
        write_depress(text, &layer->depress[i]);
    if (layer->kind != BT_LAYER_POOL || layer->depress_count > 0)
        write_fire(text, program, layer);
    if (layer->kind == BT_LAYER_POOL)
        return;
    add_number(text, "    range [0, ", layer->range_out);
    bl_text_add(text, "];\n");
}

static void write_layer(bl_text *text, const bl_program *program, const bl_layer *layer)
{
    bl_text_format(text, "  layer %s = ", layer->name);
    write_operation(text, layer);
    for (uint32_t i = 0; i < layer->source_count; i++)
        bl_text_format(text, "%s%s", i == 0 ? " from " : ", ",
                       layer->sources[i] == BT_INPUT ? "input" : program->layers[layer->sources[i]].name);
    bool pool = layer->kind == BT_LAYER_POOL, calibrated = pool && layer->pooling == BT_POOL_SUM;
    if (pool && !calibrated && layer->jitter == 0 && layer->depress_count == 0) {
        bl_text_add(text, ";\n");
        return;
    }
    bl_text_add(text, " {\n");
    if (calibrated) {
        add_number(text, "    calibrate ", layer->calibrate);
        bl_text_add(text, ";\n");
    }
    if (layer->jitter > 0)
        bl_text_format(text, "    jitter %u;\n", layer->jitter);
    if (!pool)
        write_properties(text, layer);
    write_firing(text, program, layer);
    bl_text_add(text, "  }\n");
}

/* ---- data ---- */

static void write_names(bl_text *text, const char *before, const char *const *names, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        bl_text_add(text, i == 0 ? before : ", ");
        bl_text_quoted(text, names[i]);
    }
}

static void write_table(bl_text *text, const bl_table *table)
{
    if (table->label == BT_LABEL_NAMED)
        write_names(text, " label ", &table->label_name, 1);
    else
        bl_text_format(text, " label %s", bt_label_word(table->label));
    write_names(text, " without ", table->without, table->without_count);
    if (table->all_categories)
        bl_text_add(text, " categories");
    write_names(text, " categories ", table->categories, table->category_count);
    if (table->header != BT_HEADER_GUESSED) /* no word says that the header is guessed */
        bl_text_format(text, " %s", bt_header_word(table->header));
    if (table->missing != BT_MISSING_REFUSED)
        bl_text_format(text, " missing as %s", bt_missing_word(table->missing));
}

static void write_source(bl_text *text, const bl_source *source)
{
    if (source->format == BT_FORMAT_SYNTHETIC) {
        bl_text_format(text, "  synthetic digits(%s %llu);\n", bt_split_word(source->split),
                       (unsigned long long)source->samples);
        return;
    }
    bl_text_format(text, "  %s %s ", bt_format_word(source->format), bt_split_word(source->split));
    bl_text_quoted(text, source->inputs);
    if (source->labels != NULL) {
        bl_text_add(text, ", ");
        bl_text_quoted(text, source->labels);
    }
    if (source->member != NULL)
        write_names(text, " values ", &source->member, 1);
    if (source->labels_of != NULL)
        write_names(text, " label ", &source->labels_of, 1);
    if (source->format == BT_FORMAT_CSV)
        write_table(text, &source->table);
    bl_text_add(text, ";\n");
}

static void write_values(bl_text *text, const bl_data *data)
{
    if (data->scaling != BT_SCALING_RANGE) {
        bl_text_format(text, "  values %s%s;\n", data->scaling == BT_SCALING_COLUMNS ? "in " : "",
                       bt_scaling_word(data->scaling));
    } else if (data->values_given) { /* otherwise a doubtful range would count as stated */
        add_number(text, "  values in [", data->low);
        add_number(text, ", ", data->high);
        bl_text_add(text, "];\n");
    }
}

static void write_hold_out(bl_text *text, double share, const char *split)
{
    if (share == 0)
        return;
    add_number(text, "  hold out ", share);
    bl_text_format(text, " of train as %s;\n", split);
}

static void write_pictures(bl_text *text, const bl_pictures *pictures)
{
    const uint8_t *background = pictures->background;
    if (pictures->background_given)
        bl_text_format(text, "  background rgb(%u, %u, %u);\n", background[0], background[1], background[2]);
    if (pictures->invert)
        bl_text_add(text, "  invert;\n");
    if (pictures->transpose)
        bl_text_add(text, "  transpose;\n");
    if (pictures->turns > 0)
        bl_text_format(text, "  turn %u;\n", 90 * pictures->turns);
}

static void write_data(bl_text *text, const bl_data *data)
{
    bl_text_format(text, "\ndata %s {\n", data->name);
    for (uint32_t i = 0; i < data->source_count; i++)
        write_source(text, &data->sources[i]);
    write_hold_out(text, data->hold_out, bt_split_word(BT_SPLIT_VALIDATION));
    write_hold_out(text, data->hold_out_test, bt_split_word(BT_SPLIT_TEST));
    write_values(text, data);
    write_names(text, "  classes ", data->class_names, data->class_count);
    bl_text_add(text, data->class_count > 0 ? ";\n" : "");
    write_pictures(text, &data->pictures);
    bl_text_add(text, "}\n");
}

/* `rule printed` has an error of its own, and writing one would cause a note. */
static void write_error(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    if (program->rule == BT_RULE_PRINTED)
        return;
    bl_text_format(text, "    error %s", bt_error_kind_word(phase->error));
    add_number(text, "(", phase->sharpness);
    add_number(text, ") floor ", phase->floor);
    bl_text_add(text, ";\n");
}

static void write_course(bl_text *text, const bl_phase *phase)
{
    if (phase->course == BT_COURSE_DECAY)
        add_number(text, ", decay ", phase->decay);
    else
        bl_text_format(text, ", %s", bt_course_word(phase->course));
    if (phase->warm_up > 0)
        bl_text_format(text, ", warm up %u steps", phase->warm_up);
}

static void write_steps(bl_text *text, const bl_phase *phase)
{
    if (phase->momentum > 0) {
        add_number(text, "    momentum ", phase->momentum);
        bl_text_add(text, ";\n");
    }
    if (phase->adapts) {
        add_number(text, "    adaptive ", phase->adaptive);
        bl_text_add(text, ";\n");
    }
}

/* The grid is written if all cells have it. Otherwise it is the default, which small maps cut. */
static void write_readouts(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    bt_shape grid = {0};
    bool same = true;
    if (phase->readout_count > 0)
        bl_text_add(text, " with readouts");
    for (uint32_t i = phase->layer_count - phase->readout_count; i < phase->layer_count; i++) {
        const bl_layer *readout = &program->layers[phase->layers[i]];
        if (readout->sources[0] < program->layer_count) /* one place: no cells */
            continue;
        same = same && (grid.height == 0 || (grid.height == readout->in.height && grid.width == readout->in.width));
        grid = readout->in;
    }
    if (same && grid.height > 0)
        bl_text_format(text, " grid %ux%u", grid.height, grid.width);
    if (phase->readout_count > 0)
        bl_text_add(text, phase->by_layer ? " layer by layer" : " mixed");
    bl_text_add(text, ";\n");
}

/* 1 would read like a count. */
static void add_share(bl_text *text, double share)
{
    if (share < 1)
        bl_text_number(text, share);
    else
        bl_text_add(text, "100%");
}

static void write_anneals(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    for (uint32_t i = 0; i < phase->anneal_count; i++) {
        const bl_anneal *anneal = &phase->anneals[i];
        bl_text_add(text, i > 0 ? ", " : "    anneal keep ");
        add_share(text, anneal->from);
        bl_text_add(text, " to ");
        add_share(text, anneal->to);
        bl_text_add(text, " over ");
        add_share(text, anneal->over);
        bl_text_format(text, " on %s", program->layers[anneal->layer].name);
    }
    if (phase->anneal_count > 0)
        bl_text_add(text, ";\n");
}

static void write_prunes(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    for (uint32_t i = 0; i < phase->prune_count; i++) {
        bl_text_add(text, i > 0 ? ", " : "    prune to ");
        add_share(text, phase->prunes[i].keep);
        bl_text_format(text, " on %s", program->layers[phase->prunes[i].layer].name);
    }
    if (phase->prune_count == 0)
        return;
    bl_text_add(text, " over ");
    add_share(text, phase->prune_over);
    bl_text_add(text, ";\n");
}

static void write_correct(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    uint32_t named = phase->layer_count - phase->readout_count;
    bl_text_add(text, "    correct ");
    for (uint32_t i = 0; i < named; i++)
        bl_text_format(text, "%s%s", i > 0 ? ", " : "", program->layers[phase->layers[i]].name);
    write_readouts(text, program, phase);
    write_error(text, program, phase);
    for (uint32_t i = 0; i < named; i++) {
        add_number(text, i > 0 ? ", " : "    eta ", phase->eta[i]);
        bl_text_format(text, " on %s", program->layers[phase->layers[i]].name);
    }
    write_course(text, phase);
    add_number(text, ";\n    xi ", phase->xi);
    bl_text_format(text, ";\n    epochs %u;\n    batch %u;\n    shift %u;\n", phase->epochs, phase->batch,
                   phase->shift);
    if (phase->cutout > 0)
        bl_text_format(text, "    cutout %u;\n", phase->cutout);
    if (phase->merge > 0)
        bl_text_format(text, "    replicas %u merge every %u batches;\n", phase->replicas, phase->merge);
    write_steps(text, phase);
    write_anneals(text, program, phase);
    write_prunes(text, program, phase);
    if (bl_first_standardised(program->layers, program->layer_count, phase) != NULL) {
        if (phase->centred > 0)
            bl_text_format(text, "    centred 1/%u;\n", phase->centred);
        else
            bl_text_add(text, "    centred none;\n");
    }
    if (phase->readout_count > 0 && program->keep_readouts)
        bl_text_add(text, "    keep readouts;\n");
    if (phase->weigh_classes)
        bl_text_add(text, "    weight classes by rarity;\n");
}

static void write_compete(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    bl_text_format(text, "    compete %s;\n    sample %llu patches;\n", program->layers[phase->compete].name,
                   (unsigned long long)phase->patches);
    add_number(text, "    xi ", phase->xi);
    add_number(text, " to ", phase->xi_to);
    bl_text_format(text, ";\n    target %s;\n", bt_target_word(phase->target));
    add_number(text, "    conscience ", phase->conscience);
    add_number(text, ";\n    alienate ", phase->alienate);
    bl_text_add(text, ";\n");
}

static void write_phase(bl_text *text, const bl_program *program, const bl_phase *phase)
{
    bl_text_format(text, "  phase %s {\n", phase->name);
    if (phase->kind == BT_PHASE_COMPETE)
        write_compete(text, program, phase);
    else
        write_correct(text, program, phase);
    if (phase->mirror)
        bl_text_add(text, "    flips;\n");
    if (phase->keep_best)
        bl_text_add(text, "    keep best on validation;\n");
    bl_text_add(text, "  }\n");
}

bl_text bl_program_text(bl_arena *arena, const bl_program *program)
{
    bl_text text = bl_text_new(arena);
    bl_text_format(&text, "rule %s;\n", bt_rule_word(program->rule));
    for (uint32_t i = 0; i < program->formula_count; i++) {
        bl_formula_text(&text, &program->formulas[i]);
        bl_text_add(&text, "\n");
    }
    bl_text_format(&text, "\nnetwork %s {\n", program->name);
    write_input(&text, &program->input);
    for (uint32_t i = 0; i < program->layer_count; i++)
        write_layer(&text, program, &program->layers[i]);
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
        bl_text_format(&text, " on %s;\n", bt_split_word(program->expects[i].on));
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
    bl_text text = bl_program_text(&context->arena, dump->program);
    fwrite(text.data, 1, text.length, dump->to);
    return 0;
}

/* A program does not know its context, so the text is built in a new one. */
void bl_dump_model(const bl_program *program, FILE *to)
{
    bl_context *context = bl_context_new();
    if (context == NULL)
        return;
    dump dump = {program, to};
    bl_guard(context, write_program, &dump);
    bl_context_free(context);
}
