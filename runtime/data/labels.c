#include "data/labels.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "data/schema.h"

/* The class that a word names; `classes` if there is none. */
static uint32_t class_of(const br_schema *schema, const char *word)
{
    uint32_t found = 0;
    while (found < schema->class_count && strcmp(schema->classes[found], word) != 0)
        found++;
    return found;
}

static int fail_word(const br_schema *schema, const char *path, const char *word, br_error *error)
{
    char list[BR_LIST_LENGTH];
    const char *nearest = br_nearest(schema->classes, schema->class_count, word);
    br_list_names(schema->classes, schema->class_count, list);
    return br_fail(error, BR_ERROR_CHECK, "%s: the label `%.40s` names no class%s%.40s%s; the classes are %s", path,
                   word, nearest != NULL ? "; did you mean `" : "", nearest != NULL ? nearest : "",
                   nearest != NULL ? "`?" : "", list);
}

static int take_names(const br_labels *labels, const char *path, uint32_t classes, br_schema *schema, br_notes *notes,
                      br_error *error)
{
    uint32_t count;
    char list[BR_LIST_LENGTH];
    uint32_t *sorted = br_words_sorted(&labels->words, false, false, &count, error);
    if (sorted == NULL)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < count && status == 0; i++)
        status = br_schema_add_class(schema, labels->words.list[sorted[i]].text, error);
    br_release(sorted);
    if (status != 0)
        return -1;
    br_list_names(schema->classes, schema->class_count, list);
    if (count != classes)
        return br_fail(
            error, BR_ERROR_CHECK,
            "%s: the labels have %u names, %s, but the network has %u classes; write `dense(%u)` as the last "
            "layer",
            path, count, list, classes, count);
    br_note_add(notes, false, "the labels %s are taken as the names of the classes 0 to %u", list, count - 1);
    return 0;
}

int br_labels_name(br_labels *labels, const char *path, uint32_t classes, br_schema *schema, br_notes *notes,
                   br_error *error)
{
    const br_words *words = &labels->words;
    if (words->count == 0)
        return 0;
    if (schema->class_count == 0 && take_names(labels, path, classes, schema, notes, error) != 0)
        return -1;
    uint32_t *of = br_new(words->count, sizeof *of, error);
    if (of == NULL)
        return -1;
    int status = 0;
    for (uint32_t i = 0; i < words->count && status == 0; i++) {
        of[i] = class_of(schema, words->list[i].text);
        if (of[i] == schema->class_count)
            status = fail_word(schema, path, words->list[i].text, error);
    }
    for (uint64_t i = 0; i < labels->count && status == 0; i++)
        labels->labels[i] = of[labels->labels[i]];
    br_release(of);
    return status;
}
