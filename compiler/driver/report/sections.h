/* The sections of a report, each in a file of its own. They write HTML to a stream and return an exit status; a stream
 * in memory fails at its end, so single writes are not checked. */
#ifndef BOUTON_DRIVER_SECTIONS_H
#define BOUTON_DRIVER_SECTIONS_H

#include "report/facts.h"

/* X(function): in the order of the page. */
#define REPORT_SECTIONS(X)                                                                                             \
    X(section_head)                                                                                                    \
    X(section_graph)                                                                                                   \
    X(section_curves)                                                                                                  \
    X(section_confusion)                                                                                               \
    X(section_calibration)                                                                                             \
    X(section_samples)                                                                                                 \
    X(section_filters)                                                                                                 \
    X(section_live)                                                                                                    \
    X(section_state)                                                                                                   \
    X(section_cost)

#define X(section) int section(FILE *to, report_facts *facts);
REPORT_SECTIONS(X)
#undef X

/* The curves of a history alone, for a page about a training that is not finished. */
int curves_draw(FILE *to, const command_line *cli, const bl_program *program, const br_history *history);

/* What the head says of a model besides its accuracy: terms and descriptions for a list. The network's text with every
 * default, folded up: at most so many bytes of it. */
void head_terms(FILE *to, const report_facts *facts);
int head_text(FILE *to, const report_facts *facts, size_t most);

/* The table of layers with their sizes, operations and methods. */
int cost_layers(FILE *to, const report_facts *facts);

/* 95% interval of a share by Wilson. */
void interval_of(uint64_t right, uint64_t samples, double *low, double *high);

#endif
