/* The flat interface: what the header promises of arrays, training, answers, tensors, files, verbs and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bouton/bouton.h"

enum { SAMPLES = 200, SIDE = 6, VALUES = SIDE * SIDE, CLASSES = 3 };

static const char text[] = "network bars {\n"
                           "  input image(6x6);\n"
                           "  layer hidden = dense(20);\n"
                           "  layer class = dense(3);\n"
                           "}\n"
                           "schedule { seed 3; phase learn { correct hidden, class; epochs 6; batch 4; } }\n";

typedef struct fixture {
    bouton_status *status;
    bouton_network *network;
    bouton_array *x, *y;
    bouton_data *data;
    uint8_t pixels[SAMPLES][VALUES];
    uint8_t labels[SAMPLES];
} fixture;

static void draw(fixture *f)
{
    uint32_t random = 12345;
    for (int i = 0; i < SAMPLES; i++) {
        f->labels[i] = (uint8_t)(i % CLASSES);
        for (int v = 0; v < VALUES; v++) {
            random = random * 1664525 + 1013904223;
            int lit = v / SIDE == 2 * f->labels[i] || v / SIDE == 2 * f->labels[i] + 1;
            f->pixels[i][v] = (uint8_t)((lit ? 150 : 0) + (random >> 25) % 100);
        }
    }
}

static void succeed(const fixture *f, int code)
{
    if (code != BOUTON_OK)
        fail_msg("%d: %s", code, bouton_status_text(f->status));
    assert_int_equal(bouton_status_code(f->status), BOUTON_OK);
    assert_string_equal(bouton_status_text(f->status), "");
}

static void refuse(const fixture *f, int code, int wanted, const char *words)
{
    assert_int_equal(code, wanted);
    assert_int_equal(bouton_status_code(f->status), wanted);
    if (strstr(bouton_status_text(f->status), words) == NULL)
        fail_msg("%s", bouton_status_text(f->status));
}

static int begin(void **state)
{
    static const uint64_t shape[] = {SAMPLES, SIDE, SIDE};
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    draw(f);
    f->status = bouton_status_new();
    assert_non_null(f->status);
    succeed(f, bouton_compile("bars.btn", text, sizeof text - 1, NULL, &f->network, f->status));
    succeed(f, bouton_array_new(f->pixels, BOUTON_UINT8, 3, shape, NULL, &f->x, f->status));
    succeed(f, bouton_array_new(f->labels, BOUTON_UINT8, 1, shape, NULL, &f->y, f->status));
    succeed(f, bouton_data_new(&f->data, f->status));
    succeed(f, bouton_data_add(f->data, "train", f->x, f->y, f->status));
    *state = f;
    return 0;
}

static int end(void **state)
{
    fixture *f = *state;
    bouton_free(f->network);
    bouton_array_free(f->x);
    bouton_data_free(f->data);
    bouton_array_free(f->y);
    bouton_status_free(f->status);
    free(f);
    return 0;
}

static void train(fixture *f)
{
    succeed(f, bouton_train(f->network, f->data, -1, 1, NULL, NULL, f->status));
}

/* ---- training ---- */

static int count_epochs(void *user, const char *json)
{
    int *epochs = user;
    json_t *what = json_loads(json, 0, NULL);
    assert_non_null(what);
    if (json_object_get(what, "stage") == NULL) {
        assert_int_equal(json_integer_value(json_object_get(what, "epochs")), 6);
        assert_int_equal(json_integer_value(json_object_get(what, "total")), SAMPLES);
        *epochs += json_is_true(json_object_get(what, "end"));
    }
    json_decref(what);
    return 0;
}

static int stop_at_once(void *user, const char *json)
{
    (void)user;
    return strstr(json, "\"end\":true") != NULL;
}

static void it_learns_and_answers(void **state)
{
    fixture *f = *state;
    int epochs = 0, right = 0;
    uint32_t labels[SAMPLES];
    float levels[SAMPLES][CLASSES], shares[SAMPLES][CLASSES];
    assert_false(bouton_trained(f->network));
    assert_int_equal(bouton_values(f->network), VALUES);
    assert_int_equal(bouton_classes(f->network), CLASSES);
    succeed(f, bouton_train(f->network, f->data, -1, 1, count_epochs, &epochs, f->status));
    assert_true(bouton_trained(f->network));
    assert_int_equal(epochs, 6);
    succeed(f, bouton_predict(f->network, f->x, labels, levels[0], shares[0], f->status));
    for (int i = 0; i < SAMPLES; i++) {
        right += labels[i] == f->labels[i];
        assert_true(shares[i][0] + shares[i][1] + shares[i][2] > 0.999f);
        assert_true(levels[i][labels[i]] >= levels[i][0] && levels[i][labels[i]] <= 1);
    }
    assert_true(right > SAMPLES * 9 / 10);
}

/* The same bytes for any threads, layout and type of the same values, and after another training in between. */
static void the_model_depends_on_values_alone(void **state)
{
    fixture *f = *state;
    static int64_t wide[SAMPLES];
    static uint8_t mirrored[SAMPLES][VALUES];
    static const uint64_t shape[] = {SAMPLES, SIDE, SIDE};
    const int64_t backwards[] = {VALUES, SIDE, -1};
    char *one, *other;
    size_t size, other_size;
    train(f);
    succeed(f, bouton_save_bytes(f->network, &one, &size, f->status));
    for (int i = 0; i < SAMPLES; i++) {
        wide[i] = f->labels[i];
        for (int v = 0; v < VALUES; v++)
            mirrored[i][v] = f->pixels[i][v / SIDE * SIDE + SIDE - 1 - v % SIDE];
    }
    bouton_array *x, *y;
    bouton_data *data;
    succeed(f, bouton_array_new(&mirrored[0][SIDE - 1], BOUTON_UINT8, 3, shape, backwards, &x, f->status));
    succeed(f, bouton_array_new(wide, BOUTON_INT64, 1, shape, NULL, &y, f->status));
    assert_true(bouton_array_copies(x) && !bouton_array_copies(f->x));
    succeed(f, bouton_data_new(&data, f->status));
    succeed(f, bouton_data_add(data, "train", x, y, f->status));
    succeed(f, bouton_train(f->network, data, 77, 2, NULL, NULL, f->status));
    succeed(f, bouton_save_bytes(f->network, &other, &other_size, f->status));
    assert_false(size == other_size && memcmp(one, other, size) == 0); /* another seed */
    bouton_release(other);
    succeed(f, bouton_train(f->network, data, 3, 2, NULL, NULL, f->status));
    succeed(f, bouton_save_bytes(f->network, &other, &other_size, f->status));
    assert_int_equal(size, other_size);
    assert_memory_equal(one, other, size);
    bouton_release(one);
    bouton_release(other);
    bouton_data_free(data);
    bouton_array_free(x);
    bouton_array_free(y);
}

static void it_can_be_stopped_and_go_on(void **state)
{
    fixture *f = *state;
    char *json;
    int code = bouton_train(f->network, f->data, -1, 1, stop_at_once, NULL, f->status);
    refuse(f, code, BOUTON_STOPPED, "stopped");
    assert_true(bouton_trained(f->network));
    succeed(f, bouton_history(f->network, &json, f->status));
    json_t *history = json_loads(json, 0, NULL);
    assert_int_equal(json_array_size(history), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(history, 0), "phase")), "learn");
    json_decref(history);
    bouton_release(json);
    succeed(f, bouton_train_on(f->network, f->data, -1, 1, NULL, NULL, f->status));
    succeed(f, bouton_history(f->network, &json, f->status));
    history = json_loads(json, 0, NULL);
    assert_int_equal(json_array_size(history), 6);
    json_decref(history);
    bouton_release(json);
}

/* ---- files ---- */

/* A loaded model answers alike, writes the same bytes, tells the same, and can learn more. */
static void a_model_comes_back(void **state)
{
    fixture *f = *state;
    char path[] = "/tmp/bouton-flat-XXXXXX", *one, *other;
    size_t size, other_size;
    bouton_network *loaded, *held;
    float levels[2][SAMPLES][CLASSES];
    int folder = mkstemp(path);
    assert_true(folder >= 0);
    close(folder);
    train(f);
    succeed(f, bouton_save(f->network, path, f->status));
    succeed(f, bouton_save_bytes(f->network, &one, &size, f->status));
    succeed(f, bouton_load(path, NULL, &loaded, f->status));
    succeed(f, bouton_load_bytes("held", one, size, NULL, &held, f->status));
    succeed(f, bouton_predict(f->network, f->x, NULL, levels[0][0], NULL, f->status));
    bouton_network *const both[] = {loaded, held};
    for (int i = 0; i < 2; i++) {
        succeed(f, bouton_predict(both[i], f->x, NULL, levels[1][0], NULL, f->status));
        assert_memory_equal(levels[0], levels[1], sizeof levels[0]);
        succeed(f, bouton_save_bytes(both[i], &other, &other_size, f->status));
        assert_int_equal(size, other_size);
        assert_memory_equal(one, other, size);
        bouton_release(other);
        succeed(f, bouton_train_on(both[i], f->data, -1, 1, NULL, NULL, f->status));
        succeed(f, bouton_predict(both[i], f->x, NULL, levels[1][0], NULL, f->status));
        refuse(f, bouton_train(both[i], f->data, -1, 1, NULL, NULL, f->status), BOUTON_USAGE,
               "already a trained model");
        bouton_free(both[i]);
    }
    one[size / 2] = (char)(one[size / 2] ^ 0x80);
    one[9] = '!';
    refuse(f, bouton_load_bytes("damaged", one, size, NULL, &held, f->status), BOUTON_IO, "damaged");
    assert_null(held);
    bouton_release(one);
    unlink(path);
}

static void layers_are_copied(void **state)
{
    fixture *f = *state;
    bouton_tensor *alpha, *sign, *theta;
    uint64_t shape[4];
    train(f);
    succeed(f, bouton_tensor_new(f->network, "hidden", "alpha", &alpha, f->status));
    succeed(f, bouton_tensor_new(f->network, "hidden", "sign", &sign, f->status));
    succeed(f, bouton_tensor_new(f->network, "class", "theta", &theta, f->status));
    refuse(f, bouton_tensor_new(f->network, "hiden", "alpha", &(bouton_tensor *){NULL}, f->status), BOUTON_USAGE,
           "no layer 'hiden'");
    refuse(f, bouton_tensor_new(f->network, "hidden", "gain", &(bouton_tensor *){NULL}, f->status), BOUTON_USAGE,
           "hidden has no 'gain'; it has alpha, theta, sign");
    refuse(f, bouton_tensor_new(f->network, "hidden", "weights", &(bouton_tensor *){NULL}, f->status), BOUTON_USAGE,
           "has no 'weights'");
    bouton_free(f->network); /* the tensors stay */
    f->network = NULL;
    assert_int_equal(bouton_tensor_shape(alpha, shape), 2);
    assert_true(shape[0] == 20 && shape[1] == VALUES && shape[2] == 1);
    assert_int_equal(bouton_tensor_type(sign), BOUTON_INT8);
    assert_int_equal(bouton_tensor_shape(theta, shape), 1);
    const float *bounds = bouton_tensor_values(alpha);
    const int8_t *signs = bouton_tensor_values(sign);
    for (int i = 0; i < 20 * VALUES; i++)
        assert_true(bounds[i] >= 0 && bounds[i] < 1 && (signs[i] == 1 || signs[i] == -1));
    bouton_tensor_free(theta);
    bouton_tensor_free(alpha);
    bouton_tensor_free(sign);
}

/* ---- reasons, scores, verbs ---- */

static void it_tells_why_and_scores(void **state)
{
    fixture *f = *state;
    char *json;
    train(f);
    succeed(f, bouton_why(f->network, f->x, 1, -1, &json, f->status));
    json_t *all = json_loads(json, 0, NULL);
    const json_t *why = json_object_get(json_array_get(json_object_get(all, "predictions"), 0), "why");
    assert_non_null(why);
    double sum = json_number_value(json_object_get(why, "thresholds"));
    const json_t *adds = json_object_get(why, "adds");
    assert_int_equal(json_array_size(adds), VALUES);
    for (size_t i = 0; i < VALUES; i++)
        sum += json_number_value(json_array_get(adds, i));
    double drive = json_number_value(json_object_get(why, "drive"));
    assert_true(sum > drive - 1e-4 && sum < drive + 1e-4);
    json_decref(all);
    bouton_release(json);
    refuse(f, bouton_why(f->network, f->x, SAMPLES, -1, &json, f->status), BOUTON_USAGE, "no sample 200");
    refuse(f, bouton_why(f->network, f->x, 0, 3, &json, f->status), BOUTON_USAGE, "class");
    succeed(f, bouton_score(f->network, f->x, f->y, &json, f->status));
    all = json_loads(json, 0, NULL);
    assert_int_equal(json_integer_value(json_object_get(all, "samples")), SAMPLES);
    assert_true(json_number_value(json_object_get(all, "accuracy")) > 0.9);
    json_decref(all);
    bouton_release(json);
}

static void verbs_run(void **state)
{
    fixture *f = *state;
    char *printed, path[] = "/tmp/bouton-flat-XXXXXX";
    succeed(f, bouton_describe(f->network, &printed, f->status)); /* of a text, too */
    assert_non_null(strstr(printed, "\"trained\": null"));
    bouton_release(printed);
    train(f);
    succeed(f, bouton_describe(f->network, &printed, f->status));
    assert_non_null(strstr(printed, "\"network\": \"bars\""));
    bouton_release(printed);
    assert_non_null(mkdtemp(path));
    char out[64];
    snprintf(out, sizeof out, "%s/bars.h", path);
    const char *const header[] = {"--emit=header", "-o", out, NULL};
    succeed(f, bouton_run(f->network, "build", header, &printed, f->status));
    assert_non_null(strstr(printed, "wrote "));
    bouton_release(printed);
    assert_int_equal(access(out, R_OK), 0);
    unlink(out);
    rmdir(path);
    refuse(f, bouton_run(f->network, "train", NULL, NULL, f->status), BOUTON_USAGE, "'train' is no verb");
    refuse(f, bouton_run(f->network, "info", NULL, NULL, f->status), BOUTON_USAGE, "add --json");
    bouton_network *with;
    succeed(f, bouton_compile("bars.btn", text, sizeof text - 1, (const char *const[]){"--data=/", "--threads=1", NULL},
                              &with, f->status));
    succeed(f, bouton_train(with, f->data, -1, 1, NULL, NULL, f->status));
    succeed(f, bouton_describe(with, &printed, f->status));
    bouton_release(printed);
    bouton_free(with);
    const char *const wrong[] = {"--emti=header", NULL};
    refuse(f, bouton_run(f->network, "build", wrong, NULL, f->status), BOUTON_USAGE, "did you mean --emit?");
}

/* A page about several models is written by another function than one about a single model. */
static void pages_about_several_models_print_nothing(void **state)
{
    fixture *f = *state;
    char *printed, path[] = "/tmp/bouton-flat-XXXXXX", other[64], page[64];
    train(f);
    assert_non_null(mkdtemp(path));
    snprintf(other, sizeof other, "%s/other.safetensors", path);
    snprintf(page, sizeof page, "%s/both.html", path);
    succeed(f, bouton_save(f->network, other, f->status));
    succeed(f, bouton_run(f->network, "report", (const char *const[]){other, "-o", page, NULL}, &printed, f->status));
    assert_non_null(strstr(printed, "wrote "));
    bouton_release(printed);
    assert_int_equal(unlink(page), 0);
    assert_int_equal(unlink(other), 0);
    rmdir(path);
}

/* ---- errors ---- */

static void mistakes_are_told(void **state)
{
    fixture *f = *state;
    static const char mistake[] = "network n {\n  input vector(3);\n  layer a = dence(2);\n}\n";
    bouton_network *none = f->network;
    refuse(f, bouton_compile("m.btn", mistake, sizeof mistake - 1, NULL, &none, f->status), BOUTON_CHECK,
           "m.btn:3:13: error[E0202]: unknown word `dence`");
    assert_null(none);
    json_t *all = json_loads(bouton_status_diagnostics(f->status), 0, NULL);
    const json_t *first = json_array_get(json_object_get(all, "diagnostics"), 0);
    assert_string_equal(json_string_value(json_object_get(first, "code")), "E0202");
    assert_int_equal(json_integer_value(json_object_get(first, "line")), 3);
    json_decref(all);
    const char *const options[] = {"--set", "width=3", "--seed=4", NULL};
    refuse(f, bouton_compile("m.btn", text, sizeof text - 1, options, &none, f->status), BOUTON_USAGE,
           "--seed does not belong");
    refuse(f,
           bouton_compile("m.btn", text, sizeof text - 1, (const char *const[]){"--set", "width=3", NULL}, &none,
                          f->status),
           BOUTON_CHECK, "width");
    refuse(f, bouton_load("/nowhere/m.btn", NULL, &none, f->status), BOUTON_IO, "no such file");
    refuse(f,
           bouton_compile("m.btn", text, sizeof text - 1, (const char *const[]){"--cpu=z80", NULL}, &none, f->status),
           BOUTON_USAGE, "z80");
}

static void what_does_not_fit_is_refused(void **state)
{
    fixture *f = *state;
    uint32_t labels[SAMPLES];
    float wrong[2][VALUES] = {{0}};
    static const uint64_t shape[] = {2, SIDE, SIDE}, narrow[] = {2, SIDE, SIDE - 1}, none[] = {0, SIDE, SIDE};
    bouton_array *x, *y;
    char *json;
    refuse(f, bouton_predict(f->network, f->x, labels, NULL, NULL, f->status), BOUTON_USAGE, "not been trained");
    refuse(f, bouton_save(f->network, "/tmp/never", f->status), BOUTON_USAGE, "not been trained");
    refuse(f, bouton_train(f->network, NULL, -1, 1, NULL, NULL, f->status), BOUTON_CHECK, "names no data");
    train(f);
    wrong[1][7] = (float)(1 / (double)wrong[0][0]);
    succeed(f, bouton_array_new(wrong, BOUTON_FLOAT32, 3, shape, NULL, &x, f->status));
    refuse(f, bouton_predict(f->network, x, labels, NULL, NULL, f->status), BOUTON_CHECK,
           "X: row 1, column 1 of sample 1 is not a finite number");
    bouton_array_free(x);
    wrong[1][7] = 0;
    succeed(f, bouton_array_new(wrong, BOUTON_FLOAT32, 3, narrow, NULL, &x, f->status));
    refuse(f, bouton_predict(f->network, x, labels, NULL, NULL, f->status), BOUTON_CHECK, "its samples are 6x5");
    bouton_array_free(x);
    succeed(f, bouton_array_new(wrong, BOUTON_FLOAT32, 3, none, NULL, &x, f->status));
    refuse(f, bouton_predict(f->network, x, labels, NULL, NULL, f->status), BOUTON_CHECK, "0 sample(s)");
    bouton_array_free(x);
    refuse(f, bouton_array_new(wrong, 99, 3, shape, NULL, &x, f->status), BOUTON_USAGE, "no type");
    refuse(f, bouton_array_new(wrong, BOUTON_FLOAT32, 5, shape, NULL, &x, f->status), BOUTON_USAGE, "dimensions");
    refuse(f, bouton_array_new(wrong, BOUTON_FLOAT64, 2, (const uint64_t[]){UINT64_MAX / 4, 8}, NULL, &x, f->status),
           BOUTON_USAGE, "more bytes");
    f->labels[5] = CLASSES;
    succeed(f, bouton_array_new(f->labels, BOUTON_UINT8, 1, (const uint64_t[]){SAMPLES}, NULL, &y, f->status));
    refuse(f, bouton_score(f->network, f->x, y, &json, f->status), BOUTON_CHECK, "label");
    bouton_data *data;
    succeed(f, bouton_data_new(&data, f->status));
    refuse(f, bouton_data_add(data, "tests", f->x, y, f->status), BOUTON_USAGE, "no split");
    refuse(f, bouton_data_add(data, "train", f->x, f->x, f->status), BOUTON_CHECK, "each with one label");
    succeed(f, bouton_data_add(data, "train", f->x, y, f->status));
    refuse(f, bouton_data_add(data, "train", f->x, y, f->status), BOUTON_USAGE, "given already");
    refuse(f, bouton_train(f->network, data, -1, 1, NULL, NULL, f->status), BOUTON_CHECK,
           "sample 5 has label 3; the network knows 0 to 2");
    refuse(f, bouton_predict(f->network, f->x, labels, NULL, NULL, f->status), BOUTON_USAGE, "not been trained");
    train(f);
    bouton_data_free(data);
    bouton_array_free(y);
    static const float half[SAMPLES] = {[3] = 0.5f};
    succeed(f, bouton_array_new(half, BOUTON_FLOAT32, 1, (const uint64_t[]){SAMPLES}, NULL, &y, f->status));
    refuse(f, bouton_score(f->network, f->x, y, &json, f->status), BOUTON_CHECK, "label 3 is 0.5");
    bouton_array_free(y);
    assert_int_equal(bouton_predict(f->network, f->x, labels, NULL, NULL, NULL), BOUTON_OK); /* without a status */
}

/* ---- threads and processes ---- */

typedef struct asking {
    fixture *f;
    uint32_t labels[SAMPLES];
    int code;
} asking;

static void *ask(void *user)
{
    asking *a = user;
    for (int i = 0; i < 20 && a->code == 0; i++)
        a->code = bouton_predict(a->f->network, a->f->x, a->labels, NULL, NULL, NULL);
    return NULL;
}

static void two_threads_ask_while_a_third_trains(void **state)
{
    fixture *f = *state;
    static asking askings[2];
    pthread_t threads[2];
    train(f);
    for (int i = 0; i < 2; i++) {
        askings[i] = (asking){.f = f};
        assert_int_equal(pthread_create(&threads[i], NULL, ask, &askings[i]), 0);
    }
    train(f);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_true(askings[0].code == 0 && askings[1].code == 0);
    assert_memory_equal(askings[0].labels, askings[1].labels, sizeof askings[0].labels);
}

static void a_child_answers_and_trains(void **state)
{
    fixture *f = *state;
    uint32_t labels[SAMPLES];
    int ended;
    train(f);
    succeed(f, bouton_predict(f->network, f->x, labels, NULL, NULL, f->status));
    pid_t child = fork();
    if (child == 0) {
        uint32_t again[SAMPLES];
        int code = bouton_train(f->network, f->data, -1, 2, NULL, NULL, f->status);
        code = code != 0 ? code : bouton_predict(f->network, f->x, again, NULL, NULL, f->status);
        _exit(code == 0 && memcmp(labels, again, sizeof labels) == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_learns_and_answers, begin, end),
        cmocka_unit_test_setup_teardown(the_model_depends_on_values_alone, begin, end),
        cmocka_unit_test_setup_teardown(it_can_be_stopped_and_go_on, begin, end),
        cmocka_unit_test_setup_teardown(a_model_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(layers_are_copied, begin, end),
        cmocka_unit_test_setup_teardown(it_tells_why_and_scores, begin, end),
        cmocka_unit_test_setup_teardown(verbs_run, begin, end),
        cmocka_unit_test_setup_teardown(pages_about_several_models_print_nothing, begin, end),
        cmocka_unit_test_setup_teardown(mistakes_are_told, begin, end),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(two_threads_ask_while_a_third_trains, begin, end),
        cmocka_unit_test_setup_teardown(a_child_answers_and_trains, begin, end),
    };
    return cmocka_run_group_tests_name("flat", tests, NULL, NULL);
}
