#include "runtime/engine/gates.h"

#include "runtime/engine/hours.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char *const GATES[WF_GATE_COUNT_] = {
    [WF_GATE_VALID] = "valid", [WF_GATE_HOLDOUT] = "holdout", [WF_GATE_HOURS] = "hours",
    [WF_GATE_REACH] = "reach", [WF_GATE_MISSED] = "missed",
};

const char *wf_gate_text(enum wf_gate gate)
{
    return gate > WF_GATE_NONE && gate < WF_GATE_COUNT_ ? GATES[gate] : NULL;
}

bool wf_held_out(const char *salt, const void *id, size_t len, int32_t parts)
{
    static const char WORD[] = "holdout";
    XXH3_state_t state;
    if (parts <= 0)
        return false;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, salt, strlen(salt) + 1); /* the NULs keep the three apart */
    XXH3_64bits_update(&state, WORD, sizeof(WORD));
    XXH3_64bits_update(&state, id, len);
    return XXH3_64bits_digest(&state) % 1000000 < (uint64_t)parts;
}

uint32_t wf_member_input(const struct wf_ir *ir, const char *name)
{
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        if (input->domain != WF_DOM_MEMBER || input->record != 0 || input->via_field != WF_NONE)
            continue;
        const struct wf_ir_field *field = &ir->fields[ir->member.fields_first + input->field];
        if (strcmp(ir->texts[field->name]->text, name) == 0)
            return i;
    }
    return WF_NONE;
}

struct wf_gates wf_gates_make(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    return (struct wf_gates){.night = night,
                             .owner = wf_member_input(ir, "owner"),
                             .store = wf_member_input(ir, "store"),
                             .inviter = wf_member_input(ir, "inviter")};
}

static struct wf_value value_of(const struct wf_gates *gates, uint32_t input, uint32_t row)
{
    return input == WF_NONE ? wf_missing(WF_T_TEXT)
                            : wf_dataset_value(gates->night->data, input, row);
}

struct wf_value wf_task_owner(const struct wf_gates *gates, const struct wf_ir_action *action,
                              uint32_t row)
{
    struct wf_value owner = wf_missing(WF_T_TEXT);
    if (!action->to_store)
        owner = value_of(gates, gates->owner, row);
    return owner.present ? owner : value_of(gates, gates->store, row);
}

/* Gate 5 as far as it needs no policy: somebody must be there to receive it. */
static bool reaches(const struct wf_gates *gates, const struct wf_ir_action *action,
                    struct wf_decision *decision)
{
    if (action->kind == WF_ACT_TASK)
        return wf_task_owner(gates, action, decision->member).present;
    if (!action->to_inviter)
        return true;
    struct wf_value inviter = value_of(gates, gates->inviter, decision->member);
    if (!inviter.present || inviter.type != WF_T_REF || inviter.i < 0 ||
        inviter.i >= gates->night->data->n_members)
        return false;
    decision->target = (uint32_t)inviter.i;
    return true;
}

static bool holdout_concerns(uint8_t kind)
{
    return kind != WF_ACT_SET && kind != WF_ACT_TAG && kind != WF_ACT_UNTAG;
}

static bool hours_concern(uint8_t kind)
{
    return kind == WF_ACT_SEND || kind == WF_ACT_COUPON || kind == WF_ACT_INVITE;
}

static void stop(struct wf_decision *decision, enum wf_gate gate, struct wf_gate_note note)
{
    decision->gate = (uint8_t)gate;
    decision->note = note;
}

void wf_gates_pass(const struct wf_gates *gates, const char *born, struct wf_decision *decision)
{
    const struct wf_night *night = gates->night;
    const struct wf_ir *ir = &night->program->ir;
    const struct wf_ir_trigger *trigger = &ir->triggers[decision->rule];
    const struct wf_ir_action *action = &ir->actions[decision->action];
    const struct wf_piece *id = &night->data->ids[decision->member];
    const char *salt = trigger->salt == WF_NONE ? born : ir->texts[trigger->salt]->text;
    decision->target = decision->member;
    decision->channel = action->channel;
    decision->not_before = decision->not_after = WF_NO_TIME;
    decision->note = (struct wf_gate_note){.item = WF_NONE};
    bool open = true, reached = reaches(gates, action, decision);
    if (hours_concern(action->kind)) {
        struct wf_hours hours;
        open = wf_hours(night->zone, night->now, action->at, WF_NO_TIME, &WF_QUIET_DEFAULT, 1,
                        &hours) == WF_HOURS_OPEN;
        decision->not_before = hours.not_before;
        decision->not_after = hours.not_after;
    }
    if (decision->gate == WF_GATE_MISSED)
        decision->note.what = WF_NOTE_LATE;
    else if (holdout_concerns(action->kind) &&
             wf_held_out(salt, night->data->id_heap + id->at, id->len, trigger->holdout))
        stop(decision, WF_GATE_HOLDOUT,
             (struct wf_gate_note){WF_NOTE_HELD_OUT, WF_NONE, 0, trigger->holdout, WF_NO_TIME});
    else if (!open)
        stop(decision, WF_GATE_HOURS, (struct wf_gate_note){WF_NOTE_QUIET, .item = WF_NONE});
    else if (!reached)
        stop(decision, WF_GATE_REACH,
             (struct wf_gate_note){action->kind == WF_ACT_TASK ? WF_NOTE_NO_OWNER
                                                               : WF_NOTE_NO_INVITER,
                                   .item = WF_NONE});
}

static const struct wf_ir_action *set_of(const struct wf_ir *ir, const struct wf_decision *d)
{
    const struct wf_ir_action *action = &ir->actions[d->action];
    return action->kind == WF_ACT_SET && d->gate == WF_GATE_NONE ? action : NULL;
}

/* Whether `a` goes before `b` among the contenders of a night. */
static bool goes_before(const struct wf_ir *ir, const struct wf_decision *a,
                        const struct wf_decision *b)
{
    const struct wf_ir_trigger *x = &ir->triggers[a->rule], *y = &ir->triggers[b->rule];
    if (x->priority != y->priority)
        return x->priority > y->priority;
    int order = strcmp(ir->texts[x->identity]->text, ir->texts[y->identity]->text);
    if (order != 0)
        return order < 0;
    return a->position != b->position ? a->position < b->position : a->occurred < b->occurred;
}

void wf_gates_conflicts(const struct wf_ir *ir, struct wf_decision *decisions, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct wf_ir_action *a = set_of(ir, &decisions[i]);
        for (size_t j = 0; a && j < n; j++) {
            const struct wf_ir_action *b = j == i ? NULL : set_of(ir, &decisions[j]);
            if (!b || ir->texts[a->name] != ir->texts[b->name])
                continue;
            struct wf_decision *loser =
                goes_before(ir, &decisions[i], &decisions[j]) ? &decisions[j] : &decisions[i];
            stop(loser, WF_GATE_VALID, (struct wf_gate_note){WF_NOTE_CONFLICT, .item = WF_NONE});
            if (loser == &decisions[i])
                break;
        }
    }
}
