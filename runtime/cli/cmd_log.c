#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/state.h"
#include "runtime/data/json_text.h"

/* A night and what became of its actions. */
struct logged {
    int64_t seq;
    char *folder;
    enum wf_run_status status;
    uint64_t left, stopped;
};

struct logging {
    const char *night, *member;
    bool json;
    const struct wf_state *state;
    struct logged *runs; /* by seq */
    size_t n_runs, room;
    json_t *rows;
    bool bad; /* something of the JSON is missing for want of memory */
};

static enum wf_status take_run(void *ctx, const struct wf_run_row *run)
{
    struct logging *l = ctx;
    if (wf_grow(NULL, &l->runs, &l->room, l->n_runs + 1, sizeof(*l->runs)) != 0)
        return WF_ERR_NOMEM;
    struct logged *to = &l->runs[l->n_runs];
    *to = (struct logged){
        .seq = run->seq, .folder = wf_strdup(NULL, run->folder), .status = run->status};
    l->n_runs += to->folder != NULL;
    return to->folder ? WF_OK : WF_ERR_NOMEM;
}

static struct logged *find_run(const struct logging *l, int64_t seq)
{
    for (size_t i = l->n_runs; i > 0; i--)
        if (l->runs[i - 1].seq == seq)
            return &l->runs[i - 1];
    return NULL;
}

static enum wf_status take_count(void *ctx, int64_t seq, uint64_t left, uint64_t stopped)
{
    struct logged *run = find_run(ctx, seq);
    if (run) {
        run->left = left;
        run->stopped = stopped;
    }
    return WF_OK;
}

static bool is_asked(const struct logging *l, const struct logged *run)
{
    return run && (!l->night || strcmp(run->folder, l->night) == 0);
}

/* ---- the nights ---- */

static const char *stand_of(const struct logging *l, const struct logged *run)
{
    return run->status == WF_RUN_PUBLISHING        ? N_("publishing")
           : run->seq <= l->state->control.claimed ? N_("taken")
                                                   : N_("published");
}

static void tell_run(struct logging *l, const struct logged *run)
{
    if (!l->json) {
        printf(wf_word("%s  %-10s  %" PRIu64 " actions, %" PRIu64 " suppressed\n"), run->folder,
               wf_word(stand_of(l, run)), run->left, run->stopped);
        return;
    }
    json_t *one = json_object();
    wf_json_put(one, "night", json_string(run->folder), &l->bad);
    wf_json_put(one, "status", json_string(stand_of(l, run)), &l->bad);
    wf_json_put(one, "actions", json_integer((json_int_t)run->left), &l->bad);
    wf_json_put(one, "suppressed", json_integer((json_int_t)run->stopped), &l->bad);
    wf_json_append(l->rows, one, &l->bad);
}

/* ---- one member ---- */

static const char *rule_of(const struct logging *l, uint32_t id)
{
    for (size_t i = 0; i < l->state->n_rules; i++)
        if (l->state->rules[i].id == id)
            return l->state->rules[i].identity;
    return "";
}

static json_t *text_json(struct wf_ledger_text text)
{
    return json_stringn(text.text, text.len);
}

static void print_action(const struct logging *l, const char *night,
                         const struct wf_ledger_row *row)
{
    char at[WF_UTC_TEXT];
    wf_cli_utc(row->at, at);
    printf("%s  %.*s%s%.*s", night, (int)row->kind.len, row->kind.text, row->name.len ? " " : "",
           (int)row->name.len, row->name.text);
    if (row->channel.len)
        printf(wf_word(" via %.*s"), (int)row->channel.len, row->channel.text);
    printf("  %s", rule_of(l, row->rule));
    if (row->step.len)
        printf(" / %.*s", (int)row->step.len, row->step.text);
    if (row->gate)
        printf(row->note.len ? wf_word("  stopped by %s: %.*s\n") : wf_word("  stopped by %s\n"),
               row->gate, (int)row->note.len, row->note.text);
    else
        printf(wf_word("  left for %s\n"), at);
}

static void add_action(struct logging *l, const char *night, const struct wf_ledger_row *row)
{
    json_t *one = json_object();
    char at[WF_UTC_TEXT];
    wf_cli_utc(row->at, at);
    wf_json_put(one, "night", json_string(night), &l->bad);
    wf_json_put(one, "kind", text_json(row->kind), &l->bad);
    wf_json_put(one, "name", text_json(row->name), &l->bad);
    wf_json_put(one, "channel", text_json(row->channel), &l->bad);
    wf_json_put(one, "coupon", text_json(row->coupon), &l->bad);
    wf_json_put(one, "rule", json_string(rule_of(l, row->rule)), &l->bad);
    wf_json_put(one, "step", text_json(row->step), &l->bad);
    wf_json_put(one, "at", json_string(at), &l->bad);
    wf_json_put(one, "gate", row->gate ? json_string(row->gate) : json_null(), &l->bad);
    wf_json_put(one, "note", text_json(row->note), &l->bad);
    wf_json_append(l->rows, one, &l->bad);
}

static enum wf_status take_action(void *ctx, const struct wf_ledger_row *row)
{
    struct logging *l = ctx;
    const struct logged *run = find_run(l, row->run);
    if (!is_asked(l, run))
        return WF_OK;
    if (l->json)
        add_action(l, run->folder, row);
    else
        print_action(l, run->folder, row);
    return WF_OK;
}

/* ---- the command ---- */

static enum wf_status tell(struct logging *l, struct wf_store *store)
{
    enum wf_status st = WF_OK;
    if (l->member)
        st = store->ops->each_of(store, l->member, strlen(l->member), take_action, l);
    for (size_t i = 0; !l->member && i < l->n_runs; i++)
        if (is_asked(l, &l->runs[i]))
            tell_run(l, &l->runs[i]);
    return st;
}

static enum wf_status look(void *ctx, struct wf_store *store, struct wf_state *state,
                           struct wf_buf *why)
{
    struct logging *l = ctx;
    bool there = !l->night;
    l->state = state;
    enum wf_status st = store->ops->each_run(store, take_run, l);
    for (size_t i = 0; i < l->n_runs; i++)
        there |= is_asked(l, &l->runs[i]);
    if (st == WF_OK && !there) {
        wf_say(why, "no night called '%s' was run", l->night);
        st = WF_ERR_USAGE;
    }
    if (st == WF_OK)
        st = store->ops->each_count(store, take_count, l);
    l->rows = l->json ? json_array() : NULL;
    if (st == WF_OK)
        st = tell(l, store);
    if (st == WF_OK && l->json)
        st = l->bad ? WF_ERR_NOMEM : wf_cli_json(json_incref(l->rows));
    json_decref(l->rows);
    for (size_t i = 0; i < l->n_runs; i++)
        wf_free(NULL, l->runs[i].folder);
    wf_free(NULL, l->runs);
    return st;
}

int cmd_log(int argc, char **argv)
{
    struct logging l = {0};
    const char *path = NULL;
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", N_("the state of the shop"), 0, 0},
        {"night", WF_OPT_TEXT, &l.night, "NIGHT", N_("this one only, by its folder's name"), 0, 0},
        {"member", WF_OPT_TEXT, &l.member, "ID", N_("what this member got and did not get"), 0, 0},
        {"json", WF_OPT_FLAG, &l.json, NULL, N_("as one line of JSON"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n || !path)
        return wf_usage(argv[0], "needs --state FILE, and takes options only");
    return wf_cli_with_state(argv[0], path, look, &l);
}
