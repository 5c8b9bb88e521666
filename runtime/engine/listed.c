#include "runtime/engine/listed.h"

#include "runtime/data/catalogue.h"

/* What is said of it by catalogues of its kind: by more than one, the strictest. */
static struct wf_gate_note judge(const struct wf_night *night, const struct wf_ir_listed *listed)
{
    const struct wf_ir *ir = &night->program->ir;
    const struct wf_str *name = ir->texts[listed->name];
    struct wf_gate_note note = {
        .what = WF_NOTE_UNLISTED, .item = listed->name, .have = listed->coupon};
    int64_t today = wf_zone_day(night->zone, night->now);
    for (uint32_t i = 0; i < ir->n_catalogues && i < night->data->n_catalogues; i++) {
        const struct wf_listing *listing =
            ir->catalogues[i].coupon == listed->coupon
                ? wf_catalogue_find(&night->data->catalogues[i], name->text, name->len)
                : NULL;
        if (listing && !listing->approved) {
            note.what = WF_NOTE_UNAPPROVED;
            return note;
        }
        if (listing && note.what == WF_NOTE_UNLISTED)
            note.what = WF_NOTE_NONE;
        if (listing && listing->until < today &&
            (note.what == WF_NOTE_NONE || listing->until < note.since)) {
            note.what = WF_NOTE_EXPIRED;
            note.since = listing->until;
        }
    }
    return note;
}

static bool names(const struct wf_ir *ir, const struct wf_ir_action *action,
                  const struct wf_ir_listed *listed)
{
    const struct wf_str *name = ir->texts[listed->name];
    bool gives = action->kind == WF_ACT_COUPON || action->kind == WF_ACT_GRANT;
    if (listed->coupon && action->coupon != WF_NONE && ir->texts[action->coupon] == name)
        return true;
    return (listed->coupon ? gives : action->kind == WF_ACT_SEND) && action->name != WF_NONE &&
           ir->texts[action->name] == name;
}

struct wf_gate_note *wf_listed_notes(const struct wf_night *night)
{
    const struct wf_ir *ir = &night->program->ir;
    struct wf_gate_note *notes = wf_calloc(night->alloc, ir->n_actions, sizeof(*notes));
    for (uint32_t i = 0; notes && i < ir->n_listed; i++) {
        struct wf_gate_note note = judge(night, &ir->listed[i]);
        for (uint32_t a = 0; note.what != WF_NOTE_NONE && a < ir->n_actions; a++)
            if (notes[a].what == WF_NOTE_NONE && names(ir, &ir->actions[a], &ir->listed[i]))
                notes[a] = note;
    }
    return notes;
}
