/* Prints the facts of `bouton info` as JSON. */
#include <jansson.h>
#include <stdio.h>

#include "show/json.h"
#include "show/layer_facts.h"
#include "show/schema_view.h"
#include "verbs/info.h"

static json_t *input_json(const bl_input *input)
{
    return json_pack("{s:b, s:i, s:i, s:i, s:f}", "image", input->image, "height", (int)input->height, "width",
                     (int)input->width, "channels", (int)input->channels, "range", input->range);
}

static json_t *layer_json(const bl_program *program, const bl_layer *layer, const bc_layer_plan *plan)
{
    uint64_t count = layer_connections(layer);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I}", "layer", layer->name, "kind", layer_kind_name(layer),
                     "neurons", (json_int_t)layer->neurons, "connections", (json_int_t)(layer_places(layer) * count),
                     "parameters", (json_int_t)(count + layer_thresholds(layer)), "bytes",
                     (json_int_t)layer_bytes(plan), "operations", (json_int_t)layer_operations(program, layer));
}

static json_t *training_json(const br_file_facts *facts)
{
    return json_pack("{s:s, s:o, s:o, s:I, s:I}", "version", facts->version, "seed",
                     json_sprintf("%llu", (unsigned long long)facts->seed), "data",
                     json_sprintf("%016llx", (unsigned long long)facts->data_hash), "phase", (json_int_t)facts->phase,
                     "epoch", (json_int_t)facts->epoch);
}

int info_print_json(const session *s, const bc_plan *plan)
{
    const bl_program *program = s->source.program;
    const br_schema *schema = s->source.schema;
    json_t *layers = json_array();
    bool lost = false;
    for (uint32_t i = 0; i < bl_model_layers(program); i++)
        lost = json_array_append_new(layers, layer_json(program, &program->layers[i], &plan->layers[i])) != 0 || lost;
    json_t *training = s->source.facts != NULL ? training_json(s->source.facts) : json_null();
    json_t *all = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "network", program->name, "rule",
                            bt_rule_word(program->rule), "input", input_json(&program->input), "layers", layers,
                            "trained", training, "schema", schema != NULL ? schema_json(schema) : json_null());
    if (lost) {
        json_decref(all);
        all = NULL;
    }
    return json_deliver(s->cli, all, JSON_INDENT(2), cli_out(s->cli));
}
