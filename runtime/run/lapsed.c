#include "runtime/run/lapsed.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/run/note.h"

struct finding {
    const struct wf_night *night;
    const struct wf_lapsed *lapsed;
    struct wf_arena *arena;
    struct wf_lapsed_row *row;
    bool found;
};

static enum wf_status keep(struct wf_arena *arena, struct wf_ledger_text *text)
{
    text->text = wf_arena_copy(arena, text->text, text->len);
    return text->text ? WF_OK : WF_ERR_NOMEM;
}

/* The name of a rule that is known by its identity only: "journey NAME", "NAME / what its moment is
 * of", else the text of a trigger without a name. */
static struct wf_ledger_text name_of(const struct wf_state *state, const struct wf_ledger_row *row)
{
    const char *identity = "";
    for (size_t i = 0; i < state->n_rules; i++)
        if (state->rules[i].id == row->rule)
            identity = state->rules[i].identity;
    size_t word = strcspn(identity, " ");
    if (row->journey.len)
        return row->journey;
    return (struct wf_ledger_text){
        identity, strncmp(identity + word, " / ", 3) == 0 ? word : strlen(identity)};
}

static enum wf_status set_note(const struct finding *f, struct wf_ledger_row *row)
{
    struct wf_buf note;
    wf_buf_init(&note, f->night->alloc, 0);
    if (f->lapsed->absent) {
        wf_buf_adds(&note, "too late: held until ");
        wf_local_short(&note, f->night->zone, f->lapsed->until);
        wf_buf_adds(&note, ", and the member is not in the exports");
    } else {
        wf_buf_adds(&note, "no rule asks for it any more");
    }
    row->gate = wf_gate_text(f->lapsed->absent ? WF_GATE_MISSED : WF_GATE_VALID);
    row->note = (struct wf_ledger_text){wf_buf_str(&note), note.len};
    enum wf_status st = note.failed ? WF_ERR_NOMEM : keep(f->arena, &row->note);
    wf_buf_release(&note);
    return st;
}

static enum wf_status take(void *ctx, const struct wf_ledger_row *row)
{
    struct finding *f = ctx;
    struct wf_ledger_row *to = &f->row->row;
    if (!row->gate)
        return WF_OK; /* it left: nothing was held of it */
    f->row->held = row->note;
    f->row->rule = name_of(f->night->state, row);
    *to = *row;
    to->again = true;
    to->party = (struct wf_ledger_text){"", 0};
    struct wf_ledger_text *texts[] = {&to->member,  &to->kind,     &to->name,
                                      &to->channel, &to->coupon,   &to->journey,
                                      &to->step,    &f->row->held, &f->row->rule};
    enum wf_status st = set_note(f, to);
    for (size_t i = 0; st == WF_OK && i < sizeof(texts) / sizeof(*texts); i++)
        st = keep(f->arena, texts[i]);
    f->found = true;
    return st;
}

static int compare(const void *a, const void *b)
{
    const struct wf_ledger_row *x = &((const struct wf_lapsed_row *)a)->row;
    const struct wf_ledger_row *y = &((const struct wf_lapsed_row *)b)->row;
    size_t len = x->member.len < y->member.len ? x->member.len : y->member.len;
    int order = memcmp(x->member.text, y->member.text, len);
    if (order == 0 && x->member.len != y->member.len)
        order = x->member.len < y->member.len ? -1 : 1;
    if (order == 0 && x->rule != y->rule)
        order = x->rule < y->rule ? -1 : 1;
    return order != 0 ? order : memcmp(x->action_id, y->action_id, sizeof(x->action_id));
}

enum wf_status wf_lapsed_rows(struct wf_store *store, const struct wf_night *night,
                              const struct wf_outcome *outcome, struct wf_arena *arena,
                              struct wf_lapsed_row **rows_out)
{
    *rows_out = NULL;
    if (outcome->n_lapsed == 0)
        return WF_OK;
    struct wf_lapsed_row *rows = wf_arena_array(arena, outcome->n_lapsed, sizeof(*rows));
    enum wf_status st = rows ? WF_OK : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < outcome->n_lapsed; i++) {
        struct finding f = {
            .night = night, .lapsed = &outcome->lapsed[i], .arena = arena, .row = &rows[i]};
        st = store->ops->of_action(store, outcome->lapsed[i].id, take, &f);
        if (st == WF_OK && !f.found)
            st = WF_ERR_STATE;
    }
    if (st != WF_OK)
        return st;
    qsort(rows, outcome->n_lapsed, sizeof(*rows), compare);
    *rows_out = rows;
    return WF_OK;
}
