/* Inputs mutated from others by small edits. Each depends on a seed and its number alone. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "target.h"

typedef struct piece {
    uint8_t *bytes;
    size_t size;
} piece;

typedef struct pieces {
    piece *list;
    size_t count;
} pieces;

void pieces_add(pieces *to, piece owned);
void pieces_free(pieces *of);

/* Reads a dictionary of libFuzzer: lines of NAME="WORD", with the escapes \" \\ and \xAB. */
void words_read(pieces *to, const char *path);

/* Input `number`; the caller frees its bytes. */
piece mutated(const pieces *of, const pieces *words, uint64_t seed, uint64_t number);

#endif
