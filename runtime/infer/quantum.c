/* Compiled without fused multiply-adds, which the kernels do not use either. */
#include "bouton/infer.h"

uint8_t br_quantum_of(float o, float per_quantum)
{
    float quanta = o * per_quantum + 0.5f;
    return (uint8_t)(quanta < UINT8_MAX ? quanta : UINT8_MAX);
}
