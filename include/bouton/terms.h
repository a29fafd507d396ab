/* The vocabulary that the language, the compiler and the runtime share: for each list of bouton/terms.def an enum, the
 * number of its values, and two functions.
 *
 *     bt_split split;
 *     if (bt_split_of("validation", &split))         // the value of a word; false if no value has this word
 *         puts(bt_split_word(split));                // the word of a value; "" for a number that is no value
 *
 * All functions are pure and may be called from any thread. */
#ifndef BOUTON_TERMS_H
#define BOUTON_TERMS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "bouton/api.h"

BOUTON_BEGIN

/* clang-format off */

/* The enums: typedef enum bt_split { BT_SPLIT_TRAIN, ... } bt_split; */
#define TERMS(type, count)     typedef enum type {
#define TERM(value, word)      value,
#define TERMS_END(type, count) } type;
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END

/* How many values each has: BT_SPLITS is 3. */
#define TERMS(type, count)     enum { count = 0
#define TERM(value, word)      +1
#define TERMS_END(type, count) };
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END

/* const char *bt_split_word(bt_split value) */
#define TERMS(type, count)                                                                                             \
    static inline const char *type##_word(type term)                                                                   \
    {                                                                                                                  \
        switch (term) {
#define TERM(value, word)                                                                                              \
    case value:                                                                                                        \
        return word;
#define TERMS_END(type, count)                                                                                         \
    }                                                                                                                  \
    return "";                                                                                                         \
    }
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END

/* bool bt_split_of(const char *word, bt_split *out): *out is untouched where no value has this word. */
#define TERMS(type, count)                                                                                             \
    static inline bool type##_of(const char *word, type *out)                                                          \
    {
#define TERM(value, spelling)                                                                                          \
    if (strcmp(word, spelling) == 0) {                                                                                 \
        *out = value;                                                                                                  \
        return true;                                                                                                   \
    }
#define TERMS_END(type, count)                                                                                         \
    return false;                                                                                                      \
    }
#include "bouton/terms.def"
#undef TERMS
#undef TERM
#undef TERMS_END

/* clang-format on */

#define BT_INPUT UINT32_MAX /* as a layer's source: the network's input */

/* The shape of a map: height x width places of `channels` values each; a vector of n is 1 x 1 x n or 1 x n x 1. */
typedef struct bt_shape {
    uint32_t height, width, channels;
} bt_shape;

static inline uint64_t bt_places(bt_shape shape)
{
    return (uint64_t)shape.height * shape.width;
}

static inline uint64_t bt_values(bt_shape shape)
{
    return bt_places(shape) * shape.channels;
}

static inline bool bt_same_shape(bt_shape a, bt_shape b)
{
    return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

BOUTON_END
#endif
