/* One background task: it runs on a thread of its own, or immediately if no thread can be created. */
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

/* `beside` and `user` must stay valid until br_beside_end. */
void br_beside_begin(br_beside *beside, void (*job)(void *user), void *user);

/* Waits for the task. Everything that the task wrote is visible afterwards. Returns at once if no task was begun. */
void br_beside_end(br_beside *beside);

#endif
