/* Sizes of built code: sections of the object, one for each layer, and the deepest stack. */
#include "firmware/sizes.h"

#include <llvm-c/Object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/avr.h"

/* ---- stack ---- */

static bool more_frames(bc_frames *frames)
{
    uint32_t capacity = frames->capacity > 0 ? 2 * frames->capacity : 16;
    struct bc_frame *all = realloc(frames->all, capacity * sizeof *all);
    if (!all) {
        frames->out_of_memory = true;
        return false;
    }
    frames->all = all;
    frames->capacity = capacity;
    return true;
}

/* "stack frame size (N) exceeds limit (0) in function 'NAME'" */
static void note(LLVMDiagnosticInfoRef info, void *user)
{
    bc_frames *frames = user;
    char *text = LLVMGetDiagInfoDescription(info);
    const char *size = strstr(text, "stack frame size ("), *name = strstr(text, "function '");
    if (size && name && (frames->count < frames->capacity || more_frames(frames))) {
        struct bc_frame *frame = &frames->all[frames->count];
        frame->bytes = strtoull(size + strlen("stack frame size ("), NULL, 10);
        if (sscanf(name, "function '%299[^']'", frame->name) == 1)
            frames->count++;
    }
    LLVMDisposeMessage(text);
}

void bc_frames_begin(LLVMContextRef llvm, bc_frames *frames)
{
    *frames = (bc_frames){0};
    LLVMContextSetDiagnosticHandler(llvm, note, frames);
}

void bc_frames_end(LLVMContextRef llvm, bc_frames *frames)
{
    LLVMContextSetDiagnosticHandler(llvm, NULL, NULL);
    free(frames->all);
    *frames = (bc_frames){0};
}

static uint64_t frame_of(const bc_frames *frames, bc_value function)
{
    size_t length;
    const char *name = LLVMGetValueName2(function, &length);
    for (uint32_t i = 0; i < frames->count; i++)
        if (strcmp(frames->all[i].name, name) == 0)
            return frames->all[i].bytes;
    return 0;
}

/* A call takes `more` bytes beside the frame. No function of the module calls itself, so this ends. */
static uint64_t depth_of(const bc_frames *frames, bc_value function, uint64_t more)
{
    uint64_t deepest = 0;
    for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(function); b; b = LLVMGetNextBasicBlock(b))
        for (bc_value i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
            if (LLVMGetInstructionOpcode(i) != LLVMCall)
                continue;
            uint64_t depth = depth_of(frames, LLVMGetCalledValue(i), more);
            deepest = depth > deepest ? depth : deepest;
        }
    return frame_of(frames, function) + more + deepest;
}

uint64_t bc_stack_bound(const struct bc_firmware *f, const bc_frames *frames)
{
    uint64_t most = 0;
    for (int i = 0; f->symbols[i]; i++) {
        uint64_t depth =
            depth_of(frames, LLVMGetNamedFunction(f->module, f->symbols[i]), f->target.avr ? BC_AVR_RETURN : 0);
        most = depth > most ? depth : most;
    }
    return most;
}

/* ---- sections ---- */

/* Adds a section to the layer that it is named after; what belongs to no layer is the answer's: also constants of
 * RISC-V's instructions, and the table of Arm that says that no function unwinds. */
static void add_section(struct bc_firmware *f, const char *name, uint64_t bytes)
{
    uint32_t count = f->facts.layer_count;
    static const char *const constants[] = {BC_READ_ONLY, ".srodata", ".ARM.exidx", BC_FLASH_DATA};
    bool text = strncmp(name, BC_TEXT, strlen(BC_TEXT)) == 0, data = false;
    const char *kind = text ? BC_TEXT : f->target.avr ? BC_FLASH_DATA : BC_READ_ONLY;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        data = data || strncmp(name, constants[i], strlen(constants[i])) == 0;
    if (!text && !data)
        return;
    bc_firmware_layer *to = &f->shown[count - 1];
    for (uint32_t l = 0; l < f->program->layer_count; l++) {
        char own[512];
        bc_owned_section((bc_owner){f->program->name, f->layers[l].layer->name}, kind, own, sizeof own);
        if (strcmp(name, own) == 0)
            to = &f->shown[l + 1];
    }
    *(text ? &to->code : &to->constants) += bytes;
}

static void read_sections(struct bc_firmware *f, LLVMBinaryRef binary)
{
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    for (; !LLVMObjectFileIsSectionIteratorAtEnd(binary, section); LLVMMoveToNextSection(section)) {
        const char *name = LLVMGetSectionName(section);
        if (name)
            add_section(f, name, LLVMGetSectionSize(section));
    }
    LLVMDisposeSectionIterator(section);
}

/* A name that the object uses and does not define; empty: there is none. */
static void find_undefined(LLVMBinaryRef binary, char *out, size_t size)
{
    LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
    LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
    *out = '\0';
    for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
        const char *name = LLVMGetSymbolName(symbol);
        LLVMMoveToContainingSection(section, symbol);
        /* symbols that stand for a file belong to no section, either; they are not functions */
        if (name && *name && LLVMObjectFileIsSectionIteratorAtEnd(binary, section) && strchr(name, '.') == NULL)
            snprintf(out, size, "%s", name);
    }
    LLVMDisposeSymbolIterator(symbol);
    LLVMDisposeSectionIterator(section);
}

int bc_sizes_read(struct bc_firmware *f, br_error *error)
{
    char *message = NULL, missing[256];
    LLVMMemoryBufferRef copy = LLVMCreateMemoryBufferWithMemoryRangeCopy(
        LLVMGetBufferStart(f->object), LLVMGetBufferSize(f->object), f->program->name);
    LLVMBinaryRef binary = LLVMCreateBinary(copy, f->llvm, &message);
    if (!binary) {
        br_fail(error, BR_ERROR_FAULT, "LLVM can't read its own object: %s", message ? message : "out of memory");
        LLVMDisposeMessage(message);
        LLVMDisposeMemoryBuffer(copy);
        return -1;
    }
    read_sections(f, binary);
    find_undefined(binary, missing, sizeof missing);
    LLVMDisposeBinary(binary);
    LLVMDisposeMemoryBuffer(copy);
    for (uint32_t i = 0; i < f->facts.layer_count; i++)
        f->facts.flash_bytes += f->shown[i].code + f->shown[i].constants;
    if (*missing == '\0')
        return 0;
    return br_fail(error, BR_ERROR_CHECK,
                   "network %s: its neurons need the function %s, which %s has no instruction for; use another "
                   "formula, or a core with a floating-point unit",
                   f->program->name, missing, f->options.target);
}
