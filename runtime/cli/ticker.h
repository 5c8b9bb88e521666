/*
 * ticker.h - a line on the terminal that says how far a night is.
 *
 * A thread of its own looks at the progress and writes to standard error, only where that is a
 * terminal; when it stops, the line is wiped away.
 */
#ifndef WF_CLI_TICKER_H
#define WF_CLI_TICKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "runtime/data/progress.h"

struct wf_ticker {
    struct wf_progress progress;
    pthread_t thread;
    bool ticking; /* the thread is there */
    atomic_bool stop;
};

/* `wanted`: false starts nothing, and stopping does nothing. A thread that cannot be had is no
 * error. */
void wf_ticker_start(struct wf_ticker *ticker, bool wanted);
void wf_ticker_stop(struct wf_ticker *ticker);

#endif
