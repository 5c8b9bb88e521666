#include "runtime/store/state.h"

#include <stdlib.h>
#include <string.h>

#include "lang/base/buf.h"
#include "lang/base/limits.h"

void wf_state_init(struct wf_state *state, const struct wf_alloc *alloc)
{
    *state = (struct wf_state){.alloc = alloc, .began = INT64_MAX};
    wf_members_init(&state->members, alloc);
    wf_buf_init(&state->united, alloc, 0);
    wf_control_init(&state->control, alloc);
    wf_rations_init(&state->rations, alloc);
    state->merged.latest = state->merged.latest_stored = INT64_MIN;
}

void wf_run_row_release(struct wf_run_row *run, const struct wf_alloc *alloc)
{
    wf_free(alloc, run->rules);
    wf_free(alloc, run->inputs);
    wf_free(alloc, run->folder);
    wf_free(alloc, run->manifest);
    *run = (struct wf_run_row){0};
}

static void release_marks(struct wf_marks *marks, const struct wf_alloc *alloc)
{
    wf_free(alloc, marks->items);
    wf_free(alloc, marks->added);
}

void wf_state_release(struct wf_state *state)
{
    const struct wf_alloc *alloc = state->alloc;
    for (size_t i = 0; i < state->n_rules; i++) {
        struct wf_rule_state *rule = &state->rules[i];
        wf_free(alloc, rule->identity);
        wf_free(alloc, rule->born);
        wf_free(alloc, rule->decided.words);
        release_marks(&rule->marks, alloc);
        release_marks(&rule->acted, alloc);
    }
    for (size_t i = 0; i < state->n_columns; i++) {
        wf_free(alloc, state->columns[i].name);
        wf_free(alloc, state->columns[i].yes.words);
        wf_free(alloc, state->columns[i].no.words);
    }
    for (size_t i = 0; i < state->n_feeds; i++)
        wf_free(alloc, state->feeds[i].name);
    for (size_t i = 0; i < state->n_journeys; i++)
        wf_journey_state_release(&state->journeys[i], alloc);
    wf_free(alloc, state->journeys);
    release_marks(&state->merged, alloc);
    wf_buf_release(&state->united);
    wf_control_release(&state->control);
    wf_rations_release(&state->rations);
    wf_free(alloc, state->feeds);
    wf_free(alloc, state->rules);
    wf_free(alloc, state->columns);
    wf_members_release(&state->members);
    wf_run_row_release(&state->last, alloc);
    wf_state_init(state, alloc);
}

struct wf_feed_rows *wf_state_feed(struct wf_state *state, const char *name, size_t len)
{
    for (size_t i = 0; i < state->n_feeds; i++)
        if (strlen(state->feeds[i].name) == len && memcmp(state->feeds[i].name, name, len) == 0)
            return &state->feeds[i];
    char *copy = NULL;
    if (wf_grow(state->alloc, &state->feeds, &state->room_feeds, state->n_feeds + 1,
                sizeof(*state->feeds)) == 0)
        copy = wf_calloc(state->alloc, len + 1, 1);
    if (!copy)
        return NULL;
    memcpy(copy, name, len);
    state->feeds[state->n_feeds] = (struct wf_feed_rows){.name = copy};
    return &state->feeds[state->n_feeds++];
}

/* ---- rules and columns ---- */

struct wf_rule_state *wf_state_rule(struct wf_state *state, const char *identity)
{
    for (size_t i = 0; i < state->n_rules; i++)
        if (strcmp(state->rules[i].identity, identity) == 0)
            return &state->rules[i];
    return NULL;
}

static bool is_born(const struct wf_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_rules; i++)
        if (strcmp(state->rules[i].born, name) == 0)
            return true;
    return false;
}

/* A renamed rule keeps the name it was born with, so that name may be taken: its action ids too. */
static char *born_name(const struct wf_state *state, const char *identity)
{
    struct wf_buf name;
    wf_buf_init(&name, state->alloc, 0);
    wf_buf_adds(&name, identity);
    for (unsigned n = 2; !name.failed && is_born(state, wf_buf_str(&name)); n++) {
        wf_buf_reset(&name);
        wf_buf_addf(&name, "%s #%u", identity, n);
    }
    char *text = wf_buf_detach(&name, NULL);
    wf_buf_release(&name);
    return text;
}

enum wf_status wf_state_add_rule(struct wf_state *state, const char *identity,
                                 struct wf_rule_state **out)
{
    const struct wf_alloc *alloc = state->alloc;
    if (wf_grow(alloc, &state->rules, &state->room_rules, state->n_rules + 1,
                sizeof(*state->rules)) != 0)
        return WF_ERR_NOMEM;
    uint32_t id = 1;
    for (size_t i = 0; i < state->n_rules; i++)
        id = state->rules[i].id >= id ? state->rules[i].id + 1 : id;
    struct wf_rule_state rule = {.id = id, .calendar_done = INT32_MIN, .dirty = true};
    rule.marks.latest = rule.acted.latest = INT64_MIN;
    rule.marks.latest_stored = rule.acted.latest_stored = INT64_MIN;
    rule.identity = wf_strdup(alloc, identity);
    rule.born = born_name(state, identity);
    if (!rule.identity || !rule.born) {
        wf_free(alloc, rule.identity);
        wf_free(alloc, rule.born);
        return WF_ERR_NOMEM;
    }
    *out = &state->rules[state->n_rules++];
    **out = rule;
    return WF_OK;
}

enum wf_status wf_state_rename_rule(struct wf_state *state, struct wf_rule_state *rule,
                                    const char *identity)
{
    char *name = wf_strdup(state->alloc, identity);
    if (!name)
        return WF_ERR_NOMEM;
    wf_free(state->alloc, rule->identity);
    rule->identity = name;
    rule->dirty = true;
    return WF_OK;
}

struct wf_rule_state *wf_state_rule_of(const struct wf_state *state, uint32_t id)
{
    for (size_t i = 0; i < state->n_rules; i++)
        if (state->rules[i].id == id)
            return &state->rules[i];
    return NULL;
}

struct wf_journey_state *wf_state_journey(const struct wf_state *state, uint32_t rule)
{
    for (size_t i = 0; i < state->n_journeys; i++)
        if (state->journeys[i].rule == rule)
            return &state->journeys[i];
    return NULL;
}

enum wf_status wf_state_add_journey(struct wf_state *state, uint32_t rule,
                                    struct wf_journey_state **out)
{
    if (wf_grow(state->alloc, &state->journeys, &state->room_journeys, state->n_journeys + 1,
                sizeof(*state->journeys)) != 0)
        return WF_ERR_NOMEM;
    *out = &state->journeys[state->n_journeys++];
    **out = (struct wf_journey_state){.rule = rule};
    return WF_OK;
}

struct wf_column_state *wf_state_column(struct wf_state *state, const char *name)
{
    for (size_t i = 0; i < state->n_columns; i++)
        if (strcmp(state->columns[i].name, name) == 0)
            return &state->columns[i];
    return NULL;
}

enum wf_status wf_state_add_column(struct wf_state *state, const char *name,
                                   struct wf_column_state **out)
{
    if (wf_grow(state->alloc, &state->columns, &state->room_columns, state->n_columns + 1,
                sizeof(*state->columns)) != 0)
        return WF_ERR_NOMEM;
    uint32_t id = 1;
    for (size_t i = 0; i < state->n_columns; i++)
        id = state->columns[i].id >= id ? state->columns[i].id + 1 : id;
    char *copy = wf_strdup(state->alloc, name);
    if (!copy)
        return WF_ERR_NOMEM;
    *out = &state->columns[state->n_columns++];
    **out = (struct wf_column_state){.id = id, .name = copy, .t = INT64_MIN};
    return WF_OK;
}

/* ---- sets ---- */

enum wf_status wf_set_room(struct wf_member_set *set, size_t n, const struct wf_alloc *alloc)
{
    size_t want = (n + 63) / 64;
    if (want <= set->n_words)
        return WF_OK;
    uint64_t *words = wf_realloc(alloc, set->words, want * sizeof(*words));
    if (!words)
        return WF_ERR_NOMEM;
    memset(words + set->n_words, 0, (want - set->n_words) * sizeof(*words));
    set->words = words;
    set->n_words = want;
    return WF_OK;
}

/* ---- marks ---- */

int wf_mark_compare(const void *a, const void *b)
{
    const struct wf_mark *x = a, *y = b;
    if (x->member != y->member)
        return x->member < y->member ? -1 : 1;
    return memcmp(x->key, y->key, sizeof(x->key));
}

enum wf_status wf_marks_add(struct wf_marks *marks, struct wf_mark mark, int64_t due,
                            const struct wf_alloc *alloc)
{
    if (wf_grow(alloc, &marks->items, &marks->room, marks->n + 1, sizeof(mark)) != 0 ||
        wf_grow(alloc, &marks->added, &marks->room_added, marks->n_added + 1, sizeof(mark)) != 0)
        return WF_ERR_NOMEM;
    marks->items[marks->n++] = mark;
    marks->added[marks->n_added++] = mark;
    if (due > marks->latest)
        marks->latest = due;
    return WF_OK;
}

/* The end of the ascending run that starts at `at`. */
static size_t run_end(const struct wf_mark *items, size_t n, size_t at)
{
    for (at++; at < n && wf_mark_compare(&items[at - 1], &items[at]) <= 0;)
        at++;
    return at;
}

void wf_marks_order(struct wf_mark *marks, size_t n)
{
    if (run_end(marks, n, 0) < n)
        qsort(marks, n, sizeof(*marks), wf_mark_compare);
}

static void merge_runs(const struct wf_mark *from, size_t at, size_t mid, size_t end,
                       struct wf_mark *to)
{
    size_t a = at, b = mid;
    while (a < mid && b < end)
        to[at++] = wf_mark_compare(&from[a], &from[b]) <= 0 ? from[a++] : from[b++];
    memcpy(to + at, from + a, (mid - a) * sizeof(*to));
    at += mid - a;
    memcpy(to + at, from + b, (end - b) * sizeof(*to));
}

/* Segments come sorted: pairs of runs are merged until one is left. */
static enum wf_status merge_sort(struct wf_marks *marks, const struct wf_alloc *alloc)
{
    struct wf_mark *other = NULL;
    while (run_end(marks->items, marks->n, 0) < marks->n) {
        if (!other)
            other = wf_realloc(alloc, NULL, marks->room * sizeof(*other));
        if (!other)
            return WF_ERR_NOMEM;
        for (size_t at = 0, end; at < marks->n; at = end) {
            size_t mid = run_end(marks->items, marks->n, at);
            end = mid < marks->n ? run_end(marks->items, marks->n, mid) : mid;
            merge_runs(marks->items, at, mid, end, other);
        }
        struct wf_mark *merged = other;
        other = marks->items;
        marks->items = merged;
    }
    wf_free(alloc, other);
    return WF_OK;
}

enum wf_status wf_marks_sort(struct wf_marks *marks, const struct wf_alloc *alloc)
{
    if (marks->n_sorted == marks->n)
        return WF_OK;
    enum wf_status st = merge_sort(marks, alloc);
    if (st != WF_OK)
        return st;
    size_t n = 0;
    for (size_t i = 0; i < marks->n; i++)
        if (n == 0 || wf_mark_compare(&marks->items[n - 1], &marks->items[i]) != 0)
            marks->items[n++] = marks->items[i];
    marks->n = marks->n_sorted = n;
    return WF_OK;
}

bool wf_marks_has(const struct wf_marks *marks, struct wf_mark mark)
{
    return marks->n_sorted &&
           bsearch(&mark, marks->items, marks->n_sorted, sizeof(mark), wf_mark_compare) != NULL;
}

const struct wf_mark *wf_marks_of(const struct wf_marks *marks, uint32_t member, size_t *n_out)
{
    size_t low = 0, high = marks->n_sorted;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (marks->items[mid].member < member)
            low = mid + 1;
        else
            high = mid;
    }
    size_t end = low;
    while (end < marks->n_sorted && marks->items[end].member == member)
        end++;
    *n_out = end - low;
    return marks->items + low;
}

void wf_mark_number(unsigned char key[16], int64_t number)
{
    uint64_t bits = (uint64_t)number ^ (uint64_t)1 << 63;
    memset(key, 0, 16);
    for (int i = 0; i < 8; i++)
        key[i] = (unsigned char)(bits >> (56 - 8 * i));
}

int64_t wf_mark_to_number(const unsigned char key[16])
{
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | key[i];
    return (int64_t)(bits ^ (uint64_t)1 << 63);
}

/* ---- merges ---- */

static enum wf_status merge_marks(struct wf_marks *marks, uint32_t old, uint32_t now,
                                  const struct wf_alloc *alloc)
{
    enum wf_status st = wf_marks_sort(marks, alloc);
    if (st != WF_OK)
        return st;
    size_t n;
    const struct wf_mark *of = wf_marks_of(marks, old, &n);
    size_t first = n ? (size_t)(of - marks->items) : 0;
    for (size_t i = 0; i < n; i++) {
        struct wf_mark mark = marks->items[first + i]; /* adding may move the items */
        mark.member = now;
        if (wf_marks_has(marks, mark))
            continue;
        st = wf_marks_add(marks, mark, INT64_MAX, alloc);
        if (st != WF_OK)
            return st;
    }
    return wf_marks_sort(marks, alloc);
}

static void forget(struct wf_member_set *set, uint32_t member)
{
    if (member / 64 < set->n_words)
        set->words[member / 64] &= ~((uint64_t)1 << member % 64);
}

static enum wf_status merge_rule(struct wf_state *state, struct wf_rule_state *rule, uint32_t old,
                                 uint32_t now)
{
    enum wf_status st = WF_OK;
    if (wf_set_has(&rule->decided, old) && !wf_set_has(&rule->decided, now)) {
        st = wf_set_room(&rule->decided, (size_t)now + 1, state->alloc);
        if (st != WF_OK)
            return st;
        rule->decided.words[now / 64] |= (uint64_t)1 << now % 64;
        rule->decided.dirty = true;
    }
    st = merge_marks(&rule->marks, old, now, state->alloc);
    if (st == WF_OK)
        st = merge_marks(&rule->acted, old, now, state->alloc);
    return st;
}

enum wf_status wf_state_merge(struct wf_state *state, uint32_t old, uint32_t now, bool *done_out)
{
    struct wf_mark mark = {.member = old};
    wf_mark_number(mark.key, now);
    enum wf_status st = wf_marks_sort(&state->merged, state->alloc);
    if (st != WF_OK)
        return st;
    *done_out = !wf_marks_has(&state->merged, mark);
    if (!*done_out)
        return WF_OK;
    st = wf_marks_add(&state->merged, mark, INT64_MAX, state->alloc);
    for (size_t i = 0; st == WF_OK && i < state->n_rules; i++)
        st = merge_rule(state, &state->rules[i], old, now);
    for (size_t i = 0; st == WF_OK && i < state->n_journeys; i++)
        st = wf_entries_merge(&state->journeys[i], old, now, state->alloc);
    for (size_t i = 0; st == WF_OK && i < state->n_columns; i++) {
        forget(&state->columns[i].yes, old);
        forget(&state->columns[i].yes, now);
        forget(&state->columns[i].no, old);
        forget(&state->columns[i].no, now);
    }
    return st;
}

uint32_t wf_state_united(const struct wf_state *state, uint32_t member)
{
    enum { MAX_HOPS = 64 }; /* pairs that lead in a circle lead nowhere */
    for (int i = 0; i < MAX_HOPS; i++) {
        size_t n;
        const struct wf_mark *marks = wf_marks_of(&state->merged, member, &n);
        if (n == 0)
            break;
        int64_t now = wf_mark_to_number(marks[n - 1].key);
        if (now < 0 || (uint64_t)now >= state->members.n)
            break;
        member = (uint32_t)now;
    }
    return member;
}
