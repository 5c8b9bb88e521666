#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/tools/stored.h"

enum { MANY = 2 * WF_LEDGER_TOGETHER + 40 };

static void number(struct wf_ledger_row *row, uint32_t i)
{
    row->action_id[0] = (unsigned char)(i >> 8);
    row->action_id[1] = (unsigned char)i;
    row->position = i;
    row->party.len = i % 3 ? row->party.len : 0;
}

struct many {
    uint32_t left, stopped;
};

static enum wf_status see_many(void *ctx, const struct wf_ledger_row *row)
{
    struct many *many = ctx;
    uint32_t i = row->position;
    struct wf_ledger_row want = ledger_row(1, i % 5 ? NULL : "cap");
    number(&want, i);
    assert_memory_equal(row->action_id, want.action_id, sizeof(want.action_id));
    assert_int_equal(row->party.len, want.party.len);
    assert_int_equal(row->gate == NULL, want.gate == NULL);
    assert_int_equal(row->run, 7);
    many->left += row->gate == NULL;
    many->stopped += row->gate != NULL;
    return WF_OK;
}

/* More rows than go in together, and one too much anywhere among them. */
static void many_rows(struct wf_store *store)
{
    static struct wf_ledger_row rows[MANY];
    struct many many = {0};
    uint64_t counts[2];
    for (uint32_t i = 0; i < MANY; i++) {
        rows[i] = ledger_row(1, i % 5 ? NULL : "cap");
        number(&rows[i], i);
    }
    for (uint32_t twice = 1; twice < MANY; twice += 51) {
        struct wf_ledger_row kept = rows[twice];
        memcpy(rows[twice].action_id, rows[twice - 1].action_id, sizeof(kept.action_id));
        assert_int_equal(store->ops->begin(store), WF_OK);
        assert_int_equal(store->ops->add_ledger(store, 7, rows, MANY), WF_ERR_INTERNAL);
        store->ops->rollback(store);
        rows[twice] = kept;
    }
    assert_int_equal(store->ops->count_ledger(store, counts), WF_OK);
    assert_int_equal(counts[0] + counts[1], 0);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 7, rows, MANY), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    assert_int_equal(store->ops->each_of(store, "m\xe4\xb8\xad", 4, see_many, &many), WF_OK);
    assert_int_equal(many.stopped, (MANY + 4) / 5);
    assert_int_equal(many.left, MANY - (MANY + 4) / 5);
    wf_store_close(store);
}

static void crowds(void **state)
{
    struct place *place = *state;
    struct wf_store *memory;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    many_rows(open_at(place));
    wf_store_close(open_at(place)); /* it is whole */
    assert_int_equal(wf_store_open_mem(NULL, &memory), WF_OK);
    many_rows(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(crowds, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
