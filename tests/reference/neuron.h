/* How a neuron of the reference fires: the ramp (3), the logistic, or a formula (model.md section 9).
 *
 * A formula stands here twice: as the expression a .btn text has, and in postfix, words parted by spaces, which the
 * reference reads. Slopes are those of dual numbers; conventions that model.md leaves open:
 *
 * - min, max and clamp take the slope of the branch taken; where both are equal, the second one's, and of a clamp the
 *   end's. abs counts 0 as rising, sqrt has no slope at 0. */
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
    double steepest; /* of the formula, at the theta of the text: ref_steepest */
} ref_neuron;

/* Stays where it is below -87 and above 88 (model.md section 9): a level far out is tiny, and not 0, so that what reads
 * it is an input like any other. */
double ref_exp(double x);

/* y of (3), or what stands in its place */
double ref_neuron_level(const ref_neuron *neuron, double x, double theta);

/* (9), or what stands in its place */
double ref_neuron_gate(const ref_neuron *neuron, double theta, double x, double change);

/* dy/dx; `falls`: less is asked, so an outermost clamp at its top lets its slope through */
double ref_formula_slope(const ref_formula *formula, double x, double theta, bool falls);
double ref_steepest(const ref_formula *formula, double theta);

#endif
