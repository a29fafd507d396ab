/* The order of the samples in each epoch. Each order is drawn in the background during the epoch before. */
#ifndef BR_ORDER_H
#define BR_ORDER_H

#include "base/background.h"
#include "bouton/runtime.h"

typedef struct br_orders {
    uint64_t seed;
    uint32_t count;         /* samples */
    uint32_t number;        /* of the next epoch, over all phases */
    uint32_t *order, *next; /* [count]: of the current epoch, and of the one after it */
    br_background drawing;  /* of `next` */
} br_orders;

int br_orders_new(br_orders *orders, uint64_t seed, uint32_t count, br_error *error);
void br_orders_free(br_orders *orders);

/* Draws the order of epoch `number`; each br_orders_take then begins to draw the next one. The struct must not move
 * until br_orders_end. */
void br_orders_begin(br_orders *orders, uint32_t number);
void br_orders_end(br_orders *orders);

/* The order of epoch `number`, which then increases by 1. It is valid until the next call. */
const uint32_t *br_orders_take(br_orders *orders);

#endif
