#include "runtime/engine/party.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct wf_rule_view wf_rule_view(const struct wf_ir *ir, uint32_t rule)
{
    if (rule < ir->n_triggers) {
        const struct wf_ir_trigger *t = &ir->triggers[rule];
        return (struct wf_rule_view){
            .name = t->name != WF_NONE ? t->name : t->identity,
            .salt = t->salt,
            .place = t->place,
            .priority = t->priority,
            .holdout = t->holdout,
            .grace = t->grace,
        };
    }
    const struct wf_ir_journey *j = &ir->journeys[rule - ir->n_triggers];
    return (struct wf_rule_view){
        .name = j->name,
        .salt = j->salt,
        .place = j->place,
        .priority = j->priority,
        .holdout = j->holdout,
        .journey = true,
        .grace = j->grace,
    };
}

const char *wf_rule_salt(const struct wf_ir *ir, uint32_t rule, const char *born)
{
    static const char WORD[] = "journey ";
    struct wf_rule_view view = wf_rule_view(ir, rule);
    if (view.salt != WF_NONE)
        return ir->texts[view.salt]->text;
    return view.journey && strncmp(born, WORD, sizeof(WORD) - 1) == 0 ? born + sizeof(WORD) - 1
                                                                      : born;
}

/* Whether an input is what a field holds: itself, or (`key`) the key of the row it refers to. */
static bool holds(const struct wf_ir *ir, const struct wf_ir_input *input,
                  const struct wf_ir_field *field, bool key)
{
    if (!key || field->type != WF_T_REF)
        return input->via_field == WF_NONE;
    const struct wf_ir_record *other = field->ref ? &ir->tables[field->ref - 1] : &ir->member;
    return input->via_field != WF_NONE && ir->fields[other->fields_first + input->via_field].key;
}

static uint32_t input_of(const struct wf_ir *ir, const char *name, bool key)
{
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        const struct wf_ir_input *input = &ir->inputs[i];
        if (input->domain != WF_DOM_MEMBER || input->record != 0)
            continue;
        const struct wf_ir_field *field = &ir->fields[ir->member.fields_first + input->field];
        if (strcmp(ir->texts[field->name]->text, name) == 0 && holds(ir, input, field, key))
            return i;
    }
    return WF_NONE;
}

struct wf_parties wf_parties_make(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    return (struct wf_parties){.data = night->data,
                               .owner = input_of(ir, "owner", true),
                               .store = input_of(ir, "store", true),
                               .inviter = input_of(ir, "inviter", false),
                               .contact = input_of(ir, "contact", true)};
}

static struct wf_value value_of(const struct wf_parties *parties, uint32_t input, uint32_t row)
{
    return input == WF_NONE ? wf_missing(WF_T_TEXT) : wf_dataset_value(parties->data, input, row);
}

struct wf_value wf_task_owner(const struct wf_parties *parties, const struct wf_ir_action *action,
                              uint32_t row)
{
    struct wf_value owner = wf_missing(WF_T_TEXT);
    if (!action->to_store)
        owner = value_of(parties, parties->owner, row);
    return owner.present ? owner : value_of(parties, parties->store, row);
}

bool wf_inviter_of(const struct wf_parties *parties, uint32_t row, uint32_t *row_out)
{
    struct wf_value inviter = value_of(parties, parties->inviter, row);
    if (!inviter.present || inviter.type != WF_T_REF || inviter.i < 0 ||
        inviter.i >= parties->data->n_members)
        return false;
    *row_out = (uint32_t)inviter.i;
    return true;
}

uint64_t wf_party(const struct wf_parties *parties, enum wf_party_kind kind, uint32_t row)
{
    struct wf_value value = wf_missing(WF_T_TEXT);
    switch (kind) {
    case WF_PARTY_CONTACT: value = value_of(parties, parties->contact, row); break;
    case WF_PARTY_STORE: value = value_of(parties, parties->store, row); break;
    case WF_PARTY_OWNER:
        value = value_of(parties, parties->owner, row);
        if (!value.present)
            value = value_of(parties, parties->store, row);
        break;
    }
    if (!value.present)
        return row;
    uint64_t hash = value.type == WF_T_TEXT ? XXH3_64bits(value.text, value.len)
                                            : XXH3_64bits(&value.i, sizeof(value.i));
    return hash | WF_PARTY_SHARED;
}
