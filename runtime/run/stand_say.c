/* Where a member stands in a journey, in words. */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/rules.h"
#include "runtime/run/action.h"
#include "runtime/run/history.h"
#include "runtime/run/note.h"
#include "runtime/run/stand.h"

enum { MOST_AHEAD = 8 };

/* ---- the head ---- */

static void say_live(const struct wf_why *why, const struct wf_stand *s, struct wf_buf *out)
{
    const struct wf_zone *zone = why->night->zone;
    char since[WF_STAMP_TEXT], at[WF_STAMP_TEXT], goal[WF_STAMP_TEXT];
    const struct wf_entry *entry = s->entry;
    wf_short_time(zone, entry->entry, since);
    wf_short_time(zone, entry->reached, at);
    wf_short_time(zone, entry->goal, goal);
    if (s->step)
        wf_say(out, "in it since %s, at %s since %s", since, s->label, at);
    else
        wf_say(out, "in it since %s, in an older version of it, at its step since %s", since, at);
    if (entry->flags & WF_ENTRY_HELD_OUT)
        wf_say(out, ", held out");
    if (entry->flags & WF_ENTRY_GOAL)
        wf_say(out, ", goal reached %s", goal);
    wf_buf_addc(out, '\n');
}

static void say_left(const struct wf_why *why, const struct wf_stand *s, struct wf_buf *out)
{
    char left[WF_STAMP_TEXT], again[WF_STAMP_TEXT];
    wf_short_time(why->night->zone, s->left, left);
    wf_short_time(why->night->zone, s->again, again);
    if (s->left == WF_NO_TIME)
        wf_say(out, "not in it");
    else if (s->journey->again_kind == WF_AGAIN_ONCE)
        wf_say(out, "left it %s; it is entered once", left);
    else if (s->again != WF_NO_TIME)
        wf_say(out, "left it %s; entered again from %s", left, again);
    else
        wf_say(out, "left it %s", left);
    wf_buf_addc(out, '\n');
}

static void say_wait(const struct wf_why *why, const struct wf_stand *s, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    bool up_to = s->step->kind == WF_STEP_FOR_EVENT || s->step->kind == WF_STEP_FOR_COND;
    const char *text = wf_ir_text(ir, s->step->text);
    char until[WF_STAMP_TEXT];
    wf_short_time(why->night->zone, s->until, until);
    wf_why_line(why, wf_word("waits"), out);
    if (s->until == WF_NO_TIME)
        wf_buf_adds(out, text);
    else if (up_to)
        wf_say(out, "%s: at the latest until %s", text, until);
    else
        wf_say(out, "%s: until %s", text, until);
    wf_buf_adds(out, "  ");
    wf_why_place(ir, s->step->place, out);
    wf_buf_addc(out, '\n');
    if (s->step->kind == WF_STEP_FOR_COND)
        wf_why_atoms(why, s->step->atoms_first, s->step->atoms_count, out);
}

static void say_exit(const struct wf_why *why, const struct wf_stand *s, struct wf_buf *out)
{
    if (s->walked->exit != WF_NONE)
        wf_say(out, "%s  leaves when\n", why->indent);
    wf_why_atoms(why, s->walked->exit_first, s->walked->exit_count, out);
}

static void say_journey(const struct wf_why *why, const struct wf_stand *s, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    wf_buf_addf(out, "%s%s  ", why->indent, wf_ir_text(ir, s->journey->name));
    wf_why_place(ir, s->journey->place, out);
    wf_buf_adds(out, ": ");
}

/* ---- how the member came there ---- */

static enum wf_status say_act(const struct wf_why *why, const struct wf_stand *s, uint32_t row,
                              const struct wf_ir_step *step, struct wf_buf *out)
{
    struct wf_recalled recalled;
    unsigned char id[16];
    wf_stand_action(why, s, row, step, id);
    enum wf_status st = wf_recall_action(why, id, &recalled);
    if (recalled.n) {
        wf_why_line(why,
                    recalled.actions[0].gate[0] ? wf_word("stopped") : wf_word_in("action", "left"),
                    out);
        wf_buf_addf(out, "%s  [%s]\n", wf_buf_str(&recalled.actions[0].what), recalled.night);
    }
    wf_recalled_release(&recalled);
    return st;
}

static void say_step(const struct wf_why *why, const struct wf_stand *s, uint32_t row,
                     const struct wf_ir_step *step, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    const char *text = wf_ir_text(ir, step->text);
    if (step->kind == WF_STEP_LABEL)
        return;
    wf_why_line(why, wf_word("passed"), out);
    if (step->kind == WF_STEP_SPLIT)
        wf_say(out, "%s: fell to \"%s\"\n", text,
               wf_ir_text(ir, wf_stand_arm(why, s, row, step)->label));
    else
        wf_buf_addf(out, "%s\n", text);
}

static enum wf_status say_path(const struct wf_why *why, const struct wf_stand *s, uint32_t row,
                               struct wf_buf *out)
{
    const struct wf_ir_step *steps = why->night->program->ir.steps + s->walked->steps_first;
    unsigned char *passed = wf_calloc(why->night->alloc, s->walked->steps_count + (size_t)1, 1);
    enum wf_status st = passed ? WF_OK : WF_ERR_NOMEM;
    if (passed)
        wf_stand_passed(why, s, row, passed);
    for (uint32_t i = 0; st == WF_OK && i < s->entry->step; i++) {
        if (steps[i].kind == WF_STEP_ACT)
            st = say_act(why, s, row, &steps[i], out);
        else if (passed[i])
            say_step(why, s, row, &steps[i], out);
    }
    wf_free(why->night->alloc, passed);
    return st;
}

/* ---- what comes next ---- */

/* The steps that would follow, up to the next wait, as things are tonight. */
static void say_ahead(const struct wf_why *inside, const struct wf_stand *s, uint32_t row,
                      uint32_t at, struct wf_buf *out)
{
    const struct wf_ir *ir = &inside->night->program->ir;
    for (int n = 0; n < MOST_AHEAD && at < s->walked->steps_count; n++) {
        const struct wf_ir_step *step = &ir->steps[s->walked->steps_first + at];
        const char *text = wf_ir_text(ir, step->text);
        int truth;
        at = wf_stand_next(inside, s, row, step, &truth);
        if (step->kind == WF_STEP_LABEL)
            continue;
        wf_why_line(inside, "", out);
        if (step->kind == WF_STEP_SPLIT)
            wf_say(out, "%s: falls to \"%s\"\n", text,
                   wf_ir_text(ir, wf_stand_arm(inside, s, row, step)->label));
        else if (step->kind != WF_STEP_IF)
            wf_buf_addf(out, "%s\n", text);
        else if (truth > 0)
            wf_say(out, "%s: true as things are\n", text);
        else if (truth < 0)
            wf_say(out, "%s: unknown as things are, so neither\n", text);
        else
            wf_say(out, "%s: false as things are\n", text);
        if (wf_stand_waits(step) || step->kind == WF_STEP_LEAVE)
            return;
    }
    wf_why_line(inside, "", out);
    wf_say(out, "the end of the journey\n");
}

static void say_ways(const struct wf_why *inside, const struct wf_stand *s, uint32_t row,
                     struct wf_buf *out)
{
    bool awaits = s->step->kind == WF_STEP_FOR_EVENT || s->step->kind == WF_STEP_FOR_COND;
    char until[WF_STAMP_TEXT];
    wf_short_time(inside->night->zone, s->until, until);
    if (awaits) {
        wf_say(out, "%s  if it comes\n", inside->indent);
        say_ahead(inside, s, row, s->step->next, out);
    }
    if (awaits && s->until != WF_NO_TIME) {
        wf_say(out, "%s  if it does not, on %s\n", inside->indent, until);
        say_ahead(inside, s, row, s->step->other, out);
    }
    if (!awaits && s->until != WF_NO_TIME) {
        wf_say(out, "%s  then, on %s\n", inside->indent, until);
        say_ahead(inside, s, row, s->step->next, out);
    }
}

static void say_goal(const struct wf_why *why, const struct wf_stand *s, struct wf_buf *out)
{
    const struct wf_ir *ir = &why->night->program->ir;
    char until[WF_STAMP_TEXT];
    if (s->walked->goal_kind == WF_GOAL_NONE || s->entry->flags & WF_ENTRY_GOAL)
        return;
    const char *text = wf_ir_text(ir, s->walked->goal_text);
    wf_why_line(why, wf_word("goal"), out);
    if (s->walked->goal_within.unit == WF_T_NONE) {
        wf_say(out, "%s: while the member is in it\n", text);
        return;
    }
    wf_short_time(why->night->zone,
                  wf_time_shift(why->night->zone, s->entry->entry, s->walked->goal_within, 1),
                  until);
    wf_say(out, "%s: counts until %s\n", text, until);
}

/* ---- all of it ---- */

static void say(const struct wf_why *why, uint32_t journey, uint32_t row, bool at_length,
                struct wf_buf *out)
{
    struct wf_stand s;
    struct wf_why inside;
    wf_scalar_member(why->scalar, row);
    wf_stand_find(why, journey, row, &s);
    say_journey(why, &s, out);
    if (!s.entry) {
        say_left(why, &s, out);
        if (s.journey->trigger != WF_NONE)
            wf_why_trigger(why, s.journey->trigger, row, out);
        return;
    }
    say_live(why, &s, out);
    if (!s.walked)
        return;
    wf_stand_enter(why, &s, row, &inside);
    if (at_length && s.step)
        out->failed |= say_path(&inside, &s, row, out) != WF_OK;
    if (s.step)
        say_wait(&inside, &s, out);
    if (at_length && s.step)
        say_ways(&inside, &s, row, out);
    inside.needs = false; /* nobody asks how to make them leave */
    say_exit(&inside, &s, out);
    if (at_length)
        say_goal(&inside, &s, out);
}

void wf_stand_say(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_buf *out)
{
    say(why, journey, row, false, out);
}

void wf_stand_tell(const struct wf_why *why, uint32_t journey, uint32_t row, struct wf_buf *out)
{
    say(why, journey, row, true, out);
}
