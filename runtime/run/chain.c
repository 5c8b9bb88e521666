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
#include "runtime/run/chain_int.h"
#include "runtime/run/explain_json.h"
#include "runtime/run/fs.h"
#include "runtime/run/running.h"
#include "runtime/run/why.h"

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

static void find_rule(struct wf_chain *c, struct wf_state *state)
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

static void csv_reason(struct wf_chain *c, const char *line)
{
    enum { REASON = 16 };
    csv_cell(line, REASON, &c->reason);
}

static void json_reason(struct wf_chain *c, const char *line)
{
    json_t *row = NULL;
    if (wf_json_read(line, strcspn(line, "\n"), &row) == WF_OK && row) {
        const char *reason = json_string_value(json_object_get(row, "reason"));
        wf_buf_adds(&c->reason, reason ? reason : "");
    }
    json_decref(row);
}

/* Looks for the id at the start of a line, where both forms have it. */
static enum wf_status look_into(struct wf_chain *c, const char *id, const char *name, bool json)
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

static enum wf_status find_line(struct wf_chain *c, const char *id)
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
static void stand_at_event(struct wf_chain *c, const struct wf_why *why,
                           const struct wf_state *state)
{
    const struct wf_ir_trigger *t = &c->ir->triggers[c->trigger];
    const struct wf_dataset *data = why->night->data;
    const struct wf_rule_state *rule = wf_state_rule_of(state, c->row.rule);
    const struct wf_id *member = &data->ids[why->row];
    unsigned char id[16];
    if (t->moment != WF_MOMENT_EVENT || !data->views[t->view].key)
        return;
    const struct wf_events *view = &data->views[t->view];
    struct wf_event_span span = wf_events_of(view, why->row);
    for (uint64_t i = span.row; i < span.end; i++) {
        wf_action_id(rule->born, view->key[i], data->id_heap + member->at, member->len,
                     c->row.position, id);
        if (memcmp(id, c->row.action_id, sizeof(id)) != 0)
            continue;
        wf_scalar_event(why->scalar, t->view, i);
        return;
    }
}

static enum wf_status say_conditions(struct wf_chain *c, struct wf_running *r)
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
    if (st == WF_OK && c->trigger != WF_NONE) {
        const struct wf_ir_trigger *t = &c->ir->triggers[c->trigger];
        wf_scalar_member(scalar, why.row);
        stand_at_event(c, &why, &r->state);
        wf_why_atoms(&why, t->atoms_first, t->atoms_count, &c->conditions);
    } else if (st == WF_OK) {
        st = wf_chain_journey(c, &why, &r->state);
    }
    if (st == WF_OK)
        st = wf_scalar_status(scalar);
    if (scalar)
        wf_scalar_free(scalar);
    wf_pops_release(&outcome.pops);
    return st;
}

/* Reads the exports as of the night, and asks again what led to the action. */
static enum wf_status read_again(struct wf_chain *c, struct wf_store *store)
{
    struct wf_run_result result = {.report.alloc = c->alloc};
    struct wf_run_options then = *c->options;
    struct wf_running r = {.program = c->program,
                           .store = store,
                           .options = &then,
                           .fs = &wf_fs_os,
                           .alloc = c->alloc,
                           .result = &result,
                           .why = c->why};
    if (!c->options->data || wf_chain_rule(c) == WF_NONE || !c->night)
        return WF_OK;
    then.now = c->night->t;
    then.dry_run = true;
    then.sha256 = then.sha256 || wf_inputs_ask_sha256(c->night->inputs);
    wf_state_init(&r.state, c->alloc);
    wf_arena_init(&r.texts, c->alloc);
    wf_buf_init(&r.inputs, c->alloc, 0);
    enum wf_status st = wf_run_store_said(&r, wf_store_load(store, &r.state));
    if (r.state.last.t != c->night->t)
        then.beside = NULL; /* the snapshot knows more than that night did */
    if (st == WF_OK)
        st = wf_snapshot_open(&r);
    if (st == WF_OK)
        st = wf_run_read(&r);
    c->same_data = wf_inputs_within(wf_buf_str(&r.inputs), c->night->inputs);
    if (st == WF_OK)
        st = say_conditions(c, &r);
    wf_load_report_release(&result.report);
    if (r.data)
        wf_dataset_free(r.data);
    wf_rests_release(&r.rests);
    wf_snapshot_end(&r);
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

static void say_rule(const struct wf_chain *c, struct wf_buf *out)
{
    const char *identity = wf_history_rule(&c->history, c->row.rule);
    uint32_t rule = wf_chain_rule(c);
    struct wf_buf text;
    wf_buf_init(&text, c->alloc, 0);
    wf_buf_adds(&text, identity);
    if (rule != WF_NONE && wf_rule_view(c->ir, rule).place != WF_NONE)
        wf_chain_place(c, wf_rule_view(c->ir, rule).place, &text);
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

static void say_values(const struct wf_chain *c, struct wf_buf *out)
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

static void say_published(const struct wf_chain *c, struct wf_buf *out)
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

static void as_text(const struct wf_chain *c, const char *id, struct wf_buf *out)
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
        const struct wf_chain_gate *p = &c->passed[i];
        wf_buf_reset(&what);
        wf_buf_addf(&what, "%-8s %s", p->gate, wf_buf_str(&p->found));
        while (what.len && what.data[what.len - 1] == ' ')
            what.data[--what.len] = 0;
        line(out, p->stopped ? wf_word("stopped") : wf_word("passed"), wf_buf_str(&what));
    }
    struct wf_ledger_text code = wf_chain_coupon(&c->row);
    wf_buf_reset(&what);
    wf_say(&what, "one coupon %.*s", (int)code.len, code.text);
    if (!c->row.gate && code.len)
        line(out, wf_word("used up"), wf_buf_str(&what));
    say_published(c, out);
    out->failed |= what.failed;
    wf_buf_release(&what);
}

/* ---- as JSON ---- */

static json_t *gates_json(const struct wf_chain *c, bool *bad)
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

static enum wf_status as_json(const struct wf_chain *c, struct wf_buf *out)
{
    bool bad = false;
    uint32_t rule = wf_chain_rule(c);
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

static enum wf_status tell(struct wf_chain *c, struct wf_store *store, struct wf_state *state,
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
        st = wf_chain_gates(c);
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

static enum wf_status say_missing(const struct wf_history *history, const char *id,
                                  struct wf_buf *why)
{
    struct wf_forgotten forgotten;
    enum wf_status st = history->store->ops->forgotten(history->store, &forgotten);
    const struct wf_night_name *first = wf_history_night(history, forgotten.before);
    if (st != WF_OK)
        return st;
    if (first)
        wf_say(why,
               "the ledger has no action %s; what nights before %s did, only their folders tell",
               id, first->folder);
    else
        wf_say(why, "the ledger has no action %s", id);
    return WF_ERR_MISSING;
}

enum wf_status wf_chain(const struct wf_program *program, struct wf_store *store,
                        const struct wf_run_options *options, const struct wf_chain_query *query,
                        struct wf_buf *out, struct wf_buf *why)
{
    struct wf_chain c = {.program = program,
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
        st = say_missing(&c.history, query->id, why);
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
