#include "runtime/run/relay.h"

#include <pthread.h>

/* Decisions a part; parts that may be ahead of the one that is wanted. */
enum { PART = 1024, AHEAD = 16 };

struct slot {
    struct wf_sheet sheet;
    bool done;
};

/*
 * Parts 0 .. n - 1 are what left, n .. 2n - 1 what was stopped; each in slot part % AHEAD.
 *
 *   wanted ... next ... wanted + AHEAD      written or being written | free to be taken
 */
struct wf_relay {
    const struct wf_publish *publish;
    struct wf_rows *rows; /* of the thread that wants them */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t n, wanted, next;
    bool stopped, lent;
    struct slot slots[AHEAD];
};

struct wf_relay *wf_relay_new(const struct wf_publish *publish)
{
    const struct wf_alloc *alloc = publish->night->alloc;
    struct wf_relay *relay = wf_calloc(alloc, 1, sizeof(*relay));
    if (!relay)
        return NULL;
    relay->publish = publish;
    relay->n = publish->outcome->n_decisions / PART + 1;
    relay->rows = wf_rows_new(publish);
    pthread_mutex_init(&relay->mutex, NULL);
    pthread_cond_init(&relay->changed, NULL);
    if (relay->rows)
        return relay;
    wf_relay_free(relay);
    return NULL;
}

void wf_relay_free(struct wf_relay *relay)
{
    if (!relay)
        return;
    for (size_t i = 0; i < AHEAD; i++)
        wf_buf_release(&relay->slots[i].sheet.buf);
    wf_rows_free(relay->rows);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->mutex);
    wf_free(relay->publish->night->alloc, relay);
}

/* Takes the next part and writes it. Called with the mutex held, which it lets go meanwhile. */
static void write_next(struct wf_relay *relay, struct wf_rows *rows)
{
    const struct wf_publish *publish = relay->publish;
    size_t part = relay->next++, n = publish->outcome->n_decisions;
    struct slot *slot = &relay->slots[part % AHEAD];
    bool stopped = part >= relay->n;
    size_t from = (stopped ? part - relay->n : part) * PART;
    pthread_mutex_unlock(&relay->mutex);
    wf_sheet_open_part(&slot->sheet, publish->format == WF_FORMAT_JSONL,
                       stopped ? WF_SUPPRESSED_COLUMNS : WF_ACTION_COLUMNS, publish->night->alloc);
    wf_rows_put(rows, &slot->sheet, from, n - from < PART ? n : from + PART, stopped);
    pthread_mutex_lock(&relay->mutex);
    slot->done = true;
    pthread_cond_broadcast(&relay->changed);
}

static bool may_take(const struct wf_relay *relay)
{
    return relay->next < 2 * relay->n && relay->next < relay->wanted + AHEAD;
}

void wf_relay_help(struct wf_relay *relay)
{
    struct wf_rows *rows = wf_rows_new(relay->publish);
    pthread_mutex_lock(&relay->mutex);
    while (rows && !relay->stopped && relay->next < 2 * relay->n) {
        if (relay->lent && may_take(relay))
            write_next(relay, rows);
        else
            pthread_cond_wait(&relay->changed, &relay->mutex);
    }
    pthread_mutex_unlock(&relay->mutex);
    wf_rows_free(rows);
}

void wf_relay_lend(struct wf_relay *relay, bool lent)
{
    pthread_mutex_lock(&relay->mutex);
    relay->lent = lent;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->mutex);
}

void wf_relay_put(struct wf_relay *relay, struct wf_sheet *sheet, bool stopped)
{
    size_t end = stopped ? 2 * relay->n : relay->n;
    pthread_mutex_lock(&relay->mutex);
    while (relay->wanted < end && sheet->status == WF_OK) {
        struct slot *slot = &relay->slots[relay->wanted % AHEAD];
        if (!slot->done) {
            if (may_take(relay))
                write_next(relay, relay->rows);
            else
                pthread_cond_wait(&relay->changed, &relay->mutex);
            continue;
        }
        pthread_mutex_unlock(&relay->mutex);
        wf_sheet_join(sheet, &slot->sheet);
        pthread_mutex_lock(&relay->mutex);
        slot->done = false;
        relay->wanted++;
        pthread_cond_broadcast(&relay->changed);
    }
    pthread_mutex_unlock(&relay->mutex);
}

void wf_relay_stop(struct wf_relay *relay)
{
    pthread_mutex_lock(&relay->mutex);
    relay->stopped = true;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->mutex);
}
