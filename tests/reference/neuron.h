/* Activation functions of the reference: the ramp (3), the logistic, or a formula (model.md section 9).
 *
 * A formula is given twice: as the expression in a .btn text, and in postfix, as words separated by spaces, which the
 * reference evaluates. Slopes come from dual numbers. Conventions that model.md leaves open:
 *
 * - min, max and clamp have the slope of the branch taken. If both arguments of min or max are equal, the second one's
 *   slope counts; at an end of a clamp, the end's. The slope of abs at 0 is 1, the slope of sqrt at 0 is 0. */
#ifndef REF_NEURON_H
#define REF_NEURON_H

#include <stdbool.h>
#include <stdint.h>

typedef enum ref_way { REF_WAY_RAMP, REF_WAY_LOGISTIC, REF_WAY_FORMULA } ref_way;

typedef struct ref_formula {
    const char *name, *text, *postfix;
} ref_formula;

enum { REF_FORMULAS = 9 };
extern const ref_formula ref_formulas[REF_FORMULAS];

typedef struct ref_neuron {
    ref_way way;
    double k; /* of the logistic */
    const ref_formula *formula;
    double steepest; /* largest slope of the formula at the theta of the text: ref_steepest */
} ref_neuron;

/* exp, constant below -87 and above 88 (model.md section 9). A level far out is therefore tiny but not 0, and the
 * layer that reads it treats it like any other input. */
double ref_exp(double x);

/* y of (3), or of the function used in its place */
double ref_neuron_level(const ref_neuron *neuron, double x, double theta);

/* (9), or the gate used in its place */
double ref_neuron_gate(const ref_neuron *neuron, double theta, double x, double change);

/* dy/dx; `falls`: a smaller y is wanted, so an outermost clamp at its upper end passes on the slope inside it */
double ref_formula_slope(const ref_formula *formula, double x, double theta, bool falls);
double ref_steepest(const ref_formula *formula, double theta);

#endif
