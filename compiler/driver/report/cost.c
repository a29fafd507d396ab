/* What a network costs: operations and bytes of its layers, the method of each, and the time of each phase. */
#include <math.h>

#include "options/console.h"
#include "report/html.h"
#include "report/sections.h"
#include "show/layer_facts.h"
#include "show/numbers.h"

static void put_shape(FILE *to, const bl_layer *l)
{
    if (l->kind == BT_LAYER_DENSE)
        fprintf(to, "<td>%u &rarr; %u</td>", l->inputs, l->neurons);
    else
        fprintf(to, "<td>%ux%ux%u &rarr; %ux%ux%u</td>", l->in.height, l->in.width, l->in.channels, l->out.height,
                l->out.width, l->out.channels);
}

static void put_method(FILE *to, const report_facts *f, uint32_t index)
{
    bt_method training, inference;
    double live;
    if (f->no_samples == NULL && br_methods_of(f->s.compiled.network, index, &training, &inference, &live))
        fprintf(to, "<td class=\"left\">%s</td><td>%.0f%%</td>", bt_method_word(inference), 100 * live);
    else
        fputs("<td class=\"left\">-</td><td>-</td>", to);
}

static void put_layer(FILE *to, const report_facts *f, uint32_t index, const bc_layer_plan *plan)
{
    const bl_program *program = f->s.source.program;
    const bl_layer *l = &program->layers[index];
    number_buffer connections, parameters, bytes, operations;
    fputs("<tr><th scope=\"row\">", to);
    html_name(to, l->name);
    fprintf(to, "</th><td class=\"left\">%s</td>", layer_kind_name(l));
    put_shape(to, l);
    fprintf(to, "<td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
            number_grouped(connections, layer_places(l) * layer_connections(l)),
            number_grouped(parameters, layer_connections(l) + layer_thresholds(l)),
            number_bytes(bytes, layer_bytes(plan)), number_grouped(operations, layer_operations(program, l)));
    put_method(to, f, index);
    fputs("</tr>\n", to);
}

int cost_layers(FILE *to, const report_facts *f)
{
    bc_plan *plan;
    br_error error;
    bc_options options = session_options(&f->s);
    if (bc_plan_new(f->s.source.program, &options, &plan, &error) != 0)
        return fail_with(f->s.cli, &error);
    fputs(
        "<div class=\"wide\"><table><caption>A shared filter counts at every position. Operations: for one sample, if "
        "every input were live. Method: how inference computes the layer, chosen by the share of its inputs that are "
        "live.</caption>\n<thead><tr><th scope=\"col\" class=\"left\">layer</th><th scope=\"col\" class=\"left\">kind"
        "</th><th scope=\"col\">shape</th><th scope=\"col\">connections</th><th scope=\"col\">parameters</th><th "
        "scope=\"col\">bytes</th><th scope=\"col\">operations</th><th scope=\"col\" class=\"left\">method</th><th "
        "scope=\"col\">live inputs</th></tr></thead>\n<tbody>\n",
        to);
    for (uint32_t l = 0; l < facts_layers(f); l++)
        put_layer(to, f, l, &plan->layers[l]);
    fputs("</tbody></table></div>\n", to);
    facts_layers_left_out(to, f);
    bc_plan_free(plan);
    return STATUS_DONE;
}

/* The record knows when each epoch ended; a phase ends with its last one. */
static void put_times(FILE *to, const report_facts *f)
{
    const br_history *h = f->history;
    double before = 0;
    if (h == NULL || h->epoch_count == 0 || isnan(record_seconds(&f->record, h, h->epoch_count - 1))) {
        fputs(
            "<p class=\"soft\">Times are not part of a model. They are shown if the record of the run, .run.json, lies "
            "beside it. <code>bouton bench</code> measures the time of each layer.</p>\n",
            to);
        return;
    }
    fputs(
        "<table><caption>Time of each phase, until its last epoch ended, with validation</caption>\n<thead><tr><th "
        "scope=\"col\" class=\"left\">phase</th><th scope=\"col\">epochs</th><th scope=\"col\">time</th></tr></thead>\n"
        "<tbody>\n",
        to);
    for (uint32_t i = 0; i < h->epoch_count; i++) {
        bool last = i + 1 == h->epoch_count || h->epochs[i + 1].phase != h->epochs[i].phase;
        double seconds = record_seconds(&f->record, h, i);
        number_buffer text;
        if (!last || isnan(seconds))
            continue;
        fputs("<tr><th scope=\"row\">", to);
        html_name(to, f->s.source.program->phases[h->epochs[i].phase].name);
        fprintf(to, "</th><td>%u</td><td>%s</td></tr>\n", h->epochs[i].epoch,
                number_seconds(text, fmax(seconds - before, 0)));
        before = seconds;
    }
    fputs("</tbody></table>\n", to);
}

int section_cost(FILE *to, report_facts *f)
{
    html_section(to, "cost", "What it costs");
    int status = cost_layers(to, f);
    if (status == STATUS_DONE)
        put_times(to, f);
    html_section_end(to);
    return status;
}
