#include "mutate.h"

#include <stdbool.h>
#include <string.h>

enum { MOST_EDITS = 4, LONGEST_RUN = 64, GROWTH = 4096, LINE = 512 };

void pieces_add(pieces *to, piece owned)
{
    to->list = realloc(to->list, (to->count + 1) * sizeof *to->list);
    fuzz_require(to->list != NULL);
    to->list[to->count++] = owned;
}

void pieces_free(pieces *of)
{
    for (size_t i = 0; i < of->count; i++)
        free(of->list[i].bytes);
    free(of->list);
}

/* ---- words ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* The bytes of a quoted word, without escapes. */
static piece unescaped(const char *at, const char *end)
{
    piece out = {malloc((size_t)(end - at) + 1), 0};
    fuzz_require(out.bytes != NULL);
    while (at < end) {
        if (end - at >= 4 && at[0] == '\\' && at[1] == 'x') {
            out.bytes[out.size++] = (uint8_t)(hex_digit(at[2]) * 16 + hex_digit(at[3]));
            at += 4;
            continue;
        }
        at += end - at >= 2 && *at == '\\';
        out.bytes[out.size++] = (uint8_t)*at++;
    }
    return out;
}

void words_read(pieces *to, const char *path)
{
    char line[LINE];
    FILE *from = fopen(path, "r");
    if (from == NULL) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, from) != NULL) {
        char *begin = strchr(line, '"'), *end = strrchr(line, '"');
        if (line[0] != '#' && begin != NULL && end > begin)
            pieces_add(to, unescaped(begin + 1, end));
    }
    fclose(from);
}

/* ---- edits ---- */

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n)
{
    return n > 0 ? (size_t)(next(state) % n) : 0;
}

typedef struct text { /* the input during its mutation */
    uint8_t *bytes;
    size_t size, room;
} text;

/* Inserts bytes, which may be part of the text. Does nothing if the text would become too long. */
static void insert(text *t, size_t at, const uint8_t *bytes, size_t n)
{
    uint8_t copy[LONGEST_RUN];
    n = n < sizeof copy ? n : sizeof copy;
    if (n > t->room - t->size)
        return;
    memcpy(copy, bytes, n);
    memmove(t->bytes + at + n, t->bytes + at, t->size - at);
    memcpy(t->bytes + at, copy, n);
    t->size += n;
}

/* Changes a digit of a number, because sizes and counts are a common source of bugs in readers. */
static void change_number(text *t, uint64_t *state, size_t at)
{
    while (at < t->size && (t->bytes[at] < '0' || t->bytes[at] > '9'))
        at++;
    if (at < t->size)
        t->bytes[at] = (uint8_t)('0' + below(state, 10));
}

/* Overwrites one, two, four or eight bytes with an integer at an end of some type's range. */
static void strike(text *t, uint64_t *state, size_t at)
{
    static const uint64_t striking[] = {0,         1,          0x7f,          0x80,       0xff,
                                        0x7fff,    0xffff,     0x7fffffff,    0x80000000, 0xffffffff,
                                        INT64_MAX, UINT64_MAX, UINT64_MAX - 7};
    uint64_t value = striking[below(state, sizeof striking / sizeof *striking)];
    size_t bytes = (size_t)1 << below(state, 4);
    bool big = next(state) % 2;
    for (size_t i = 0; i < bytes && at + i < t->size; i++)
        t->bytes[at + i] = (uint8_t)(value >> 8 * (big ? bytes - 1 - i : i));
}

static void edit(text *t, uint64_t *state, const pieces *of, const pieces *words)
{
    size_t at = below(state, t->size), run = below(state, LONGEST_RUN);
    run = run < t->size - at ? run : t->size - at;
    const piece *other = &of->list[below(state, of->count)];
    size_t from = below(state, other->size), left = other->size - from;
    switch (next(state) % 9) {
    case 0:
        if (t->size > 0)
            t->bytes[at] = (uint8_t)next(state);
        break;
    case 1:
        if (t->size > 0)
            t->bytes[at] ^= (uint8_t)(1u << next(state) % 8);
        break;
    case 2:
        memmove(t->bytes + at, t->bytes + at + run, t->size - at - run);
        t->size -= run;
        break;
    case 3:
        insert(t, at, t->bytes + at, run);
        break;
    case 4:
        insert(t, at, other->bytes + from, run < left ? run : left);
        break;
    case 5:
        change_number(t, state, at);
        break;
    case 6:
        strike(t, state, at);
        break;
    case 7:
        if (words->count > 0) {
            const piece *word = &words->list[below(state, words->count)];
            insert(t, at, word->bytes, word->size);
        }
        break;
    default:
        if (next(state) % 4 == 0)
            t->size = at;
    }
}

piece mutated(const pieces *of, const pieces *words, uint64_t seed, uint64_t number)
{
    uint64_t state = seed * 0xd1342543de82ef95u + number;
    const piece *from = &of->list[below(&state, of->count)];
    text t = {malloc(from->size + GROWTH), from->size, from->size + GROWTH};
    fuzz_require(t.bytes != NULL);
    memcpy(t.bytes, from->bytes, from->size);
    for (size_t edits = 1 + below(&state, MOST_EDITS); edits > 0; edits--)
        edit(&t, &state, of, words);
    if (fuzz_mend != NULL)
        fuzz_mend(t.bytes, t.size);
    return (piece){t.bytes, t.size};
}
