/*
 * Triggers: the moment becomes a due time, an occurrence's key and a floor; the other and-terms
 * become the guard.
 */
#include "lang/base/checked.h"
#include "lang/ir/lower_int.h"

/* ---- the durations that move a moment ---- */

/* The operand of `moment ± duration` that holds the moment. */
static const struct wf_node *moved_part(const struct wf_node *node, const struct wf_node **by_out)
{
    const struct wf_node *left = node->kid[WF_K_BINARY_LEFT];
    const struct wf_node *right = node->kid[WF_K_BINARY_RIGHT];
    bool swapped = left->kind == WF_N_DURATION;
    *by_out = swapped ? left : right;
    return swapped ? right : left;
}

static bool is_moved(const struct wf_node *node)
{
    return node->kind == WF_N_BINARY && (node->op == WF_OP_ADD || node->op == WF_OP_SUB);
}

/* A let stands for its value. */
static const struct wf_node *look_through(const struct wf_node *node)
{
    while (node && node->kind == WF_N_NAME && node->sym && node->sym->kind == WF_SYM_LET)
        node = node->sym->node->kid[WF_K_LET_VALUE];
    return node;
}

/* Adds what lies between the moment and its core; literal durations only, others count as 0 or
 * more.
 */
static void add_offset(struct lowering *l, const struct wf_node *node, const struct wf_node *core,
                       struct wf_ir_anniv *sum)
{
    for (node = look_through(node); node && node != core && is_moved(node);
         node = look_through(node)) {
        const struct wf_node *by;
        int64_t sign = node->op == WF_OP_SUB ? -1 : 1;
        node = moved_part(node, &by);
        if (by->kind != WF_N_DURATION)
            continue;
        struct wf_ir_duration d = duration_of(l, by);
        int64_t *part = d.unit == WF_T_MONTHS ? &sum->months
                        : d.unit == WF_T_DAYS ? &sum->days
                                              : &sum->seconds;
        if (!wf_add_i64(*part, sign * d.count, part))
            *part = sign > 0 ? INT64_MAX : -INT64_MAX;
    }
}

bool is_unmoved(struct lowering *l, const struct wf_rule *rule)
{
    const struct wf_node *node = look_through(rule->moment), *by;
    struct wf_ir_anniv sum = {0};
    for (; node && node != rule->core && is_moved(node);
         node = look_through(moved_part(node, &by))) {
        moved_part(node, &by);
        if (by->kind != WF_N_DURATION)
            return false; /* as long as the data say */
    }
    add_offset(l, rule->moment, rule->core, &sum);
    return sum.months == 0 && sum.days == 0 && sum.seconds == 0;
}

static bool is_not_before(const struct wf_ir_anniv *offset)
{
    double days = (double)offset->months * 30 + (double)offset->days +
                  (double)offset->seconds / (double)WF_DAY_SECONDS;
    return days >= 0;
}

/* The instant `base` moved as the moment says; base stands for the core. */
static uint32_t move(struct lowering *l, const struct wf_node *node, const struct wf_node *core,
                     uint32_t base)
{
    node = look_through(node);
    if (!node || node == core || !is_moved(node))
        return base;
    const struct wf_node *by;
    const struct wf_node *inner = moved_part(node, &by);
    uint32_t from = move(l, inner, core, base);
    bool back = node->op == WF_OP_SUB;
    uint32_t duration;
    if (by->kind == WF_N_DURATION) {
        duration = duration_const(l, by, back);
    } else {
        duration = lower_expr(l, by).node;
        if (back)
            duration = mk1(l, WF_IR_NEG, duration);
    }
    return mk2(l, WF_IR_TIME_ADD, from, duration);
}

/* ---- moments ---- */

static void set_due(struct lowering *l, struct wf_ir_trigger *t, uint32_t due)
{
    uint32_t now = wf_irb_param(&l->b, WF_PARAM_NOW, 0);
    uint32_t floor = wf_irb_param(&l->b, WF_PARAM_FLOOR, l->ir->n_triggers);
    t->due = due;
    t->due_le_now = mk2(l, WF_IR_LE, due, now);
    t->due_ge_floor = mk2(l, WF_IR_GE, due, floor);
}

static void time_moment(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    uint32_t due = lower_expr(l, rule->moment).node;
    t->due_is_date = type_of(l, due) == WF_T_DATE;
    if (t->due_is_date)
        due = mk1(l, WF_IR_MIDNIGHT, due);
    set_due(l, t, due);
    struct wf_ir_anniv offset = {0};
    add_offset(l, rule->moment, rule->core, &offset);
    t->missed_after = is_not_before(&offset) || rule->core->kind == WF_N_AGG;
}

static void last_moment(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    time_moment(l, rule, t);
    t->missed_after = true;
    struct set set = lower_set(l, rule->core->kid[WF_K_AGG_SET]);
    if (l->b.status == WF_OK)
        t->agg_last = agg_row(l, WF_AGG_LAST, WF_T_TIME, &set, WF_NONE);
}

static void anniversary_moment(struct lowering *l, const struct wf_rule *rule,
                               struct wf_ir_trigger *t)
{
    const struct wf_node *core = rule->core;
    struct wf_ir_anniv row = {.feb29 = WF_FEB28};
    if (core->op == WF_OP_MAR1)
        row.feb29 = WF_MAR1;
    else if (core->op == WF_OP_SKIP)
        row.feb29 = WF_FEB_SKIP;
    add_offset(l, rule->moment, core, &row);
    uint32_t date = lower_expr(l, core->kid[WF_K_ANNIVERSARY_OF]).node;
    if (type_of(l, date) == WF_T_TIME)
        date = mk1(l, WF_IR_DATE_OF, date);
    uint32_t anniv = wf_irb_anniv(&l->b, &row);
    set_due(l, t, wf_irb_2(&l->b, WF_IR_ANNIVERSARY, date, anniv));
    t->year = wf_irb_2(&l->b, WF_IR_ANNIV_YEAR, date, anniv);
    t->due_is_date = row.seconds == 0;
    t->missed_after = is_not_before(&row);
}

static void event_moment(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    struct set set = lower_set(l, rule->core);
    if (l->b.status != WF_OK)
        return;
    t->view = set.view;
    t->filter = set_filter(l, &set);
    set_due(l, t, move(l, rule->moment, rule->core, set_at(l, &set)));
    t->missed_after = true;
}

static void crossing_moment(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    const struct wf_node *core = rule->core;
    const struct wf_node *to = core->kid[WF_K_CROSSING_TO];
    const struct wf_node *from = core->kid[WF_K_CROSSING_FROM];
    t->leaves = core->op == WF_OP_LEAVES;
    if (core->form == WF_FORM_SEGMENT_MOVE) {
        t->watch = watch_segment(l, to->sym);
        return;
    }
    const struct wf_symbol *classify = core->kid[WF_K_CROSSING_SUBJECT]->sym;
    t->watch = watch_class(l, classify, (uint32_t)to->num);
    if (from)
        t->from_watch = watch_class(l, classify, (uint32_t)from->num);
}

static void calendar_moment(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    const struct wf_node *core = rule->core;
    const struct wf_node *from = core->kid[WF_K_EVERY_FROM];
    struct wf_ir_calendar *c = &t->calendar;
    struct wf_ir_duration every;
    switch (core->op) {
    case WF_OP_WEEKDAY:
        c->kind = WF_CAL_WEEKDAY;
        c->weekdays = (uint8_t)(1u << (core->num & 7));
        break;
    case WF_OP_MONTH_DAY:
        c->kind = WF_CAL_MONTH_DAY;
        c->n = (int32_t)core->num;
        break;
    case WF_OP_EVERY_DAYS:
        c->kind = WF_CAL_EVERY_DAYS;
        every = duration_of(l, core->kid[WF_K_EVERY_EVERY]);
        if (every.unit != WF_T_DAYS || every.count < 1 || every.count > INT32_MAX)
            refuse(l, "every that is not of days");
        c->n = (int32_t)every.count;
        break;
    default: c->kind = WF_CAL_ON_DATE; break;
    }
    if (from)
        c->from = (int32_t)from->num;
    t->due_is_date = true;
}

/* ---- what names the rule for ever ---- */

/* The event at the root of a set, for a moment's name. */
static const struct wf_str *event_name(const struct wf_node *node)
{
    while (node && node->kind != WF_N_NAME)
        node = node->kid[0]; /* BASE, SET and FIRST are each the first kid */
    if (!node || !node->sym)
        return NULL;
    const struct wf_symbol *sym = node->sym->kind == WF_SYM_WORD ? node->sym->event : node->sym;
    return sym->name;
}

/* Another field, event or kind of moment makes another rule of it; another offset does not. */
static void add_moment_name(const struct wf_rule *rule, struct wf_buf *out)
{
    const struct wf_node *core = rule->core;
    const struct wf_str *event = NULL;
    switch ((enum wf_rule_moment)rule->kind) {
    case WF_RULE_TIME:
        event = core->kind == WF_N_AGG ? event_name(core) : NULL;
        if (event)
            wf_buf_addf(out, "%s %s", wf_op_text((enum wf_op)core->op), event->text);
        else
            wf_print_canonical(out, core);
        break;
    case WF_RULE_LAST:
        event = event_name(core);
        wf_buf_addf(out, "last %s", event ? event->text : "");
        break;
    case WF_RULE_EVENT:
        event = event_name(core);
        wf_buf_addf(out, "event %s", event ? event->text : "");
        break;
    case WF_RULE_ANNIVERSARY:
        wf_buf_adds(out, "anniversary of ");
        wf_print_canonical(out, core->kid[WF_K_ANNIVERSARY_OF]);
        break;
    case WF_RULE_CROSSING: wf_print_canonical(out, core); break;
    case WF_RULE_CALENDAR: wf_buf_adds(out, "calendar"); break;
    case WF_RULE_CONDITION: wf_buf_adds(out, "condition"); break;
    }
}

static uint32_t identity_text(struct lowering *l, const struct wf_rule *rule,
                              const struct wf_str *base)
{
    struct wf_buf text;
    wf_buf_init(&text, l->b.alloc, 0);
    wf_buf_adds(&text, rule->journey ? "journey " : ""); /* no trigger's name has a space */
    wf_buf_add(&text, base->text, base->len);
    if (rule->journey || rule->node->name) {
        wf_buf_adds(&text, " / ");
        add_moment_name(rule, &text);
    }
    uint32_t row = text.failed ? wf_irb_fail(&l->b, WF_ERR_NOMEM, NULL)
                               : wf_irb_text(&l->b, wf_buf_str(&text), text.len);
    wf_buf_release(&text);
    return row;
}

/* ---- the trigger ---- */

int64_t signed_int(const struct wf_node *literal)
{
    return literal->kind == WF_N_NEG ? -literal->kid[WF_K_NEG_VALUE]->num : literal->num;
}

static void set_options(struct lowering *l, const struct wf_node *node, struct wf_ir_trigger *t)
{
    for (const struct wf_node *o = node->kid[WF_K_TRIGGER_OPTIONS]; o; o = o->next) {
        const struct wf_node *value = o->kid[WF_K_OPTION_VALUE];
        switch (o->op) {
        case WF_OP_PRIORITY: t->priority = signed_int(value); break;
        case WF_OP_GRACE: t->grace = duration_of(l, value); break;
        case WF_OP_BACKFILL: t->backfill = duration_of(l, value); break;
        case WF_OP_AGAIN_AFTER: t->again_after = duration_of(l, value); break;
        case WF_OP_AGAIN_ALWAYS: t->again_after = (struct wf_ir_duration){0, WF_T_DAYS}; break;
        case WF_OP_HOLDOUT: t->holdout = (int32_t)value->num; break;
        case WF_OP_SALT: t->salt = str_text(l, value->name); break;
        default: break; /* WAS: sema made it rule->was */
        }
    }
}

static void set_guard(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    if (rule->kind == WF_RULE_CONDITION)
        return; /* all of it is watched */
    for (uint32_t i = 0; i < rule->n_guard; i++)
        t->guard = both(l, t->guard, lower_cond(l, rule->guard[i]));
}

/* Answers the node that the moment's atom shows as its truth, WF_NONE: there is no moment. */
static uint32_t set_moment(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    static const uint8_t moments[] = {
        [WF_RULE_TIME] = WF_MOMENT_TIME,
        [WF_RULE_LAST] = WF_MOMENT_LAST,
        [WF_RULE_ANNIVERSARY] = WF_MOMENT_ANNIVERSARY,
        [WF_RULE_EVENT] = WF_MOMENT_EVENT,
        [WF_RULE_CROSSING] = WF_MOMENT_CROSSING,
        [WF_RULE_CALENDAR] = WF_MOMENT_CALENDAR,
        [WF_RULE_CONDITION] = WF_MOMENT_CROSSING,
    };
    t->moment = moments[rule->kind];
    switch ((enum wf_rule_moment)rule->kind) {
    case WF_RULE_TIME: time_moment(l, rule, t); return t->due;
    case WF_RULE_LAST: last_moment(l, rule, t); return t->due;
    case WF_RULE_ANNIVERSARY: anniversary_moment(l, rule, t); return t->due;
    case WF_RULE_EVENT: event_moment(l, rule, t); return t->due;
    case WF_RULE_CROSSING:
        crossing_moment(l, rule, t);
        return l->b.status == WF_OK ? l->ir->watches[t->watch].cond : WF_NONE;
    case WF_RULE_CALENDAR: calendar_moment(l, rule, t); return wf_irb_bool(&l->b, true);
    case WF_RULE_CONDITION: t->watch = watch_condition(l, rule); break;
    }
    return WF_NONE;
}

static struct wf_ir_trigger empty_trigger(struct lowering *l, const struct wf_rule *rule)
{
    return (struct wf_ir_trigger){.name = WF_NONE,
                                  .identity = identity_text(l, rule, rule->identity),
                                  .was = rule->was ? identity_text(l, rule, rule->was) : WF_NONE,
                                  .due = WF_NONE,
                                  .year = WF_NONE,
                                  .view = WF_NONE,
                                  .filter = WF_NONE,
                                  .agg_last = WF_NONE,
                                  .watch = WF_NONE,
                                  .from_watch = WF_NONE,
                                  .guard = WF_NONE,
                                  .due_le_now = WF_NONE,
                                  .due_ge_floor = WF_NONE,
                                  .salt = WF_NONE,
                                  .journey = WF_NONE,
                                  .place = place_of(l, rule->node->span)};
}

/* Moment, guard and atoms; then only the actions are lacking. */
static void set_when(struct lowering *l, const struct wf_rule *rule, struct wf_ir_trigger *t)
{
    l->b.place = t->place;
    uint32_t moment = set_moment(l, rule, t);
    set_guard(l, rule, t);
    if (l->b.status == WF_OK)
        lower_atoms(l, rule, moment, t);
    t->actions_first = l->ir->n_actions;
}

static void lower_trigger(struct lowering *l, const struct wf_rule *rule)
{
    struct wf_ir_trigger t = empty_trigger(l, rule);
    t.name = str_text(l, rule->node->name);
    set_options(l, rule->node, &t);
    set_when(l, rule, &t);
    const struct wf_node *action = rule->node->kid[WF_K_TRIGGER_ACTIONS];
    for (; action && l->b.status == WF_OK; action = action->next)
        lower_action(l, action);
    t.actions_count = l->ir->n_actions - t.actions_first;
    wf_irb_add_triggers(&l->b, &t, 1);
}

uint32_t lower_entry(struct lowering *l, const struct wf_rule *enter, uint32_t journey)
{
    struct wf_ir_trigger t = empty_trigger(l, enter);
    t.name = str_text(l, enter->journey->name);
    t.journey = journey;
    t.again_after = (struct wf_ir_duration){0, WF_T_DAYS}; /* the journey says how often */
    const struct wf_node *option = enter->journey->kid[WF_K_JOURNEY_HEAD];
    for (; option; option = option->next) {
        if (option->kind == WF_N_OPTION && option->op == WF_OP_GRACE)
            t.grace = duration_of(l, option->kid[WF_K_OPTION_VALUE]);
        if (option->kind == WF_N_OPTION && option->op == WF_OP_BACKFILL)
            t.backfill = duration_of(l, option->kid[WF_K_OPTION_VALUE]);
    }
    set_when(l, enter, &t);
    return wf_irb_add_triggers(&l->b, &t, 1);
}

void lower_triggers(struct lowering *l)
{
    for (uint32_t i = 0; i < l->checked->n_rules && l->b.status == WF_OK; i++)
        lower_trigger(l, &l->checked->rules[i]);
    l->b.place = WF_NONE;
}
