#include "runtime/run/diff_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/action.h"
#include "runtime/vm/trace.h"

/* ---- what the parts share ---- */

const char *wf_diff_keep(struct wf_diffing *d, const char *text, size_t len)
{
    const char *kept = wf_arena_copy(&d->out->texts, text, len);
    d->nomem |= !kept;
    return kept ? kept : "";
}

const char *wf_diff_keep_buf(struct wf_diffing *d, struct wf_buf *buf)
{
    d->nomem |= buf->failed;
    const char *kept = wf_diff_keep(d, wf_buf_str(buf), buf->len);
    wf_buf_release(buf);
    return kept;
}

void *wf_diff_more(struct wf_diffing *d, void *array, size_t *n, size_t *room, size_t size)
{
    char *base;
    if (wf_grow(d->alloc, array, room, *n + 1, size) != 0) {
        d->nomem = true;
        return NULL;
    }
    memcpy(&base, array, sizeof(base));
    memset(base + *n * size, 0, size);
    return base + (*n)++ * size;
}

/* A side that knows the member: their id is its row's. */
static const struct wf_diff_side *side_of(const struct wf_diffing *d, uint32_t member)
{
    return &d->side[d->side[WF_DIFF_OLD].row[member] == WF_NO_MEMBER ? WF_DIFF_NEW : WF_DIFF_OLD];
}

struct wf_diff_sample *wf_diff_count(struct wf_diffing *d, struct wf_diff_samples *samples,
                                     uint32_t member)
{
    samples->n++;
    if (samples->n_items >= d->samples)
        return NULL;
    struct wf_diff_sample *sample = wf_diff_more(d, &samples->items, &samples->n_items,
                                                 &samples->room, sizeof(*samples->items));
    if (!sample)
        return NULL;
    const struct wf_diff_side *s = side_of(d, member);
    const struct wf_dataset *data = s->night->data;
    const struct wf_id *id = &data->ids[s->row[member]];
    sample->member = wf_diff_keep(d, data->id_heap + id->at, id->len);
    sample->why = "";
    return sample;
}

void wf_diff_fails(struct wf_diffing *d, int side, uint32_t first, uint32_t count, uint32_t member,
                   struct wf_buf *out)
{
    struct wf_diff_side *s = &d->side[side];
    if (s->row[member] == WF_NO_MEMBER)
        return;
    wf_scalar_member(s->scalar, s->row[member]);
    const char *between = "";
    for (uint32_t i = first; i < first + count; i++) {
        if (s->ir->nodes[s->ir->atoms[i].node].type != WF_T_BOOL)
            continue;
        int truth = wf_scalar_truth(s->scalar, s->ir->atoms[i].node);
        if (truth > 0)
            continue;
        wf_buf_adds(out, between);
        wf_trace_atom(s->scalar, i, out);
        wf_buf_addf(out, ": %s", truth < 0 ? wf_word("unknown") : wf_word("false"));
        between = "; ";
    }
}

/* ---- members of both ---- */

static enum wf_status room_for_members(struct wf_diffing *d, uint32_t n)
{
    for (int i = 0; i < WF_DIFF_SIDES; i++) {
        struct wf_diff_side *s = &d->side[i];
        s->row = wf_calloc(d->alloc, n, sizeof(*s->row));
        s->who = wf_calloc(d->alloc, s->night->data->n_members, sizeof(*s->who));
        if (!s->row || !s->who)
            return WF_ERR_NOMEM;
        memset(s->row, 0xff, n * sizeof(*s->row));
    }
    return WF_OK;
}

/* By their ids in the new side's state: the old side's rows first, then who is only the new one's.
 */
static enum wf_status pair_members(struct wf_diffing *d)
{
    struct wf_diff_side *old = &d->side[WF_DIFF_OLD], *now = &d->side[WF_DIFF_NEW];
    const struct wf_dataset *from = old->night->data;
    struct wf_state *to = now->night->state;
    uint32_t n_old = old->night->data->n_members, n_new = now->night->data->n_members;
    uint32_t *rows = wf_roster_rows(&now->outcome->roster, to->members.n);
    enum wf_status st = rows ? room_for_members(d, n_old + n_new) : WF_ERR_NOMEM;
    if (st == WF_OK)
        memset(now->who, 0xff, n_new * sizeof(*now->who));
    for (uint32_t row = 0; st == WF_OK && row < n_old; row++) {
        uint32_t there;
        st = wf_members_find(&to->members, from->id_heap + from->ids[row].at, from->ids[row].len,
                             &there);
        old->row[row] = row;
        old->who[row] = row;
        if (st != WF_OK || there == WF_NO_MEMBER || rows[there] == UINT32_MAX) {
            d->out->only[WF_DIFF_OLD]++;
            continue;
        }
        now->row[row] = rows[there];
        now->who[rows[there]] = row;
    }
    d->n_members = n_old;
    for (uint32_t row = 0; st == WF_OK && row < n_new; row++) {
        if (now->who[row] != UINT32_MAX)
            continue;
        now->who[row] = d->n_members;
        now->row[d->n_members++] = row;
        d->out->only[WF_DIFF_NEW]++;
    }
    wf_free(d->alloc, rows);
    return st;
}

static int compare_members(const void *a, const void *b, void *ctx)
{
    const struct wf_diffing *d = ctx;
    uint32_t members[2];
    struct wf_id id[2];
    const char *text[2];
    memcpy(&members[0], a, sizeof(members[0]));
    memcpy(&members[1], b, sizeof(members[1]));
    for (int i = 0; i < 2; i++) {
        const struct wf_diff_side *s = side_of(d, members[i]);
        id[i] = s->night->data->ids[s->row[members[i]]];
        text[i] = s->night->data->id_heap + id[i].at;
    }
    int order = memcmp(text[0], text[1], id[0].len < id[1].len ? id[0].len : id[1].len);
    return order ? order : (id[0].len > id[1].len) - (id[0].len < id[1].len);
}

static enum wf_status order_members(struct wf_diffing *d)
{
    d->by_id = wf_calloc(d->alloc, d->n_members, sizeof(*d->by_id));
    if (!d->by_id)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < d->n_members; i++)
        d->by_id[i] = i;
    qsort_r(d->by_id, d->n_members, sizeof(*d->by_id), compare_members, d);
    return WF_OK;
}

/* ---- rules of both ---- */

static bool is_older(const struct wf_ir *ir, uint32_t rule)
{
    return rule >= ir->n_triggers && ir->journeys[rule - ir->n_triggers].pinned;
}

static struct wf_diff_rule rule_row(const struct wf_ir *ir, uint32_t rule)
{
    bool journey = rule >= ir->n_triggers;
    const struct wf_ir_journey *j = journey ? &ir->journeys[rule - ir->n_triggers] : NULL;
    const struct wf_ir_trigger *t = journey ? NULL : &ir->triggers[rule];
    uint32_t was = journey ? j->was : t->was;
    return (struct wf_diff_rule){
        .name = journey ? wf_ir_text(ir, j->name) : wf_why_rule_name(ir, rule),
        .identity = wf_ir_text(ir, journey ? j->identity : t->identity),
        .was = was == WF_NONE ? NULL : wf_ir_text(ir, was),
        .journey = journey,
        .rule = {WF_NONE, WF_NONE},
    };
}

/* The rule of both that a row is or goes on with; NULL: there is none yet. */
static struct wf_diff_rule *known_rule(struct wf_diffing *d, const struct wf_diff_rule *row)
{
    struct wf_diff_rule *renamed = NULL;
    for (size_t i = 0; i < d->n_rules; i++) {
        struct wf_diff_rule *r = &d->rules[i];
        if (r->journey != row->journey)
            continue;
        if (strcmp(r->identity, row->identity) == 0)
            return r;
        if (row->was && r->rule[WF_DIFF_NEW] == WF_NONE &&
            (strcmp(r->identity, row->was) == 0 || (r->was && strcmp(r->was, row->was) == 0)))
            renamed = r;
    }
    return renamed;
}

static void pair_rules(struct wf_diffing *d, int side)
{
    const struct wf_ir *ir = d->side[side].ir;
    for (uint32_t i = 0; i < ir->n_triggers + ir->n_journeys; i++) {
        if (i < ir->n_triggers && ir->triggers[i].journey != WF_NONE)
            continue;
        struct wf_diff_rule row = rule_row(ir, i), *r = known_rule(d, &row);
        if (!r) {
            r = wf_diff_more(d, &d->rules, &d->n_rules, &d->room_rules, sizeof(*d->rules));
            if (!r)
                return;
            *r = row;
        }
        if (r->rule[side] != WF_NONE && is_older(ir, i))
            continue;
        r->rule[side] = i;
        r->name = row.name; /* the new side's, where there is one */
        r->identity = row.identity;
    }
}

uint32_t wf_diff_rule_of(const struct wf_diffing *d, int side, uint32_t rule)
{
    struct wf_diff_rule row = rule_row(d->side[side].ir, rule);
    for (uint32_t i = 0; i < d->n_rules; i++) {
        const struct wf_diff_rule *r = &d->rules[i];
        if (r->rule[side] == rule)
            return i;
        if (r->journey == row.journey && is_older(d->side[side].ir, rule) &&
            strcmp(r->identity, row.identity) == 0)
            return i;
    }
    return WF_NONE;
}

/* What only records tonight, because the state has not seen it, or not like this. */
static void note_firsts(struct wf_diffing *d)
{
    const struct wf_diff_side *now = &d->side[WF_DIFF_NEW];
    for (size_t i = 0; i < d->n_rules; i++) {
        const struct wf_diff_rule *r = &d->rules[i];
        uint32_t rule = r->rule[WF_DIFF_NEW];
        if (r->journey || rule == WF_NONE)
            continue;
        const struct wf_ir_trigger *t = &now->ir->triggers[rule];
        const char *why = NULL;
        if (now->outcome->rules[rule].first)
            why = N_("the state does not know it: tonight is its first night");
        else if (t->watch != WF_NONE) {
            char name[32];
            snprintf(name, sizeof(name), "watch %016llx",
                     (unsigned long long)now->ir->watches[t->watch].hash);
            if (!wf_state_column(&d->prior, name))
                why = N_("its crossing is another one now: tonight only records who is in");
        }
        struct wf_diff *out = d->out;
        struct wf_diff_first *first =
            why ? wf_diff_more(d, &out->firsts, &out->n_firsts, &out->room_firsts, sizeof(*first))
                : NULL;
        if (first)
            *first = (struct wf_diff_first){wf_diff_keep(d, r->name, strlen(r->name)), why};
    }
}

/* ---- both nights ---- */

static enum wf_status open_side(struct wf_diffing *d, int side, const struct wf_night *night,
                                const struct wf_outcome *outcome)
{
    struct wf_diff_side *s = &d->side[side];
    *s = (struct wf_diff_side){.ir = &night->program->ir, .night = night, .outcome = outcome};
    s->scalar = wf_why_scalar(night, outcome, &s->params);
    s->why = (struct wf_why){
        .night = night, .outcome = outcome, .prior = &d->prior, .scalar = s->scalar, .indent = ""};
    d->out->members[side] = night->data->n_members;
    for (size_t i = 0; i < outcome->n_decisions; i++) {
        bool left = outcome->decisions[i].gate == WF_GATE_NONE;
        d->out->left[side] += left;
        d->out->stopped[side] += !left;
    }
    return s->scalar ? WF_OK : WF_ERR_NOMEM;
}

static void close_side(struct wf_diffing *d, int side)
{
    struct wf_diff_side *s = &d->side[side];
    wf_scalar_free(s->scalar);
    wf_free(d->alloc, s->row);
    wf_free(d->alloc, s->who);
    *s = (struct wf_diff_side){0};
}

static enum wf_status compare(struct wf_diffing *d)
{
    enum wf_status st = pair_members(d);
    if (st == WF_OK)
        st = order_members(d);
    for (int side = 0; st == WF_OK && side < WF_DIFF_SIDES; side++)
        pair_rules(d, side);
    if (st == WF_OK && !d->out->fresh)
        note_firsts(d);
    if (st == WF_OK && !d->nomem) {
        wf_diff_segments(d);
        wf_diff_classes(d);
        wf_diff_metrics(d);
        wf_diff_costs(d);
        st = wf_diff_actions(d);
    }
    if (st == WF_OK && !d->nomem)
        st = wf_diff_journeys(d);
    for (int side = 0; st == WF_OK && side < WF_DIFF_SIDES; side++)
        st = wf_scalar_status(d->side[side].scalar);
    return st == WF_OK && d->nomem ? WF_ERR_NOMEM : st;
}

/* The new night is decided while the old one is still there to be looked at. */
struct nights {
    struct wf_diffing *d;
    const struct wf_program *const *programs;
    struct wf_store *store;
    const struct wf_run_options *options;
    struct wf_buf *why;
    bool now;   /* the new night came as far as being decided */
    bool named; /* the side that failed is named */
};

/* Says whose rules could not be decided. */
static void name_side(struct nights *n, int side)
{
    struct wf_buf said;
    wf_buf_init(&said, n->d->alloc, 0);
    wf_say(&said, side == WF_DIFF_OLD ? N_("by the old rules: %s") : N_("by the new rules: %s"),
           wf_buf_str(n->why));
    wf_buf_reset(n->why);
    wf_buf_adds(n->why, wf_buf_str(&said));
    wf_buf_release(&said);
    n->named = true;
}

static enum wf_status decide(struct nights *n, int side, struct wf_night_look look)
{
    struct wf_run_result result;
    struct wf_run_options dry = *n->options;
    dry.out = NULL;
    dry.dry_run = true;
    dry.look = look;
    enum wf_status st = wf_run_night(n->programs[side], n->store, &dry, &result, n->why);
    wf_run_result_release(&result);
    return st;
}

static enum wf_status look_new(void *ctx, const struct wf_night *night,
                               const struct wf_outcome *outcome)
{
    struct nights *n = ctx;
    n->now = true;
    enum wf_status st = open_side(n->d, WF_DIFF_NEW, night, outcome);
    if (st == WF_OK)
        st = compare(n->d);
    close_side(n->d, WF_DIFF_NEW);
    return st;
}

/* What stops the new rules for the sake of members in flight is what an edit's author must hear. */
static bool stopped_by_members(const struct nights *n, enum wf_status st)
{
    return !n->now && (st == WF_ERR_HELD || st == WF_ERR_RULES) && n->why->len > 0;
}

static enum wf_status look_old(void *ctx, const struct wf_night *night,
                               const struct wf_outcome *outcome)
{
    struct nights *n = ctx;
    enum wf_status st = open_side(n->d, WF_DIFF_OLD, night, outcome);
    if (st == WF_OK)
        st = decide(n, WF_DIFF_NEW, (struct wf_night_look){n, look_new});
    if (stopped_by_members(n, st)) {
        n->d->out->refused = wf_diff_keep(n->d, wf_buf_str(n->why), n->why->len);
        wf_buf_reset(n->why);
        st = n->d->nomem ? WF_ERR_NOMEM : WF_OK;
    } else if (st != WF_OK && n->why->len) {
        name_side(n, WF_DIFF_NEW);
    }
    close_side(n->d, WF_DIFF_OLD);
    return st;
}

static enum wf_status not_before(struct wf_diffing *d, const struct wf_run_options *options,
                                 struct wf_buf *why)
{
    const struct wf_run_row *last = &d->prior.last;
    d->out->fresh = last->status == WF_RUN_NONE;
    if (d->out->fresh || last->t < options->now)
        return WF_OK;
    wf_buf_addf(why,
                wf_word("the state has run the night of %s already: what an edit changes shows "
                        "on a night that is still to come"),
                last->folder);
    return WF_ERR_DATA;
}

static enum wf_status diff_nights(struct wf_diffing *d,
                                  const struct wf_program *const programs[WF_DIFF_SIDES],
                                  struct wf_store *store, const struct wf_run_options *options,
                                  struct wf_buf *why)
{
    struct nights n = {
        .d = d, .programs = programs, .store = store, .options = options, .why = why};
    enum wf_status st = wf_store_load(store, &d->prior);
    if (st != WF_OK) {
        wf_buf_adds(why, wf_buf_str(&store->why));
        return st;
    }
    st = not_before(d, options, why);
    if (st == WF_OK) {
        struct wf_buf night;
        wf_buf_init(&night, d->alloc, 0);
        wf_local_short(&night, options->zone, options->now);
        d->out->night = wf_diff_keep_buf(d, &night);
        d->out->decided = true;
        st = decide(&n, WF_DIFF_OLD, (struct wf_night_look){&n, look_old});
        if (st != WF_OK && why->len && !n.named)
            name_side(&n, WF_DIFF_OLD);
    }
    return st;
}

enum wf_status wf_diff(const struct wf_program *const programs[WF_DIFF_SIDES],
                       struct wf_store *store, const struct wf_run_options *options,
                       uint32_t samples, struct wf_diff *diff, struct wf_buf *why)
{
    const struct wf_alloc *alloc = store ? store->alloc : NULL;
    struct wf_diffing d = {.out = diff, .alloc = alloc, .samples = samples};
    *diff = (struct wf_diff){.alloc = alloc, .night = ""};
    wf_arena_init(&diff->texts, alloc);
    diff->same_rules = memcmp(programs[WF_DIFF_OLD]->hash, programs[WF_DIFF_NEW]->hash,
                              sizeof(programs[WF_DIFF_OLD]->hash)) == 0;
    enum wf_status st = wf_diff_decls(diff, programs);
    if (st != WF_OK || !options)
        return st;
    wf_state_init(&d.prior, alloc);
    st = diff_nights(&d, programs, store, options, why);
    wf_state_release(&d.prior);
    wf_free(alloc, d.by_id);
    wf_free(alloc, d.rules);
    return st;
}

/* ---- the result ---- */

static void release_samples(const struct wf_diff *diff, struct wf_diff_samples *samples)
{
    wf_free(diff->alloc, samples->items);
}

void wf_diff_release(struct wf_diff *diff)
{
    for (size_t i = 0; i < diff->n_decls; i++)
        wf_free(diff->alloc, diff->decls[i].lines);
    for (size_t i = 0; i < diff->n_segments; i++) {
        release_samples(diff, &diff->segments[i].entered);
        release_samples(diff, &diff->segments[i].left);
        release_samples(diff, &diff->segments[i].doubt);
    }
    for (size_t i = 0; i < diff->n_moves; i++)
        release_samples(diff, &diff->moves[i].who);
    for (size_t i = 0; i < diff->n_actions; i++) {
        release_samples(diff, &diff->actions[i].added);
        release_samples(diff, &diff->actions[i].lost);
        release_samples(diff, &diff->actions[i].changed);
    }
    for (size_t i = 0; i < diff->n_gates; i++)
        release_samples(diff, &diff->gates[i].who);
    for (size_t i = 0; i < diff->n_journeys; i++) {
        for (size_t k = 0; k < diff->journeys[i].n_stands; k++)
            release_samples(diff, &diff->journeys[i].stands[k].who);
        wf_free(diff->alloc, diff->journeys[i].stands);
    }
    wf_free(diff->alloc, diff->decls);
    wf_free(diff->alloc, diff->segments);
    wf_free(diff->alloc, diff->classes);
    wf_free(diff->alloc, diff->moves);
    wf_free(diff->alloc, diff->metrics);
    wf_free(diff->alloc, diff->actions);
    wf_free(diff->alloc, diff->gates);
    wf_free(diff->alloc, diff->costs);
    wf_free(diff->alloc, diff->journeys);
    wf_free(diff->alloc, diff->firsts);
    wf_arena_release(&diff->texts);
    *diff = (struct wf_diff){0};
}

bool wf_diff_any(const struct wf_diff *diff)
{
    return !diff->same_rules || diff->refused || diff->n_decls || diff->n_segments ||
           diff->n_moves || diff->n_metrics || diff->n_actions || diff->n_gates || diff->n_costs ||
           diff->n_journeys || diff->only[WF_DIFF_OLD] || diff->only[WF_DIFF_NEW];
}
