#include "show/quantised.h"

#include "show/numbers.h"
#include "show/table.h"

/* ---- text ---- */

static const char *reason_in_floats(const bl_program *program, uint32_t layer)
{
    if (program->layers[layer].kind == BT_LAYER_POOL)
        return "floats: a pool";
    return program->rule == BT_RULE_PRINTED ? "floats: rule printed" : "floats: more inputs than a 32-bit sum holds";
}

/* Of the bounds of a layer in whole numbers. */
static uint32_t bits_of(const quantised_result *q, uint32_t layer)
{
    return br_quantised_levels(q->network, layer) ? 4 : 8;
}

static void layer_row(const bl_program *program, const quantised_result *q, uint32_t layer, text_table *table)
{
    const br_quantised_layer *facts = br_quantised_of(q->network, layer);
    table_cell(table, "%s", program->layers[layer].name);
    if (!facts->int8) {
        table_cell(table, "%s", reason_in_floats(program, layer));
        for (int i = 0; i < 4; i++)
            table_cell(table, "-");
        return;
    }
    table_cell(table, "int%u", bits_of(q, layer));
    table_cell(table, "%.4f", (double)facts->top);
    table_cell(table, "%.5f", (double)facts->top / 255);
    table_cell(table, "%.4f", (double)facts->steepest / 127);
    table_cell(table, "%.1f%%", 100 * (double)facts->always_silent / (double)facts->connections);
}

int quantised_print(const command_line *cli, const bl_program *program, const quantised_result *q, FILE *to)
{
    text_table table = table_new(cli, 6);
    static const char *const heads[] = {"", "computed in", "largest input", "quantum", "slope quantum", "never live"};
    for (int i = 0; i < 6; i++)
        table_cell(&table, "%s", heads[i]);
    for (uint32_t layer = 0; layer < program->layer_count; layer++)
        layer_row(program, q, layer, &table);
    fprintf(to, "accuracy in floats %.2f%%: int%u loses %.2f points, of %.4g allowed\n", 100 * q->floats.accuracy,
            q->bits, q->lost, q->allowed);
    number_buffer samples;
    if (q->calibration > 0)
        fprintf(to, "\nscales, from %s validation samples\n", number_grouped(samples, q->calibration));
    else
        fputs("\nscales, from the layers' ranges (there are no validation samples)\n", to);
    int status = table_print(&table, "llr", 2, to);
    table_free(&table);
    return status;
}

/* ---- JSON ---- */

static json_t *layer_json(const bl_program *program, const quantised_result *q, uint32_t layer)
{
    const br_quantised_layer *facts = br_quantised_of(q->network, layer);
    const char *name = program->layers[layer].name;
    if (!facts->int8)
        return json_pack("{s:s, s:i}", "layer", name, "bits", 32);
    return json_pack("{s:s, s:i, s:f, s:f, s:f}", "layer", name, "bits", (int)bits_of(q, layer), "largest_input",
                     (double)facts->top, "largest_slope", (double)facts->steepest, "never_live",
                     (double)facts->always_silent / (double)facts->connections);
}

json_t *quantised_json(const bl_program *program, const quantised_result *q)
{
    json_t *layers = json_array();
    for (uint32_t l = 0; layers != NULL && l < program->layer_count; l++)
        if (json_array_append_new(layers, layer_json(program, q, l)) != 0) {
            json_decref(layers);
            return NULL;
        }
    return json_pack("{s:f, s:f, s:f, s:I, s:o}", "accuracy_in_floats", q->floats.accuracy, "points_lost", q->lost,
                     "points_allowed", q->allowed, "calibration_samples", (json_int_t)q->calibration, "layers", layers);
}
