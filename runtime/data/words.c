#include "data/words.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

static uint32_t hash(const char *text)
{
    uint32_t h = 2166136261u; /* FNV-1a */
    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h;
}

/* The slot that holds the text, or the free one where it belongs. There is always a free one. */
static uint32_t slot_of(const br_words *words, const char *text)
{
    uint32_t at = hash(text) & (words->slot_count - 1);
    while (words->slots[at] != 0 && strcmp(words->list[words->slots[at] - 1].text, text) != 0)
        at = (at + 1) & (words->slot_count - 1);
    return at;
}

uint32_t br_words_find(const br_words *words, const char *text)
{
    return words->count == 0 ? BR_NO_WORD : words->slots[slot_of(words, text)] - 1; /* 0 - 1 is BR_NO_WORD */
}

/* Keeps the list and the hash table at most half full. */
static int grow(br_words *words, br_error *error)
{
    if (words->count >= BR_WORDS_LIMIT)
        return br_fail(error, BR_ERROR_CHECK, "more than %u different words", BR_WORDS_LIMIT);
    if (words->count < words->room)
        return 0;
    uint32_t room = words->room == 0 ? 8 : 2 * words->room;
    br_word *list = br_resize(words->list, room, sizeof *list, error);
    if (list == NULL)
        return -1;
    words->list = list;
    uint32_t *slots = br_new(2 * (uint64_t)room, sizeof *slots, error);
    if (slots == NULL)
        return -1;
    br_release(words->slots);
    words->slots = slots;
    words->slot_count = 2 * room;
    words->room = room;
    for (uint32_t i = 0; i < words->count; i++)
        slots[slot_of(words, list[i].text)] = i + 1;
    return 0;
}

uint32_t br_words_add(br_words *words, const char *text, br_error *error)
{
    uint32_t code = br_words_find(words, text);
    if (code != BR_NO_WORD)
        return code;
    if (grow(words, error) != 0)
        return BR_NO_WORD;
    char *copy = br_copy_string(text, error);
    if (copy == NULL)
        return BR_NO_WORD;
    words->slots[slot_of(words, text)] = words->count + 1;
    words->list[words->count] = (br_word){.text = copy};
    return words->count++;
}

static bool before(const br_word *a, const br_word *b, bool by_value)
{
    return by_value && a->value != b->value ? a->value < b->value : strcmp(a->text, b->text) < 0;
}

/* Heap sort: no recursion and no bad order. */
static void sift(const br_words *words, uint32_t *codes, uint32_t at, uint32_t count, bool by_value)
{
    for (uint32_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(&words->list[codes[child]], &words->list[codes[child + 1]], by_value))
            child++;
        if (!before(&words->list[codes[at]], &words->list[codes[child]], by_value))
            return;
        uint32_t swapped = codes[at];
        codes[at] = codes[child];
        codes[child] = swapped;
    }
}

uint32_t *br_words_sorted(const br_words *words, bool only_train, bool by_value, uint32_t *count, br_error *error)
{
    uint32_t *codes = br_new(words->count, sizeof *codes, error), n = 0;
    if (codes == NULL)
        return NULL;
    for (uint32_t i = 0; i < words->count; i++) {
        if (only_train && !words->list[i].train)
            continue;
        by_value = by_value && words->list[i].number;
        codes[n++] = i;
    }
    for (uint32_t i = n / 2; i-- > 0;)
        sift(words, codes, i, n, by_value);
    for (uint32_t i = n; i-- > 1;) {
        uint32_t last = codes[i];
        codes[i] = codes[0];
        codes[0] = last;
        sift(words, codes, 0, i, by_value);
    }
    *count = n;
    return codes;
}

void br_list_names(const char *const *names, uint32_t count, char out[BR_LIST_LENGTH])
{
    size_t n = 0, most = BR_LIST_LENGTH - 24; /* the rest is for "and N more" */
    uint32_t i = 0;
    out[0] = '\0';
    for (; i < count && i < 12; i++) {
        size_t length = strlen(names[i]);
        if (n + length + 2 > most)
            break;
        n += (size_t)snprintf(out + n, BR_LIST_LENGTH - n, "%s%s", i > 0 ? ", " : "", names[i]);
    }
    if (i < count)
        snprintf(out + n, BR_LIST_LENGTH - n, "%s%u%s", i > 0 ? " and " : "", count - i, i > 0 ? " more" : "");
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions and replacements that turn one text into the other; 99 for long texts. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t row[65];
    size_t n = strlen(a), m = strlen(b);
    if (n > 64 || m > 64)
        return 99;
    for (uint32_t j = 0; j <= m; j++)
        row[j] = j;
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t corner = row[0];
        row[0] = i;
        for (uint32_t j = 1; j <= m; j++) {
            uint32_t above = row[j];
            row[j] = least(least(above, row[j - 1]) + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[m];
}

const char *br_nearest(const char *const *names, uint32_t count, const char *text)
{
    uint32_t best = 1 + (uint32_t)least(2, (uint32_t)strlen(text) / 3);
    const char *found = NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t d = names[i] != NULL ? distance(names[i], text) : 99;
        if (d < best) {
            best = d;
            found = names[i];
        }
    }
    return found;
}

void br_words_free(br_words *words)
{
    for (uint32_t i = 0; i < words->count; i++)
        br_release(words->list[i].text);
    br_release(words->list);
    br_release(words->slots);
    *words = (br_words){0};
}
