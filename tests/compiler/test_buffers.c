/* Places of buffers in memory that is used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "plan/buffers.h"

enum { BUFFERS = 40, TIMES = 12, SIZES = 9 };

static bool meet(const bc_buffer *a, uint64_t at, const bc_buffer *b)
{
    bool together = a->from <= b->until && b->from <= a->until;
    return together && at < b->at + b->size && b->at < at + a->size;
}

/* Every place is free, no lower one is, and the size is that of the highest end. */
static void lowest_free_places(void **state)
{
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    for (int turn = 0; turn < 200; turn++) {
        bc_buffers all = {0};
        uint64_t size = 0;
        for (int i = 0; i < BUFFERS; i++) { /* capacities grow */
            uint32_t from = (uint32_t)(rand() % TIMES), until = from + (uint32_t)(rand() % TIMES);
            bc_buffer wanted = {.size = (uint64_t)(rand() % SIZES), .from = from, .until = until};
            uint64_t at = bc_buffers_take(&all, wanted.size, from, until), lowest = 0;
            for (bool clear = false; !clear; lowest += !clear) {
                clear = true;
                for (uint32_t b = 0; b + 1 < all.count; b++)
                    clear = clear && !meet(&wanted, lowest, &all.taken[b]);
            }
            assert_int_equal(at, lowest);
            size = at + wanted.size > size ? at + wanted.size : size;
        }
        assert_false(all.failed);
        assert_int_equal(all.size, size);
        bc_buffers_free(&all);
    }
}

static void too_large(void **state)
{
    (void)state;
    bc_buffers all = {0};
    bc_buffers_take(&all, UINT64_MAX - 1, 0, 1);
    assert_false(all.failed);
    assert_int_equal(bc_buffers_take(&all, 1, 2, 2), 0);
    assert_int_equal(all.count, 2);
    assert_int_equal(bc_buffers_take(&all, 2, 1, 1), 0);
    assert_true(all.failed);
    assert_int_equal(bc_buffers_take(&all, 1, 5, 5), 0); /* nothing more is taken */
    assert_int_equal(all.count, 2);
    bc_buffers_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lowest_free_places),
        cmocka_unit_test(too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
