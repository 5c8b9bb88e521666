#include "runtime/run/why.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/fate.h"
#include "runtime/run/history.h"
#include "runtime/run/needs.h"
#include "runtime/run/shown.h"
#include "runtime/store/entries.h"
#include "runtime/vm/text.h"

enum { PLACE_COLUMN = 64, WORD_COLUMN = 8 };

struct wf_scalar *wf_why_scalar(const struct wf_night *night, const struct wf_outcome *outcome,
                                struct wf_vm_params *params)
{
    *params = (struct wf_vm_params){.now = night->now, .zone = night->zone};
    return wf_scalar_new(&night->program->ir, night->data, params, &outcome->pops, night->alloc);
}

void wf_why_at(const struct wf_why *why)
{
    wf_scalar_member(why->scalar, why->row);
    if (why->entry)
        wf_scalar_entry(why->scalar, why->entry->entry, why->entered, why->entry->event);
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

void wf_why_line(const struct wf_why *why, const char *word, struct wf_buf *out)
{
    wf_buf_addf(out, "%s  %s", why->indent, word);
    for (size_t width = wf_utf8_width(word, strlen(word)); width < WORD_COLUMN; width++)
        wf_buf_addc(out, ' ');
    wf_buf_addc(out, ' ');
}

/* The values that decide an atom: ` (points 40)`. */
static void add_shown(const struct wf_why *why, uint32_t atom, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const char *between = " (";
    for (uint32_t i = 0; i < ir->atoms[atom].shows_count; i++) {
        const struct wf_ir_show *show = &ir->shows[ir->atoms[atom].shows_first + i];
        if (!wf_shown(ir, show))
            continue;
        wf_buf_addf(out, "%s%s ", between, wf_ir_text(ir, show->label));
        wf_shown_value(why, show->node, out);
        between = ", ";
    }
    if (between[0] == ',')
        wf_buf_addc(out, ')');
}

/* `text`: what is said in place of the atom's own words, WF_NONE: those. */
static void add_atom(const struct wf_why *why, uint32_t atom, const char *word, uint32_t text,
                     struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    size_t from = out->len;
    wf_why_line(why, word, out);
    wf_buf_adds(out, wf_ir_text(ir, text == WF_NONE ? ir->atoms[atom].text : text));
    add_shown(why, atom, out);
    end_with_place(why, ir->atoms[atom].place, from, out);
}

static const char *truth_word(int truth)
{
    return truth > 0 ? wf_word("true") : truth < 0 ? wf_word("unknown") : wf_word("false");
}

/* What would make a condition as it is wanted, a line each. */
static void add_needs(const struct wf_why *why, uint32_t node, int wanted, struct wf_buf *out)
{
    struct wf_buf lines;
    if (!why->needs || wf_scalar_truth(why->scalar, node) == wanted)
        return;
    wf_buf_init(&lines, why->night->alloc, 0);
    wf_needs(why, node, wanted, &lines);
    const char *text = wf_buf_str(&lines);
    while (*text) {
        size_t len = strcspn(text, "\n");
        wf_why_line(why, "", out);
        wf_buf_adds(out, "-> ");
        wf_buf_add(out, text, len);
        wf_buf_addc(out, '\n');
        text += len + (text[len] != 0);
    }
    out->failed |= lines.failed;
    wf_buf_release(&lines);
}

void wf_why_atoms(const struct wf_why *why, uint32_t first, uint32_t count, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    for (uint32_t i = first; i < first + count; i++) {
        if (ir->nodes[ir->atoms[i].node].type != WF_T_BOOL)
            continue;
        add_atom(why, i, truth_word(wf_scalar_truth(why->scalar, ir->atoms[i].node)), WF_NONE, out);
        add_needs(why, ir->atoms[i].node, 1, out);
    }
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

/* The hour that was asked for, and where that is more than a clock, its words. */
static void add_clock(const struct wf_why *why, const struct wf_decision *decision,
                      const struct wf_ir_action *a, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    if (ir->nodes[a->at].op == WF_IR_CONST || wf_text_private(ir, a->at)) {
        wf_buf_addf(out, " at %s", wf_ir_text(ir, a->at_text));
        return;
    }
    char clock[WF_CLOCK_TEXT] = "?";
    wf_scalar_member(why->scalar, decision->target);
    struct wf_value at = wf_scalar_value(why->scalar, a->at);
    wf_decision_enter(why->scalar, ir, decision);
    if (at.present)
        wf_clock_text(at.i, clock);
    wf_buf_addf(out, " at %.*s (%s)", at.i % 60 ? 8 : 5, clock, wf_ir_text(ir, a->at_text));
}

void wf_why_action(const struct wf_why *why, const struct wf_decision *decision, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_action *a = wf_decision_action(ir, decision);
    wf_action_words(ir, a, out);
    switch ((enum wf_action_kind)a->kind) {
    case WF_ACT_SET:
        wf_buf_adds(out, " = ");
        add_rendered(why, decision, false, out);
        break;
    case WF_ACT_POINTS:
    case WF_ACT_TASK:
    case WF_ACT_EMIT:
        wf_buf_addc(out, ' ');
        add_rendered(why, decision, a->kind == WF_ACT_TASK, out);
        break;
    default: break;
    }
    if (decision->channel != WF_NONE)
        wf_buf_addf(out, " via %s", wf_ir_text(ir, decision->channel));
    if (a->at != WF_NONE)
        add_clock(why, decision, a, out);
}

/* ---- what became of a trigger ---- */

static void add_acts(const struct wf_why *why, uint32_t trigger, uint32_t row,
                     const struct wf_fate *fate, struct wf_buf *out)
{
    const char *between = wf_word("acts: ");
    const struct wf_decision *d;
    for (size_t at = 0; (d = wf_fate_decision(why, row, &at)) != NULL;) {
        if (!wf_fate_decides(fate, trigger, row, d))
            continue;
        wf_buf_adds(out, between);
        wf_why_action(why, d, out);
        if (d->gate != WF_GATE_NONE)
            wf_say(out, " (suppressed: %s)", wf_gate_text((enum wf_gate)d->gate));
        between = ", ";
    }
}

/* It is time, and the rest of the condition is not known true. */
static void add_refused(int truth, enum wf_moment moment, const char *due, struct wf_buf *out)
{
    if (moment == WF_MOMENT_CALENDAR)
        wf_buf_adds(out, truth > 0   ? wf_word("its day is today, and its condition is true now")
                         : truth < 0 ? wf_word("its day is today, and its condition is unknown, "
                                               "which never acts")
                                     : wf_word("its day is today, and its condition is false"));
    else if (moment == WF_MOMENT_CROSSING)
        wf_buf_adds(out, truth > 0   ? wf_word("crossed, and its condition is true now")
                         : truth < 0 ? wf_word("crossed, and its condition is unknown, which never "
                                               "acts")
                                     : wf_word("crossed, and its condition is false"));
    else if (truth > 0)
        wf_say(out, "due %s, and its condition is true now", due);
    else if (truth < 0)
        wf_say(out, "due %s, and its condition is unknown, which never acts", due);
    else
        wf_say(out, "due %s, and its condition is false", due);
}

static const char *no_crossing(const struct wf_fate *fate)
{
    switch (fate->crossing) {
    case WF_CROSSING_NOT:
        return fate->truth > 0   ? wf_word("no crossing: it is true now")
               : fate->truth < 0 ? wf_word("no crossing: it is unknown now")
                                 : wf_word("no crossing: it is false now");
    case WF_CROSSING_AGAIN:
        return wf_word("no crossing: the night was run already; the ledger says what it did");
    case WF_CROSSING_FIRST: return wf_word("no crossing: the first night only records who is in");
    case WF_CROSSING_STRANGE: return wf_word("no crossing: first seen tonight, which only records");
    case WF_CROSSING_UNITED:
        return wf_word("no crossing: united with another id tonight, which only records");
    case WF_CROSSING_GAP:
        return wf_word("no crossing: the night before is too long ago to compare with");
    case WF_CROSSING_SO: return wf_word("no crossing: it was so already on the night before");
    case WF_CROSSING_NOT_SO: return wf_word("no crossing: it was not so on the night before");
    case WF_CROSSING_OTHER:
        return wf_word("no crossing: on the night before it was not what it must come from");
    default: return wf_word("no crossing: the night before did not know, so tonight only records");
    }
}

/* An occurrence of an earlier night (or of this one, run already), and what the ledger has of it.
 */
static void add_decided(const struct wf_why *why, bool acts, const struct wf_fate *fate,
                        const char *due, const struct wf_recalled *recalled, struct wf_buf *out)
{
    if (recalled->n && fate->due == WF_NO_TIME)
        wf_say(out, "decided on the night of %s", recalled->night);
    else if (recalled->n)
        wf_say(out, "decided on the night of %s (due %s)", recalled->night, due);
    else if (why->again)
        wf_say(out, "decided on this night or an earlier one (due %s)", due);
    else
        wf_say(out, "decided on an earlier night (due %s)", due);
    if (!recalled->n && acts && why->history)
        wf_say(out, "; nothing of it is in the ledger, so its condition was not known true then");
}

static void add_spent(const struct wf_fate *fate, const char *since, const char *next,
                      struct wf_buf *out)
{
    if (fate->next == WF_NO_TIME)
        wf_say(out, "crossed, but has acted for this member before, on %s", since);
    else
        wf_say(out, "crossed, but has acted for this member on %s; again from %s", since, next);
}

static void add_fate(const struct wf_why *why, uint32_t trigger, uint32_t row,
                     const struct wf_fate *fate, const struct wf_recalled *recalled,
                     struct wf_buf *out)
{
    const struct wf_ir_trigger *t = &why->night->program->ir.triggers[trigger];
    enum wf_moment moment = (enum wf_moment)t->moment;
    const struct wf_zone *zone = why->night->zone;
    char due[WF_STAMP_TEXT], since[WF_STAMP_TEXT], next[WF_STAMP_TEXT];
    wf_short_time(zone, fate->due, due);
    wf_short_time(zone, fate->since, since);
    wf_short_time(zone, fate->next, next);
    switch (fate->kind) {
    case WF_FATE_ACTS: add_acts(why, trigger, row, fate, out); break;
    case WF_FATE_NEVER: wf_say(out, "never due: a value it is reckoned from is missing"); break;
    case WF_FATE_NO_EVENT: wf_say(out, "no such event in the exports"); break;
    case WF_FATE_NOT_DUE: wf_say(out, "not due until %s", due); break;
    case WF_FATE_BEFORE:
        wf_say(out, "due %s, before the rule's first night (%s); new rules do not reach back", due,
               since);
        break;
    case WF_FATE_DECIDED: add_decided(why, t->actions_count > 0, fate, due, recalled, out); break;
    case WF_FATE_UNITED: wf_say(out, "decided for an id that became this one (due %s)", due); break;
    case WF_FATE_OTHER_DAY: wf_say(out, "not today; next on %s", next); break;
    case WF_FATE_OVER: wf_say(out, "its day is over"); break;
    case WF_FATE_NO_CROSSING: wf_buf_adds(out, no_crossing(fate)); break;
    case WF_FATE_SPENT: add_spent(fate, since, next, out); break;
    default: add_refused(fate->truth, moment, due, out); break;
    }
    if (moment == WF_MOMENT_ANNIVERSARY && fate->next != WF_NO_TIME)
        wf_say(out, "; next due %s", next);
}

/* ---- lines ---- */

/* The moment's own line: when it is due, or how it stands with what is watched. */
static void add_moment(const struct wf_why *why, uint32_t trigger, const struct wf_fate *fate,
                       struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_trigger *t = &ir->triggers[trigger];
    uint32_t node = ir->atoms[t->atoms_first].node;
    if (t->moment == WF_MOMENT_CROSSING) {
        const struct wf_ir_watch *watch = &ir->watches[t->watch];
        add_atom(why, t->atoms_first, truth_word(wf_scalar_truth(why->scalar, watch->cond)),
                 watch->name, out);
        add_needs(why, watch->cond, !t->leaves, out);
    } else if (t->moment != WF_MOMENT_CALENDAR) { /* whose day was told already */
        bool there = wf_scalar_value(why->scalar, node).present;
        const char *word = there                           ? wf_word("due")
                           : fate->kind == WF_FATE_NOT_DUE ? wf_word("not yet")
                                                           : wf_word("missing");
        add_atom(why, t->atoms_first, word, WF_NONE, out);
    }
}

/* What a gate stopped tonight, with its figures, where that is asked for. */
static void add_stopped(const struct wf_why *why, uint32_t trigger, uint32_t row,
                        const struct wf_fate *fate, struct wf_buf *out)
{
    const struct wf_decision *d;
    for (size_t at = 0; why->needs && (d = wf_fate_decision(why, row, &at)) != NULL;) {
        if (!wf_fate_decides(fate, trigger, row, d) || d->gate == WF_GATE_NONE)
            continue;
        wf_why_line(why, wf_word("stopped"), out);
        wf_why_action(why, d, out);
        wf_buf_addf(out, " (%s): ", wf_gate_text((enum wf_gate)d->gate));
        wf_note_text(why->night, d, out);
        wf_buf_addc(out, '\n');
    }
    wf_fate_stand(why, trigger, row, fate);
}

static void add_recalled(const struct wf_why *why, const struct wf_recalled *recalled,
                         struct wf_buf *out)
{
    for (size_t i = 0; i < recalled->n; i++) {
        const struct wf_recalled_action *action = &recalled->actions[i];
        wf_why_line(why, action->gate[0] ? wf_word("stopped") : wf_word("left"), out);
        wf_buf_adds(out, wf_buf_str(&action->what));
        wf_buf_addc(out, '\n');
    }
}

static enum wf_status add_occurrence(const struct wf_why *why, uint32_t trigger, uint32_t row,
                                     const struct wf_fate *fate, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_trigger *t = &ir->triggers[trigger];
    struct wf_recalled recalled;
    wf_fate_stand(why, trigger, row, fate);
    enum wf_status st = wf_recall(why, trigger, row, fate, &recalled);
    wf_buf_addf(out, "%s%s  ", why->indent, wf_why_rule_name(ir, trigger));
    wf_why_place(ir, t->place, out);
    wf_buf_adds(out, ": ");
    add_fate(why, trigger, row, fate, &recalled, out);
    wf_buf_addc(out, '\n');
    add_recalled(why, &recalled, out);
    add_stopped(why, trigger, row, fate, out);
    wf_recalled_release(&recalled);
    if (fate->kind == WF_FATE_NO_EVENT)
        return st;
    uint32_t moment = wf_fate_moment_atom(ir, trigger) ? 1 : 0;
    if (moment)
        add_moment(why, trigger, fate, out);
    wf_why_atoms(why, t->atoms_first + moment, t->atoms_count - moment, out);
    return st;
}

void wf_why_trigger(const struct wf_why *why, uint32_t trigger, uint32_t row, struct wf_buf *out)
{
    struct wf_fate fates[WF_MOST_FATES];
    size_t n = 0;
    enum wf_status st = wf_fates(why, trigger, row, fates, &n);
    for (size_t i = 0; st == WF_OK && i < n; i++)
        st = add_occurrence(why, trigger, row, &fates[i], out);
    out->failed |= st != WF_OK;
}
