#include "artefact/program.h"

#include <stdlib.h>

#include "artefact/constants.h"
#include "bouton/program.h"

int bc_emit_program(bc_emit *e, const bc_artefact *a, bc_value levels, bc_value runs_here, br_error *error)
{
    LLVMTypeRef f64 = LLVMDoubleTypeInContext(e->llvm);
    char *schema = NULL;
    if (a->schema != NULL && br_schema_write(a->schema, &schema, error) != 0)
        return -1;
    bc_value fields[] = {
        bc_i32(e, BR_INTERFACE_VERSION),
        bc_i32(e, a->input.height),
        bc_i32(e, a->input.width),
        bc_i32(e, a->input.channels),
        bc_i32(e, a->labels),
        LLVMConstReal(f64, a->low),
        LLVMConstReal(f64, a->high),
        LLVMConstInt(e->i64, a->facts.scratch_bytes, 0),
        bc_constant_text(e, a->name, "text"),
        bc_constant_text(e, a->about, "text"),
        levels,
        runs_here,
        schema != NULL ? bc_constant_text(e, schema, "text") : LLVMConstNull(e->ptr),
    };
    bc_value data = LLVMConstStructInContext(e->llvm, fields, sizeof fields / sizeof *fields, 0);
    bc_constant(e, data, "bouton_program", LLVMExternalLinkage);
    free(schema);
    return 0;
}
