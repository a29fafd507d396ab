/* The module for the MPI library with whose mpicc it is compiled. It moves bytes and nothing else: messages of at most
 * CHUNK bytes from rank to rank, and waits that can be given up, so that a rank whose peer has died can still write a
 * checkpoint. */
#include <mpi.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "provider.h"

#define CHUNK (1ull << 30) /* bytes of a message: counts are ints */

enum { TAG = 18, SPINS = 2000 };

typedef struct mpi_ranks {
    MPI_Comm all;
    bool (*gives_up)(void *user);
    void *user;
    MPI_Request *requests; /* [room] */
    MPI_Status *statuses;  /* [room]: read by nobody; one library's word for "none" is an address that gcc warns of */
    size_t count, room;
} mpi_ranks;

static int refuse(br_error *error, const char *what, int code)
{
    char text[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (code != MPI_SUCCESS)
        MPI_Error_string(code, text, &length);
    error->kind = BR_ERROR_IO;
    snprintf(error->message, sizeof error->message, "MPI: %s%s%.300s", what, text[0] != '\0' ? ": " : "", text);
    return -1;
}

static MPI_Request *next_request(mpi_ranks *m)
{
    if (m->count == m->room) {
        size_t room = m->room == 0 ? 64 : 2 * m->room;
        MPI_Request *grown = realloc(m->requests, room * sizeof *grown);
        if (grown != NULL)
            m->requests = grown;
        MPI_Status *statuses = grown != NULL ? realloc(m->statuses, room * sizeof *statuses) : NULL;
        if (statuses == NULL)
            return NULL;
        m->statuses = statuses;
        m->room = room;
    }
    return &m->requests[m->count];
}

/* Yields the processor to a rank that may share it, and sleeps if the wait is long. */
static void rest(unsigned turn)
{
    if (turn < SPINS)
        sched_yield();
    else
        nanosleep(&(struct timespec){0, 50000}, NULL);
}

static int wait_all(mpi_ranks *m, br_error *error)
{
    int done = 0, code = MPI_SUCCESS;
    for (unsigned turn = 0; done == 0; turn++) {
        code = MPI_Testall((int)m->count, m->requests, &done, m->statuses);
        if (code != MPI_SUCCESS)
            return refuse(error, "an exchange failed; a rank is gone", code);
        if (done == 0 && turn % 16 == 15 && m->gives_up(m->user))
            return refuse(error, "a rank is gone, so the training ends with the state of the last merge", MPI_SUCCESS);
        if (done == 0)
            rest(turn);
    }
    m->count = 0;
    return 0;
}

/* Posts the messages of one block; `sends`: to rank `peer`, otherwise from it. */
static int post(mpi_ranks *m, bool sends, char *bytes, uint64_t count, int peer, br_error *error)
{
    for (uint64_t at = 0; at < count; at += CHUNK) {
        int size = (int)(count - at < CHUNK ? count - at : CHUNK);
        MPI_Request *request = next_request(m);
        if (request == NULL)
            return refuse(error, "out of memory", MPI_SUCCESS);
        int code = sends ? MPI_Isend(bytes + at, size, MPI_BYTE, peer, TAG, m->all, request)
                         : MPI_Irecv(bytes + at, size, MPI_BYTE, peer, TAG, m->all, request);
        if (code != MPI_SUCCESS)
            return refuse(error, "a message can't be sent", code);
        m->count++;
    }
    return 0;
}

static int rank_of(const mpi_ranks *m, int *size)
{
    int rank = 0;
    MPI_Comm_rank(m->all, &rank);
    MPI_Comm_size(m->all, size);
    return rank;
}

static int exchange(void *user, const void *send, const uint64_t *send_bytes, void *take, const uint64_t *take_bytes,
                    br_error *error)
{
    mpi_ranks *m = user;
    int size, rank = rank_of(m, &size), status = 0;
    char *from = (char *)send, *to = take, *own_from = from, *own_to = to;
    for (int q = 0; status == 0 && q < size; q++) { /* what arrives has a place before anything is sent */
        if (q == rank)
            own_to = to;
        else
            status = post(m, false, to, take_bytes[q], q, error);
        to += take_bytes[q];
    }
    for (int q = 0; status == 0 && q < size; q++) {
        if (q == rank)
            own_from = from;
        else
            status = post(m, true, from, send_bytes[q], q, error);
        from += send_bytes[q];
    }
    if (status == 0)
        memcpy(own_to, own_from, send_bytes[rank]);
    return status == 0 ? wait_all(m, error) : status;
}

static int gather(void *user, void *data, const uint64_t *bytes, br_error *error)
{
    mpi_ranks *m = user;
    int size, rank = rank_of(m, &size), status = 0;
    char *at = data, *own = data;
    for (int q = 0; status == 0 && q < size; q++) {
        if (q == rank)
            own = at;
        else
            status = post(m, false, at, bytes[q], q, error);
        at += bytes[q];
    }
    for (int q = 0; status == 0 && q < size; q++)
        if (q != rank)
            status = post(m, true, own, bytes[rank], q, error);
    return status == 0 ? wait_all(m, error) : status;
}

static int share(void *user, void *data, uint64_t bytes, br_error *error)
{
    mpi_ranks *m = user;
    int status = 0;
    for (uint64_t at = 0; status == 0 && at < bytes; at += CHUNK) {
        int size = (int)(bytes - at < CHUNK ? bytes - at : CHUNK);
        MPI_Request *request = next_request(m);
        if (request == NULL)
            return refuse(error, "out of memory", MPI_SUCCESS);
        int code = MPI_Ibcast((char *)data + at, size, MPI_BYTE, 0, m->all, request);
        if (code != MPI_SUCCESS)
            return refuse(error, "a message can't be sent", code);
        m->count++;
        status = wait_all(m, error);
    }
    return status;
}

static int begin(bool (*gives_up)(void *user), void *user, br_ranks *out, br_error *error)
{
    int given = MPI_THREAD_SINGLE, size = 1;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_SERIALIZED, &given) != MPI_SUCCESS)
        return refuse(error, "can't be started", MPI_SUCCESS);
    if (given < MPI_THREAD_SERIALIZED)
        return refuse(error, "this library can't be called by several threads in turn", MPI_SUCCESS);
    mpi_ranks *m = calloc(1, sizeof *m);
    if (m == NULL)
        return refuse(error, "out of memory", MPI_SUCCESS);
    *m = (mpi_ranks){.all = MPI_COMM_WORLD, .gives_up = gives_up, .user = user};
    MPI_Comm_set_errhandler(m->all, MPI_ERRORS_RETURN);
    int rank = rank_of(m, &size);
    *out = (br_ranks){.rank = (uint32_t)rank,
                      .size = (uint32_t)size,
                      .user = m,
                      .exchange = exchange,
                      .gather = gather,
                      .share = share};
    return 0;
}

static void end(br_ranks *ranks)
{
    mpi_ranks *m = ranks->user;
    free(m->requests);
    free(m->statuses);
    free(m);
    MPI_Finalize();
}

static void stop(br_ranks *ranks, int status)
{
    const mpi_ranks *m = ranks->user;
    MPI_Abort(m->all, status);
    abort();
}

extern const ranks_provider bouton_mpi_provider;
__attribute__((visibility("default"))) const ranks_provider bouton_mpi_provider = {
    .version = RANKS_PROVIDER_VERSION, .begin = begin, .end = end, .abort = stop};
