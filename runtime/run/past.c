/*
 * past.c - what left on earlier nights, as far back as the program's caps look.
 */
#include <string.h>

#include "lang/base/words.h"
#include "runtime/engine/cap.h"
#include "runtime/run/action.h"
#include "runtime/run/running.h"

static bool is_text(const struct wf_ir *ir, uint32_t text, struct wf_ledger_text is)
{
    return text != WF_NONE && ir->texts[text]->len == is.len &&
           memcmp(ir->texts[text]->text, is.text, is.len) == 0;
}

static uint32_t channel_of(const struct wf_ir *ir, struct wf_ledger_text channel)
{
    if (channel.len == 0)
        return WF_NONE;
    for (uint32_t i = 0; i < ir->n_caps; i++)
        if (is_text(ir, ir->caps[i].channel, channel))
            return ir->caps[i].channel;
    return WF_OTHER;
}

static enum wf_status take_past(void *ctx, const struct wf_ledger_row *row)
{
    struct wf_running *r = ctx;
    int kind = wf_action_kind_of(row->kind.text, row->kind.len);
    if (kind < 0)
        return wf_run_say(r, WF_ERR_STATE,
                          wf_word("the ledger holds an action of a kind that is none"));
    unsigned kinds = wf_capped_kinds((uint8_t)kind, row->coupon.len > 0);
    if (kinds == 0)
        return WF_OK;
    uint32_t member;
    enum wf_status st =
        wf_members_find(&r->state.members, row->member.text, row->member.len, &member);
    if (st != WF_OK)
        return st;
    if (wf_grow(r->alloc, &r->past, &r->room_past, r->n_past + 1, sizeof(*r->past)) != 0)
        return WF_ERR_NOMEM;
    struct wf_past *past = &r->past[r->n_past++];
    *past = (struct wf_past){
        .member = member,
        .at = row->at,
        .channel = channel_of(&r->program->ir, row->channel),
        .kinds = (uint8_t)kinds,
    };
    if (row->party.len > sizeof(past->party))
        return wf_run_say(r, WF_ERR_STATE, wf_word("the ledger counts an action for too many"));
    memcpy(past->party, row->party.text, row->party.len);
    return WF_OK;
}

enum wf_status wf_run_past(struct wf_running *r)
{
    const struct wf_ir *ir = &r->program->ir;
    if (ir->n_caps == 0)
        return WF_OK;
    int64_t since = wf_caps_since(ir, r->options->zone, r->options->now);
    return wf_run_store_said(r, r->store->ops->each_sent(r->store, since, take_past, r));
}
