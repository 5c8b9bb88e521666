#include "runtime/run/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/json_text.h"
#include "runtime/run/action.h"
#include "runtime/run/explain_json.h"
#include "runtime/run/fate.h"
#include "runtime/run/history.h"
#include "runtime/run/note.h"
#include "runtime/run/shown.h"
#include "runtime/run/stand.h"
#include "runtime/run/why.h"

/* A decision and one of the rows it is about. */
struct about {
    uint32_t row, decision;
};

/* One explanation while it is made. */
struct explaining {
    const struct wf_explain_query *query;
    const struct wf_run_options *options;
    struct wf_state prior;
    struct wf_history history;
    const struct wf_load_report *report;
    struct wf_buf *said; /* of a failure */
    struct wf_buf text;  /* of the member at hand */
    /* once the night is looked at */
    struct wf_why why;
    uint32_t *rows;      /* by place in the query; WF_NO_MEMBER */
    struct about *about; /* by row */
    uint32_t *mine;
    size_t n_about;
    uint32_t journey, trigger; /* what is asked for, WF_NONE */
};

/* ---- as text ---- */

static void heading(struct explaining *e, const char *text)
{
    wf_buf_addf(&e->text, "\n%s\n", text);
}

static void say_head(struct explaining *e, const char *member)
{
    char at[WF_STAMP_TEXT];
    wf_short_time(e->why.night->zone, e->why.night->now, at);
    if (e->why.again)
        wf_say(&e->text, "%s on the night of %s (it was run already)\n", member, at);
    else
        wf_say(&e->text, "%s on the night of %s (as it would be decided)\n", member, at);
}

static void say_where(struct explaining *e)
{
    const struct wf_ir *ir = &e->why.night->program->ir;
    struct wf_buf *out = &e->text;
    if (ir->n_segments + ir->n_classes == 0)
        return;
    heading(e, wf_word("segments"));
    for (uint32_t i = 0; i < ir->n_segments; i++) {
        const struct wf_ir_segment *segment = &ir->segments[i];
        int truth = wf_scalar_truth(e->why.scalar, segment->cond);
        wf_buf_addf(out, "  %s  ", wf_ir_text(ir, segment->name));
        wf_why_place(ir, segment->place, out);
        wf_buf_addf(out, ": %s\n",
                    truth > 0   ? wf_word("in it")
                    : truth < 0 ? wf_word("unknown")
                                : wf_word("not in it"));
        wf_why_atoms(&e->why, segment->atoms_first, segment->atoms_count, out);
    }
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        const struct wf_ir_class *c = &ir->classes[i];
        if (wf_scalar_truth(e->why.scalar, c->match) <= 0)
            continue;
        wf_buf_addf(out, "  %s = %s  ", wf_ir_text(ir, c->classify), wf_ir_text(ir, c->name));
        wf_why_place(ir, c->place, out);
        wf_buf_addc(out, '\n');
        wf_why_atoms(&e->why, c->atoms_first, c->atoms_count, out);
    }
}

static void say_rules(struct explaining *e)
{
    const struct wf_ir *ir = &e->why.night->program->ir;
    bool any = false;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        if (ir->triggers[i].journey != WF_NONE)
            continue;
        if (!any)
            heading(e, wf_word("rules"));
        any = true;
        wf_why_trigger(&e->why, i, e->why.row, &e->text);
    }
}

static void say_journeys(struct explaining *e)
{
    const struct wf_ir *ir = &e->why.night->program->ir;
    bool any = false;
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        if (ir->journeys[i].pinned)
            continue;
        if (!any)
            heading(e, wf_word("journeys"));
        any = true;
        wf_stand_say(&e->why, i, e->why.row, &e->text);
    }
}

/* What leaves and what is stopped, with the figures of the gate that stopped it. */
static void say_actions(struct explaining *e)
{
    const struct wf_night *night = e->why.night;
    struct wf_buf *out = &e->text;
    const struct wf_decision *d;
    char from[WF_STAMP_TEXT], to[WF_STAMP_TEXT];
    bool any = false;
    heading(e, wf_word("tonight"));
    for (size_t at = 0; (d = wf_fate_decision(&e->why, e->why.row, &at)) != NULL; any = true) {
        wf_buf_adds(out, "  ");
        wf_why_action(&e->why, d, out);
        if (d->gate != WF_GATE_NONE) {
            wf_say(out, ": stopped (%s): ", wf_gate_text((enum wf_gate)d->gate));
            wf_note_text(night, d, out);
        } else if (d->not_before != WF_NO_TIME) {
            wf_say(out, ": leaves from %s to %s", wf_long_time(night->zone, d->not_before, from),
                   wf_long_time(night->zone, d->not_after, to));
        } else {
            wf_say(out, ": leaves");
        }
        wf_buf_addc(out, '\n');
    }
    if (!any)
        wf_say(out, "  nothing\n");
}

static void say_ledger(struct explaining *e, size_t place)
{
    if (e->history.first[place] == e->history.first[place + 1])
        return;
    heading(e, wf_word("in the ledger"));
    wf_history_say(&e->history, place, &e->text);
}

static void as_text(struct explaining *e, size_t place)
{
    const char *member = e->query->members[place];
    if (place)
        wf_buf_addc(&e->text, '\n');
    if (e->why.row == WF_NO_MEMBER) {
        wf_say(&e->text, "%s: the exports have no such member that can be read\n", member);
        return;
    }
    say_head(e, member);
    if (e->journey != WF_NONE && e->query->journey) {
        wf_stand_tell(&e->why, e->journey, e->why.row, &e->text);
    } else if (e->journey != WF_NONE) {
        wf_stand_say(&e->why, e->journey, e->why.row, &e->text);
    } else if (e->trigger != WF_NONE) {
        wf_why_trigger(&e->why, e->trigger, e->why.row, &e->text);
    } else {
        say_where(e);
        say_rules(e);
        say_journeys(e);
        if (!e->why.again)
            say_actions(e);
        say_ledger(e, place);
    }
}

/* ---- as JSON ---- */

static json_t *all_rules(struct explaining *e, bool *bad)
{
    const struct wf_ir *ir = &e->why.night->program->ir;
    json_t *out = json_array();
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        if (e->trigger == WF_NONE ? ir->triggers[i].journey == WF_NONE : e->trigger == i)
            wf_json_append(out, wf_json_rule(&e->why, i, bad), bad);
    return out;
}

static json_t *all_journeys(struct explaining *e, bool *bad)
{
    const struct wf_ir *ir = &e->why.night->program->ir;
    json_t *out = json_array();
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        if (e->journey == WF_NONE ? !ir->journeys[i].pinned : e->journey == i)
            wf_json_append(out, wf_json_stand(&e->why, i, e->query->journey != NULL, bad), bad);
    return out;
}

static enum wf_status as_json(struct explaining *e, size_t place)
{
    json_t *out = json_object();
    char at[WF_STAMP_TEXT];
    bool bad = false, there = e->why.row != WF_NO_MEMBER;
    bool rules = e->journey == WF_NONE, journeys = e->trigger == WF_NONE;
    wf_json_put(out, "member", json_string(e->query->members[place]), &bad);
    wf_short_time(e->why.night->zone, e->why.night->now, at);
    wf_json_put(out, "night", json_string(at), &bad);
    wf_json_put(out, "again", json_boolean(e->why.again), &bad);
    wf_json_put(out, "found", json_boolean(there), &bad);
    if (there && rules && journeys) {
        wf_json_put(out, "segments", wf_json_segments(&e->why, &bad), &bad);
        wf_json_put(out, "classes", wf_json_classes(&e->why, &bad), &bad);
    }
    if (there && rules)
        wf_json_put(out, "rules", all_rules(e, &bad), &bad);
    if (there && journeys)
        wf_json_put(out, "journeys", all_journeys(e, &bad), &bad);
    if (there && rules && journeys && !e->why.again)
        wf_json_put(out, "tonight", wf_json_tonight(&e->why, &bad), &bad);
    if (there && rules && journeys)
        wf_json_put(out, "ledger", wf_json_ledger(&e->history, place, &bad), &bad);
    enum wf_status st = bad ? WF_ERR_NOMEM : wf_json_text(out, JSON_COMPACT, &e->text);
    wf_buf_addc(&e->text, '\n');
    json_decref(out);
    return st;
}

/* ---- who, and their decisions ---- */

struct known {
    const char *id;
    uint32_t len, row;
};

static int compare_known(const void *a, const void *b)
{
    const struct known *x = a, *y = b;
    int c = memcmp(x->id, y->id, x->len < y->len ? x->len : y->len);
    return c ? c : x->len < y->len ? -1 : x->len > y->len;
}

/* One member is looked for as one does; for several the members are sorted. */
static enum wf_status find_rows(struct explaining *e)
{
    const struct wf_dataset *data = e->why.night->data;
    const struct wf_alloc *alloc = e->why.night->alloc;
    size_t n = e->query->n_members;
    struct known *known = n > 1 ? wf_calloc(alloc, data->n_members + (size_t)1, sizeof(*known)) : 0;
    e->rows = wf_calloc(alloc, n + 1, sizeof(*e->rows));
    if (!e->rows || (n > 1 && !known)) {
        wf_free(alloc, known);
        return WF_ERR_NOMEM;
    }
    for (uint32_t row = 0; known && row < data->n_members; row++)
        known[row] = (struct known){data->id_heap + data->ids[row].at, data->ids[row].len, row};
    if (known)
        qsort(known, data->n_members, sizeof(*known), compare_known);
    for (size_t i = 0; i < n; i++) {
        struct known key = {e->query->members[i], (uint32_t)strlen(e->query->members[i]), 0};
        const struct known *is =
            known ? bsearch(&key, known, data->n_members, sizeof(*known), compare_known) : NULL;
        e->rows[i] = !known ? wf_why_row(data, key.id, key.len) : is ? is->row : WF_NO_MEMBER;
    }
    wf_free(alloc, known);
    return WF_OK;
}

static int compare_about(const void *a, const void *b)
{
    const struct about *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->decision < y->decision ? -1 : x->decision > y->decision;
}

static enum wf_status index_decisions(struct explaining *e)
{
    const struct wf_outcome *outcome = e->why.outcome;
    const struct wf_alloc *alloc = e->why.night->alloc;
    e->about = wf_calloc(alloc, 2 * outcome->n_decisions + 1, sizeof(*e->about));
    e->mine = wf_calloc(alloc, 2 * outcome->n_decisions + 1, sizeof(*e->mine));
    if (!e->about || !e->mine)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < outcome->n_decisions; i++) {
        const struct wf_decision *d = &outcome->decisions[i];
        e->about[e->n_about++] = (struct about){d->member, i};
        if (d->target != d->member)
            e->about[e->n_about++] = (struct about){d->target, i};
    }
    qsort(e->about, e->n_about, sizeof(*e->about), compare_about);
    for (size_t i = 0; i < e->n_about; i++)
        e->mine[i] = e->about[i].decision;
    return WF_OK;
}

static void take_mine(struct explaining *e, uint32_t row)
{
    size_t low = 0, high = e->n_about;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (e->about[mid].row < row)
            low = mid + 1;
        else
            high = mid;
    }
    for (high = low; high < e->n_about && e->about[high].row == row;)
        high++;
    e->why.mine = e->mine + low;
    e->why.n_mine = high - low;
}

/* ---- what is asked ---- */

static uint32_t find_journey(const struct wf_ir *ir, const char *name)
{
    for (uint32_t i = 0; i < ir->n_journeys; i++)
        if (!ir->journeys[i].pinned && strcmp(wf_ir_text(ir, ir->journeys[i].name), name) == 0)
            return i;
    return WF_NONE;
}

/* FILE:LINE. */
static bool is_place(const struct wf_ir *ir, uint32_t place, const char *name)
{
    char line[16];
    if (place == WF_NONE)
        return false;
    const char *file = wf_ir_text(ir, ir->places[place].file);
    size_t len = strlen(file);
    snprintf(line, sizeof(line), ":%" PRIu32, ir->places[place].line);
    return strncmp(name, file, len) == 0 && strcmp(name + len, line) == 0;
}

/* By its name, or an unnamed one by its text or its place. */
static uint32_t find_rule(const struct wf_ir *ir, const char *name)
{
    for (uint32_t i = 0; i < ir->n_triggers; i++)
        if (ir->triggers[i].journey == WF_NONE && (strcmp(wf_why_rule_name(ir, i), name) == 0 ||
                                                   is_place(ir, ir->triggers[i].place, name)))
            return i;
    return WF_NONE;
}

static enum wf_status find_asked(struct explaining *e)
{
    const struct wf_ir *ir = &e->why.night->program->ir;
    const char *rule = e->query->rule, *journey = e->query->journey;
    if (rule)
        e->trigger = find_rule(ir, rule);
    if (journey || (rule && e->trigger == WF_NONE))
        e->journey = find_journey(ir, journey ? journey : rule);
    if (journey && e->journey == WF_NONE) {
        wf_say(e->said, "no journey of these rules is called '%s'", journey);
        return WF_ERR_USAGE;
    }
    if (rule && e->trigger == WF_NONE && e->journey == WF_NONE) {
        wf_say(e->said, "no rule or journey is called '%s' (an unnamed rule goes by its FILE:LINE)",
               rule);
        return WF_ERR_USAGE;
    }
    e->why.needs = rule || journey;
    return WF_OK;
}

/* ---- the night ---- */

static enum wf_status absent(struct explaining *e, const char *member)
{
    const struct wf_load_reject *reject =
        wf_shown_rejected(e->report, "member", member, strlen(member));
    wf_say(e->said, "the exports have no member \"%s\" that can be read", member);
    if (reject)
        wf_buf_adds(e->said, "; ");
    if (reject)
        wf_shown_reject(e->report, reject, e->said);
    return WF_ERR_MISSING;
}

static enum wf_status tell_one(struct explaining *e, size_t place)
{
    enum wf_status st = WF_OK;
    wf_buf_reset(&e->text);
    e->why.row = e->rows[place];
    if (e->why.row == WF_NO_MEMBER && e->query->n_members == 1)
        return absent(e, e->query->members[place]);
    if (e->why.row != WF_NO_MEMBER) {
        take_mine(e, e->why.row);
        wf_scalar_member(e->why.scalar, e->why.row);
    }
    if (e->query->json)
        st = as_json(e, place);
    else
        as_text(e, place);
    if (st == WF_OK && e->text.failed)
        st = WF_ERR_NOMEM;
    if (st == WF_OK) /* a value that it could not compute was given as missing */
        st = wf_scalar_status(e->why.scalar);
    return st == WF_OK ? e->query->tell(e->query->ctx, wf_buf_str(&e->text), e->text.len) : st;
}

static enum wf_status look(void *ctx, const struct wf_night *night,
                           const struct wf_outcome *outcome)
{
    struct explaining *e = ctx;
    struct wf_vm_params params;
    struct wf_scalar *scalar = wf_why_scalar(night, outcome, &params);
    if (!scalar)
        return WF_ERR_NOMEM;
    const struct wf_run_row *last = &e->prior.last;
    e->why = (struct wf_why){.night = night,
                             .outcome = outcome,
                             .prior = &e->prior,
                             .scalar = scalar,
                             .params = &params,
                             .report = e->report,
                             .history = &e->history,
                             .indent = "  ",
                             .again = last->status != WF_RUN_NONE && last->t == night->now};
    enum wf_status st = find_asked(e);
    if (st == WF_OK)
        st = find_rows(e);
    if (st == WF_OK)
        st = index_decisions(e);
    for (size_t i = 0; st == WF_OK && i < e->query->n_members; i++)
        st = tell_one(e, i);
    wf_scalar_free(scalar);
    wf_free(night->alloc, e->rows);
    wf_free(night->alloc, e->about);
    wf_free(night->alloc, e->mine);
    return st;
}

static enum wf_status decide(struct explaining *e, const struct wf_program *program,
                             struct wf_store *store, struct wf_load_report *report_out)
{
    const struct wf_explain_query *query = e->query;
    struct wf_run_options dry = *e->options;
    struct wf_run_result run;
    dry.out = NULL;
    dry.dry_run = true;
    dry.look = (struct wf_night_look){.ctx = e, .fn = look};
    e->report = &run.report;
    enum wf_status st = wf_run_night(program, store, &dry, &run, e->said);
    for (size_t i = 0; st == WF_ERR_MISSING && query->n_members == 1 && i < run.report.n_merges;
         i++)
        if (strcmp(run.report.merges[i].old_id, query->members[0]) == 0)
            wf_say(e->said, "; it became \"%s\"", run.report.merges[i].new_id);
    *report_out = run.report;
    run.report = (struct wf_load_report){.alloc = e->options->alloc};
    wf_run_result_release(&run);
    return st;
}

enum wf_status wf_explain(const struct wf_program *program, struct wf_store *store,
                          const struct wf_run_options *options,
                          const struct wf_explain_query *query, struct wf_load_report *report_out,
                          struct wf_buf *why)
{
    struct explaining e = {
        .query = query, .options = options, .said = why, .journey = WF_NONE, .trigger = WF_NONE};
    *report_out = (struct wf_load_report){.alloc = options->alloc};
    wf_buf_init(&e.text, options->alloc, 0);
    wf_state_init(&e.prior, options->alloc);
    enum wf_status st = wf_store_load(store, &e.prior);
    if (st == WF_OK)
        st = wf_history_init(&e.history, store, &e.prior, options->zone);
    if (st == WF_OK)
        st = wf_history_read(&e.history, query->members, query->n_members);
    if (st != WF_OK && why && why->len == 0)
        wf_buf_adds(why, wf_buf_str(&store->why));
    if (st == WF_OK)
        st = decide(&e, program, store, report_out);
    wf_history_release(&e.history);
    wf_state_release(&e.prior);
    wf_buf_release(&e.text);
    return st;
}
