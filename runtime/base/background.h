/* One background task: it runs on a thread of its own, or immediately if no thread can be created. */
#ifndef BR_BACKGROUND_H
#define BR_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>

typedef struct br_background {
    pthread_t thread;
    bool running;
    void (*job)(void *user);
    void *user;
} br_background;

/* `background` and `user` must stay valid until br_background_end. */
void br_background_begin(br_background *background, void (*job)(void *user), void *user);

/* Waits for the task. Everything that the task wrote is visible afterwards. Returns at once if no task was begun. */
void br_background_end(br_background *background);

#endif
