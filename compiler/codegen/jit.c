/* Loads object code into this process with ORC's LLJIT. The object comes from our own target machine, so the loaded
 * code is byte for byte what `bouton dump --stage=asm` shows. */
#include "codegen/jit.h"

#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/ExecutionEngine.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Object.h>
#include <llvm-c/OrcEE.h>
#include <stdlib.h>
#include <string.h>

#include "codegen/llvm_version.h"
#include "plan/target.h"

typedef struct function {
    char *name;
    uint64_t size;
} function;

struct bc_jit {
    LLVMOrcLLJITRef lljit;
    function *functions; /* only if watched */
    size_t count;
    bool watched;
};

static int failed(br_error *error, LLVMErrorRef reason, const char *what)
{
    char *message = LLVMGetErrorMessage(reason);
    br_fail(error, BR_ERROR_FAULT, "%s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return -1;
}

/* memset and similar functions are found in the running process. */
static LLVMErrorRef add_process_symbols(LLVMOrcLLJITRef lljit)
{
    LLVMOrcDefinitionGeneratorRef generator;
    LLVMErrorRef reason = LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &generator, LLVMOrcLLJITGetGlobalPrefix(lljit), NULL, NULL);
    if (!reason)
        LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(lljit), generator);
    return reason;
}

/* A loader that registers its code with debuggers. */
static LLVMOrcObjectLayerRef watched_layer(void *unused, LLVMOrcExecutionSessionRef session, const char *triple)
{
    (void)unused, (void)triple;
    LLVMOrcObjectLayerRef layer = LLVMOrcCreateRTDyldObjectLinkingLayerWithSectionMemoryManager(session);
    LLVMJITEventListenerRef gdb = LLVMCreateGDBRegistrationListener();
    if (gdb)
        LLVMOrcRTDyldObjectLinkingLayerRegisterJITEventListener(layer, gdb);
    return layer;
}

static LLVMErrorRef start(bool watched, LLVMOrcLLJITRef *out)
{
    if (!watched)
        return LLVMOrcCreateLLJIT(out, NULL);
    LLVMOrcLLJITBuilderRef builder = LLVMOrcCreateLLJITBuilder();
    LLVMOrcLLJITBuilderSetObjectLinkingLayerCreator(builder, watched_layer, NULL);
    return LLVMOrcCreateLLJIT(out, builder);
}

int bc_jit_new(bool watched, bc_jit **out, br_error *error)
{
    bc_jit *jit = calloc(1, sizeof *jit);
    if (!jit)
        return br_fail(error, BR_ERROR_FAULT, "out of memory while loading code");
    bc_target_start();
    jit->watched = watched;
    LLVMErrorRef reason = start(watched, &jit->lljit);
    if (!reason)
        reason = add_process_symbols(jit->lljit);
    if (reason) {
        bc_jit_free(jit);
        return failed(error, reason, "LLVM's just-in-time loader did not start");
    }
    *out = jit;
    return 0;
}

/* Records one function, to be listed by its address. If memory runs out, the function is not listed. */
static void keep(bc_jit *jit, const char *name, uint64_t size)
{
    function *more = realloc(jit->functions, (jit->count + 1) * sizeof *more);
    char *copy = more ? strdup(name) : NULL;
    jit->functions = more ? more : jit->functions;
    if (copy)
        jit->functions[jit->count++] = (function){copy, size};
}

static void keep_functions(bc_jit *jit, LLVMMemoryBufferRef object)
{
    char *message = NULL;
    LLVMContextRef llvm = LLVMContextCreate();
    LLVMBinaryRef binary = LLVMCreateBinary(object, llvm, &message);
    if (binary) {
        LLVMSectionIteratorRef section = LLVMObjectFileCopySectionIterator(binary);
        LLVMSymbolIteratorRef symbol = LLVMObjectFileCopySymbolIterator(binary);
        for (; !LLVMObjectFileIsSymbolIteratorAtEnd(binary, symbol); LLVMMoveToNextSymbol(symbol)) {
            LLVMMoveToContainingSection(section, symbol);
            bool inside = !LLVMObjectFileIsSectionIteratorAtEnd(binary, section);
            const char *name = LLVMGetSymbolName(symbol);
            if (inside && name && *name && LLVMGetSymbolSize(symbol) > 0 &&
                strncmp(LLVMGetSectionName(section), ".text", 5) == 0)
                keep(jit, name, LLVMGetSymbolSize(symbol));
        }
        LLVMDisposeSymbolIterator(symbol);
        LLVMDisposeSectionIterator(section);
        LLVMDisposeBinary(binary);
    } else {
        LLVMDisposeMessage(message);
    }
    LLVMContextDispose(llvm);
}

void bc_jit_functions(const bc_jit *jit, FILE *to)
{
    for (size_t i = 0; i < jit->count; i++) {
        LLVMOrcExecutorAddress address;
        LLVMErrorRef reason = LLVMOrcLLJITLookup(jit->lljit, &address, jit->functions[i].name);
        if (reason)
            LLVMConsumeError(reason);
        else
            fprintf(to, "%llx %llx %s\n", (unsigned long long)address, (unsigned long long)jit->functions[i].size,
                    jit->functions[i].name);
    }
}

int bc_jit_add(bc_jit *jit, LLVMMemoryBufferRef object, br_error *error)
{
    if (jit->watched)
        keep_functions(jit, object);
    LLVMErrorRef reason = LLVMOrcLLJITAddObjectFile(jit->lljit, LLVMOrcLLJITGetMainJITDylib(jit->lljit), object);
    return reason ? failed(error, reason, "LLVM could not load the compiled code") : 0;
}

int bc_jit_find(bc_jit *jit, const char *name, br_kernel **out, br_error *error)
{
    LLVMOrcExecutorAddress address;
    LLVMErrorRef reason = LLVMOrcLLJITLookup(jit->lljit, &address, name);
    if (reason)
        return failed(error, reason, name);
    *out = (br_kernel *)(uintptr_t)address;
    return 0;
}

void bc_jit_free(bc_jit *jit)
{
    if (!jit)
        return;
    LLVMErrorRef reason = jit->lljit ? LLVMOrcDisposeLLJIT(jit->lljit) : NULL;
    if (reason)
        LLVMConsumeError(reason);
    for (size_t i = 0; i < jit->count; i++)
        free(jit->functions[i].name);
    free(jit->functions);
    free(jit);
}
