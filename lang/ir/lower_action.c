/*
 * Actions, the texts with holes that go with them, and the coupons and messages they name.
 */
#include <stdio.h>
#include <string.h>

#include "lang/ir/lower_int.h"

/* ---- texts with holes ---- */

static struct wf_ir_part_of_text part_row(struct lowering *l, const struct wf_node *part)
{
    struct wf_ir_part_of_text row = {WF_NONE, WF_NONE, WF_NONE};
    if (part->kind == WF_N_STRING) {
        row.text = str_text(l, part->name);
    } else {
        row.node = lower_readable(l, part->kid[WF_K_PROP_VALUE]);
        row.fallback = str_text(l, part->name);
    }
    return row;
}

static struct wf_ir_template template_row(struct lowering *l, const struct wf_node *string,
                                          const char *language)
{
    struct wf_ir_template row = {.language = wf_irb_textz(&l->b, language), .next = WF_NONE};
    row.parts_first = l->ir->n_text_parts;
    if (string->form == WF_FORM_TEMPLATE) {
        for (const struct wf_node *p = string->kid[0]; p && l->b.status == WF_OK; p = p->next) {
            struct wf_ir_part_of_text part = part_row(l, p);
            wf_irb_add_text_parts(&l->b, &part, 1);
        }
    } else {
        struct wf_ir_part_of_text part = part_row(l, string);
        wf_irb_add_text_parts(&l->b, &part, 1);
    }
    row.parts_count = l->ir->n_text_parts - row.parts_first;
    return row;
}

static uint32_t text_template(struct lowering *l, const struct wf_node *string)
{
    struct wf_ir_template row = template_row(l, string, "");
    return wf_irb_add_templates(&l->b, &row, 1);
}

/* The languages of a message, each the next of the one before. */
static uint32_t message_templates(struct lowering *l, const struct wf_node *message)
{
    uint32_t first = WF_NONE, last = WF_NONE;
    for (const struct wf_node *p = message->kid[WF_K_MESSAGE_PROPS]; p; p = p->next) {
        const struct wf_node *text = p->kid[WF_K_PROP_VALUE];
        if (!text || text->kind != WF_N_STRING)
            continue;
        struct wf_ir_template row = template_row(l, text, p->name->text);
        uint32_t at = wf_irb_add_templates(&l->b, &row, 1);
        if (at == WF_NONE)
            return WF_NONE;
        if (last != WF_NONE)
            l->ir->templates[last].next = at;
        else
            first = at;
        last = at;
    }
    return first;
}

/* ---- actions ---- */

/* The value that `set tier = gold` gives, as the field holds it. */
static uint32_t set_value(struct lowering *l, const struct wf_node *action)
{
    const struct wf_node *target = action->kid[WF_K_ACTION_TARGET];
    uint32_t value = lower_expr(l, action->kid[WF_K_ACTION_WITH]).node;
    if (target->sym && target->sym->field && type_of(l, value) == WF_T_INT &&
        target->sym->field->type->base == WF_T_NUMBER)
        value = mk1(l, WF_IR_TO_NUMBER, value);
    return value;
}

static void set_pairs(struct lowering *l, const struct wf_node *list, struct wf_ir_action *a)
{
    a->pairs_first = l->ir->n_pairs;
    const struct wf_node *p = list ? list->kid[WF_K_LIST_ITEMS] : NULL;
    for (; p && l->b.status == WF_OK; p = p->next) {
        struct wf_ir_pair row = {.key = str_text(l, p->name)};
        row.node = lower_readable(l, p->kid[WF_K_PROP_VALUE]);
        wf_irb_add_pairs(&l->b, &row, 1);
    }
    a->pairs_count = l->ir->n_pairs - a->pairs_first;
}

static void set_what(struct lowering *l, const struct wf_node *node, struct wf_ir_action *a)
{
    const struct wf_node *target = node->kid[WF_K_ACTION_TARGET];
    const struct wf_node *with = node->kid[WF_K_ACTION_WITH];
    uint32_t name = target ? str_text(l, target->name) : WF_NONE;
    a->name = name;
    switch (node->op) {
    case WF_OP_DO_COUPON:
    case WF_OP_DO_GRANT:
        a->kind = node->op == WF_OP_DO_COUPON ? WF_ACT_COUPON : WF_ACT_GRANT;
        if (!target)
            a->name = wf_irb_textz(&l->b, "default");
        break;
    case WF_OP_DO_SEND:
        a->kind = WF_ACT_SEND;
        a->coupon = with ? str_text(l, with->name) : WF_NONE;
        break;
    case WF_OP_DO_POINTS:
        a->kind = WF_ACT_POINTS;
        a->value = lower_expr(l, with).node;
        break;
    case WF_OP_DO_TAG: a->kind = WF_ACT_TAG; break;
    case WF_OP_DO_UNTAG: a->kind = WF_ACT_UNTAG; break;
    case WF_OP_DO_SET:
        a->kind = WF_ACT_SET;
        a->value = set_value(l, node);
        break;
    case WF_OP_DO_OWNER:
    case WF_OP_DO_STORE:
        a->kind = WF_ACT_TASK;
        a->to_store = node->op == WF_OP_DO_STORE;
        a->name = WF_NONE;
        a->text = text_template(l, target);
        a->due = duration_of(l, with);
        break;
    case WF_OP_DO_INVITE: a->kind = WF_ACT_INVITE; break;
    case WF_OP_DO_EMIT:
        a->kind = WF_ACT_EMIT;
        set_pairs(l, with, a);
        break;
    default: refuse(l, "action");
    }
}

uint32_t lower_action(struct lowering *l, const struct wf_node *node)
{
    struct wf_ir_action a = {.name = WF_NONE,
                             .coupon = WF_NONE,
                             .channel = WF_NONE,
                             .text = WF_NONE,
                             .value = WF_NONE,
                             .at = WF_NONE,
                             .at_text = WF_NONE,
                             .to_inviter = (node->flags & WF_F_TO_INVITER) != 0,
                             .place = place_of(l, node->span)};
    if (node->kid[WF_K_ACTION_CHANNEL])
        a.channel = str_text(l, node->kid[WF_K_ACTION_CHANNEL]->name);
    if (node->kid[WF_K_ACTION_AT]) {
        a.at = lower_expr(l, node->kid[WF_K_ACTION_AT]).node;
        a.at_text = canonical_text(l, node->kid[WF_K_ACTION_AT]);
    }
    set_what(l, node, &a);
    return wf_irb_add_actions(&l->b, &a, 1);
}

/* ---- content ---- */

static bool is_named(const struct wf_ir *ir, bool coupon, uint32_t name)
{
    for (uint32_t i = 0; i < ir->n_actions; i++) {
        const struct wf_ir_action *a = &ir->actions[i];
        bool names_coupon = a->kind == WF_ACT_COUPON || a->kind == WF_ACT_GRANT;
        if (coupon ? (names_coupon && a->name == name) || a->coupon == name
                   : a->kind == WF_ACT_SEND && a->name == name)
            return true;
    }
    return false;
}

/* Needs no feed but the members': every name in it is a field, or a let of such. */
static bool of_fields(const struct wf_node *node)
{
    const struct wf_symbol *sym = node->sym;
    if (node->kind == WF_N_AGG || node->kind == WF_N_TOP || node->kind == WF_N_QUANTILE)
        return false;
    if (node->kind == WF_N_NAME && sym && sym->kind != WF_SYM_FIELD &&
        node->form != WF_FORM_ENUM_VALUE)
        return sym->kind == WF_SYM_LET && of_fields(sym->node);
    for (int k = 0; k < WF_MAX_KIDS; k++)
        for (const struct wf_node *kid = node->kid[k]; kid; kid = kid->next)
            if (!of_fields(kid))
                return false;
    return true;
}

static void set_coupon(struct lowering *l, const struct wf_node *node, struct wf_ir_content *row)
{
    for (const struct wf_node *p = node->kid[WF_K_COUPON_PROPS]; p; p = p->next) {
        const struct wf_node *value = p->kid[WF_K_PROP_VALUE];
        if (strcmp(p->name->text, "value") == 0)
            row->value = wf_literal(value, WF_T_MONEY).i;
        else if (strcmp(p->name->text, "stock") == 0)
            row->stock = value->num;
        else if (strcmp(p->name->text, "valid") == 0)
            row->valid = duration_of(l, value);
        else if (strcmp(p->name->text, "prefer") == 0 && (!l->spare || of_fields(value)))
            row->prefer = lower_expr(l, value).node;
    }
}

static void add_content(struct lowering *l, const struct wf_node *node, bool coupon)
{
    const struct wf_node *label = node->kid[coupon ? WF_K_COUPON_LABEL : WF_K_MESSAGE_LABEL];
    struct wf_ir_content row = {.name = str_text(l, node->name),
                                .label = label ? str_text(l, label->name) : WF_NONE,
                                .coupon = coupon,
                                .stock = -1,
                                .text = WF_NONE,
                                .prefer = WF_NONE};
    l->spare = !is_named(l->ir, coupon, row.name);
    if (coupon)
        set_coupon(l, node, &row);
    else if (!l->spare || of_fields(node))
        row.text = message_templates(l, node);
    wf_irb_add_contents(&l->b, &row, 1);
    l->spare = false;
}

static void add_catalogued(struct lowering *l, uint32_t name, bool coupon)
{
    for (uint32_t i = 0; i < l->ir->n_contents; i++)
        if (l->ir->contents[i].name == name && l->ir->contents[i].coupon == coupon)
            return;
    struct wf_ir_content row = {.name = name,
                                .label = WF_NONE,
                                .coupon = coupon,
                                .stock = -1,
                                .text = WF_NONE,
                                .prefer = WF_NONE};
    if (name == WF_NONE || l->b.status != WF_OK)
        return;
    wf_irb_add_contents(&l->b, &row, 1);
    wf_irb_add_listed(&l->b, &(struct wf_ir_listed){name, coupon}, 1);
}

/* What an action names and nothing declares: sema knows a catalogue has it. */
static void lower_catalogued(struct lowering *l)
{
    for (uint32_t i = 0; i < l->ir->n_actions; i++) {
        const struct wf_ir_action *a = &l->ir->actions[i];
        if (a->kind == WF_ACT_COUPON || a->kind == WF_ACT_GRANT || a->kind == WF_ACT_SEND)
            add_catalogued(l, a->name, a->kind != WF_ACT_SEND);
        add_catalogued(l, a->coupon, true);
    }
}

/* Whether a feed has that name: catalogues are told from it, and from one another. */
static bool feed_named(const struct wf_ir *ir, const char *name)
{
    bool found = false;
    for (uint32_t i = 0; i < ir->n_events; i++)
        found |= strcmp(ir->texts[ir->events[i].name]->text, name) == 0;
    for (uint32_t i = 0; i < ir->n_tables; i++)
        found |= strcmp(ir->texts[ir->tables[i].name]->text, name) == 0;
    for (uint32_t i = 0; i < ir->n_holidays; i++)
        found |= strcmp(ir->texts[ir->holidays[i].name]->text, name) == 0;
    for (uint32_t i = 0; i < ir->n_catalogues; i++)
        found |= strcmp(ir->texts[ir->catalogues[i].name]->text, name) == 0;
    return found;
}

static void add_catalogue(struct lowering *l, const struct wf_node *node)
{
    struct wf_ir_catalogue row = {.coupon = node->op == WF_OP_COUPONS,
                                  .pattern = str_text(l, node->kid[WF_K_CATALOGUE_FROM]->name)};
    char name[32];
    unsigned n = 1;
    snprintf(name, sizeof(name), "%s", row.coupon ? "coupons" : "messages");
    while (feed_named(l->ir, name))
        snprintf(name, sizeof(name), "%s-%u", row.coupon ? "coupons" : "messages", ++n);
    row.name = wf_irb_textz(&l->b, name);
    wf_irb_add_catalogues(&l->b, &row, 1);
}

void lower_contents(struct lowering *l)
{
    const struct wf_checked *c = l->checked;
    for (uint32_t i = 0; i < c->coupons.n && l->b.status == WF_OK; i++)
        add_content(l, c->coupons.items[i], true);
    for (uint32_t i = 0; i < c->messages.n && l->b.status == WF_OK; i++)
        add_content(l, c->messages.items[i], false);
    if (l->b.status != WF_OK)
        return;
    lower_catalogued(l);
    for (uint32_t i = 0; i < c->catalogues.n && l->b.status == WF_OK; i++)
        add_catalogue(l, c->catalogues.items[i]);
    for (uint32_t i = 0; i < l->ir->n_actions; i++) /* a message's text is its content's */
        for (uint32_t k = 0; k < l->ir->n_contents; k++)
            if (l->ir->actions[i].kind == WF_ACT_SEND && !l->ir->contents[k].coupon &&
                l->ir->contents[k].name == l->ir->actions[i].name)
                l->ir->actions[i].text = l->ir->contents[k].text;
}
