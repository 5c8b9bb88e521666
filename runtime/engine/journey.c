#include "runtime/engine/journey.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/engine/journey_int.h"

/* ---- the state's journeys and tonight's ---- */

static const char *text_of(const struct wf_ir *ir, uint32_t text)
{
    return ir->texts[text]->text;
}

/* The identity of a journey of the state; NULL: the rule row is no journey's. */
static const char *identity_of(const struct wf_rule_state *rule)
{
    size_t len = strlen(WF_JOURNEY_RULE);
    return strncmp(rule->identity, WF_JOURNEY_RULE, len) == 0 ? rule->identity + len : NULL;
}

static bool is_known(const struct wf_state *state, const char *identity)
{
    for (size_t i = 0; i < state->n_rules; i++) {
        const char *known = identity_of(&state->rules[i]);
        if (known && strcmp(known, identity) == 0)
            return true;
    }
    return false;
}

/* The row of the rules' own journey that goes on with a journey of the state; one that is renamed
 * tonight goes on unless its new name is known already. */
static uint32_t own_row(const struct wf_ir *ir, const struct wf_state *state,
                        const struct wf_rule_state *rule)
{
    const char *identity = identity_of(rule), *born = rule->born + strlen(WF_JOURNEY_RULE);
    uint32_t renamed = WF_NONE;
    for (uint32_t i = 0; i < ir->n_journeys; i++) {
        const struct wf_ir_journey *j = &ir->journeys[i];
        if (j->pinned)
            continue;
        if (strcmp(text_of(ir, j->identity), identity) == 0)
            return i;
        if (j->was == WF_NONE || is_known(state, text_of(ir, j->identity)))
            continue;
        const char *was = text_of(ir, j->was); /* wf_rule_before, from the other end */
        if (strcmp(was, identity) == 0 || (strcmp(was, born) == 0 && !is_known(state, was)))
            renamed = i;
    }
    return renamed;
}

enum wf_status wf_journeys_check(const struct wf_ir *ir, const struct wf_state *state,
                                 struct wf_buf *why)
{
    for (size_t i = 0; i < state->n_journeys; i++) {
        const struct wf_journey_state *journey = &state->journeys[i];
        const struct wf_rule_state *rule = wf_state_rule_of(state, journey->rule);
        const char *identity = rule ? identity_of(rule) : NULL;
        uint64_t live = wf_entries_live(journey);
        if (!identity || !live || journey->finish || own_row(ir, state, rule) != WF_NONE)
            continue;
        if (why)
            wf_say(why,
                   "journey %s is gone from the rules with %" PRIu64
                   " members in it: `wayfare drop %s` lets them go, `wayfare finish %s` lets "
                   "them walk to the end; nothing was done",
                   identity, live, identity, identity);
        return WF_ERR_HELD;
    }
    return WF_OK;
}

enum wf_status wf_journeys_pins(const struct wf_ir *ir, const struct wf_state *state,
                                wf_journeys_pin_fn *fn, void *ctx)
{
    enum wf_status st = WF_OK;
    for (size_t i = 0; i < state->n_journeys; i++) {
        const struct wf_journey_state *journey = &state->journeys[i];
        const struct wf_rule_state *rule = wf_state_rule_of(state, journey->rule);
        const char *identity = rule ? identity_of(rule) : NULL;
        uint32_t own = identity ? own_row(ir, state, rule) : WF_NONE;
        if (!identity || (own == WF_NONE && !journey->finish))
            continue;
        identity = own == WF_NONE ? NULL : text_of(ir, ir->journeys[own].identity);
        for (size_t v = 0; st == WF_OK && v < journey->n_versions; v++)
            if (own == WF_NONE || journey->versions[v].hash != ir->journeys[own].hash)
                st = fn(ctx, journey->rule, identity, &journey->versions[v]);
    }
    return st;
}

/* ---- a night begins ---- */

/* What the state's rule row of a journey is called. */
static const char *name_of(const struct wf_ir *ir, uint32_t identity, struct wf_buf *out)
{
    wf_buf_reset(out);
    wf_buf_addf(out, WF_JOURNEY_RULE "%s", text_of(ir, identity));
    return wf_buf_str(out);
}

/* The rule row of a journey: the one there, renamed, or new. */
static enum wf_status find_rule(struct wf_journeys *js, const struct wf_ir_journey *j,
                                struct wf_buf *name, struct wf_rule_state **out)
{
    struct wf_state *state = js->night->state;
    *out = wf_state_rule(state, name_of(js->ir, j->identity, name));
    if (*out || name->failed)
        return name->failed ? WF_ERR_NOMEM : WF_OK;
    if (j->was != WF_NONE)
        *out = wf_rule_before(js->ir, state, name_of(js->ir, j->was, name));
    name_of(js->ir, j->identity, name);
    if (name->failed)
        return WF_ERR_NOMEM;
    if (*out)
        return wf_state_rename_rule(state, *out, wf_buf_str(name));
    enum wf_status st = wf_state_add_rule(state, wf_buf_str(name), out);
    if (st == WF_OK)
        (*out)->first_t = (*out)->floor = js->night->now;
    return st;
}

static bool is_frozen(const struct wf_journeys *js, const struct wf_ir_journey *j,
                      struct wf_buf *name)
{
    const struct wf_control *control = &js->night->state->control;
    const struct wf_pause *all = wf_control_paused(control, "all");
    const struct wf_pause *its = wf_control_paused(control, name_of(js->ir, j->name, name));
    for (uint32_t i = 0; i < js->ir->n_freezes; i++) {
        const struct wf_ir_freeze *freeze = &js->ir->freezes[i];
        if (js->ir->journeys[freeze->journey].identity == j->identity &&
            js->ir->policies[freeze->policy].scope == WF_NONE)
            return true;
    }
    return (all && all->by_hand) || (its && its->by_hand);
}

static enum wf_status begin_journey(struct wf_journeys *js, uint32_t row, struct wf_buf *name)
{
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    struct wf_rule_state *rule = NULL;
    struct wf_journey_state *journey;
    enum wf_status st = WF_OK;
    if (j->pinned)
        rule = wf_state_rule_of(js->night->state, js->night->pinned[js->n_pinned++]);
    else
        st = find_rule(js, j, name, &rule);
    if (st != WF_OK || !rule)
        return st != WF_OK ? st : WF_ERR_INTERNAL;
    journey = wf_state_journey(js->night->state, rule->id);
    if (!journey) {
        st = wf_state_add_journey(js->night->state, rule->id, &journey);
        if (st != WF_OK)
            return st;
        journey->head_dirty = true;
    }
    if (!j->pinned && journey->finish) {
        journey->finish = false; /* back in the rules */
        journey->head_dirty = true;
    }
    js->rows[row].state = (uint32_t)(journey - js->night->state->journeys);
    js->rows[row].born = rule->born + strlen(WF_JOURNEY_RULE);
    js->contend->born[js->ir->n_triggers + row] = js->rows[row].born;
    js->out->rules[js->ir->n_triggers + row].id = rule->id;
    js->out->rules[js->ir->n_triggers + row].first = rule->first_t == js->night->now;
    js->rows[row].frozen = is_frozen(js, j, name);
    return name->failed ? WF_ERR_NOMEM : WF_OK;
}

enum wf_status wf_journeys_init(struct wf_journeys *js, const struct wf_night *night,
                                struct wf_contend *contend, struct wf_outcome *out,
                                struct wf_buf *why)
{
    const struct wf_ir *ir = &night->program->ir;
    struct wf_buf name;
    *js =
        (struct wf_journeys){.night = night, .ir = ir, .contend = contend, .out = out, .why = why};
    enum wf_status st = wf_journeys_check(ir, night->state, why);
    if (st != WF_OK || (ir->n_journeys == 0 && night->state->n_journeys == 0))
        return st;
    js->rows = wf_calloc(night->alloc, ir->n_journeys, sizeof(*js->rows));
    js->members = wf_roster_rows(&out->roster, night->state->members.n);
    out->journeys = wf_calloc(night->alloc, ir->n_journeys, sizeof(*out->journeys));
    out->passed = wf_calloc(night->alloc, ir->n_steps, sizeof(*out->passed));
    out->drawn = wf_calloc(night->alloc, ir->n_arms + (size_t)1, sizeof(*out->drawn));
    out->standing = wf_calloc(night->alloc, ir->n_steps, sizeof(*out->standing));
    if (!js->rows || !js->members || !out->journeys || !out->passed || !out->drawn ||
        !out->standing)
        return WF_ERR_NOMEM;
    wf_buf_init(&name, night->alloc, 0);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_journeys; i++) /* the rules' own rename first */
        st = ir->journeys[i].pinned ? WF_OK : begin_journey(js, i, &name);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_journeys; i++)
        st = ir->journeys[i].pinned ? begin_journey(js, i, &name) : WF_OK;
    wf_buf_release(&name);
    for (uint32_t i = 0; st == WF_OK && i < ir->n_journeys; i++)
        st = wf_journey_migrate(js, i);
    return st;
}

void wf_journeys_release(struct wf_journeys *js)
{
    if (!js->night)
        return;
    wf_free(js->night->alloc, js->rows);
    wf_free(js->night->alloc, js->members);
    wf_free(js->night->alloc, js->entering);
}

enum wf_status wf_journeys_enter(struct wf_journeys *js, const struct wf_entering *entering)
{
    if (wf_grow(js->night->alloc, &js->entering, &js->room_entering, js->n_entering + 1,
                sizeof(*entering)) != 0)
        return WF_ERR_NOMEM;
    js->entering[js->n_entering++] = *entering;
    return WF_OK;
}

/* ---- migrations ---- */

static void hex_of(uint64_t hash, char out[17])
{
    snprintf(out, 17, "%016" PRIx64, hash);
}

uint32_t wf_journey_row(const struct wf_journeys *js, uint32_t state, uint64_t hash)
{
    for (uint32_t i = 0; i < js->ir->n_journeys; i++)
        if (js->rows[i].state == state && js->ir->journeys[i].hash == hash)
            return i;
    return WF_NONE;
}

/* The label of the step where an entry stands, in the structure it walks: text, or "start". */
static const char *label_of(const struct wf_journeys *js, uint32_t row, uint32_t step)
{
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    uint32_t label =
        step < j->steps_count ? js->ir->steps[j->steps_first + step].label : (uint32_t)WF_NONE;
    return label == WF_NONE ? "start" : text_of(js->ir, label);
}

static const struct wf_ir_migration_map *map_of(const struct wf_journeys *js,
                                                const struct wf_ir_migration *m, const char *label)
{
    for (uint32_t i = 0; i < m->maps_count; i++) {
        const struct wf_ir_migration_map *map = &js->ir->migration_maps[m->maps_first + i];
        if (strcmp(text_of(js->ir, map->from), label) == 0)
            return map;
    }
    return NULL;
}

/* Every step where somebody stands must lead somewhere. */
static enum wf_status check_plan(const struct wf_journeys *js, const struct wf_ir_migration *m,
                                 const struct wf_journey_state *journey, uint32_t old_row,
                                 uint32_t version)
{
    const char *lost = NULL;
    uint64_t members = 0;
    for (size_t i = 0; i < journey->n; i++) {
        const struct wf_entry *e = &journey->entries[i];
        if (e->version != version || e->step == WF_LEFT)
            continue;
        const char *label = label_of(js, old_row, e->step);
        if (map_of(js, m, label) || (lost && strcmp(lost, label) != 0))
            continue;
        lost = label;
        members++;
    }
    if (!lost)
        return WF_OK;
    if (js->why)
        wf_say(js->why,
               "migrate from %s@%s: %" PRIu64 " members stand at step %s, which the plan does "
               "not map (`%s -> leave` lets them go); nothing was done",
               text_of(js->ir, m->name), text_of(js->ir, m->hash), members, lost, lost);
    return WF_ERR_RULES;
}

/* A new structure numbers its actions anew: the same key could make an id that was used. */
static void renew_key(struct wf_entry *entry, uint64_t hash)
{
    unsigned char bytes[24];
    XXH128_canonical_t canonical;
    memcpy(bytes, entry->key, 16);
    memcpy(bytes + 16, &hash, 8);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes, sizeof(bytes)));
    memcpy(entry->key, canonical.digest, 16);
}

static enum wf_status move_all(struct wf_journeys *js, const struct wf_ir_migration *m,
                               uint32_t row, uint32_t old_row, uint32_t version)
{
    const struct wf_night *night = js->night;
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    struct wf_journey_state *journey = &night->state->journeys[js->rows[row].state];
    struct wf_version *to;
    enum wf_status st = wf_journey_version(journey, j->hash, night->state->alloc, &to);
    uint32_t number = st == WF_OK ? to->number : 0;
    for (size_t i = 0; st == WF_OK && i < journey->n; i++) {
        struct wf_entry *e = &journey->entries[i];
        if (e->version != version || e->step == WF_LEFT)
            continue;
        const struct wf_ir_migration_map *map = map_of(js, m, label_of(js, old_row, e->step));
        st = wf_entries_touch(journey, e->member, night->state->alloc);
        e->reached = night->now;
        js->out->journeys[row].migrated++;
        if (map && map->to != WF_NONE) {
            e->step = map->to;
            e->version = number;
            renew_key(e, j->hash);
        } else if (st == WF_OK) {
            st = wf_journey_leave(js, row, e, false);
        }
    }
    return st;
}

enum wf_status wf_journey_migrate(struct wf_journeys *js, uint32_t row)
{
    const struct wf_ir_journey *j = &js->ir->journeys[row];
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; st == WF_OK && i < j->migrations_count; i++) {
        const struct wf_ir_migration *m = &js->ir->migrations[j->migrations_first + i];
        struct wf_journey_state *journey = &js->night->state->journeys[js->rows[row].state];
        const struct wf_str *named = js->ir->texts[m->hash];
        for (size_t v = 0; st == WF_OK && v < journey->n_versions; v++) {
            char hex[17];
            struct wf_version version = journey->versions[v];
            hex_of(version.hash, hex);
            uint32_t old_row = wf_journey_row(js, js->rows[row].state, version.hash);
            if (version.hash == j->hash || named->len < 6 || named->len > 16 ||
                memcmp(hex, named->text, named->len) != 0 || old_row == WF_NONE)
                continue;
            st = check_plan(js, m, journey, old_row, version.number);
            if (st == WF_OK)
                st = move_all(js, m, row, old_row, version.number);
        }
    }
    return st;
}
