#include "data/formats/typed_labels.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

int br_label_beyond(const char *path, uint64_t sample, uint64_t byte, int64_t label, uint32_t classes, br_error *error)
{
    return br_fail(error, BR_ERROR_CHECK,
                   "%s: byte %llu: sample %llu has the label %lld, but the network's %u classes are 0 to %u", path,
                   (unsigned long long)byte, (unsigned long long)sample, (long long)label, classes, classes - 1);
}

void br_labels_free(br_labels *labels)
{
    br_release(labels->labels);
    br_words_free(&labels->words);
    *labels = (br_labels){0};
}

static unsigned long long place(const br_typed *a, uint64_t i)
{
    return a->byte + i * a->size;
}

/* ---- one number for each sample ---- */

static int beyond(const br_typed *a, uint64_t i, uint32_t classes, br_error *error)
{
    double least = br_typed_number(a, 0), most = least;
    for (uint64_t j = 1; j < a->count; j++) {
        double label = br_typed_number(a, j);
        least = label < least ? label : least;
        most = label > most ? label : most;
    }
    bool from_one = least == 1 && most == classes;
    return br_fail(error, BR_ERROR_CHECK,
                   "%s: byte %llu: sample %llu has the label %.15g, but the network's %u classes are 0 to %u; the "
                   "labels are %.15g to %.15g%s",
                   a->path, place(a, i), (unsigned long long)i, br_typed_number(a, i), classes, classes - 1, least,
                   most,
                   from_one    ? ": subtract 1 from all of them"
                   : least < 0 ? ": number the classes from 0"
                               : "");
}

static int read_numbers(const br_typed *a, uint32_t classes, br_labels *out, br_error *error)
{
    for (uint64_t i = 0; a->kind == BR_KIND_FLOAT && i < a->count; i++) {
        double label = br_typed_number(a, i);
        if (!isfinite(label) || label != floor(label))
            return br_fail(error, BR_ERROR_IO,
                           "%s: byte %llu: sample %llu has the label %.9g; labels are whole numbers", a->path,
                           place(a, i), (unsigned long long)i, label);
    }
    for (uint64_t i = 0; i < a->count; i++) {
        double label = br_typed_number(a, i);
        if (label < 0 || label >= classes)
            return beyond(a, i, classes, error);
        out->labels[i] = (uint32_t)label;
    }
    return 0;
}

/* ---- one column for each class ---- */

static int not_one_hot(const br_typed *a, uint64_t sample, br_error *error)
{
    if (sample == 0 && a->shape.size[0] == 1)
        return br_fail(error, BR_ERROR_IO, "%s: the labels are one row, %s; save them with .ravel()", a->path,
                       br_dimensions_write(&a->shape).text);
    return br_fail(error, BR_ERROR_IO,
                   "%s: the labels are %s, but row %llu is not one-hot (one 1, otherwise 0); save the labels with "
                   ".argmax(1), and check that the names of samples and labels are in order",
                   a->path, br_dimensions_write(&a->shape).text, (unsigned long long)sample);
}

static int read_one_hot(const br_typed *a, uint64_t columns, uint32_t classes, br_labels *out, br_error *error)
{
    uint64_t across = a->shape.fortran ? out->count : 1, down = a->shape.fortran ? 1 : columns;
    for (uint64_t i = 0; i < out->count; i++) {
        uint64_t ones = 0, others = 0;
        for (uint64_t j = 0; j < columns; j++) {
            double value = br_typed_number(a, i * down + j * across);
            if (value == 1) {
                out->labels[i] = (uint32_t)j;
                ones++;
            } else
                others += value != 0;
        }
        if (ones != 1 || others > 0)
            return not_one_hot(a, i, error);
    }
    if (columns != classes)
        return br_fail(error, BR_ERROR_CHECK,
                       "%s: the labels are one-hot with %llu columns, one for each class, but the network has %u "
                       "classes",
                       a->path, (unsigned long long)columns, classes);
    return 0;
}

/* ---- words ---- */

/* Appends a code point as UTF-8. Surrogates and values beyond Unicode become bytes that are not UTF-8. */
static char *append(char *at, uint32_t c)
{
    if (c < 0x80) {
        *at++ = (char)c;
        return at;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    *at++ = (char)(c > 0x10ffff ? 0xff : (0xf00u >> (more + 1) & 0xff) | c >> 6 * more);
    while (more-- > 0)
        *at++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    return at;
}

/* Word i without the zeros at its end. */
static int take_word(const br_typed *a, uint64_t i, char *out, br_error *error)
{
    uint32_t letters = a->kind == BR_KIND_UNICODE ? a->size / 4 : a->size;
    char *end = out;
    bool plain = true;
    for (uint32_t j = 0; j < letters; j++) {
        uint32_t c = a->kind == BR_KIND_UNICODE ? br_typed_letter(a, i * letters + j) : a->values[i * letters + j];
        bool ended = c == 0; /* only zeros may follow */
        for (uint32_t k = j; ended && k < letters; k++)
            plain = plain && (a->kind == BR_KIND_UNICODE ? br_typed_letter(a, i * letters + k)
                                                         : a->values[i * letters + k]) == 0;
        if (ended)
            break;
        plain = plain && c >= ' ' && c != 0x7f;
        if (a->kind == BR_KIND_UNICODE)
            end = append(end, c);
        else
            *end++ = (char)c;
    }
    *end = '\0';
    if (end == out)
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the label of sample %llu is an empty word", a->path,
                       place(a, i), (unsigned long long)i);
    if (!plain || !br_utf8_is(out, (size_t)(end - out)))
        return br_fail(error, BR_ERROR_IO, "%s: byte %llu: the label of sample %llu is not a word of UTF-8 text",
                       a->path, place(a, i), (unsigned long long)i);
    return 0;
}

static int read_words(const br_typed *a, br_labels *out, br_error *error)
{
    char *word = br_new(a->size + 1, 1, error); /* UTF-8 takes at most four bytes for a code point, as the file does */
    int status = word == NULL ? -1 : 0;
    for (uint64_t i = 0; i < a->count && status == 0; i++) {
        status = take_word(a, i, word, error);
        if (status == 0 && (out->labels[i] = br_words_add(&out->words, word, error)) == BR_NO_WORD)
            status = -1;
    }
    br_release(word);
    return status;
}

/* ---- all kinds ---- */

int br_typed_labels(const br_typed *array, uint32_t classes, br_labels *out, br_error *error)
{
    bool words = array->kind == BR_KIND_BYTES || array->kind == BR_KIND_UNICODE;
    uint64_t columns = 1;
    uint32_t across = 0; /* dimensions behind the first that are not 1 */
    *out = (br_labels){.count = array->shape.count == 0 ? 1 : array->shape.size[0]};
    for (uint32_t i = 1; i < array->shape.count; i++)
        if (array->shape.size[i] != 1) {
            columns = array->shape.size[i];
            across++;
        }
    if (across > 1 || (words && across > 0))
        return br_fail(error, BR_ERROR_IO, "%s: labels have one dimension, not %s; are the two names in order?",
                       array->path, br_dimensions_write(&array->shape).text);
    if (out->count > BR_SAMPLES_LIMIT || columns > UINT32_MAX)
        return br_fail(error, BR_ERROR_IO, "%s: holds %llu labels; the limit is %u", array->path,
                       (unsigned long long)array->count, BR_SAMPLES_LIMIT);
    out->labels = br_new(out->count, sizeof *out->labels, error);
    int status = out->labels == NULL ? -1 : 0;
    if (status == 0)
        status = words         ? read_words(array, out, error)
                 : columns > 1 ? read_one_hot(array, columns, classes, out, error)
                               : read_numbers(array, classes, out, error);
    if (status != 0)
        br_labels_free(out);
    return status;
}
