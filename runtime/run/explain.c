#include "runtime/run/explain.h"

#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/history.h"
#include "runtime/run/note.h"
#include "runtime/run/stand.h"
#include "runtime/run/why.h"

/* One explanation while it is made. */
struct explaining {
    const struct wf_program *program;
    const char *member;
    struct wf_state prior;
    struct wf_explain_result *result;
    struct wf_buf *said; /* of a failure */
    /* once the night is looked at */
    const struct wf_why *why;
    uint32_t row;
};

void wf_explain_result_release(struct wf_explain_result *result)
{
    wf_buf_release(&result->text);
    wf_load_report_release(&result->report);
}

static void heading(struct explaining *e, const char *text)
{
    wf_buf_addf(&e->result->text, "\n%s\n", text);
}

static void say_head(struct explaining *e)
{
    struct wf_buf *out = &e->result->text;
    const struct wf_night *night = e->why->night;
    wf_buf_addf(out, "%s on the night of ", e->member);
    wf_local_short(out, night->zone, night->now);
    wf_buf_adds(out, e->why->again ? " (it was run already)\n" : " (as it would be decided)\n");
}

static void say_where(struct explaining *e)
{
    const struct wf_ir *ir = &e->program->ir;
    struct wf_buf *out = &e->result->text;
    struct wf_scalar *scalar = e->why->scalar;
    if (ir->n_segments + ir->n_classes == 0)
        return;
    heading(e, "segments");
    for (uint32_t i = 0; i < ir->n_segments; i++) {
        const struct wf_ir_segment *segment = &ir->segments[i];
        int truth = wf_scalar_truth(scalar, segment->cond);
        wf_buf_addf(out, "  %s  ", wf_ir_text(ir, segment->name));
        wf_why_place(ir, segment->place, out);
        wf_buf_adds(out, truth > 0 ? ": in it\n" : truth < 0 ? ": unknown\n" : ": not in it\n");
        wf_why_atoms(e->why, segment->atoms_first, segment->atoms_count, out);
    }
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        const struct wf_ir_class *c = &ir->classes[i];
        if (wf_scalar_truth(scalar, c->match) <= 0)
            continue;
        wf_buf_addf(out, "  %s = %s  ", wf_ir_text(ir, c->classify), wf_ir_text(ir, c->name));
        wf_why_place(ir, c->place, out);
        wf_buf_addc(out, '\n');
        wf_why_atoms(e->why, c->atoms_first, c->atoms_count, out);
    }
}

static void say_rules(struct explaining *e)
{
    const struct wf_ir *ir = &e->program->ir;
    bool any = false;
    for (uint32_t i = 0; i < ir->n_triggers; i++) {
        if (ir->triggers[i].journey != WF_NONE)
            continue;
        if (!any)
            heading(e, "rules");
        any = true;
        wf_why_trigger(e->why, i, e->row, &e->result->text);
    }
}

static void say_journeys(struct explaining *e)
{
    const struct wf_ir *ir = &e->program->ir;
    bool any = false;
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        if (ir->journeys[i].pinned)
            continue;
        if (!any)
            heading(e, "journeys");
        any = true;
        wf_stand_say(e->why, i, e->row, &e->result->text);
    }
}

/* What leaves and what is stopped, with the figures of the gate that stopped it. */
static void say_actions(struct explaining *e)
{
    const struct wf_outcome *outcome = e->why->outcome;
    const struct wf_zone *zone = e->why->night->zone;
    struct wf_buf *out = &e->result->text;
    bool any = false;
    heading(e, "tonight");
    for (size_t i = 0; i < outcome->n_decisions; i++) {
        const struct wf_decision *d = &outcome->decisions[i];
        if (d->target != e->row && d->member != e->row)
            continue;
        any = true;
        wf_buf_adds(out, "  ");
        wf_why_action(e->why, d, out);
        if (d->gate != WF_GATE_NONE) {
            wf_buf_addf(out, ": stopped (%s): ", wf_gate_text((enum wf_gate)d->gate));
            wf_note_text(e->why->night, d, out);
        } else if (d->not_before != WF_NO_TIME) {
            wf_buf_adds(out, ": leaves from ");
            wf_local_time(out, zone, d->not_before);
            wf_buf_adds(out, " to ");
            wf_local_time(out, zone, d->not_after);
        } else {
            wf_buf_adds(out, ": leaves");
        }
        wf_buf_addc(out, '\n');
    }
    if (!any)
        wf_buf_adds(out, "  nothing\n");
}

static enum wf_status look(void *ctx, const struct wf_night *night,
                           const struct wf_outcome *outcome)
{
    struct explaining *e = ctx;
    struct wf_vm_params params;
    e->row = wf_why_row(night->data, e->member, strlen(e->member));
    if (e->row == WF_NO_MEMBER) {
        wf_buf_addf(e->said, "the exports have no member \"%s\" that can be read", e->member);
        return WF_ERR_MISSING;
    }
    struct wf_scalar *scalar = wf_why_scalar(night, outcome, &params);
    if (!scalar)
        return WF_ERR_NOMEM;
    struct wf_why why = {.night = night,
                         .outcome = outcome,
                         .prior = &e->prior,
                         .scalar = scalar,
                         .indent = "  ",
                         .again =
                             e->prior.last.status != WF_RUN_NONE && e->prior.last.t == night->now};
    e->why = &why;
    wf_scalar_member(scalar, e->row);
    say_head(e);
    say_where(e);
    say_rules(e);
    say_journeys(e);
    if (!why.again)
        say_actions(e);
    enum wf_status st = wf_scalar_status(scalar);
    wf_scalar_free(scalar);
    e->why = NULL;
    return e->result->text.failed ? WF_ERR_NOMEM : st;
}

/* What the ledger holds of the member, tonight's rows too where the night was run already. */
static enum wf_status say_ledger(struct explaining *e, struct wf_store *store,
                                 const struct wf_run_options *options)
{
    struct wf_buf rows;
    wf_buf_init(&rows, options->alloc, 0);
    enum wf_status st = wf_history_say(store, &e->prior, options->zone, e->member, &rows);
    if (st == WF_OK && rows.len) {
        heading(e, "in the ledger");
        wf_buf_add(&e->result->text, rows.data, rows.len);
    }
    wf_buf_release(&rows);
    return st == WF_OK && e->result->text.failed ? WF_ERR_NOMEM : st;
}

enum wf_status wf_explain_member(const struct wf_program *program, struct wf_store *store,
                                 const struct wf_run_options *options, const char *member,
                                 struct wf_explain_result *result, struct wf_buf *why)
{
    struct explaining e = {.program = program, .member = member, .result = result, .said = why};
    struct wf_run_options dry = *options;
    struct wf_run_result run;
    *result = (struct wf_explain_result){.report.alloc = options->alloc};
    wf_buf_init(&result->text, options->alloc, 0);
    wf_state_init(&e.prior, options->alloc);
    dry.out = NULL;
    dry.dry_run = true;
    dry.look = (struct wf_night_look){.ctx = &e, .fn = look};
    enum wf_status st = wf_store_load(store, &e.prior);
    if (st == WF_OK) {
        st = wf_run_night(program, store, &dry, &run, why);
        for (size_t i = 0; st == WF_ERR_MISSING && i < run.report.n_merges; i++)
            if (strcmp(run.report.merges[i].old_id, member) == 0)
                wf_buf_addf(why, "; it became \"%s\"", run.report.merges[i].new_id);
        if (st == WF_OK)
            st = say_ledger(&e, store, options);
        result->report = run.report;
        run.report = (struct wf_load_report){.alloc = options->alloc};
        wf_run_result_release(&run);
    } else if (why && why->len == 0) {
        wf_buf_adds(why, wf_buf_str(&store->why));
    }
    wf_state_release(&e.prior);
    return st;
}
