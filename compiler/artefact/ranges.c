#include "artefact/ranges.h"

#include <math.h>
#include <stdlib.h>

#include "artefact/constants.h"
#include "artefact/encode.h"

int bc_ranges_check(const br_schema *schema, const bl_input *input, br_error *error)
{
    if (schema == NULL || schema->scaling == BT_SCALING_RANGE)
        return 0;
    if (schema->range_count != bl_sample_values(input) && schema->range_count != input->channels)
        return br_fail(error, BR_ERROR_CHECK,
                       "the schema has %u ranges, the input %llu values of %u channel%s; a range for each value or for "
                       "each channel is needed",
                       schema->range_count, (unsigned long long)bl_sample_values(input), input->channels,
                       input->channels == 1 ? "" : "s");
    for (uint32_t i = 0; i < schema->range_count; i++) {
        double low = schema->ranges[i].low, high = schema->ranges[i].high;
        if (!isfinite(low) || !isfinite(high) || !(low < high))
            return br_fail(error, BR_ERROR_CHECK,
                           "the range of column %u of the schema is [%g, %g]: it must be finite and its first end the "
                           "smaller one",
                           i + 1, low, high);
    }
    return 0;
}

bc_ranges bc_emit_ranges(bc_emit *e, const br_schema *schema, const bl_input *input, uint32_t lanes)
{
    bc_ranges ranges = {0};
    if (schema == NULL || schema->scaling == BT_SCALING_RANGE)
        return ranges;
    ranges.count = schema->range_count;
    ranges.channels = schema->range_count != bl_sample_values(input);
    ranges.centred = schema->centred;
    uint64_t entries = (uint64_t)ranges.count + (ranges.channels ? lanes : 0);
    double *lows = malloc(entries * sizeof *lows), *spans = malloc(entries * sizeof *spans);
    for (uint64_t i = 0; lows != NULL && spans != NULL && i < entries; i++) {
        const br_range *range = &schema->ranges[i % ranges.count];
        lows[i] = range->low;
        spans[i] = range->high - range->low;
    }
    ranges.lows = bc_constant_f64(e, spans != NULL ? lows : NULL, entries, "input.lows");
    ranges.spans = bc_constant_f64(e, lows != NULL ? spans : NULL, entries, "input.spans");
    free(lows);
    free(spans);
    return ranges;
}

/* u = clamp((raw - low)/(high - low), 0, 1), or 2u - 1 around the middle. */
bc_value bc_emit_in_columns(bc_emit *e, const bc_ranges *ranges, bc_value raw, bc_value index)
{
    bool vector = LLVMGetTypeKind(LLVMTypeOf(raw)) == LLVMVectorTypeKind;
    LLVMTypeRef type = vector ? LLVMVectorType(f64(e), e->lanes) : f64(e);
    bc_value column = ranges->channels ? LLVMBuildURem(e->builder, index, bc_i32(e, ranges->count), "column") : index;
    bc_value low = LLVMBuildLoad2(e->builder, type, bc_row(e, f64(e), ranges->lows, column, 1), "low");
    bc_value span = LLVMBuildLoad2(e->builder, type, bc_row(e, f64(e), ranges->spans, column, 1), "span");
    LLVMSetAlignment(low, sizeof(double));
    LLVMSetAlignment(span, sizeof(double));
    bc_value zero = bc_real_like(e, low, 0), one = bc_real_like(e, low, 1);
    bc_value u = bc_div(e, bc_sub(e, LLVMBuildFPExt(e->builder, raw, type, ""), low), span);
    u = bc_select(e, bc_less(e, u, zero), zero, bc_select(e, bc_greater(e, u, one), one, u));
    if (ranges->centred)
        u = bc_sub(e, bc_mul(e, bc_real_like(e, low, 2), u), one);
    return LLVMBuildFPTrunc(e->builder, u, LLVMTypeOf(raw), "");
}
