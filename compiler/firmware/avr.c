#include "firmware/avr.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* ---- products ---- */

static bc_value byte_of(bc_emit *e, bc_value number, uint32_t k)
{
    bc_value moved = LLVMBuildLShr(e->builder, number, bc_i32(e, 8 * k), "");
    LLVMTypeRef i16 = LLVMInt16TypeInContext(e->llvm);
    return LLVMBuildZExt(e->builder, LLVMBuildTrunc(e->builder, moved, e->i8, ""), i16, "");
}

/* The low 32 bits of a product, from the products of bytes that reach them. */
static bc_value emit_multiply(bc_emit *e, bc_owner owner)
{
    LLVMTypeRef parameters[2] = {e->i32, e->i32};
    bc_value f = bc_owned_function(e, owner, "multiply", LLVMFunctionType(e->i32, parameters, 2, 0));
    bc_attribute(e, "noinline", NULL);
    bc_begin(e, "multiply");
    bc_value sum = bc_i32(e, 0);
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t k = 0; i + k < 4; k++) {
            bc_value a = byte_of(e, LLVMGetParam(f, 0), i), b = byte_of(e, LLVMGetParam(f, 1), k);
            bc_value wide = LLVMBuildZExt(e->builder, LLVMBuildMul(e->builder, a, b, ""), e->i32, "");
            sum = LLVMBuildAdd(e->builder, sum, LLVMBuildShl(e->builder, wide, bc_i32(e, 8 * (i + k)), ""), "");
        }
    LLVMBuildRet(e->builder, sum);
    return f;
}

static void replace_products(bc_emit *e, bc_value multiply, LLVMBasicBlockRef block)
{
    for (bc_value next, at = LLVMGetFirstInstruction(block); at; at = next) {
        next = LLVMGetNextInstruction(at);
        if (LLVMGetInstructionOpcode(at) != LLVMMul || LLVMTypeOf(at) != e->i32)
            continue;
        LLVMPositionBuilderBefore(e->builder, at);
        bc_value of[2] = {LLVMGetOperand(at, 0), LLVMGetOperand(at, 1)};
        bc_value call = LLVMBuildCall2(e->builder, LLVMGlobalGetValueType(multiply), multiply, of, 2, "");
        LLVMReplaceAllUsesWith(at, call);
        LLVMInstructionEraseFromParent(at);
    }
}

void bc_avr_multiply(bc_emit *e, bc_owner owner)
{
    bc_value last = LLVMGetLastFunction(e->module), multiply = emit_multiply(e, owner);
    for (bc_value f = LLVMGetFirstFunction(e->module); f; f = f == last ? NULL : LLVMGetNextFunction(f))
        for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(f); block; block = LLVMGetNextBasicBlock(block))
            replace_products(e, multiply, block);
    if (!LLVMGetFirstUse(multiply))
        LLVMDeleteFunction(multiply);
}

/* ---- symbols ---- */

/* The table of symbols of an object, and the sections around it. */
typedef struct symbols {
    char *file;
    Elf32_Ehdr *head;
    Elf32_Shdr *sections, *table;
    const char *names;
    Elf32_Sym *all;
    uint32_t count;
} symbols;

static bool find_symbols(char *file, size_t size, symbols *s)
{
    *s = (symbols){.file = file, .head = (Elf32_Ehdr *)(void *)file};
    if (size < sizeof *s->head || memcmp(file, ELFMAG, SELFMAG) != 0 || file[EI_CLASS] != ELFCLASS32)
        return false;
    s->sections = (Elf32_Shdr *)(void *)(file + s->head->e_shoff);
    for (uint32_t i = 0; i < s->head->e_shnum && !s->table; i++)
        s->table = s->sections[i].sh_type == SHT_SYMTAB ? &s->sections[i] : NULL;
    if (!s->table)
        return false;
    s->names = file + s->sections[s->table->sh_link].sh_offset;
    s->all = (Elf32_Sym *)(void *)(file + s->table->sh_offset);
    s->count = s->table->sh_size / sizeof *s->all;
    return true;
}

static bool is_superfluous(const symbols *s, const Elf32_Sym *symbol)
{
    const char *name = s->names + symbol->st_name;
    bool start = strcmp(name, "__do_copy_data") == 0 || strcmp(name, "__do_clear_bss") == 0;
    bool place = symbol->st_shndx == SHN_ABS && ELF32_ST_TYPE(symbol->st_info) != STT_FILE;
    return place || (start && symbol->st_shndx == SHN_UNDEF);
}

/* Relocations name symbols by their numbers. */
static void renumber(const symbols *s, const uint32_t *number)
{
    for (uint32_t i = 0; i < s->head->e_shnum; i++) {
        const Elf32_Shdr *section = &s->sections[i];
        if (section->sh_type != SHT_RELA)
            continue;
        Elf32_Rela *all = (Elf32_Rela *)(void *)(s->file + section->sh_offset);
        for (uint32_t k = 0; k < section->sh_size / sizeof *all; k++)
            all[k].r_info = ELF32_R_INFO(number[ELF32_R_SYM(all[k].r_info)], ELF32_R_TYPE(all[k].r_info));
    }
}

static bool drop_superfluous(char *file, size_t size)
{
    symbols s;
    if (!find_symbols(file, size, &s))
        return false;
    uint32_t *number = calloc(s.count, sizeof *number), kept = 0, local = s.table->sh_info;
    if (!number)
        return false;
    for (uint32_t i = 0; i < s.count; i++) {
        if (is_superfluous(&s, &s.all[i])) {
            s.table->sh_info -= i < local;
            continue;
        }
        number[i] = kept;
        s.all[kept++] = s.all[i];
    }
    renumber(&s, number);
    s.table->sh_size = kept * (Elf32_Word)sizeof *s.all;
    free(number);
    return true;
}

LLVMMemoryBufferRef bc_avr_own_symbols(LLVMMemoryBufferRef object)
{
    size_t size = LLVMGetBufferSize(object);
    char *file = malloc(size); /* aligned as the tables need it */
    LLVMMemoryBufferRef made = NULL;
    if (file)
        memcpy(file, LLVMGetBufferStart(object), size);
    if (file && drop_superfluous(file, size))
        made = LLVMCreateMemoryBufferWithMemoryRangeCopy(file, size, "avr");
    free(file);
    return made;
}
