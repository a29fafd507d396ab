#include "train/order.h"

#include "base/memory.h"
#include "data/batch.h"

enum { BACKGROUND_LEAST = 4096 }; /* samples; fewer are shuffled in less time than a thread takes to start */

int br_orders_new(br_orders *orders, uint64_t seed, uint32_t count, br_error *error)
{
    *orders = (br_orders){.seed = seed, .count = count};
    orders->order = br_new(count, sizeof *orders->order, error);
    orders->next = orders->order ? br_new(count, sizeof *orders->next, error) : NULL;
    return orders->next ? 0 : -1;
}

void br_orders_free(br_orders *orders)
{
    br_release(orders->next);
    br_release(orders->order);
}

static void draw_next(void *user)
{
    br_orders *orders = user;
    br_shuffle(orders->seed, orders->number, orders->count, orders->next);
}

void br_orders_begin(br_orders *orders, uint32_t number)
{
    orders->number = number;
    if (orders->count < BACKGROUND_LEAST)
        draw_next(orders);
    else
        br_background_begin(&orders->drawing, draw_next, orders);
}

void br_orders_end(br_orders *orders)
{
    br_background_end(&orders->drawing);
}

const uint32_t *br_orders_take(br_orders *orders)
{
    br_orders_end(orders);
    uint32_t *drawn = orders->next;
    orders->next = orders->order;
    orders->order = drawn;
    br_orders_begin(orders, orders->number + 1);
    return drawn;
}
