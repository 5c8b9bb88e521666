/*
 * entity.h - rows that are known by one id: members and the rows of tables.
 *
 * A full feed may name an id once: rows alike count once, rows that differ are all rejected, for
 * nobody can tell which is right. In a feed of changes (delta) the later file's row wins.
 *
 * An export that is sorted by its ids, as databases write them, shows by that alone that no id
 * stands twice: where nobody looks a row up by its id either, no table of them is made.
 */
#ifndef WF_DATA_ENTITY_H
#define WF_DATA_ENTITY_H

#include "runtime/data/feed_data.h"

/* A row rejected after reading, when its cells are gone. */
struct wf_late_reject {
    uint32_t file; /* of the feed */
    uint64_t line;
    const char *what;
};

struct wf_entity {
    struct wf_ids ids; /* id -> row of the entity; empty where nobody looks one up */
    uint32_t *rows;    /* by row of the entity: its row of the feed, which is at least that; NULL
                          if as_read */
    uint32_t n;
    bool as_read;        /* the rows of the feed, all of them in their order */
    bool unsure;         /* an id came twice in rows that have no hash: all else is void */
    uint64_t duplicates; /* rows that said the same again, or were replaced */
    struct wf_late_reject *late;
    size_t n_late, room_late;
    uint32_t *fallen; /* feeds that are kept: rows of the feed by which an id is there no more */
    size_t n_fallen, room_fallen;
};

/* The feed's heap must be joined (wf_feed_heap). `looked_up`: ids will be asked for their rows.
 * WF_ERR_NOMEM, WF_ERR_LIMIT. */
enum wf_status wf_entity_make(const struct wf_load_ctx *ctx, const struct wf_feed_data *data,
                              bool looked_up, struct wf_entity *entity_out);

/* The ids of rows first .. end - 1 of the entity, as places in the feed's heap, to their own places
 * of `ids`. */
void wf_entity_ids(const struct wf_feed_data *data, const struct wf_entity *entity, uint32_t first,
                   uint32_t end, struct wf_id *ids);
void wf_entity_release(const struct wf_alloc *alloc, struct wf_entity *entity);

#endif
