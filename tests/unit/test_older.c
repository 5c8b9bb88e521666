/* States of earlier formats go on as ones of this format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/tools/older.h"
#include "tests/tools/stored.h"

static void add_one(const struct place *place, struct wf_ledger_row row)
{
    struct wf_store *store = open_at(place);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, row.action_id[15], &row, 1), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    wf_store_close(store);
}

static void execute(const struct place *place, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(place->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

struct parties {
    int rows;
    size_t len; /* of what left */
};

static enum wf_status see_party(void *ctx, const struct wf_ledger_row *row)
{
    struct parties *parties = ctx;
    static const struct wf_ledger_row like = {.due = -5000000000, .position = 70000};
    assert_int_equal(row->party.len, row->gate ? 0 : parties->len);
    assert_int_equal(row->due, row->gate ? like.due : 0);
    assert_int_equal(row->position, row->gate ? like.position : 0);
    assert_string_equal(row->name.text, "FIRST20");
    assert_int_equal(row->run, row->action_id[15]);
    parties->rows++;
    return WF_OK;
}

/* ---- members, whom format 5 knew by hashes alone ---- */

enum { N = 150000 }; /* more than fit into two parts */

/* Most have a number, some have a name. */
static size_t id_of(uint32_t i, char id[16])
{
    return (size_t)snprintf(id, 16, i % 1000 ? "A%07u" : "%07u anna", i);
}

static void add_members(struct wf_state *state, uint32_t from, uint32_t end)
{
    char id[16];
    for (uint32_t i = from; i < end; i++)
        assert_int_equal(wf_members_add(&state->members, id, id_of(i, id)), WF_OK);
}

static void expect_members(struct wf_state *state, uint32_t n)
{
    char id[16];
    uint32_t member;
    assert_int_equal(state->members.n, n);
    for (uint32_t i = 0; i < n + 7; i++) {
        assert_int_equal(wf_members_find(&state->members, id, id_of(i, id), &member), WF_OK);
        assert_int_equal(member, i < n ? i : WF_NO_MEMBER);
    }
}

/* Those of before stay as they are; who comes then is known by number. */
static void members(void **state)
{
    const struct place *place = *state;
    struct wf_state s;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    for (uint32_t night = 1; night < 5; night++) {
        uint32_t known = night < 2 ? 0 : N + (night - 2) * 3;
        uint32_t hashed = night < 2 ? 0 : N + (night > 2);
        struct wf_store *store = open_at(place);
        load(store, &s);
        expect_members(&s, known);
        assert_int_equal(s.members.n_hashes, hashed);
        add_members(&s, known, night < 2 ? N : known + 3);
        save_night(store, &s, night, night);
        wf_state_release(&s);
        wf_store_close(store);
        if (night == 1)
            assert_true(make_older(place->path, 5));
    }
}

/* ---- the ledger, which was a row an action before format 5 ---- */

/* A state of format 2, 3 or 4 goes on as one of this format, its ledger whole; others are refused.
 */
static void ledgers(void **state)
{
    struct place *place = *state;
    struct wf_store *store = NULL;
    for (int format = 2; format < 5; format++) {
        struct parties seen = {.len = format < 3 ? 0 : 11};
        struct wf_ledger_row stopped = ledger_row(2, "reach");
        stopped.due = -5000000000;
        stopped.position = 70000;
        unlink(place->path);
        assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
        add_one(place, ledger_row(1, NULL));
        add_one(place, stopped);
        assert_true(make_older(place->path, format));
        store = open_at(place);
        assert_int_equal(store->ops->each_of(store, NULL, 0, see_party, &seen), WF_OK);
        assert_int_equal(seen.rows, 2);
        wf_store_close(store);
        add_one(place, ledger_row(3, NULL)); /* what it became is whole */
    }
    static const char *const OTHERS[] = {"PRAGMA user_version = 1", "PRAGMA user_version = 7"};
    for (int i = 0; i < 2; i++) {
        execute(place, OTHERS[i]);
        assert_int_equal(wf_store_open(place->path, NULL, &store, NULL), WF_ERR_STATE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(members, make_place, drop_place),
        cmocka_unit_test_setup_teardown(ledgers, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
