#include "lsp/uri.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int digit(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

char *uri_path(const char *uri)
{
    static const char SCHEME[] = "file://";
    if (strncasecmp(uri, SCHEME, sizeof SCHEME - 1) != 0)
        return strdup(uri);
    const char *at = uri + sizeof SCHEME - 1;
    at += strcspn(at, "/"); /* the host */
    char *path = malloc(strlen(at) + 1), *end = path;
    if (path == NULL)
        return NULL;
    for (; *at != '\0' && *at != '?' && *at != '#'; at++) {
        bool escaped = at[0] == '%' && digit(at[1]) >= 0 && digit(at[2]) >= 0 && (at[1] != '0' || at[2] != '0');
        *end++ = escaped ? (char)(digit(at[1]) * 16 + digit(at[2])) : *at;
        at += escaped ? 2 : 0;
    }
    *end = '\0';
    return path;
}

char *uri_of(const char *path)
{
    static const char HEX[] = "0123456789ABCDEF", SCHEME[] = "file://";
    char *uri = malloc(sizeof SCHEME + 3 * strlen(path)), *end = uri;
    if (uri == NULL)
        return NULL;
    memcpy(uri, SCHEME, sizeof SCHEME - 1);
    end += sizeof SCHEME - 1;
    for (; *path != '\0'; path++) {
        unsigned char byte = (unsigned char)*path;
        if (byte < 0x80 && (isalnum(byte) || strchr("/-._~", byte) != NULL)) {
            *end++ = *path;
            continue;
        }
        *end++ = '%';
        *end++ = HEX[byte >> 4];
        *end++ = HEX[byte & 15];
    }
    *end = '\0';
    return uri;
}
