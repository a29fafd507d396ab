/* Recovery from syntax errors by correction. Where the intended text is plain (a misspelt word, a missing `;` or
 * bracket), the file is parsed again with the correction, so that later checks see the statements behind the error. The
 * error is reported all the same. A correction that leads to another error in the same statement is withdrawn. */
#ifndef BL_RECOVER_H
#define BL_RECOVER_H

#include "report/diagnostic.h"

typedef struct bl_correction {
    uint32_t offset;  /* of the token it concerns */
    int token;        /* read instead of that token, or before it */
    bool inserted;    /* `token` is read before it */
    const char *text; /* of `token`; NULL: the scanned text */
    bool rejected;    /* withdrawn */
    bool fresh;       /* added in this round, in which its error has been reported */
    bool silent;      /* another correction reports the error */
    bl_code code;
    bl_place place;
    const char *arguments[3];
    bl_remark remark;
} bl_correction;

typedef struct bl_recovery {
    bl_arena *arena;
    uint32_t count;
    bl_correction **list;   /* in order of offset */
    bool changed;           /* `list` changed in this round of parsing */
    bool blocks;            /* a `}` was added in this round: no further one is added */
    bool gave_up;           /* in this round the parser skipped text that the next one reads: no more is corrected */
    uint32_t cursor;        /* corrections before it belong to tokens already scanned */
    bl_correction *suspect; /* the last one applied in this statement: an error now withdraws it */
    bool brief;             /* `suspect` counts for the next token only */
} bl_recovery;

/* Adds a copy of a correction for the next round. Returns false if a similar one was tried at its offset, or if there
 * are too many. */
bool bl_recovery_add(bl_recovery *recovery, const bl_correction *correction);

/* Withdraws the suspect correction, after a syntax error, from the next round on. */
void bl_recovery_doubt(bl_recovery *recovery);

/* True if a correction at this offset was withdrawn. */
bool bl_recovery_rejected(const bl_recovery *recovery, uint32_t offset);

/* The next correction for the token at `offset`: first insertions in order, then a replacement, then NULL. */
bl_correction *bl_recovery_next(bl_recovery *recovery, uint32_t offset);

/* Reports the error that a correction belongs to. */
void bl_report_correction(bl_context *context, const bl_correction *correction);

#endif
