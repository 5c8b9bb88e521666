/*
 * stored.h - states for tests: a place for a file that is gone afterwards, rows of a ledger,
 * nights. Include it behind cmocka.h.
 */
#ifndef WF_TESTS_STORED_H
#define WF_TESTS_STORED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/store/store.h"

struct place {
    char dir[64], path[96];
};

static inline int make_place(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    strcpy(place->dir, "/tmp/wf_store_XXXXXX");
    if (!mkdtemp(place->dir))
        return -1;
    snprintf(place->path, sizeof(place->path), "%s/shop.db", place->dir);
    *state = place;
    return 0;
}

static inline int drop_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->dir);
    free(place);
    return 0;
}

static inline struct wf_store *open_at(const struct place *place)
{
    struct wf_store *store = NULL;
    assert_int_equal(wf_store_open(place->path, NULL, &store, NULL), WF_OK);
    return store;
}

static inline struct wf_ledger_text text(const char *s)
{
    return (struct wf_ledger_text){s, strlen(s)};
}

static inline struct wf_ledger_row ledger_row(unsigned char id, const char *gate)
{
    struct wf_ledger_row row = {.member = text("m\xe4\xb8\xad"),
                                .rule = 1,
                                .kind = text("coupon"),
                                .name = text("FIRST20"),
                                .channel = text(""),
                                .coupon = text(""),
                                .journey = text(""),
                                .step = text(""),
                                .gate = gate,
                                .at = 77,
                                .party = gate ? text("") : text("whose it is")};
    row.action_id[15] = id;
    return row;
}

static inline struct wf_run_row run_row(int64_t seq, int64_t t, enum wf_run_status status)
{
    return (struct wf_run_row){seq, t, status, "rules", "inputs", "folder", "manifest"};
}

static inline void save_night(struct wf_store *store, struct wf_state *state, int64_t seq,
                              int64_t t)
{
    struct wf_run_row run = run_row(seq, t, WF_RUN_PUBLISHING);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(wf_store_save(store, state, &run, INT64_MIN), WF_OK);
    assert_int_equal(store->ops->put_run(store, &run), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
}

static inline void load(struct wf_store *store, struct wf_state *state)
{
    wf_state_init(state, NULL);
    assert_int_equal(wf_store_load(store, state), WF_OK);
}

#endif
