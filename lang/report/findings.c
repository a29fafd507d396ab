/* The collected diagnostics as data, in the order of the text. */
#include <stdlib.h>

#include "report/context.h"

static int by_place(const void *left, const void *right)
{
    const bl_diagnostic *a = *(const bl_diagnostic *const *)left, *b = *(const bl_diagnostic *const *)right;
    if (a->place.file != b->place.file)
        return a->place.file < b->place.file ? -1 : 1;
    if (a->place.offset != b->place.offset)
        return a->place.offset < b->place.offset ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

static bl_finding finding_of(const bl_diagnostic *from)
{
    bl_finding finding = {.severity = from->severity,
                          .place = from->place,
                          .message = from->message,
                          .mend = from->mend,
                          .remark = from->remark.message,
                          .remark_place = from->remark.place,
                          .replacement = from->replacement,
                          .replaced = from->replaced};
    bl_code_text(from->code, from->severity, finding.code);
    return finding;
}

bl_findings bl_diagnostics_sorted(bl_context *context)
{
    const bl_collector *collector = &context->diagnostics;
    const bl_diagnostic **sorted = BL_ARRAY(&context->arena, const bl_diagnostic *, collector->kept_count + 1);
    bl_finding *findings = BL_ARRAY(&context->arena, bl_finding, collector->kept_count + 1);
    for (uint32_t i = 0; i < collector->kept_count; i++)
        sorted[i] = &collector->kept[i];
    qsort(sorted, collector->kept_count, sizeof *sorted, by_place);
    for (uint32_t i = 0; i < collector->kept_count; i++)
        findings[i] = finding_of(sorted[i]);
    return (bl_findings){collector->kept_count, findings};
}

static int find(bl_context *context, void *argument)
{
    *(bl_findings *)argument = bl_diagnostics_sorted(context);
    return 0;
}

int bl_find(bl_context *context, bl_findings *out)
{
    *out = (bl_findings){0};
    return bl_guard(context, find, out);
}
