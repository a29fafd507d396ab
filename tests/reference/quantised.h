/* The scalar reference of 8-bit inference: one neuron's sum over one field, from docs/design/quantised.md alone. */
#ifndef QUANTISED_H
#define QUANTISED_H

#include <stdint.h>

typedef struct ref_scales {
    float top, steepest; /* of activations and bounds; of slopes */
} ref_scales;

typedef struct ref_field_sum {
    int64_t sum;   /* of whole numbers */
    int64_t all;   /* of the activations' codes */
    double worth;  /* what 1 of sum stands for */
    double wanted; /* sum of +-max(0, o - alpha)/(1 - alpha), nothing rounded */
    double total;  /* sum of o, nothing rounded */
    double bound;  /* how far worth * sum may be from `wanted` */
    double loose;  /* how far all, in activations, may be from `total` */
} ref_field_sum;

int ref_activation_code(float o, float top);
int ref_alpha_code(float alpha, float top);
ref_field_sum ref_quantised_sum(const ref_scales *scales, const float *o, const float *alpha, const int8_t *sign,
                                uint32_t count);

#endif
