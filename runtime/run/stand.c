#include "runtime/run/stand.h"

#include <string.h>

#include "runtime/engine/rules.h"
#include "runtime/run/action.h"
#include "runtime/run/note.h"

/* One member and one journey. */
struct standing {
    const struct wf_why *why;
    const struct wf_ir *ir;
    const struct wf_ir_journey *journey;
    const struct wf_rule_state *rule;     /* NULL: never run */
    const struct wf_journey_state *state; /* NULL: nobody has entered yet */
};

static const struct wf_rule_state *rule_named(struct wf_state *state, const char *identity,
                                              const struct wf_alloc *alloc)
{
    struct wf_buf name;
    wf_buf_init(&name, alloc, 0);
    wf_buf_addf(&name, "journey %s", identity);
    const struct wf_rule_state *rule = wf_state_rule(state, wf_buf_str(&name));
    wf_buf_release(&name);
    return rule;
}

static struct standing find(const struct wf_why *why, uint32_t journey)
{
    const struct wf_ir *ir = &why->night->program->ir;
    struct standing s = {.why = why, .ir = ir, .journey = &ir->journeys[journey]};
    s.rule = rule_named(why->night->state, wf_ir_text(ir, s.journey->identity), why->night->alloc);
    s.state = s.rule ? wf_state_journey(why->night->state, s.rule->id) : NULL;
    return s;
}

static const struct wf_entry *last_entry(const struct standing *s, uint32_t row)
{
    size_t n = 0;
    uint32_t ordinal = s->why->outcome->roster.ordinal[row];
    const struct wf_entry *entries = s->state ? wf_entries_of(s->state, ordinal, &n) : NULL;
    return n ? &entries[n - 1] : NULL;
}

const struct wf_entry *wf_stand_entry(const struct wf_why *why, uint32_t journey, uint32_t row)
{
    struct standing s = find(why, journey);
    const struct wf_entry *entry = last_entry(&s, row);
    return entry && entry->step != WF_LEFT && !(entry->flags & WF_ENTRY_GONE) ? entry : NULL;
}

/* The row of the structure an entry walks: tonight's, or an older one that is pinned. */
static const struct wf_ir_journey *walked(const struct standing *s, const struct wf_entry *entry)
{
    const struct wf_version *version = wf_version_numbered(s->state, entry->version);
    const char *identity = wf_ir_text(s->ir, s->journey->identity);
    for (uint32_t i = 0; version && i < s->ir->n_journeys; i++)
        if (s->ir->journeys[i].hash == version->hash &&
            strcmp(wf_ir_text(s->ir, s->ir->journeys[i].identity), identity) == 0)
            return &s->ir->journeys[i];
    return NULL;
}

/* The step of an entry; NULL: the night's program does not hold what it walks. */
static const struct wf_ir_step *step_of(const struct standing *s, const struct wf_entry *entry)
{
    const struct wf_ir_journey *journey = walked(s, entry);
    return journey && entry->step < journey->steps_count
               ? &s->ir->steps[journey->steps_first + entry->step]
               : NULL;
}

const char *wf_stand_label(const struct wf_why *why, uint32_t journey, const struct wf_entry *entry)
{
    const struct wf_ir *ir = &why->night->program->ir;
    struct standing s = find(why, journey);
    const struct wf_ir_step *step = s.state ? step_of(&s, entry) : NULL;
    if (!step)
        return NULL;
    return step->label == WF_NONE ? "start" : wf_ir_text(ir, step->label);
}

static void say_wait(const struct standing *s, const struct wf_ir_step *step,
                     const struct wf_entry *entry, struct wf_buf *out)
{
    const struct wf_zone *zone = s->why->night->zone;
    bool up_to = step->kind == WF_STEP_FOR_EVENT || step->kind == WF_STEP_FOR_COND;
    wf_buf_addf(out, "%s  waits    %s", s->why->indent, wf_ir_text(s->ir, step->text));
    if (step->wait.unit != WF_T_NONE && (up_to || step->kind == WF_STEP_WAIT)) {
        wf_buf_adds(out, up_to ? ": at the latest until " : ": until ");
        wf_local_short(out, zone, wf_time_shift(zone, entry->reached, step->wait, 1));
    }
    wf_buf_adds(out, "  ");
    wf_why_place(s->ir, step->place, out);
    wf_buf_addc(out, '\n');
    if (step->kind == WF_STEP_FOR_COND)
        wf_why_atoms(s->why, step->atoms_first, step->atoms_count, out);
}

/* The evaluator must be at the member; the entry is its own from here on. */
static void say_live(const struct standing *s, const struct wf_entry *entry, struct wf_buf *out)
{
    const struct wf_zone *zone = s->why->night->zone;
    const struct wf_ir_step *step = step_of(s, entry);
    wf_buf_adds(out, "in it since ");
    wf_local_short(out, zone, entry->entry);
    if (step)
        wf_buf_addf(out, ", at %s since ",
                    step->label == WF_NONE ? "start" : wf_ir_text(s->ir, step->label));
    else
        wf_buf_adds(out, ", in an older version of it, at its step since ");
    wf_local_short(out, zone, entry->reached);
    if (entry->flags & WF_ENTRY_HELD_OUT)
        wf_buf_adds(out, ", held out");
    if (entry->flags & WF_ENTRY_GOAL) {
        wf_buf_adds(out, ", goal reached ");
        wf_local_short(out, zone, entry->goal);
    }
    wf_buf_addc(out, '\n');
    const struct wf_ir_journey *journey = walked(s, entry);
    if (!journey)
        return;
    wf_scalar_entry(s->why->scalar, entry->entry,
                    entry->flags & WF_ENTRY_EVENT ? journey->entered : WF_NONE, entry->event);
    if (step)
        say_wait(s, step, entry, out);
    if (journey->exit != WF_NONE)
        wf_buf_addf(out, "%s  leaves when\n", s->why->indent);
    wf_why_atoms(s->why, journey->exit_first, journey->exit_count, out);
}

/* Who left is remembered by when; entries themselves are kept only while a goal is watched. */
static void say_past(const struct standing *s, uint32_t row, struct wf_buf *out)
{
    const struct wf_zone *zone = s->why->night->zone;
    const struct wf_ir_journey *journey = s->journey;
    size_t n = 0;
    const struct wf_mark *left =
        s->rule ? wf_marks_of(&s->rule->acted, s->why->outcome->roster.ordinal[row], &n) : NULL;
    if (n == 0) {
        wf_buf_adds(out, "not in it\n");
        return;
    }
    int64_t at = wf_mark_to_number(left[n - 1].key);
    wf_buf_adds(out, "left it ");
    wf_local_short(out, zone, at);
    if (journey->again_kind == WF_AGAIN_ONCE) {
        wf_buf_adds(out, "; it is entered once");
    } else if (journey->again_kind == WF_AGAIN_AFTER) {
        wf_buf_adds(out, "; entered again from ");
        wf_local_short(out, zone, wf_time_shift(zone, at, journey->again, 1));
    }
    wf_buf_addc(out, '\n');
}

void wf_stand_say(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_buf *out)
{
    struct standing s = find(why, journey);
    const struct wf_entry *entry = last_entry(&s, row);
    wf_scalar_member(why->scalar, row);
    wf_buf_addf(out, "%s%s  ", why->indent, wf_ir_text(s.ir, s.journey->name));
    wf_why_place(s.ir, s.journey->place, out);
    wf_buf_adds(out, ": ");
    if (entry && entry->step != WF_LEFT && !(entry->flags & WF_ENTRY_GONE)) {
        say_live(&s, entry, out);
        return;
    }
    say_past(&s, row, out);
    if (s.journey->trigger != WF_NONE)
        wf_why_trigger(why, s.journey->trigger, row, out);
}
