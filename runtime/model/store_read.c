/* A .safetensors file is checked from the outside in (length, header, metadata, tensors, bytes) and kept in memory. The
 * file is untrusted: every number is checked before it is used as a size, a summand or an index. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/memory.h"
#include "model/store.h"

/* ---- header ---- */

/* Parses the JSON header. *data_bytes is the number of bytes after it. */
static int read_header(br_model_file *file, FILE *from, uint64_t size, uint64_t *data_bytes, br_error *error)
{
    uint64_t length;
    if (size < BR_STORE_LENGTH_BYTES)
        return br_store_cut_short(file, "a model file's first number alone takes", BR_STORE_LENGTH_BYTES, size, error);
    if (br_store_read_bytes(file, from, &length, BR_STORE_LENGTH_BYTES, error) != 0)
        return -1;
    int first = size > BR_STORE_LENGTH_BYTES ? getc(from) : '{';
    if (length < 2 || length > BR_STORE_HEADER_LIMIT || first != '{')
        return br_fail(error, BR_ERROR_IO, "%s: is not a .safetensors file; give a model that `bouton train` wrote",
                       file->path);
    if (length > size - BR_STORE_LENGTH_BYTES)
        return br_store_cut_short(file, "its header ends after", BR_STORE_LENGTH_BYTES + length, size, error);
    *data_bytes = size - BR_STORE_LENGTH_BYTES - length;

    char *text = br_new(length, 1, error);
    if (!text)
        return -1;
    text[0] = '{';
    int result = br_store_read_bytes(file, from, text + 1, length - 1, error);
    json_error_t cause = {0};
    if (result == 0)
        file->header = json_loadb(text, length, JSON_REJECT_DUPLICATES, &cause);
    if (result == 0 && !file->header)
        result = br_fail(error, BR_ERROR_IO, "%s: is damaged: its header is not proper JSON at byte %d: %s", file->path,
                         cause.position, br_show(cause.text).text);
    br_release(text);
    return result;
}

/* ---- metadata ---- */

/* Parses a text of digits only, without sign or space. Returns false for any other text and for numbers above `most`.
 */
static bool parse_number(const char *text, unsigned base, uint64_t most, uint64_t *out)
{
    uint64_t number = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        unsigned c = (unsigned char)*text;
        unsigned digit = isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
        if (digit >= base || __builtin_mul_overflow(number, (uint64_t)base, &number) ||
            __builtin_add_overflow(number, (uint64_t)digit, &number) || number > most)
            return false;
    }
    *out = number;
    return true;
}

/* MAJOR.MINOR.PATCH as one number, for comparison. */
static bool parse_version(const char *text, uint64_t *out)
{
    char part[8];
    *out = 0;
    for (int i = 0; i < 3; i++) {
        size_t length = strcspn(text, ".");
        uint64_t number;
        if (length >= sizeof part || (text[length] == '.') != (i < 2))
            return false;
        memcpy(part, text, length);
        part[length] = '\0';
        if (!parse_number(part, 10, 999999, &number))
            return false;
        *out = *out * 1000000 + number;
        text += length + (i < 2);
    }
    return true;
}

static int metadata_text(const br_model_file *file, br_store_key key, const char **out, br_error *error)
{
    const char *name = br_store_key_text(key);
    *out = json_string_value(json_object_get(json_object_get(file->header, BR_STORE_METADATA), name));
    if (*out)
        return 0;
    return br_fail(error, BR_ERROR_IO, "%s: is damaged: its metadata holds no text `%s`", file->path, name);
}

static int metadata_number(const br_model_file *file, br_store_key key, unsigned base, uint64_t most, uint64_t *out,
                           br_error *error)
{
    const char *text;
    if (metadata_text(file, key, &text, error) != 0)
        return -1;
    if (parse_number(text, base, most, out))
        return 0;
    return br_fail(error, BR_ERROR_IO, "%s: is damaged: its metadata `%s` is \"%s\", not a number up to %llu",
                   file->path, br_store_key_text(key), br_show(text).text, (unsigned long long)most);
}

/* Checks that bouton wrote the file, and not a newer version of it, before the rest of the header is checked. */
static int check_origin(br_model_file *file, br_error *error)
{
    const json_t *metadata = json_object_get(file->header, BR_STORE_METADATA);
    const char *format = json_string_value(json_object_get(metadata, br_store_key_text(BR_KEY_FORMAT)));
    if (!format || strcmp(format, BR_STORE_FORMAT) != 0)
        return br_fail(error, BR_ERROR_IO,
                       "%s: is a .safetensors file, but not one of bouton's (its format is \"%s\"); give a model that "
                       "`bouton train` wrote",
                       file->path, format ? br_show(format).text : "");
    uint64_t theirs, ours, interface;
    if (metadata_text(file, BR_KEY_VERSION, &file->facts.version, error) != 0)
        return -1;
    if (!parse_version(file->facts.version, &theirs) || !parse_version(BR_VERSION, &ours))
        return br_fail(error, BR_ERROR_IO, "%s: is damaged: its bouton version is \"%s\", not like " BR_VERSION,
                       file->path, br_show(file->facts.version).text);
    if (theirs > ours)
        return br_fail(error, BR_ERROR_IO,
                       "%s: was written by bouton %s, newer than this " BR_VERSION "; use that version or a newer one",
                       file->path, file->facts.version);
    if (metadata_number(file, BR_KEY_INTERFACE, 10, UINT32_MAX, &interface, error) != 0)
        return -1;
    if (interface > BR_INTERFACE_VERSION)
        return br_fail(error, BR_ERROR_IO,
                       "%s: was written for interface %llu of bouton, newer than this one's %u; use a newer bouton",
                       file->path, (unsigned long long)interface, BR_INTERFACE_VERSION);
    return 0;
}

/* A text that may be absent; NULL then. */
static const char *optional_text(const br_model_file *file, br_store_key key)
{
    return json_string_value(json_object_get(json_object_get(file->header, BR_STORE_METADATA), br_store_key_text(key)));
}

/* Whoever opens the file reads the schema again, so the result is only checked. */
static int check_schema(const br_model_file *file, br_error *error)
{
    br_schema *schema;
    br_error cause = {0};
    if (!file->facts.schema)
        return 0;
    if (br_schema_read(file->facts.schema, &schema, &cause) != 0)
        return br_fail(error, cause.kind, "%s: %s%s", file->path, cause.kind == BR_ERROR_IO ? "is damaged: " : "",
                       cause.message);
    br_schema_free(schema);
    return 0;
}

/* The same for the history. */
static int check_history(const br_model_file *file, br_error *error)
{
    br_history *history;
    br_error cause = {0};
    if (!file->facts.history)
        return 0;
    if (br_history_read(file->facts.history, &history, &cause) != 0)
        return br_fail(error, cause.kind, "%s: %s%s", file->path, cause.kind == BR_ERROR_IO ? "is damaged: " : "",
                       cause.message);
    br_history_free(history);
    return 0;
}

static int read_facts(br_model_file *file, br_error *error)
{
    br_file_facts *facts = &file->facts;
    uint64_t phase, epoch;
    if (metadata_text(file, BR_KEY_NETWORK, &facts->network, error) != 0 ||
        metadata_text(file, BR_KEY_SOURCE, &facts->source, error) != 0 ||
        metadata_number(file, BR_KEY_SEED, 10, UINT64_MAX, &facts->seed, error) != 0 ||
        metadata_number(file, BR_KEY_DATA_HASH, 16, UINT64_MAX, &facts->data_hash, error) != 0 ||
        metadata_number(file, BR_KEY_PHASE, 10, UINT32_MAX, &phase, error) != 0 ||
        metadata_number(file, BR_KEY_EPOCH, 10, UINT32_MAX, &epoch, error) != 0)
        return -1;
    facts->phase = (uint32_t)phase;
    facts->epoch = (uint32_t)epoch;
    facts->lines = optional_text(file, BR_KEY_LINES);
    facts->schema = optional_text(file, BR_KEY_SCHEMA);
    facts->history = optional_text(file, BR_KEY_HISTORY);
    return check_schema(file, error) == 0 ? check_history(file, error) : -1;
}

/* FNV-1a over every byte of the file; it identifies the model. */
static int hash_file(br_model_file *file, FILE *from, br_error *error)
{
    uint8_t part[4096];
    file->hash = BR_HASH_START;
    rewind(from);
    for (size_t n; (n = fread(part, 1, sizeof part, from)) > 0;)
        file->hash = br_hash_bytes(file->hash, part, n);
    return ferror(from) ? br_fail(error, BR_ERROR_IO, "%s: can't be read: %s", file->path, strerror(errno)) : 0;
}

/* ---- the handle ---- */

int br_store_read(br_model_file *file, FILE *from, uint64_t size, br_error *error)
{
    uint64_t data_bytes = 0;
    if (read_header(file, from, size, &data_bytes, error) != 0 || check_origin(file, error) != 0 ||
        read_facts(file, error) != 0 || br_store_read_entries(file, error) != 0 ||
        br_store_check_cover(file, data_bytes, size, error) != 0)
        return -1;
    return br_store_read_tensors(file, from, error) == 0 ? hash_file(file, from, error) : -1;
}

static int read_file(br_model_file *file, FILE *from, br_error *error)
{
    struct stat facts;
    if (fstat(fileno(from), &facts) != 0)
        return br_fail(error, BR_ERROR_IO, "%s: can't be read: %s", file->path, strerror(errno));
    if (!S_ISREG(facts.st_mode))
        return br_fail(error, BR_ERROR_IO, "%s: is not a regular file; give a model file", file->path);
    return br_store_read(file, from, (uint64_t)facts.st_size, error);
}

int br_model_read(FILE *from, const char *name, br_model_file **out, br_error *error)
{
    *out = NULL;
    br_model_file *file = br_new(1, sizeof *file, error);
    if (!file)
        return -1;
    file->path = br_copy_string(name, error);
    rewind(from);
    if (!file->path || read_file(file, from, error) != 0) {
        br_model_close(file);
        return -1;
    }
    *out = file;
    return 0;
}

FILE *br_store_open(const char *path, bool *missing, br_error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    FILE *from = descriptor >= 0 ? fdopen(descriptor, "rb") : NULL;
    *missing = descriptor < 0 && errno == ENOENT;
    if (from)
        return from;
    br_fail(error, BR_ERROR_IO, "%s: can't be opened: %s", path, strerror(errno));
    if (descriptor >= 0)
        close(descriptor);
    return NULL;
}

int br_model_open(const char *path, br_model_file **out, br_error *error)
{
    bool missing;
    *out = NULL;
    FILE *from = br_store_open(path, &missing, error);
    if (!from)
        return -1;
    int result = br_model_read(from, path, out, error);
    fclose(from);
    return result;
}

void br_model_close(br_model_file *file)
{
    if (!file)
        return;
    for (uint32_t i = 0; i < file->tensor_count; i++)
        br_release(file->tensors[i].bytes);
    br_release(file->tensors);
    json_decref(file->header);
    br_release(file->path);
    br_release(file);
}

const br_file_facts *br_model_facts(const br_model_file *file)
{
    return &file->facts;
}

uint64_t br_model_hash(const br_model_file *file)
{
    return file->hash;
}
