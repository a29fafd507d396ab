/* Only whitening needs LAPACK, so the library is loaded here and not with the program. The usual one, OpenBLAS, starts a
 * thread for each processor when it is loaded, and where memory is limited its threads ask for it for ever. */
#include "encode/lapack.h"

#include <dlfcn.h>
#include <stdlib.h>

#include "base/memory.h"

#define LIBRARY "liblapack.so.3"
#define THREADS "OPENBLAS_NUM_THREADS"
/* OpenBLAS takes a buffer of 128 MiB, or asks again for ever; the library itself takes about 40 MiB. */
#define ROOM (192ull << 20)

/* dsyev of LAPACK in the calling convention of Fortran: everything by address, the lengths of texts at the end. */
typedef void dsyev_function(const char *vectors, const char *triangle, const int *n, double *matrix, const int *pitch,
                            double *eigenvalues, double *work, const int *work_size, int *info, size_t, size_t);

/* Loads the library with one thread of OpenBLAS: the result depends on the number of threads, and the matrices are
 * small. A number that the user has set stays. */
static void *load(br_error *error)
{
    if (br_memory_available() < ROOM) {
        br_fail(error, BR_ERROR_FAULT,
                "whitening: LAPACK needs %llu MiB of memory or address space, and less is available; raise the limit "
                "(ulimit -v), or train on a machine with more",
                ROOM >> 20);
        return NULL;
    }
    bool unset = getenv(THREADS) == NULL;
    if (unset)
        setenv(THREADS, "1", 1);
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (unset)
        unsetenv(THREADS);
    if (library == NULL)
        br_fail(error, BR_ERROR_IO,
                "whitening: LAPACK can't be loaded (%.200s); install it, on Debian with: apt-get install liblapack3",
                dlerror());
    return library;
}

int br_lapack_eigen(const br_eigen_job *job, br_error *error)
{
    int info = 0;
    void *library = load(error);
    if (library == NULL)
        return -1;
    union { /* a function's address comes as that of an object */
        void *object;
        dsyev_function *function;
    } dsyev = {.object = dlsym(library, "dsyev_")};
    if (dsyev.object == NULL) {
        dlclose(library);
        return br_fail(error, BR_ERROR_IO,
                       "whitening: " LIBRARY " has no dsyev; install another LAPACK, on Debian "
                       "with: apt-get install liblapack3");
    }
    dsyev.function("V", "L", &job->n, job->matrix, &job->n, job->eigenvalues, job->work, &job->work_size, &info, 1, 1);
    dlclose(library); /* it stays loaded: RTLD_NODELETE */
    if (info == 0)
        return 0;
    return br_fail(error, BR_ERROR_FAULT,
                   "whitening: LAPACK found no eigenvectors of the %d dimensions (dsyev: %d); try another seed", job->n,
                   info);
}
