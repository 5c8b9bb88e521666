/*
 * check_action.c - what a rule does: messages, coupons, tasks, and by which channel.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

static bool catalogued(const struct wf_checked *c, enum wf_op kind)
{
    for (uint32_t i = 0; i < c->catalogues.n; i++) {
        if (c->catalogues.items[i]->op == kind)
            return true;
    }
    return false;
}

static const char *plural(enum wf_symbol_kind kind)
{
    return kind == WF_SYM_COUPON ? "coupon" : kind == WF_SYM_MESSAGE ? "message" : "group";
}

static void report_unknown(struct wf_ctx *ctx, struct wf_node *name, enum wf_symbol_kind kind)
{
    struct wf_sema *s = ctx->s;
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, name->name);
    const struct wf_scope *scope = &s->scopes[WF_SCOPE_CONTENT];
    for (size_t i = 0; i < scope->n_all; i++) {
        if (scope->all[i]->kind == kind && wf_sees(ctx->module, scope->all[i]))
            wf_suggest_offer(&suggest, scope->all[i]->name);
    }
    if (wf_blind(ctx->module) && !suggest.best)
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0209, name->span,
                                   kind == WF_SYM_COUPON    ? N_("there is no coupon `%s`")
                                   : kind == WF_SYM_MESSAGE ? N_("there is no message `%s`")
                                                            : N_("there is no group `%s`"),
                                   name->name->text);
    if (suggest.best) {
        wf_diag_fix(s->diags, diag, "did you mean `%s`?", suggest.best->text);
    } else {
        wf_diag_note(s->diags, diag, "declare it, as in `%s %s \"...\" { ... }`", plural(kind),
                     name->name->text);
    }
}

/* The coupon, message or group that a NAME or STRING means. */
static void check_content_name(struct wf_ctx *ctx, struct wf_node *name, enum wf_symbol_kind kind)
{
    struct wf_sema *s = ctx->s;
    if (!name || !name->name)
        return;
    struct wf_symbol *sym = wf_find_node(s, WF_SCOPE_CONTENT, ctx->module, name);
    if (sym && sym->kind == kind) {
        sym->used = true;
        name->sym = sym;
        return;
    }
    if (sym) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0203, name->span,
                    kind == WF_SYM_COUPON    ? N_("`%s` is %s, not a coupon")
                    : kind == WF_SYM_MESSAGE ? N_("`%s` is %s, not a message")
                                             : N_("`%s` is %s, not a group"),
                    name->name->text, wf_symbol_kind_text((enum wf_symbol_kind)sym->kind));
        wf_diag_label(s->diags, diag, wf_name_span(sym->node), "declared here");
        if (sym->kind == WF_SYM_COUPON && kind == WF_SYM_MESSAGE) {
            struct wf_span front = {name->span.file, name->span.start, name->span.start};
            wf_diag_edit(s->diags, diag, front, "coupon ");
            wf_diag_fix(s->diags, diag, "write `send coupon %s`", name->name->text);
        } else if (sym->kind == WF_SYM_MESSAGE && kind == WF_SYM_COUPON) {
            wf_diag_fix(s->diags, diag, "a message is sent as `send %s`", name->name->text);
        }
        return;
    }
    enum wf_op list = kind == WF_SYM_COUPON ? WF_OP_COUPONS : WF_OP_MESSAGES;
    if (kind == WF_SYM_GROUP || !catalogued(s->checked, list))
        report_unknown(ctx, name, kind);
}

void wf_check_coupon_name(struct wf_ctx *ctx, struct wf_node *name)
{
    check_content_name(ctx, name, WF_SYM_COUPON);
}

static void check_default_coupon(struct wf_ctx *ctx, struct wf_node *action)
{
    struct wf_sema *s = ctx->s;
    const struct wf_str *name = wf_sema_name(s, "default");
    struct wf_symbol *sym = wf_find(s, WF_SCOPE_CONTENT, ctx->module, name);
    if (sym && sym->kind == WF_SYM_COUPON) {
        sym->used = true;
        action->sym = sym;
        return;
    }
    if (wf_blind(ctx->module) || s->said_no_member)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0209, action->span, "which coupon? no `coupon default` is declared");
    wf_diag_note(s->diags, diag,
                 "name one, `send coupon NAME`, or import std.retail, which "
                 "declares `coupon default`");
}

bool wf_check_channel(struct wf_ctx *ctx, struct wf_node *name, const struct wf_str *channel,
                      struct wf_span at)
{
    struct wf_sema *s = ctx->s;
    struct wf_symbol *sym = wf_find(s, WF_SCOPE_CHANNEL, ctx->module, channel);
    const struct wf_str *other = sym ? NULL : wf_alias_of(s, ctx->module, channel);
    if (other && (sym = wf_find(s, WF_SCOPE_CHANNEL, ctx->module, other)))
        name->name = other;
    if (sym) {
        sym->used = true;
        name->sym = sym;
        return true;
    }
    if (s->checked->n_channels == 0 || wf_blind(ctx->module))
        return true; /* where none is declared, the sender knows them */
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, channel);
    wf_suggest_scope(s, &suggest, WF_SCOPE_CHANNEL, ctx->module);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0210, at, "nobody can be reached by `%s`: no policy says when",
                channel->text);
    wf_suggest_fix(s, diag, &suggest);
    if (!suggest.best)
        wf_diag_note(s->diags, diag, "declare the channel: policy { reach %s when ... }",
                     channel->text);
    return false;
}

static bool member_has(struct wf_ctx *ctx, const char *name)
{
    struct wf_field *field = wf_record_field(ctx->s->checked->member, wf_sema_name(ctx->s, name));
    if (field)
        field->sym->used = true;
    return field != NULL;
}

static void check_inviter(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_field *field = wf_record_field(s->checked->member, wf_sema_name(s, "inviter"));
    if (field && (wf_type_bad(field->type) || wf_type_is(field->type, WF_T_REF))) {
        field->sym->used = true;
        return;
    }
    if (wf_blind(ctx->module) || s->said_no_member)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0507, node->span, "`to inviter`: the member has no field `inviter`");
    wf_diag_note(s->diags, diag, "declare it: member { inviter member? as invitees }");
}

static void check_task(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    bool owner = node->op == WF_OP_DO_OWNER;
    wf_check_text(ctx, node->kid[WF_K_ACTION_TARGET]);
    if (node->kid[WF_K_ACTION_WITH])
        wf_check_duration(ctx, node->kid[WF_K_ACTION_WITH]);
    bool store = member_has(ctx, "store");
    if (store || (owner && member_has(ctx, "owner")) || wf_blind(ctx->module) || s->said_no_member)
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0507, node->span,
                                   "nobody would get this task: the member has no field `%s`",
                                   owner ? "owner" : "store");
    wf_diag_note(s->diags, diag, "declare it: member { %s text? }", owner ? "owner" : "store");
}

static void check_set(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *target = node->kid[WF_K_ACTION_TARGET], *value = node->kid[WF_K_ACTION_WITH];
    if (!s->checked->member) {
        wf_check_value(ctx, target, NULL); /* says that no member is declared */
        return;
    }
    struct wf_field *field =
        wf_record_find(s, ctx->module, s->checked->member, target, target->span);
    if (!field) {
        wf_check_value(ctx, value, NULL);
        return;
    }
    target->sym = field->sym;
    target->type = field->type;
    if (field->key) {
        wf_diag(s->diags, WF_E0507, target->span,
                "`%s` says who the member is: no rule may change it", field->name->text);
        return;
    }
    if (value->kind == WF_N_MISSING)
        value->type = field->type;
    else
        wf_check_against(ctx, value, field->type,
                         field->decl ? wf_name_span(field->decl) : target->span,
                         N_("the field is %s"));
}

static void check_emit(struct wf_ctx *ctx, struct wf_node *list)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *first = list ? list->kid[WF_K_LIST_ITEMS] : NULL;
    for (struct wf_node *prop = first; prop; prop = prop->next) {
        wf_check_value(ctx, prop->kid[WF_K_PROP_VALUE], NULL);
        for (struct wf_node *other = first; other != prop; other = other->next) {
            if (other->name != prop->name)
                continue;
            struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(prop),
                                           "`%s` is given twice", prop->name->text);
            wf_diag_label(s->diags, diag, wf_name_span(other), "first given here");
        }
    }
}

static void check_points(struct wf_ctx *ctx, struct wf_node *value)
{
    const struct wf_type_info *type = wf_check_value(ctx, value, NULL);
    if (!wf_type_bad(type) && !wf_type_is(type, WF_T_INT))
        wf_diag(ctx->s->diags, WF_E0301, value->span, "points are whole numbers; `%s` is %s",
                wf_words(ctx->s, value), wf_type_text(type));
}

static void check_clock(struct wf_ctx *ctx, struct wf_node *at)
{
    struct wf_sema *s = ctx->s;
    const struct wf_type_info *type = wf_check_value(ctx, at, NULL);
    if (wf_type_bad(type))
        return;
    if (!wf_type_is(type, WF_T_CLOCK)) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0301, at->span, "`at` takes a time of day; `%s` is %s",
                    wf_words(s, at), wf_type_text(type));
        wf_diag_note(s->diags, diag, "as in `at 10:00` or `at usual hour of open or else 10:00`");
    } else if (type->optional) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0505, at->span,
                                       "`%s` may be missing, and then nobody knows when to send",
                                       wf_words(s, at));
        wf_diag_note(s->diags, diag, "say when instead: `%s or else 10:00`", wf_words(s, at));
    }
}

void wf_check_action(struct wf_ctx *ctx, struct wf_node *node)
{
    if (node->kind != WF_N_ACTION)
        return;
    struct wf_node *target = node->kid[WF_K_ACTION_TARGET], *with = node->kid[WF_K_ACTION_WITH];
    struct wf_node *channel = node->kid[WF_K_ACTION_CHANNEL];
    switch (node->op) {
    case WF_OP_DO_COUPON:
        if (target)
            check_content_name(ctx, target, WF_SYM_COUPON);
        else
            check_default_coupon(ctx, node);
        break;
    case WF_OP_DO_SEND:
        check_content_name(ctx, target, WF_SYM_MESSAGE);
        check_content_name(ctx, with, WF_SYM_COUPON);
        break;
    case WF_OP_DO_GRANT: check_content_name(ctx, target, WF_SYM_COUPON); break;
    case WF_OP_DO_INVITE: check_content_name(ctx, target, WF_SYM_GROUP); break;
    case WF_OP_DO_POINTS: check_points(ctx, with); break;
    case WF_OP_DO_SET: check_set(ctx, node); break;
    case WF_OP_DO_OWNER:
    case WF_OP_DO_STORE: check_task(ctx, node); break;
    case WF_OP_DO_EMIT: check_emit(ctx, with); break;
    default: break; /* a tag is any text */
    }
    if (node->kid[WF_K_ACTION_AT])
        check_clock(ctx, node->kid[WF_K_ACTION_AT]);
    if (channel && channel->name)
        wf_check_channel(ctx, channel, channel->name, channel->span);
    if (node->flags & WF_F_TO_INVITER)
        check_inviter(ctx, node);
}

/* ---- coupons, messages, groups, costs ---- */

static void check_coupon_prop(struct wf_ctx *ctx, struct wf_node *prop)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *value = prop->kid[WF_K_PROP_VALUE];
    struct wf_span at = wf_name_span(prop);
    if (wf_is(prop->name, "value")) {
        wf_check_against(ctx, value, wf_type_plain(WF_T_MONEY, false), at,
                         N_("a coupon's value is %s"));
    } else if (wf_is(prop->name, "stock")) {
        wf_check_against(ctx, value, wf_type_plain(WF_T_INT, false), at, N_("a stock is %s"));
    } else if (wf_is(prop->name, "valid")) {
        wf_check_duration(ctx, value);
    } else if (wf_is(prop->name, "prefer")) {
        const struct wf_type_info *type = wf_check_value(ctx, value, NULL);
        if (!wf_type_bad(type) && !wf_type_numeric(type) && !wf_type_is(type, WF_T_DATE) &&
            !wf_type_is(type, WF_T_TIME))
            wf_diag(s->diags, WF_E0301, value->span,
                    "`prefer by` ranks members by a number, an amount or a date; `%s` is %s",
                    wf_words(s, value), wf_type_text(type));
    } else {
        struct wf_suggest suggest;
        wf_suggest_init(&suggest, prop->name);
        static const char *const known[] = {"value", "stock", "valid", "prefer"};
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            wf_suggest_offer(&suggest, wf_sema_name(s, known[i]));
        struct wf_diag *diag = wf_diag(s->diags, WF_E0405, at,
                                       "a coupon has no `%s`; it has value, stock, valid and "
                                       "prefer by",
                                       prop->name->text);
        wf_suggest_fix(s, diag, &suggest);
    }
}

static void check_props(struct wf_ctx *ctx, struct wf_node *node, struct wf_node *first)
{
    struct wf_sema *s = ctx->s;
    for (struct wf_node *prop = first; prop; prop = prop->next) {
        if (prop->kind != WF_N_PROP)
            continue;
        for (struct wf_node *other = first; other != prop; other = other->next) {
            if (other->kind != WF_N_PROP || other->name != prop->name)
                continue;
            struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(prop),
                                           "`%s` is given twice", prop->name->text);
            wf_diag_label(s->diags, diag, wf_name_span(other), "first given here");
        }
        if (node->kind == WF_N_COUPON)
            check_coupon_prop(ctx, prop);
        else
            wf_check_text(ctx, prop->kid[WF_K_PROP_VALUE]);
    }
}

void wf_check_content(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_ctx ctx = {.s = s, .module = module};
    if (node->kind == WF_N_COST) {
        wf_check_channel(&ctx, node, node->name, wf_name_span(node));
        wf_check_against(&ctx, node->kid[WF_K_COST_AMOUNT], wf_type_plain(WF_T_MONEY, false),
                         wf_name_span(node), N_("a cost is %s"));
        return;
    }
    struct wf_node *label = node->kid[WF_K_COUPON_LABEL];
    wf_check_text(&ctx, label);
    check_props(&ctx, node, node->kid[WF_K_COUPON_PROPS]);
    if (node->kind == WF_N_MESSAGE && !label && !node->kid[WF_K_MESSAGE_PROPS]) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0403, wf_name_span(node),
                                       "the message `%s` says nothing", node->name->text);
        wf_diag_note(s->diags, diag, "write `message %s { zh \"...\" en \"...\" }`",
                     node->name->text);
    }
}
