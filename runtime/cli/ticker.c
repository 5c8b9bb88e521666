#include "runtime/cli/ticker.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lang/base/words.h"

enum { TICK_MS = 100, FIRST_TICKS = 5 /* what is over at once needs no line */ };

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Full feeds alone are expected, so there may be more: then nothing is said of the time left. */
static void show_reading(uint64_t rows, uint64_t expected, double seconds)
{
    double rate = (double)rows / seconds;
    if (expected > rows && rate >= 1)
        fprintf(stderr, wf_word("reading: %" PRIu64 " rows, %.0f a second, about %.0f s left"),
                rows, rate, (double)(expected - rows) / rate);
    else
        fprintf(stderr, wf_word("reading: %" PRIu64 " rows, %.0f a second"), rows, rate);
}

static void show(struct wf_progress *progress, double seconds)
{
    fputs("\r\033[K", stderr);
    switch (atomic_load(&progress->part)) {
    case WF_PART_READ: show_reading(progress->rows, progress->expected, seconds); break;
    case WF_PART_GROUP: fputs(wf_word("bringing events together by member"), stderr); break;
    case WF_PART_DECIDE: fputs(wf_word("deciding"), stderr); break;
    case WF_PART_WRITE: fputs(wf_word("writing"), stderr); break;
    default: fputs(wf_word("opening the state"), stderr); break;
    }
    fflush(stderr);
}

static void *tick(void *arg)
{
    struct wf_ticker *ticker = arg;
    const struct timespec pause = {.tv_nsec = TICK_MS * 1000000L};
    double start = seconds_now();
    bool shown = false;
    for (int ticks = 0; !ticker->stop; ticks++) {
        nanosleep(&pause, NULL);
        if (ticks >= FIRST_TICKS && !ticker->stop) {
            show(&ticker->progress, seconds_now() - start);
            shown = true;
        }
    }
    if (shown)
        fputs("\r\033[K", stderr);
    return NULL;
}

void wf_ticker_start(struct wf_ticker *ticker, bool wanted)
{
    *ticker = (struct wf_ticker){.ticking = false};
    ticker->ticking =
        wanted && isatty(STDERR_FILENO) && pthread_create(&ticker->thread, NULL, tick, ticker) == 0;
}

void wf_ticker_stop(struct wf_ticker *ticker)
{
    if (!ticker->ticking)
        return;
    ticker->stop = true;
    pthread_join(ticker->thread, NULL);
    ticker->ticking = false;
}
