#include "base/background.h"

static void *run(void *argument)
{
    br_beside *beside = argument;
    beside->job(beside->user);
    return NULL;
}

void br_beside_begin(br_beside *beside, void (*job)(void *user), void *user)
{
    beside->job = job;
    beside->user = user;
    beside->running = pthread_create(&beside->thread, NULL, run, beside) == 0;
    if (!beside->running)
        job(user);
}

void br_beside_end(br_beside *beside)
{
    if (beside->running)
        pthread_join(beside->thread, NULL);
    beside->running = false;
}
