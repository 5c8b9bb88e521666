#include "runtime/run/action.h"

#include <string.h>

#include "runtime/engine/rules.h"
#include "runtime/run/sheet.h"
#include "runtime/vm/text.h"
#include "runtime/vm/trace.h"

static const char *const KINDS[] = {
    [WF_ACT_SEND] = "send",     [WF_ACT_COUPON] = "coupon", [WF_ACT_GRANT] = "grant",
    [WF_ACT_POINTS] = "points", [WF_ACT_TAG] = "tag",       [WF_ACT_UNTAG] = "untag",
    [WF_ACT_SET] = "set",       [WF_ACT_TASK] = "task",     [WF_ACT_INVITE] = "invite",
    [WF_ACT_EMIT] = "emit",
};

const char *wf_action_kind(const struct wf_ir_action *action)
{
    return KINDS[action->kind];
}

const struct wf_ir_action *wf_decision_action(const struct wf_ir *ir,
                                              const struct wf_decision *decision)
{
    return &ir->actions[decision->action];
}

const char *wf_ir_text(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? "" : ir->texts[text]->text;
}

void wf_decision_enter(struct wf_scalar *scalar, const struct wf_ir *ir,
                       const struct wf_decision *decision)
{
    const struct wf_ir_trigger *trigger = &ir->triggers[decision->rule];
    wf_scalar_member(scalar, decision->member);
    if (trigger->moment == WF_MOMENT_EVENT && decision->event != WF_NO_EVENT)
        wf_scalar_event(scalar, trigger->view, decision->event);
}

static void emit_json(struct wf_scalar *scalar, const struct wf_night *night,
                      const struct wf_ir_action *action, struct wf_buf *out)
{
    const struct wf_ir *ir = &night->program->ir;
    struct wf_buf text;
    wf_buf_init(&text, night->alloc, 0);
    wf_buf_addc(out, '{');
    for (uint32_t i = 0; i < action->pairs_count; i++) {
        const struct wf_ir_pair *pair = &ir->pairs[action->pairs_first + i];
        const char *key = wf_ir_text(ir, pair->key);
        struct wf_value value = wf_scalar_value(scalar, pair->node);
        wf_buf_adds(out, i ? "," : "");
        wf_json_string(out, key, strlen(key));
        wf_buf_addc(out, ':');
        wf_buf_reset(&text);
        wf_text_node(scalar, pair->node, &text);
        bool bare = value.type == WF_T_BOOL || value.type == WF_T_INT ||
                    value.type == WF_T_NUMBER || value.type == WF_T_MONEY;
        if (!value.present)
            wf_buf_adds(out, "null");
        else if (bare)
            wf_value_print(out, night->zone, value);
        else
            wf_json_string(out, wf_buf_str(&text), text.len);
    }
    wf_buf_addc(out, '}');
    if (text.failed)
        out->failed = true;
    wf_buf_release(&text);
}

void wf_decision_text(struct wf_scalar *scalar, const struct wf_night *night,
                      const struct wf_decision *decision, struct wf_buf *out)
{
    const struct wf_ir_action *action = wf_decision_action(&night->program->ir, decision);
    if (action->kind == WF_ACT_EMIT) {
        emit_json(scalar, night, action, out);
    } else if (action->text != WF_NONE) {
        wf_text_render(scalar, action->text, out);
    } else if (action->value != WF_NONE) {
        struct wf_value value = wf_scalar_value(scalar, action->value);
        if (action->kind == WF_ACT_POINTS && value.present && value.i > 0)
            wf_buf_addc(out, '+');
        wf_text_node(scalar, action->value, out);
    }
}

void wf_local_time(struct wf_buf *out, const struct wf_zone *zone, int64_t time)
{
    char text[WF_STAMP_TEXT];
    int64_t day, clock;
    if (time == WF_NO_TIME)
        return;
    wf_zone_local(zone, time, &day, &clock);
    wf_stamp_text(day, clock, text);
    wf_buf_adds(out, text);
}

static void add_day(struct wf_buf *out, const struct wf_zone *zone, int64_t time)
{
    char text[WF_DATE_TEXT];
    wf_date_text(wf_zone_day(zone, time), text);
    wf_buf_adds(out, text);
}

static void add_duration(struct wf_buf *out, struct wf_ir_duration duration)
{
    wf_value_print(out, NULL, wf_int_value((enum wf_type)duration.unit, duration.count));
}

static void add_stop(const struct wf_night *night, const struct wf_decision *decision,
                     struct wf_buf *out)
{
    const struct wf_ir *ir = &night->program->ir;
    const struct wf_ir_trigger *trigger = &ir->triggers[decision->rule];
    switch ((enum wf_note)decision->note.what) {
    case WF_NOTE_CONFLICT: wf_buf_adds(out, "conflict: another rule sets the same field"); break;
    case WF_NOTE_HELD_OUT:
        wf_buf_addf(out, "held out (%g%%)", (double)decision->note.limit / 10000.0);
        break;
    case WF_NOTE_QUIET:
        wf_buf_adds(out, "quiet hours 21:00 to 09:00 leave no minute before the next night's run");
        break;
    case WF_NOTE_NO_OWNER: wf_buf_adds(out, "no owner and no store to do it"); break;
    case WF_NOTE_NO_INVITER: wf_buf_adds(out, "no inviter among the members"); break;
    case WF_NOTE_LATE:
        wf_buf_adds(out, "too late: due ");
        wf_local_time(out, night->zone, decision->occurred);
        wf_buf_adds(out, ", could be known on ");
        add_day(out, night->zone, decision->known_by);
        wf_buf_adds(out, ", grace ");
        add_duration(out, wf_grace_of(trigger));
        break;
    default: break;
    }
}

void wf_decision_reason(struct wf_scalar *scalar, const struct wf_night *night,
                        const struct wf_decision *decision, struct wf_buf *out)
{
    wf_trace_reason(scalar, decision->rule, out);
    if (decision->gate == WF_GATE_NONE)
        return;
    wf_buf_adds(out, "; stopped: ");
    add_stop(night, decision, out);
}
