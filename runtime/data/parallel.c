#include "runtime/data/parallel.h"

#include <pthread.h>

struct crew {
    pthread_mutex_t lock;
    uint32_t next, tasks, failed; /* failed: the lowest task that did */
    enum wf_status status;
    void *ctx;
    enum wf_status (*work)(void *ctx, unsigned thread, uint32_t task);
};

struct hand {
    struct crew *crew;
    unsigned number;
    pthread_t thread;
};

static void *toil(void *arg)
{
    struct hand *hand = arg;
    struct crew *crew = hand->crew;
    for (;;) {
        pthread_mutex_lock(&crew->lock);
        uint32_t task = crew->status ? crew->tasks : crew->next;
        crew->next += task < crew->tasks;
        pthread_mutex_unlock(&crew->lock);
        if (task >= crew->tasks)
            return NULL;
        enum wf_status status = crew->work(crew->ctx, hand->number, task);
        if (!status)
            continue;
        pthread_mutex_lock(&crew->lock);
        if (!crew->status || task < crew->failed) {
            crew->status = status;
            crew->failed = task;
        }
        pthread_mutex_unlock(&crew->lock);
    }
}

enum wf_status wf_parallel(unsigned threads, uint32_t tasks, void *ctx,
                           enum wf_status (*work)(void *ctx, unsigned thread, uint32_t task))
{
    struct crew crew = {.tasks = tasks, .ctx = ctx, .work = work};
    struct hand hands[WF_MAX_THREADS];
    unsigned started = 1;
    if (threads > WF_MAX_THREADS)
        threads = WF_MAX_THREADS;
    pthread_mutex_init(&crew.lock, NULL);
    for (; started < threads && started < tasks; started++) {
        hands[started] = (struct hand){.crew = &crew, .number = started};
        if (pthread_create(&hands[started].thread, NULL, toil, &hands[started]) != 0)
            break;
    }
    hands[0] = (struct hand){.crew = &crew};
    toil(&hands[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(hands[i].thread, NULL);
    pthread_mutex_destroy(&crew.lock);
    return crew.status;
}
