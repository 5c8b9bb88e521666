#include "runtime/run/action.h"

#include <string.h>

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

int wf_action_kind_of(const char *word, size_t len)
{
    for (int i = 0; i < WF_ACT_COUNT_; i++)
        if (strlen(KINDS[i]) == len && memcmp(KINDS[i], word, len) == 0)
            return i;
    return -1;
}

const struct wf_ir_action *wf_decision_action(const struct wf_ir *ir,
                                              const struct wf_decision *decision)
{
    return &ir->actions[decision->action];
}

void wf_action_words(const struct wf_ir *ir, const struct wf_ir_action *a, struct wf_buf *out)
{
    const char *name = wf_ir_text(ir, a->name);
    switch ((enum wf_action_kind)a->kind) {
    case WF_ACT_SEND:
        wf_buf_addf(out, "send %s", name);
        if (a->coupon != WF_NONE)
            wf_buf_addf(out, " with coupon %s", wf_ir_text(ir, a->coupon));
        break;
    case WF_ACT_COUPON: wf_buf_addf(out, "send coupon %s", name); break;
    case WF_ACT_GRANT: wf_buf_addf(out, "grant coupon %s", name); break;
    case WF_ACT_POINTS: wf_buf_adds(out, "points"); break;
    case WF_ACT_TAG:
    case WF_ACT_UNTAG:
        wf_buf_addf(out, "%s \"%s\"", a->kind == WF_ACT_TAG ? "tag" : "untag", name);
        break;
    case WF_ACT_SET: wf_buf_addf(out, "set %s", name); break;
    case WF_ACT_TASK: wf_buf_adds(out, a->to_store ? "task store" : "task owner"); break;
    case WF_ACT_INVITE: wf_buf_addf(out, "invite %s", name); break;
    case WF_ACT_EMIT: wf_buf_addf(out, "emit \"%s\"", name); break;
    default: break;
    }
    if (a->to_inviter)
        wf_buf_adds(out, " to inviter");
}

const char *wf_ir_text(const struct wf_ir *ir, uint32_t text)
{
    return text == WF_NONE ? "" : ir->texts[text]->text;
}

void wf_decision_enter(struct wf_scalar *scalar, const struct wf_ir *ir,
                       const struct wf_decision *decision)
{
    wf_scalar_member(scalar, decision->member);
    if (decision->rule >= ir->n_triggers)
        return;
    const struct wf_ir_trigger *trigger = &ir->triggers[decision->rule];
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

/* `set tier = gold`: a constant has no field of its own, the one it is set to names it. */
static bool add_enum(const struct wf_ir *ir, const struct wf_ir_action *action, int64_t position,
                     struct wf_buf *out)
{
    for (uint32_t f = 0; action->kind == WF_ACT_SET && f < ir->member.fields_count; f++) {
        const struct wf_ir_field *field = &ir->fields[ir->member.fields_first + f];
        if (field->name != action->name || position < 0 || position >= field->enums_count)
            continue;
        wf_buf_adds(out, wf_ir_text(ir, ir->enum_names[field->enums_first + (uint32_t)position]));
        return true;
    }
    return false;
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
        if (value.present && value.type == WF_T_ENUM &&
            add_enum(&night->program->ir, action, value.i, out))
            return;
        if (action->kind == WF_ACT_POINTS && value.present && value.i > 0)
            wf_buf_addc(out, '+');
        wf_text_node(scalar, action->value, out);
    }
}

/* A journey's action has no condition of its own: where the member stands says why. */
static void add_standing(const struct wf_night *night, const struct wf_decision *decision,
                         struct wf_buf *out)
{
    const struct wf_ir *ir = &night->program->ir;
    uint32_t step = wf_decision_step(decision);
    wf_buf_addf(out, "journey %s, entered ", wf_ir_text(ir, wf_rule_view(ir, decision->rule).name));
    wf_local_short(out, night->zone, decision->rare->entry);
    wf_buf_addf(out, ", step %s", step == WF_NONE ? "start" : wf_ir_text(ir, step));
}

void wf_decision_reason(struct wf_scalar *scalar, const struct wf_night *night,
                        const struct wf_decision *decision, struct wf_buf *out)
{
    if (decision->rule < night->program->ir.n_triggers)
        wf_trace_reason(scalar, decision->rule, out);
    else
        add_standing(night, decision, out);
    if (decision->gate == WF_GATE_NONE)
        return;
    wf_buf_adds(out, "; stopped: ");
    wf_note_text(night, decision, out);
}
