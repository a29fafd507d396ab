#include "system/out_of_memory.h"

#include <llvm-c/ErrorHandling.h>
#include <string.h>
#include <unistd.h>

#include "options/cli.h"

/* std::set_new_handler and llvm::install_bad_alloc_error_handler: the C++ library calls the first handler when
 * memory runs out, LLVM calls the second when it allocates without the C++ library. */
void (*set_new_handler(void (*handler)(void)))(void) __asm__("_ZSt15set_new_handlerPFvvE");
void install_bad_alloc_handler(void (*handler)(void *user, const char *reason, bool dumps),
                               void *user) __asm__("_ZN4llvm31install_bad_alloc_error_handlerEPFvPvPKcbES0_");

/* This function must not allocate. */
static void end_with(const char *words)
{
    ssize_t ignored = write(STDERR_FILENO, words, strlen(words));
    (void)ignored;
    _exit(STATUS_FAULT);
}

static void out_of_memory(void)
{
    end_with("error: out of memory in the compiler; use a smaller network, or provide more memory\n");
}

static void llvm_out_of_memory(void *user, const char *reason, bool dumps)
{
    (void)user, (void)reason, (void)dumps;
    out_of_memory();
}

static void fatal(const char *reason)
{
    ssize_t ignored = write(STDERR_FILENO, "error: LLVM: ", 13);
    (void)ignored;
    ignored = write(STDERR_FILENO, reason, strlen(reason));
    (void)ignored;
    end_with("\n");
}

void out_of_memory_watch(void)
{
    set_new_handler(out_of_memory);
    install_bad_alloc_handler(llvm_out_of_memory, NULL);
    LLVMInstallFatalErrorHandler(fatal);
}
