/* LAPACK, loaded when whitening is learned. */
#ifndef BR_LAPACK_H
#define BR_LAPACK_H

#include "bouton/runtime.h"

/* The eigenvalues of a symmetric matrix, ascending, and its eigenvectors: those of its lower triangle in column-major
 * order, `matrix` [n][n]. One eigenvector replaces each column. `work` has `work_size` numbers, at least 3 n - 1. */
typedef struct br_eigen_job {
    int n;
    double *matrix, *eigenvalues, *work;
    int work_size;
} br_eigen_job;

/* BR_ERROR_IO: LAPACK is not installed. BR_ERROR_FAULT: too little memory for it, or it found no eigenvectors. */
int br_lapack_eigen(const br_eigen_job *job, br_error *error);

#endif
