/*
 * feeds.h - which feeds a program needs and which of their columns, in the order they are read.
 *
 *   feeds   merges?  calendars...  tables...  member  events...    a slot is a decoded column
 *
 * The plan borrows the program's strings.
 */
#ifndef WF_DATA_FEEDS_H
#define WF_DATA_FEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/alloc.h"
#include "lang/base/status.h"
#include "lang/code/program.h"
#include "runtime/data/memory.h"

/* How a slot's cells are kept while a feed is read: as dataset.h says, but bools take a byte. */
struct wf_slot {
    const struct wf_ir_field *def;
    const char *column; /* the header to look for */
    uint32_t field;     /* in the record */
    uint8_t type;       /* enum wf_type */
    uint8_t layout;     /* enum wf_layout; STR for references to members within the member feed */
    uint8_t size;       /* bytes of a cell */
    bool read;          /* a rule reads it: the column must be there */
    bool as_text;       /* a REF kept as the text of its id: resolved when all members are known
                           (STR), or beside the REF itself for nights to come (CODE) */
};

struct wf_feed {
    enum wf_feed_kind kind;
    uint32_t index;                    /* of the event, table, calendar or catalogue */
    const struct wf_ir_record *record; /* NULL: merges, calendars, catalogues */
    const char *noun;                  /* "member", "purchase" */
    const char *pattern, *encoding;    /* encoding: NULL for UTF-8 */
    bool delta, may_be_empty, keys;    /* keys: views want event keys */
    bool kept;                         /* rows of earlier nights count, and are kept for later */
    const char *id_column;             /* the key; an event's member */
    bool id_private;
    struct wf_slot *slots; /* by field */
    uint32_t n_slots;
    uint32_t at;       /* events: the slot of the time */
    uint32_t deleted;  /* members that come as changes: the slot that says who is no member any
                          more; WF_NONE: none does */
    uint32_t *uniques; /* slots, in the order of `unique` */
    uint32_t n_uniques;
    const struct wf_feed_memory *memory; /* NULL: its files are looked for */
};

struct wf_feeds {
    const struct wf_alloc *alloc;
    const struct wf_ir *ir;
    struct wf_feed *feeds;
    uint32_t n_feeds;
    uint32_t member;      /* the member feed */
    uint32_t *event_feed; /* by event of the schema: its feed or WF_NONE (no rule uses it) */
    uint32_t *table_feed; /* by table */
    bool *view_used;      /* by view */
    bool *view_keys;      /* by view: event keys are wanted */
    bool kept;            /* there is a past, or a night to come */
};

enum wf_status wf_feeds_make(const struct wf_alloc *alloc, const struct wf_ir *ir, bool kept,
                             struct wf_feeds *plan_out);
void wf_feeds_release(struct wf_feeds *plan);

/* The slot of a field, WF_NONE if the feed does not decode it. */
uint32_t wf_feed_slot(const struct wf_feed *feed, uint32_t field);

/* The feed a slot's reference leads to: the member's or a table's. */
uint32_t wf_feeds_referred(const struct wf_feeds *plan, const struct wf_slot *slot);

#endif
