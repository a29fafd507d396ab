/* The flat interface for R: what .Call needs. R's matrices lie column by column, which strides describe. */
#include <stdlib.h>
#include <string.h>

#include <R.h>
#include <Rinternals.h>

#include <bouton/bouton.h>

/* An error of R; what was made in this call is freed first. */
static void check(int code, bouton_status *status, bouton_array *x, bouton_array *y, bouton_data *data)
{
    char text[2000];
    snprintf(text, sizeof text, "%s", bouton_status_text(status));
    if (code == BOUTON_OK)
        return;
    bouton_data_free(data);
    bouton_array_free(x);
    bouton_array_free(y);
    bouton_status_free(status);
    Rf_error("%s", text);
}

static void finalize(SEXP pointer)
{
    bouton_free(R_ExternalPtrAddr(pointer));
    R_ClearExternalPtr(pointer);
}

SEXP r_bouton_version(void)
{
    return Rf_mkString(bouton_version());
}

SEXP r_bouton_compile(SEXP name, SEXP text)
{
    bouton_network *network;
    bouton_status *status = bouton_status_new();
    const char *words = CHAR(STRING_ELT(text, 0));
    check(bouton_compile(CHAR(STRING_ELT(name, 0)), words, strlen(words), NULL, &network, status), status, NULL, NULL,
          NULL);
    bouton_status_free(status);
    SEXP pointer = PROTECT(R_MakeExternalPtr(network, R_NilValue, R_NilValue));
    R_RegisterCFinalizerEx(pointer, finalize, TRUE);
    UNPROTECT(1);
    return pointer;
}

static int array_of(SEXP matrix, bouton_array **out, bouton_status *status)
{
    const uint64_t shape[] = {(uint64_t)Rf_nrows(matrix), (uint64_t)Rf_ncols(matrix)};
    const int64_t strides[] = {sizeof(double), (int64_t)(sizeof(double) * shape[0])};
    return bouton_array_new(REAL(matrix), BOUTON_FLOAT64, 2, shape, strides, out, status);
}

/* Calls the function of R at the end of each epoch, with the epoch and the accuracy. */
static int told(void *user, const char *json)
{
    const char *epoch = strstr(json, "\"epoch\":"), *accuracy = strstr(json, "\"accuracy\":");
    if (strstr(json, "\"end\":true") == NULL || epoch == NULL || accuracy == NULL)
        return 0;
    SEXP number = PROTECT(Rf_ScalarInteger(atoi(epoch + 8))), share = PROTECT(Rf_ScalarReal(atof(accuracy + 11)));
    SEXP call = PROTECT(Rf_lang3(user, number, share));
    int failed;
    R_tryEval(call, R_GlobalEnv, &failed); /* an error must not jump over the training */
    UNPROTECT(3);
    return failed;
}

SEXP r_bouton_train(SEXP network, SEXP X, SEXP y, SEXP progress)
{
    bouton_array *samples = NULL, *labels = NULL;
    bouton_data *data = NULL;
    bouton_status *status = bouton_status_new();
    const uint64_t count[] = {(uint64_t)XLENGTH(y)};
    int code = array_of(X, &samples, status);
    if (code == BOUTON_OK)
        code = bouton_array_new(INTEGER(y), BOUTON_INT32, 1, count, NULL, &labels, status);
    if (code == BOUTON_OK)
        code = bouton_data_new(&data, status);
    if (code == BOUTON_OK)
        code = bouton_data_add(data, "train", samples, labels, status);
    if (code == BOUTON_OK)
        code = bouton_train(R_ExternalPtrAddr(network), data, -1, 1, told, progress, status);
    check(code, status, samples, labels, data);
    bouton_data_free(data);
    bouton_array_free(samples);
    bouton_array_free(labels);
    bouton_status_free(status);
    return R_NilValue;
}

SEXP r_bouton_predict(SEXP network, SEXP X)
{
    bouton_array *samples = NULL;
    bouton_status *status = bouton_status_new();
    SEXP labels = PROTECT(Rf_allocVector(INTSXP, Rf_nrows(X)));
    int code = array_of(X, &samples, status);
    if (code == BOUTON_OK) /* labels are below 2^24, so both readings of 32 bits agree */
        code = bouton_predict(R_ExternalPtrAddr(network), samples, (uint32_t *)INTEGER(labels), NULL, NULL, status);
    check(code, status, samples, NULL, NULL);
    bouton_array_free(samples);
    bouton_status_free(status);
    UNPROTECT(1);
    return labels;
}
