#include "runtime/engine/cap.h"

#include "runtime/engine/rules.h"

unsigned wf_capped_kinds(uint8_t action_kind, bool with_coupon)
{
    enum { SEND = 1 << WF_CAPPED_SEND, COUPON = 1 << WF_CAPPED_COUPON };
    switch (action_kind) {
    case WF_ACT_SEND: return with_coupon ? SEND | COUPON : SEND;
    case WF_ACT_COUPON: return SEND | COUPON;
    case WF_ACT_GRANT: return COUPON;
    case WF_ACT_TASK: return 1 << WF_CAPPED_TASK;
    case WF_ACT_INVITE: return 1 << WF_CAPPED_INVITE;
    default: return 0;
    }
}

enum wf_party_kind wf_cap_party_kind(const struct wf_ir_cap *cap)
{
    return cap->per_owner ? WF_PARTY_OWNER : cap->per_store ? WF_PARTY_STORE : WF_PARTY_CONTACT;
}

static struct wf_window window_of(const struct wf_zone *zone, const struct wf_ir_cap *cap)
{
    static const struct wf_ir_duration PERIODS[WF_PER_COUNT_] = {
        [WF_PER_DAY] = {1, WF_T_DAYS},
        [WF_PER_WEEK] = {7, WF_T_DAYS},
        [WF_PER_MONTH] = {1, WF_T_MONTHS},
    };
    if (cap->period == WF_PER_SPAN)
        return wf_window_make(zone, cap->span, false);
    return wf_window_make(zone, PERIODS[cap->period], true);
}

struct wf_caps_parties wf_caps_parties_make(const struct wf_ir *ir,
                                            const struct wf_parties *parties)
{
    struct wf_caps_parties made = {.parties = parties};
    for (uint32_t i = 0; i < ir->n_caps; i++)
        made.kinds[wf_cap_party_kind(&ir->caps[i])] |= (uint8_t)(1 << ir->caps[i].kind);
    return made;
}

size_t wf_caps_party(const struct wf_caps_parties *asked, const struct wf_ir_action *action,
                     uint32_t row, uint64_t party_out[WF_PARTIES])
{
    unsigned kinds = wf_capped_kinds(action->kind, action->coupon != WF_NONE);
    size_t n = 0;
    for (size_t i = 0; i < WF_PARTIES; i++) {
        party_out[i] = 0;
        if (!(asked->kinds[i] & kinds))
            continue;
        uint64_t party = wf_party(asked->parties, (enum wf_party_kind)i, row);
        if (wf_party_is_shared(party))
            party_out[i] = party;
        else if (i != WF_PARTY_CONTACT) /* a contact that comes later is the same person's */
            party_out[i] = WF_PARTY_NOBODY;
        n = party_out[i] ? i + 1 : n;
    }
    return n;
}

int64_t wf_cap_reach(const struct wf_ir_cap *cap, const struct wf_zone *zone, int64_t time)
{
    struct wf_window window = window_of(zone, cap);
    return wf_window_reach(&window, time);
}

int64_t wf_caps_since(const struct wf_ir *ir, const struct wf_zone *zone, int64_t now)
{
    int64_t since = now;
    for (uint32_t i = 0; i < ir->n_caps; i++) {
        int64_t reach = wf_cap_reach(&ir->caps[i], zone, now) - 1;
        since = reach < since ? reach : since;
    }
    return since;
}

enum wf_status wf_caps_init(struct wf_caps *caps, const struct wf_night *night,
                            struct wf_policies *policies, const struct wf_parties *parties)
{
    const struct wf_ir *ir = &night->program->ir;
    *caps = (struct wf_caps){.night = night, .policies = policies, .parties = parties};
    wf_tally_init(&caps->tally, night->alloc);
    caps->windows = wf_calloc(night->alloc, ir->n_caps, sizeof(*caps->windows));
    if (!caps->windows)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < ir->n_caps; i++)
        caps->windows[i] = window_of(night->zone, &ir->caps[i]);
    return WF_OK;
}

void wf_caps_release(struct wf_caps *caps)
{
    wf_tally_release(&caps->tally);
    wf_free(caps->night->alloc, caps->windows);
}

static uint64_t party_of(const struct wf_caps *caps, const struct wf_ir_cap *cap, uint32_t row)
{
    return wf_party(caps->parties, wf_cap_party_kind(cap), row);
}

static bool counts(const struct wf_caps *caps, const struct wf_ir_cap *cap, unsigned kinds,
                   uint32_t channel)
{
    const struct wf_ir *ir = &caps->night->program->ir;
    if (!(kinds >> cap->kind & 1))
        return false;
    if (cap->channel == WF_NONE || channel == WF_NONE)
        return true;
    return channel != WF_OTHER && ir->texts[cap->channel] == ir->texts[channel];
}

static unsigned kinds_of(const struct wf_caps *caps, const struct wf_contender *decision)
{
    const struct wf_ir_action *action = &caps->night->program->ir.actions[decision->action];
    return wf_capped_kinds(action->kind, action->coupon != WF_NONE);
}

static int64_t time_of(const struct wf_caps *caps, const struct wf_contender *decision)
{
    return decision->not_before == WF_NO_TIME ? caps->night->now : decision->not_before;
}

enum wf_status wf_caps_watch(struct wf_caps *caps, const struct wf_contender *decision)
{
    const struct wf_ir *ir = &caps->night->program->ir;
    unsigned kinds = kinds_of(caps, decision);
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; kinds && st == WF_OK && i < ir->n_caps; i++)
        if (counts(caps, &ir->caps[i], kinds, decision->channel))
            st = wf_tally_watch(&caps->tally, i, party_of(caps, &ir->caps[i], decision->target));
    return st;
}

/*
 * What left counts for the owner and store of that time. A contact is a person: it counts for the
 * contact of that time, and for the one the member has now.
 */
static enum wf_status add_past(struct wf_caps *caps, uint32_t cap, const struct wf_past *past,
                               uint32_t row)
{
    enum wf_party_kind kind = wf_cap_party_kind(&caps->night->program->ir.caps[cap]);
    uint64_t then = past->party[kind];
    bool shared = wf_party_is_shared(then);
    enum wf_status st = shared ? wf_tally_add(&caps->tally, cap, then, past->at) : WF_OK;
    if (st != WF_OK || row == WF_NONE || (shared && kind != WF_PARTY_CONTACT))
        return st;
    uint64_t now = then == WF_PARTY_NOBODY ? row : wf_party(caps->parties, kind, row);
    return shared && now == then ? WF_OK : wf_tally_add(&caps->tally, cap, now, past->at);
}

enum wf_status wf_caps_past(struct wf_caps *caps, const struct wf_past *past, uint32_t row)
{
    const struct wf_ir *ir = &caps->night->program->ir;
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; st == WF_OK && i < ir->n_caps; i++)
        if (counts(caps, &ir->caps[i], past->kinds, past->channel))
            st = add_past(caps, i, past, row);
    return st;
}

enum wf_status wf_caps_take(struct wf_caps *caps, const struct wf_contender *decision)
{
    const struct wf_ir *ir = &caps->night->program->ir;
    unsigned kinds = kinds_of(caps, decision);
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; kinds && st == WF_OK && i < ir->n_caps; i++)
        if (counts(caps, &ir->caps[i], kinds, decision->channel))
            st = wf_tally_add(&caps->tally, i, party_of(caps, &ir->caps[i], decision->target),
                              time_of(caps, decision));
    return st;
}

bool wf_caps_allow(struct wf_caps *caps, struct wf_contender *decision)
{
    const struct wf_ir *ir = &caps->night->program->ir;
    unsigned kinds = kinds_of(caps, decision);
    const struct wf_ir_cap *full = NULL;
    if (!kinds || ir->n_caps == 0)
        return true;
    const uint8_t *applies = wf_policies_of(caps->policies, decision->target);
    for (uint32_t i = 0; i < ir->n_caps; i++) {
        const struct wf_ir_cap *cap = &ir->caps[i];
        struct wf_counted got;
        if (applies[cap->policy] == WF_APPLIES_NOT || !counts(caps, cap, kinds, decision->channel))
            continue;
        if (wf_tally_allows(&caps->tally, i, party_of(caps, cap, decision->target), cap->n,
                            &caps->windows[i], time_of(caps, decision), &got))
            continue;
        /* the first that is full, but one that drops before those that defer */
        if (full && (full->on_full == WF_FULL_DROP || cap->on_full == WF_FULL_DEFER))
            continue;
        full = cap;
        decision->note = (struct wf_gate_note){
            .what = WF_NOTE_CAP, .item = i, .have = got.have, .limit = cap->n, .since = got.since};
    }
    if (full && full->on_full == WF_FULL_DEFER && !decision->deferred) {
        decision->held = wf_time_shift(caps->night->zone, caps->night->now, full->defer, 1);
        decision->earliest = WF_NO_TIME; /* its `at` is asked again */
        decision->deferred = true;
    }
    return !full;
}
