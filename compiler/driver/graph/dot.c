#include "graph/dot.h"

static void quoted(FILE *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
}

static void put_node(FILE *to, uint32_t number, const net_node *node)
{
    fprintf(to, "  n%u [label=\"", number);
    quoted(to, node->name);
    fputs("\\n", to);
    quoted(to, node->kind);
    for (uint32_t i = 0; i < node->line_count; i++) {
        fputs("\\n", to);
        quoted(to, node->lines[i]);
    }
    fprintf(to, "\"%s];\n", node->readout ? ", style=dashed" : "");
    for (uint32_t i = 0; i < node->source_count; i++) {
        fprintf(to, "  n%u -> n%u", node->sources[i], number);
        if (node->live >= 0)
            fprintf(to, " [penwidth=%.2f]", 1 + 9 * node->live);
        fputs(";\n", to);
    }
}

static void put_phase(FILE *to, uint32_t number, const net_phase *phase)
{
    fprintf(to, "  p%u [shape=note, label=\"", number);
    quoted(to, phase->name);
    fputs("\\n", to);
    quoted(to, phase->detail);
    fputs("\"];\n", to);
    for (uint32_t i = 0; i < phase->node_count; i++)
        fprintf(to, "  p%u -> n%u [style=dotted, arrowhead=none, constraint=false];\n", number, phase->nodes[i]);
}

void dot_write(const net_graph *graph, FILE *to)
{
    fputs("digraph \"", to);
    quoted(to, graph->title);
    fputs("\" {\n  node [shape=box, fontname=\"DejaVu Sans Mono\"];\n", to);
    for (uint32_t i = 0; i < graph->count; i++)
        put_node(to, i, &graph->nodes[i]);
    for (uint32_t i = 0; i < graph->phase_count; i++)
        put_phase(to, i, &graph->phases[i]);
    fputs("}\n", to);
}
