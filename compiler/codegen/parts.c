#include "codegen/parts.h"

#include <llvm-c/Core.h>
#include <pthread.h>

#include "plan/target.h"

typedef struct part {
    const bc_plan *plan;
    bc_selection selection;
    int level;
    LLVMMemoryBufferRef object;
    int status;
    br_error error;
    pthread_t thread;
    bool running;
} part;

static void *make(void *argument)
{
    part *p = argument;
    p->status = bc_object_make(p->plan, &p->selection, p->level, LLVMObjectFile, &p->object, &p->error);
    return NULL;
}

static uint32_t how_many(const bc_selection *selection)
{
    uint32_t processors = br_processors();
    if (selection->one)
        return 1;
    return processors < BC_MOST_PARTS ? processors : BC_MOST_PARTS;
}

int bc_objects_make(const bc_plan *plan, const bc_selection *selection, int level, bc_objects *out, br_error *error)
{
    part parts[BC_MOST_PARTS];
    int status = 0;
    out->count = how_many(selection);
    bc_target_start(); /* once, before several threads start */
    for (uint32_t i = 0; i < out->count; i++) {
        part *p = &parts[i];
        *p = (part){.plan = plan, .selection = *selection, .level = level};
        p->selection.part = i;
        p->selection.parts = out->count;
        p->running = i + 1 < out->count && pthread_create(&p->thread, NULL, make, p) == 0;
        if (!p->running)
            make(p);
    }
    for (uint32_t i = 0; i < out->count; i++) {
        if (parts[i].running)
            pthread_join(parts[i].thread, NULL);
        out->parts[i] = parts[i].status == 0 ? parts[i].object : NULL;
        if (status == 0 && parts[i].status != 0)
            *error = parts[i].error;
        status = status != 0 ? status : parts[i].status;
    }
    if (status != 0)
        bc_objects_free(out);
    return status;
}

void bc_objects_free(bc_objects *objects)
{
    for (uint32_t i = 0; i < objects->count; i++)
        if (objects->parts[i])
            LLVMDisposeMemoryBuffer(objects->parts[i]);
    objects->count = 0;
}
