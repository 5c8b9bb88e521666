/*
 * entries.h - where members stand in their journeys: a part of the state (state.h).
 *
 *   journey   the rule row "journey IDENTITY" (its marks `acted`: when a member left) and
 *     entries   one a member in flight, sorted by (member, entry); those that left stay as long as
 *               their goal is watched
 *     versions  the structures that entries walk: the bytes of a compiled program, kept while
 *               somebody walks it
 *     totals    since the journey's first night
 *     trials    what became of them, compared (trials.h)
 *     flow      which ways its members went in the last one
 *
 * Changed in memory, saved with the night. Entries are packed by WF_ENTRIES_PART members; only
 * parts that changed are written again.
 */
#ifndef WF_STORE_ENTRIES_H
#define WF_STORE_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "runtime/store/trials.h"

#define WF_LEFT UINT32_MAX
enum { WF_ENTRIES_PART = 1 << 16 };

enum wf_entry_flag {
    WF_ENTRY_HELD_OUT = 1, /* when it entered */
    WF_ENTRY_EVENT = 2,    /* an event entered: `event` is its key */
    WF_ENTRY_GOAL = 4,     /* reached, at `goal` */
    WF_ENTRY_GONE = 8,     /* to be dropped by wf_entries_settle; never stored */
    WF_ENTRY_COUNTED = 16, /* in a trial (trials.h) */
    WF_ENTRY_SHARE = 12,   /* from this bit on: how many were held out on entering, parts of
                              1,000,000 */
    WF_ENTRY_FLAGS = WF_ENTRY_HELD_OUT | WF_ENTRY_EVENT | WF_ENTRY_GOAL | WF_ENTRY_COUNTED |
                     0xFFFFF << WF_ENTRY_SHARE,
};

/* Stored as it stands in memory. Times are in seconds. */
struct wf_entry {
    uint32_t member;         /* ordinal */
    uint32_t version;        /* number of one of the journey's versions */
    uint32_t step;           /* of that version; WF_LEFT */
    uint32_t flags;          /* enum wf_entry_flag, and the share behind them */
    unsigned char key[16];   /* action ids are made of it */
    unsigned char event[16]; /* the event that entered */
    int64_t entry;           /* when it entered */
    int64_t reached;         /* when it reached its step; WF_LEFT: when it left */
    int64_t goal;            /* when it reached the goal, or when its value was last measured */
    int64_t value;           /* of a goal that is a value: hundredths */
};

struct wf_version {
    uint32_t number; /* what entries say */
    uint64_t hash;   /* of the structure */
    unsigned char *bytes;
    size_t len;
    uint64_t live; /* entries that walk it, those that left and are watched included;
                      wf_entries_settle counts */
};

/* [0] treated, [1] held out. */
struct wf_journey_totals {
    uint64_t entered[2], left[2], exited[2], goals[2];
    int64_t value[2]; /* hundredths: goals that are a value, once their time is over */
};

/* How members went through the journey in the last night that walked its own structure (not an
 * older one). */
struct wf_journey_flow {
    uint64_t hash;                   /* of the structure */
    int64_t t;                       /* of the night */
    uint64_t entered, exited, goals; /* members */
    uint64_t *ways;                  /* as the engine lays them (ways.h) */
    size_t n_ways;                   /* 0: no night yet */
};

struct wf_journey_state {
    uint32_t rule; /* id of its rule row */
    bool finish;   /* gone from the rules: members walk to the end */
    struct wf_entry *entries;
    size_t n, n_sorted, room; /* behind n_sorted: added since the last settling */
    struct wf_version *versions;
    size_t n_versions, room_versions;
    struct wf_journey_totals totals;
    struct wf_journey_flow flow;
    struct wf_trials trials;
    uint64_t *dirty; /* bit by part */
    size_t n_dirty;  /* words */
    bool head_dirty, versions_dirty;
};

void wf_journey_state_release(struct wf_journey_state *journey, const struct wf_alloc *alloc);

/* The sorted entries of a member, ascending by entry. The last one may be live, no other is. */
struct wf_entry *wf_entries_of(const struct wf_journey_state *journey, uint32_t member,
                               size_t *n_out);

/* Adds one behind the sorted ones; `at_out` is its place until the next settling. */
enum wf_status wf_entries_add(struct wf_journey_state *journey, const struct wf_entry *entry,
                              const struct wf_alloc *alloc, size_t *at_out);

/* Says that an entry of the member changed. WF_ERR_NOMEM. */
enum wf_status wf_entries_touch(struct wf_journey_state *journey, uint32_t member,
                                const struct wf_alloc *alloc);

/* Sorts in what was added, drops what is GONE, counts the versions and drops those nobody walks. */
enum wf_status wf_entries_settle(struct wf_journey_state *journey, const struct wf_alloc *alloc);

/* How many are in flight. */
uint64_t wf_entries_live(const struct wf_journey_state *journey);

/* The version of that number or hash, NULL: none. */
struct wf_version *wf_version_numbered(const struct wf_journey_state *journey, uint32_t number);
struct wf_version *wf_version_hashed(const struct wf_journey_state *journey, uint64_t hash);

/* A new version without bytes, of the lowest free number. */
enum wf_status wf_version_add(struct wf_journey_state *journey, uint64_t hash,
                              const struct wf_alloc *alloc, struct wf_version **out);

/* Two numbers are one person: the entries of `old` become those of `now`; of two that are live the
 * older one stays. */
enum wf_status wf_entries_merge(struct wf_journey_state *journey, uint32_t old, uint32_t now,
                                const struct wf_alloc *alloc);

/* Takes a copy. WF_ERR_NOMEM leaves what was there. */
enum wf_status wf_journey_keep_flow(struct wf_journey_state *journey,
                                    const struct wf_journey_flow *flow,
                                    const struct wf_alloc *alloc);

/* ---- as bytes ---- */

enum wf_journey_blob { WF_JOURNEY_HEAD, WF_JOURNEY_VERSION, WF_JOURNEY_ENTRIES };

/* Reading answers WF_ERR_STATE for bytes that writing does not make; entries come in the order of
 * their parts. */
enum wf_status wf_journey_read(struct wf_journey_state *journey, enum wf_journey_blob what,
                               int64_t part, const void *bytes, size_t len,
                               const struct wf_alloc *alloc);

/* Hands every blob that changed to `put`; `drop` takes away all of a kind before it. After it
 * nothing is dirty. The entries must be settled. */
typedef enum wf_status wf_journey_put_fn(void *ctx, enum wf_journey_blob what, int64_t part,
                                         const void *bytes, size_t len);
typedef enum wf_status wf_journey_drop_fn(void *ctx, enum wf_journey_blob what);
enum wf_status wf_journey_write(struct wf_journey_state *journey, wf_journey_put_fn *put,
                                wf_journey_drop_fn *drop, void *ctx, const struct wf_alloc *alloc);

#endif
