#include "runtime/run/chain.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/json_text.h"
#include "runtime/engine/cap.h"
#include "runtime/engine/contend.h"
#include "runtime/engine/journey.h"
#include "runtime/engine/rules.h"
#include "runtime/run/action.h"
#include "runtime/run/explain_json.h"
#include "runtime/run/fs.h"
#include "runtime/run/running.h"
#include "runtime/run/why.h"

/* A gate on the way, or the one where the way ended. */
struct passing {
    const char *gate;
    bool stopped;
    struct wf_buf found; /* in words; may be empty */
};

/* One action while its chain is told. */
struct chain {
    const struct wf_program *program;
    const struct wf_ir *ir;
    const struct wf_run_options *options;
    const struct wf_alloc *alloc;
    struct wf_history history;
    struct wf_ledger_row row;
    const struct wf_night_name *night;
    uint32_t trigger, journey; /* of tonight's rules; WF_NONE */
    struct passing *passed;
    size_t n_passed, room;
    struct wf_buf file, reason; /* where it was published; "" where it is not known */
    size_t line;
    bool same_rules;
    struct wf_buf conditions; /* in lines, from --data */
    bool same_data;
    struct wf_buf *why;
};

/* ---- finding ---- */

static bool read_id(const char *text, unsigned char id[16])
{
    static const char DIGITS[] = "0123456789abcdef";
    if (strlen(text) != 32)
        return false;
    for (int i = 0; i < 32; i++) {
        const char *digit = strchr(DIGITS, text[i]);
        if (!digit)
            return false;
        id[i / 2] = (unsigned char)(id[i / 2] << 4 | (unsigned char)(digit - DIGITS));
    }
    return true;
}

static void find_rule(struct chain *c, struct wf_state *state)
{
    const struct wf_rule_state *rule = wf_state_rule_of(state, c->row.rule);
    size_t before = strlen(WF_JOURNEY_RULE);
    for (uint32_t i = 0; rule && i < c->ir->n_triggers; i++)
        if (strcmp(wf_ir_text(c->ir, c->ir->triggers[i].identity), rule->identity) == 0)
            c->trigger = i;
    for (uint32_t i = 0; rule && i < c->ir->n_journeys; i++)
        if (strncmp(rule->identity, WF_JOURNEY_RULE, before) == 0 &&
            strcmp(wf_ir_text(c->ir, c->ir->journeys[i].identity), rule->identity + before) == 0)
            c->journey = i;
}

/* The rule's number among triggers and journeys; WF_NONE: it is gone. */
static uint32_t rule_number(const struct chain *c)
{
    return c->trigger != WF_NONE   ? c->trigger
           : c->journey != WF_NONE ? c->ir->n_triggers + c->journey
                                   : WF_NONE;
}

static bool is_text(const struct chain *c, uint32_t text, struct wf_ledger_text is)
{
    const char *own = wf_ir_text(c->ir, text);
    return strlen(own) == is.len && memcmp(own, is.text, is.len) == 0;
}

/* ---- the gates ---- */

static struct wf_buf *add_gate(struct chain *c, enum wf_gate gate)
{
    if (wf_grow(c->alloc, &c->passed, &c->room, c->n_passed + 1, sizeof(*c->passed)) != 0)
        return NULL;
    struct passing *p = &c->passed[c->n_passed++];
    *p = (struct passing){.gate = wf_gate_text(gate)};
    wf_buf_init(&p->found, c->alloc, 0);
    return &p->found;
}

static void add_place(const struct chain *c, uint32_t place, struct wf_buf *out)
{
    wf_buf_adds(out, " (");
    wf_why_place(c->ir, place, out);
    wf_buf_addc(out, ')');
}

static enum wf_status pass_holdout(struct chain *c)
{
    uint32_t rule = rule_number(c);
    struct wf_buf *found = add_gate(c, WF_GATE_HOLDOUT);
    if (!found)
        return WF_ERR_NOMEM;
    int32_t parts = rule == WF_NONE ? 0 : wf_rule_view(c->ir, rule).holdout;
    if (parts)
        wf_say(found, "%g%% are held out; this member is not", (double)parts / 10000.0);
    for (uint32_t i = 0; i < c->ir->n_policies; i++) {
        const struct wf_ir_policy *policy = &c->ir->policies[i];
        if (!policy->holdout)
            continue;
        wf_buf_adds(found, found->len ? "; " : "");
        wf_say(found, "the house holds out %g%%; not this member",
               (double)policy->holdout / 10000.0);
        add_place(c, policy->place, found);
    }
    return WF_OK;
}

static enum wf_status pass_hours(struct chain *c)
{
    char at[WF_STAMP_TEXT];
    struct wf_buf *found = add_gate(c, WF_GATE_HOURS);
    if (!found)
        return WF_ERR_NOMEM;
    wf_say(found, "open from %s on", wf_long_time(c->options->zone, c->row.at, at));
    return WF_OK;
}

static enum wf_status pass_reach(struct chain *c)
{
    struct wf_buf *found = add_gate(c, WF_GATE_REACH);
    if (!found)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < c->ir->n_reaches; i++) {
        const struct wf_ir_reach *reach = &c->ir->reaches[i];
        if (!is_text(c, c->ir->channels[reach->channel].name, c->row.channel))
            continue;
        wf_buf_adds(found, found->len ? "; " : "");
        wf_buf_adds(found, wf_ir_text(c->ir, reach->text));
        add_place(c, reach->place, found);
    }
    return WF_OK;
}

/* How many of the kind had left to the member in the cap's span that ends with this one. */
static uint64_t counted(const struct chain *c, const struct wf_ir_cap *cap)
{
    int64_t since = wf_time_shift(c->options->zone, c->row.at, cap->span, -1);
    uint64_t n = 0;
    for (size_t i = 0; i < c->history.n_rows; i++) {
        const struct wf_ledger_row *row = &c->history.rows[i];
        int kind = wf_action_kind_of(row->kind.text, row->kind.len);
        bool concerned = !row->gate && kind >= 0 && row->at > since && row->at <= c->row.at &&
                         (wf_capped_kinds((uint8_t)kind, row->coupon.len > 0) >> cap->kind & 1);
        n += concerned && (cap->channel == WF_NONE || is_text(c, cap->channel, row->channel));
    }
    return n;
}

static enum wf_status pass_caps(struct chain *c)
{
    int kind = wf_action_kind_of(c->row.kind.text, c->row.kind.len);
    unsigned kinds = kind < 0 ? 0 : wf_capped_kinds((uint8_t)kind, c->row.coupon.len > 0);
    for (uint32_t i = 0; i < c->ir->n_caps; i++) {
        const struct wf_ir_cap *cap = &c->ir->caps[i];
        if (!(kinds >> cap->kind & 1) ||
            (cap->channel != WF_NONE && !is_text(c, cap->channel, c->row.channel)))
            continue;
        struct wf_buf *found = add_gate(c, WF_GATE_CAP);
        if (!found)
            return WF_ERR_NOMEM;
        wf_buf_addf(found, "cap %s", wf_ir_text(c->ir, cap->text));
        add_place(c, cap->place, found);
        if (cap->period == WF_PER_SPAN && !cap->per_owner && !cap->per_store)
            wf_say(found, ": number %" PRIu64 " of %" PRId64,
                   counted(c, cap) + (c->row.gate != NULL), cap->n);
    }
    return WF_OK;
}

/* The code of the coupon that an action gives; none: its length is 0. */
static struct wf_ledger_text coupon_of(const struct wf_ledger_row *row)
{
    int kind = wf_action_kind_of(row->kind.text, row->kind.len);
    return kind == WF_ACT_COUPON || kind == WF_ACT_GRANT ? row->name : row->coupon;
}

/* What is given out and spent up to and with the night. */
struct rationed {
    const struct chain *chain;
    uint64_t issued;
};

static enum wf_status count_issued(void *ctx, const struct wf_ledger_row *row)
{
    struct rationed *r = ctx;
    struct wf_ledger_text code = coupon_of(row), is = coupon_of(&r->chain->row);
    r->issued += !row->gate && row->run <= r->chain->row.run && code.len == is.len &&
                 memcmp(code.text, is.text, is.len) == 0;
    return WF_OK;
}

static enum wf_status pass_stock(struct chain *c)
{
    struct rationed r = {.chain = c};
    struct wf_store *store = c->history.store;
    for (uint32_t i = 0; i < c->ir->n_contents; i++) {
        const struct wf_ir_content *content = &c->ir->contents[i];
        if (!content->coupon || content->stock < 0 ||
            !is_text(c, content->name, coupon_of(&c->row)))
            continue;
        enum wf_status st = store->ops->each_of(store, NULL, 0, count_issued, &r);
        struct wf_buf *found = st == WF_OK ? add_gate(c, WF_GATE_STOCK) : NULL;
        if (!found)
            return st == WF_OK ? WF_ERR_NOMEM : st;
        wf_say(found, "%" PRIu64 " of %" PRId64 " issued when the night was over", r.issued,
               content->stock);
    }
    return WF_OK;
}

static enum wf_status pass_budgets(struct chain *c)
{
    for (uint32_t i = 0; i < c->ir->n_budgets; i++) {
        const struct wf_ir_budget *budget = &c->ir->budgets[i];
        bool coupon = budget->kind == WF_SPENT_COUPON;
        struct wf_ledger_text of = coupon ? coupon_of(&c->row) : c->row.channel;
        if (of.len == 0 || (budget->name != WF_NONE && !is_text(c, budget->name, of)))
            continue;
        struct wf_buf *found = add_gate(c, WF_GATE_BUDGET);
        if (!found)
            return WF_ERR_NOMEM;
        wf_buf_adds(found, wf_ir_text(c->ir, budget->text));
        add_place(c, budget->place, found);
    }
    return WF_OK;
}

typedef enum wf_status pass_fn(struct chain *c);

static bool is_at(const struct chain *c, enum wf_gate gate)
{
    return c->row.gate && strcmp(c->row.gate, wf_gate_text(gate)) == 0;
}

static enum wf_status pass_bare(struct chain *c, enum wf_gate gate)
{
    return add_gate(c, gate) ? WF_OK : WF_ERR_NOMEM;
}

/* In the order of the gates, to the one that stopped it. */
static enum wf_status pass_gates(struct chain *c)
{
    static const struct {
        enum wf_gate gate;
        pass_fn *pass;
        bool messages; /* concerns what is sent only */
    } GATES[] = {
        {WF_GATE_MISSED, NULL, false},          {WF_GATE_VALID, NULL, false},
        {WF_GATE_HOLDOUT, pass_holdout, false}, {WF_GATE_PAUSED, NULL, false},
        {WF_GATE_HOURS, pass_hours, true},      {WF_GATE_REACH, pass_reach, true},
        {WF_GATE_CAP, pass_caps, false},        {WF_GATE_STOCK, pass_stock, false},
        {WF_GATE_BUDGET, pass_budgets, false},
    };
    int kind = wf_action_kind_of(c->row.kind.text, c->row.kind.len);
    bool sent = kind == WF_ACT_SEND || kind == WF_ACT_COUPON || kind == WF_ACT_INVITE;
    bool noted = kind == WF_ACT_SET || kind == WF_ACT_TAG || kind == WF_ACT_UNTAG;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < sizeof(GATES) / sizeof(*GATES); i++) {
        if (is_at(c, GATES[i].gate)) {
            struct wf_buf *found = add_gate(c, GATES[i].gate);
            if (!found)
                return WF_ERR_NOMEM;
            c->passed[c->n_passed - 1].stopped = true;
            wf_buf_add(found, c->row.note.text, c->row.note.len);
            return WF_OK;
        }
        bool asked = GATES[i].gate != WF_GATE_HOLDOUT || !noted;
        if (asked && (!GATES[i].messages || sent))
            st = GATES[i].pass ? GATES[i].pass(c) : pass_bare(c, GATES[i].gate);
    }
    return st;
}

/* ---- what was published ---- */

/* The cell number `cell` of the CSV record at `at`; its length, or 0. */
static void csv_cell(const char *at, int cell, struct wf_buf *out)
{
    bool quoted = false;
    for (; *at && (quoted || *at != '\n'); at++) {
        if (*at == '"' && quoted && at[1] == '"') {
            at++;
        } else if (*at == '"') {
            quoted = !quoted;
            continue;
        } else if (*at == ',' && !quoted) {
            cell--;
            continue;
        }
        if (cell == 0)
            wf_buf_addc(out, *at);
    }
}

static void csv_reason(struct chain *c, const char *line)
{
    enum { REASON = 16 };
    csv_cell(line, REASON, &c->reason);
}

static void json_reason(struct chain *c, const char *line)
{
    json_t *row = NULL;
    if (wf_json_read(line, strcspn(line, "\n"), &row) == WF_OK && row) {
        const char *reason = json_string_value(json_object_get(row, "reason"));
        wf_buf_adds(&c->reason, reason ? reason : "");
    }
    json_decref(row);
}

/* Looks for the id at the start of a line, where both forms have it. */
static enum wf_status look_into(struct chain *c, const char *id, const char *name, bool json)
{
    struct wf_buf text, path;
    wf_buf_init(&text, c->alloc, 0);
    wf_buf_init(&path, c->alloc, 0);
    wf_buf_addf(&path, "%s/%s/%s", c->options->out, c->night->folder, name);
    enum wf_status st =
        path.failed ? WF_ERR_NOMEM : wf_fs_os.read(wf_fs_os.ctx, wf_buf_str(&path), &text);
    size_t number = 1, skip = json ? strlen("{\"action_id\":\"") : 0;
    const char *line = st == WF_OK ? wf_buf_str(&text) : NULL;
    for (; line && *line; number++) {
        const char *end = strchr(line, '\n');
        if (strlen(line) > skip + 32 && strncmp(line + skip, id, 32) == 0) {
            wf_buf_adds(&c->file, wf_buf_str(&path));
            c->line = number;
            if (json)
                json_reason(c, line);
            else
                csv_reason(c, line);
            break;
        }
        line = end ? end + 1 : NULL;
    }
    wf_buf_release(&path);
    wf_buf_release(&text);
    return st == WF_ERR_MISSING ? WF_OK : st;
}

static enum wf_status find_line(struct chain *c, const char *id)
{
    bool stopped = c->row.gate != NULL;
    if (!c->options->out || !c->night)
        return WF_OK;
    enum wf_status st = look_into(c, id, stopped ? "suppressed.csv" : "actions.csv", false);
    if (st == WF_OK && c->line == 0)
        st = look_into(c, id, stopped ? "suppressed.jsonl" : "actions.jsonl", true);
    return st;
}

/* ---- the values, once more ---- */

/* The event of the occurrence is the one that makes this very id. */
static void stand_at_event(struct chain *c, const struct wf_why *why, const struct wf_state *state)
{
    const struct wf_ir_trigger *t = &c->ir->triggers[c->trigger];
    const struct wf_dataset *data = why->night->data;
    const struct wf_rule_state *rule = wf_state_rule_of(state, c->row.rule);
    const struct wf_piece *member = &data->ids[why->row];
    unsigned char id[16];
    if (t->moment != WF_MOMENT_EVENT || !data->views[t->view].key)
        return;
    const struct wf_events *view = &data->views[t->view];
    for (uint64_t i = view->first[why->row]; i < view->first[why->row + 1]; i++) {
        wf_action_id(rule->born, view->key[i], data->id_heap + member->at, member->len,
                     c->row.position, id);
        if (memcmp(id, c->row.action_id, sizeof(id)) != 0)
            continue;
        wf_scalar_event(why->scalar, t->view, i);
        return;
    }
}

static enum wf_status say_conditions(struct chain *c, struct wf_running *r)
{
    struct wf_night night = {.program = c->program,
                             .data = r->data,
                             .zone = c->options->zone,
                             .now = c->night->t,
                             .state = &r->state,
                             .alloc = c->alloc};
    struct wf_outcome outcome = {.alloc = c->alloc};
    struct wf_vm_params params;
    enum wf_status st = wf_pops_init(&outcome.pops, c->ir, r->data->n_members, c->alloc);
    struct wf_scalar *scalar = st == WF_OK ? wf_why_scalar(&night, &outcome, &params) : NULL;
    struct wf_why why = {.night = &night,
                         .outcome = &outcome,
                         .prior = &r->state,
                         .scalar = scalar,
                         .report = &r->result->report,
                         .indent = "  ",
                         .row = wf_why_row(r->data, c->row.member.text, c->row.member.len)};
    if (st == WF_OK && !scalar)
        st = WF_ERR_NOMEM;
    if (st == WF_OK && why.row == WF_NO_MEMBER) {
        wf_say(c->why, "the exports have no member \"%.*s\" that can be read",
               (int)c->row.member.len, c->row.member.text);
        st = WF_ERR_MISSING;
    }
    if (st == WF_OK)
        st = wf_scalar_populations(scalar, &outcome.pops);
    if (st == WF_OK) {
        const struct wf_ir_trigger *t = &c->ir->triggers[c->trigger];
        wf_scalar_member(scalar, why.row);
        stand_at_event(c, &why, &r->state);
        wf_why_atoms(&why, t->atoms_first, t->atoms_count, &c->conditions);
        st = wf_scalar_status(scalar);
    }
    if (scalar)
        wf_scalar_free(scalar);
    wf_pops_release(&outcome.pops);
    return st;
}

/* Reads the exports as of the night, and asks the conditions of a trigger again. */
static enum wf_status read_again(struct chain *c, struct wf_store *store)
{
    struct wf_run_result result = {.report.alloc = c->alloc};
    struct wf_run_options then = *c->options;
    struct wf_running r = {.program = c->program,
                           .store = store,
                           .options = &then,
                           .alloc = c->alloc,
                           .result = &result,
                           .why = c->why};
    if (!c->options->data || c->trigger == WF_NONE || !c->night)
        return WF_OK;
    then.now = c->night->t;
    wf_state_init(&r.state, c->alloc);
    wf_arena_init(&r.texts, c->alloc);
    wf_buf_init(&r.inputs, c->alloc, 0);
    enum wf_status st = wf_run_store_said(&r, wf_store_load(store, &r.state));
    if (st == WF_OK)
        st = wf_run_read(&r);
    c->same_data = wf_inputs_within(wf_buf_str(&r.inputs), c->night->inputs);
    if (st == WF_OK)
        st = say_conditions(c, &r);
    wf_load_report_release(&result.report);
    if (r.data)
        wf_dataset_free(r.data);
    wf_free(c->alloc, r.sent);
    wf_buf_release(&r.inputs);
    wf_arena_release(&r.texts);
    wf_state_release(&r.state);
    return st;
}

/* ---- in words ---- */

static void line(struct wf_buf *out, const char *word, const char *text)
{
    wf_buf_addf(out, "  %-10s %s\n", word, text);
}

static void say_rule(const struct chain *c, struct wf_buf *out)
{
    const char *identity = wf_history_rule(&c->history, c->row.rule);
    uint32_t rule = rule_number(c);
    struct wf_buf text;
    wf_buf_init(&text, c->alloc, 0);
    wf_buf_adds(&text, identity);
    if (rule != WF_NONE && wf_rule_view(c->ir, rule).place != WF_NONE)
        add_place(c, wf_rule_view(c->ir, rule).place, &text);
    if (c->row.step.len)
        wf_say(&text, ", at %.*s", (int)c->row.step.len, c->row.step.text);
    if (rule == WF_NONE)
        wf_say(&text, ": gone from these rules");
    line(out, wf_word("rule"), wf_buf_str(&text));
    line(out, "",
         c->same_rules ? wf_word("these rules are those of that night")
                       : wf_word("these rules are not those of that night: what is said "
                                 "of them below is today's"));
    out->failed |= text.failed;
    wf_buf_release(&text);
}

static void say_values(const struct chain *c, struct wf_buf *out)
{
    if (c->reason.len)
        line(out, wf_word("because"), wf_buf_str(&c->reason));
    if (c->conditions.len) {
        wf_say(out, "  %s\n",
               c->same_data ? wf_word("from that night's very exports:")
                            : wf_word("from exports that are not that night's, so "
                                      "values may differ:"));
        wf_buf_add(out, c->conditions.data, c->conditions.len);
    } else if (!c->reason.len) {
        line(out, wf_word("because"),
             wf_word("the values of that night are not at hand: --out DIR finds its reason, --data "
                     "DIR its exports"));
    }
}

static void say_published(const struct chain *c, struct wf_buf *out)
{
    struct wf_buf text;
    wf_buf_init(&text, c->alloc, 0);
    if (c->line)
        wf_buf_addf(&text, "%s:%zu", wf_buf_str(&c->file), c->line);
    else
        wf_say(&text, "night %s", c->night ? c->night->folder : "");
    wf_buf_adds(&text, c->night && c->night->taken ? wf_word(", taken")
                                                   : wf_word(", not said to be taken"));
    line(out, wf_word("published"), wf_buf_str(&text));
    out->failed |= text.failed;
    wf_buf_release(&text);
}

static void as_text(const struct chain *c, const char *id, struct wf_buf *out)
{
    struct wf_buf what;
    char due[WF_STAMP_TEXT];
    wf_buf_init(&what, c->alloc, 0);
    wf_history_what(&c->row, &what);
    wf_short_time(c->options->zone, c->row.due, due);
    wf_say(out, "action %s: %s, to %.*s\n", id, wf_buf_str(&what), (int)c->row.member.len,
           c->row.member.text);
    wf_buf_reset(&what);
    wf_say(&what, "%s (due %s)", c->night ? c->night->folder : "", due);
    line(out, wf_word("night"), wf_buf_str(&what));
    say_rule(c, out);
    say_values(c, out);
    for (size_t i = 0; i < c->n_passed; i++) {
        const struct passing *p = &c->passed[i];
        wf_buf_reset(&what);
        wf_buf_addf(&what, "%-8s %s", p->gate, wf_buf_str(&p->found));
        while (what.len && what.data[what.len - 1] == ' ')
            what.data[--what.len] = 0;
        line(out, p->stopped ? wf_word("stopped") : wf_word("passed"), wf_buf_str(&what));
    }
    struct wf_ledger_text code = coupon_of(&c->row);
    wf_buf_reset(&what);
    wf_say(&what, "one coupon %.*s", (int)code.len, code.text);
    if (!c->row.gate && code.len)
        line(out, wf_word("used up"), wf_buf_str(&what));
    say_published(c, out);
    out->failed |= what.failed;
    wf_buf_release(&what);
}

/* ---- as JSON ---- */

static json_t *gates_json(const struct chain *c, bool *bad)
{
    json_t *out = json_array();
    for (size_t i = 0; i < c->n_passed; i++) {
        json_t *one = json_object();
        wf_json_put(one, "gate", json_string(c->passed[i].gate), bad);
        wf_json_put(one, "stopped", json_boolean(c->passed[i].stopped), bad);
        wf_json_put(one, "found", json_string(wf_buf_str(&c->passed[i].found)), bad);
        wf_json_append(out, one, bad);
    }
    return out;
}

static enum wf_status as_json(const struct chain *c, struct wf_buf *out)
{
    bool bad = false;
    uint32_t rule = rule_number(c);
    json_t *all = wf_json_row(&c->history, &c->row, &bad);
    wf_json_put(all, "member", json_stringn(c->row.member.text, c->row.member.len), &bad);
    wf_json_put(all, "same_rules", json_boolean(c->same_rules), &bad);
    if (rule != WF_NONE)
        wf_json_place(all, c->ir, wf_rule_view(c->ir, rule).place, &bad);
    if (c->reason.len)
        wf_json_put(all, "reason", json_string(wf_buf_str(&c->reason)), &bad);
    wf_json_put(all, "gates", gates_json(c, &bad), &bad);
    if (c->line) {
        wf_json_put(all, "published", json_string(wf_buf_str(&c->file)), &bad);
        wf_json_put(all, "published_line", json_integer((json_int_t)c->line), &bad);
    }
    wf_json_put(all, "taken", json_boolean(c->night && c->night->taken), &bad);
    enum wf_status st = bad ? WF_ERR_NOMEM : wf_json_text(all, JSON_COMPACT, out);
    wf_buf_addc(out, '\n');
    json_decref(all);
    return st;
}

/* ---- all of it ---- */

static enum wf_status tell(struct chain *c, struct wf_store *store, struct wf_state *state,
                           const struct wf_chain_query *query, struct wf_buf *out)
{
    char rules[33], member[1024];
    find_rule(c, state);
    wf_hex(rules, c->program->hash, sizeof(c->program->hash));
    c->night = wf_history_night(&c->history, c->row.run);
    c->same_rules = c->night && strcmp(c->night->rules, rules) == 0;
    if (c->row.member.len >= sizeof(member))
        return WF_ERR_LIMIT;
    memcpy(member, c->row.member.text, c->row.member.len);
    member[c->row.member.len] = 0;
    const char *const members[] = {member};
    enum wf_status st = wf_history_read(&c->history, members, 1);
    if (st == WF_OK)
        st = pass_gates(c);
    if (st == WF_OK)
        st = find_line(c, query->id);
    if (st == WF_OK)
        st = read_again(c, store);
    if (st == WF_OK && query->json)
        st = as_json(c, out);
    else if (st == WF_OK)
        as_text(c, query->id, out);
    return st == WF_OK && out->failed ? WF_ERR_NOMEM : st;
}

enum wf_status wf_chain(const struct wf_program *program, struct wf_store *store,
                        const struct wf_run_options *options, const struct wf_chain_query *query,
                        struct wf_buf *out, struct wf_buf *why)
{
    struct chain c = {.program = program,
                      .ir = &program->ir,
                      .options = options,
                      .alloc = options->alloc,
                      .trigger = WF_NONE,
                      .journey = WF_NONE,
                      .why = why};
    struct wf_state state;
    unsigned char id[16];
    bool found = false;
    if (!read_id(query->id, id)) {
        wf_say(why, "'%s' is no action id: 32 hex digits, as actions.csv has them", query->id);
        return WF_ERR_USAGE;
    }
    wf_buf_init(&c.file, options->alloc, 0);
    wf_buf_init(&c.reason, options->alloc, 0);
    wf_buf_init(&c.conditions, options->alloc, 0);
    wf_state_init(&state, options->alloc);
    enum wf_status st = wf_store_load(store, &state);
    if (st == WF_OK)
        st = wf_history_init(&c.history, store, &state, options->zone);
    if (st == WF_OK)
        st = wf_history_find(&c.history, id, &c.row, &found);
    if (st == WF_OK && !found) {
        wf_say(why, "the ledger has no action %s", query->id);
        st = WF_ERR_MISSING;
    }
    if (st == WF_OK)
        st = tell(&c, store, &state, query, out);
    for (size_t i = 0; i < c.n_passed; i++)
        wf_buf_release(&c.passed[i].found);
    wf_free(c.alloc, c.passed);
    wf_buf_release(&c.file);
    wf_buf_release(&c.reason);
    wf_buf_release(&c.conditions);
    wf_history_release(&c.history);
    wf_state_release(&state);
    return st;
}
