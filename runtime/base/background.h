/* One job beside the caller: on a thread of its own, or where none can be had at once. */
#ifndef BR_BESIDE_H
#define BR_BESIDE_H

#include <pthread.h>
#include <stdbool.h>

typedef struct br_beside {
    pthread_t thread;
    bool running;
    void (*job)(void *user);
    void *user;
} br_beside;

/* `beside` and what `user` points at stay where they are until br_beside_end. */
void br_beside_begin(br_beside *beside, void (*job)(void *user), void *user);

/* Waits for the job; what it wrote is seen from here on. Nothing was begun: nothing to wait for. */
void br_beside_end(br_beside *beside);

#endif
