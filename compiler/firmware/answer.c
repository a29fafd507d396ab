/* The functions that a firmware calls: the label of a sample; the label and the probabilities. */
#include "firmware/answer.h"

#include <stdio.h>
#include <string.h>

#include "firmware/layer.h"

/* The walk through all layers, as one function: (in, scratch). */
static bc_value emit_walk(bc_emit *e, struct bc_firmware *f, bc_owner owner)
{
    bc_value steps[BL_MAX_LAYERS + 1];
    uint32_t count = 0;
    LLVMTypeRef parameters[2] = {e->ptr, e->ptr};
    LLVMTypeRef type = LLVMFunctionType(e->none, parameters, 2, 0);
    if (!f->bytes)
        steps[count++] = bc_emit_small_input(e, f, owner);
    for (uint32_t l = 0; l < f->program->layer_count; l++)
        if (!f->layers[l].folded)
            steps[count++] =
                f->layers[l].layer->kind == BT_LAYER_POOL ? bc_emit_small_pool(e, f, l) : bc_emit_small_layer(e, f, l);
    bc_value walk = bc_owned_function(e, owner, "walk", type);
    bc_begin(e, "walk");
    bc_value arguments[2] = {LLVMGetParam(walk, 0), LLVMGetParam(walk, 1)};
    for (uint32_t i = 0; i < count; i++)
        LLVMBuildCall2(e->builder, type, steps[i], arguments, 2, "");
    LLVMBuildRetVoid(e->builder);
    return walk;
}

static const bc_small_layer *last_layer(const struct bc_firmware *f)
{
    return &f->layers[f->program->layer_count - 1];
}

typedef struct classes {
    uint32_t count;
    bc_value drives, conscience; /* conscience NULL: none */
} classes;

static classes classes_of(bc_emit *e, const struct bc_firmware *f, bc_owner owner, bc_value scratch)
{
    const bc_small_layer *l = last_layer(f);
    classes c = {.count = l->layer->neurons, .drives = bc_offset(e, scratch, l->sums)};
    for (uint32_t k = 0; k < c.count && !c.conscience; k++)
        if (l->conscience[k] != 0)
            c.conscience = bc_data_floats(e, owner, l->conscience, c.count);
    return c;
}

static bc_value float_at(bc_emit *e, bc_value base, bc_value index)
{
    return LLVMBuildLoad2(e->builder, e->f32, bc_element(e, e->f32, base, index), "");
}

/* The drive minus the conscience. */
static bc_value drive_of(bc_emit *e, const classes *c, bc_value k)
{
    bc_value drive = float_at(e, c->drives, k);
    return c->conscience ? bc_sub(e, drive, float_at(e, c->conscience, k)) : drive;
}

/* The label has the largest drive; on ties, the lowest index wins. */
static bc_value find_label(bc_emit *e, const classes *c)
{
    bc_value best = bc_slot(e, e->f32, drive_of(e, c, bc_i32(e, 0)), "best");
    bc_value label = bc_slot(e, e->i32, bc_i32(e, 0), "label");
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 1), bc_i32(e, c->count), 1, "class");
    bc_value x = drive_of(e, c, loop.i);
    bc_branch larger = bc_if(e, bc_greater(e, x, bc_get(e, e->f32, best)), "larger");
    bc_set(e, best, x);
    bc_set(e, label, loop.i);
    bc_endif(e, &larger);
    bc_loop_end(e, &loop);
    return bc_get(e, e->i32, label);
}

/* Equation 20 as artefact/answer.c computes it, with the sum in single precision. The label keeps the largest share. */
static void write_shares(bc_emit *e, const struct bc_firmware *f, const classes *c, bc_value label, bc_value out)
{
    e->no_contraction = true;
    bc_value top = drive_of(e, c, label), sum = bc_slot(e, e->f32, bc_f32(e, 0), "sum");
    bc_loop loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, c->count), 1, "class");
    bc_value x = bc_mul(e, bc_f32(e, (double)f->sharpness), bc_sub(e, drive_of(e, c, loop.i), top));
    bc_value share = bc_select(e, bc_greater(e, x, bc_f32(e, -87)), bc_exp(e, x), bc_f32(e, 0));
    LLVMBuildStore(e->builder, share, bc_element(e, e->f32, out, loop.i));
    bc_set(e, sum, bc_add(e, bc_get(e, e->f32, sum), share));
    bc_loop_end(e, &loop);
    bc_value largest = bc_div(e, bc_f32(e, 1), bc_get(e, e->f32, sum));
    loop = bc_loop_begin(e, bc_i32(e, 0), bc_i32(e, c->count), 1, "class");
    bc_value to = bc_element(e, e->f32, out, loop.i);
    share = LLVMBuildLoad2(e->builder, e->f32, to, "");
    LLVMBuildStore(e->builder, bc_min(e, bc_mul(e, share, largest), largest), to);
    bc_loop_end(e, &loop);
    e->no_contraction = false;
}

/* Each entry is in a section of its own, so that a linker leaves out the one that is not called. */
static bc_value begin_entry(bc_emit *e, struct bc_firmware *f, int number, bc_owner owner, LLVMTypeRef type)
{
    const char *const names[2][2] = {{"label", "predict_scratch"}, {"label_u8", "predict_u8"}};
    const char *name = names[f->bytes][number];
    char section[512];
    bc_value function = bc_owned_function(e, owner, name, type);
    snprintf(f->names[number], sizeof f->names[number], "%s_%s", owner.network, name);
    snprintf(section, sizeof section, ".text.%s.%s", owner.network, name);
    LLVMSetSection(function, section);
    LLVMSetLinkage(function, LLVMExternalLinkage);
    f->symbols[number] = f->names[number];
    bc_begin(e, name);
    return function;
}

static void emit_entries(bc_emit *e, struct bc_firmware *f, bc_owner owner, bc_value walk)
{
    LLVMTypeRef two[2] = {e->ptr, e->ptr}, three[3] = {e->ptr, e->ptr, e->ptr};
    LLVMTypeRef walks = LLVMGlobalGetValueType(walk);
    bc_value label_function = begin_entry(e, f, 0, owner, LLVMFunctionType(e->i32, two, 2, 0));
    bc_attribute(e, "noinline", NULL);
    bc_value arguments[2] = {LLVMGetParam(label_function, 0), LLVMGetParam(label_function, 1)};
    LLVMBuildCall2(e->builder, walks, walk, arguments, 2, "");
    classes c = classes_of(e, f, owner, arguments[1]);
    LLVMBuildRet(e->builder, find_label(e, &c));

    bc_value predict = begin_entry(e, f, 1, owner, LLVMFunctionType(e->i32, three, 3, 0));
    bc_value scratch = LLVMGetParam(predict, 2), asked[2] = {LLVMGetParam(predict, 0), scratch};
    bc_value label = LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(label_function), label_function, asked, 2, "");
    c = classes_of(e, f, owner, scratch);
    write_shares(e, f, &c, label, LLVMGetParam(predict, 1));
    LLVMBuildRet(e->builder, label);
}

int bc_firmware_emit(struct bc_firmware *f, br_error *error)
{
    bc_emit e;
    bc_owner owner = {f->program->name, NULL};
    bc_emit_begin(&e, f->llvm, f->program->name, 1);
    f->module = e.module;
    LLVMSetTarget(e.module, f->target.triple);
    char file[300];
    int length = snprintf(file, sizeof file, "%s.btn", f->program->name); /* by its point, sizes.c knows its symbol */
    LLVMSetSourceFileName(e.module, file, length < (int)sizeof file ? (size_t)length : sizeof file - 1);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(f->machine);
    LLVMSetModuleDataLayout(e.module, layout);
    LLVMDisposeTargetData(layout);
    emit_entries(&e, f, owner, emit_walk(&e, f, owner));
    bc_emit_end(&e);
    if (!e.out_of_memory)
        return 0;
    return br_fail(error, BR_ERROR_FAULT, "out of memory for the code of network %s", f->program->name);
}
