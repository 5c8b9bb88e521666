#include "runtime/store/rations.h"

#include <string.h>

/* A counter as bytes: kind, day, n, name with its NUL. */
enum { COUNTER_HEAD = 1 + 4 + 8 };

void wf_rations_init(struct wf_rations *rations, const struct wf_alloc *alloc)
{
    *rations = (struct wf_rations){.alloc = alloc};
}

void wf_rations_release(struct wf_rations *rations)
{
    for (size_t i = 0; i < rations->n_counters; i++)
        wf_free(rations->alloc, rations->counters[i].name);
    wf_free(rations->alloc, rations->counters);
    wf_free(rations->alloc, rations->held);
    wf_rations_init(rations, rations->alloc);
}

/* ---- counters ---- */

static int compare(const struct wf_counter *counter, enum wf_counter_kind kind, const char *name,
                   int32_t day)
{
    if (counter->kind != kind)
        return counter->kind < kind ? -1 : 1;
    int order = strcmp(counter->name, name);
    if (order != 0)
        return order;
    return counter->day < day ? -1 : counter->day > day;
}

enum wf_status wf_rations_count(struct wf_rations *rations, enum wf_counter_kind kind,
                                const char *name, int32_t day, int64_t n)
{
    size_t at = 0;
    while (at < rations->n_counters && compare(&rations->counters[at], kind, name, day) < 0)
        at++;
    if (at == rations->n_counters || compare(&rations->counters[at], kind, name, day) != 0) {
        char *copy = wf_strdup(rations->alloc, name);
        if (!copy || wf_grow(rations->alloc, &rations->counters, &rations->room_counters,
                             rations->n_counters + 1, sizeof(*rations->counters)) != 0) {
            wf_free(rations->alloc, copy);
            return WF_ERR_NOMEM;
        }
        struct wf_counter *gap = &rations->counters[at];
        memmove(gap + 1, gap, (rations->n_counters++ - at) * sizeof(*gap));
        *gap = (struct wf_counter){.kind = (uint8_t)kind, .day = day, .name = copy};
    }
    struct wf_counter *counter = &rations->counters[at];
    int64_t sum;
    counter->n =
        __builtin_add_overflow(counter->n, n, &sum) ? (n < 0 ? INT64_MIN : INT64_MAX) : sum;
    rations->counters_dirty = true;
    return WF_OK;
}

int64_t wf_rations_counted(const struct wf_rations *rations, enum wf_counter_kind kind,
                           const char *name, int64_t from, int64_t to)
{
    int64_t sum = 0;
    for (size_t i = 0; i < rations->n_counters; i++) {
        const struct wf_counter *counter = &rations->counters[i];
        if (counter->kind != kind || counter->day < from || counter->day >= to ||
            (name && strcmp(counter->name, name) != 0))
            continue;
        if (__builtin_add_overflow(sum, counter->n, &sum))
            return counter->n < 0 ? INT64_MIN : INT64_MAX;
    }
    return sum;
}

void wf_rations_forget(struct wf_rations *rations, int64_t day)
{
    size_t kept = 0;
    for (size_t i = 0; i < rations->n_counters; i++) {
        struct wf_counter *counter = &rations->counters[i];
        if (counter->kind == WF_COUNTER_ISSUED || counter->day >= day)
            rations->counters[kept++] = *counter;
        else
            wf_free(rations->alloc, counter->name);
    }
    rations->counters_dirty |= kept != rations->n_counters;
    rations->n_counters = kept;
}

void wf_rations_write(const struct wf_rations *rations, struct wf_buf *out)
{
    for (size_t i = 0; i < rations->n_counters; i++) {
        const struct wf_counter *counter = &rations->counters[i];
        wf_buf_add(out, &counter->kind, sizeof(counter->kind));
        wf_buf_add(out, &counter->day, sizeof(counter->day));
        wf_buf_add(out, &counter->n, sizeof(counter->n));
        wf_buf_add(out, counter->name, strlen(counter->name) + 1);
    }
}

enum wf_status wf_rations_read(struct wf_rations *rations, const void *bytes, size_t len)
{
    const unsigned char *at = bytes, *end = at + len;
    enum wf_status st = WF_OK;
    while (st == WF_OK && at < end) {
        struct wf_counter counter = {.kind = *at};
        if (end - at <= COUNTER_HEAD || counter.kind >= WF_COUNTER_COUNT_)
            return WF_ERR_STATE;
        const unsigned char *name = at + COUNTER_HEAD;
        const unsigned char *nul = memchr(name, 0, (size_t)(end - name));
        if (!nul)
            return WF_ERR_STATE;
        memcpy(&counter.day, at + 1, sizeof(counter.day));
        memcpy(&counter.n, at + 5, sizeof(counter.n));
        st = wf_rations_count(rations, (enum wf_counter_kind)counter.kind, (const char *)name,
                              counter.day, counter.n);
        at = nul + 1;
    }
    rations->counters_dirty = false;
    return st;
}

/* ---- held actions ---- */

enum wf_status wf_rations_hold(struct wf_rations *rations, const struct wf_held *held)
{
    if (wf_grow(rations->alloc, &rations->held, &rations->room_held, rations->n_held + 1,
                sizeof(*held)) != 0)
        return WF_ERR_NOMEM;
    rations->held[rations->n_held++] = *held;
    rations->held_dirty = true;
    return WF_OK;
}

enum wf_status wf_held_read(struct wf_rations *rations, const void *bytes, size_t len,
                            size_t n_members)
{
    if (len % sizeof(struct wf_held) != 0)
        return WF_ERR_STATE;
    for (size_t at = 0; at < len; at += sizeof(struct wf_held)) {
        struct wf_held held;
        memcpy(&held, (const unsigned char *)bytes + at, sizeof(held));
        if (held.member >= n_members || held.flags >= WF_HELD_FLAGS)
            return WF_ERR_STATE;
        if (wf_rations_hold(rations, &held) != WF_OK)
            return WF_ERR_NOMEM;
    }
    rations->held_dirty = false;
    return WF_OK;
}
