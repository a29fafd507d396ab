/* Labels of train that are whole numbers from 0 below the number of classes are the classes. As many different labels
 * as classes, of any kind, are their names: in ascending order of their values if all are numbers, otherwise of their
 * bytes. Everything else is an error. */
#include "data/table/classes.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

#define NONE UINT32_MAX

typedef struct deciding {
    br_tables *t;
    uint32_t *classes;        /* [labels]: the class of each code */
    const char *const *names; /* [count], or NULL */
    uint32_t count;
    br_error *error;
} deciding;

static int fail_label(const deciding *d, uint32_t code, const char *what)
{
    const br_word *word = &d->t->labels.list[code];
    return br_fail(d->error, BR_ERROR_CHECK, "%s:%llu:%llu: the label `%.40s` %s",
                   d->t->records[word->first.table].path, (unsigned long long)word->first.line,
                   (unsigned long long)word->first.column, word->text, what);
}

static bool in_range(const deciding *d, const br_word *word)
{
    return word->number && word->value >= 0 && word->value < d->t->spec.classes;
}

/* Whether names of classes are all digits, so that a number can't be meant as the number of a class. */
static bool names_are_numbers(const deciding *d)
{
    for (uint32_t i = 0; i < d->count; i++)
        if (d->names[i][strspn(d->names[i], "-0123456789")] != '\0')
            return false;
    return true;
}

static int find_named(const deciding *d)
{
    bool numbers = names_are_numbers(d);
    for (uint32_t code = 0; code < d->t->labels.count; code++) {
        const br_word *word = &d->t->labels.list[code];
        uint32_t found = NONE;
        for (uint32_t i = 0; i < d->count && found == NONE; i++)
            found = strcmp(d->names[i], word->text) == 0 ? i : NONE;
        if (found == NONE && !numbers && in_range(d, word))
            found = (uint32_t)word->value;
        if (found == NONE) {
            char list[BR_LIST_LENGTH], what[BR_LIST_LENGTH + 120];
            const char *nearest = br_nearest(d->names, d->count, word->text);
            br_list_names(d->names, d->count, list);
            snprintf(what, sizeof what, "names no class%s%.40s%s; the classes are %s",
                     nearest ? "; did you mean `" : "", nearest ? nearest : "", nearest ? "`?" : "", list);
            return fail_label(d, code, what);
        }
        d->classes[code] = found;
    }
    return 0;
}

static int find_numbered(const deciding *d)
{
    for (uint32_t code = 0; code < d->t->labels.count; code++) {
        const br_word *word = &d->t->labels.list[code];
        if (!in_range(d, word)) {
            char what[80];
            snprintf(what, sizeof what, "is not a class: the network's %u classes are 0 to %u", d->t->spec.classes,
                     d->t->spec.classes - 1);
            return fail_label(d, code, what);
        }
        d->classes[code] = (uint32_t)word->value;
    }
    return 0;
}

/* The labels are more or fewer than the classes. */
static int wrong_count(const deciding *d, const char *list, uint32_t count, bool numbers)
{
    const br_tables *t = d->t;
    for (uint32_t code = 0; numbers && code < t->labels.count; code++)
        if (t->labels.list[code].train && !in_range(d, &t->labels.list[code])) {
            char what[BR_LIST_LENGTH + 160];
            snprintf(what, sizeof what,
                     "is not a class: the network's %u classes are 0 to %u, and the %u labels of train are %s; write "
                     "`dense(%u)` as the last layer",
                     t->spec.classes, t->spec.classes - 1, count, list, count);
            return fail_label(d, code, what);
        }
    uint32_t table = 0;
    while (t->records[table].split != BT_SPLIT_TRAIN)
        table++;
    return br_fail(d->error, BR_ERROR_CHECK,
                   "%s: the labels have %u names, %s, but the network has %u classes; write `dense(%u)` as the last "
                   "layer",
                   t->records[table].path, count, list, t->spec.classes, count);
}

static int name_classes(const deciding *d, const uint32_t *sorted, uint32_t count)
{
    for (uint32_t code = 0; code < d->t->labels.count; code++)
        d->classes[code] = NONE;
    for (uint32_t i = 0; i < count; i++)
        d->classes[sorted[i]] = i;
    for (uint32_t code = 0; code < d->t->labels.count; code++)
        if (d->classes[code] == NONE)
            return fail_label(d, code, "does not occur in the training table; correct it or remove its rows");
    return 0;
}

/* Decides about the labels of train. */
static int learn(const deciding *d, uint32_t **out)
{
    br_tables *t = d->t;
    uint32_t count;
    bool plain = true, numbers = true;
    uint32_t *sorted = br_words_sorted(&t->labels, true, true, &count, d->error);
    const char **names = sorted != NULL ? br_new(count, sizeof *names, d->error) : NULL;
    if (names == NULL) {
        br_release(sorted);
        return -1;
    }
    for (uint32_t i = 0; i < count; i++) {
        names[i] = t->labels.list[sorted[i]].text;
        plain = plain && in_range(d, &t->labels.list[sorted[i]]);
        numbers = numbers && t->labels.list[sorted[i]].number;
    }
    char list[BR_LIST_LENGTH];
    br_list_names(names, count, list);
    br_release(names);
    int status = plain                      ? find_numbered(d)
                 : count != t->spec.classes ? wrong_count(d, list, count, numbers)
                                            : name_classes(d, sorted, count);
    if (status == 0 && !plain) {
        br_note_add(t->spec.notes, false, "the labels %s are taken as the names of the classes 0 to %u", list,
                    count - 1);
        *out = sorted;
        return 0;
    }
    br_release(sorted);
    return status;
}

static int decide(deciding *d, uint32_t **sorted)
{
    const br_tables_spec *spec = &d->t->spec;
    if (spec->schema != NULL && spec->schema->class_count > 0) {
        d->names = spec->schema->classes;
        d->count = spec->schema->class_count;
    } else if (spec->schema == NULL && spec->class_names != NULL) {
        d->names = spec->class_names;
        d->count = spec->classes;
    }
    return d->names != NULL ? find_named(d) : spec->schema != NULL ? find_numbered(d) : learn(d, sorted);
}

int br_classes_decide(br_tables *t, br_array **arrays, uint32_t **sorted, br_error *error)
{
    *sorted = NULL;
    deciding d = {.t = t, .classes = br_new(t->labels.count, sizeof *d.classes, error), .error = error};
    int status = d.classes == NULL ? -1 : decide(&d, sorted);
    for (uint32_t i = 0; i < t->record_count && status == 0; i++)
        for (uint64_t s = 0; t->records[i].labelled && s < arrays[i]->count; s++)
            arrays[i]->labels[s] = d.classes[arrays[i]->labels[s]];
    br_release(d.classes);
    return status;
}
