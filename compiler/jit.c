/* Object code, loaded into this process through ORC's LLJIT. The object is made by our own target machine, so that what
 * runs here is to the byte what `bouton dump --stage=asm` shows. */
#include "jit.h"

#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/LLJIT.h>
#include <stdlib.h>

#include "llvm_version.h"
#include "target.h"

struct bc_jit {
    LLVMOrcLLJITRef lljit;
};

static int failed(br_error *error, LLVMErrorRef reason, const char *what)
{
    char *message = LLVMGetErrorMessage(reason);
    br_fail(error, BR_ERROR_FAULT, "%s: %s", what, message);
    LLVMDisposeErrorMessage(message);
    return -1;
}

/* memset and its like are found in the running process. */
static LLVMErrorRef add_process_symbols(LLVMOrcLLJITRef lljit)
{
    LLVMOrcDefinitionGeneratorRef generator;
    LLVMErrorRef reason = LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &generator, LLVMOrcLLJITGetGlobalPrefix(lljit), NULL, NULL);
    if (!reason)
        LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(lljit), generator);
    return reason;
}

int bc_jit_new(bc_jit **out, br_error *error)
{
    bc_jit *jit = calloc(1, sizeof *jit);
    if (!jit)
        return br_fail(error, BR_ERROR_FAULT, "out of memory while loading code");
    bc_target_start();
    LLVMErrorRef reason = LLVMOrcCreateLLJIT(&jit->lljit, NULL);
    if (!reason)
        reason = add_process_symbols(jit->lljit);
    if (reason) {
        bc_jit_free(jit);
        return failed(error, reason, "LLVM's just-in-time loader did not start");
    }
    *out = jit;
    return 0;
}

int bc_jit_add(bc_jit *jit, LLVMMemoryBufferRef object, br_error *error)
{
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
    free(jit);
}
