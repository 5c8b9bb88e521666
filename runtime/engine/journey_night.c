/* Everybody's way through a night: those in flight, then those who enter. */
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/code/pin.h"
#include "runtime/engine/gates.h"
#include "runtime/engine/journey_int.h"
#include "runtime/engine/trial.h"

/* What is walked now. */
struct walking {
    struct wf_journeys *js;
    struct wf_walk walk;
    struct wf_journey_state *journey;
    struct wf_rule_state *rule; /* of the journey */
    struct wf_entry *entry;
    uint32_t row;    /* of ir.journeys */
    uint32_t member; /* tonight's row */
    bool waived;     /* the grace, of what is done on entering */
};

enum wf_status wf_journey_version(struct wf_journey_state *journey, uint64_t hash,
                                  const struct wf_alloc *alloc, struct wf_version **out)
{
    *out = wf_version_hashed(journey, hash);
    return *out ? WF_OK : wf_version_add(journey, hash, alloc, out);
}

enum wf_status wf_journey_leave(struct wf_journeys *js, uint32_t row, struct wf_entry *entry,
                                bool exited)
{
    struct wf_state *state = js->night->state;
    struct wf_journey_state *journey = &state->journeys[js->rows[row].state];
    struct wf_rule_state *rule = wf_state_rule_of(state, journey->rule);
    struct wf_mark mark = {.member = entry->member};
    bool held_out = entry->flags & WF_ENTRY_HELD_OUT;
    entry->step = WF_LEFT;
    if (exited) {
        journey->totals.exited[held_out]++;
        js->out->journeys[row].exited++;
    } else {
        journey->totals.left[held_out]++;
        js->out->journeys[row].left++;
    }
    journey->head_dirty = true;
    wf_mark_number(mark.key, entry->reached);
    return wf_marks_add(&rule->acted, mark, INT64_MAX, state->alloc);
}

/* ---- one entry ---- */

static enum wf_status add_action(void *ctx, uint32_t number, int64_t at)
{
    const struct walking *w = ctx;
    const struct wf_night *night = w->js->night;
    const struct wf_ir *ir = w->js->ir;
    const struct wf_ir_journey *j = &ir->journeys[w->row];
    const struct wf_ir_step *step = &ir->steps[j->steps_first + number];
    struct wf_ir_duration grace = wf_rule_view(ir, ir->n_triggers + w->row).grace;
    struct wf_contender decision = wf_contender_blank();
    if (grace.unit == WF_T_NONE)
        grace = (struct wf_ir_duration){.count = 1, .unit = WF_T_DAYS};
    decision.rule = ir->n_triggers + w->row;
    decision.action = step->action;
    decision.position = step->position;
    decision.step = step->label;
    decision.member = w->member;
    decision.occurred = at;
    decision.known_by = wf_known_by(night->zone, at, true);
    decision.entry = w->entry->entry;
    decision.held_out = w->entry->flags & WF_ENTRY_HELD_OUT;
    decision.by_event = w->entry->flags & WF_ENTRY_EVENT;
    memcpy(decision.key, w->entry->key, sizeof(decision.key));
    memcpy(decision.entered, w->entry->event, sizeof(decision.entered));
    bool waived = w->waived && at == w->entry->entry;
    if (!waived && night->now > wf_time_shift(night->zone, decision.known_by, grace, 1))
        decision.gate = WF_GATE_MISSED;
    return wf_contend_add(w->js->contend, &decision);
}

/* By a policy that concerns this member, or for everyone. */
static bool is_frozen(struct walking *w)
{
    const struct wf_ir *ir = w->js->ir;
    bool frozen = w->js->rows[w->row].frozen;
    for (uint32_t i = 0; !frozen && i < ir->n_freezes; i++) {
        const struct wf_ir_freeze *freeze = &ir->freezes[i];
        uint32_t scope = ir->policies[freeze->policy].scope;
        if (ir->journeys[freeze->journey].identity != ir->journeys[w->row].identity)
            continue;
        frozen = scope == WF_NONE || wf_scalar_truth(w->walk.scalar, scope) != 0;
    }
    return frozen;
}

static enum wf_status look_for_goal(struct walking *w)
{
    struct wf_entry *e = w->entry;
    bool had = e->flags & WF_ENTRY_GOAL, held_out = e->flags & WF_ENTRY_HELD_OUT;
    bool value = w->walk.journey->goal_kind == WF_GOAL_VALUE;
    bool over;
    wf_walk_goal(&w->walk, e, &over);
    bool has = e->flags & WF_ENTRY_GOAL;
    bool ends = over && e->step == WF_LEFT;
    if (has && (value ? ends : !had)) {
        w->journey->totals.goals[held_out]++;
        w->js->out->journeys[w->row].goals[held_out]++;
        w->journey->head_dirty = true;
    }
    if (has && value && ends &&
        __builtin_add_overflow(w->journey->totals.value[held_out], e->value,
                               &w->journey->totals.value[held_out]))
        w->journey->totals.value[held_out] = INT64_MAX;
    if (ends)
        e->flags |= WF_ENTRY_GONE;
    return wf_trial_count(&w->walk, e, &w->journey->trials, w->js->night->state->alloc);
}

/* The member and the structure an entry walks, to the row evaluator and the walk. */
static void approach(struct walking *w, struct wf_entry *entry, uint32_t row, uint32_t member)
{
    struct wf_journeys *js = w->js;
    const struct wf_dataset *data = js->night->data;
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    const struct wf_id *id = &data->ids[member];
    bool by_event = entry->flags & WF_ENTRY_EVENT;
    w->entry = entry;
    w->row = row;
    w->member = member;
    w->walk.journey = j;
    w->walk.row = member;
    w->walk.id = data->id_heap + id->at;
    w->walk.id_len = id->len;
    w->walk.salt = j->salt == WF_NONE ? js->rows[row].born : js->ir->texts[j->salt]->text;
    w->walk.passed = js->out->passed + j->steps_first;
    w->walk.drawn = js->out->drawn;
    wf_scalar_member(w->walk.scalar, member);
    w->walk.frozen = is_frozen(w);
    wf_scalar_entry(w->walk.scalar, entry->entry, by_event ? j->entered : WF_NONE, entry->event);
}

/* A calendar that ends too early must not decide that there are no holidays. */
static void say_year(const struct walking *w)
{
    const struct wf_ir *ir = w->js->ir;
    if (w->js->why)
        wf_say(w->js->why, "calendar %s has no row of the year %d, which journey %s waits for",
               ir->texts[ir->holidays[w->walk.calendar].name]->text,
               wf_day_to_civil(w->walk.day).year, ir->texts[w->walk.journey->name]->text);
}

static enum wf_status walk_one(struct walking *w)
{
    struct wf_entry before = *w->entry;
    struct wf_journey_counts *counts = &w->js->out->journeys[w->row];
    enum wf_walked walked = WF_WALKED_STANDS;
    enum wf_status st = WF_OK;
    if (w->entry->step != WF_LEFT)
        st = wf_walk_entry(&w->walk, w->entry, &walked);
    if (st == WF_ERR_DATA)
        say_year(w);
    if (st == WF_OK && (walked == WF_WALKED_LEFT || walked == WF_WALKED_EXITED))
        st = wf_journey_leave(w->js, w->row, w->entry, walked == WF_WALKED_EXITED);
    if (st != WF_OK)
        return st;
    counts->doubt += walked == WF_WALKED_DOUBT;
    counts->moved += w->entry->step != before.step;
    st = look_for_goal(w);
    if (st == WF_OK && memcmp(&before, w->entry, sizeof(before)) != 0)
        st = wf_entries_touch(w->journey, w->entry->member, w->js->night->state->alloc);
    return st == WF_OK ? wf_scalar_status(w->walk.scalar) : st;
}

/* ---- those in flight ---- */

static enum wf_status walk_journey(struct walking *w, uint32_t state)
{
    struct wf_journeys *js = w->js;
    const struct wf_version *version = NULL;
    uint32_t row = WF_NONE;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < w->journey->n_sorted; i++) {
        struct wf_entry *entry = &w->journey->entries[i];
        uint32_t member = js->members[entry->member];
        if (!version || version->number != entry->version) {
            version = wf_version_numbered(w->journey, entry->version);
            row = version ? wf_journey_row(js, state, version->hash) : WF_NONE;
        }
        if (row == WF_NONE) { /* of a journey that is gone: there is no goal to watch any more */
            if (entry->step != WF_LEFT)
                return WF_ERR_STATE;
            entry->flags |= WF_ENTRY_GONE;
            st = wf_entries_touch(w->journey, entry->member, js->night->state->alloc);
            continue;
        }
        if (member == UINT32_MAX)
            continue; /* absent: nothing is known of them tonight */
        approach(w, entry, row, member);
        st = walk_one(w);
    }
    return st;
}

/* ---- those who enter ---- */

static int compare_entering(const void *a, const void *b)
{
    const struct wf_entering *x = a, *y = b;
    if (x->trigger != y->trigger)
        return x->trigger < y->trigger ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    if (x->due != y->due)
        return x->due < y->due ? -1 : 1;
    return memcmp(x->key, y->key, sizeof(x->key));
}

/* When the member left last; WF_NO_TIME: never was in it. The marks are sorted. */
static int64_t left_last(const struct wf_rule_state *rule, uint32_t member)
{
    size_t n;
    const struct wf_mark *marks = wf_marks_of(&rule->acted, member, &n);
    return n ? wf_mark_to_number(marks[n - 1].key) : WF_NO_TIME;
}

static bool may_enter(const struct wf_night *night, const struct wf_ir_journey *j, int64_t left,
                      int64_t due)
{
    if (left == WF_NO_TIME)
        return true;
    switch (j->again_kind) {
    case WF_AGAIN_AFTER: return due >= wf_time_shift(night->zone, left, j->again, 1);
    case WF_AGAIN_ALWAYS: return due >= left;
    default: return false;
    }
}

/* The entry's own key: of its entry rule and the occurrence, so that a journey whose `enter` is
 * another one later never makes an action id again. */
static void key_of(const char *born, const unsigned char key[16], unsigned char out[16])
{
    XXH3_state_t hash;
    XXH128_canonical_t canonical;
    XXH3_128bits_reset(&hash);
    XXH3_128bits_update(&hash, born, strlen(born) + 1);
    XXH3_128bits_update(&hash, key, 16);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&hash));
    memcpy(out, canonical.digest, 16);
}

static enum wf_status begin_entry(struct walking *w, const struct wf_entering *entering,
                                  uint32_t row, size_t *at_out)
{
    struct wf_journeys *js = w->js;
    const struct wf_night *night = js->night;
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    const struct wf_id *id = &night->data->ids[entering->row];
    const char *salt = j->salt == WF_NONE ? js->rows[row].born : js->ir->texts[j->salt]->text;
    struct wf_version *version;
    enum wf_status st = wf_journey_version(w->journey, j->hash, night->state->alloc, &version);
    if (st != WF_OK)
        return st;
    struct wf_entry entry = {.member = wf_roster_ordinal(&js->out->roster, entering->row),
                             .version = version->number,
                             .entry = entering->due,
                             .reached = entering->due};
    bool held_out = wf_held_out(salt, night->data->id_heap + id->at, id->len, j->holdout);
    key_of(js->contend->born[entering->trigger], entering->key, entry.key);
    if (entering->event != WF_NO_EVENT && j->entered != WF_NONE) {
        entry.flags |= WF_ENTRY_EVENT;
        memcpy(entry.event, entering->key, sizeof(entry.event));
    }
    entry.flags |= (held_out ? WF_ENTRY_HELD_OUT : 0u) | (uint32_t)j->holdout << WF_ENTRY_SHARE;
    w->journey->totals.entered[held_out]++;
    w->journey->head_dirty = true;
    js->out->journeys[row].entered++;
    return wf_entries_add(w->journey, &entry, night->state->alloc, at_out);
}

/* The occurrences of one member, in order of their due time. */
static enum wf_status enter_member(struct walking *w, const struct wf_entering *of, size_t n,
                                   uint32_t row)
{
    struct wf_journeys *js = w->js;
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    struct wf_journey_counts *counts = &js->out->journeys[row];
    uint32_t member = wf_roster_ordinal(&js->out->roster, of->row);
    int64_t left = left_last(w->rule, member);
    size_t n_before, at = 0;
    const struct wf_entry *before = wf_entries_of(w->journey, member, &n_before);
    bool live = n_before && before[n_before - 1].step != WF_LEFT;
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        struct wf_entry none = {.entry = of[i].due};
        approach(w, &none, row, of[i].row);
        if (w->walk.frozen) {
            counts->frozen++;
            continue;
        }
        if (live || !may_enter(js->night, j, left, of[i].due)) {
            counts->again++;
            continue;
        }
        st = begin_entry(w, &of[i], row, &at);
        if (st != WF_OK)
            break;
        approach(w, &w->journey->entries[at], row, of[i].row);
        w->waived = of[i].waived;
        st = walk_one(w);
        w->waived = false;
        live = w->entry->step != WF_LEFT;
        left = live ? left : w->entry->reached;
    }
    return st;
}

static enum wf_status enter_all(struct walking *w, uint32_t state)
{
    struct wf_journeys *js = w->js;
    enum wf_status st = wf_marks_sort(&w->rule->acted, js->night->state->alloc);
    for (size_t i = 0, end; st == WF_OK && i < js->n_entering; i = end) {
        const struct wf_entering *of = &js->entering[i];
        for (end = i + 1; end < js->n_entering && js->entering[end].trigger == of->trigger &&
                          js->entering[end].row == of->row;)
            end++;
        uint32_t row = js->ir->triggers[of->trigger].journey;
        if (js->rows[row].state == state)
            st = enter_member(w, of, end - i, row);
    }
    return st;
}

/* ---- the end ---- */

/* Structures that somebody entered tonight are kept from now on. */
static enum wf_status keep_structures(struct walking *w, uint32_t state)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; st == WF_OK && i < w->journey->n_versions; i++) {
        struct wf_version *version = &w->journey->versions[i];
        uint32_t row = wf_journey_row(w->js, state, version->hash);
        struct wf_buf bytes;
        if (version->bytes)
            continue;
        if (row == WF_NONE)
            return WF_ERR_INTERNAL;
        wf_buf_init(&bytes, w->js->night->state->alloc, 0);
        st = wf_pin(w->js->night->program, row, w->js->night->alloc, &bytes);
        if (st == WF_OK && bytes.failed)
            st = WF_ERR_NOMEM;
        if (st == WF_OK)
            version->bytes = (unsigned char *)wf_buf_detach(&bytes, &version->len);
        wf_buf_release(&bytes);
    }
    return st;
}

/* Who stands where, once all have walked. */
static void count_standing(struct walking *w, uint32_t state)
{
    struct wf_journeys *js = w->js;
    for (size_t i = 0; i < w->journey->n; i++) {
        const struct wf_entry *e = &w->journey->entries[i];
        const struct wf_version *version = wf_version_numbered(w->journey, e->version);
        uint32_t row = version ? wf_journey_row(js, state, version->hash) : WF_NONE;
        if (e->step == WF_LEFT || row == WF_NONE)
            continue;
        js->out->journeys[row].in_flight++;
        js->out->standing[js->ir->journeys[row].steps_first + e->step]++;
    }
}

size_t wf_flow_size(const struct wf_ir *ir, const struct wf_ir_journey *j)
{
    size_t n = (size_t)j->steps_count * WF_WAY_COUNT_;
    for (uint32_t i = 0; i < j->steps_count; i++)
        n += ir->steps[j->steps_first + i].arms_count;
    return n;
}

/* The ways members went, for those who look at the state later. */
static enum wf_status keep_flow(struct walking *w, uint32_t state)
{
    const struct wf_outcome *out = w->js->out;
    const struct wf_ir *ir = w->js->ir;
    uint32_t row = 0;
    while (row < ir->n_journeys && (ir->journeys[row].pinned || w->js->rows[row].state != state))
        row++;
    if (row == ir->n_journeys)
        return WF_OK;
    const struct wf_ir_journey *j = &ir->journeys[row];
    const struct wf_journey_counts *c = &out->journeys[row];
    struct wf_journey_flow flow = {.hash = j->hash,
                                   .t = w->js->night->now,
                                   .entered = c->entered,
                                   .exited = c->exited,
                                   .goals = c->goals[0] + c->goals[1],
                                   .n_ways = wf_flow_size(ir, j)};
    flow.ways = wf_calloc(w->js->night->alloc, flow.n_ways, sizeof(*flow.ways));
    if (!flow.ways)
        return WF_ERR_NOMEM;
    uint64_t *arm = flow.ways + (size_t)j->steps_count * WF_WAY_COUNT_;
    for (uint32_t i = 0; i < j->steps_count; i++) {
        const struct wf_ir_step *step = &ir->steps[j->steps_first + i];
        memcpy(flow.ways + (size_t)i * WF_WAY_COUNT_, out->passed[j->steps_first + i].ways,
               sizeof(out->passed->ways));
        memcpy(arm, out->drawn + step->arms_first, step->arms_count * sizeof(*arm));
        arm += step->arms_count;
    }
    enum wf_status st = wf_journey_keep_flow(w->journey, &flow, w->js->night->state->alloc);
    wf_free(w->js->night->alloc, flow.ways);
    return st;
}

enum wf_status wf_journeys_walk(struct wf_journeys *js, struct wf_scalar *scalar)
{
    const struct wf_night *night = js->night;
    enum wf_status st = WF_OK;
    if (!js->rows)
        return WF_OK;
    struct walking w = {.js = js,
                        .walk = {.ir = js->ir,
                                 .data = night->data,
                                 .zone = night->zone,
                                 .alloc = night->alloc,
                                 .now = night->now,
                                 .scalar = scalar,
                                 .act = add_action}};
    w.walk.ctx = &w;
    if (js->n_entering)
        qsort(js->entering, js->n_entering, sizeof(*js->entering), compare_entering);
    for (uint32_t i = 0; st == WF_OK && i < night->state->n_journeys; i++) {
        w.journey = &night->state->journeys[i];
        w.rule = wf_state_rule_of(night->state, w.journey->rule);
        st = w.rule ? walk_journey(&w, i) : WF_ERR_STATE;
        if (st == WF_OK)
            st = enter_all(&w, i);
        if (st == WF_OK)
            st = wf_entries_settle(w.journey, night->state->alloc);
        if (st == WF_OK)
            st = keep_structures(&w, i);
        if (st == WF_OK)
            st = keep_flow(&w, i);
        if (st == WF_OK)
            count_standing(&w, i);
    }
    wf_walk_release(&w.walk);
    return st;
}

enum wf_status wf_journey_drop(struct wf_state *state, struct wf_journey_state *journey, int64_t t)
{
    struct wf_rule_state *rule = wf_state_rule_of(state, journey->rule);
    enum wf_status st = rule ? WF_OK : WF_ERR_STATE;
    for (size_t i = 0; st == WF_OK && i < journey->n; i++) {
        struct wf_entry *e = &journey->entries[i];
        struct wf_mark mark = {.member = e->member};
        st = wf_entries_touch(journey, e->member, state->alloc);
        e->flags |= WF_ENTRY_GONE;
        if (st != WF_OK || e->step == WF_LEFT)
            continue;
        journey->totals.left[(e->flags & WF_ENTRY_HELD_OUT) != 0]++;
        wf_mark_number(mark.key, t);
        st = wf_marks_add(&rule->acted, mark, INT64_MAX, state->alloc);
    }
    journey->head_dirty = true;
    journey->finish = false;
    return st == WF_OK ? wf_entries_settle(journey, state->alloc) : st;
}
