/* Diagnostics: collected in order of discovery, told in order of place, each with its code from diagnostic.def. */
#ifndef BL_DIAGNOSTIC_H
#define BL_DIAGNOSTIC_H

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
    const char *mend;    /* alternatives parted by `|`: the first whose arguments are all there is told; may be "" */
    const char *explanation; /* what is behind it, for whoever asks */
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
    const char *mend; /* or NULL */
    bl_remark remark; /* message NULL: none */
    uint32_t order;   /* of discovery */
} bl_diagnostic;

/* More than these are counted, not kept. */
#define BL_MAX_DIAGNOSTICS 500u

typedef struct bl_collector {
    bl_diagnostic *kept;
    uint32_t kept_count;
    uint32_t errors, warnings;
    uint32_t dropped;
} bl_collector;

/* Adds one; the same code at the same place is told once. The result takes a remark until the next is added. */
bl_diagnostic *bl_diagnose_with(bl_context *context, bl_code code, bl_place place, const char *const *arguments);
/* No more are kept: making their texts is wasted work. */
bool bl_diagnostics_full(const bl_context *context);
void bl_remark_on(bl_diagnostic *diagnostic, bl_place place, const char *message);

/* Arguments are strings; at least one is given ("" serves). A NULL one makes its alternatives of the mend silent. */
#define bl_diagnose(context, code, place, ...)                                                                         \
    bl_diagnose_with((context), BL_##code, (place), (const char *const[8]){__VA_ARGS__})

/* "E0102" */
void bl_code_text(bl_code code, bl_severity severity, char out[8]);

/* The table's entry for a code as printed ("E0102", "e0102" or "0102"), or NULL. */
const bl_diagnostic_kind *bl_diagnostic_find(const char *code);

/* Those kept, sorted by place. */
const bl_diagnostic **bl_diagnostics_sorted(bl_context *context);

#endif
