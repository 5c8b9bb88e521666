#include "runtime/run/explain_json.h"

#include <string.h>

#include "runtime/data/json_text.h"
#include "runtime/engine/rules.h"
#include "runtime/run/action.h"
#include "runtime/run/fate.h"
#include "runtime/run/needs.h"
#include "runtime/run/note.h"
#include "runtime/run/shown.h"
#include "runtime/run/stand.h"

/* ---- small things ---- */

static json_t *text_of(const struct wf_buf *buf, bool *bad)
{
    *bad |= buf->failed;
    return json_stringn(wf_buf_str(buf), buf->len);
}

static json_t *time_of(const struct wf_why *why, int64_t time)
{
    char text[WF_STAMP_TEXT];
    return time == WF_NO_TIME ? json_null()
                              : json_string(wf_short_time(why->night->zone, time, text));
}

static void put_time(json_t *out, const char *name, const struct wf_why *why, int64_t time,
                     bool *bad)
{
    if (time != WF_NO_TIME)
        wf_json_put(out, name, time_of(why, time), bad);
}

void wf_json_place(json_t *out, const struct wf_ir *ir, uint32_t place, bool *bad)
{
    if (place == WF_NONE)
        return;
    wf_json_put(out, "file", json_string(wf_ir_text(ir, ir->places[place].file)), bad);
    wf_json_put(out, "line", json_integer(ir->places[place].line), bad);
}

static const char *truth_word(int truth)
{
    return truth > 0 ? "true" : truth < 0 ? "unknown" : "false";
}

static json_t *id_of(const unsigned char id[16])
{
    char hex[33];
    wf_hex(hex, id, 16);
    return json_string(hex);
}

/* ---- conditions ---- */

static json_t *value_json(const struct wf_why *why, const struct wf_ir_show *show, bool *bad)
{
    static const char *const TYPES[WF_T_COUNT_] = {"none",   "bool",    "int",  "number", "money",
                                                   "text",   "date",    "time", "clock",  "days",
                                                   "months", "seconds", "set",  "enum",   "ref"};
    const struct wf_ir *ir = &why->night->program->ir;
    json_t *out = json_object();
    struct wf_buf text;
    wf_buf_init(&text, why->night->alloc, 0);
    wf_json_put(out, "name", json_string(wf_ir_text(ir, show->label)), bad);
    wf_json_put(out, "type", json_string(TYPES[ir->nodes[show->node].type]), bad);
    enum wf_known known = wf_shown_known(why, show->node);
    if (known == WF_KNOWN_VALUE) {
        wf_shown_value(why, show->node, &text);
        wf_json_put(out, "value", text_of(&text, bad), bad);
    } else {
        wf_json_put(out, "value", json_null(), bad);
        wf_json_put(out, "lacks", json_string(known == WF_KNOWN_UNKNOWN ? "unknown" : "missing"),
                    bad);
        wf_shown_doubt(why, show->node, &text);
        if (text.len)
            wf_json_put(out, "because", text_of(&text, bad), bad);
    }
    wf_buf_release(&text);
    return out;
}

static json_t *needs_json(const struct wf_why *why, uint32_t node, int wanted, bool *bad)
{
    json_t *out = json_array();
    struct wf_buf lines;
    wf_buf_init(&lines, why->night->alloc, 0);
    wf_needs(why, node, wanted, &lines);
    *bad |= lines.failed;
    for (const char *text = wf_buf_str(&lines); *text;) {
        size_t len = strcspn(text, "\n");
        wf_json_append(out, json_stringn(text, len), bad);
        text += len + (text[len] != 0);
    }
    wf_buf_release(&lines);
    return out;
}

/* `is`: its truth, or how it stands with a moment. */
static json_t *atom_json(const struct wf_why *why, uint32_t atom, const char *is, uint32_t text,
                         bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_atom *a = &ir->atoms[atom];
    json_t *out = json_object(), *values = json_array();
    wf_json_put(out, "condition", json_string(wf_ir_text(ir, text == WF_NONE ? a->text : text)),
                bad);
    wf_json_put(out, "is", json_string(is), bad);
    for (uint32_t i = 0; i < a->shows_count; i++)
        if (wf_shown(ir, &ir->shows[a->shows_first + i]))
            wf_json_append(values, value_json(why, &ir->shows[a->shows_first + i], bad), bad);
    wf_json_put(out, "values", values, bad);
    wf_json_place(out, ir, a->place, bad);
    return out;
}

static void add_atoms(const struct wf_why *why, uint32_t first, uint32_t count, json_t *out,
                      bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    for (uint32_t i = first; i < first + count; i++) {
        uint32_t node = ir->atoms[i].node;
        if (ir->nodes[node].type != WF_T_BOOL)
            continue;
        int truth = wf_scalar_truth(why->scalar, node);
        json_t *one = atom_json(why, i, truth_word(truth), WF_NONE, bad);
        if (why->needs && truth != 1)
            wf_json_put(one, "needs", needs_json(why, node, 1, bad), bad);
        wf_json_append(out, one, bad);
    }
}

static json_t *atoms_json(const struct wf_why *why, uint32_t first, uint32_t count, bool *bad)
{
    json_t *out = json_array();
    add_atoms(why, first, count, out, bad);
    return out;
}

/* ---- segments and classes ---- */

json_t *wf_json_segments(const struct wf_why *why, bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    json_t *out = json_array();
    for (uint32_t i = 0; i < ir->n_segments; i++) {
        const struct wf_ir_segment *segment = &ir->segments[i];
        json_t *one = json_object();
        int truth = wf_scalar_truth(why->scalar, segment->cond);
        wf_json_put(one, "segment", json_string(wf_ir_text(ir, segment->name)), bad);
        wf_json_put(one, "in", truth < 0 ? json_null() : json_boolean(truth), bad);
        wf_json_place(one, ir, segment->place, bad);
        wf_json_put(one, "conditions",
                    atoms_json(why, segment->atoms_first, segment->atoms_count, bad), bad);
        wf_json_append(out, one, bad);
    }
    return out;
}

json_t *wf_json_classes(const struct wf_why *why, bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    json_t *out = json_array();
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        const struct wf_ir_class *c = &ir->classes[i];
        if (wf_scalar_truth(why->scalar, c->match) <= 0)
            continue;
        json_t *one = json_object();
        wf_json_put(one, "classify", json_string(wf_ir_text(ir, c->classify)), bad);
        wf_json_put(one, "class", json_string(wf_ir_text(ir, c->name)), bad);
        wf_json_place(one, ir, c->place, bad);
        wf_json_put(one, "conditions", atoms_json(why, c->atoms_first, c->atoms_count, bad), bad);
        wf_json_append(out, one, bad);
    }
    return out;
}

/* ---- actions ---- */

static json_t *decision_json(const struct wf_why *why, const struct wf_decision *d, bool *bad)
{
    const struct wf_night *night = why->night;
    const struct wf_ir *ir = &night->program->ir;
    json_t *out = json_object();
    struct wf_buf text;
    wf_buf_init(&text, night->alloc, 0);
    wf_why_action(why, d, &text);
    wf_json_put(out, "action_id", id_of(d->id), bad);
    wf_json_put(out, "rule", json_string(wf_ir_text(ir, wf_rule_view(ir, d->rule).name)), bad);
    wf_json_put(out, "action", text_of(&text, bad), bad);
    wf_json_put(out, "to",
                json_stringn(night->data->id_heap + night->data->ids[d->target].at,
                             night->data->ids[d->target].len),
                bad);
    put_time(out, "not_before", why, d->not_before, bad);
    put_time(out, "not_after", why, d->not_after, bad);
    wf_json_place(out, ir, wf_decision_action(ir, d)->place, bad);
    if (d->gate == WF_GATE_NONE) {
        wf_json_put(out, "gate", json_null(), bad);
    } else {
        wf_buf_reset(&text);
        wf_note_text(night, d, &text);
        wf_json_put(out, "gate", json_string(wf_gate_text((enum wf_gate)d->gate)), bad);
        wf_json_put(out, "note", text_of(&text, bad), bad);
    }
    wf_buf_release(&text);
    wf_why_at(why); /* its words were made at its own member and event */
    return out;
}

json_t *wf_json_tonight(const struct wf_why *why, bool *bad)
{
    json_t *out = json_array();
    const struct wf_decision *d;
    for (size_t at = 0; (d = wf_fate_decision(why, why->row, &at)) != NULL;)
        wf_json_append(out, decision_json(why, d, bad), bad);
    return out;
}

static json_t *piece(struct wf_ledger_text text)
{
    return json_stringn(text.text ? text.text : "", text.len);
}

json_t *wf_json_row(const struct wf_history *h, const struct wf_ledger_row *row, bool *bad)
{
    const struct wf_night_name *night = wf_history_night(h, row->run);
    char at[WF_STAMP_TEXT];
    json_t *out = json_object();
    wf_json_put(out, "action_id", id_of(row->action_id), bad);
    wf_json_put(out, "night", json_string(night ? night->folder : ""), bad);
    wf_json_put(out, "rule", json_string(wf_history_rule(h, row->rule)), bad);
    wf_json_put(out, "kind", piece(row->kind), bad);
    wf_json_put(out, "name", piece(row->name), bad);
    wf_json_put(out, "channel", piece(row->channel), bad);
    wf_json_put(out, "coupon", piece(row->coupon), bad);
    wf_json_put(out, "step", piece(row->step), bad);
    wf_json_put(out, "at", json_string(wf_short_time(h->zone, row->at, at)), bad);
    wf_json_put(out, "gate", row->gate ? json_string(row->gate) : json_null(), bad);
    if (row->gate)
        wf_json_put(out, "note", piece(row->note), bad);
    return out;
}

json_t *wf_json_ledger(const struct wf_history *history, size_t asked, bool *bad)
{
    json_t *out = json_array();
    for (uint32_t i = history->first[asked]; i < history->first[asked + 1]; i++)
        wf_json_append(out, wf_json_row(history, &history->rows[i], bad), bad);
    return out;
}

static json_t *recalled_json(const struct wf_recalled *recalled, bool *bad)
{
    json_t *out = json_array();
    for (size_t i = 0; i < recalled->n; i++) {
        const struct wf_recalled_action *a = &recalled->actions[i];
        json_t *one = json_object();
        wf_json_put(one, "action_id", id_of(a->id), bad);
        wf_json_put(one, "night", json_string(recalled->night), bad);
        wf_json_put(one, "what", text_of(&a->what, bad), bad);
        wf_json_put(one, "gate", a->gate[0] ? json_string(a->gate) : json_null(), bad);
        wf_json_append(out, one, bad);
    }
    return out;
}

/* ---- rules ---- */

static const char *const FATES[WF_FATE_COUNT_] = {
    [WF_FATE_ACTS] = "acts",          [WF_FATE_ENTERS] = "enters",
    [WF_FATE_NEVER] = "never_due",    [WF_FATE_NO_EVENT] = "no_event",
    [WF_FATE_NOT_DUE] = "not_due",    [WF_FATE_BEFORE] = "before_first_night",
    [WF_FATE_DECIDED] = "decided",    [WF_FATE_UNITED] = "united",
    [WF_FATE_REFUSED] = "refused",    [WF_FATE_OTHER_DAY] = "other_day",
    [WF_FATE_OVER] = "over",          [WF_FATE_NO_CROSSING] = "no_crossing",
    [WF_FATE_SPENT] = "acted_before",
};

static const char *const CROSSINGS[] = {
    [WF_CROSSING_NOT] = "not_so",         [WF_CROSSING_AGAIN] = "run_already",
    [WF_CROSSING_FIRST] = "first_night",  [WF_CROSSING_STRANGE] = "first_seen",
    [WF_CROSSING_UNITED] = "united",      [WF_CROSSING_GAP] = "gap",
    [WF_CROSSING_SO] = "so_before",       [WF_CROSSING_NOT_SO] = "not_so_before",
    [WF_CROSSING_OTHER] = "other_before", [WF_CROSSING_UNKNOWN] = "unknown_before",
};

static json_t *acts_json(const struct wf_why *why, uint32_t trigger, const struct wf_fate *fate,
                         bool *bad)
{
    json_t *out = json_array();
    const struct wf_decision *d;
    for (size_t at = 0; (d = wf_fate_decision(why, why->row, &at)) != NULL;)
        if (wf_fate_decides(fate, trigger, why->row, d))
            wf_json_append(out, decision_json(why, d, bad), bad);
    wf_fate_stand(why, trigger, why->row, fate);
    return out;
}

static json_t *conditions_json(const struct wf_why *why, uint32_t trigger,
                               const struct wf_fate *fate, bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_trigger *t = &ir->triggers[trigger];
    json_t *out = json_array();
    uint32_t moment = wf_fate_moment_atom(ir, trigger) ? 1 : 0;
    if (moment && t->moment == WF_MOMENT_CROSSING) {
        const struct wf_ir_watch *watch = &ir->watches[t->watch];
        int truth = wf_scalar_truth(why->scalar, watch->cond);
        json_t *one = atom_json(why, t->atoms_first, truth_word(truth), watch->name, bad);
        if (why->needs && truth != !t->leaves)
            wf_json_put(one, "needs", needs_json(why, watch->cond, !t->leaves, bad), bad);
        wf_json_append(out, one, bad);
    } else if (moment && t->moment != WF_MOMENT_CALENDAR) {
        bool there = wf_scalar_value(why->scalar, ir->atoms[t->atoms_first].node).present;
        const char *is = there ? "due" : fate->kind == WF_FATE_NOT_DUE ? "not_yet" : "missing";
        wf_json_append(out, atom_json(why, t->atoms_first, is, WF_NONE, bad), bad);
    }
    add_atoms(why, t->atoms_first + moment, t->atoms_count - moment, out, bad);
    return out;
}

static json_t *fate_json(const struct wf_why *why, uint32_t trigger, const struct wf_fate *fate,
                         bool *bad)
{
    json_t *out = json_object();
    struct wf_recalled recalled;
    wf_fate_stand(why, trigger, why->row, fate);
    *bad |= wf_recall(why, trigger, why->row, fate, &recalled) != WF_OK;
    wf_json_put(out, "fate", json_string(FATES[fate->kind]), bad);
    if (fate->kind == WF_FATE_NO_CROSSING)
        wf_json_put(out, "crossing", json_string(CROSSINGS[fate->crossing]), bad);
    else if (fate->kind != WF_FATE_NO_EVENT)
        wf_json_put(out, "guard", json_string(truth_word(fate->truth)), bad);
    put_time(out, "due", why, fate->due, bad);
    put_time(out, "since", why, fate->since, bad);
    put_time(out, "next", why, fate->next, bad);
    if (fate->kind == WF_FATE_ACTS)
        wf_json_put(out, "actions", acts_json(why, trigger, fate, bad), bad);
    if (fate->kind == WF_FATE_DECIDED)
        wf_json_put(out, "ledger", recalled_json(&recalled, bad), bad);
    if (fate->kind != WF_FATE_NO_EVENT)
        wf_json_put(out, "conditions", conditions_json(why, trigger, fate, bad), bad);
    wf_recalled_release(&recalled);
    return out;
}

static json_t *fates_json(const struct wf_why *why, uint32_t trigger, bool *bad)
{
    struct wf_fate fates[WF_MOST_FATES];
    json_t *out = json_array();
    size_t n = 0;
    *bad |= wf_fates(why, trigger, why->row, fates, &n) != WF_OK;
    for (size_t i = 0; !*bad && i < n; i++)
        wf_json_append(out, fate_json(why, trigger, &fates[i], bad), bad);
    return out;
}

json_t *wf_json_rule(const struct wf_why *why, uint32_t trigger, bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    json_t *out = json_object();
    wf_json_put(out, "rule", json_string(wf_why_rule_name(ir, trigger)), bad);
    wf_json_place(out, ir, ir->triggers[trigger].place, bad);
    wf_json_put(out, "occurrences", fates_json(why, trigger, bad), bad);
    wf_scalar_member(why->scalar, why->row);
    return out;
}

/* ---- journeys ---- */

static json_t *step_json(const struct wf_ir *ir, const struct wf_ir_step *step, bool *bad)
{
    json_t *out = json_object();
    wf_json_put(out, "step", json_string(wf_ir_text(ir, step->text)), bad);
    wf_json_place(out, ir, step->place, bad);
    return out;
}

static json_t *path_json(const struct wf_why *inside, const struct wf_stand *s, bool *bad)
{
    const struct wf_ir *ir = &inside->night->program->ir;
    const struct wf_ir_step *steps = ir->steps + s->walked->steps_first;
    json_t *out = json_array();
    unsigned char *passed = wf_calloc(inside->night->alloc, s->walked->steps_count + (size_t)1, 1);
    *bad |= !passed;
    if (passed)
        wf_stand_passed(inside, s, inside->row, passed);
    for (uint32_t i = 0; passed && i < s->entry->step; i++) {
        struct wf_recalled recalled = {.alloc = inside->night->alloc};
        unsigned char id[16];
        bool act = steps[i].kind == WF_STEP_ACT;
        if (act) {
            wf_stand_action(inside, s, inside->row, &steps[i], id);
            *bad |= wf_recall_action(inside, id, &recalled) != WF_OK;
        }
        if (act ? recalled.n > 0 : passed[i] && steps[i].kind != WF_STEP_LABEL) {
            json_t *one = step_json(ir, &steps[i], bad);
            if (act)
                wf_json_put(one, "ledger", recalled_json(&recalled, bad), bad);
            if (steps[i].kind == WF_STEP_SPLIT)
                wf_json_put(one, "arm",
                            json_string(wf_ir_text(
                                ir, wf_stand_arm(inside, s, inside->row, &steps[i])->label)),
                            bad);
            wf_json_append(out, one, bad);
        }
        wf_recalled_release(&recalled);
    }
    wf_free(inside->night->alloc, passed);
    return out;
}

static json_t *ahead_json(const struct wf_why *inside, const struct wf_stand *s, uint32_t at,
                          bool *bad)
{
    const struct wf_ir *ir = &inside->night->program->ir;
    json_t *out = json_array();
    while (at < s->walked->steps_count) {
        const struct wf_ir_step *step = &ir->steps[s->walked->steps_first + at];
        int truth;
        at = wf_stand_next(inside, s, inside->row, step, &truth);
        if (step->kind == WF_STEP_LABEL)
            continue;
        json_t *one = step_json(ir, step, bad);
        if (step->kind == WF_STEP_IF)
            wf_json_put(one, "is", json_string(truth_word(truth)), bad);
        if (step->kind == WF_STEP_SPLIT)
            wf_json_put(
                one, "arm",
                json_string(wf_ir_text(ir, wf_stand_arm(inside, s, inside->row, step)->label)),
                bad);
        wf_json_append(out, one, bad);
        if (wf_stand_waits(step) || step->kind == WF_STEP_LEAVE)
            break;
    }
    return out;
}

static void add_way(const struct wf_why *inside, const struct wf_stand *s, const char *when,
                    int64_t on, uint32_t to, json_t *out, bool *bad)
{
    json_t *one = json_object();
    wf_json_put(one, "when", json_string(when), bad);
    put_time(one, "on", inside, on, bad);
    wf_json_put(one, "steps", ahead_json(inside, s, to, bad), bad);
    wf_json_append(out, one, bad);
}

static json_t *ways_json(const struct wf_why *inside, const struct wf_stand *s, bool *bad)
{
    json_t *out = json_array();
    bool awaits = s->step->kind == WF_STEP_FOR_EVENT || s->step->kind == WF_STEP_FOR_COND;
    if (awaits)
        add_way(inside, s, "it_comes", WF_NO_TIME, s->step->next, out, bad);
    if (awaits && s->until != WF_NO_TIME)
        add_way(inside, s, "it_does_not", s->until, s->step->other, out, bad);
    if (!awaits)
        add_way(inside, s, "then", s->until, s->step->next, out, bad);
    return out;
}

static void put_live(const struct wf_why *inside, const struct wf_stand *s, bool at_length,
                     json_t *out, bool *bad)
{
    const struct wf_ir *ir = &inside->night->program->ir;
    struct wf_why quiet = *inside;
    quiet.needs = false;
    wf_json_put(out, "entered", time_of(inside, s->entry->entry), bad);
    wf_json_put(out, "held_out", json_boolean(s->entry->flags & WF_ENTRY_HELD_OUT), bad);
    if (s->entry->flags & WF_ENTRY_GOAL)
        put_time(out, "goal_reached", inside, s->entry->goal, bad);
    wf_json_put(out, "at_since", time_of(inside, s->entry->reached), bad);
    if (!s->step)
        return;
    wf_json_put(out, "at", json_string(s->label), bad);
    json_t *waits = step_json(ir, s->step, bad);
    put_time(waits, "until", inside, s->until, bad);
    if (s->step->kind == WF_STEP_FOR_COND)
        wf_json_put(waits, "conditions",
                    atoms_json(inside, s->step->atoms_first, s->step->atoms_count, bad), bad);
    wf_json_put(out, "waits", waits, bad);
    wf_json_put(out, "exit", atoms_json(&quiet, s->walked->exit_first, s->walked->exit_count, bad),
                bad);
    if (!at_length)
        return;
    wf_json_put(out, "path", path_json(inside, s, bad), bad);
    wf_json_put(out, "ways", ways_json(inside, s, bad), bad);
}

json_t *wf_json_stand(const struct wf_why *why, uint32_t journey, bool at_length, bool *bad)
{
    const struct wf_ir *ir = &why->night->program->ir;
    json_t *out = json_object();
    struct wf_stand s;
    struct wf_why inside;
    wf_scalar_member(why->scalar, why->row);
    wf_stand_find(why, journey, why->row, &s);
    wf_json_put(out, "journey", json_string(wf_ir_text(ir, s.journey->name)), bad);
    wf_json_place(out, ir, s.journey->place, bad);
    wf_json_put(out, "in", json_boolean(s.entry != NULL), bad);
    if (s.entry) {
        wf_stand_enter(why, &s, why->row, &inside);
        put_live(&inside, &s, at_length, out, bad);
        return out;
    }
    put_time(out, "left", why, s.left, bad);
    put_time(out, "again", why, s.again, bad);
    if (s.journey->trigger != WF_NONE)
        wf_json_put(out, "enters", fates_json(why, s.journey->trigger, bad), bad);
    wf_scalar_member(why->scalar, why->row);
    return out;
}
