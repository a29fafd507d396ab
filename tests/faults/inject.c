/* Makes one call of a running program fail. Loaded before all other libraries (LD_PRELOAD).
 *
 *     FAULTS_LOG=FILE     log of events, one a line: "site HASH KIND" for the first call of each site; "failed KIND"
 *                         and a line "at ADDRESS" for each of its callers; "leaks N", blocks never freed, at the end
 *     FAULTS_FAIL=HASH    the first call of that site fails
 *
 * A site is a kind of call together with the program's functions that led to it. Calls from the program and from the
 * small libraries it uses count. Calls from LLVM, the C library and the C++ library do not. Blocks of memory that the
 * program itself allocated, and that are not freed at its end, are leaks. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum { FRAMES = 12, SITES = 1 << 14, BLOCKS = 1 << 20, PLACES = 16 };

typedef struct place { /* one loaded object whose calls count */
    uintptr_t from, to, base;
    bool program;
} place;

static place places[PLACES];
static int place_count;
static uint64_t sites[SITES];
static void *blocks[BLOCKS];
static uint64_t wanted;
static bool failing, failed, ready;
static int log_to = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread bool inside;

/* ---- the log, without the C library's streams ---- */

static void note(const char *format, ...)
{
    char line[128];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    static ssize_t (*real)(int, const void *, size_t);
    if (!real)
        real = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (log_to >= 0 && length > 0)
        real(log_to, line, (size_t)length);
}

/* ---- whose call is it? ---- */

static int take_object(struct dl_phdr_info *info, size_t size, void *user)
{
    static const char *const counted[] = {"libjansson", "libpng", "libjpeg", "libgif", "libwebp", "libz."};
    bool program = info->dlpi_name[0] == '\0', small = false;
    (void)size, (void)user;
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++)
        small = small || strstr(info->dlpi_name, counted[i]) != NULL;
    for (int i = 0; (program || small) && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) && place_count < PLACES)
            places[place_count++] = (place){info->dlpi_addr + part->p_vaddr,
                                            info->dlpi_addr + part->p_vaddr + part->p_memsz, info->dlpi_addr, program};
    }
    return 0;
}

static const place *place_of(const void *address)
{
    for (int i = 0; i < place_count; i++)
        if ((uintptr_t)address >= places[i].from && (uintptr_t)address < places[i].to)
            return &places[i];
    return NULL;
}

__attribute__((constructor)) static void begin(void)
{
    void *frames[2];
    const char *log = getenv("FAULTS_LOG"), *fail = getenv("FAULTS_FAIL");
    inside = true;
    backtrace(frames, 2); /* the first call loads a library */
    int (*real_open)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
    if (log)
        log_to = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (fail) {
        wanted = strtoull(fail, NULL, 16);
        failing = true;
    }
    unsetenv("LD_PRELOAD"); /* no faults in a linker that the program starts */
    dl_iterate_phdr(take_object, NULL);
    inside = false;
    ready = true;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    return (hash ^ word) * 0x100000001b3ull;
}

/* Logs a new site. Returns whether this call must fail. */
static bool meets(const char *kind, const void *caller)
{
    void *frames[FRAMES];
    if (!ready || inside || !place_of(caller))
        return false;
    inside = true;
    int count = backtrace(frames, FRAMES);
    uint64_t hash = 0xcbf29ce484222325ull;
    for (const char *c = kind; *c; c++)
        hash = mix(hash, (uint64_t)*c);
    for (int i = 0, used = 0; i < count && used < 5; i++) {
        const place *p = place_of(frames[i]);
        if (!p || !p->program)
            continue;
        hash = mix(hash, (uintptr_t)frames[i] - p->base);
        used++;
    }
    pthread_mutex_lock(&lock);
    uint64_t at = hash % SITES;
    while (sites[at] != 0 && sites[at] != hash)
        at = (at + 1) % SITES;
    bool first = sites[at] == 0;
    sites[at] = hash;
    bool fails = failing && !failed && hash == wanted;
    failed = failed || fails;
    pthread_mutex_unlock(&lock);
    if (first && !failing)
        note("site %016llx %s\n", (unsigned long long)hash, kind);
    if (fails) {
        note("failed %s\n", kind);
        for (int i = 0; i < count; i++) { /* for addr2line -f -e BOUTON */
            const place *p = place_of(frames[i]);
            if (p && p->program)
                note("at %lx\n", (unsigned long)((uintptr_t)frames[i] - p->base));
        }
    }
    inside = false;
    return fails;
}

/* ---- leaks ---- */

static uint64_t slot_of(const void *block)
{
    uint64_t at = mix(7, (uintptr_t)block >> 4) % BLOCKS;
    while (blocks[at] && blocks[at] != block)
        at = (at + 1) % BLOCKS;
    return at;
}

static void *taken(void *block, const void *caller)
{
    const place *p = place_of(caller);
    if (!ready || inside || !block || !p || !p->program)
        return block;
    pthread_mutex_lock(&lock);
    blocks[slot_of(block)] = block;
    pthread_mutex_unlock(&lock);
    return block;
}

/* Removes a block from the hash table. Linear probing: the blocks that follow the gap are inserted again. */
static void given_back(void *block)
{
    if (!ready || !block)
        return;
    pthread_mutex_lock(&lock);
    uint64_t at = slot_of(block);
    if (blocks[at]) {
        blocks[at] = NULL;
        for (uint64_t next = (at + 1) % BLOCKS; blocks[next]; next = (next + 1) % BLOCKS) {
            void *moved = blocks[next];
            blocks[next] = NULL;
            blocks[slot_of(moved)] = moved;
        }
    }
    pthread_mutex_unlock(&lock);
}

__attribute__((destructor)) static void end(void)
{
    uint64_t count = 0;
    ready = false;
    for (uint64_t i = 0; i < BLOCKS; i++)
        count += blocks[i] != NULL;
    note("leaks %llu\n", (unsigned long long)count);
}

/* ---- the calls ---- */

#define CALLER __builtin_extract_return_addr(__builtin_return_address(0))
#define REAL(type, name, ...)                                                                                          \
    static type (*real)(__VA_ARGS__);                                                                                  \
    if (!real)                                                                                                         \
        real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name);

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static bool out_of_memory(const void *caller)
{
    if (!meets("memory", caller))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return out_of_memory(CALLER) ? NULL : taken(__libc_malloc(size), CALLER);
}

void *calloc(size_t count, size_t size)
{
    return out_of_memory(CALLER) ? NULL : taken(__libc_calloc(count, size), CALLER);
}

void *realloc(void *old, size_t size)
{
    if (out_of_memory(CALLER))
        return NULL;
    given_back(old);
    return taken(__libc_realloc(old, size), CALLER);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return out_of_memory(CALLER) ? NULL : taken(__libc_memalign(alignment, size), CALLER);
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = out_of_memory(CALLER) ? NULL : taken(__libc_malloc(size), CALLER);
    return copy ? memcpy(copy, text, size) : NULL;
}

void free(void *block)
{
    given_back(block);
    __libc_free(block);
}

/* jansson 2.14 follows a null pointer when it runs out of memory while scanning a string, so no call fails in there. */
struct json_t *json_loadb(const char *text, size_t length, size_t flags, void *error)
{
    REAL(struct json_t *, "json_loadb", const char *, size_t, size_t, void *)
    inside = true;
    struct json_t *value = real(text, length, flags, error);
    inside = false;
    return value;
}

static bool fails_with(const char *kind, const void *caller, int cause)
{
    if (!meets(kind, caller))
        return false;
    errno = cause;
    return true;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    REAL(int, "open", const char *, int, ...)
    return fails_with("open", CALLER, EMFILE) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    REAL(int, "open64", const char *, int, ...)
    return fails_with("open", CALLER, EMFILE) ? -1 : real(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    REAL(int, "openat", int, const char *, int, ...)
    return fails_with("open", CALLER, EMFILE) ? -1 : real(folder, path, flags, mode);
}

FILE *fopen(const char *path, const char *mode)
{
    REAL(FILE *, "fopen", const char *, const char *)
    return fails_with("open", CALLER, EMFILE) ? NULL : real(path, mode);
}

FILE *fdopen(int descriptor, const char *mode)
{
    REAL(FILE *, "fdopen", int, const char *)
    return fails_with("open", CALLER, ENOMEM) ? NULL : real(descriptor, mode);
}

FILE *open_memstream(char **text, size_t *size)
{
    REAL(FILE *, "open_memstream", char **, size_t *)
    return fails_with("memory", CALLER, ENOMEM) ? NULL : real(text, size);
}

ssize_t read(int descriptor, void *to, size_t count)
{
    REAL(ssize_t, "read", int, void *, size_t)
    return fails_with("read", CALLER, EIO) ? -1 : real(descriptor, to, count);
}

ssize_t write(int descriptor, const void *from, size_t count)
{
    REAL(ssize_t, "write", int, const void *, size_t)
    return fails_with("write", CALLER, ENOSPC) ? -1 : real(descriptor, from, count);
}

/* Sets the stream's error flag, which ferror reads. */
static void mark(FILE *stream, int cause)
{
    stream->_flags |= 0x20;
    errno = cause;
}

size_t fread(void *to, size_t size, size_t count, FILE *from)
{
    REAL(size_t, "fread", void *, size_t, size_t, FILE *)
    if (!meets("read", CALLER))
        return real(to, size, count, from);
    mark(from, EIO);
    return 0;
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *to)
{
    REAL(size_t, "fwrite", const void *, size_t, size_t, FILE *)
    if (!meets("write", CALLER))
        return real(from, size, count, to);
    mark(to, ENOSPC);
    return 0;
}

int fputs(const char *text, FILE *to)
{
    REAL(int, "fputs", const char *, FILE *)
    if (!meets("write", CALLER))
        return real(text, to);
    mark(to, ENOSPC);
    return EOF;
}

int fflush(FILE *stream)
{
    REAL(int, "fflush", FILE *)
    if (!stream || !meets("write", CALLER))
        return real(stream);
    mark(stream, ENOSPC);
    return EOF;
}

int fclose(FILE *stream)
{
    REAL(int, "fclose", FILE *)
    bool fails = meets("close", CALLER);
    int status = real(stream);
    if (!fails)
        return status;
    errno = EIO;
    return EOF;
}

int fsync(int descriptor)
{
    REAL(int, "fsync", int)
    return fails_with("fsync", CALLER, EIO) ? -1 : real(descriptor);
}

int ftruncate(int descriptor, off_t size)
{
    REAL(int, "ftruncate", int, off_t)
    return fails_with("truncate", CALLER, EIO) ? -1 : real(descriptor, size);
}

int rename(const char *from, const char *to)
{
    REAL(int, "rename", const char *, const char *)
    return fails_with("rename", CALLER, EIO) ? -1 : real(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    REAL(int, "renameat", int, const char *, int, const char *)
    return fails_with("rename", CALLER, EIO) ? -1 : real(from_folder, from, to_folder, to);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *user)
{
    REAL(int, "pthread_create", pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
    return meets("thread", CALLER) ? EAGAIN : real(thread, attributes, work, user);
}
