/* Going on after a mistake. Where it is plain what was meant (a misspelt word, a missing `;` or bracket), the text is
 * parsed again as if it said so, and nothing behind the mistake is lost to the checks that follow. The mistake is told
 * all the same. A correction that only leads to the next surprise is withdrawn. */
#ifndef BL_RECOVER_H
#define BL_RECOVER_H

#include "report/diagnostic.h"

typedef struct bl_correction {
    uint32_t offset;  /* of the token it concerns */
    int token;        /* what is read instead of it, or before it */
    bool inserted;    /* before it */
    const char *text; /* of what is read */
    bool rejected;
    bool silent; /* another one tells the mistake */
    bl_code code;
    bl_place place;
    const char *arguments[3];
    bl_remark remark;
} bl_correction;

typedef struct bl_recovery {
    bl_arena *arena;
    uint32_t count;
    bl_correction **list;   /* in order of offset */
    bool changed;           /* in this round of parsing */
    bool blocks;            /* blocks end elsewhere from the next round on: no more of that in this one */
    uint32_t cursor;        /* corrections of tokens scanned before */
    bl_correction *suspect; /* the last one applied in this statement, */
    bool brief;             /* or only for the next token */
} bl_recovery;

/* Adds one for the next round, a copy; false where one like it was tried before, or there are too many. */
bool bl_recovery_add(bl_recovery *recovery, const bl_correction *correction);

/* The parser was surprised: what was last corrected in this statement is withdrawn for the next round. */
void bl_recovery_doubt(bl_recovery *recovery);

/* Was a correction at this offset withdrawn? */
bool bl_recovery_rejected(const bl_recovery *recovery, uint32_t offset);

/* The correction to apply next to the token at `offset`: insertions in order, then a replacement; NULL: none. */
bl_correction *bl_recovery_next(bl_recovery *recovery, uint32_t offset);

/* Tells a mistake. */
void bl_correction_tell(bl_context *context, const bl_correction *correction);

#endif
