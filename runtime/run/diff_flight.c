/*
 * diff_flight.c - members in flight: which structure they go on by, and where they stand tonight.
 */
#include <string.h>

#include "runtime/engine/journey.h"
#include "runtime/run/action.h"
#include "runtime/run/diff_int.h"

/* One journey on one side, after its night. */
struct flight {
    const struct wf_diff_side *side;
    const struct wf_ir_journey *journey;  /* tonight's structure; NULL: this side has none */
    const struct wf_journey_state *state; /* NULL: nobody was ever in it */
    uint32_t *rows;                       /* by ordinal */
};

static const struct wf_journey_state *state_of(struct wf_diffing *d, struct wf_state *state,
                                               const char *identity)
{
    struct wf_buf name;
    wf_buf_init(&name, d->alloc, 0);
    wf_buf_addf(&name, WF_JOURNEY_RULE "%s", identity);
    const struct wf_rule_state *rule = wf_state_rule(state, wf_buf_str(&name));
    d->nomem |= name.failed;
    wf_buf_release(&name);
    return rule ? wf_state_journey(state, rule->id) : NULL;
}

static struct flight open_flight(struct wf_diffing *d, int side, const struct wf_diff_rule *rule)
{
    struct flight f = {.side = &d->side[side]};
    if (rule->rule[side] == WF_NONE)
        return f;
    const struct wf_ir *ir = f.side->ir;
    f.journey = &ir->journeys[rule->rule[side] - ir->n_triggers];
    f.state = state_of(d, f.side->night->state, wf_ir_text(ir, f.journey->identity));
    f.rows = wf_roster_rows(&f.side->outcome->roster, f.side->night->state->members.n);
    d->nomem |= !f.rows;
    return f;
}

/* The structure that an entry walks: tonight's or an older one. NULL: the night does not hold it.
 */
static const struct wf_ir_journey *walked(const struct flight *f, const struct wf_entry *entry)
{
    const struct wf_ir *ir = f->side->ir;
    const struct wf_version *version = wf_version_numbered(f->state, entry->version);
    const char *identity = wf_ir_text(ir, f->journey->identity);
    for (uint32_t i = 0; version && i < ir->n_journeys; i++)
        if (ir->journeys[i].hash == version->hash &&
            strcmp(wf_ir_text(ir, ir->journeys[i].identity), identity) == 0)
            return &ir->journeys[i];
    return NULL;
}

static const char *label_of(const struct flight *f, const struct wf_entry *entry)
{
    const struct wf_ir_journey *j = walked(f, entry);
    if (!j || entry->step >= j->steps_count)
        return "?";
    uint32_t label = f->side->ir->steps[j->steps_first + entry->step].label;
    return label == WF_NONE ? "start" : wf_ir_text(f->side->ir, label);
}

/* By member of both, the label they stand at; NULL: not in it. */
static const char **labels_of(struct wf_diffing *d, const struct flight *f)
{
    const char **labels = wf_calloc(d->alloc, d->n_members, sizeof(*labels));
    d->nomem |= !labels;
    for (size_t i = 0; labels && f->rows && f->state && i < f->state->n; i++) {
        const struct wf_entry *entry = &f->state->entries[i];
        if (entry->step == WF_LEFT || entry->flags & WF_ENTRY_GONE ||
            f->rows[entry->member] == UINT32_MAX)
            continue;
        labels[f->side->who[f->rows[entry->member]]] = label_of(f, entry);
    }
    return labels;
}

static struct wf_diff_stand *stand_row(struct wf_diffing *d, struct wf_diff_journey *out,
                                       const char *from, const char *to)
{
    for (size_t i = 0; i < out->n_stands; i++)
        if (strcmp(out->stands[i].from, from) == 0 && strcmp(out->stands[i].to, to) == 0)
            return &out->stands[i];
    struct wf_diff_stand *row =
        wf_diff_more(d, &out->stands, &out->n_stands, &out->room_stands, sizeof(*row));
    if (row) {
        row->from = wf_diff_keep(d, from, strlen(from));
        row->to = wf_diff_keep(d, to, strlen(to));
    }
    return row;
}

static void compare_stands(struct wf_diffing *d, const struct flight f[WF_DIFF_SIDES],
                           struct wf_diff_journey *out)
{
    const char **old = labels_of(d, &f[WF_DIFF_OLD]), **now = labels_of(d, &f[WF_DIFF_NEW]);
    for (uint32_t i = 0; old && now && i < d->n_members; i++) {
        uint32_t member = d->by_id[i];
        const char *from = old[member] ? old[member] : "", *to = now[member] ? now[member] : "";
        if (strcmp(from, to) == 0)
            continue;
        struct wf_diff_stand *row = stand_row(d, out, from, to);
        if (row)
            wf_diff_count(d, &row->who, member);
    }
    wf_free(d->alloc, old);
    wf_free(d->alloc, now);
}

/* Sums over the structures that one side's night walked. */
static void count_side(struct wf_diffing *d, int side, uint32_t number, struct wf_diff_journey *out)
{
    const struct wf_diff_side *s = &d->side[side];
    for (uint32_t i = 0; s->outcome->journeys && i < s->ir->n_journeys; i++) {
        const struct wf_journey_counts *counts = &s->outcome->journeys[i];
        if (wf_diff_rule_of(d, side, s->ir->n_triggers + i) != number)
            continue;
        out->in_flight[side] += counts->in_flight;
        out->entered[side] += counts->entered;
        out->left[side] += counts->left;
        if (side == WF_DIFF_NEW) {
            out->migrated += counts->migrated;
            out->kept += s->ir->journeys[i].pinned ? counts->in_flight : 0;
        }
    }
}

static void compare_journey(struct wf_diffing *d, uint32_t number)
{
    const struct wf_diff_rule *rule = &d->rules[number];
    struct wf_diff *diff = d->out;
    struct wf_diff_journey *out =
        wf_diff_more(d, &diff->journeys, &diff->n_journeys, &diff->room_journeys, sizeof(*out));
    struct flight f[WF_DIFF_SIDES];
    if (!out)
        return;
    out->name = wf_diff_keep(d, rule->name, strlen(rule->name));
    for (int side = 0; side < WF_DIFF_SIDES; side++) {
        f[side] = open_flight(d, side, rule);
        out->there[side] = f[side].journey != NULL;
        count_side(d, side, number, out);
    }
    const struct wf_ir_journey *old = f[WF_DIFF_OLD].journey, *now = f[WF_DIFF_NEW].journey;
    out->restructured = old && now && old->hash != now->hash;
    const struct wf_journey_state *before =
        old ? state_of(d, &d->prior, wf_ir_text(d->side[WF_DIFF_OLD].ir, old->identity)) : NULL;
    out->before = before ? wf_entries_live(before) : 0;
    compare_stands(d, f, out);
    for (int side = 0; side < WF_DIFF_SIDES; side++)
        wf_free(d->alloc, f[side].rows);
    if (out->there[0] == out->there[1] && !out->restructured && !out->n_stands && !out->migrated) {
        wf_free(d->alloc, out->stands);
        diff->n_journeys--;
    }
}

enum wf_status wf_diff_journeys(struct wf_diffing *d)
{
    for (uint32_t i = 0; i < d->n_rules && !d->nomem; i++)
        if (d->rules[i].journey)
            compare_journey(d, i);
    return d->nomem ? WF_ERR_NOMEM : WF_OK;
}
