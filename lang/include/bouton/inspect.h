/* What editors and other tools ask of a text: its diagnostics as data, its names and their uses, the words that may
 * stand at a place, the numbers and the shapes that a check found, and what the text leaves out.
 *
 *     bl_context *context = bl_context_new();
 *     bl_overlay(context, "/home/ada/parts.btn", text, length);   // unsaved text, also where another file includes it
 *     if (bl_load(context, "/home/ada/digits.btn") != 0)
 *         return fail("out of memory");
 *     const bl_program *program = bl_check(context, NULL);
 *     bl_findings findings;
 *     bl_find(context, &findings);
 *     for (uint32_t i = 0; i < findings.count; i++) ...
 *
 * Errors, ownership and threads are those of bouton/lang.h: functions that return int return -1 only when memory runs
 * out, and lists and strings are valid until bl_context_free. Every list may be asked for several times; each call
 * takes memory of the context. Offsets and lengths are in bytes. */
#ifndef BOUTON_INSPECT_H
#define BOUTON_INSPECT_H

#include "bouton/lang.h"

BOUTON_BEGIN

/* ---- texts in place of files ---- */

/* Whenever the file `path` is read, by bl_load or by an include, this text is read instead. The file need not exist; a
 * file that does is recognised by every path that leads to it. Call it before bl_load. The text is copied. -1: out of
 * memory. */
int bl_overlay(bl_context *context, const char *path, const char *text, size_t length);

/* From now on, files that are no regular files, such as pipes and terminals, are reported instead of read. A server
 * calls it: such a file could block it, or be its own input. Cannot fail. */
void bl_read_regular(bl_context *context);

/* A file that was read, as the diagnostics name it. */
typedef struct bl_read {
    const char *name;
    const char *text; /* `length` bytes, and a 0 behind them */
    uint32_t length;
    bool root;           /* loaded by the caller, not by an include */
    const char *overlay; /* the path that bl_overlay was given; NULL: the text is that of the file */
} bl_read;

/* File `file` of a place; false: there is none. */
bool bl_read_at(const bl_context *context, uint32_t file, bl_read *out);

/* ---- diagnostics as data ---- */

/* A diagnostic. Its code, message and help are those that bl_write_diagnostics prints. */
typedef struct bl_finding {
    char code[8]; /* "E0202" */
    bl_severity severity;
    bl_place place; /* file UINT32_MAX: no place */
    const char *message;
    const char *mend;   /* the proposed correction, for people; NULL: none */
    const char *remark; /* "first declared here"; NULL: none */
    bl_place remark_place;
    const char *replacement; /* the text that corrects it, "" to remove the text of `replaced`; NULL: none is known */
    bl_place replaced;       /* what `replacement` takes the place of; length 0: it is inserted */
} bl_finding;

typedef struct bl_findings {
    uint32_t count; /* at most 500; further diagnostics are counted by bl_error_count only */
    const bl_finding *list;
} bl_findings;

/* The diagnostics in the order of the text. -1: out of memory. */
int bl_find(bl_context *context, bl_findings *out);

/* ---- tokens and names ---- */

typedef enum bl_token_kind {
    BL_TOKEN_WORD, /* of the language */
    BL_TOKEN_NAME,
    BL_TOKEN_NUMBER,
    BL_TOKEN_SIZE,
    BL_TOKEN_STRING,
    BL_TOKEN_SIGN,
    BL_TOKEN_COMMENT,
} bl_token_kind;

typedef struct bl_token {
    bl_token_kind kind;
    bl_place place;
} bl_token;

typedef struct bl_tokens {
    uint32_t count;
    const bl_token *list;
} bl_tokens;

/* The tokens and comments of a file, in order. Bytes that form no token are left out. -1: out of memory. */
int bl_list_tokens(bl_context *context, uint32_t file, bl_tokens *out);

typedef enum bl_name_kind {
    BL_NAME_NETWORK,
    BL_NAME_LAYER, /* of a network */
    BL_NAME_CONSTANT,
    BL_NAME_NEURON,    /* a formula */
    BL_NAME_PARAMETER, /* of a formula */
    BL_NAME_DATA,
    BL_NAME_PHASE,
    BL_NAME_KINDS
} bl_name_kind;

#define BL_NO_SCOPE UINT32_MAX

/* A name that the text declares. */
typedef struct bl_name {
    bl_name_kind kind;
    const char *text;
    bl_place place; /* where it is declared */
    bl_place whole; /* the statement that declares it */
    bl_place block; /* the statement's block with its braces; length 0: it has none */
    uint32_t scope; /* index of the network of a layer and of the formula of a parameter; otherwise BL_NO_SCOPE */
    uint32_t use_count;
    const bl_place *uses; /* [use_count]: everywhere else, in the order of the text */
} bl_name;

typedef struct bl_names {
    uint32_t count;
    const bl_name *list; /* a name that is declared twice occurs twice, and its uses belong to the first */
} bl_names;

/* The names of all loaded files. Names in phases are those of the layers of `network` (NULL: the last one of the text).
 * Statements that could not be parsed have none. -1: out of memory. */
int bl_list_names(bl_context *context, const char *network, bl_names *out);

/* An include: `place` is its string, `file` the file that was read, or UINT32_MAX. */
typedef struct bl_include {
    bl_place place;
    uint32_t file;
} bl_include;

typedef struct bl_includes {
    uint32_t count;
    const bl_include *list;
} bl_includes;

int bl_list_includes(bl_context *context, bl_includes *out);

/* Whether `name` may be the name of something of this kind, as far as the name itself decides: no word of the language
 * where that would be ambiguous. If not, *reason says why; it is constant. Cannot fail. */
bool bl_name_fits(bl_name_kind kind, const char *name, const char **reason);

/* ---- what may stand at a place ---- */

typedef enum bl_expected_name {
    BL_EXPECT_NOTHING,
    BL_EXPECT_NEW,      /* a name that is declared here */
    BL_EXPECT_LAYER,    /* a layer that a statement names; in `from` also `input` */
    BL_EXPECT_CONSTANT, /* an expression: a constant, in a formula also a parameter or a function */
    BL_EXPECT_NEURON,   /* a formula, after `fire` */
} bl_expected_name;

typedef enum bl_expected_string {
    BL_EXPECT_NO_STRING,
    BL_EXPECT_INCLUDE, /* a network file */
    BL_EXPECT_FILE,    /* a data file */
    BL_EXPECT_FOLDER,
    BL_EXPECT_COLUMN, /* a column of the table in the statement's first string */
    BL_EXPECT_MEMBER, /* an array of the archive in the statement's first string */
    BL_EXPECT_CLASS,  /* the name of a class */
} bl_expected_string;

typedef struct bl_expected {
    uint32_t word_count;
    const char *const *words; /* words of the language */
    bl_expected_name name;
    bl_expected_string string;
    bool quoted;       /* the place lies in a string: only `string` and `typed` count */
    bool formula;      /* the expression is that of a neuron */
    bool from;         /* the layer is a source */
    bool number, size; /* a number, a size such as 28x28 */
    bl_place typed;    /* of the text before the place that a chosen word replaces */
    uint32_t begin;    /* where the statement begins */
    const char *head;  /* the statement's first word, such as "csv"; "" at its beginning */
    const char *first; /* the statement's first string, such as the file of a table; NULL: none */
} bl_expected;

/* What may stand at an offset of a text, as the grammar has it. The text behind the offset does not count. Nothing is
 * expected in a comment. The context must be new; it gives memory only. -1: out of memory. */
int bl_expect_at(bl_context *context, const char *text, size_t length, size_t offset, bl_expected *out);

/* ---- numbers, shapes and defaults ---- */

/* What a number of the language means. Strings are constant, but `range` belongs to the context. */
typedef struct bl_quantity_facts {
    const char *what;    /* "the gain" */
    const char *symbol;  /* in docs/model.md; "": none */
    const char *meaning; /* a sentence */
    const char *range;   /* "above 0 and at most 1000000" */
    const char *usual;   /* its default; NULL: none, or it depends on other settings */
} bl_quantity_facts;

/* A number of the text, checked: the place of its expression, and its value. */
typedef struct bl_number {
    bl_place place;
    double value;
    bl_quantity_facts facts; /* `what` is NULL for the value of a `let` */
} bl_number;

/* The number whose expression, or whose `let NAME`, covers an offset: the shortest such. False: there is none, or memory
 * ran out. Call it after bl_check. */
bool bl_number_at(bl_context *context, uint32_t file, uint32_t offset, bl_number *out);

/* A layer of any network, as far as it is known even if the text has errors: sides of unknown shapes and unknown counts
 * are 0, and with errors every other field may be unspecified. */
typedef struct bl_known_layer {
    bl_place name;
    const bl_layer *layer;
} bl_known_layer;

typedef struct bl_known_layers {
    uint32_t count;
    const bl_known_layer *list;
} bl_known_layers;

/* The layers that the last bl_check saw. Cannot fail. */
bl_known_layers bl_list_layers(const bl_context *context);

/* Text that a statement of the program could have and leaves out, with the value that it has without it. */
typedef struct bl_omission {
    bl_place place;   /* where it would stand, of length 0 */
    bl_place name;    /* of the layer or phase that it belongs to */
    const char *text; /* " floor 0.001", or a statement, "leak 0;" */
    bool statement;
} bl_omission;

typedef struct bl_omissions {
    uint32_t count;
    const bl_omission *list; /* in the order of the text, as far as it is in one file */
} bl_omissions;

/* What the layers and phases of a program leave out. `program` is that of bl_check. With every text inserted at its
 * place, and with a block around the statements of a layer that has none, the text means the same. -1: out of memory. */
int bl_list_omissions(bl_context *context, const bl_program *program, bl_omissions *out);

/* ---- the language itself ---- */

/* What a word means, as a sentence; NULL: it is no word of the language, or it has no meaning of its own. */
const char *bl_word_meaning(const char *word);

/* What is called with arguments in parentheses: `conv(HxW, FILTERS)`, `clamp(value, low, high)`. False: nothing is. The
 * label of alternative `index`, from 0. */
bool bl_signature(const char *word, uint32_t index, const char **label, const char **meaning);

BOUTON_END
#endif
