/*
 * diff_who.c - who is in which segment and class by the old rules and by the new ones.
 *
 * Each night left what it saw in its state: for each segment and each value of a classify, who is
 * known to be in it and who is known not to be.
 */
#include <string.h>

#include "runtime/run/action.h"
#include "runtime/run/diff_int.h"

enum truth { UNKNOWN = -1, OUT, IN };

/* What one side's night saw of a condition; NULL column: it has none. */
struct seen {
    const struct wf_diff_side *side;
    const struct wf_column_state *column;
};

static struct seen seen(struct wf_diffing *d, int side, const char *kind, const char *name,
                        const char *value)
{
    struct seen s = {.side = &d->side[side]};
    struct wf_buf text;
    wf_buf_init(&text, d->alloc, 0);
    wf_buf_addf(&text, value ? "%s %s=%s" : "%s %s", kind, name, value);
    if (!text.failed)
        s.column = wf_state_column(s.side->night->state, wf_buf_str(&text));
    d->nomem |= text.failed;
    wf_buf_release(&text);
    if (s.column && s.column->t != s.side->night->now)
        s.column = NULL; /* of an earlier night: these rules have none of that name */
    return s;
}

/* Who is not among a side's members is not in it. */
static enum truth truth_of(const struct seen *s, uint32_t member)
{
    uint32_t row = s->side->row[member];
    if (row == WF_NO_MEMBER || !s->column)
        return OUT;
    uint32_t ordinal = wf_roster_ordinal(&s->side->outcome->roster, row);
    if (wf_set_has(&s->column->yes, ordinal))
        return IN;
    return wf_set_has(&s->column->no, ordinal) ? OUT : UNKNOWN;
}

/* ---- segments ---- */

static const struct wf_ir_segment *segment_named(const struct wf_ir *ir, const char *name)
{
    for (uint32_t i = 0; i < ir->n_segments; i++)
        if (strcmp(wf_ir_text(ir, ir->segments[i].name), name) == 0)
            return &ir->segments[i];
    return NULL;
}

static void tell_segment(struct wf_diffing *d, int out_of, const struct wf_ir_segment *segment,
                         uint32_t member, struct wf_diff_sample *sample)
{
    if (!sample || !segment)
        return;
    struct wf_buf why;
    wf_buf_init(&why, d->alloc, 0);
    wf_diff_fails(d, out_of, segment->atoms_first, segment->atoms_count, member, &why);
    sample->why = wf_diff_keep_buf(d, &why);
}

static void compare_segment(struct wf_diffing *d, const char *name, struct wf_diff_segment *out)
{
    struct seen was = seen(d, WF_DIFF_OLD, "segment", name, NULL);
    struct seen is = seen(d, WF_DIFF_NEW, "segment", name, NULL);
    const struct wf_ir_segment *old = segment_named(d->side[WF_DIFF_OLD].ir, name);
    const struct wf_ir_segment *now = segment_named(d->side[WF_DIFF_NEW].ir, name);
    out->there[WF_DIFF_OLD] = old != NULL;
    out->there[WF_DIFF_NEW] = now != NULL;
    for (uint32_t i = 0; i < d->n_members; i++) {
        uint32_t member = d->by_id[i];
        enum truth a = truth_of(&was, member), b = truth_of(&is, member);
        out->size[WF_DIFF_OLD] += a == IN;
        out->size[WF_DIFF_NEW] += b == IN;
        out->unknown[WF_DIFF_OLD] += a == UNKNOWN;
        out->unknown[WF_DIFF_NEW] += b == UNKNOWN;
        if (a == b || !old || !now)
            continue;
        if (b == IN)
            tell_segment(d, WF_DIFF_OLD, old, member, wf_diff_count(d, &out->entered, member));
        else if (a == IN)
            tell_segment(d, WF_DIFF_NEW, now, member, wf_diff_count(d, &out->left, member));
        else
            tell_segment(d, a == UNKNOWN ? WF_DIFF_OLD : WF_DIFF_NEW, a == UNKNOWN ? old : now,
                         member, wf_diff_count(d, &out->doubt, member));
    }
}

static void add_segment(struct wf_diffing *d, const char *name)
{
    struct wf_diff *diff = d->out;
    struct wf_diff_segment *out =
        wf_diff_more(d, &diff->segments, &diff->n_segments, &diff->room_segments, sizeof(*out));
    if (!out)
        return;
    out->name = wf_diff_keep(d, name, strlen(name));
    compare_segment(d, name, out);
    if (out->there[0] == out->there[1] && !out->entered.n && !out->left.n && !out->doubt.n)
        diff->n_segments--;
}

void wf_diff_segments(struct wf_diffing *d)
{
    const struct wf_ir *old = d->side[WF_DIFF_OLD].ir, *now = d->side[WF_DIFF_NEW].ir;
    for (uint32_t i = 0; i < now->n_segments; i++)
        add_segment(d, wf_ir_text(now, now->segments[i].name));
    for (uint32_t i = 0; i < old->n_segments; i++) {
        const char *name = wf_ir_text(old, old->segments[i].name);
        if (!segment_named(now, name))
            add_segment(d, name);
    }
}

/* ---- classes ---- */

/* The values of one classify, of both sides: the new side's in their order, then the rest. */
struct classify {
    const char *name;
    const char **values;
    struct seen *seen[WF_DIFF_SIDES];
    const struct wf_ir_class **rows[WF_DIFF_SIDES]; /* NULL: this side has no such value */
    uint64_t *size[WF_DIFF_SIDES];
    size_t n;
};

static bool has_value(const struct classify *c, const char *value)
{
    for (size_t i = 0; i < c->n; i++)
        if (strcmp(c->values[i], value) == 0)
            return true;
    return false;
}

static void add_values(struct wf_diffing *d, struct classify *c, int side)
{
    const struct wf_ir *ir = d->side[side].ir;
    for (uint32_t i = 0; i < ir->n_classes; i++) {
        const char *value = wf_ir_text(ir, ir->classes[i].name);
        if (strcmp(wf_ir_text(ir, ir->classes[i].classify), c->name) == 0 && !has_value(c, value))
            c->values[c->n++] = value;
    }
}

static const struct wf_ir_class *class_row(const struct wf_ir *ir, const char *classify,
                                           const char *value)
{
    for (uint32_t i = 0; i < ir->n_classes; i++)
        if (strcmp(wf_ir_text(ir, ir->classes[i].classify), classify) == 0 &&
            strcmp(wf_ir_text(ir, ir->classes[i].name), value) == 0)
            return &ir->classes[i];
    return NULL;
}

static bool classify_init(struct wf_diffing *d, struct classify *c, const char *name)
{
    size_t most = d->side[0].ir->n_classes + d->side[1].ir->n_classes;
    *c = (struct classify){.name = name, .values = wf_calloc(d->alloc, most, sizeof(*c->values))};
    d->nomem |= !c->values;
    for (int side = WF_DIFF_SIDES; side-- > 0 && !d->nomem;)
        add_values(d, c, side);
    for (int side = 0; side < WF_DIFF_SIDES && !d->nomem; side++) {
        c->seen[side] = wf_calloc(d->alloc, most, sizeof(*c->seen[side]));
        c->rows[side] = wf_calloc(d->alloc, most, sizeof(const struct wf_ir_class *));
        c->size[side] = wf_calloc(d->alloc, most, sizeof(*c->size[side]));
        d->nomem |= !c->seen[side] || !c->rows[side] || !c->size[side];
        for (size_t v = 0; v < c->n && !d->nomem; v++) {
            c->seen[side][v] = seen(d, side, "class", name, c->values[v]);
            c->rows[side][v] = class_row(d->side[side].ir, name, c->values[v]);
        }
    }
    return !d->nomem;
}

static void classify_release(const struct wf_diffing *d, struct classify *c)
{
    wf_free(d->alloc, c->values);
    for (int side = 0; side < WF_DIFF_SIDES; side++) {
        wf_free(d->alloc, c->seen[side]);
        wf_free(d->alloc, c->rows[side]);
        wf_free(d->alloc, c->size[side]);
    }
}

/* The value that holds for a member; c->n: none is known to. */
static size_t value_of(const struct classify *c, int side, uint32_t member)
{
    for (size_t v = 0; v < c->n; v++)
        if (truth_of(&c->seen[side][v], member) == IN)
            return v;
    return c->n;
}

/*
 * Why it is the other value now: by the old rules the new value's own condition failed, or else by
 * the new rules that of the old value fails.
 */
static void tell_move(struct wf_diffing *d, const struct classify *c, size_t from, size_t to,
                      uint32_t member, struct wf_diff_sample *sample)
{
    const struct wf_ir_class *old = to < c->n ? c->rows[WF_DIFF_OLD][to] : NULL;
    const struct wf_ir_class *now = from < c->n ? c->rows[WF_DIFF_NEW][from] : NULL;
    struct wf_buf why;
    if (!sample)
        return;
    wf_buf_init(&why, d->alloc, 0);
    if (old)
        wf_diff_fails(d, WF_DIFF_OLD, old->atoms_first, old->atoms_count, member, &why);
    if (why.len == 0 && now)
        wf_diff_fails(d, WF_DIFF_NEW, now->atoms_first, now->atoms_count, member, &why);
    sample->why = wf_diff_keep_buf(d, &why);
}

static struct wf_diff_move *move_of(struct wf_diffing *d, const struct classify *c, size_t from,
                                    size_t to, size_t first)
{
    const char *a = from < c->n ? c->values[from] : "", *b = to < c->n ? c->values[to] : "";
    struct wf_diff *diff = d->out;
    for (size_t i = first; i < diff->n_moves; i++)
        if (strcmp(diff->moves[i].from, a) == 0 && strcmp(diff->moves[i].to, b) == 0)
            return &diff->moves[i];
    struct wf_diff_move *move =
        wf_diff_more(d, &diff->moves, &diff->n_moves, &diff->room_moves, sizeof(*move));
    if (move)
        *move = (struct wf_diff_move){.classify = wf_diff_keep(d, c->name, strlen(c->name)),
                                      .from = wf_diff_keep(d, a, strlen(a)),
                                      .to = wf_diff_keep(d, b, strlen(b))};
    return move;
}

static void compare_classify(struct wf_diffing *d, struct classify *c)
{
    struct wf_diff *diff = d->out;
    size_t first = diff->n_moves;
    for (uint32_t i = 0; i < d->n_members; i++) {
        uint32_t member = d->by_id[i];
        size_t from = value_of(c, WF_DIFF_OLD, member), to = value_of(c, WF_DIFF_NEW, member);
        if (from < c->n)
            c->size[WF_DIFF_OLD][from]++;
        if (to < c->n)
            c->size[WF_DIFF_NEW][to]++;
        struct wf_diff_move *move = from == to ? NULL : move_of(d, c, from, to, first);
        if (move)
            tell_move(d, c, from, to, member, wf_diff_count(d, &move->who, member));
    }
    for (size_t v = 0; v < c->n && diff->n_moves > first; v++) {
        struct wf_diff_class *row =
            wf_diff_more(d, &diff->classes, &diff->n_classes, &diff->room_classes, sizeof(*row));
        if (row)
            *row = (struct wf_diff_class){
                .classify = diff->moves[first].classify,
                .name = wf_diff_keep(d, c->values[v], strlen(c->values[v])),
                .size = {c->size[WF_DIFF_OLD][v], c->size[WF_DIFF_NEW][v]},
            };
    }
}

/* Whether a row is the first of its classify on its side. */
static bool begins_classify(const struct wf_ir *ir, uint32_t i)
{
    return i == 0 || strcmp(wf_ir_text(ir, ir->classes[i].classify),
                            wf_ir_text(ir, ir->classes[i - 1].classify)) != 0;
}

/* A classify that only one side has moves nobody: its declaration says so. */
void wf_diff_classes(struct wf_diffing *d)
{
    const struct wf_ir *old = d->side[WF_DIFF_OLD].ir, *now = d->side[WF_DIFF_NEW].ir;
    for (uint32_t i = 0; i < now->n_classes && !d->nomem; i++) {
        const char *name = wf_ir_text(now, now->classes[i].classify);
        struct classify c;
        bool both = false;
        for (uint32_t k = 0; k < old->n_classes; k++)
            both |= strcmp(wf_ir_text(old, old->classes[k].classify), name) == 0;
        if (!begins_classify(now, i) || !both)
            continue;
        if (classify_init(d, &c, name))
            compare_classify(d, &c);
        classify_release(d, &c);
    }
}
