#include "runtime/run/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/run/note.h"

enum { MOST_ROWS = 20 };

/* ---- the nights ---- */

static enum wf_status take_run(void *ctx, const struct wf_run_row *run)
{
    struct wf_history *h = ctx;
    if (wf_grow(h->store->alloc, &h->nights, &h->room_nights, h->n_nights + 1,
                sizeof(*h->nights)) != 0)
        return WF_ERR_NOMEM;
    struct wf_night_name *night = &h->nights[h->n_nights];
    *night = (struct wf_night_name){
        .seq = run->seq,
        .t = run->t,
        .folder = wf_arena_copy(&h->texts, run->folder, strlen(run->folder)),
        .rules = wf_arena_copy(&h->texts, run->rules, strlen(run->rules)),
        .inputs = wf_arena_copy(&h->texts, run->inputs, strlen(run->inputs)),
        .taken = run->seq <= h->state->control.claimed,
    };
    bool kept = night->folder && night->rules && night->inputs;
    h->n_nights += kept;
    return kept ? WF_OK : WF_ERR_NOMEM;
}

enum wf_status wf_history_init(struct wf_history *history, struct wf_store *store,
                               const struct wf_state *state, const struct wf_zone *zone)
{
    *history = (struct wf_history){.store = store, .state = state, .zone = zone};
    wf_arena_init(&history->texts, store->alloc);
    return store->ops->each_run(store, take_run, history);
}

void wf_history_release(struct wf_history *history)
{
    if (!history->store)
        return;
    wf_free(history->store->alloc, history->nights);
    wf_free(history->store->alloc, history->rows);
    wf_free(history->store->alloc, history->first);
    wf_arena_release(&history->texts);
}

const struct wf_night_name *wf_history_night(const struct wf_history *history, int64_t seq)
{
    for (size_t i = history->n_nights; i > 0; i--)
        if (history->nights[i - 1].seq == seq)
            return &history->nights[i - 1];
    return NULL;
}

const char *wf_history_rule(const struct wf_history *history, uint32_t rule)
{
    const struct wf_rule_state *state = wf_state_rule_of(history->state, rule);
    return state ? state->identity : "";
}

/* ---- members ---- */

struct member {
    const char *id;
    uint32_t place; /* in the list asked for */
};

struct taken {
    struct wf_ledger_row row;
    uint32_t place;
    size_t seq; /* the order of coming, where `at` is the same */
};

struct reading {
    struct wf_history *history;
    struct member *members; /* by id */
    size_t n_members;
    struct taken *rows;
    size_t n, room;
};

static int compare_ids(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    int c = strcmp(x->id, y->id);
    return c ? c : x->place < y->place ? -1 : x->place > y->place;
}

static int compare_id(const void *key, const void *b)
{
    const struct wf_ledger_text *id = key;
    const struct member *y = b;
    int c = strncmp(id->text, y->id, id->len);
    return c ? c : y->id[id->len] ? -1 : 0;
}

static int compare_rows(const void *a, const void *b)
{
    const struct taken *x = a, *y = b;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    if (x->row.at != y->row.at)
        return x->row.at < y->row.at ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static bool keep(struct wf_history *h, struct wf_ledger_text *text)
{
    const char *copy = wf_arena_copy(&h->texts, text->text ? text->text : "", text->len);
    text->text = copy;
    return copy != NULL;
}

/* A copy whose texts stay. */
static enum wf_status keep_row(struct wf_history *h, const struct wf_ledger_row *from,
                               struct wf_ledger_row *out)
{
    *out = *from;
    out->gate = from->gate ? wf_arena_copy(&h->texts, from->gate, strlen(from->gate)) : NULL;
    out->party = (struct wf_ledger_text){"", 0};
    struct wf_ledger_text *texts[] = {&out->member, &out->kind,    &out->name, &out->channel,
                                      &out->coupon, &out->journey, &out->step, &out->note};
    bool kept = !from->gate || out->gate;
    for (size_t i = 0; kept && i < sizeof(texts) / sizeof(*texts); i++)
        kept = keep(h, texts[i]);
    return kept ? WF_OK : WF_ERR_NOMEM;
}

static enum wf_status take_row(void *ctx, const struct wf_ledger_row *from)
{
    struct reading *r = ctx;
    struct wf_history *h = r->history;
    const struct member *of =
        bsearch(&from->member, r->members, r->n_members, sizeof(*r->members), compare_id);
    if (!of)
        return WF_OK;
    if (wf_grow(h->store->alloc, &r->rows, &r->room, r->n + 1, sizeof(*r->rows)) != 0)
        return WF_ERR_NOMEM;
    r->rows[r->n] = (struct taken){.place = of->place, .seq = r->n};
    return keep_row(h, from, &r->rows[r->n++].row);
}

struct finding {
    struct wf_history *history;
    struct wf_ledger_row *out;
    bool found;
};

static enum wf_status found_row(void *ctx, const struct wf_ledger_row *row)
{
    struct finding *f = ctx;
    f->found = true;
    return keep_row(f->history, row, f->out);
}

enum wf_status wf_history_find(struct wf_history *history, const unsigned char id[16],
                               struct wf_ledger_row *out, bool *found_out)
{
    struct finding f = {history, out, false};
    enum wf_status st = history->store->ops->of_action(history->store, id, found_row, &f);
    *found_out = f.found;
    return st;
}

static enum wf_status sort_in(struct wf_history *h, struct reading *r)
{
    if (r->n)
        qsort(r->rows, r->n, sizeof(*r->rows), compare_rows);
    h->rows = wf_calloc(h->store->alloc, r->n + 1, sizeof(*h->rows));
    h->first = wf_calloc(h->store->alloc, r->n_members + 1, sizeof(*h->first));
    if (!h->rows || !h->first)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < r->n; i++) {
        h->rows[i] = r->rows[i].row;
        h->first[r->rows[i].place + 1]++;
    }
    for (size_t i = 0; i < r->n_members; i++)
        h->first[i + 1] += h->first[i];
    h->n_rows = r->n;
    return WF_OK;
}

enum wf_status wf_history_read(struct wf_history *history, const char *const *members, size_t n)
{
    struct wf_store *store = history->store;
    struct reading r = {.history = history, .n_members = n};
    r.members = wf_calloc(store->alloc, n + 1, sizeof(*r.members));
    if (!r.members)
        return WF_ERR_NOMEM;
    for (size_t i = 0; i < n; i++)
        r.members[i] = (struct member){members[i], (uint32_t)i};
    qsort(r.members, n, sizeof(*r.members), compare_ids);
    const char *one = n == 1 ? members[0] : NULL;
    enum wf_status st =
        n ? store->ops->each_of(store, one, one ? strlen(one) : 0, take_row, &r) : WF_OK;
    if (st == WF_OK)
        st = sort_in(history, &r);
    wf_free(store->alloc, r.members);
    wf_free(store->alloc, r.rows);
    return st;
}

/* ---- in words ---- */

static void add_piece(struct wf_buf *out, const char *before, struct wf_ledger_text piece)
{
    if (piece.len == 0)
        return;
    wf_buf_adds(out, before);
    wf_buf_add(out, piece.text, piece.len);
}

void wf_history_what(const struct wf_ledger_row *row, struct wf_buf *out)
{
    add_piece(out, "", row->kind);
    add_piece(out, " ", row->name);
    if (row->coupon.len != row->name.len || memcmp(row->coupon.text, row->name.text, row->name.len))
        add_piece(out, " with coupon ", row->coupon);
    add_piece(out, " via ", row->channel);
}

static void say_row(const struct wf_history *h, const struct wf_ledger_row *row, struct wf_buf *out)
{
    struct wf_buf what;
    char at[WF_STAMP_TEXT];
    const char *rule = wf_history_rule(h, row->rule);
    wf_buf_init(&what, h->store->alloc, 0);
    wf_history_what(row, &what);
    wf_short_time(h->zone, row->at, at);
    if (!row->gate)
        wf_say(out, "  %s  %s  [%s]: left\n", at, wf_buf_str(&what), rule);
    else
        wf_say(out, "  %s  %s  [%s]: stopped (%s): %.*s\n", at, wf_buf_str(&what), rule, row->gate,
               (int)row->note.len, row->note.text);
    out->failed |= what.failed;
    wf_buf_release(&what);
}

void wf_history_say(const struct wf_history *history, size_t asked, struct wf_buf *out)
{
    uint32_t first = history->first[asked], end = history->first[asked + 1];
    for (uint32_t i = first + MOST_ROWS < end ? end - MOST_ROWS : first; i < end; i++)
        say_row(history, &history->rows[i], out);
}

/* ---- one occurrence ---- */

struct recalling {
    const struct wf_history *history;
    struct wf_recalled *out;
};

static enum wf_status recall_row(void *ctx, const struct wf_ledger_row *row)
{
    struct recalling *r = ctx;
    struct wf_recalled *out = r->out;
    const struct wf_night_name *night = wf_history_night(r->history, row->run);
    char at[WF_STAMP_TEXT];
    if (wf_grow(out->alloc, &out->actions, &out->room, out->n + 1, sizeof(*out->actions)) != 0)
        return WF_ERR_NOMEM;
    struct wf_recalled_action *a = &out->actions[out->n++];
    *a = (struct wf_recalled_action){.position = row->position};
    memcpy(a->id, row->action_id, sizeof(a->id));
    snprintf(a->gate, sizeof(a->gate), "%s", row->gate ? row->gate : "");
    snprintf(out->night, sizeof(out->night), "%s", night ? night->folder : "");
    wf_buf_init(&a->what, out->alloc, 0);
    wf_history_what(row, &a->what);
    wf_short_time(r->history->zone, row->at, at);
    if (row->gate)
        wf_buf_addf(&a->what, " (%s): %.*s", row->gate, (int)row->note.len, row->note.text);
    else
        wf_buf_addf(&a->what, "  %s", at);
    return a->what.failed ? WF_ERR_NOMEM : WF_OK;
}

enum wf_status wf_recall_action(const struct wf_why *why, const unsigned char id[16],
                                struct wf_recalled *out)
{
    const struct wf_history *h = why->history;
    struct recalling r = {h, out};
    *out = (struct wf_recalled){.alloc = why->night->alloc};
    return h ? h->store->ops->of_action(h->store, id, recall_row, &r) : WF_OK;
}

enum wf_status wf_recall(const struct wf_why *why, uint32_t trigger, uint32_t row,
                         const struct wf_fate *fate, struct wf_recalled *out)
{
    const struct wf_history *h = why->history;
    struct recalling r = {h, out};
    unsigned char id[16];
    enum wf_status st = WF_OK;
    *out = (struct wf_recalled){.alloc = why->night->alloc};
    if (!h || fate->kind != WF_FATE_DECIDED)
        return WF_OK;
    const struct wf_ir_trigger *t = &why->night->program->ir.triggers[trigger];
    for (uint32_t k = 0; st == WF_OK && k < t->actions_count; k++)
        if (wf_fate_action(why, trigger, row, fate, k, id))
            st = h->store->ops->of_action(h->store, id, recall_row, &r);
    return st;
}

void wf_recalled_release(struct wf_recalled *recalled)
{
    for (size_t i = 0; i < recalled->n; i++)
        wf_buf_release(&recalled->actions[i].what);
    wf_free(recalled->alloc, recalled->actions);
}
