/*
 * cmd_log.c - `wayfare log`: what nights did, from the ledger.
 *
 *   nights      one line each; with --night or --rule also how many, by rule, channel and gate
 *   --actions   a line an action; so with --member
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/options.h"
#include "runtime/cli/state.h"
#include "runtime/data/digest.h"
#include "runtime/data/json_text.h"

/* A night and what became of its actions. */
struct logged {
    int64_t seq;
    char *folder;
    enum wf_run_status status;
    uint64_t left, stopped;
};

/* How many actions of one night one rule had for one channel, and what stopped them. */
struct figure {
    int64_t run;
    uint32_t rule;
    char channel[64], gate[16]; /* longer names are told by their beginning */
    uint64_t n;
};

struct logging {
    const char *night, *member, *rule, *since, *until;
    bool json, actions;
    const struct wf_state *state;
    struct wf_forgotten forgotten;
    struct logged *runs; /* by seq */
    size_t n_runs, room;
    struct figure *figures; /* as they came: by run */
    size_t n_figures, room_figures;
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

/* The names of nights order as their dates do. */
static bool is_asked(const struct logging *l, const struct logged *run)
{
    return run && (!l->night || strcmp(run->folder, l->night) == 0) &&
           (!l->since || strcmp(run->folder, l->since) >= 0) &&
           (!l->until || strncmp(run->folder, l->until, strlen(l->until)) <= 0);
}

static const char *identity_of(const struct logging *l, uint32_t id)
{
    const struct wf_rule_state *rule = wf_state_rule_of(l->state, id);
    return rule ? rule->identity : "";
}

/* By its name: "gold" is "gold / member becomes loyal", "winback" also "journey winback". */
static bool is_rule(const char *identity, const char *name)
{
    static const char JOURNEY[] = "journey ";
    if (strcmp(identity, name) == 0)
        return true;
    if (strncmp(identity, JOURNEY, strlen(JOURNEY)) == 0)
        identity += strlen(JOURNEY);
    size_t len = strlen(name);
    return strncmp(identity, name, len) == 0 &&
           (identity[len] == 0 || strncmp(identity + len, " / ", 3) == 0);
}

static bool is_row_asked(const struct logging *l, const struct wf_ledger_row *row)
{
    return is_asked(l, find_run(l, row->run)) &&
           (!l->rule || is_rule(identity_of(l, row->rule), l->rule));
}

/* ---- the nights ---- */

static enum wf_status take_count(void *ctx, int64_t seq, uint64_t left, uint64_t stopped)
{
    struct logged *run = find_run(ctx, seq);
    if (run) {
        run->left = left;
        run->stopped = stopped;
    }
    return WF_OK;
}

static void cut(char *to, size_t room, const char *text, size_t len)
{
    snprintf(to, room, "%.*s", (int)len, text);
}

static enum wf_status count_row(void *ctx, const struct wf_ledger_row *row)
{
    struct logging *l = ctx;
    struct figure f = {.run = row->run, .rule = row->rule, .n = 1};
    if (!is_row_asked(l, row))
        return WF_OK;
    cut(f.channel, sizeof(f.channel), row->channel.text, row->channel.len);
    cut(f.gate, sizeof(f.gate), row->gate ? row->gate : "", row->gate ? strlen(row->gate) : 0);
    for (size_t i = l->n_figures; i > 0 && l->figures[i - 1].run == f.run; i--) {
        struct figure *is = &l->figures[i - 1];
        if (is->rule == f.rule && strcmp(is->channel, f.channel) == 0 &&
            strcmp(is->gate, f.gate) == 0) {
            is->n++;
            return WF_OK;
        }
    }
    if (wf_grow(NULL, &l->figures, &l->room_figures, l->n_figures + 1, sizeof(f)) != 0)
        return WF_ERR_NOMEM;
    l->figures[l->n_figures++] = f;
    return WF_OK;
}

static int compare_figures(const void *a, const void *b)
{
    const struct figure *x = a, *y = b;
    if (x->run != y->run)
        return x->run < y->run ? -1 : 1;
    if (x->rule != y->rule)
        return x->rule < y->rule ? -1 : 1;
    int gate = strcmp(x->gate, y->gate);
    return gate ? gate : strcmp(x->channel, y->channel);
}

static const char *stand_of(const struct logging *l, const struct logged *run)
{
    return run->status == WF_RUN_PUBLISHING        ? N_("publishing")
           : run->seq <= l->state->control.claimed ? N_("taken")
                                                   : N_("published");
}

static void print_figure(const struct logging *l, const struct figure *f)
{
    const char *rule = identity_of(l, f->rule);
    printf("  %.*s: ", wf_cli_rule_width(rule), rule);
    if (*f->gate && *f->channel)
        printf(wf_word("%" PRIu64 " via %s stopped by %s\n"), f->n, f->channel, f->gate);
    else if (*f->gate)
        printf(wf_word("%" PRIu64 " stopped by %s\n"), f->n, f->gate);
    else if (*f->channel)
        printf(wf_word("%" PRIu64 " left via %s\n"), f->n, f->channel);
    else
        printf(wf_word("%" PRIu64 " left\n"), f->n);
}

static bool is_forgotten(const struct logging *l, const struct logged *run)
{
    return run->seq < l->forgotten.before;
}

static json_t *figures_json(struct logging *l, const struct logged *run)
{
    json_t *out = json_array();
    for (size_t i = 0; i < l->n_figures; i++) {
        const struct figure *f = &l->figures[i];
        if (f->run != run->seq)
            continue;
        json_t *one = json_object();
        wf_json_put(one, "rule", json_string(identity_of(l, f->rule)), &l->bad);
        wf_json_put(one, "channel", json_string(f->channel), &l->bad);
        wf_json_put(one, "gate", *f->gate ? json_string(f->gate) : json_null(), &l->bad);
        wf_json_put(one, "n", json_integer((json_int_t)f->n), &l->bad);
        wf_json_append(out, one, &l->bad);
    }
    return out;
}

static bool in_detail(const struct logging *l)
{
    return l->night || l->rule;
}

/* The last line of what is told of actions, where some that were asked for may be missing. */
static void tell_forgotten(const struct logging *l)
{
    const struct logged *first = find_run(l, l->forgotten.before);
    bool asked = false;
    for (size_t i = 0; i < l->n_runs; i++)
        asked |= is_forgotten(l, &l->runs[i]) && is_asked(l, &l->runs[i]);
    if (asked)
        printf(wf_word("what nights before %s did, their folders tell\n"),
               first ? first->folder : "");
}

static void tell_run(struct logging *l, const struct logged *run)
{
    if (!l->json && is_forgotten(l, run)) {
        printf(wf_word("%s  %-10s  what it did, its folder tells\n"), run->folder,
               wf_word(stand_of(l, run)));
        return;
    }
    if (!l->json) {
        printf(wf_word("%s  %-10s  actions %" PRIu64 ", suppressed %" PRIu64 "\n"), run->folder,
               wf_word(stand_of(l, run)), run->left, run->stopped);
        for (size_t i = 0; i < l->n_figures; i++)
            if (l->figures[i].run == run->seq)
                print_figure(l, &l->figures[i]);
        return;
    }
    json_t *one = json_object();
    wf_json_put(one, "night", json_string(run->folder), &l->bad);
    wf_json_put(one, "status", json_string(stand_of(l, run)), &l->bad);
    bool known = !is_forgotten(l, run);
    wf_json_put(one, "actions", known ? json_integer((json_int_t)run->left) : json_null(), &l->bad);
    wf_json_put(one, "suppressed", known ? json_integer((json_int_t)run->stopped) : json_null(),
                &l->bad);
    if (in_detail(l))
        wf_json_put(one, "figures", figures_json(l, run), &l->bad);
    wf_json_append(l->rows, one, &l->bad);
}

static enum wf_status tell_runs(struct logging *l, struct wf_store *store)
{
    enum wf_status st = store->ops->each_count(store, take_count, l);
    if (st == WF_OK && in_detail(l))
        st = store->ops->each_of(store, NULL, 0, count_row, l);
    if (l->n_figures)
        qsort(l->figures, l->n_figures, sizeof(*l->figures), compare_figures);
    for (size_t i = 0; st == WF_OK && i < l->n_runs; i++)
        if (is_asked(l, &l->runs[i]))
            tell_run(l, &l->runs[i]);
    return st;
}

/* ---- the actions ---- */

static json_t *text_json(struct wf_ledger_text text)
{
    return json_stringn(text.text, text.len);
}

static void print_action(const struct logging *l, const char *night,
                         const struct wf_ledger_row *row)
{
    char at[WF_UTC_TEXT];
    wf_cli_utc(row->at, at);
    printf("%s  ", night);
    if (!l->member)
        printf("%.*s: ", (int)row->member.len, row->member.text);
    printf("%.*s%s%.*s", (int)row->kind.len, row->kind.text, row->name.len ? " " : "",
           (int)row->name.len, row->name.text);
    if (row->channel.len)
        printf(wf_word(" via %.*s"), (int)row->channel.len, row->channel.text);
    const char *rule = identity_of(l, row->rule);
    printf("  %.*s", wf_cli_rule_width(rule), rule);
    if (row->step.len)
        printf(" / %.*s", (int)row->step.len, row->step.text);
    if (row->gate) {
        printf(wf_word("  stopped by %s"), row->gate);
        printf(row->note.len ? ": %.*s\n" : "%.*s\n", (int)row->note.len, row->note.text);
    } else {
        printf(wf_word("  left for %s\n"), at);
    }
}

static void add_action(struct logging *l, const char *night, const struct wf_ledger_row *row)
{
    json_t *one = json_object();
    char at[WF_UTC_TEXT], id[33];
    wf_cli_utc(row->at, at);
    wf_hex(id, row->action_id, sizeof(row->action_id));
    wf_json_put(one, "night", json_string(night), &l->bad);
    wf_json_put(one, "action_id", json_string(id), &l->bad);
    wf_json_put(one, "member", text_json(row->member), &l->bad);
    wf_json_put(one, "kind", text_json(row->kind), &l->bad);
    wf_json_put(one, "name", text_json(row->name), &l->bad);
    wf_json_put(one, "channel", text_json(row->channel), &l->bad);
    wf_json_put(one, "coupon", text_json(row->coupon), &l->bad);
    wf_json_put(one, "rule", json_string(identity_of(l, row->rule)), &l->bad);
    wf_json_put(one, "step", text_json(row->step), &l->bad);
    wf_json_put(one, "at", json_string(at), &l->bad);
    wf_json_put(one, "gate", row->gate ? json_string(row->gate) : json_null(), &l->bad);
    wf_json_put(one, "note", text_json(row->note), &l->bad);
    wf_json_append(l->rows, one, &l->bad);
}

static enum wf_status take_action(void *ctx, const struct wf_ledger_row *row)
{
    struct logging *l = ctx;
    if (!is_row_asked(l, row))
        return WF_OK;
    const char *night = find_run(l, row->run)->folder;
    if (l->json)
        add_action(l, night, row);
    else
        print_action(l, night, row);
    return WF_OK;
}

/* ---- the command ---- */

static enum wf_status check(const struct logging *l, struct wf_buf *why)
{
    bool night = !l->night, rule = !l->rule;
    for (size_t i = 0; i < l->n_runs; i++)
        night |= is_asked(l, &l->runs[i]);
    for (size_t i = 0; i < l->state->n_rules && !rule; i++)
        rule = is_rule(l->state->rules[i].identity, l->rule);
    if (!night)
        wf_say(why, "no night called '%s' was run", l->night);
    else if (!rule)
        wf_say(why, "no night has run a rule called '%s'", l->rule);
    return night && rule ? WF_OK : WF_ERR_USAGE;
}

static enum wf_status look(void *ctx, struct wf_store *store, struct wf_state *state,
                           struct wf_buf *why)
{
    struct logging *l = ctx;
    l->state = state;
    enum wf_status st = store->ops->each_run(store, take_run, l);
    if (st == WF_OK)
        st = store->ops->forgotten(store, &l->forgotten);
    if (st == WF_OK)
        st = check(l, why);
    l->rows = l->json ? json_array() : NULL;
    if (st == WF_OK && (l->member || l->actions)) {
        st = store->ops->each_of(store, l->member, l->member ? strlen(l->member) : 0, take_action,
                                 l);
        if (st == WF_OK && !l->json)
            tell_forgotten(l);
    } else if (st == WF_OK) {
        st = tell_runs(l, store);
    }
    if (st == WF_OK && l->json)
        st = l->bad ? WF_ERR_NOMEM : wf_cli_json(json_incref(l->rows));
    json_decref(l->rows);
    for (size_t i = 0; i < l->n_runs; i++)
        wf_free(NULL, l->runs[i].folder);
    wf_free(NULL, l->runs);
    wf_free(NULL, l->figures);
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
        {"since", WF_OPT_TEXT, &l.since, "NIGHT", N_("from this night on"), 0, 0},
        {"until", WF_OPT_TEXT, &l.until, "NIGHT", N_("up to this night"), 0, 0},
        {"rule", WF_OPT_TEXT, &l.rule, "NAME", N_("of this rule or journey only"), 0, 0},
        {"member", WF_OPT_TEXT, &l.member, "ID", N_("what this member got and did not get"), 0, 0},
        {"actions", WF_OPT_FLAG, &l.actions, NULL, N_("a line for each action"), 0, 0},
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
