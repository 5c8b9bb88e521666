/*
 * query_int.h - the two halves of completion: which sentence is being written (query_complete.c),
 * and which names fit where it stands (query_place.c).
 */
#ifndef WF_SEMA_QUERY_INT_H
#define WF_SEMA_QUERY_INT_H

#include "lang/sema/query.h"
#include "lang/syntax/expect.h"

/* The smaller the better; what holds the typed letters only inside comes behind all others. */
enum {
    WF_RANK_MEANT = 10000, /* the one thing that belongs here: a channel after `via` */
    WF_RANK_NEAR = 12000,  /* fields of the row at hand */
    WF_RANK_NAME = 20000,
    WF_RANK_WORD = 24000, /* a keyword among names */
    WF_RANK_AWAY = 60000, /* what begins something new, in the middle of a line */
    WF_RANK_INSIDE = 100000,
};

struct wf_place_at {
    const struct wf_front *front;
    const struct wf_module *module;
    uint32_t file;
    const char *text; /* of the declaration, up to the word being written */
    size_t len;
    const char *prefix; /* what is written of the word */
    size_t prefix_len;
    struct wf_tokens *tokens;
    struct wf_expected expected;
    bool line_start; /* only spaces before it on its line */
    bool chinese;    /* the declaration is written in Chinese words */
    struct wf_completion *out;
    bool nomem;
};

/* Adds one if it fits what is typed; `filter` may be NULL. */
void wf_offer(struct wf_place_at *p, struct wf_candidate candidate);

/* Adds the names that fit. Answers false where no keyword fits either: in a text, behind a dot. */
bool wf_offer_names(struct wf_place_at *p);

#endif
