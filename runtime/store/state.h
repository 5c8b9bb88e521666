/*
 * state.h - what the past left: the prior state of a night in memory.
 *
 * Members are numbered for ever in the order they were first seen (the ordinal); every set of
 * members is a bitmap over ordinals, every decided occurrence that has a key of its own is a mark.
 *
 *   members   ids and their ordinals (members.h)
 *   rule      identity, born, first run's T, floor
 *     decided [bit by ordinal]            moments that come once per member
 *     marks   (ordinal, key, due) ...     events, years, acts: sorted segments, one a night
 *   column    name, T                     a condition as the last run saw it
 *     yes, no [bit by ordinal]            known true; known false; neither: unknown or absent
 *
 *   journeys  where members stand in them (entries.h)
 *
 * The engine reads a state and changes it in memory; a store (store.h) loads one and writes what
 * changed, in the transaction that also holds the ledger. A state that is not saved never was.
 */
#ifndef WF_STORE_STATE_H
#define WF_STORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "runtime/store/control.h"
#include "runtime/store/entries.h"
#include "runtime/store/members.h"
#include "runtime/store/rations.h"

/* A set of members. Bits beyond `n_words` are 0. `dirty` is set by whoever changes bits. */
struct wf_member_set {
    uint64_t *words;
    size_t n_words;
    bool dirty;
};

/* One decided occurrence (or one act of a crossing: key = T of the act). */
struct wf_mark {
    uint32_t member;
    unsigned char key[16];
};

/*
 * items[0 .. n_sorted) are sorted by (member, key) and unique; those behind were added since and
 * are found only after wf_marks_sort. `latest` is the latest due of the added ones.
 */
struct wf_marks {
    struct wf_mark *items;
    size_t n, n_sorted, room;
    uint32_t n_segments; /* in the store, of latest due `latest_stored` */
    int64_t latest_stored;
    struct wf_mark *added; /* those of this night, in order of coming, of latest due `latest` */
    size_t n_added, room_added;
    int64_t latest;
};

struct wf_rule_state {
    uint32_t id;           /* the store's number of the rule */
    char *identity;        /* what names it */
    char *born;            /* the identity it had first: the salt of its holdout */
    int64_t first_t;       /* T of its first run */
    int64_t floor;         /* no occurrence due before this is acted on */
    int32_t calendar_done; /* the last calendar date decided, INT32_MIN: none */
    bool dirty;            /* the row above changed */
    struct wf_member_set decided;
    struct wf_marks marks, acted;
};

struct wf_column_state {
    uint32_t id;
    char *name; /* "watch HASH", "segment NAME", "class NAME" */
    int64_t t;  /* T of the run that saw it last */
    struct wf_member_set yes, no;
};

enum wf_run_status { WF_RUN_NONE, WF_RUN_PUBLISHING, WF_RUN_PUBLISHED };

/* One night that was run. Texts are owned (wf_run_row_release). */
struct wf_run_row {
    int64_t seq; /* 1, 2, ... */
    int64_t t;
    enum wf_run_status status;
    char *rules;    /* hash of the program, hex */
    char *inputs;   /* "FEED SHA256" lines over each feed's files */
    char *folder;   /* name of the night's folder in the output folder */
    char *manifest; /* sha256 of its manifest.json, hex */
};
void wf_run_row_release(struct wf_run_row *run, const struct wf_alloc *alloc);

/* How many rows a full feed had in the last night that read it. */
struct wf_feed_rows {
    char *name;
    uint64_t rows;
};

struct wf_state {
    const struct wf_alloc *alloc;
    struct wf_members members;
    struct wf_rule_state *rules;
    size_t n_rules, room_rules;
    struct wf_marks merged; /* (old member, key = the number of the one it is now), for ever */
    struct wf_column_state *columns;
    size_t n_columns, room_columns;
    struct wf_buf united; /* old id, new id, ... of all that ever merged, each with its NUL */
    struct wf_feed_rows *feeds;
    size_t n_feeds, room_feeds;
    struct wf_control control;
    struct wf_journey_state *journeys;
    size_t n_journeys, room_journeys;
    struct wf_rations rations;
    struct wf_run_row last; /* status WF_RUN_NONE: no night yet */
    int64_t began;          /* T of the first night; INT64_MAX: none yet */
};

void wf_state_init(struct wf_state *state, const struct wf_alloc *alloc);
void wf_state_release(struct wf_state *state);

/* The rule or column of that name, NULL if there is none; and a new one (never of a name it has).
 */
struct wf_rule_state *wf_state_rule(struct wf_state *state, const char *identity);
enum wf_status wf_state_add_rule(struct wf_state *state, const char *identity,
                                 struct wf_rule_state **out);
enum wf_status wf_state_rename_rule(struct wf_state *state, struct wf_rule_state *rule,
                                    const char *identity);
struct wf_column_state *wf_state_column(struct wf_state *state, const char *name);
enum wf_status wf_state_add_column(struct wf_state *state, const char *name,
                                   struct wf_column_state **out);

/* What is known of the members of the journey whose rule row has that id; NULL: nothing yet. */
struct wf_journey_state *wf_state_journey(const struct wf_state *state, uint32_t rule);
enum wf_status wf_state_add_journey(struct wf_state *state, uint32_t rule,
                                    struct wf_journey_state **out);
/* The rule row of that id, NULL if there is none. */
struct wf_rule_state *wf_state_rule_of(const struct wf_state *state, uint32_t id);

/* The feed of that name (a copy of `len` bytes is kept), with 0 rows if new; NULL: no memory. */
struct wf_feed_rows *wf_state_feed(struct wf_state *state, const char *name, size_t len);

static inline bool wf_set_has(const struct wf_member_set *set, uint32_t member)
{
    return member / 64 < set->n_words && (set->words[member / 64] >> (member % 64) & 1);
}
/* Makes room for members 0 .. n - 1; new bits are 0. */
enum wf_status wf_set_room(struct wf_member_set *set, size_t n, const struct wf_alloc *alloc);

/* Adds a mark; the due decides when it may be forgotten (INT64_MAX: never). */
enum wf_status wf_marks_add(struct wf_marks *marks, struct wf_mark mark, int64_t due,
                            const struct wf_alloc *alloc);
int wf_mark_compare(const void *a, const void *b);    /* for qsort */
void wf_marks_order(struct wf_mark *marks, size_t n); /* by member and key; most come so */
enum wf_status wf_marks_sort(struct wf_marks *marks, const struct wf_alloc *alloc);
/* Over what is sorted: whether the mark is there; the run of a member's marks. */
bool wf_marks_has(const struct wf_marks *marks, struct wf_mark mark);
const struct wf_mark *wf_marks_of(const struct wf_marks *marks, uint32_t member, size_t *n_out);

/* A key that is a number (a year, an instant), so that keys sort as the numbers do. */
void wf_mark_number(unsigned char key[16], int64_t number);
int64_t wf_mark_to_number(const unsigned char key[16]);

/*
 * Two numbers turn out to be one person: what was decided or acted for `old` is so for `now` as
 * well; its places in journeys are taken over; the columns forget both. *done_out is false when
 * that was known already.
 */
enum wf_status wf_state_merge(struct wf_state *state, uint32_t old, uint32_t now, bool *done_out);

/* The member that a number means by now, after all merges; state->merged must be sorted. */
uint32_t wf_state_united(const struct wf_state *state, uint32_t member);

#endif
