/* Data sets: reading them, holding them, encoding them.
 *
 *     br_data_spec spec;                             // bc_lower_data fills it from a checked network
 *     br_data *data;
 *     br_error error;
 *     if (br_data_load(&spec, 1, &data, &error) != 0) {
 *         fprintf(stderr, "%s\n", error.message);
 *         return error.kind;
 *     }
 *     const br_samples *test = br_data_split(data, BT_SPLIT_TEST);
 *     printf("%llu test samples\n", (unsigned long long)test->count);
 *     br_data_free(data);
 *
 * Raw values are unsigned bytes or 32-bit floats, channels last. Loading is deterministic: the same spec, files and
 * seed give the same samples in the same order. Threads: see bouton/error.h; any number of threads may read a loaded
 * br_data. */
#ifndef BOUTON_DATA_H
#define BOUTON_DATA_H

#include <stdio.h>

#include "bouton/error.h"
#include "bouton/ranks.h"
#include "bouton/terms.h"

BOUTON_BEGIN

/* How a table (CSV) lays out its columns. A column is named by its name in the header or by its number, from 1. Strings
 * and arrays are borrowed. */
typedef struct br_table {
    bt_label label;
    const char *label_name; /* BT_LABEL_NAMED: the column */
    bt_header header;
    bt_missing missing;
    const char *const *without; /* [without_count]: columns that are not read */
    uint32_t without_count;
    bool all_categories;           /* every column of words is a category */
    const char *const *categories; /* [category_count]: columns that are categories, of words or of numbers */
    uint32_t category_count;
} br_table;

/* How pictures are prepared. `invert`, `transpose` and `turns` apply in this order to every sample of an image input,
 * whatever its format. */
typedef struct br_pictures {
    uint8_t background[3]; /* red, green, blue: what lies behind transparent pixels */
    bool background_given; /* otherwise white, and a note tells of transparent pictures */
    bool invert;           /* a value becomes low + high - value */
    bool transpose;        /* rows become columns */
    uint32_t turns;        /* quarter turns clockwise, 0 .. 3 */
} br_pictures;

/* Raw values that map onto 0 and s; low < high. */
typedef struct br_range {
    double low, high;
} br_range;

/* One source of samples. Strings are borrowed. */
typedef struct br_source {
    bt_format format;
    bt_split split;
    const char *inputs;    /* file name, relative to the spec's folder */
    const char *labels;    /* the same; NULL where the labels are inside the inputs or made */
    const char *member;    /* NPZ: the array of the samples; NULL: found by its name */
    const char *labels_of; /* NPZ: the array of the labels; NULL: found by its name */
    br_table table;        /* CSV */
    uint64_t samples;      /* synthetic: how many are drawn */
} br_source;

typedef struct br_schema br_schema;

typedef struct br_data_spec {
    uint32_t source_count;
    br_source *sources;
    double hold_out, hold_out_test; /* shares of the training samples kept for validation and for test; the sum is in
                                       [0, 1) */
    bt_scaling scaling;
    bool range_given; /* the scaling was stated, and with it low and high; otherwise they are defaults */
    double low, high; /* BT_SCALING_RANGE: raw values that map onto activations 0 and s; low < high */
    bool centred;     /* BT_SCALING_STANDARD: samples are in [-1, 1] around the mean instead of [0, 1] */
    bool vector;      /* columns are the values of a sample; otherwise its channels, as of an image or a series */
    bt_shape shape;   /* of a sample, as the network expects it; at least 1 each */
    uint32_t classes; /* labels are 0 .. classes-1 */
    const char *const *class_names; /* [classes], stated; NULL: none */
    br_pictures pictures;
    const char *folder;      /* of relative file names; NULL: the current folder */
    const br_schema *schema; /* of the trained model that reads these data; NULL: learned from the training samples */
} br_data_spec;

/* The samples of one split, in memory. Exactly one of bytes and floats is set. */
typedef struct br_samples {
    uint64_t count;
    bt_shape shape;
    const uint8_t *bytes;   /* [count][height*width*channels], raw values 0..255 */
    const float *floats;    /* [count][height*width*channels], raw values, finite */
    const uint32_t *labels; /* [count], below classes; NULL where unknown */
    double low, high;       /* raw values that map onto 0 and s; values beyond them count as the end */
    uint32_t tied;          /* N of tied levels: a byte b stands for the whole number b - N; 0: low and high count */
} br_samples;

typedef struct br_data br_data;

/* Reads every source of the spec. BR_ERROR_IO: a file is missing, unreadable or malformed. BR_ERROR_CHECK: the samples
 * have another shape than the spec's, a label is not below `classes`, or a value lies outside [low, high]. The spec is
 * not kept. */
int br_data_load(const br_data_spec *spec, uint64_t seed, br_data **out, br_error *error);

/* As br_data_load, with samples that the caller holds: one br_samples for each split (count 0: none), placed behind the
 * samples of the spec's sources. They are read as files are: `pictures` of the spec applies to them. All values are
 * copied; low and high are the spec's. BR_ERROR_CHECK: another shape than the spec's, values outside [low, high] or not finite, a label that is not below `classes`, or labels for some samples
 * only. */
int br_data_from_memory(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, br_data **out,
                        br_error *error);

/* The same, but the given values are borrowed: the caller keeps them, unchanged, while the data live. They are copied
 * only where something changes or joins them: samples that are held out, columns that are scaled, pictures that are
 * turned, several sources of one split. Labels are always copied. */
int br_data_borrow(const br_data_spec *spec, const br_samples given[BT_SPLITS], uint64_t seed, br_data **out,
                   br_error *error);

/* As br_data_load, on a thread of its own. The caller must await the job, which also frees it, and must leave the spec
 * unchanged until then. br_data_await fails as br_data_load does. */
typedef struct br_data_job br_data_job;
int br_data_begin(const br_data_spec *spec, uint64_t seed, br_data_job **out, br_error *error);
int br_data_await(br_data_job *job, br_data **out, br_error *error);

/* One reading for several seeds: the samples of a spec before some are held out and before values are scaled.
 * br_raw_split copies them and gives what br_data_load gives for the same spec and seed; it fails as br_data_load does
 * after reading. Synthetic samples are drawn by the seed of br_raw_read, so that with them one reading serves one seed. */
typedef struct br_raw br_raw;
int br_raw_read(const br_data_spec *spec, uint64_t seed, br_raw **out, br_error *error);
uint64_t br_raw_hash(const br_raw *raw); /* as br_data_hash: under no seed does it change with the samples held out */
int br_raw_split(const br_raw *raw, const br_data_spec *spec, uint64_t seed, br_data **out, br_error *error);
void br_raw_free(br_raw *raw); /* NULL is fine */

/* One copy of the data for the ranks (bouton/ranks.h) of a machine: the lowest of them that can reads and encodes, and the
 * others take its samples. All ranks call these functions in this order; those for which br_shared_data_reads is false
 * read nothing.
 *
 *     br_shared_data_begin(ranks, text, seed, &shared, &error);      // of what is trained: others read for themselves
 *     if (br_shared_data_reads(shared))
 *         data = ...;                                  // br_data_load and br_data_encode
 *     br_shared_data_pass(shared, &data, &error);      // now every rank has *data, with equal samples, hash and schema
 *     br_shared_data_free(shared);
 *
 * The samples lie in memory that goes with the last rank that frees its data. Notes stay with the rank that read.
 * BR_ERROR_FAULT: no memory; BR_ERROR_IO: another rank is gone. */
typedef struct br_shared_data br_shared_data;
int br_shared_data_begin(const br_ranks *ranks, const char *text, uint64_t seed, br_shared_data **out, br_error *error);
bool br_shared_data_reads(const br_shared_data *shared);
int br_shared_data_pass(br_shared_data *shared, br_data **data, br_error *error); /* where it failed, *data stays */
void br_shared_data_free(br_shared_data *shared);                                 /* NULL is fine */

void br_data_free(br_data *data);                                     /* NULL is fine */
const br_samples *br_data_split(const br_data *data, bt_split split); /* owned by `data`; count 0: the split is empty */
uint64_t br_data_hash(const br_data *data);                           /* of all raw values and labels */

/* ---- notes: what reading decided by itself, and values that hardly can be meant ---- */

typedef struct br_note {
    bool warning;     /* something is probably wrong; otherwise a decision to know of */
    const char *text; /* one sentence: place, cause, remedy */
} br_note;

/* The notes of loading, in their order, each told once. They belong to `data`. */
uint32_t br_data_notes(const br_data *data, const br_note **out);

/* For the notes of several files: whether a note is the first of its text. A text that begins with `path`, its file,
 * is compared without it, so that a thousand files with one property give one note. `*told` begins as NULL. If memory
 * runs out, the answer is true. */
typedef struct br_told br_told;
bool br_note_first(br_told **told, const char *path, const br_note *note);
void br_told_free(br_told *told); /* NULL is fine */

/* ---- the schema: how the training samples were read, so that later files are read alike ---- */

/* A column of the training table, in the file's order. */
typedef struct br_column {
    bt_role role;
    const char *name;         /* from the header; NULL: none */
    double fill;              /* BT_ROLE_NUMBER: the value of missing cells */
    uint32_t word_count;      /* BT_ROLE_CATEGORY: how many values of a sample it makes */
    const char *const *words; /* [word_count], in ascending order of their bytes */
} br_column;

struct br_schema {
    uint32_t class_count;
    const char *const *classes; /* [class_count]: names of the classes; NULL: they are numbered */
    uint32_t column_count;      /* 0: the samples were no rows of a table */
    const br_column *columns;   /* [column_count] */
    bt_missing missing;
    bt_scaling scaling;
    bool centred;           /* scaled values lie in [-1, 1], otherwise in [0, 1] */
    uint32_t range_count;   /* columns of a sample: values of a vector, channels of an image or series; 0: one range */
    const br_range *ranges; /* [range_count]: raw values that map onto the two ends; values beyond count as the end */
    br_pictures pictures;
};

/* The schema of loaded data; it belongs to `data`. Never NULL. */
const br_schema *br_data_schema(const br_data *data);

/* A schema as text of lines, and back: for model files and built programs. The caller releases the text by free.
 * Reading checks everything: BR_ERROR_IO for any other text. */
int br_schema_write(const br_schema *schema, char **out, br_error *error);
int br_schema_read(const char *text, br_schema **out, br_error *error);
void br_schema_free(br_schema *schema); /* NULL is fine; only for schemas of br_schema_read */

/* The name of a class, or NULL where classes are numbered. `schema` may be NULL. */
const char *br_class_name(const br_schema *schema, uint32_t label);

/* A character of a name that a file holds, for people: control characters, which must not reach a terminal, are `?`. */
static inline char br_visible(char c)
{
    return (char)((unsigned char)c < ' ' || c == 0x7f ? '?' : c);
}

/* ---- encodings: steps that prepare raw images before the first layer reads them ---- */

typedef struct br_encoding {
    bt_encoding_kind kind;
    uint32_t height, width; /* normalise: the box; whiten: the patch; in pixels */
    uint64_t patches;       /* whiten: how many patches it learns from */
    double epsilon;         /* whiten: added to every eigenvalue; above 0 */
    uint32_t levels;        /* levels: how many for each channel; tied: on each side, to BR_TIED_MOST */
    bool tied;              /* levels: encoded values are whole numbers from -levels to levels */
    double by;              /* tied: the step between two levels, in deviations of whitened values; above 0 */
} br_encoding;

#define BR_TIED_MOST 63u

/* The steps with the numbers they learned. Encoded samples are bytes 0..255 over the input's range, so they take as
 * little memory as raw ones. A br_encoder without steps passes samples through unchanged. */
typedef struct br_encoder br_encoder;

/* BR_ERROR_CHECK: a step does not fit the shape that reaches it, or the result has too many values. */
int br_encoder_new(const br_encoding *steps, uint32_t count, bt_shape shape, br_encoder **out, br_error *error);
void br_encoder_free(br_encoder *encoder);

/* From now on br_encoder_learn and br_data_encode call `advance` about ten times a second, on the thread that called
 * them: `done` of `total` patches or samples are done. If it returns false, they return 1, and the samples stay as they
 * are. NULL: nobody follows, as at first. */
void br_encoder_follow(br_encoder *encoder, bool (*advance)(void *user, uint64_t done, uint64_t total), void *user);

/* Learns the whitening of each step from training samples. 1: br_encoder_follow's function stopped it. BR_ERROR_CHECK:
 * there are none, or they have another shape. BR_ERROR_FAULT: LAPACK did not converge. */
int br_encoder_learn(br_encoder *encoder, const br_samples *train, uint64_t seed, br_error *error);

/* The learned numbers, for the model file. Their count is known from the steps alone. br_encoder_restore gives
 * BR_ERROR_IO for another count and for numbers that are not finite. */
uint64_t br_encoder_count(const br_encoder *encoder);
const float *br_encoder_numbers(const br_encoder *encoder);
int br_encoder_restore(br_encoder *encoder, const float *numbers, uint64_t count, br_error *error);

/* Encodes every split of `data` in place, on `threads` threads (0: every processor). 1: br_encoder_follow's function
 * stopped it. BR_ERROR_CHECK: the samples have another shape than the encoder's, or its whitening has not been
 * learned. */
int br_data_encode(br_data *data, const br_encoder *encoder, uint32_t threads, br_error *error);

/* ---- single files ---- */

/* How files are read for prediction: as the samples of the training were. Strings are borrowed. */
typedef struct br_reading {
    bt_shape shape;          /* of a sample, as the network expects it */
    br_range range;          /* schema->scaling BT_SCALING_RANGE: raw values that map onto 0 and s */
    const br_schema *schema; /* of the model; NULL: one range, no names */
    bool label_given;        /* the two below replace the place of the label that the schema tells */
    bt_label label;
    const char *label_name;
} br_reading;

/* Reads the samples of one file for prediction. The format is recognised by the content. Pictures of another size are
 * scaled to the input's height and width. The samples are the split BT_SPLIT_TEST, without labels. Values beyond the
 * range count as its end, and a note tells of the first one. BR_ERROR_IO: missing, unreadable or malformed.
 * BR_ERROR_CHECK: another shape. */
int br_inputs_load(const char *path, const br_reading *reading, br_data **out, br_error *error);

/* The same for samples that the caller holds; `name` stands for them in messages. Values are borrowed as br_data_borrow
 * borrows them. br_data_hash is 0: nothing compares samples that are only answered. BR_ERROR_CHECK: another shape, or a
 * value that is not finite. */
int br_inputs_given(const char *name, const br_samples *given, const br_reading *reading, br_data **out,
                    br_error *error);

/* The pictures of a folder, for answering each of them: its own files in the order of their bytes, then those of each
 * folder directly in it (numbers in their order, other names by bytes). A file is a picture by its first bytes, or by
 * the end of its name, so that damaged pictures are listed too. */
typedef struct br_files {
    char **list; /* [count]: paths that begin with the folder's */
    uint64_t count;
    uint64_t others; /* left out: files that are no pictures, pipes, devices, folders deeper down */
} br_files;

/* BR_ERROR_IO: the folder can't be read or holds no pictures. */
int br_files_find(const char *folder, br_files *out, br_error *error);
void br_files_free(br_files *files); /* empty is fine */

/* Draws one synthetic digit, 28x28 bytes: sample `index` of a lane, as `synthetic digits` has it. Returns its label. */
uint32_t br_digit_draw(uint64_t seed, uint32_t lane, uint64_t index, uint8_t pixels[784]);

/* Writes a grey PNG: the whole file or none. BR_ERROR_IO: it can't be written. */
int br_png_write_grey(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error);
/* The same with three bytes for each pixel: red, green, blue. */
int br_png_write_rgb(const char *path, const uint8_t *pixels, uint32_t height, uint32_t width, br_error *error);

/* A picture in memory: grey, in colours, or of numbers of colours in a palette. */
typedef struct br_image {
    uint32_t height, width;
    const uint8_t *pixels;       /* [height][width], with rgb [height][width][3] */
    bool rgb;                    /* three bytes for each pixel: red, green, blue; no palette */
    uint32_t colours;            /* 0: no palette; at most 256 */
    const uint8_t (*palette)[3]; /* [colours] */
} br_image;

/* Writes it as PNG, as small as libpng can, to a stream that stays open. BR_ERROR_IO: it can't be written. */
int br_png_put(const br_image *image, FILE *to, br_error *error);

BOUTON_END
#endif
