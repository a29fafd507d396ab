/* The functions that a firmware calls: the label of a sample; the label and the probabilities. */
#include "firmware/answer.h"

#include <stdio.h>
#include <string.h>

#include "firmware/avr.h"
#include "firmware/layer.h"
#include "firmware/learn.h"

static bool learns(const struct bc_firmware *f)
{
    return f->learning.phase != NULL;
}

/* The walk through all layers, as one function: (in, scratch), and the state if the last layer learns. */
static bc_value emit_walk(bc_emit *e, struct bc_firmware *f, bc_owner owner)
{
    bc_value steps[BL_MAX_LAYERS + 1];
    uint32_t count = 0;
    LLVMTypeRef parameters[3] = {e->ptr, e->ptr, e->ptr};
    LLVMTypeRef type = LLVMFunctionType(e->none, parameters, learns(f) ? 3 : 2, 0);
    if (!f->bytes)
        steps[count++] = bc_emit_small_input(e, f, owner);
    for (uint32_t l = 0; l < f->program->layer_count; l++)
        if (!f->layers[l].folded)
            steps[count++] =
                f->layers[l].layer->kind == BT_LAYER_POOL ? bc_emit_small_pool(e, f, l) : bc_emit_small_layer(e, f, l);
    bc_value walk = bc_owned_function(e, owner, "walk", type);
    bc_begin(e, "walk");
    bc_value arguments[3] = {LLVMGetParam(walk, 0), LLVMGetParam(walk, 1)};
    if (learns(f))
        arguments[2] = LLVMGetParam(walk, 2);
    for (uint32_t i = 0; i < count; i++) {
        LLVMTypeRef of = LLVMGlobalGetValueType(steps[i]);
        LLVMBuildCall2(e->builder, of, steps[i], arguments, LLVMCountParamTypes(of), "");
    }
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

enum { LABEL, PREDICT, LEARN, STATE_BEGIN, STATE_FITS };

/* Each entry is in a section of its own, so that a linker leaves out the one that is not called. */
static bc_value begin_entry(bc_emit *e, struct bc_firmware *f, int number, bc_owner owner, LLVMTypeRef type)
{
    static const char *const names[2][BC_ENTRIES] = {
        {"label", "predict_scratch", "learn", "state_begin", "state_fits"},
        {"label_u8", "predict_u8", "learn_u8", "state_begin", "state_fits"}};
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

/* Calls a function with the first of: in, scratch, state. */
static bc_value ask(bc_emit *e, bc_value function, const bc_small_arguments *a, const char *name)
{
    bc_value arguments[3] = {a->in, a->scratch, a->state};
    LLVMTypeRef type = LLVMGlobalGetValueType(function);
    return LLVMBuildCall2(e->builder, type, function, arguments, LLVMCountParamTypes(type), name);
}

/* The arguments of an entry: in, what the entry alone has, state where a layer learns, scratch. */
static bc_small_arguments arguments_of(const struct bc_firmware *f, bc_value entry, unsigned own)
{
    return (bc_small_arguments){LLVMGetParam(entry, 0), LLVMGetParam(entry, 1 + own + learns(f)),
                                learns(f) ? LLVMGetParam(entry, 1 + own) : NULL};
}

/* The label of a sample whose drives are made, as a function of its own: (in, scratch), and the state. */
static bc_value emit_find(bc_emit *e, struct bc_firmware *f, bc_owner owner, bc_value walk)
{
    LLVMTypeRef parameters[3] = {e->ptr, e->ptr, e->ptr};
    bc_value find = bc_owned_function(e, owner, "find", LLVMFunctionType(e->i32, parameters, learns(f) ? 3 : 2, 0));
    bc_attribute(e, "noinline", NULL);
    bc_begin(e, "find");
    const bc_small_arguments a = {LLVMGetParam(find, 0), LLVMGetParam(find, 1),
                                  learns(f) ? LLVMGetParam(find, 2) : NULL};
    ask(e, walk, &a, "");
    classes c = classes_of(e, f, owner, a.scratch);
    LLVMBuildRet(e->builder, find_label(e, &c));
    return find;
}

static void emit_learning(bc_emit *e, struct bc_firmware *f, bc_owner owner, bc_value find)
{
    LLVMTypeRef four[4] = {e->ptr, e->i32, e->ptr, e->ptr}, one[1] = {e->ptr};
    bc_value learn = begin_entry(e, f, LEARN, owner, LLVMFunctionType(e->i32, four, 4, 0));
    const bc_small_arguments a = arguments_of(f, learn, 1);
    bc_value label = ask(e, find, &a, "");
    bc_emit_small_step(e, f, &a, LLVMGetParam(learn, 1));
    LLVMBuildRet(e->builder, label);
    bc_value begin = begin_entry(e, f, STATE_BEGIN, owner, LLVMFunctionType(e->none, one, 1, 0));
    bc_emit_state_begin(e, f, LLVMGetParam(begin, 0));
    LLVMBuildRetVoid(e->builder);
    bc_value fits = begin_entry(e, f, STATE_FITS, owner, LLVMFunctionType(e->i32, one, 1, 0));
    LLVMBuildRet(e->builder, bc_emit_state_fits(e, f, LLVMGetParam(fits, 0)));
}

static void emit_entries(bc_emit *e, struct bc_firmware *f, bc_owner owner, bc_value walk)
{
    LLVMTypeRef pointers[4] = {e->ptr, e->ptr, e->ptr, e->ptr};
    bc_value find = learns(f) ? emit_find(e, f, owner, walk) : NULL;
    bc_value label_function = begin_entry(e, f, LABEL, owner, LLVMFunctionType(e->i32, pointers, learns(f) ? 3 : 2, 0));
    bc_small_arguments a = arguments_of(f, label_function, 0);
    classes c;
    if (find) {
        LLVMBuildRet(e->builder, ask(e, find, &a, ""));
    } else {
        bc_attribute(e, "noinline", NULL);
        ask(e, walk, &a, "");
        c = classes_of(e, f, owner, a.scratch);
        LLVMBuildRet(e->builder, find_label(e, &c));
    }
    bc_value predict = begin_entry(e, f, PREDICT, owner, LLVMFunctionType(e->i32, pointers, learns(f) ? 4 : 3, 0));
    a = arguments_of(f, predict, 1);
    bc_value label = ask(e, find ? find : label_function, &a, "");
    c = classes_of(e, f, owner, a.scratch);
    write_shares(e, f, &c, label, LLVMGetParam(predict, 1));
    LLVMBuildRet(e->builder, label);
    if (find)
        emit_learning(e, f, owner, find);
}

int bc_firmware_emit(struct bc_firmware *f, br_error *error)
{
    bc_emit e;
    bc_owner owner = {f->program->name, NULL};
    bc_emit_begin(&e, f->llvm, f->program->name, 1);
    e.flash = f->target.avr ? BC_AVR_FLASH : 0;
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
