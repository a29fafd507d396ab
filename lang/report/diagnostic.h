/* Diagnostics: collected as they are found, written in order of place. Each has a code of diagnostic.def.
 *
 *     bl_diagnostic *taken = bl_diagnose(context, NAME_TAKEN, node->name_place, "layer", node->text);
 *     bl_remark_on(taken, first->name_place, "first declared here"); */
#ifndef BL_DIAGNOSTIC_H
#define BL_DIAGNOSTIC_H

#include "bouton/inspect.h"
#include "tree/source.h"

typedef enum bl_code {
#define DIAGNOSTIC(id, number, severity, message, mend, explanation) BL_##id,
#include "report/diagnostic.def"
#undef DIAGNOSTIC
    BL_CODES
} bl_code;

typedef struct bl_diagnostic_kind {
    const char *id;
    unsigned number;
    bl_severity severity;
    const char *message; /* {0}, {1}, ... stand for the arguments */
    const char *mend;    /* alternatives separated by `|`: the first whose arguments are all given is used; may be "" */
    const char *explanation; /* shown by `bouton explain` */
} bl_diagnostic_kind;

extern const bl_diagnostic_kind bl_diagnostic_kinds[BL_CODES];

typedef struct bl_remark { /* a note below a diagnostic: "first declared here" */
    bl_place place;
    const char *message;
} bl_remark;

typedef struct bl_diagnostic {
    bl_code code;
    bl_severity severity;
    bl_place place;
    const char *message;
    const char *mend;        /* or NULL */
    bl_remark remark;        /* its message is NULL if there is none */
    const char *replacement; /* the text that corrects it; NULL: none is known */
    bl_place replaced;       /* what it takes the place of */
    uint32_t order;          /* in which it was found */
} bl_diagnostic;

/* Further diagnostics are counted but not kept. */
#define BL_MAX_DIAGNOSTICS 500u

typedef struct bl_collector {
    bl_diagnostic *kept;
    uint32_t kept_count;
    uint32_t errors, warnings;
    uint32_t dropped;
} bl_collector;

/* Adds a diagnostic, unless one with the same code exists at the place. The result is NULL if none was kept; it is
 * valid until the next diagnostic is added. */
bl_diagnostic *bl_diagnose_with(bl_context *context, bl_code code, bl_place place, const char *const *arguments);
/* True if no more diagnostics are kept: the caller need not build their texts. */
bool bl_diagnostics_full(const bl_context *context);
void bl_remark_on(bl_diagnostic *diagnostic, bl_place place, const char *message);

/* The arguments are strings; there is at least one, which may be "". Alternatives of the help that use a NULL argument
 * are skipped. */
#define bl_diagnose(context, code, place, ...)                                                                         \
    bl_diagnose_with((context), BL_##code, (place), (const char *const[8]){__VA_ARGS__})

/* "E0102" */
void bl_code_text(bl_code code, bl_severity severity, char out[8]);

/* The table's entry for a code ("E0102", "e0102" or "0102"), or NULL. */
const bl_diagnostic_kind *bl_diagnostic_find(const char *code);

/* The kept diagnostics, sorted by place, as bl_find gives them. */
bl_findings bl_diagnostics_sorted(bl_context *context);

#endif
