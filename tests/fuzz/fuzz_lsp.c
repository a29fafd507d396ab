/* Messages to the language server: framing, JSON, and every method. Whatever arrives, each answer is a well-formed frame
 * with one JSON object, every request is answered once, and the server is ready for the next message. */
#include <jansson.h>
#include <string.h>

#include "lsp/findings.h"
#include "lsp/server.h"
#include "target.h"

static const char FIELD[] = "Content-Length: ";

enum { FIELD_LENGTH = sizeof FIELD - 1, DIGITS = 7 };

/* Corrects the lengths of most inputs, so that bodies are read as they are meant. Seven digits are enough for all. */
void fuzz_mend(uint8_t *data, size_t size)
{
    uint8_t *at = size % 4 == 0 ? NULL : memmem(data, size, FIELD, FIELD_LENGTH);
    while (at != NULL) {
        uint8_t *digits = at + FIELD_LENGTH, *end = data + size;
        uint8_t *next = memmem(digits, (size_t)(end - digits), FIELD, FIELD_LENGTH);
        uint8_t *body = memmem(digits, (size_t)((next == NULL ? end : next) - digits), "\r\n\r\n", 4);
        if (body != NULL && body - digits == DIGITS) {
            char text[DIGITS + 1];
            snprintf(text, sizeof text, "%0*zu", DIGITS, (size_t)((next == NULL ? end : next) - body - 4) % 10000000);
            memcpy(digits, text, DIGITS);
        }
        at = next;
    }
}

/* libFuzzer's mutations, with lengths corrected. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most) __attribute__((weak));
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    (void)seed;
    size = LLVMFuzzerMutate(data, size, most);
    fuzz_mend(data, size);
    return size;
}

/* Counts the answers in what the server wrote. */
static size_t check_output(const char *text, size_t length)
{
    frame_reader reader = {.ended = true};
    size_t answers = 0;
    fuzz_require(frame_add(&reader, text, length));
    for (frame_status status; (status = frame_next(&reader)) != FRAME_END;) {
        fuzz_require(status == FRAME_MESSAGE);
        json_t *message = json_loadb(reader.body, reader.length, JSON_ALLOW_NUL, NULL);
        fuzz_require(json_is_object(message));
        bool result = json_object_get(message, "result") != NULL, error = json_object_get(message, "error") != NULL;
        fuzz_require(result + error + (json_object_get(message, "method") != NULL) == 1);
        answers += (result || error) && !json_is_null(json_object_get(message, "id"));
        json_decref(message);
    }
    fuzz_require(reader.begin == reader.end);
    frame_free(&reader);
    return answers;
}

/* Whether a body is a request that has to be answered under its id. */
static bool is_request(const char *text, size_t length)
{
    json_t *message = json_loadb(text, length, JSON_ALLOW_NUL, NULL), *id = json_object_get(message, "id");
    bool request = json_is_string(json_object_get(message, "method")) && (json_is_string(id) || json_is_integer(id));
    json_decref(message);
    return request;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = NULL;
    size_t length, requests = 0;
    lsp_state s = {.out = open_memstream(&text, &length), .published = json_object()};
    fuzz_require(s.out != NULL && frame_add(&s.in, (const char *)data, size));
    s.in.ended = true;
    for (frame_status status; !s.done && (status = frame_next(&s.in)) != FRAME_END;) {
        if (status == FRAME_BROKEN) {
            lsp_handle_broken(&s, s.in.reason);
            continue;
        }
        requests += is_request(s.in.body, s.in.length);
        lsp_handle(&s, s.in.body, s.in.length);
        if (s.changed && s.in.length % 2 == 0)
            lsp_publish(&s);
    }
    fuzz_require(!s.starved);
    fclose(s.out);
    fuzz_require(check_output(text, length) >= requests);
    lsp_end(&s);
    free(text);
    return 0;
}
