/*
 * memory.h - feeds that lie in memory: what a test or a forecast makes up, read like any export.
 */
#ifndef WF_DATA_MEMORY_H
#define WF_DATA_MEMORY_H

#include <stddef.h>
#include <stdint.h>

enum wf_feed_kind {
    WF_FEED_MERGES,
    WF_FEED_TABLE,
    WF_FEED_MEMBER,
    WF_FEED_EVENT,
    WF_FEED_HOLIDAYS,
    WF_FEED_CATALOGUE,
};

/* A feed that is given as it stands: CSV in UTF-8, with its header. Borrowed. */
struct wf_feed_memory {
    enum wf_feed_kind kind;
    uint32_t index;    /* of the event, table, calendar or catalogue */
    const char *name;  /* what its file is called in reports */
    const char *bytes; /* NULL: it has no file and no row */
    size_t len;
};

#endif
