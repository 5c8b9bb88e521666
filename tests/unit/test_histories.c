/*
 * Made-up shops over sixty nights, each lived through three times: with whole exports and --full
 * each night, with exports that hold only what changed, and with any mixture of both and next to no
 * memory for events. What leaves, what is stopped, segments, metrics and the state must be the same
 * bytes. WF_HISTORIES=20000 plays more; WF_HISTORY=n one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "lang/lang.h"
#include "runtime/run/night.h"
#include "runtime/run/release.h"
#include "runtime/run/zonefile.h"
#include "tests/tools/compiled.h"
#include "tests/tools/history.h"
#include "tests/tools/memfs.h"

enum way { FULL, CHANGES, MIXED, WAYS };

struct world {
    enum way way;
    struct memfs files;
    struct wf_fs fs;
    struct wf_store *store;
    uint64_t dice;
    struct wf_buf why;
};

struct playing {
    uint64_t seed;
    struct history shop;
    struct wf_compiled compiled;
    struct wf_zone *zone;
    struct world worlds[WAYS];
    int last;     /* the last night that was run */
    int64_t late; /* seconds after midnight that it runs */
    unsigned threads, chain_percent;
    bool same;
};

/* ---- a night ---- */

static int64_t night_of(const struct playing *p)
{
    return wf_zone_midnight(p->zone, history_day(p->shop.night)) + p->late;
}

static enum wf_feed_kind kind_of(enum history_feed feed)
{
    switch (feed) {
    case HISTORY_MEMBER: return WF_FEED_MEMBER;
    case HISTORY_MERGES: return WF_FEED_MERGES;
    case HISTORY_SHOPS: return WF_FEED_TABLE;
    default: return WF_FEED_EVENT;
    }
}

static uint32_t index_of(const struct wf_ir *ir, enum history_feed feed)
{
    static const char *const names[HISTORY_FEEDS] = {
        [HISTORY_PURCHASE] = "purchase", [HISTORY_VISIT] = "visit", [HISTORY_OPTOUT] = "optout"};
    for (uint32_t e = 0; names[feed] && e < ir->n_events; e++)
        if (strcmp(ir->texts[ir->events[e].name]->text, names[feed]) == 0)
            return e;
    return 0;
}

static void export_all(struct playing *p, struct world *w, bool *whole_out,
                       struct wf_buf bytes[HISTORY_FEEDS],
                       struct wf_feed_memory feeds[HISTORY_FEEDS])
{
    *whole_out = w->way == FULL || (w->way == MIXED && history_roll(&w->dice, 5) == 0);
    for (int f = 0; f < HISTORY_FEEDS; f++) {
        bool full =
            *whole_out || p->last < 0 || (w->way == MIXED && history_roll(&w->dice, 3) == 0);
        wf_buf_init(&bytes[f], NULL, 0);
        history_export(&p->shop, (enum history_feed)f, full, p->last, &w->dice, &bytes[f]);
        feeds[f] = (struct wf_feed_memory){
            .kind = kind_of((enum history_feed)f),
            .index = index_of(&p->compiled.program->ir, (enum history_feed)f),
            .name = "feed.csv",
            .bytes = bytes[f].data,
            .len = bytes[f].len};
    }
}

/* Runs the night in one world; twice, now and then. */
static void run_night(struct playing *p, struct world *w, bool twice)
{
    struct wf_buf bytes[HISTORY_FEEDS];
    struct wf_feed_memory feeds[HISTORY_FEEDS];
    bool whole;
    export_all(p, w, &whole, bytes, feeds);
    struct wf_run_options options = {.memory = feeds,
                                     .n_memory = HISTORY_FEEDS,
                                     .out = "out",
                                     .beside = "state/shop.db",
                                     .full = whole,
                                     .now = night_of(p),
                                     .zone = p->zone,
                                     .threads = p->threads,
                                     .event_memory = w->way == MIXED, /* next to nothing */
                                     .scratch = "spill",
                                     .batch = WF_BATCH,
                                     .max_rejects = 1000000,
                                     .chain_percent = p->chain_percent,
                                     .accept_volume = true,
                                     .accept_repeat = true,
                                     .fs = &w->fs};
    for (int run = 0; run < (twice ? 2 : 1); run++) {
        struct wf_run_result result;
        wf_buf_reset(&w->why);
        enum wf_status st = wf_run_night(p->compiled.program, w->store, &options, &result, &w->why);
        if (st != WF_OK || result.already != (run > 0)) {
            print_error("history %llu, night %d, way %d: %d %s\n", (unsigned long long)p->seed,
                        p->shop.night, w->way, st, wf_buf_str(&w->why));
            p->same = false;
        }
        wf_run_result_release(&result);
    }
    for (int f = 0; f < HISTORY_FEEDS; f++)
        wf_buf_release(&bytes[f]);
}

/* ---- what must be the same ---- */

static void differ(struct playing *p, const struct world *w, const char *what, const char *one,
                   const char *other)
{
    p->same = false;
    print_error("history %llu, night %d, way %d: another %s\n--- in full\n%s\n--- so\n%s\n",
                (unsigned long long)p->seed, p->shop.night, w->way, what, one, other);
}

static void compare_files(struct playing *p, struct world *w)
{
    static const char *const names[] = {"actions.csv", "suppressed.csv", "segments.csv",
                                        "metrics.csv"};
    for (size_t i = 0; p->same && i < sizeof(names) / sizeof(*names); i++) {
        char folder[WF_FOLDER_NAME], path[64 + WF_FOLDER_NAME];
        wf_night_folder(p->zone, night_of(p), folder);
        snprintf(path, sizeof(path), "out/%s/%s", folder, names[i]);
        const struct wf_buf *one = memfs_find(&p->worlds[FULL].files, path);
        const struct wf_buf *other = memfs_find(&w->files, path);
        bool alike =
            (one == NULL) == (other == NULL) &&
            (!one || (one->len == other->len && memcmp(one->data, other->data, one->len) == 0));
        if (!alike || (i < 3 && !one))
            differ(p, w, names[i], one ? wf_buf_str(one) : "", other ? wf_buf_str(other) : "");
    }
}

/* All of a state but what says from which exports it was made. */
static enum wf_status add_blob(void *ctx, enum wf_blob_kind kind, uint32_t owner, int64_t part,
                               int64_t latest, const void *bytes, size_t len)
{
    struct wf_buf *out = ctx;
    const unsigned char *at = bytes;
    if (kind == WF_BLOB_FEEDS || kind == WF_BLOB_CONTROL || kind == WF_BLOB_SEAL)
        return WF_OK;
    wf_buf_addf(out, "blob %d %u %lld %lld ", kind, owner, (long long)part, (long long)latest);
    for (size_t i = 0; i < len; i++)
        wf_buf_addf(out, "%02x", at[i]);
    wf_buf_addc(out, '\n');
    return WF_OK;
}

static enum wf_status add_rule(void *ctx, const struct wf_rule_state *rule)
{
    wf_buf_addf(ctx, "rule %s %lld %lld %d\n", rule->identity, (long long)rule->first_t,
                (long long)rule->floor, rule->calendar_done);
    return WF_OK;
}

static enum wf_status add_row(void *ctx, const struct wf_ledger_row *row)
{
    struct wf_buf *out = ctx;
    for (size_t i = 0; i < sizeof(row->action_id); i++)
        wf_buf_addf(out, "%02x", row->action_id[i]);
    wf_buf_addf(out, " %lld %.*s %s %.*s\n", (long long)row->run, (int)row->member.len,
                row->member.text, row->gate ? row->gate : "left", (int)row->note.len,
                row->note.text);
    return WF_OK;
}

static void tell_state(struct world *w, struct wf_buf *out)
{
    wf_buf_init(out, NULL, 0);
    assert_int_equal(w->store->ops->each_rule(w->store, add_rule, out), WF_OK);
    assert_int_equal(w->store->ops->each_blob(w->store, add_blob, out), WF_OK);
    assert_int_equal(w->store->ops->each_of(w->store, NULL, 0, add_row, out), WF_OK);
}

static void compare_states(struct playing *p)
{
    struct wf_buf one, other;
    tell_state(&p->worlds[FULL], &one);
    assert_true(one.len > 0);
    for (int way = CHANGES; p->same && way < WAYS; way++) {
        tell_state(&p->worlds[way], &other);
        if (strcmp(wf_buf_str(&one), wf_buf_str(&other)) != 0)
            differ(p, &p->worlds[way], "state", wf_buf_str(&one), wf_buf_str(&other));
        wf_buf_release(&other);
    }
    wf_buf_release(&one);
}

/* ---- a history ---- */

static void compile_rules(struct playing *p, bool fewer)
{
    struct wf_buf rules;
    wf_buf_init(&rules, NULL, 0);
    history_rules(p->seed, fewer, &rules);
    const struct file files[] = {{"rules.way", wf_buf_str(&rules)}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    enum wf_status st = wf_compile(NULL, &loader, "rules.way", &p->compiled);
    for (size_t i = 0; st != WF_OK && i < p->compiled.front.diags.n; i++)
        print_error("%s\n", p->compiled.front.diags.items[i]->message);
    assert_int_equal(st, WF_OK);
    wf_buf_release(&rules);
}

static void open_history(struct playing *p, uint64_t seed)
{
    static const unsigned percents[] = {25, 100, 400, 5000}; /* chains of a night or two, or many */
    *p = (struct playing){.seed = seed,
                          .last = -1,
                          .threads = seed % 8 == 7 ? 2 : 1,
                          .chain_percent = percents[seed / 8 % 4],
                          .same = true};
    compile_rules(p, false);
    assert_int_equal(wf_zone_load(history_zone(seed), NULL, &p->zone, NULL), WF_OK);
    for (int way = 0; way < WAYS; way++) {
        struct world *w = &p->worlds[way];
        w->way = (enum way)way;
        w->dice = seed * 31 + (uint64_t)way;
        w->fs = memfs_of(&w->files);
        wf_buf_init(&w->why, NULL, 0);
        assert_int_equal(wf_store_open_mem(NULL, &w->store), WF_OK);
    }
    history_begin(&p->shop, seed);
}

static void close_history(struct playing *p)
{
    for (int way = 0; way < WAYS; way++) {
        wf_store_close(p->worlds[way].store);
        memfs_release(&p->worlds[way].files);
        wf_buf_release(&p->worlds[way].why);
    }
    wf_zone_free(p->zone);
    wf_compiled_release(&p->compiled);
}

static void play(uint64_t seed)
{
    struct playing *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    open_history(p, seed);
    uint64_t dice = seed + 5;
    int change = seed % 3 == 0 ? 10 + (int)(seed / 3 % 40) : HISTORY_NIGHTS;
    while (p->same && p->shop.night + 1 < HISTORY_NIGHTS) {
        history_live(&p->shop);
        if (p->shop.night == change) {
            wf_compiled_release(&p->compiled);
            compile_rules(p, true);
        }
        bool missed = p->shop.night && history_roll(&dice, 12) == 0;
        bool twice = history_roll(&dice, 15) == 0;
        p->late = seed % 4 == 1 ? history_roll(&dice, 24) * 3600 : 0;
        for (int way = 0; !missed && p->same && way < WAYS; way++)
            run_night(p, &p->worlds[way], twice);
        for (int way = CHANGES; !missed && p->same && way < WAYS; way++)
            compare_files(p, &p->worlds[way]);
        p->last = missed ? p->last : p->shop.night;
    }
    if (p->same)
        compare_states(p);
    bool same = p->same;
    close_history(p);
    free(p);
    assert_true(same);
}

static void any_way_is_the_same(void **state)
{
    const char *count = getenv("WF_HISTORIES"), *one = getenv("WF_HISTORY");
    uint64_t n = count ? strtoull(count, NULL, 10) : 200;
    (void)state;
    if (one) {
        play(strtoull(one, NULL, 10));
        return;
    }
    for (uint64_t i = 0; i < n; i++)
        play(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_way_is_the_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
