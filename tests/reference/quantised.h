/* The scalar reference of 8-bit inference: one neuron's sum over one field, from docs/design/quantised.md alone. */
#ifndef QUANTISED_H
#define QUANTISED_H

#include <stdint.h>

typedef struct ref_scales {
    float top, steepest; /* largest activation or bound, largest slope */
} ref_scales;

typedef struct ref_field_sum {
    int64_t sum;   /* of products of quanta */
    int64_t all;   /* of the activations' quanta */
    double worth;  /* value of one unit of `sum` */
    double wanted; /* sum of +-max(0, o - alpha)/(1 - alpha), not rounded */
    double total;  /* sum of o, not rounded */
    double bound;  /* largest allowed difference of worth * sum and `wanted` */
    double loose;  /* largest allowed difference of `all`, as activations, and `total` */
} ref_field_sum;

int ref_activation_code(float o, float top);
int ref_alpha_code(float alpha, float top);
ref_field_sum ref_quantised_sum(const ref_scales *scales, const float *o, const float *alpha, const int8_t *sign,
                                uint32_t count);

/* The same for bounds of 4 bits: connection i has the alpha and the slope of level codes[i * step]. Nothing is known of
 * the sum that is not rounded: `wanted` and `total` are what the quanta stand for. */
typedef struct ref_levels {
    const uint8_t *alphas;
    const int8_t *slopes;
    const uint8_t *codes;
    uint32_t step;
} ref_levels;
ref_field_sum ref_levels_sum(const ref_scales *scales, const ref_levels *levels, const float *o, uint32_t count);

#endif
