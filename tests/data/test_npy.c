/* NPY files: versions, types, shapes, and false headers. */
#include <math.h>
#include <stdio.h>

#include "runtime/reading.h"

typedef struct npy_file {
    uint8_t bytes[512];
    size_t size;
} npy_file;

/* A file of the given version, header and values. */
static npy_file make(int version, const char *header, const void *values, size_t n)
{
    npy_file f = {.bytes = "\x93NUMPY"};
    size_t length = strlen(header), start = version == 1 ? 10 : 12;
    f.bytes[6] = (uint8_t)version;
    for (size_t i = 8; i < start; i++)
        f.bytes[i] = (uint8_t)(length >> 8 * (i - 8));
    memcpy(f.bytes + start, header, length);
    memcpy(f.bytes + start + length, values, n);
    f.size = start + length + n;
    return f;
}

#define HEADER(type, shape) "{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }\n"

static int shaped(const br_bytes *file, bt_shape shape, br_error *error)
{
    br_array out;
    br_notes notes = {0};
    int status = br_npy_inputs(PATH, file, shape, &notes, &out, error);
    br_array_free(&out);
    br_notes_free(&notes);
    return status;
}

static int inputs(const br_bytes *file, br_error *error)
{
    return shaped(file, (bt_shape){1, 2, 1}, error);
}

static int ten_labels(const br_bytes *file, br_error *error)
{
    br_labels out;
    int status = br_npy_labels(PATH, file, 10, &out, error);
    br_labels_free(&out);
    return status;
}

static void assert_header_refused(const char *header, const char *message)
{
    npy_file f = make(1, header, "\1\2\3\4\5\6", 6);
    assert_refused(inputs, f.bytes, f.size, BR_ERROR_IO, message);
}

static void versions_and_shapes_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        uint32_t count, height, width, channels;
    } cases[] = {
        {HEADER("|u1", "(2, 3)"), 2, 1, 3, 1},
        {HEADER("|u1", "(1, 2, 3)"), 1, 2, 3, 1},
        {HEADER("|u1", "(1, 1, 2, 3)"), 1, 1, 2, 3},
        {HEADER("|u1", "(2, 3)"), 1, 2, 3, 1}, /* one sample */
        {HEADER("|u1", "(6,)"), 1, 1, 6, 1},
        {"{\"shape\":(6,1),\"fortran_order\":False,\"descr\":\"<u1\"}", 6, 1, 1, 1},
    };
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            npy_file f = make(version, cases[i].header, "\1\2\3\4\5\6", 6);
            br_bytes file = {f.bytes, f.size};
            br_array out;
            br_error error;
            assert_true(br_npy_is(&file));
            br_notes notes = {0};
            bt_shape shape = {cases[i].height, cases[i].width, cases[i].channels};
            assert_int_equal(br_npy_inputs(PATH, &file, shape, &notes, &out, &error), 0);
            br_notes_free(&notes);
            assert_int_equal(out.count, cases[i].count);
            assert_int_equal(out.shape.height, cases[i].height);
            assert_int_equal(out.shape.width, cases[i].width);
            assert_int_equal(out.shape.channels, cases[i].channels);
            assert_memory_equal(out.bytes, "\1\2\3\4\5\6", 6);
            br_array_free(&out);
        }
}

static void every_type_is_read(void **state)
{
    (void)state;
    const int8_t i1[] = {-3, 100};
    const int16_t i2[] = {-3, 100};
    const uint16_t u2[] = {65535, 100};
    const int32_t i4[] = {-3, 100};
    const uint32_t u4[] = {4294967295u, 100};
    const int64_t i8[] = {-3, 100};
    const uint64_t u8[] = {1ull << 63, 100};
    const float f4[] = {-3, 100};
    const double f8[] = {-3, 100};
    const uint8_t f2[] = {0x00, 0xc2, 0x40, 0x56}, f2b[] = {0xc2, 0x00, 0x56, 0x40},
                  f4b[] = {0xc0, 0x40, 0, 0, 0x42, 0xc8, 0, 0};
    const uint8_t i2b[] = {0xff, 0xfd, 0, 100};
    const struct {
        const char *header;
        const void *values;
        size_t bytes;
        float first;
    } cases[] = {
        {HEADER("|i1", "(1, 2)"), i1, sizeof i1, -3},      {HEADER("<i2", "(1, 2)"), i2, sizeof i2, -3},
        {HEADER("<u2", "(1, 2)"), u2, sizeof u2, 65535},   {HEADER("<i4", "(1, 2)"), i4, sizeof i4, -3},
        {HEADER("<u4", "(1, 2)"), u4, sizeof u4, 0x1p32f}, {HEADER("<i8", "(1, 2)"), i8, sizeof i8, -3},
        {HEADER("<u8", "(1, 2)"), u8, sizeof u8, 0x1p63f}, {HEADER("<f4", "(1, 2)"), f4, sizeof f4, -3},
        {HEADER("<f8", "(1, 2)"), f8, sizeof f8, -3},      {HEADER("<f2", "(1, 2)"), f2, sizeof f2, -3},
        {HEADER(">f2", "(1, 2)"), f2b, sizeof f2b, -3},    {HEADER(">f4", "(1, 2)"), f4b, sizeof f4b, -3},
        {HEADER(">i2", "(1, 2)"), i2b, sizeof i2b, -3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        npy_file f = make(1, cases[i].header, cases[i].values, cases[i].bytes);
        br_array out;
        br_error error;
        br_notes notes = {0};
        assert_int_equal(br_npy_inputs(PATH, &(br_bytes){f.bytes, f.size}, (bt_shape){1, 2, 1}, &notes, &out, &error),
                         0);
        assert_true(out.floats[0] == cases[i].first && out.floats[1] == 100);
        br_array_free(&out);
        assert_truncations_refused(inputs, f.bytes, f.size);
    }
}

static void labels_are_read(void **state)
{
    (void)state;
    const int64_t wide[] = {7, 0, 9};
    const uint32_t wanted[] = {7, 0, 9};
    const char *const headers[] = {HEADER("<i8", "(3,)"), HEADER("<i8", "(3, 1)")};
    for (int i = 0; i < 2; i++) {
        npy_file f = make(1, headers[i], wide, sizeof wide);
        br_labels out;
        br_error error;
        assert_int_equal(br_npy_labels(PATH, &(br_bytes){f.bytes, f.size}, 10, &out, &error), 0);
        assert_int_equal(out.count, 3);
        assert_memory_equal(out.labels, wanted, sizeof wanted);
        br_labels_free(&out);
    }
}

static void bad_labels_are_refused(void **state)
{
    (void)state;
    const int32_t low[] = {1, -1}, high[] = {1, 10};
    npy_file f = make(1, HEADER("<i4", "(2,)"), low, 8);
    assert_refused(ten_labels, f.bytes, f.size, BR_ERROR_CHECK,
                   PATH
                   ": byte 72: sample 1 has the label -1, but the network's 10 classes are 0 to 9; the labels are -1 "
                   "to 1: number the classes from 0");
    f = make(1, HEADER("<i4", "(2,)"), high, 8);
    assert_refused(ten_labels, f.bytes, f.size, BR_ERROR_CHECK,
                   PATH
                   ": byte 72: sample 1 has the label 10, but the network's 10 classes are 0 to 9; the labels are 1 to "
                   "10: subtract 1 from all of them");
    const float halves[] = {1, 0.5f};
    f = make(1, HEADER("<f4", "(2,)"), halves, 8);
    assert_refused(ten_labels, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": byte 72: sample 1 has the label 0.5; labels are whole numbers");
    f = make(1, HEADER("<i4", "(1, 2)"), high, 8);
    assert_refused(ten_labels, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": the labels are one row, [1, 2]; save them with .ravel()");
}

static void values_that_are_none_are_refused(void **state)
{
    (void)state;
    const float bad[] = {1, 2, 3, NAN};
    const double large[] = {1, 1e300};
    npy_file f = make(1, HEADER("<f4", "(2, 2)"), bad, sizeof bad);
    assert_refused(inputs, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": byte 82: value 1 of sample 1 is not a finite 32-bit float");
    f = make(1, HEADER("<f8", "(1, 2)"), large, sizeof large);
    assert_refused(inputs, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": byte 78: value 1 of sample 0 is not a finite 32-bit float");
}

static void lying_headers_are_refused(void **state)
{
    (void)state;
    assert_header_refused(HEADER("|u1", "(2, 4)"),
                          PATH ": byte 76: the file ends 2 bytes before the array does; it is cut short");
    assert_header_refused(HEADER("|u1", "(2, 2)"), PATH ": byte 74: 2 bytes follow the array");
    assert_header_refused(HEADER("|u1", "(0, 2)"), PATH ": the array is empty: its shape is [0, 2]");
    assert_header_refused(HEADER("|u1", "(4294967296, 4294967296)"),
                          PATH ": the shape in the header is impossibly large");
    assert_header_refused(HEADER("|u1", "(99999999999999999999, 1)"),
                          PATH ": byte 80: a size in the shape is impossibly large");
    assert_header_refused(HEADER("<c8", "(1, 1)"), PATH
                          ": arrays of type <c8 are not read; save it as u1, i4 or f4, with .astype('f4') for example");
    assert_header_refused(HEADER("", "(1, 1)"), PATH
                          ": arrays of type  are not read; save it as u1, i4 or f4, with .astype('f4') for example");
    assert_header_refused("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
                          PATH ": byte 20: the array's type is not a plain one; save it as u1, i4 or f4");
    assert_header_refused("{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 3), }",
                          PATH ": byte 44: fortran_order is neither True nor False");
    assert_header_refused("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }",
                          PATH ": byte 36: the header gives the same key twice");
    assert_header_refused("{'descr': '|u1', 'fortran_order': False}",
                          PATH ": byte 50: the header lacks one of descr, fortran_order and shape");
    assert_header_refused("{'descr': '|u1', 'order': False, 'shape': (2, 3), }",
                          PATH ": the header has an unknown key `order`");
    assert_header_refused("{'shape': (1, 1, 1, 1, 1, 1, 1, 1, 1), }",
                          PATH ": byte 45: the array has too many dimensions");
    assert_header_refused("{'shape': (-1, 1), }", PATH ": byte 21: the shape holds something other than whole numbers");
    assert_header_refused("{'shape': 7, }", PATH ": byte 20: the shape is not a tuple");
    assert_header_refused("{'shape': (2, 3), } x", PATH ": byte 30: something follows the header's dictionary");
    assert_header_refused("nonsense", PATH ": byte 10: the header is not a dictionary");
}

static void wrong_magic_and_versions_are_refused(void **state)
{
    (void)state;
    npy_file f = make(4, HEADER("|u1", "(2, 3)"), "\1\2\3\4\5\6", 6);
    assert_refused(inputs, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": byte 6: NPY version 4 is unknown; 1 to 3 are supported");
    f = make(2, HEADER("|u1", "(2, 3)"), "\1\2\3\4\5\6", 6);
    f.bytes[11] = 0xff;
    assert_refused(inputs, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": byte 8: a header of 4278190140 bytes; the limit is 65536");
    f.bytes[0] = 'x';
    assert_refused(inputs, f.bytes, f.size, BR_ERROR_IO,
                   PATH ": byte 0: not an NPY file: it does not start with \\x93NUMPY");
    assert_refused(inputs, "PK\3\4", 4, BR_ERROR_IO,
                   PATH ": byte 0: an archive of arrays: write `npz` instead of `npy`, or save one array with "
                        "numpy.save");
}

static void mutations_do_no_harm(void **state)
{
    (void)state;
    const int32_t values[] = {1, 2, 3, 4, 5, 6};
    npy_file f = make(1, HEADER("<i4", "(2, 3)"), values, sizeof values);
    assert_mutations_survived(inputs, f.bytes, f.size, 10000);
    f = make(2, HEADER("<i4", "(6,)"), values, sizeof values);
    assert_mutations_survived(ten_labels, f.bytes, f.size, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_and_shapes_are_read),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(labels_are_read),
        cmocka_unit_test(bad_labels_are_refused),
        cmocka_unit_test(values_that_are_none_are_refused),
        cmocka_unit_test(lying_headers_are_refused),
        cmocka_unit_test(wrong_magic_and_versions_are_refused),
        cmocka_unit_test(mutations_do_no_harm),
    };
    return cmocka_run_group_tests_name("NPY", tests, NULL, NULL);
}
