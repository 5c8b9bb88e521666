#include "runtime/engine/contender.h"

#include <string.h>

#include "runtime/engine/rules.h"

struct wf_contender wf_contender_blank(void)
{
    return (struct wf_contender){
        .step = WF_NONE,
        .channel = WF_NONE,
        .event = WF_NO_EVENT,
        .known_by = WF_NO_TIME,
        .entry = WF_NO_TIME,
        .not_before = WF_NO_TIME,
        .not_after = WF_NO_TIME,
        .earliest = WF_NO_TIME,
        .held = WF_NO_TIME,
        .note.item = WF_NONE,
    };
}

struct wf_contender wf_contender_of(const struct wf_decision *d)
{
    struct wf_contender c = wf_contender_blank();
    memcpy(c.id, d->id, sizeof(c.id));
    memcpy(c.key, d->key, sizeof(c.key));
    c.rule = d->rule;
    c.action = d->action;
    c.position = d->position;
    c.channel = d->channel;
    c.member = d->member;
    c.target = d->target;
    c.event = d->event;
    c.occurred = d->occurred;
    c.not_before = d->not_before;
    c.not_after = d->not_after;
    c.gate = d->gate;
    if (!d->rare)
        return c;
    c.known_by = d->rare->known_by;
    c.entry = d->rare->entry;
    c.earliest = d->rare->earliest;
    c.held = d->rare->held;
    c.step = d->rare->step;
    c.again = d->rare->again;
    c.deferred = d->rare->deferred;
    c.held_out = d->rare->held_out;
    c.by_event = d->rare->by_event;
    memcpy(c.entered, d->rare->entered, sizeof(c.entered));
    c.note = d->rare->note;
    return c;
}

static bool has_rare(const struct wf_contender *c, const struct wf_ir *ir)
{
    return c->gate != WF_GATE_NONE || c->again || c->rule >= ir->n_triggers;
}

static struct wf_rare rare_of(const struct wf_contender *c, const struct wf_night *night)
{
    struct wf_rare rare = {
        .known_by = c->known_by,
        .entry = c->entry,
        .earliest = c->earliest,
        .held = c->held,
        .step = c->step,
        .again = c->again,
        .deferred = c->deferred,
        .held_out = c->held_out,
        .by_event = c->by_event,
        .note = c->note,
    };
    memcpy(rare.entered, c->entered, sizeof(rare.entered));
    if (rare.known_by == WF_NO_TIME)
        rare.known_by = wf_known_by(night->zone, c->occurred,
                                    night->program->ir.triggers[c->rule].missed_after);
    return rare;
}

enum wf_status wf_contender_keep(const struct wf_contender *c, const struct wf_night *night,
                                 struct wf_arena *arena, struct wf_decision *decision)
{
    struct wf_rare *rare = decision->rare;
    if (!rare && has_rare(c, &night->program->ir)) {
        rare = wf_arena_alloc(arena, sizeof(*rare));
        if (!rare)
            return WF_ERR_NOMEM;
    }
    *decision = (struct wf_decision){
        .event = c->event,
        .occurred = c->occurred,
        .not_before = c->not_before,
        .not_after = c->not_after,
        .rule = c->rule,
        .action = c->action,
        .member = c->member,
        .target = c->target,
        .channel = c->channel,
        .position = c->position & 0xffffff,
        .gate = c->gate,
        .rare = rare,
    };
    memcpy(decision->id, c->id, sizeof(c->id));
    memcpy(decision->key, c->key, sizeof(c->key));
    if (rare)
        *rare = rare_of(c, night);
    return WF_OK;
}
