#include "runtime/run/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "runtime/engine/rules.h"
#include "runtime/run/action.h"
#include "runtime/vm/text.h"
#include "runtime/vm/trace.h"

enum { MOST_EVENTS = 3, PLACE_COLUMN = 64 };

struct wf_scalar *wf_why_scalar(const struct wf_night *night, const struct wf_outcome *outcome,
                                struct wf_vm_params *params)
{
    *params = (struct wf_vm_params){.now = night->now, .zone = night->zone};
    return wf_scalar_new(&night->program->ir, night->data, params, &outcome->pops, night->alloc);
}

uint32_t wf_why_row(const struct wf_dataset *data, const char *id, size_t len)
{
    for (uint32_t row = 0; row < data->n_members; row++)
        if (data->ids[row].len == len && memcmp(data->id_heap + data->ids[row].at, id, len) == 0)
            return row;
    return WF_NO_MEMBER;
}

const char *wf_why_rule_name(const struct wf_ir *ir, uint32_t trigger)
{
    const struct wf_ir_trigger *t = &ir->triggers[trigger];
    return wf_ir_text(ir, t->name != WF_NONE ? t->name : t->identity);
}

void wf_why_place(const struct wf_ir *ir, uint32_t place, struct wf_buf *out)
{
    if (place != WF_NONE)
        wf_buf_addf(out, "%s:%" PRIu32, wf_ir_text(ir, ir->places[place].file),
                    ir->places[place].line);
}

/* ---- atoms ---- */

/* The place stands to the right, so that the conditions read as a column. */
static void end_with_place(const struct wf_why *why, uint32_t place, size_t from,
                           struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    if (place != WF_NONE) {
        size_t width = out->failed ? 0 : wf_utf8_width(out->data + from, out->len - from);
        for (size_t i = width; i < PLACE_COLUMN; i++)
            wf_buf_addc(out, ' ');
        wf_buf_adds(out, "  ");
        wf_why_place(ir, place, out);
    }
    wf_buf_addc(out, '\n');
}

/* `text`: what is said in place of the atom's own words, WF_NONE: those. */
static void add_atom(const struct wf_why *why, uint32_t atom, const char *word, uint32_t text,
                     struct wf_buf *out)
{
    size_t from = out->len;
    const struct wf_ir *ir = &why->night->program->ir;
    wf_buf_addf(out, "%s  %-8s %s", why->indent, word,
                wf_ir_text(ir, text == WF_NONE ? ir->atoms[atom].text : text));
    wf_trace_shows(why->scalar, atom, out);
    end_with_place(why, why->night->program->ir.atoms[atom].place, from, out);
}

static const char *truth_word(int truth)
{
    return truth > 0 ? "true" : truth < 0 ? "unknown" : "false";
}

void wf_why_atoms(const struct wf_why *why, uint32_t first, uint32_t count, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    for (uint32_t i = first; i < first + count; i++)
        if (ir->nodes[ir->atoms[i].node].type == WF_T_BOOL)
            add_atom(why, i, truth_word(wf_scalar_truth(why->scalar, ir->atoms[i].node)), WF_NONE,
                     out);
}

/* ---- what a decision does ---- */

static void add_quoted(struct wf_buf *out, const char *text, size_t len)
{
    wf_buf_addc(out, '"');
    wf_buf_add(out, text, len);
    wf_buf_addc(out, '"');
}

bool wf_why_private(const struct wf_ir *ir, const struct wf_ir_action *a)
{
    bool private_ = a->value != WF_NONE && wf_text_private(ir, a->value);
    for (uint32_t i = 0; i < a->pairs_count; i++)
        private_ |= wf_text_private(ir, ir->pairs[a->pairs_first + i].node);
    if (a->text == WF_NONE)
        return private_;
    const struct wf_ir_template *text = &ir->templates[a->text];
    for (uint32_t i = 0; i < text->parts_count; i++) {
        const struct wf_ir_part_of_text *part = &ir->text_parts[text->parts_first + i];
        private_ |= part->text == WF_NONE && wf_text_private(ir, part->node);
    }
    return private_;
}

static void add_rendered(const struct wf_why *why, const struct wf_decision *decision, bool quotes,
                         struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    if (wf_why_private(ir, wf_decision_action(ir, decision))) {
        wf_buf_adds(out, quotes ? "\"***\"" : "***");
        return;
    }
    struct wf_buf text;
    wf_buf_init(&text, why->night->alloc, 0);
    wf_decision_enter(why->scalar, ir, decision);
    wf_decision_text(why->scalar, why->night, decision, &text);
    if (quotes)
        add_quoted(out, wf_buf_str(&text), text.len);
    else
        wf_buf_add(out, wf_buf_str(&text), text.len);
    out->failed |= text.failed;
    wf_buf_release(&text);
}

void wf_why_action(const struct wf_why *why, const struct wf_decision *decision, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_action *a = wf_decision_action(ir, decision);
    const char *name = wf_ir_text(ir, a->name);
    switch ((enum wf_action_kind)a->kind) {
    case WF_ACT_SEND:
        wf_buf_addf(out, "send %s", name);
        if (a->coupon != WF_NONE)
            wf_buf_addf(out, " with coupon %s", wf_ir_text(ir, a->coupon));
        break;
    case WF_ACT_COUPON: wf_buf_addf(out, "send coupon %s", name); break;
    case WF_ACT_GRANT: wf_buf_addf(out, "grant coupon %s", name); break;
    case WF_ACT_POINTS:
        wf_buf_adds(out, "points ");
        add_rendered(why, decision, false, out);
        break;
    case WF_ACT_TAG:
    case WF_ACT_UNTAG:
        wf_buf_adds(out, a->kind == WF_ACT_TAG ? "tag " : "untag ");
        add_quoted(out, name, strlen(name));
        break;
    case WF_ACT_SET:
        wf_buf_addf(out, "set %s = ", name);
        add_rendered(why, decision, false, out);
        break;
    case WF_ACT_TASK:
        wf_buf_adds(out, a->to_store ? "task store " : "task owner ");
        add_rendered(why, decision, true, out);
        break;
    case WF_ACT_INVITE: wf_buf_addf(out, "invite %s", name); break;
    case WF_ACT_EMIT:
        wf_buf_addf(out, "emit \"%s\" ", name);
        add_rendered(why, decision, false, out);
        break;
    default: break;
    }
    if (decision->channel != WF_NONE)
        wf_buf_addf(out, " via %s", wf_ir_text(ir, decision->channel));
    if (a->to_inviter)
        wf_buf_adds(out, " to inviter");
}

/* ---- what became of a trigger ---- */

/* One trigger and one member on the night. */
struct asked {
    const struct wf_why *why;
    const struct wf_ir *ir;
    const struct wf_ir_trigger *trigger;
    const struct wf_rule_state *before; /* NULL: tonight is the rule's first */
    const struct wf_rule_state *after;
    uint32_t number, row, ordinal; /* ordinal: before tonight, or WF_NO_MEMBER */
    struct wf_buf *out;
};

static void add_time(const struct asked *a, int64_t time)
{
    int64_t day, clock;
    char text[WF_DATE_TEXT];
    wf_zone_local(a->why->night->zone, time, &day, &clock);
    if (clock != 0) {
        wf_local_time(a->out, a->why->night->zone, time);
        return;
    }
    wf_date_text(day, text);
    wf_buf_adds(a->out, text);
}

static const struct wf_rule_state *rule_of(struct wf_state *state, const struct wf_ir *ir,
                                           const struct wf_ir_trigger *trigger)
{
    const struct wf_rule_state *rule = wf_state_rule(state, wf_ir_text(ir, trigger->identity));
    return rule || trigger->was == WF_NONE ? rule
                                           : wf_state_rule(state, wf_ir_text(ir, trigger->was));
}

static bool has_mark(const struct asked *a, const unsigned char key[16])
{
    struct wf_mark mark = {.member = a->ordinal};
    memcpy(mark.key, key, sizeof(mark.key));
    return a->before && a->ordinal != WF_NO_MEMBER && wf_marks_has(&a->before->marks, mark);
}

/* What tonight's decisions say of the occurrence due then (WF_NO_TIME: of any); false: nothing. */
static bool add_decided(const struct asked *a, uint64_t event)
{
    const struct wf_outcome *out = a->why->outcome;
    const char *between = "acts: ";
    bool any = false;
    for (size_t i = 0; i < out->n_decisions; i++) {
        const struct wf_decision *d = &out->decisions[i];
        if (d->rule != a->number || d->member != a->row || d->event != event)
            continue;
        any = true;
        wf_buf_adds(a->out, between);
        wf_why_action(a->why, d, a->out);
        if (d->gate != WF_GATE_NONE)
            wf_buf_addf(a->out, " (suppressed: %s)", wf_gate_text((enum wf_gate)d->gate));
        between = ", ";
    }
    return any;
}

static const char *guard_words(const struct asked *a)
{
    if (a->trigger->guard == WF_NONE)
        return "its condition was true";
    int truth = wf_scalar_truth(a->why->scalar, a->trigger->guard);
    return truth > 0   ? "its condition is true now"
           : truth < 0 ? "its condition is unknown, which never acts"
                       : "its condition is false";
}

/* An occurrence with its due time, whoever has looked at it before. */
static void add_occurrence(const struct asked *a, struct wf_value due, bool decided, uint64_t event)
{
    int64_t now = a->why->night->now;
    if (!due.present) {
        wf_buf_adds(a->out, "never due: a value it is reckoned from is missing");
    } else if (due.i > now) {
        wf_buf_adds(a->out, "not due until ");
        add_time(a, due.i);
    } else if (add_decided(a, event)) {
        return;
    } else if (a->after && due.i < a->after->floor && due.i < a->after->first_t) {
        wf_buf_adds(a->out, "due ");
        add_time(a, due.i);
        wf_buf_adds(a->out, ", before the rule's first night (");
        add_time(a, a->after->first_t);
        wf_buf_adds(a->out, "); new rules do not reach back");
    } else if (decided) {
        wf_buf_addf(a->out, "decided on %s (due ",
                    a->why->again ? "this night or an earlier one" : "an earlier night");
        add_time(a, due.i);
        wf_buf_addc(a->out, ')');
    } else if (wf_bit(a->why->outcome->roster.merged, a->row)) {
        wf_buf_adds(a->out, "decided for an id that became this one (due ");
        add_time(a, due.i);
        wf_buf_addc(a->out, ')');
    } else {
        wf_buf_adds(a->out, "due ");
        add_time(a, due.i);
        wf_buf_addf(a->out, ", and %s", guard_words(a));
    }
}

static void add_moment_time(const struct asked *a)
{
    bool decided =
        a->before && a->ordinal != WF_NO_MEMBER && wf_set_has(&a->before->decided, a->ordinal);
    add_occurrence(a, wf_scalar_value(a->why->scalar, a->trigger->due), decided, WF_NO_EVENT);
}

/* The first anniversary that falls due after tonight; false: none does. */
static bool next_year(const struct asked *a, int64_t *due_out)
{
    const struct wf_night *night = a->why->night;
    const struct wf_ir_node *node = &a->ir->nodes[a->trigger->due];
    if (node->op != WF_IR_ANNIVERSARY)
        return false;
    const struct wf_ir_anniv *anniv = &a->ir->annivs[node->b];
    struct wf_anniv_offset offset = {anniv->months, anniv->days, anniv->seconds,
                                     (enum wf_feb29)anniv->feb29};
    struct wf_value day = wf_scalar_value(a->why->scalar, node->a);
    int64_t until, due, year;
    if (!day.present || !wf_zone_add_days(night->zone, night->now, 8 * 366, &until))
        return false;
    bool found = false; /* from far ahead back to the first: a Feb 29 may skip years */
    while (wf_zone_anniversary(night->zone, day.i, &offset, until, &due, &year) &&
           due > night->now) {
        *due_out = due;
        until = due - 1;
        found = true;
    }
    return found;
}

static void add_moment_year(const struct asked *a)
{
    unsigned char key[16];
    int64_t next;
    struct wf_value year = wf_scalar_value(a->why->scalar, a->trigger->year);
    wf_mark_number(key, year.present ? year.i : 0);
    struct wf_value due = wf_scalar_value(a->why->scalar, a->trigger->due);
    bool again = next_year(a, &next);
    if (due.present)
        add_occurrence(a, due, has_mark(a, key), WF_NO_EVENT);
    else
        wf_buf_adds(a->out, again ? "no anniversary yet" : "never due: its date is missing");
    if (again) {
        wf_buf_adds(a->out, due.present ? "; next due " : "; first due ");
        add_time(a, next);
    }
}

static void add_moment_last(const struct asked *a)
{
    const struct wf_events *view =
        &a->why->night->data->views[a->ir->aggs[a->trigger->agg_last].view];
    uint64_t row = WF_NO_EVENT;
    bool there = wf_scalar_agg_row(a->why->scalar, a->trigger->agg_last, &row) && view->key;
    add_occurrence(a, wf_scalar_value(a->why->scalar, a->trigger->due),
                   there && has_mark(a, view->key[row]), row);
}

static void add_moment_calendar(const struct asked *a)
{
    const struct wf_zone *zone = a->why->night->zone;
    int64_t today = wf_zone_day(zone, a->why->night->now), next;
    if (add_decided(a, WF_NO_EVENT))
        return;
    if (wf_calendar_next(&a->trigger->calendar, today, today, &next)) {
        wf_buf_addf(a->out, "its day is today, and %s", guard_words(a));
    } else if (wf_calendar_next(&a->trigger->calendar, today, today + 3660, &next)) {
        wf_buf_adds(a->out, "not today; next on ");
        add_time(a, wf_zone_midnight(zone, next));
    } else {
        wf_buf_adds(a->out, "its day is over");
    }
}

/* Where the member stood when the last night looked at the watched condition. */
static const char *stood(const struct asked *a)
{
    char name[64];
    const struct wf_ir_watch *watch = &a->ir->watches[a->trigger->watch];
    snprintf(name, sizeof(name), "watch %016" PRIx64, watch->hash);
    const struct wf_column_state *column = wf_state_column(a->why->prior, name);
    if (a->why->again)
        return "the night was run already; the ledger says what it did";
    if (!a->before || !column)
        return "the first night only records who is in";
    if (a->ordinal == WF_NO_MEMBER)
        return "first seen tonight, which only records";
    if (wf_set_has(&column->yes, a->ordinal))
        return a->trigger->leaves ? NULL : "it was so already on the night before";
    if (wf_set_has(&column->no, a->ordinal))
        return a->trigger->leaves ? "it was not so on the night before" : NULL;
    return "the night before did not know, so tonight only records";
}

static void add_moment_crossing(const struct asked *a)
{
    size_t n = 0;
    int truth = wf_scalar_truth(a->why->scalar, a->ir->watches[a->trigger->watch].cond);
    int wanted = a->trigger->leaves ? 0 : 1;
    if (add_decided(a, WF_NO_EVENT))
        return;
    const char *before = stood(a);
    if (truth != wanted)
        wf_buf_addf(a->out, "no crossing: it is %s now", truth_word(truth));
    else if (before)
        wf_buf_addf(a->out, "no crossing: %s", before);
    else if (a->before && wf_marks_of(&a->before->acted, a->ordinal, &n) && n)
        wf_buf_adds(a->out, "crossed, but has acted for this member before");
    else
        wf_buf_addf(a->out, "crossed, and %s", guard_words(a));
}

/* ---- lines ---- */

static void begin(const struct asked *a)
{
    wf_buf_addf(a->out, "%s%s  ", a->why->indent, wf_why_rule_name(a->ir, a->number));
    wf_why_place(a->ir, a->trigger->place, a->out);
    wf_buf_adds(a->out, ": ");
}

/* The moment's own line: when it is due, or how it stands with what is watched. */
static void add_moment(const struct asked *a, uint32_t atom)
{
    const struct wf_ir_trigger *t = a->trigger;
    uint32_t node = a->ir->atoms[atom].node;
    if (t->moment == WF_MOMENT_CROSSING) {
        const struct wf_ir_watch *watch = &a->ir->watches[t->watch];
        add_atom(a->why, atom, truth_word(wf_scalar_truth(a->why->scalar, watch->cond)),
                 watch->name, a->out);
    } else if (t->moment != WF_MOMENT_CALENDAR) { /* whose day was told already */
        bool there = wf_scalar_value(a->why->scalar, node).present;
        add_atom(a->why, atom, there ? "due" : "missing", WF_NONE, a->out);
    }
}

/* A bare condition has no moment: its parts are all guards. */
static bool has_moment(const struct asked *a)
{
    const struct wf_ir_trigger *t = a->trigger;
    return t->atoms_count > 0 &&
           (t->moment != WF_MOMENT_CROSSING || t->guard != WF_NONE ||
            a->ir->atoms[t->atoms_first].node == a->ir->watches[t->watch].cond);
}

static void add_conditions(const struct asked *a)
{
    const struct wf_ir_trigger *t = a->trigger;
    uint32_t moment = has_moment(a) ? 1 : 0;
    wf_buf_addc(a->out, '\n');
    if (moment)
        add_moment(a, t->atoms_first);
    wf_why_atoms(a->why, t->atoms_first + moment, t->atoms_count - moment, a->out);
}

/* The first row of an event, of rows first .. end - 1, that the rule is about; makes it current. */
static bool matching_row(const struct asked *a, uint64_t first, uint64_t end, uint64_t *row_out)
{
    for (uint64_t row = first; row < end; row++) {
        wf_scalar_event(a->why->scalar, a->trigger->view, row);
        *row_out = row;
        if (a->trigger->filter == WF_NONE ||
            wf_scalar_truth(a->why->scalar, a->trigger->filter) > 0)
            return true;
    }
    return false;
}

/* The newest events of the member that the rule is about, each an occurrence of its own. */
static void add_events(const struct asked *a)
{
    const struct wf_events *view = &a->why->night->data->views[a->trigger->view];
    uint64_t first = view->first[a->row], end = view->first[a->row + 1], row;
    int shown = 0;
    for (uint64_t start = end; start-- > first && shown < MOST_EVENTS;) {
        if (view->begins && !wf_bit(view->begins, start))
            continue;
        if (matching_row(a, start, end, &row)) {
            begin(a);
            add_occurrence(a, wf_scalar_value(a->why->scalar, a->trigger->due),
                           view->key && has_mark(a, view->key[row]), row);
            add_conditions(a);
            shown++;
        }
        end = start;
    }
    if (shown)
        return;
    begin(a);
    wf_buf_adds(a->out, "no such event in the exports\n");
}

void wf_why_trigger(const struct wf_why *why, uint32_t trigger, uint32_t row, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_piece *id = &why->night->data->ids[row];
    struct asked a = {.why = why,
                      .ir = ir,
                      .trigger = &ir->triggers[trigger],
                      .before = rule_of(why->prior, ir, &ir->triggers[trigger]),
                      .after = rule_of(why->night->state, ir, &ir->triggers[trigger]),
                      .number = trigger,
                      .row = row,
                      .ordinal = WF_NO_MEMBER,
                      .out = out};
    if (wf_state_find(why->prior, wf_member_hash(why->night->data->id_heap + id->at, id->len),
                      &a.ordinal) != WF_OK) {
        out->failed = true;
        return;
    }
    wf_scalar_member(why->scalar, row);
    if (a.trigger->moment == WF_MOMENT_EVENT) {
        add_events(&a);
        return;
    }
    begin(&a);
    switch ((enum wf_moment)a.trigger->moment) {
    case WF_MOMENT_TIME: add_moment_time(&a); break;
    case WF_MOMENT_ANNIVERSARY: add_moment_year(&a); break;
    case WF_MOMENT_LAST: add_moment_last(&a); break;
    case WF_MOMENT_CALENDAR: add_moment_calendar(&a); break;
    case WF_MOMENT_CROSSING: add_moment_crossing(&a); break;
    default: break;
    }
    add_conditions(&a);
}
