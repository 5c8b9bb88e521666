/*
 * rations.h - what the gates leave between nights: what was given out and spent, and the actions
 * that are held to pass the gates again.
 *
 * It is a part of the state (state.h): changed in memory, saved with the night that changed it.
 */
#ifndef WF_STORE_RATIONS_H
#define WF_STORE_RATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/status.h"

enum wf_counter_kind {
    WF_COUNTER_ISSUED,  /* coupons of that name, ever; day 0 */
    WF_COUNTER_COUPON,  /* face value of that coupon, hundredths, by local day */
    WF_COUNTER_CHANNEL, /* cost of that channel, likewise */
    WF_COUNTER_COUNT_
};

struct wf_counter {
    uint8_t kind;
    int32_t day; /* days since 1970-01-01 */
    char *name;
    int64_t n;
};

enum {
    WF_HELD_JOURNEY = 1,  /* rule is a journey's number, else a rule's */
    WF_HELD_DEFERRED = 2, /* by a cap, which defers once only */
    WF_HELD_EVENT = 4,    /* `event` names the event of the occurrence */
    WF_HELD_OUT = 8,      /* held out when it entered its journey */
    WF_HELD_FLAGS = 16,
};

/* An action that a gate stopped for now. It is written as it stands here: no padding. */
struct wf_held {
    unsigned char id[16], key[16], event[16];
    int64_t occurred, known_by, entry; /* as in struct wf_rare */
    int64_t until;                     /* it contends again at the first run at or after this */
    int64_t earliest;                  /* held for its hours: not before this; else INT64_MIN */
    uint64_t what;                     /* hash of what the action does: another one is not it */
    uint64_t version;                  /* of the journey */
    uint32_t rule;                     /* the state's number */
    uint32_t member;                   /* ordinal */
    uint32_t position;
    uint32_t flags;
};

struct wf_rations {
    const struct wf_alloc *alloc;
    struct wf_counter *counters; /* by kind, name, day */
    size_t n_counters, room_counters;
    struct wf_held *held;
    size_t n_held, room_held;
    bool counters_dirty, held_dirty;
};

void wf_rations_init(struct wf_rations *rations, const struct wf_alloc *alloc);
void wf_rations_release(struct wf_rations *rations);

/* Adds to a counter, which begins at 0; it stops at the ends of its range. */
enum wf_status wf_rations_count(struct wf_rations *rations, enum wf_counter_kind kind,
                                const char *name, int32_t day, int64_t n);

/* The sum over the days from <= day < to of one name, or of all of the kind (NULL). */
int64_t wf_rations_counted(const struct wf_rations *rations, enum wf_counter_kind kind,
                           const char *name, int64_t from, int64_t to);

/* Forgets what was spent before a day. */
void wf_rations_forget(struct wf_rations *rations, int64_t day);

enum wf_status wf_rations_hold(struct wf_rations *rations, const struct wf_held *held);

/* As bytes, and back: WF_ERR_STATE for bytes that writing does not make. Held actions come in parts
 * of WF_HELD_PART; their members are below `n_members`. */
enum { WF_HELD_PART = 1 << 16 };
void wf_rations_write(const struct wf_rations *rations, struct wf_buf *out);
enum wf_status wf_rations_read(struct wf_rations *rations, const void *bytes, size_t len);
enum wf_status wf_held_read(struct wf_rations *rations, const void *bytes, size_t len,
                            size_t n_members);

#endif
