#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "runtime/vm/bits.h"
#include "tests/tools/stored.h"

enum { N = 200000 };

/* The id of a member: thousands of numbers in a row, and thousands of bytes that are none. */
static size_t id_of(uint32_t i, char id[16])
{
    if (i / 1000 % 3 != 1)
        return (size_t)snprintf(id, 16, "A%07u", i);
    memcpy(id, &i, sizeof(i));
    id[sizeof(i)] = '!';
    return sizeof(i) + 1;
}

static void add_member(struct wf_state *state, uint32_t i)
{
    char id[16];
    assert_int_equal(wf_members_add(&state->members, id, id_of(i, id)), WF_OK);
}

static uint32_t find_member(struct wf_state *state, uint32_t i)
{
    char id[16];
    uint32_t member;
    assert_int_equal(wf_members_find(&state->members, id, id_of(i, id), &member), WF_OK);
    return member;
}

static void expect_members(struct wf_state *state)
{
    assert_int_equal(state->members.n, N);
    for (uint32_t i = 0; i < N; i += 77)
        assert_int_equal(find_member(state, i), i);
    assert_int_equal(find_member(state, N), WF_NO_MEMBER);
    assert_int_equal(find_member(state, N + 3000), WF_NO_MEMBER);
}

/* A night with everything: ids over several parts, bits over several words, marks, columns. */
static void fill(struct wf_state *state)
{
    struct wf_rule_state *rule;
    struct wf_column_state *column;
    for (uint32_t i = 0; i < N; i++)
        add_member(state, i);
    assert_int_equal(wf_state_add_rule(state, "main:first", &rule), WF_OK);
    rule->first_t = 1000;
    rule->floor = -5;
    rule->calendar_done = 20000;
    assert_int_equal(wf_set_room(&rule->decided, N, NULL), WF_OK);
    for (uint32_t i = 0; i < N; i += 3)
        rule->decided.words[i / 64] |= (uint64_t)1 << i % 64;
    rule->decided.dirty = true;
    struct wf_mark mark = {.member = 7};
    for (int64_t year = 2030; year > 2020; year--) {
        wf_mark_number(mark.key, year);
        assert_int_equal(wf_marks_add(&rule->marks, mark, year, NULL), WF_OK);
    }
    wf_mark_number(mark.key, -3);
    assert_int_equal(wf_marks_add(&rule->acted, mark, INT64_MAX, NULL), WF_OK);
    assert_int_equal(wf_state_add_column(state, "watch 00ff", &column), WF_OK);
    column->t = 1000;
    assert_int_equal(wf_set_room(&column->yes, N, NULL), WF_OK);
    column->yes.words[1] = 0xf0;
    assert_int_equal(wf_set_room(&column->no, 700, NULL), WF_OK);
    column->no.words[1] = 0x0f;
    column->no.words[10] = 1;
    column->yes.dirty = column->no.dirty = true;
}

static void expect_filled(struct wf_state *state)
{
    expect_members(state);
    struct wf_rule_state *rule = wf_state_rule(state, "main:first");
    assert_non_null(rule);
    assert_int_equal(rule->first_t, 1000);
    assert_int_equal(rule->floor, -5);
    assert_int_equal(rule->calendar_done, 20000);
    assert_string_equal(rule->born, "main:first");
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(wf_set_has(&rule->decided, i), i % 3 == 0);
    struct wf_mark mark = {.member = 7};
    for (int64_t year = 2015; year < 2035; year++) {
        wf_mark_number(mark.key, year);
        assert_int_equal(wf_marks_has(&rule->marks, mark), year > 2020 && year <= 2030);
    }
    size_t n;
    const struct wf_mark *acted = wf_marks_of(&rule->acted, 7, &n);
    assert_int_equal(n, 1);
    assert_int_equal(wf_mark_to_number(acted->key), -3);
    wf_marks_of(&rule->acted, 8, &n);
    assert_int_equal(n, 0);
    struct wf_column_state *column = wf_state_column(state, "watch 00ff");
    assert_non_null(column);
    assert_int_equal(column->t, 1000);
    assert_int_equal(wf_bits_count(column->yes.words, column->yes.n_words), 4);
    assert_int_equal(wf_bits_count(column->no.words, column->no.n_words), 5);
    assert_true(wf_set_has(&column->yes, 68) && wf_set_has(&column->no, 640));
}

/* What a night saved is what the next one finds, whichever keeper held it. */
static void round_trip(struct wf_store *store, struct wf_store *(*again)(void *), void *ctx)
{
    struct wf_state state;
    load(store, &state);
    assert_int_equal(state.last.status, WF_RUN_NONE);
    fill(&state);
    save_night(store, &state, 1, 1000);
    wf_state_release(&state);
    if (again) {
        wf_store_close(store);
        store = again(ctx);
    }
    load(store, &state);
    expect_filled(&state);
    assert_int_equal(state.last.seq, 1);
    assert_int_equal(state.began, 1000);
    assert_int_equal(state.last.t, 1000);
    assert_int_equal(state.last.status, WF_RUN_PUBLISHING);
    assert_string_equal(state.last.manifest, "manifest");

    /* the next night: one member more, the column not seen again, the rule under another name */
    struct wf_rule_state *rule = wf_state_rule(&state, "main:first");
    add_member(&state, N + 5);
    assert_int_equal(wf_state_rename_rule(&state, rule, "main:second"), WF_OK);
    save_night(store, &state, 2, 2000);
    wf_state_release(&state);
    load(store, &state);
    assert_int_equal(state.members.n, N + 1);
    assert_int_equal(find_member(&state, N + 5), N);
    assert_int_equal(find_member(&state, N + 4), WF_NO_MEMBER);
    assert_int_equal(state.last.t, 2000);
    assert_int_equal(state.began, 1000);
    assert_null(wf_state_rule(&state, "main:first"));
    rule = wf_state_rule(&state, "main:second");
    assert_non_null(rule);
    assert_string_equal(rule->born, "main:first");
    assert_true(wf_set_has(&rule->decided, 3));
    assert_int_equal(state.n_columns, 0);
    wf_state_release(&state);
    wf_store_close(store);
}

static struct wf_store *open_again(void *ctx)
{
    return open_at(ctx);
}

static void sqlite_keeps(void **state)
{
    struct place *place = *state;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    round_trip(open_at(place), open_again, place);
}

static void memory_keeps(void **state)
{
    struct wf_store *store;
    (void)state;
    assert_int_equal(wf_store_open_mem(NULL, &store), WF_OK);
    round_trip(store, NULL, NULL);
}

static void ledger_of(struct wf_store *store)
{
    struct wf_ledger_row rows[] = {ledger_row(3, NULL), ledger_row(1, "holdout"),
                                   ledger_row(2, NULL)};
    uint64_t counts[2];
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 1, rows, 3), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    assert_int_equal(store->ops->count_ledger(store, counts), WF_OK);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 1);
    /* the same action again stops everything, and a rollback leaves no trace of the night */
    struct wf_ledger_row more[] = {ledger_row(9, NULL), ledger_row(3, NULL)};
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 2, more, 2), WF_ERR_INTERNAL);
    store->ops->rollback(store);
    assert_int_equal(store->ops->count_ledger(store, counts), WF_OK);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 1);
    /* what was stopped for now gives way to what became of it; what left never does */
    struct wf_ledger_row again[] = {ledger_row(1, "cap"), ledger_row(3, NULL)};
    again[0].again = again[1].again = true;
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 2, again, 1), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 2, again + 1, 1), WF_ERR_INTERNAL);
    store->ops->rollback(store);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->add_ledger(store, 2, again, 1), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    assert_int_equal(store->ops->count_ledger(store, counts), WF_OK);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 1);
}

static enum wf_status see_sent(void *ctx, const struct wf_ledger_row *row)
{
    int *seen = ctx; /* a bit by action: they may come in any order */
    assert_in_range(row->action_id[15], 2, 3);
    assert_false(*seen >> row->action_id[15] & 1);
    assert_int_equal(row->member.len, 4);
    assert_memory_equal(row->name.text, "FIRST20", 8);
    assert_int_equal(row->at, 77);
    assert_int_equal(row->party.len, 11);
    assert_memory_equal(row->party.text, "whose it is", 11);
    *seen |= 1 << row->action_id[15];
    return WF_OK;
}

struct seen {
    int rows, runs;
};

/* The member's rows by run: 2 and 3 left in the first, 1 was stopped again in the second. */
static enum wf_status see_of(void *ctx, const struct wf_ledger_row *row)
{
    struct seen *seen = ctx;
    static const unsigned char IDS[] = {2, 3, 1};
    assert_int_equal(row->action_id[15], IDS[seen->rows]);
    assert_int_equal(row->run, seen->rows < 2 ? 1 : 2);
    if (seen->rows < 2)
        assert_null(row->gate);
    else
        assert_string_equal(row->gate, "cap");
    seen->rows++;
    return WF_OK;
}

static enum wf_status see_count(void *ctx, int64_t seq, uint64_t left, uint64_t stopped)
{
    struct seen *seen = ctx;
    assert_int_equal(seq, ++seen->runs);
    assert_int_equal(left, seq == 1 ? 2 : 0);
    assert_int_equal(stopped, seq == 1 ? 0 : 1);
    return WF_OK;
}

static enum wf_status see_run(void *ctx, const struct wf_run_row *run)
{
    struct seen *seen = ctx;
    assert_int_equal(run->seq, ++seen->runs);
    assert_string_equal(run->folder, "folder");
    return WF_OK;
}

static void told(struct wf_store *store)
{
    struct seen seen = {0};
    assert_int_equal(store->ops->each_of(store, "m\xe4\xb8\xad", 4, see_of, &seen), WF_OK);
    assert_int_equal(seen.rows, 3);
    assert_int_equal(store->ops->each_of(store, "m\xe4\xb8", 3, see_of, &seen), WF_OK);
    assert_int_equal(seen.rows, 3); /* nobody of that id */
    seen.rows = 0;
    assert_int_equal(store->ops->each_of(store, NULL, 0, see_of, &seen), WF_OK);
    assert_int_equal(seen.rows, 3); /* everyone's */
    seen.rows = 1;
    assert_int_equal(
        store->ops->of_action(store, (const unsigned char[16]){[15] = 3}, see_of, &seen), WF_OK);
    assert_int_equal(seen.rows, 2);
    assert_int_equal(
        store->ops->of_action(store, (const unsigned char[16]){[15] = 9}, see_of, &seen), WF_OK);
    assert_int_equal(seen.rows, 2); /* no such action */
    assert_int_equal(store->ops->each_count(store, see_count, &seen), WF_OK);
    assert_int_equal(seen.runs, 2);
    struct wf_run_row run = run_row(1, 1, WF_RUN_PUBLISHED);
    assert_int_equal(store->ops->put_run(store, &run), WF_OK);
    seen.runs = 0;
    assert_int_equal(store->ops->each_run(store, see_run, &seen), WF_OK);
    assert_int_equal(seen.runs, 1);
}

static void ledgers(void **state)
{
    struct place *place = *state;
    struct wf_store *stores[2];
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    stores[0] = open_at(place);
    assert_int_equal(wf_store_open_mem(NULL, &stores[1]), WF_OK);
    for (int i = 0; i < 2; i++) {
        int seen = 0;
        ledger_of(stores[i]);
        assert_int_equal(stores[i]->ops->each_sent(stores[i], INT64_MIN, see_sent, &seen), WF_OK);
        assert_int_equal(seen, 12);
        assert_int_equal(stores[i]->ops->each_sent(stores[i], 77, see_sent, &seen), WF_OK);
        assert_int_equal(seen, 12); /* nothing left after 77 */
        told(stores[i]);
        wf_store_close(stores[i]);
    }
}

/* Segments of marks: one a night, united when there are many, dropped when all are long past. */
static void segments(void **state)
{
    struct place *place = *state;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    struct wf_store *store = open_at(place);
    struct wf_state s;
    struct wf_rule_state *rule;
    for (int64_t night = 1; night <= 70; night++) {
        load(store, &s);
        if (night == 1)
            assert_int_equal(wf_state_add_rule(&s, "r", &rule), WF_OK);
        rule = wf_state_rule(&s, "r");
        assert_int_equal(rule->marks.n, night - 1);
        assert_true(rule->marks.n_segments <= WF_STORE_SEGMENTS);
        struct wf_mark mark = {.member = (uint32_t)(night * 7919 % 71)};
        assert_int_equal(wf_marks_add(&rule->marks, mark, night, NULL), WF_OK);
        save_night(store, &s, night, night);
        wf_state_release(&s);
    }
    load(store, &s);
    rule = wf_state_rule(&s, "r");
    for (int64_t night = 1; night <= 70; night++) {
        struct wf_mark mark = {.member = (uint32_t)(night * 7919 % 71)};
        assert_true(wf_marks_has(&rule->marks, mark));
    }
    struct wf_run_row run = run_row(71, 71, WF_RUN_PUBLISHED);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(wf_store_save(store, &s, &run, 70), WF_OK); /* only night 70 stays */
    assert_int_equal(store->ops->commit(store), WF_OK);
    wf_state_release(&s);
    load(store, &s);
    assert_int_equal(wf_state_rule(&s, "r")->marks.n, 1);
    assert_int_equal(wf_state_rule(&s, "r")->marks.items[0].member, 70 * 7919 % 71);
    wf_state_release(&s);
    wf_store_close(store);
}

/* How many blobs of a kind there are, and the last one's bytes. */
struct blobs {
    enum wf_blob_kind kind;
    int n;
    unsigned char bytes[64];
    size_t len;
};

static enum wf_status see_blob(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                               int64_t latest, const void *bytes, size_t len)
{
    struct blobs *blobs = ctx;
    if (kind != blobs->kind || owner != 1 || part != 0 || latest != INT64_MAX)
        return WF_OK;
    assert_in_range(len, 1, sizeof(blobs->bytes));
    memcpy(blobs->bytes, bytes, len);
    blobs->len = len;
    blobs->n++;
    return WF_OK;
}

static struct blobs blobs_of(struct wf_store *store, enum wf_blob_kind kind)
{
    struct blobs blobs = {.kind = kind};
    assert_int_equal(store->ops->each_blob(store, see_blob, &blobs), WF_OK);
    return blobs;
}

/* Before format 5 a column's blobs were yes and no; they are read, and written as they are now. */
static void known_as_no(void **state)
{
    (void)state;
    struct wf_store *store;
    struct wf_state s;
    struct wf_column_state *column;
    assert_int_equal(wf_store_open_mem(NULL, &store), WF_OK);
    load(store, &s);
    assert_int_equal(wf_state_add_column(&s, "watch 1", &column), WF_OK);
    column->t = 1000;
    assert_int_equal(wf_set_room(&column->no, 100, NULL), WF_OK);
    column->no.words[1] = 6;
    column->no.dirty = true;
    save_night(store, &s, 1, 1000);
    wf_state_release(&s);
    struct blobs known = blobs_of(store, WF_BLOB_KNOWN);
    assert_int_equal(known.n, 1);
    assert_int_equal(store->ops->begin(store), WF_OK);
    assert_int_equal(store->ops->drop_blobs(store, WF_BLOB_KNOWN, 1, true, 0), WF_OK);
    assert_int_equal(
        store->ops->put_blob(store, WF_BLOB_NO, 1, 0, INT64_MAX, known.bytes, known.len), WF_OK);
    assert_int_equal(store->ops->commit(store), WF_OK);
    for (int64_t night = 2; night < 4; night++) {
        load(store, &s);
        column = wf_state_column(&s, "watch 1");
        assert_int_equal(wf_bits_count(column->no.words, column->no.n_words), 2);
        assert_int_equal(wf_bits_count(column->yes.words, column->yes.n_words), 0);
        column->t = 1000 * night;
        column->no.dirty = true;
        save_night(store, &s, night, 1000 * night);
        wf_state_release(&s);
        assert_int_equal(blobs_of(store, WF_BLOB_NO).n, 0);
        assert_int_equal(blobs_of(store, WF_BLOB_KNOWN).n, 1);
    }
    wf_store_close(store);
}

static void merged(void **state)
{
    (void)state;
    struct wf_state s;
    struct wf_rule_state *rule;
    struct wf_column_state *column;
    wf_state_init(&s, NULL);
    assert_int_equal(wf_state_add_rule(&s, "r", &rule), WF_OK);
    assert_int_equal(wf_set_room(&rule->decided, 3, NULL), WF_OK);
    rule->decided.words[0] = 4; /* member 2 */
    struct wf_mark a = {.member = 2, .key = "event"}, b = {.member = 5, .key = "event"};
    assert_int_equal(wf_marks_add(&rule->marks, a, 1, NULL), WF_OK);
    assert_int_equal(wf_marks_add(&rule->acted, a, 1, NULL), WF_OK);
    assert_int_equal(wf_state_add_column(&s, "watch 1", &column), WF_OK);
    assert_int_equal(wf_set_room(&column->yes, 100, NULL), WF_OK);
    assert_int_equal(wf_set_room(&column->no, 100, NULL), WF_OK);
    column->yes.words[0] = 4 + 8;
    column->no.words[1] = 0xff;
    bool done;
    assert_int_equal(wf_state_merge(&s, 2, 70, &done), WF_OK);
    assert_true(done);
    b.member = 70;
    assert_true(wf_set_has(&rule->decided, 70));
    assert_true(wf_marks_has(&rule->marks, b));
    assert_true(wf_marks_has(&rule->acted, b));
    assert_true(wf_marks_has(&rule->marks, a));
    assert_int_equal(column->yes.words[0], 8);
    assert_int_equal(column->no.words[1], 0xff & ~(1 << 6));
    column->yes.words[0] = 4; /* the same merge again says nothing new */
    assert_int_equal(wf_state_merge(&s, 2, 70, &done), WF_OK);
    assert_false(done);
    assert_int_equal(column->yes.words[0], 4);
    wf_state_release(&s);
}

static void refused(void **state)
{
    struct place *place = *state;
    struct wf_store *store = NULL, *other = NULL;
    struct stat info;
    assert_int_equal(wf_store_open(place->path, NULL, &store, NULL), WF_ERR_MISSING);
    FILE *f = fopen(place->path, "w");
    fclose(f);
    assert_int_equal(wf_store_open(place->path, NULL, &store, NULL), WF_ERR_STATE);
    f = fopen(place->path, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", f);
    fclose(f);
    assert_int_equal(wf_store_open(place->path, NULL, &store, NULL), WF_ERR_STATE);
    assert_int_equal(wf_store_create(place->path, NULL), WF_ERR_STATE);
    unlink(place->path);
    umask(0);
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    assert_int_equal(stat(place->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(wf_store_create(place->path, NULL), WF_ERR_STATE);
    store = open_at(place);
    struct wf_buf why;
    wf_buf_init(&why, NULL, 0);
    assert_int_equal(wf_store_open(place->path, NULL, &other, &why), WF_ERR_BUSY);
    assert_non_null(strstr(wf_buf_str(&why), "another run"));
    wf_buf_release(&why);
    wf_store_close(store);
    store = open_at(place);
    wf_store_close(store);
}

/* In the run of its own number. */
/* Any byte of the file may have flipped: loading answers, whatever it answers. */
static void damaged(void **state)
{
    struct place *place = *state;
    assert_int_equal(wf_store_create(place->path, NULL), WF_OK);
    struct wf_store *store = open_at(place);
    struct wf_state s;
    wf_state_init(&s, NULL);
    struct wf_rule_state *rule;
    assert_int_equal(wf_state_add_rule(&s, "r", &rule), WF_OK);
    assert_int_equal(wf_set_room(&rule->decided, 1000, NULL), WF_OK);
    rule->decided.words[3] = 12345;
    rule->decided.dirty = true;
    save_night(store, &s, 1, 1);
    wf_state_release(&s);
    wf_store_close(store);
    FILE *f = fopen(place->path, "r+");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    int refusals = 0;
    for (long at = 0; at < size; at += 37) {
        fseek(f, at, SEEK_SET);
        int c = fgetc(f);
        fseek(f, at, SEEK_SET);
        fputc(c ^ 0x41, f);
        fflush(f);
        if (wf_store_open(place->path, NULL, &store, NULL) == WF_OK) {
            wf_state_init(&s, NULL);
            refusals += wf_store_load(store, &s) != WF_OK;
            wf_state_release(&s);
            wf_store_close(store);
        } else {
            refusals++;
        }
        fseek(f, at, SEEK_SET);
        fputc(c, f);
        fflush(f);
    }
    fclose(f);
    assert_true(refusals > 3);
    store = open_at(place);
    load(store, &s);
    assert_int_equal(wf_state_rule(&s, "r")->decided.words[3], 12345);
    wf_state_release(&s);
    wf_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sqlite_keeps, make_place, drop_place),
        cmocka_unit_test(memory_keeps),
        cmocka_unit_test_setup_teardown(ledgers, make_place, drop_place),
        cmocka_unit_test_setup_teardown(segments, make_place, drop_place),
        cmocka_unit_test(known_as_no),
        cmocka_unit_test(merged),
        cmocka_unit_test_setup_teardown(refused, make_place, drop_place),
        cmocka_unit_test_setup_teardown(damaged, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
