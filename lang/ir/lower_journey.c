/*
 * Journeys: the blocks become one row of steps, each with the number of the step that follows.
 *
 * A step that makes a row is numbered in the order of the text; blocks and `go` make none. So the
 * number of what follows a block is the number behind the block's last step, and where a list of
 * steps leads is known before its rows are made:
 *
 *   if C { a  b } else { c }  d        0 if next 1 other 3   1 a next 2   2 b next 4   3 c next 4
 * 4 d
 */
#include <string.h>

#include "lang/ir/lower_int.h"

struct label {
    const struct wf_symbol *sym; /* of the STEP node */
    uint32_t number;
};

struct walk {
    struct lowering *l;
    struct label *labels;
    size_t n_labels, room_labels;
    uint32_t first;   /* row of the journey's first step */
    uint32_t actions; /* rows of actions before the journey's */
    uint32_t label;   /* text of the nearest label, WF_NONE: none yet */
};

/* ---- numbers ---- */

/* The lists of steps inside a step, in the order of the text; a list may be NULL (empty). */
static bool inner_list(const struct wf_node *step, uint32_t i, const struct wf_node **list_out)
{
    const struct wf_node *arm = step->kid[WF_K_SPLIT_ARMS];
    switch (step->kind) {
    case WF_N_BLOCK: *list_out = step->kid[WF_K_BLOCK_STEPS]; return i < 1;
    case WF_N_IF: *list_out = step->kid[i ? WF_K_IF_ELSE : WF_K_IF_THEN]; return i < 2;
    case WF_N_WAIT_FOR:
        *list_out = step->kid[i ? WF_K_WAIT_FOR_ELSE : WF_K_WAIT_FOR_THEN];
        return i < 2;
    case WF_N_SPLIT:
        for (; arm && i; i--)
            arm = arm->next;
        *list_out = arm ? arm->kid[WF_K_ARM_BODY] : NULL;
        return arm != NULL;
    default: return false;
    }
}

static bool makes_row(const struct wf_node *step)
{
    return step->kind != WF_N_BLOCK && step->kind != WF_N_GO;
}

static uint32_t size_of_list(const struct wf_node *list);

static uint32_t size_of_step(const struct wf_node *step)
{
    uint32_t size = makes_row(step);
    const struct wf_node *list;
    for (uint32_t i = 0; inner_list(step, i, &list); i++)
        size += size_of_list(list);
    return size;
}

static uint32_t size_of_list(const struct wf_node *list)
{
    uint32_t size = 0;
    for (; list; list = list->next)
        size += size_of_step(list);
    return size;
}

/* Notes every label's number, before any jump to it is made; answers the number behind the list. */
static uint32_t number_labels(struct walk *w, const struct wf_node *list, uint32_t number)
{
    const struct wf_alloc *alloc = w->l->b.alloc;
    for (; list && w->l->b.status == WF_OK; list = list->next) {
        const struct wf_node *inner;
        if (list->kind == WF_N_STEP) {
            if (wf_grow(alloc, &w->labels, &w->room_labels, w->n_labels + 1, sizeof(*w->labels)))
                return wf_irb_fail(&w->l->b, WF_ERR_NOMEM, NULL);
            w->labels[w->n_labels++] = (struct label){list->sym, number};
        }
        number += makes_row(list);
        for (uint32_t i = 0; inner_list(list, i, &inner); i++)
            number = number_labels(w, inner, number);
    }
    return number;
}

static uint32_t label_number(struct walk *w, const struct wf_symbol *sym)
{
    for (size_t i = 0; i < w->n_labels; i++)
        if (w->labels[i].sym == sym)
            return w->labels[i].number;
    return refuse(w->l, "go to no step");
}

/* The step that a list leads to whose rows begin at `number`; `then` follows the list. */
static uint32_t leads_to(struct walk *w, const struct wf_node *list, uint32_t number, uint32_t then)
{
    if (!list)
        return then;
    if (list->kind == WF_N_GO)
        return label_number(w, list->sym);
    if (list->kind != WF_N_BLOCK)
        return number;
    then = leads_to(w, list->next, number + size_of_step(list), then);
    return leads_to(w, list->kid[WF_K_BLOCK_STEPS], number, then);
}

/* ---- rows ---- */

/* The step in words, without its blocks. */
static uint32_t step_text(struct lowering *l, const struct wf_node *step)
{
    struct wf_node head = *step;
    if (step->kind == WF_N_SPLIT)
        return wf_irb_textz(&l->b, "split");
    if (step->kind == WF_N_IF)
        head.kid[WF_K_IF_THEN] = head.kid[WF_K_IF_ELSE] = NULL;
    if (step->kind == WF_N_WAIT_FOR)
        head.kid[WF_K_WAIT_FOR_THEN] = head.kid[WF_K_WAIT_FOR_ELSE] = NULL;
    return canonical_text(l, &head);
}

static void set_until(struct lowering *l, const struct wf_node *step, struct wf_ir_step *row)
{
    const struct wf_node *point = step->kid[WF_K_WAIT_UNTIL_POINT];
    const struct wf_nodes *calendars = &l->checked->calendars;
    if (step->op == WF_OP_WEEKDAY) {
        row->kind = WF_STEP_UNTIL_WEEKDAY;
        row->n = step->num;
    } else if (step->op == WF_OP_BUSINESS_DAY) {
        row->kind = WF_STEP_UNTIL_BUSINESS;
        uint32_t i = 0;
        while (point && i < calendars->n && point->sym && calendars->items[i] != point->sym->node)
            i++;
        row->holidays = i < calendars->n ? i : refuse(l, "business day of no calendar");
    } else if (point->kind == WF_N_CLOCK) {
        row->kind = WF_STEP_UNTIL_CLOCK;
        row->n = point->num;
    } else {
        row->kind = WF_STEP_UNTIL_POINT;
        row->node = lower_point(l, point).node;
    }
}

static void set_wait_for(struct walk *w, const struct wf_node *step, uint32_t number,
                         uint32_t after, struct wf_ir_step *row)
{
    struct lowering *l = w->l;
    const struct wf_node *what = step->kid[WF_K_WAIT_FOR_WHAT];
    const struct wf_node *came = step->kid[WF_K_WAIT_FOR_THEN];
    const struct wf_node *not = step->kid[WF_K_WAIT_FOR_ELSE];
    row->wait = duration_of(l, step->kid[WF_K_WAIT_FOR_UP_TO]);
    row->next = leads_to(w, came, number + 1, after);
    row->other = leads_to(w, not, number + 1 + size_of_list(came), after);
    if (step->form == WF_FORM_WAIT_COND) {
        row->kind = WF_STEP_FOR_COND;
        row->node = lower_cond(l, what);
        condition_atoms(l, what, &row->atoms_first, &row->atoms_count);
        return;
    }
    row->kind = WF_STEP_FOR_EVENT;
    struct set set = lower_set(l, what);
    if (l->b.status != WF_OK)
        return;
    row->view = set.view;
    row->filter = set_filter(l, &set);
    row->atoms_first = event_atom(l, what, row->filter, &set);
    row->atoms_count = 1;
}

static void set_split(struct walk *w, const struct wf_node *step, uint32_t number, uint32_t after,
                      struct wf_ir_step *row)
{
    struct lowering *l = w->l;
    row->kind = WF_STEP_SPLIT;
    row->next = WF_NONE;
    row->arms_first = l->ir->n_arms;
    number++;
    for (const struct wf_node *arm = step->kid[WF_K_SPLIT_ARMS]; arm; arm = arm->next) {
        const struct wf_node *body = arm->kid[WF_K_ARM_BODY];
        struct wf_ir_arm made = {.label = str_text(l, arm->kid[WF_K_ARM_LABEL]->name),
                                 .share = (int32_t)arm->kid[WF_K_ARM_SHARE]->num,
                                 .next = leads_to(w, body, number, after)};
        wf_irb_add_arms(&l->b, &made, 1);
        number += size_of_list(body);
    }
    row->arms_count = l->ir->n_arms - row->arms_first;
}

static void set_if(struct walk *w, const struct wf_node *step, uint32_t number, uint32_t after,
                   struct wf_ir_step *row)
{
    const struct wf_node *cond = step->kid[WF_K_IF_COND], *then = step->kid[WF_K_IF_THEN];
    row->kind = WF_STEP_IF;
    row->node = lower_cond(w->l, cond);
    row->next = leads_to(w, then, number + 1, after);
    row->other = leads_to(w, step->kid[WF_K_IF_ELSE], number + 1 + size_of_list(then), after);
    row->after = after;
    condition_atoms(w->l, cond, &row->atoms_first, &row->atoms_count);
}

static void set_named(struct walk *w, const struct wf_node *step, struct wf_ir_step *row)
{
    row->name = str_text(w->l, step->name);
    row->kind = WF_STEP_MILESTONE;
    if (step->kind == WF_N_STEP) {
        row->kind = WF_STEP_LABEL;
        row->label = w->label = row->name;
    }
}

static void set_step(struct walk *w, const struct wf_node *step, uint32_t number,
                     struct wf_ir_step *row)
{
    struct lowering *l = w->l;
    uint32_t after = row->next;
    switch (step->kind) {
    case WF_N_ACTION:
        row->kind = WF_STEP_ACT;
        row->action = lower_action(l, step);
        row->position = row->action - w->actions;
        break;
    case WF_N_WAIT:
        row->kind = WF_STEP_WAIT;
        row->wait = duration_of(l, step->kid[WF_K_WAIT_FOR]);
        break;
    case WF_N_WAIT_UNTIL: set_until(l, step, row); break;
    case WF_N_WAIT_FOR: set_wait_for(w, step, number, after, row); break;
    case WF_N_IF: set_if(w, step, number, after, row); break;
    case WF_N_SPLIT: set_split(w, step, number, after, row); break;
    case WF_N_STEP:
    case WF_N_MILESTONE: set_named(w, step, row); break;
    case WF_N_LEAVE:
        row->kind = WF_STEP_LEAVE;
        row->next = WF_NONE;
        break;
    default: refuse(l, "step");
    }
}

/* Makes the rows of a list that begins at `number`; `then` is the step behind it. */
static void walk_list(struct walk *w, const struct wf_node *list, uint32_t number, uint32_t then)
{
    struct lowering *l = w->l;
    for (const struct wf_node *step = list; step && l->b.status == WF_OK; step = step->next) {
        uint32_t behind = number + size_of_step(step);
        uint32_t after = leads_to(w, step->next, behind, then);
        l->b.place = place_of(l, step->span);
        if (makes_row(step)) {
            struct wf_ir_step row = {.name = WF_NONE,
                                     .label = w->label,
                                     .text = step_text(l, step),
                                     .next = after,
                                     .other = WF_NONE,
                                     .after = WF_NONE,
                                     .node = WF_NONE,
                                     .view = WF_NONE,
                                     .filter = WF_NONE,
                                     .action = WF_NONE,
                                     .holidays = WF_NONE,
                                     .place = l->b.place};
            set_step(w, step, number, &row);
            wf_irb_add_steps(&l->b, &row, 1);
        }
        const struct wf_node *inner;
        uint32_t label = w->label, inside = number + makes_row(step);
        for (uint32_t i = 0; inner_list(step, i, &inner); i++) {
            walk_list(w, inner, inside, after);
            inside += size_of_list(inner);
            w->label = label; /* a label inside a block is not that of what follows the block */
        }
        number = behind;
    }
}

/* ---- the head ---- */

static void set_options(struct lowering *l, const struct wf_node *head, struct wf_ir_journey *j)
{
    for (const struct wf_node *o = head; o; o = o->next) {
        const struct wf_node *value = o->kid[WF_K_OPTION_VALUE];
        if (o->kind != WF_N_OPTION)
            continue;
        switch (o->op) {
        case WF_OP_AGAIN_AFTER:
            j->again_kind = WF_AGAIN_AFTER;
            j->again = duration_of(l, value);
            break;
        case WF_OP_AGAIN_ALWAYS: j->again_kind = WF_AGAIN_ALWAYS; break;
        case WF_OP_PRIORITY: j->priority = signed_int(value); break;
        case WF_OP_GRACE: j->grace = duration_of(l, value); break;
        case WF_OP_HOLDOUT: j->holdout = (int32_t)value->num; break;
        case WF_OP_SALT: j->salt = str_text(l, value->name); break;
        default: break; /* WAS: sema's; BACKFILL: the entry's */
        }
    }
}

/* `purchase[...]`, `purchased since entry`, `any purchase`: the event itself tells when. */
static const struct wf_node *goal_event(const struct wf_node *what)
{
    if (what->kind == WF_N_AGG && what->op == WF_OP_ANY)
        what = what->kid[WF_K_AGG_SET];
    const struct wf_node *root = what;
    while (root->kind == WF_N_FILTER || root->kind == WF_N_WINDOWED || root->kind == WF_N_BY)
        root = root->kid[0];
    bool event = root->kind == WF_N_NAME && root->sym &&
                 (root->sym->kind == WF_SYM_WORD || root->sym->kind == WF_SYM_EVENT);
    return event ? what : NULL;
}

static void set_goal(struct lowering *l, const struct wf_node *goal, struct wf_ir_journey *j)
{
    const struct wf_node *what = goal->kid[WF_K_GOAL_WHAT];
    const struct wf_node *within = goal->kid[WF_K_GOAL_WITHIN];
    const struct wf_node *event = goal_event(what);
    j->goal_within = duration_of(l, within);
    j->goal_text = canonical_text(l, what);
    if (event) {
        struct set set = lower_set(l, event);
        if (l->b.status != WF_OK)
            return;
        set.window = both(l, set.window, since_entry(l, &set));
        j->goal_kind = WF_GOAL_EVENT;
        j->goal_view = set.view;
        j->goal_filter = set_filter(l, &set);
        return;
    }
    uint32_t entry = wf_irb_node(&l->b, WF_IR_ENTRY, 0, 0, 0);
    if (within)
        l->entry_until = mk2(l, WF_IR_TIME_ADD, entry, duration_const(l, within, false));
    l->clamped = false;
    j->goal_node = lower_expr(l, what).node;
    j->goal_kind = type_of(l, j->goal_node) == WF_T_BOOL ? WF_GOAL_COND : WF_GOAL_VALUE;
    j->goal_clamped = l->clamped;
    l->entry_until = WF_NONE;
}

static void add_migration(struct walk *w, const struct wf_node *node)
{
    struct lowering *l = w->l;
    struct wf_ir_migration row = {.name = str_text(l, node->name),
                                  .hash = str_text(l, node->text),
                                  .maps_first = l->ir->n_migration_maps,
                                  .place = place_of(l, node->span)};
    for (const struct wf_node *map = node->kid[WF_K_MIGRATE_MAPS]; map; map = map->next) {
        const struct wf_node *to = map->kid[WF_K_MAP_TO];
        struct wf_ir_migration_map made = {.from = str_text(l, map->name), .to = WF_NONE};
        if (to->kind == WF_N_NAME)
            made.to = label_number(w, to->sym);
        wf_irb_add_migration_maps(&l->b, &made, 1);
    }
    row.maps_count = l->ir->n_migration_maps - row.maps_first;
    wf_irb_add_migrations(&l->b, &row, 1);
}

static void set_head(struct walk *w, const struct wf_node *head, struct wf_ir_journey *j)
{
    struct lowering *l = w->l;
    j->migrations_first = l->ir->n_migrations;
    for (const struct wf_node *item = head; item && l->b.status == WF_OK; item = item->next) {
        l->b.place = place_of(l, item->span);
        if (item->kind == WF_N_EXIT) {
            j->exit = lower_cond(l, item->kid[WF_K_EXIT_WHEN]);
            condition_atoms(l, item->kid[WF_K_EXIT_WHEN], &j->exit_first, &j->exit_count);
        } else if (item->kind == WF_N_GOAL) {
            set_goal(l, item, j);
        } else if (item->kind == WF_N_MIGRATE) {
            add_migration(w, item);
        }
    }
    j->migrations_count = l->ir->n_migrations - j->migrations_first;
}

/* ---- the journey ---- */

static struct wf_ir_journey empty_journey(struct lowering *l, const struct wf_rule *enter)
{
    return (struct wf_ir_journey){.name = str_text(l, enter->journey->name),
                                  .identity = str_text(l, enter->identity),
                                  .was = str_text(l, enter->was),
                                  .salt = WF_NONE,
                                  .trigger = WF_NONE,
                                  .entered = WF_NONE,
                                  .exit = WF_NONE,
                                  .goal_view = WF_NONE,
                                  .goal_filter = WF_NONE,
                                  .goal_node = WF_NONE,
                                  .goal_text = WF_NONE,
                                  .steps_first = l->ir->n_steps,
                                  .actions_first = l->ir->n_actions,
                                  .place = place_of(l, enter->journey->name_span)};
}

static void lower_journey(struct lowering *l, uint32_t index)
{
    const struct wf_rule *enter = &l->checked->enters[index];
    const struct wf_node *node = enter->journey;
    const struct wf_node *head = node->kid[WF_K_JOURNEY_HEAD];
    const struct wf_node *steps = node->kid[WF_K_JOURNEY_STEPS];
    struct wf_ir_journey j = empty_journey(l, enter);
    struct walk w = {.l = l, .actions = l->ir->n_actions, .label = WF_NONE};
    j.trigger = lower_entry(l, enter, index);
    if (j.trigger != WF_NONE && l->ir->triggers[j.trigger].moment == WF_MOMENT_EVENT)
        j.entered = l->ir->triggers[j.trigger].view;
    l->enters_by_last = enter->core && enter->core->kind == WF_N_AGG && is_unmoved(l, enter);
    number_labels(&w, steps, 0);
    set_options(l, head, &j);
    set_head(&w, head, &j);
    walk_list(&w, steps, 0, WF_NONE);
    j.steps_count = l->ir->n_steps - j.steps_first;
    j.actions_count = l->ir->n_actions - j.actions_first;
    j.hash = journey_hash(l, node);
    wf_irb_add_journeys(&l->b, &j, 1);
    wf_free(l->b.alloc, w.labels);
    l->b.place = WF_NONE;
}

static void lower_holidays(struct lowering *l)
{
    for (uint32_t i = 0; i < l->checked->calendars.n; i++) {
        const struct wf_node *node = l->checked->calendars.items[i];
        struct wf_ir_holidays row = {.name = str_text(l, node->name),
                                     .pattern = str_text(l, node->kid[WF_K_CALENDAR_FROM]->name),
                                     .place = place_of(l, node->span)};
        wf_irb_add_holidays(&l->b, &row, 1);
    }
}

void lower_journeys(struct lowering *l)
{
    lower_holidays(l);
    for (uint32_t i = 0; i < l->checked->n_enters && l->b.status == WF_OK; i++)
        lower_journey(l, i);
}
