#include "parse/recover.h"

#include "report/context.h"

bool bl_recovery_add(bl_recovery *recovery, const bl_correction *correction)
{
    uint32_t at = recovery->count;
    if (recovery->count >= BL_MAX_DIAGNOSTICS)
        return false;
    for (; at > 0 && recovery->list[at - 1]->offset >= correction->offset; at--) {
        const bl_correction *other = recovery->list[at - 1];
        if (other->offset > correction->offset)
            continue;
        if (other->rejected || (!correction->inserted && !other->inserted))
            return false;
        if (correction->inserted && other->inserted) /* insertions keep their order and precede a replacement */
            break;
    }
    recovery->list = bl_grow(recovery->arena, recovery->list, recovery->count, sizeof *recovery->list);
    for (uint32_t i = recovery->count++; i > at; i--)
        recovery->list[i] = recovery->list[i - 1];
    recovery->list[at] = BL_NEW(recovery->arena, bl_correction);
    *recovery->list[at] = *correction;
    recovery->list[at]->fresh = true;
    recovery->changed = true;
    return true;
}

void bl_recovery_doubt(bl_recovery *recovery)
{
    if (recovery->suspect == NULL)
        return;
    recovery->suspect->rejected = recovery->changed = true;
    recovery->suspect = NULL;
}

bool bl_recovery_rejected(const bl_recovery *recovery, uint32_t offset)
{
    for (uint32_t i = 0; i < recovery->count; i++)
        if (recovery->list[i]->offset == offset && recovery->list[i]->rejected)
            return true;
    return false;
}

bl_correction *bl_recovery_next(bl_recovery *recovery, uint32_t offset)
{
    while (recovery->cursor < recovery->count &&
           (recovery->list[recovery->cursor]->offset < offset || recovery->list[recovery->cursor]->rejected))
        recovery->cursor++;
    if (recovery->cursor == recovery->count || recovery->list[recovery->cursor]->offset != offset)
        return NULL;
    return recovery->list[recovery->cursor++];
}

void bl_report_correction(bl_context *context, const bl_correction *correction)
{
    const char *arguments[8] = {correction->arguments[0], correction->arguments[1], correction->arguments[2]};
    bl_diagnostic *told = bl_diagnose_with(context, correction->code, correction->place, arguments);
    if (correction->remark.message != NULL)
        bl_remark_on(told, correction->remark.place, correction->remark.message);
}
