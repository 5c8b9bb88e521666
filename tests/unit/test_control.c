/* Pauses, the watermark and the plan of a held night: in memory, as bytes, in both keepers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/store/store.h"

static void pauses(void **state)
{
    struct wf_control control;
    (void)state;
    wf_control_init(&control, NULL);
    assert_null(wf_control_paused(&control, "all"));
    assert_int_equal(wf_control_pause(&control, "journey b", "", 10, true), WF_OK);
    assert_int_equal(wf_control_pause(&control, "all", "12 of 80 opted out", 20, false), WF_OK);
    assert_int_equal(wf_control_pause(&control, "journey a", "", 30, true), WF_OK);
    assert_int_equal(wf_control_pause(&control, "all", "again", 40, true), WF_OK);
    assert_int_equal(control.n_pauses, 3);
    static const char *const ORDER[] = {"all", "journey a", "journey b"};
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(control.pauses[i].what, ORDER[i]);
    const struct wf_pause *all = wf_control_paused(&control, "all");
    assert_string_equal(all->why, "12 of 80 opted out");
    assert_int_equal(all->since, 20);
    assert_false(all->by_hand);
    assert_int_equal(wf_control_resume(&control, "journey", 50), WF_ERR_INTERNAL);
    assert_int_equal(wf_control_resume(&control, "journey a", 50), WF_OK);
    assert_int_equal(wf_control_resume(&control, "journey a", 50), WF_ERR_INTERNAL);
    assert_non_null(wf_control_paused(&control, "journey b"));
    assert_int_equal(control.n_pauses, 2);
    wf_control_release(&control);
    assert_int_equal(control.n_pauses, 0);
}

/* A policy's pause that is resumed is remembered, the last time of it; one by hand is not. */
static void resumed(void **state)
{
    struct wf_control control;
    (void)state;
    wf_control_init(&control, NULL);
    assert_int_equal(wf_control_pause(&control, "all", "", 10, false), WF_OK);
    assert_int_equal(wf_control_pause(&control, "journey a", "", 10, true), WF_OK);
    assert_int_equal(wf_control_resume(&control, "all", 20), WF_OK);
    assert_int_equal(wf_control_resume(&control, "journey a", 20), WF_OK);
    assert_int_equal(wf_control_resumed(&control, "all"), 20);
    assert_int_equal(wf_control_resumed(&control, "journey a"), INT64_MIN);
    assert_int_equal(wf_control_pause(&control, "all", "", 30, false), WF_OK);
    assert_int_equal(wf_control_resume(&control, "all", 30), WF_OK);
    assert_int_equal(wf_control_resumed(&control, "all"), 30);
    assert_int_equal(control.n_resumed, 1);
    wf_control_release(&control);
}

enum { N_PLANNED = 3000 };

static void plan_night(struct wf_control *control)
{
    struct wf_plan *plan = &control->plan;
    wf_control_drop_plan(control);
    plan->status = WF_PLAN_HELD;
    plan->t = 1000;
    plan->id = wf_strdup(NULL, "0123abcd");
    plan->folder = wf_strdup(NULL, "2026-11-22");
    plan->rules = wf_strdup(NULL, "r");
    plan->feeds = wf_strdup(NULL, "member 00\npurchase 11\n");
    plan->text = wf_strdup(NULL, "too many\n  3000 actions\n");
    assert_int_equal(
        wf_grow(NULL, &plan->planned, &plan->room_planned, N_PLANNED, sizeof(*plan->planned)), 0);
    for (unsigned i = 0; i < N_PLANNED; i++) {
        plan->planned[i] = (struct wf_planned){.id = {(unsigned char)(i >> 8), (unsigned char)i},
                                               .optouts = i % 7};
    }
    plan->n_planned = N_PLANNED;
    control->dirty = control->plan_dirty = true;
}

static void expect_plan(const struct wf_control *control)
{
    const struct wf_plan *plan = &control->plan;
    assert_int_equal(control->watermark, 900);
    assert_int_equal(control->claimed, 7);
    assert_int_equal(control->n_pauses, 1);
    assert_string_equal(control->pauses[0].what, "journey w");
    assert_string_equal(control->pauses[0].why, "by hand");
    assert_int_equal(control->pauses[0].since, 5);
    assert_true(control->pauses[0].by_hand);
    assert_int_equal(wf_control_resumed(control, "all"), 6);
    assert_int_equal(plan->status, WF_PLAN_HELD);
    assert_int_equal(plan->t, 1000);
    assert_string_equal(plan->id, "0123abcd");
    assert_string_equal(plan->folder, "2026-11-22");
    assert_string_equal(plan->rules, "r");
    assert_string_equal(plan->feeds, "member 00\npurchase 11\n");
    assert_string_equal(plan->text, "too many\n  3000 actions\n");
    assert_int_equal(plan->n_planned, N_PLANNED);
    unsigned char id[16] = {0x0b, 0xb7}; /* 2999 */
    assert_int_equal(wf_plan_find(plan, id)->optouts, 2999 % 7);
    id[15] = 1;
    assert_null(wf_plan_find(plan, id));
}

static void load(struct wf_store *store, struct wf_state *state)
{
    wf_state_init(state, NULL);
    assert_int_equal(wf_store_load(store, state), WF_OK);
}

/* With a night; then without one; then the plan is void. */
static void round_trip(struct wf_store *store)
{
    struct wf_state state;
    struct wf_run_row run = {1, 1, WF_RUN_PUBLISHED, "rules", "inputs", "folder", "manifest"};
    load(store, &state);
    assert_int_equal(state.control.watermark, WF_NO_WATERMARK);
    assert_int_equal(state.control.plan.status, WF_PLAN_NONE);
    state.control.watermark = 900;
    state.control.claimed = 7;
    state.control.dirty = true;
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(wf_store_save(store, &state, &run, INT64_MIN), WF_OK);
    assert_int_equal(store->ops->put_run(store, &run), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    wf_state_release(&state);

    load(store, &state);
    assert_int_equal(wf_control_pause(&state.control, "journey w", "by hand", 5, true), WF_OK);
    assert_int_equal(wf_control_pause(&state.control, "all", "too many", 5, false), WF_OK);
    assert_int_equal(wf_control_resume(&state.control, "all", 6), WF_OK);
    plan_night(&state.control);
    assert_int_equal(wf_store_save_control(store, &state), WF_OK);
    wf_state_release(&state);

    load(store, &state);
    expect_plan(&state.control);
    assert_int_equal(state.last.seq, 1);
    wf_control_drop_plan(&state.control);
    assert_int_equal(state.control.plan.status, WF_PLAN_NONE);
    assert_int_equal(wf_store_save_control(store, &state), WF_OK);
    wf_state_release(&state);

    load(store, &state);
    assert_int_equal(state.control.plan.status, WF_PLAN_NONE);
    assert_int_equal(state.control.plan.n_planned, 0);
    assert_int_equal(state.control.n_pauses, 1);
    wf_state_release(&state);
}

static void keepers(void **state)
{
    char path[] = "/tmp/wf_control_XXXXXX";
    struct wf_store *store = NULL;
    (void)state;
    assert_int_equal(wf_store_open_mem(NULL, &store), WF_OK);
    round_trip(store);
    wf_store_close(store);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(wf_store_create(path, NULL), WF_OK);
    assert_int_equal(wf_store_open(path, NULL, &store, NULL), WF_OK);
    round_trip(store);
    wf_store_close(store);
    assert_int_equal(remove(path), 0);
}

/* What the formats before wrote: 4 knew of one snapshot, 3 of none, 2 of nothing resumed either. */
static void older(void **state)
{
    struct wf_control control, again;
    struct wf_buf bytes;
    (void)state;
    wf_control_init(&control, NULL);
    wf_buf_init(&bytes, NULL, 0);
    plan_night(&control);
    control.watermark = 900;
    control.snapshots[control.n_snapshots++] = (struct wf_snapshot_mark){7, "fifteen letters"};
    control.snapshots[control.n_snapshots++] = (struct wf_snapshot_mark){9, "fourteen more!"};
    wf_control_write(&control, &bytes);
    wf_control_init(&again, NULL);
    assert_int_equal(wf_control_read(&again, bytes.data, bytes.len), WF_OK);
    assert_int_equal(again.n_snapshots, 2);
    assert_memory_equal(again.snapshots, control.snapshots, sizeof(again.snapshots));
    wf_control_release(&again);
    bytes.len -= sizeof(control.snapshots[0]); /* the second; and how many there are */
    memmove(bytes.data + bytes.len - sizeof(control.snapshots[0]) - sizeof(int64_t),
            bytes.data + bytes.len - sizeof(control.snapshots[0]), sizeof(control.snapshots[0]));
    bytes.len -= sizeof(int64_t);
    bytes.data[0] = 4;
    wf_control_init(&again, NULL);
    assert_int_equal(wf_control_read(&again, bytes.data, bytes.len), WF_OK);
    assert_int_equal(again.n_snapshots, 1);
    assert_memory_equal(again.snapshots, control.snapshots, sizeof(again.snapshots[0]));
    wf_control_release(&again);
    bytes.len -= sizeof(control.snapshots[0]);
    bytes.data[0] = 3;
    wf_control_init(&again, NULL);
    assert_int_equal(wf_control_read(&again, bytes.data, bytes.len), WF_OK);
    assert_int_equal(again.n_snapshots, 0);
    wf_control_release(&again);
    bytes.data[0] = 2;
    wf_control_init(&again, NULL);
    assert_int_equal(wf_control_read(&again, bytes.data, bytes.len), WF_ERR_STATE);
    wf_control_release(&again);
    wf_control_init(&again, NULL);
    assert_int_equal(wf_control_read(&again, bytes.data, bytes.len - sizeof(int64_t)), WF_OK);
    assert_int_equal(again.watermark, 900);
    assert_string_equal(again.plan.id, "0123abcd");
    assert_int_equal(again.n_resumed, 0);
    wf_control_release(&again);
    wf_control_release(&control);
    wf_buf_release(&bytes);
}

/* Cut short anywhere, a byte more, unsorted actions: refused, and nothing leaks. */
static void hostile(void **state)
{
    struct wf_control control, again;
    struct wf_buf bytes, planned;
    (void)state;
    wf_control_init(&control, NULL);
    wf_buf_init(&bytes, NULL, 0);
    wf_buf_init(&planned, NULL, 0);
    assert_int_equal(wf_control_pause(&control, "journey w", "by hand", 5, true), WF_OK);
    assert_int_equal(wf_control_pause(&control, "all", "too many", 5, false), WF_OK);
    assert_int_equal(wf_control_resume(&control, "all", 6), WF_OK);
    plan_night(&control);
    wf_control_write(&control, &bytes);
    wf_planned_write(&control.plan, &planned);
    wf_buf_addc(&bytes, 0);
    for (size_t len = 0; len <= bytes.len; len++) {
        wf_control_init(&again, NULL);
        assert_int_equal(wf_control_read(&again, bytes.data, len),
                         len == bytes.len - 1 ? WF_OK : WF_ERR_STATE);
        wf_control_release(&again);
    }
    wf_control_init(&again, NULL);
    assert_int_equal(wf_planned_read(&again, planned.data, planned.len - 1), WF_ERR_STATE);
    assert_int_equal(wf_planned_read(&again, planned.data, planned.len), WF_OK);
    planned.data[0] = 1;
    assert_int_equal(wf_planned_read(&again, planned.data, planned.len), WF_ERR_STATE);
    wf_control_release(&again);
    wf_control_release(&control);
    wf_buf_release(&bytes);
    wf_buf_release(&planned);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses), cmocka_unit_test(resumed), cmocka_unit_test(keepers),
        cmocka_unit_test(older),  cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
