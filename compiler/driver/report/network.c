/* The picture of the network in a report. */
#include "graph/layout.h"
#include "picture/svg.h"
#include "report/html.h"
#include "report/sections.h"

enum { NODES_MOST = 200 }; /* a box takes about 1 KB */

static int draw(FILE *to, const net_graph *graph)
{
    drawing d = {0};
    int status = layout_draw(graph, &d);
    fputs("<div class=\"net wide\">", to);
    if (status == STATUS_DONE)
        status = svg_write_inline(&d, to);
    fputs("</div>\n", to);
    drawing_free(&d);
    return status;
}

int section_graph(FILE *to, report_facts *f)
{
    net_graph graph;
    int status = net_graph_make(&f->s, f->no_samples == NULL ? &f->score : NULL, &graph);
    if (status != STATUS_DONE)
        return status;
    html_section(to, "network", "The network");
    if (graph.count > NODES_MOST)
        fprintf(to,
                "<p>The picture would have %u boxes, and at most %d are drawn here; <code>bouton graph</code> draws "
                "them all.</p>\n",
                graph.count, NODES_MOST);
    else
        status = draw(to, &graph);
    html_section_end(to);
    net_graph_free(&graph);
    return status;
}
