/*
 * What led a member through a journey to one of its actions, asked once more of the exports. What a
 * condition saw on an earlier night cannot be asked any more, and that is said.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/contend.h"
#include "runtime/engine/journey.h"
#include "runtime/run/action.h"
#include "runtime/run/chain_int.h"
#include "runtime/run/note.h"
#include "runtime/store/entries.h"

/* The ways through a journey to the step of the action. */
struct ways {
    const struct wf_ir *ir;
    const struct wf_ir_step *steps;
    uint32_t to;
    unsigned char *seen; /* to + 1: the steps that the last question came by */
};

/* One way out of a step; false: it has fewer. */
static bool way_out(const struct ways *w, const struct wf_ir_step *step, uint32_t n, uint32_t *out)
{
    const uint32_t three[] = {step->next, step->other, step->after};
    bool forks = step->kind == WF_STEP_FOR_EVENT || step->kind == WF_STEP_FOR_COND;
    uint32_t most = step->kind == WF_STEP_LEAVE   ? 0
                    : step->kind == WF_STEP_SPLIT ? step->arms_count
                    : step->kind == WF_STEP_IF    ? 3
                                                  : 1 + (uint32_t)forks;
    if (n >= most)
        return false;
    *out = step->kind == WF_STEP_SPLIT ? w->ir->arms[step->arms_first + n].next : three[n];
    return true;
}

/* Whether `to` can be come to from `from` without step `but`. Every jump leads to a later step. */
static bool leads(const struct ways *w, uint32_t from, uint32_t to, uint32_t but)
{
    uint32_t next;
    if (from > to || from == but)
        return false;
    memset(w->seen, 0, to + (size_t)1);
    w->seen[from] = 1;
    for (uint32_t i = from; i < to; i++)
        for (uint32_t n = 0; w->seen[i] && way_out(w, &w->steps[i], n, &next); n++)
            if (next <= to && next != but)
                w->seen[next] = 1;
    return w->seen[to];
}

static bool waits(const struct wf_ir_step *step)
{
    return step->kind >= WF_STEP_WAIT && step->kind <= WF_STEP_FOR_COND;
}

/* Whether no wait lies between step `i` and the action on the way that begins at `from`: then both
 * were on one night. */
static bool same_night(const struct ways *w, uint32_t from)
{
    for (uint32_t k = from; k < w->to; k++)
        if (waits(&w->steps[k]) && leads(w, from, k, WF_NONE) && leads(w, k, w->to, WF_NONE))
            return false;
    return true;
}

static void begin(const struct wf_why *why, const struct ways *w, const struct wf_ir_step *step,
                  struct wf_buf *out)
{
    wf_why_line(why, wf_word("passed"), out);
    wf_buf_adds(out, wf_ir_text(w->ir, step->text));
    wf_buf_adds(out, "  ");
    wf_why_place(w->ir, step->place, out);
    wf_buf_adds(out, ": ");
}

/* An `if` of which one side alone leads to the action. */
static void say_if(const struct wf_why *why, const struct ways *w, const struct wf_ir_step *step,
                   struct wf_buf *out)
{
    bool yes = leads(w, step->next, w->to, WF_NONE), no = leads(w, step->other, w->to, WF_NONE);
    if (yes == no || leads(w, step->after, w->to, WF_NONE))
        return;
    begin(why, w, step, out);
    if (same_night(w, yes ? step->next : step->other))
        wf_say(out, yes ? N_("it was true that night\n") : N_("it was false that night\n"));
    else if (yes)
        wf_say(out, "it was true on an earlier night, which cannot be asked any more; as of the "
                    "action's night:\n");
    else
        wf_say(out, "it was false on an earlier night, which cannot be asked any more; as of the "
                    "action's night:\n");
    wf_why_atoms(why, step->atoms_first, step->atoms_count, out);
}

static void say_wait(const struct wf_why *why, const struct ways *w, const struct wf_ir_step *step,
                     struct wf_buf *out)
{
    bool came = leads(w, step->next, w->to, WF_NONE), late = leads(w, step->other, w->to, WF_NONE);
    if (came == late)
        return;
    begin(why, w, step, out);
    wf_say(out, came ? N_("it came\n") : N_("it did not come in time\n"));
}

static void say_split(const struct wf_why *why, const struct ways *w, const struct wf_ir_step *step,
                      const char *salt, struct wf_buf *out)
{
    const struct wf_dataset *data = why->night->data;
    const struct wf_id *id = &data->ids[why->row];
    uint32_t arm = wf_split_arm(w->ir, step, salt, data->id_heap + id->at, id->len);
    for (uint32_t n = 0; n < step->arms_count; n++) {
        if (leads(w, w->ir->arms[step->arms_first + n].next, w->to, WF_NONE))
            continue; /* another arm does not lead there: this one had to be drawn */
        begin(why, w, step, out);
        wf_say(out, "fell to \"%s\"\n",
               wf_ir_text(w->ir, w->ir->arms[step->arms_first + arm].label));
        return;
    }
}

/* The entry that makes this very id; NULL: the state has it no more. */
static const struct wf_entry *find_entry(const struct wf_chain *c, const struct wf_rule_state *rule,
                                         struct wf_state *state)
{
    const struct wf_journey_state *journey = wf_state_journey(state, rule->id);
    const struct wf_ledger_text *member = &c->row.member;
    unsigned char id[16];
    uint32_t ordinal;
    size_t n = 0;
    if (!journey || wf_members_find(&state->members, member->text, member->len, &ordinal) != WF_OK)
        return NULL;
    const struct wf_entry *entries = wf_entries_of(journey, ordinal, &n);
    for (size_t i = 0; i < n; i++) {
        wf_action_id(rule->born + strlen(WF_JOURNEY_RULE), entries[i].key, member->text,
                     member->len, c->row.position, id);
        if (memcmp(id, c->row.action_id, sizeof(id)) == 0)
            return &entries[i];
    }
    return NULL;
}

/* The step of the action; WF_NONE: these rules' journey has none that can be it. */
static uint32_t find_step(const struct wf_chain *c, const struct wf_ir_journey *j)
{
    for (uint32_t i = 0; c->same_rules && i < j->steps_count; i++) {
        const struct wf_ir_step *step = &c->ir->steps[j->steps_first + i];
        if (step->kind != WF_STEP_ACT || step->position != c->row.position)
            continue;
        const char *label = step->label == WF_NONE ? "" : wf_ir_text(c->ir, step->label);
        bool same = strlen(label) == c->row.step.len &&
                    memcmp(label, c->row.step.text, c->row.step.len) == 0;
        return same ? i : WF_NONE;
    }
    return WF_NONE;
}

static void say_entry(const struct wf_why *why, const struct wf_ir_journey *j, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const struct wf_ir_trigger *t = &ir->triggers[j->trigger];
    const struct wf_dataset *data = why->night->data;
    const struct wf_entry *entry = why->entry;
    char at[WF_STAMP_TEXT] = "";
    wf_short_time(why->night->zone, entry ? entry->entry : WF_NO_TIME, at);
    wf_why_line(why, wf_word("entered"), out);
    if (entry)
        wf_say(out, "%s, decided then; as of the action's night:\n", at);
    else
        wf_say(out, "the member is in it no more, so what asks `since entry` is not to be known; "
                    "as of the action's night:\n");
    if (entry && why->entered != WF_NONE && data->views[why->entered].key) {
        struct wf_event_span span = wf_events_of(&data->views[why->entered], why->row);
        for (uint64_t i = span.row; i < span.end; i++)
            if (memcmp(data->views[why->entered].key[i], entry->event, sizeof(entry->event)) == 0)
                wf_scalar_event(why->scalar, why->entered, i);
    }
    wf_why_atoms(why, t->atoms_first, t->atoms_count, out);
}

static void say_way(const struct wf_why *why, const struct ways *w, const char *salt,
                    struct wf_buf *out)
{
    for (uint32_t i = 0; i < w->to; i++) {
        const struct wf_ir_step *step = &w->steps[i];
        if (leads(w, 0, w->to, i))
            continue; /* the member may have come by another way */
        switch (step->kind) {
        case WF_STEP_IF: say_if(why, w, step, out); break;
        case WF_STEP_FOR_EVENT:
        case WF_STEP_FOR_COND: say_wait(why, w, step, out); break;
        case WF_STEP_SPLIT: say_split(why, w, step, salt, out); break;
        default: break;
        }
    }
}

enum wf_status wf_chain_journey(struct wf_chain *c, struct wf_why *why, struct wf_state *state)
{
    const struct wf_ir_journey *j = &c->ir->journeys[c->journey];
    const struct wf_rule_state *rule = wf_state_rule_of(state, c->row.rule);
    uint32_t step = find_step(c, j);
    const struct wf_entry *entry = rule ? find_entry(c, rule, state) : NULL;
    const struct wf_journey_state *journey = rule ? wf_state_journey(state, rule->id) : NULL;
    const struct wf_version *version =
        entry && journey ? wf_version_numbered(journey, entry->version) : NULL;
    if (step == WF_NONE || !rule || (version && version->hash != j->hash)) {
        wf_say(&c->conditions, "    these rules do not have the step as the member came to it: its "
                               "way cannot be asked once more\n");
        return WF_OK;
    }
    struct ways w = {c->ir, c->ir->steps + j->steps_first, step, NULL};
    w.seen = wf_calloc(c->alloc, step + (size_t)1, 1);
    if (!w.seen)
        return WF_ERR_NOMEM;
    why->entry = entry;
    why->entered = entry && entry->flags & WF_ENTRY_EVENT ? j->entered : WF_NONE;
    wf_why_at(why);
    say_entry(why, j, &c->conditions);
    say_way(why, &w,
            j->salt == WF_NONE ? rule->born + strlen(WF_JOURNEY_RULE) : wf_ir_text(c->ir, j->salt),
            &c->conditions);
    wf_free(c->alloc, w.seen);
    return WF_OK;
}
