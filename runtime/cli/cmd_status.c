#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/journeys.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/state.h"
#include "runtime/cli/supplies.h"
#include "runtime/data/json_text.h"
#include "runtime/run/zonefile.h"

struct status {
    bool json;
    const struct wf_state *state;
    uint64_t left, stopped;         /* rows of the ledger */
    const struct wf_ir *ir;         /* of the rules, NULL: none were named */
    const struct wf_supply *supply; /* by them, NULL: not known */
};

static const char *of_night(const struct wf_state *state)
{
    switch (state->last.status) {
    case WF_RUN_NONE: return "none";
    case WF_RUN_PUBLISHING: return "publishing";
    default: return "published";
    }
}

static const char *journey_name(const struct wf_state *state,
                                const struct wf_journey_state *journey)
{
    for (size_t i = 0; i < state->n_rules; i++)
        if (state->rules[i].id == journey->rule)
            return state->rules[i].identity;
    return "";
}

/* ---- for people ---- */

static void print_indented(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        printf("  %.*s\n", (int)len, text);
        text += len + (text[len] != 0);
    }
}

static void print_waiting(const struct wf_state *state)
{
    const struct wf_control *control = &state->control;
    char since[WF_UTC_TEXT];
    if (control->plan.status == WF_PLAN_HELD) {
        printf(wf_word("held as plan %s; `wayfare approve` lets it leave, the next run voids it\n"),
               control->plan.id);
        print_indented(control->plan.text);
    }
    for (size_t i = 0; i < control->n_pauses; i++) {
        const struct wf_pause *pause = &control->pauses[i];
        wf_cli_utc(pause->since, since);
        printf(pause->by_hand ? wf_word("paused: %s since %s by hand")
                              : wf_word("paused: %s since %s"),
               pause->what, since);
        printf(*pause->why ? ": %s\n" : "\n", pause->why);
    }
}

/* Rules have a row for themselves, journeys one, and one more for what lets members in. */
static bool is_own_row(const char *identity)
{
    return strncmp(identity, "journey ", strlen("journey ")) != 0 || !strstr(identity, " / ");
}

static void print_rules(const struct wf_state *state)
{
    char since[WF_UTC_TEXT];
    struct wf_buf name;
    wf_buf_init(&name, NULL, 0);
    for (size_t i = 0; i < state->n_rules; i++) {
        const char *identity = state->rules[i].identity;
        if (!is_own_row(identity))
            continue;
        wf_buf_reset(&name);
        wf_buf_add(&name, identity, (size_t)wf_cli_rule_width(identity));
        wf_cli_utc(state->rules[i].first_t, since);
        printf(wf_word("  since %s  %s\n"), since, wf_buf_str(&name));
    }
    wf_buf_release(&name);
}

/* How many published nights nobody has said to be done with; 0 where nobody claims nights. */
static int64_t untaken(const struct wf_state *state)
{
    int64_t claimed = state->control.claimed;
    return claimed && state->last.status == WF_RUN_PUBLISHED ? state->last.seq - claimed : 0;
}

/* The supply's lines tell of it. */
static bool has_stock(const struct status *s, const char *coupon)
{
    for (size_t i = 0; s->supply && i < s->supply->n_stocks; i++) {
        uint32_t name = s->ir->contents[s->supply->stocks[i].item].name;
        if (strcmp(s->ir->texts[name]->text, coupon) == 0)
            return true;
    }
    return false;
}

static enum wf_status print_left_over(const struct status *s)
{
    const struct wf_state *state = s->state;
    const struct wf_rations *rations = &state->rations;
    int64_t nights = untaken(state);
    if (nights)
        printf(wf_word_n("%" PRId64 " night is not taken yet (`wayfare claim`)\n",
                         "%" PRId64 " nights are not taken yet (`wayfare claim`)\n",
                         (unsigned long)nights),
               nights);
    if (rations->n_held)
        printf(wf_word_n("%zu action is held and contends again on a later night\n",
                         "%zu actions are held and contend again on a later night\n",
                         rations->n_held),
               rations->n_held);
    for (size_t i = 0; i < rations->n_counters; i++)
        if (rations->counters[i].kind == WF_COUNTER_ISSUED &&
            !has_stock(s, rations->counters[i].name))
            printf(wf_word("coupon %s: %" PRId64 " issued\n"), rations->counters[i].name,
                   rations->counters[i].n);
    return s->supply ? wf_cli_print_supplies(s->supply, s->ir) : WF_OK;
}

static enum wf_status print_status(const struct status *s)
{
    const struct wf_state *state = s->state;
    if (state->last.status == WF_RUN_NONE)
        puts(wf_word("no night yet"));
    else
        printf(state->last.status == WF_RUN_PUBLISHING
                   ? wf_word("last night %s: being published; the next run finishes it\n")
                   : wf_word("last night %s: published\n"),
               state->last.folder);
    printf(wf_word("members seen %zu, actions that left %" PRIu64 ", suppressed %" PRIu64 "\n"),
           state->members.n, s->left, s->stopped);
    print_waiting(state);
    enum wf_status st = print_left_over(s);
    if (st == WF_OK)
        st = wf_cli_print_journeys(state);
    print_rules(state);
    return st;
}

/* ---- for scripts ---- */

static json_t *plan_json(const struct wf_plan *plan, bool *bad)
{
    json_t *out = json_object();
    wf_json_put(out, "plan", json_string(plan->id), bad);
    wf_json_put(out, "night", json_string(plan->folder), bad);
    wf_json_put(out, "actions", json_integer((json_int_t)plan->n_planned), bad);
    return out;
}

static json_t *pauses_json(const struct wf_control *control, bool *bad)
{
    json_t *out = json_array();
    char since[WF_UTC_TEXT];
    for (size_t i = 0; i < control->n_pauses; i++) {
        const struct wf_pause *pause = &control->pauses[i];
        json_t *one = json_object();
        wf_cli_utc(pause->since, since);
        wf_json_put(one, "what", json_string(pause->what), bad);
        wf_json_put(one, "since", json_string(since), bad);
        wf_json_put(one, "by_hand", json_boolean(pause->by_hand), bad);
        wf_json_put(one, "why", json_string(pause->why), bad);
        wf_json_append(out, one, bad);
    }
    return out;
}

static json_t *journeys_json(const struct wf_state *state, bool *bad)
{
    json_t *out = json_object();
    for (size_t i = 0; i < state->n_journeys; i++)
        wf_json_put(out, journey_name(state, &state->journeys[i]),
                    json_integer((json_int_t)wf_entries_live(&state->journeys[i])), bad);
    return out;
}

static json_t *issued_json(const struct wf_rations *rations, bool *bad)
{
    json_t *out = json_object();
    for (size_t i = 0; i < rations->n_counters; i++)
        if (rations->counters[i].kind == WF_COUNTER_ISSUED)
            wf_json_put(out, rations->counters[i].name, json_integer(rations->counters[i].n), bad);
    return out;
}

static enum wf_status status_json(const struct status *s)
{
    const struct wf_state *state = s->state;
    bool bad = false, none = state->last.status == WF_RUN_NONE;
    json_t *out = json_object();
    wf_json_put(out, "night", none ? json_null() : json_string(state->last.folder), &bad);
    wf_json_put(out, "status", json_string(of_night(state)), &bad);
    wf_json_put(out, "members", json_integer((json_int_t)state->members.n), &bad);
    wf_json_put(out, "actions", json_integer((json_int_t)s->left), &bad);
    wf_json_put(out, "suppressed", json_integer((json_int_t)s->stopped), &bad);
    wf_json_put(out, "held",
                state->control.plan.status == WF_PLAN_HELD ? plan_json(&state->control.plan, &bad)
                                                           : json_null(),
                &bad);
    wf_json_put(out, "paused", pauses_json(&state->control, &bad), &bad);
    wf_json_put(out, "in_journeys", journeys_json(state, &bad), &bad);
    wf_json_put(out, "untaken", json_integer(untaken(state)), &bad);
    wf_json_put(out, "held_actions", json_integer((json_int_t)state->rations.n_held), &bad);
    wf_json_put(out, "issued", issued_json(&state->rations, &bad), &bad);
    if (s->supply)
        wf_cli_supplies_json(s->supply, s->ir, out, &bad);
    if (bad) {
        json_decref(out);
        return WF_ERR_NOMEM;
    }
    return wf_cli_json(out);
}

static enum wf_status look_ahead(struct status *s, struct wf_store *store, struct wf_state *state,
                                 struct wf_buf *why)
{
    struct wf_supply supply = {0};
    struct wf_zone *zone = NULL;
    enum wf_status st = wf_zone_load(s->ir->texts[s->ir->timezone]->text, NULL, &zone, why);
    if (st == WF_OK)
        st = wf_supply_make(store, state, s->ir, zone, &supply);
    s->supply = &supply;
    if (st == WF_OK)
        st = s->json ? status_json(s) : print_status(s);
    s->supply = NULL;
    wf_supply_release(&supply);
    wf_zone_free(zone);
    return st;
}

static enum wf_status look(void *ctx, struct wf_store *store, struct wf_state *state,
                           struct wf_buf *why)
{
    struct status *s = ctx;
    uint64_t counts[2] = {0, 0};
    (void)why;
    enum wf_status st = store->ops->count_ledger(store, counts);
    if (st != WF_OK)
        return st;
    s->state = state;
    s->left = counts[0];
    s->stopped = counts[1];
    if (s->ir && state->last.status != WF_RUN_NONE)
        return look_ahead(s, store, state, why);
    return s->json ? status_json(s) : print_status(s);
}

int cmd_status(int argc, char **argv)
{
    const char *path = NULL;
    struct status s = {0};
    int n = 0;
    const struct wf_option table[] = {
        {"state", WF_OPT_TEXT, &path, "FILE", N_("the state to look at"), 0, 0},
        {"json", WF_OPT_FLAG, &s.json, NULL, N_("as one line of JSON"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n > 1 || !path)
        return wf_usage(argv[0], "needs --state FILE, and may take one rule file");
    if (n == 0)
        return wf_cli_with_state(argv[0], path, look, &s);
    struct wf_compiled compiled;
    enum wf_status st = wf_cli_program_quietly(argv[1], &compiled);
    if (st == WF_OK)
        s.ir = &compiled.program->ir;
    code = st == WF_OK ? wf_cli_with_state(argv[0], path, look, &s) : wf_status_exit(st);
    wf_compiled_release(&compiled);
    return code;
}
