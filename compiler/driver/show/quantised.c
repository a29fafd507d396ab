#include "show/quantised.h"

#include <math.h>

#include "show/numbers.h"
#include "show/score_view.h"
#include "show/table.h"

#define POINTS_DEFAULT 0.1

int quantised_score(const session *session, const br_data *data, br_split split, uint32_t threads, quantised *out)
{
    br_error error;
    const br_samples *calibration = br_data_split(data, BR_VALIDATION);
    *out = (quantised){.calibration = calibration->count,
                       .allowed = cli_number(session->cli, OPTION_quantize_loss, POINTS_DEFAULT)};
    int status = score_split(session, data, split, threads, &out->floats);
    if (status != STATUS_DONE)
        return status;
    if (br_quantise(session->network, calibration, threads, &out->network, &error) != 0 ||
        br_score_quantised(out->network, br_data_split(data, split), threads, &out->score, &error) != 0)
        return fail_with(session->cli, &error);
    out->lost = 100 * (out->floats.accuracy - out->score.accuracy);
    return STATUS_DONE;
}

void quantised_free(quantised *quantised)
{
    br_score_free(&quantised->floats);
    br_score_free(&quantised->score);
    br_quantised_free(quantised->network);
}

/* ---- for the eyes ---- */

static const char *reason_in_floats(const bl_program *program, uint32_t layer)
{
    if (program->layers[layer].kind == BL_POOL)
        return "floats: a pool";
    return program->rule == BL_RULE_PRINTED ? "floats: rule printed" : "floats: more inputs than 32 bits can add up";
}

static void layer_row(const session *session, const quantised *q, uint32_t layer, table *table)
{
    const br_quantised_layer *facts = br_quantised_of(q->network, layer);
    table_cell(table, "%s", session->program->layers[layer].name);
    if (!facts->eight) {
        table_cell(table, "%s", reason_in_floats(session->program, layer));
        for (int i = 0; i < 4; i++)
            table_cell(table, "-");
        return;
    }
    table_cell(table, "8 bits");
    table_cell(table, "%.4f", (double)facts->top);
    table_cell(table, "%.5f", (double)facts->top / 255);
    table_cell(table, "%.4f", (double)facts->steepest / 127);
    table_cell(table, "%.1f%%", 100 * (double)facts->unheard / (double)facts->connections);
}

int quantised_print(const session *session, const quantised *q, FILE *to)
{
    table table = table_new(session->cli, 6);
    static const char *const heads[] = {"", "computed in", "largest input", "quantum", "of slopes", "never live"};
    for (int i = 0; i < 6; i++)
        table_cell(&table, "%s", heads[i]);
    for (uint32_t layer = 0; layer < session->program->layer_count; layer++)
        layer_row(session, q, layer, &table);
    fprintf(to, "in floats, accuracy %.2f%%: 8 bits cost %.2f points, of %.4g allowed\n", 100 * q->floats.accuracy,
            q->lost, q->allowed);
    number_room room;
    if (q->calibration > 0)
        fprintf(to, "\nscales, from %s validation samples\n", number_grouped(room, q->calibration));
    else
        fputs("\nscales, from the layers' ranges (there are no validation samples)\n", to);
    int status = table_print(&table, "llr", 2, to);
    table_free(&table);
    return status;
}

/* ---- JSON ---- */

static json_t *layer_json(const session *session, const quantised *q, uint32_t layer)
{
    const br_quantised_layer *facts = br_quantised_of(q->network, layer);
    const char *name = session->program->layers[layer].name;
    if (!facts->eight)
        return json_pack("{s:s, s:i}", "layer", name, "bits", 32);
    return json_pack("{s:s, s:i, s:f, s:f, s:f}", "layer", name, "bits", 8, "largest_input", (double)facts->top,
                     "largest_slope", (double)facts->steepest, "never_live",
                     (double)facts->unheard / (double)facts->connections);
}

json_t *quantised_json(const session *session, const quantised *q)
{
    json_t *layers = json_array();
    for (uint32_t l = 0; layers != NULL && l < session->program->layer_count; l++)
        if (json_array_append_new(layers, layer_json(session, q, l)) != 0) {
            json_decref(layers);
            return NULL;
        }
    return json_pack("{s:f, s:f, s:f, s:I, s:o}", "accuracy_in_floats", q->floats.accuracy, "points_lost", q->lost,
                     "points_allowed", q->allowed, "calibration_samples", (json_int_t)q->calibration, "layers", layers);
}

int quantised_check(const session *session, const quantised *q, br_split split)
{
    if (q->lost <= q->allowed + 1e-9) /* 0.1 points are no power of two */
        return STATUS_DONE;
    return fail(
        session->cli, STATUS_FAILED,
        "%s: 8 bits cost %.2f points of accuracy on %s (%.2f%% to %.2f%%), %.4g are allowed; give --quantize-loss "
        "%.2f to accept it",
        session->path, q->lost, split_names[split], 100 * q->floats.accuracy, 100 * q->score.accuracy, q->allowed,
        ceil(100 * q->lost - 1e-6) / 100);
}
