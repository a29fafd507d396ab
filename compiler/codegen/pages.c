#include "codegen/pages.h"

#include <link.h>
#include <llvm-c/Core.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static bool holds(const struct dl_phdr_info *library, const ElfW(Phdr) * segment, uintptr_t address)
{
    uintptr_t begin = library->dlpi_addr + segment->p_vaddr;
    return segment->p_type == PT_LOAD && address >= begin && address - begin < segment->p_memsz;
}

/* A segment that is never written holds the same bytes as the file, so dropping its pages loses nothing. */
static void drop(const struct dl_phdr_info *library, uintptr_t page)
{
    for (unsigned i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &library->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W))
            continue;
        uintptr_t begin = (library->dlpi_addr + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = library->dlpi_addr + segment->p_vaddr + segment->p_memsz;
        (void)madvise((void *)begin, end - begin, MADV_DONTNEED); /* only advice: a failure does no harm */
    }
}

static int visit(struct dl_phdr_info *library, size_t size, void *unused)
{
    (void)size, (void)unused;
    for (unsigned i = 0; i < library->dlpi_phnum; i++) {
        if (!holds(library, &library->dlpi_phdr[i], (uintptr_t)LLVMGetVersion))
            continue;
        /* In a static build, LLVM shares its segments with this program, which needs them. */
        if (!holds(library, &library->dlpi_phdr[i], (uintptr_t)bc_pages_return))
            drop(library, (uintptr_t)sysconf(_SC_PAGESIZE));
        return 1;
    }
    return 0;
}

void bc_pages_return(void)
{
    (void)malloc_trim(0);
    dl_iterate_phdr(visit, NULL);
}
