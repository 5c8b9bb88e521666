/*
 * Sets of events, their windows, and what is reduced of them.
 *
 * A row counts where: it has happened (before NOW), it lies in the window, and the written filter
 * is true. On a rejected row the filter is unknown (DOUBTED), but a readable time outside the
 * window still says no. The unseen past: where the window begins before the event's history does,
 * what the past could change is unknown, but for members who joined on or after that day.
 */
#include "lang/ir/lower_int.h"

/* ---- points of time and durations ---- */

struct wf_ir_duration duration_of(struct lowering *l, const struct wf_node *node)
{
    struct wf_ir_duration d = {0, WF_T_NONE};
    if (!node)
        return d;
    if (node->kind != WF_N_DURATION) {
        refuse(l, "duration");
        return d;
    }
    struct wf_value v = wf_literal(node, WF_T_NONE);
    return (struct wf_ir_duration){v.i, v.type};
}

uint32_t duration_const(struct lowering *l, const struct wf_node *node, bool negative)
{
    struct wf_ir_duration d = duration_of(l, node);
    if (d.unit == WF_T_NONE)
        return WF_NONE;
    return wf_irb_int(&l->b, (enum wf_type)d.unit, negative ? -d.count : d.count);
}

struct val lower_point(struct lowering *l, const struct wf_node *node)
{
    struct val v = lower_expr(l, node);
    return type_of(l, v.node) == WF_T_DATE ? val_1(l, WF_IR_MIDNIGHT, v) : v;
}

static uint32_t now(struct lowering *l)
{
    return wf_irb_param(&l->b, WF_PARAM_NOW, 0);
}

/* NOW moved by a literal duration. */
static uint32_t now_moved(struct lowering *l, const struct wf_node *duration, bool back)
{
    return mk2(l, WF_IR_TIME_ADD, now(l), duration_const(l, duration, back));
}

/* What a window asks of a point of time: from <= point < until; either may be WF_NONE. */
struct span {
    struct val from, until;
};

static struct span window_of(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *a = node->kid[WF_K_WINDOWED_A], *b = node->kid[WF_K_WINDOWED_B];
    struct span w = {exact(WF_NONE), exact(WF_NONE)};
    switch (node->op) {
    case WF_OP_IN_LAST:
    case WF_OP_WITHIN_LAST:
        w.from = exact(now_moved(l, a, true));
        w.until = exact(now(l));
        break;
    case WF_OP_IN_NEXT:
    case WF_OP_WITHIN_NEXT:
        w.from = exact(now(l));
        w.until = exact(now_moved(l, a, false));
        break;
    case WF_OP_OLDER: w.until = exact(now_moved(l, a, true)); break;
    case WF_OP_SINCE:
        w.from = lower_point(l, a);
        w.until = exact(now(l));
        break;
    case WF_OP_FROM_TO:
        w.from = lower_point(l, a);
        if (b)
            w.until = lower_point(l, b);
        break;
    default: refuse(l, "window");
    }
    return w;
}

struct val lower_windowed_value(struct lowering *l, const struct wf_node *node)
{
    struct val v = lower_point(l, node->kid[WF_K_WINDOWED_BASE]);
    struct span w = window_of(l, node);
    struct val result = exact(WF_NONE);
    if (w.from.node != WF_NONE)
        result = val_2(l, WF_IR_GE, v, w.from);
    if (w.until.node == WF_NONE)
        return result;
    struct val until = val_2(l, WF_IR_LT, v, w.until);
    return result.node == WF_NONE ? until : val_2(l, WF_IR_AND, result, until);
}

/* ---- sets ---- */

uint32_t set_at(struct lowering *l, const struct set *set)
{
    if (set->record->sent) {
        struct wf_ir_input input = {.domain = (uint16_t)(WF_DOM_EVENT + set->view),
                                    .type = WF_T_TIME,
                                    .record = WF_NONE,
                                    .field = WF_SENT_AT,
                                    .via_field = WF_NONE};
        return wf_irb_col(&l->b, wf_irb_input(&l->b, &input));
    }
    return event_column(l, set->view, set->record, set->record->at, NULL);
}

/* SINCE of a view known and not later than `from`; `from` WF_NONE: only if it is from ever. */
static uint32_t starts_within(struct lowering *l, uint32_t view, uint32_t from)
{
    uint32_t since = wf_irb_param(&l->b, WF_PARAM_SINCE, view);
    uint32_t ever = mk1(l, WF_IR_MISSING, since);
    return from == WF_NONE ? ever : mk2(l, WF_IR_OR, ever, mk2(l, WF_IR_GE, from, since));
}

uint32_t since_entry(struct lowering *l, const struct set *set)
{
    uint32_t entry = wf_irb_node(&l->b, WF_IR_ENTRY, 0, 0, 0);
    uint32_t entered = wf_irb_node(&l->b, WF_IR_ENTERED, set->view, 0, 0);
    enum wf_ir_op since = l->enters_by_last ? WF_IR_GT : WF_IR_GE;
    return both(l, mk2(l, since, set_at(l, set), entry), mk1(l, WF_IR_NOT, entered));
}

/* `since entry`; in a goal that is looked at late its window ends with the goal's. */
static void add_entry_window(struct lowering *l, struct set *set)
{
    uint32_t entry = wf_irb_node(&l->b, WF_IR_ENTRY, 0, 0, 0);
    set->window = both(l, set->window, since_entry(l, set));
    if (l->entry_until != WF_NONE) {
        uint32_t in_time = mk2(l, WF_IR_LE, set_at(l, set), l->entry_until);
        set->window = both(l, set->window, in_time);
        l->clamped = true;
    }
    uint32_t starts = starts_within(l, set->view, entry);
    set->starts = set->starts == WF_NONE ? starts : mk2(l, WF_IR_OR, set->starts, starts);
}

static void add_window(struct lowering *l, const struct wf_node *node, struct set *set)
{
    if (node->op == WF_OP_SINCE && node->kid[WF_K_WINDOWED_A]->kind == WF_N_ENTRY) {
        add_entry_window(l, set);
        return;
    }
    struct span w = window_of(l, node);
    uint32_t at = set_at(l, set);
    if (w.from.node != WF_NONE) {
        set->window = both(l, set->window, mk2(l, WF_IR_GE, at, w.from.node));
        uint32_t starts = starts_within(l, set->view, w.from.node);
        set->starts = set->starts == WF_NONE ? starts : mk2(l, WF_IR_OR, set->starts, starts);
    }
    if (w.until.node != WF_NONE && w.until.node != now(l))
        set->window = both(l, set->window, mk2(l, WF_IR_LT, at, w.until.node));
    set->future |= node->op == WF_OP_IN_NEXT || node->op == WF_OP_WITHIN_NEXT;
}

/* The event that a set is of, and by which field its members refer to us (WF_NONE: their own). */
static const struct wf_record *root_of(const struct wf_node *node, uint32_t *by_out)
{
    while (node) {
        switch (node->kind) {
        case WF_N_NAME:
            if (!node->sym)
                return NULL;
            return node->sym->kind == WF_SYM_WORD ? node->sym->event->record : node->sym->record;
        case WF_N_FILTER: node = node->kid[WF_K_FILTER_BASE]; break;
        case WF_N_WINDOWED: node = node->kid[WF_K_WINDOWED_BASE]; break;
        case WF_N_FOLLOWED: node = node->kid[WF_K_FOLLOWED_FIRST]; break;
        case WF_N_AGG: node = node->kid[WF_K_AGG_SET]; break;
        case WF_N_FIELD: node = node->kid[WF_K_FIELD_BASE]; break;
        case WF_N_BY:
            if (node->sym && node->sym->field)
                *by_out = node->sym->field->index;
            node = node->kid[WF_K_BY_BASE];
            break;
        default: return NULL;
        }
    }
    return NULL;
}

/* E that F follows: true rows of E whose time an F comes after, no later than W. An F before its
 * own history begins may have been: there `no` is unknown. */
static void add_followed(struct lowering *l, const struct wf_node *node, struct set *set)
{
    struct set then = lower_set(l, node->kid[WF_K_FOLLOWED_THEN]);
    struct wf_ir_duration within = duration_of(l, node->kid[WF_K_FOLLOWED_WITHIN]);
    if (l->b.status != WF_OK)
        return;
    struct wf_ir_follow row = {.view = then.view,
                               .filter = set_filter(l, &then),
                               .unit = within.unit,
                               .within = within.count};
    uint32_t at = set_at(l, set);
    uint32_t first = set->user != WF_NONE ? set->user : mk2(l, WF_IR_LT, at, now(l));
    if (l->b.status == WF_OK && l->ir->nodes[first].domain < WF_DOM_EVENT)
        first = mk2(l, WF_IR_AND, mk2(l, WF_IR_LT, at, now(l)), first);
    uint32_t followed = wf_irb_2(&l->b, WF_IR_FOLLOWED, first, wf_irb_follow(&l->b, &row));
    if (then.record != set->record) {
        uint32_t seen = starts_within(l, then.view, at);
        followed =
            mk2(l, WF_IR_WITHIN, followed, mk2(l, WF_IR_OR, followed, mk1(l, WF_IR_NOT, seen)));
    }
    set->user = followed;
}

static void add_parts(struct lowering *l, const struct wf_node *node, struct set *set)
{
    uint32_t outer = l->view;
    switch (node->kind) {
    case WF_N_NAME: break;
    case WF_N_FILTER:
        add_parts(l, node->kid[WF_K_FILTER_BASE], set);
        l->view = set->view;
        set->user = both(l, set->user, lower_cond(l, node->kid[WF_K_FILTER_COND]));
        l->view = outer;
        break;
    case WF_N_WINDOWED:
        add_parts(l, node->kid[WF_K_WINDOWED_BASE], set);
        add_window(l, node, set);
        break;
    case WF_N_BY: add_parts(l, node->kid[WF_K_BY_BASE], set); break;
    case WF_N_FIELD: add_parts(l, node->kid[WF_K_FIELD_BASE], set); break;
    case WF_N_AGG: add_parts(l, node->kid[WF_K_AGG_SET], set); break; /* any E followed by F */
    case WF_N_FOLLOWED:
        add_parts(l, node->kid[WF_K_FOLLOWED_FIRST], set);
        add_followed(l, node, set);
        break;
    default: refuse(l, "event set");
    }
}

struct set lower_set(struct lowering *l, const struct wf_node *node)
{
    uint32_t by = WF_NONE;
    const struct wf_record *record = root_of(node, &by);
    struct set set = {.record = record, .user = WF_NONE, .window = WF_NONE, .starts = WF_NONE};
    if (!record) {
        set.record = l->checked->sent; /* anything with fields: the lowering has failed */
        refuse(l, "set of no event");
        return set;
    }
    set.view = wf_irb_view(&l->b, record->sent ? WF_NONE : record->index, by, record->sent);
    if (l->b.status == WF_OK)
        add_parts(l, node, &set);
    return set;
}

uint32_t set_filter(struct lowering *l, const struct set *set)
{
    uint32_t at = set_at(l, set);
    uint32_t happened = set->future ? mk2(l, WF_IR_GE, at, now(l)) : mk2(l, WF_IR_LT, at, now(l));
    uint32_t base = both(l, happened, set->window);
    uint32_t user = set->user == WF_NONE ? happened : set->user;
    if (l->b.status != WF_OK)
        return WF_NONE;
    if (set->record->sent) /* the ledger is ours: no row of it was rejected */
        return both(l, base, user == happened ? WF_NONE : user);
    if (l->ir->nodes[user].domain < WF_DOM_EVENT) /* a filter that reads no field of the event */
        user = mk2(l, WF_IR_AND, happened, user);
    return mk2(l, WF_IR_AND, base, mk1(l, WF_IR_DOUBTED, user));
}

/* ---- the unseen past ---- */

uint32_t set_seen(struct lowering *l, const struct set *set)
{
    bool run = set->starts != WF_NONE && l->b.status == WF_OK &&
               l->ir->nodes[set->starts].domain == WF_DOM_RUN;
    return run ? set->starts : starts_within(l, set->view, WF_NONE);
}

/* Bool MEMBER or RUN node: all that the set means has been seen. `sent` is complete from `init`. */
static uint32_t covered(struct lowering *l, const struct set *set)
{
    uint32_t seen = set->starts != WF_NONE ? set->starts : starts_within(l, set->view, WF_NONE);
    const struct wf_field *joined = member_field(l, "joined");
    if (l->b.status != WF_OK || l->ir->views[set->view].by != WF_NONE || !joined ||
        (joined->type->base != WF_T_DATE && joined->type->base != WF_T_TIME))
        return seen;
    uint32_t day = wf_irb_col(&l->b, member_input(l, joined, NULL, true));
    if (joined->type->base == WF_T_TIME)
        day = mk1(l, WF_IR_DATE_OF, day);
    uint32_t since = wf_irb_param(&l->b, WF_PARAM_SINCE, set->view);
    return mk2(l, WF_IR_OR, seen, mk2(l, WF_IR_GE, day, mk1(l, WF_IR_DATE_OF, since)));
}

static uint32_t where(struct lowering *l, uint32_t cond, uint32_t node)
{
    return mk3(l, WF_IR_SELECT, cond, node, missing(l, type_of(l, node)));
}

/* ---- aggregates ---- */

uint32_t agg_row(struct lowering *l, enum wf_ir_agg_kind kind, enum wf_type type,
                 const struct set *set, uint32_t value)
{
    struct wf_ir_agg row = {.kind = (uint8_t)kind,
                            .type = (uint8_t)type,
                            .view = set->view,
                            .filter = set_filter(l, set),
                            .value = value};
    return l->b.status == WF_OK ? wf_irb_agg(&l->b, &row) : WF_NONE;
}

static uint32_t part(struct lowering *l, uint32_t agg, enum wf_ir_part which)
{
    return agg == WF_NONE ? WF_NONE : wf_irb_aggpart(&l->b, agg, which);
}

/* Counts, sums, numbers of distinct values: known between two bounds. What was not seen can only
 * add to a count, but may take from a sum. */
static struct val bounded(struct lowering *l, uint32_t agg, const struct set *set, bool grows)
{
    uint32_t seen = covered(l, set);
    struct val v = {.sure = both(l, part(l, agg, WF_PART_SURE), seen)};
    v.lo = part(l, agg, WF_PART_LO);
    if (!grows)
        v.lo = where(l, seen, v.lo);
    v.hi = where(l, seen, part(l, agg, WF_PART_HI));
    v.node = where(l, seen, part(l, agg, WF_PART_VALUE));
    return v;
}

/* What one more event of the past could change; the last one it could not, if there is one. */
static struct val settled(struct lowering *l, uint32_t agg, const struct set *set, bool last)
{
    uint32_t seen = covered(l, set);
    struct val v = exact(part(l, agg, WF_PART_VALUE));
    if (last)
        seen = mk2(l, WF_IR_OR, seen, mk1(l, WF_IR_PRESENT, v.node));
    else
        v.node = where(l, seen, v.node);
    v.sure = both(l, part(l, agg, WF_PART_SURE), seen);
    return v;
}

struct val any_of(struct lowering *l, const struct set *set)
{
    uint32_t agg = agg_row(l, WF_AGG_COUNT, WF_T_INT, set, WF_NONE);
    struct val count = bounded(l, agg, set, true);
    return val_compare(l, WF_OP_GT, count, exact(wf_irb_int(&l->b, WF_T_INT, 0)));
}

struct reduction {
    uint8_t op;
    uint8_t kind, kind_of; /* over events; over a field of theirs */
    uint8_t type;          /* WF_T_NONE: the field's */
};

static const struct reduction *reduction_of(uint8_t op)
{
    static const struct reduction table[] = {
        {WF_OP_COUNT, WF_AGG_COUNT, WF_AGG_COUNT_, WF_T_INT},
        {WF_OP_SUM, WF_AGG_COUNT_, WF_AGG_SUM, WF_T_NONE},
        {WF_OP_AVERAGE, WF_AGG_COUNT_, WF_AGG_AVERAGE, WF_T_NUMBER},
        {WF_OP_MIN, WF_AGG_COUNT_, WF_AGG_MIN, WF_T_NONE},
        {WF_OP_MAX, WF_AGG_COUNT_, WF_AGG_MAX, WF_T_NONE},
        {WF_OP_DISTINCT, WF_AGG_COUNT_, WF_AGG_DISTINCT, WF_T_INT},
        {WF_OP_FIRST, WF_AGG_FIRST, WF_AGG_FIRST_OF, WF_T_NONE},
        {WF_OP_LAST, WF_AGG_LAST, WF_AGG_LAST_OF, WF_T_NONE},
        {WF_OP_GAP, WF_AGG_GAP, WF_AGG_COUNT_, WF_T_DAYS},
        {WF_OP_HOUR, WF_AGG_HOUR, WF_AGG_COUNT_, WF_T_CLOCK},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].op == op)
            return &table[i];
    return NULL;
}

/* The field of the rows that is reduced, `amount` of `purchase[...].amount in last 90d`: a FIELD
 * somewhere in the chain of postfixes; NULL: the events themselves. */
static const struct wf_node *reduced_field(const struct wf_node *node)
{
    for (; node; node = node->kid[0]) /* BASE is the first kid of each postfix */
        if (node->kind == WF_N_FIELD && node->form == WF_FORM_EVENT_VALUES)
            return node;
    return NULL;
}

static uint32_t value_of(struct lowering *l, const struct wf_node *field, const struct set *set)
{
    if (!field->sym || !field->sym->field || l->b.status != WF_OK)
        return refuse(l, "field of an event set");
    return event_column(l, set->view, set->record, field->sym->field, NULL);
}

struct val lower_agg(struct lowering *l, const struct wf_node *node)
{
    const struct wf_node *operand = node->kid[WF_K_AGG_SET];
    const struct wf_node *field = reduced_field(operand);
    struct set set = lower_set(l, operand);
    if (l->b.status != WF_OK)
        return exact(WF_NONE);
    if (node->op == WF_OP_ANY)
        return any_of(l, &set);
    if (node->op == WF_OP_NO)
        return val_1(l, WF_IR_NOT, any_of(l, &set));
    const struct reduction *r = reduction_of(node->op);
    if (!r)
        return exact(refuse(l, "aggregate"));
    uint32_t value = field ? value_of(l, field, &set) : WF_NONE;
    enum wf_type type = (enum wf_type)r->type;
    if (type == WF_T_NONE)
        type = field ? type_of(l, value) : WF_T_TIME;
    uint32_t agg =
        agg_row(l, field ? (enum wf_ir_agg_kind)r->kind_of : (enum wf_ir_agg_kind)r->kind, type,
                &set, value);
    if (node->op == WF_OP_COUNT || node->op == WF_OP_DISTINCT)
        return bounded(l, agg, &set, true);
    if (node->op == WF_OP_SUM)
        return bounded(l, agg, &set, false);
    return settled(l, agg, &set, node->op == WF_OP_LAST);
}
