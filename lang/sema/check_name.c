/*
 * check_name.c - what a name means where it stands, and what to say when it means nothing.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

static bool enum_position(struct wf_ctx *ctx, const struct wf_type_info *wanted,
                          struct wf_node *node)
{
    if (!wanted || !wanted->enums)
        return false;
    const struct wf_str *other = wf_alias_of(ctx->s, ctx->module, node->name);
    for (uint32_t i = 0; i < wanted->enums->n; i++) {
        const struct wf_str *name = wanted->enums->names[i];
        if (name != node->name && name != other)
            continue;
        node->name = name;
        node->num = i;
        node->form = WF_FORM_ENUM_VALUE;
        if (wanted->enums->classify)
            node->sym = wf_class_of(ctx->s, wanted->enums, name);
        if (node->sym)
            node->sym->used = true;
        return true;
    }
    return false;
}

/* Inside [ ] the event's field wins; that it hides another name is worth a word. */
static void warn_shadow(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    struct wf_symbol *hidden = wf_find(s, WF_SCOPE_CONDITION, ctx->module, node->name);
    if (!hidden || ctx->in_void || ctx->row->sent) /* nobody means the member's name there */
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_W0202, wf_name_span(node),
                "`%s` is the field of `%s` here, not %s of that name", node->name->text,
                ctx->row->name->text, wf_symbol_kind_text((enum wf_symbol_kind)hidden->kind));
    if (hidden->node)
        wf_diag_label(s->diags, diag, wf_name_span(hidden->node), "the name it hides");
    if (hidden->kind == WF_SYM_FIELD)
        wf_diag_note(s->diags, diag, "write `%s.%s` or `member.%s` to say which is meant",
                     ctx->row->name->text, node->name->text, node->name->text);
    else
        wf_diag_note(s->diags, diag, "write `%s.%s` to say that the field is meant",
                     ctx->row->name->text, node->name->text);
}

static struct wf_field *row_field(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_field *field = wf_record_field(ctx->row, node->name);
    if (field || !ctx->row || wf_find(ctx->s, WF_SCOPE_CONDITION, ctx->module, node->name))
        return field;
    const struct wf_str *other = wf_alias_of(ctx->s, ctx->module, node->name);
    field = other ? wf_record_field(ctx->row, other) : NULL;
    if (field)
        node->name = other;
    return field;
}

static const struct wf_type_info *use_row_field(struct wf_node *node, struct wf_field *field)
{
    node->sym = field->sym;
    node->form = WF_FORM_ROW_FIELD;
    field->sym->used = true;
    return field->type;
}

static const struct wf_type_info *use_symbol(struct wf_ctx *ctx, struct wf_node *node,
                                             struct wf_symbol *sym)
{
    struct wf_sema *s = ctx->s;
    node->sym = sym;
    sym->used = true;
    if (ctx->no_members) {
        wf_diag(s->diags, WF_E0310, node->span, "`%s` cannot stand here: %s", node->name->text,
                wf_word(ctx->no_members));
        return &wf_type_none;
    }
    switch (sym->kind) {
    case WF_SYM_EVENT: return wf_type_events(s, sym);
    case WF_SYM_WORD:
        sym->event->used = true;
        node->form = WF_FORM_ANY;
        return wf_type_plain(WF_T_BOOL, false);
    case WF_SYM_LET:
    case WF_SYM_SEGMENT:
    case WF_SYM_CLASSIFY: return wf_define(s, sym, node->span);
    case WF_SYM_INVITEES:
        wf_diag(s->diags, WF_E0203, node->span,
                "`%s` are other members; ask for their events: `purchase by %s`", node->name->text,
                node->name->text);
        return &wf_type_none;
    default: return sym->type ? sym->type : &wf_type_none;
    }
}

static struct wf_record *event_with_field(struct wf_ctx *ctx, const struct wf_str *name)
{
    struct wf_checked *c = ctx->s->checked;
    for (uint32_t i = 0; i < c->n_events; i++) {
        if (wf_record_field(c->events[i], name) && wf_sees(ctx->module, c->events[i]->sym))
            return c->events[i];
    }
    return NULL;
}

/* The name is known, but not as something an expression holds. */
static bool report_other_kind(struct wf_ctx *ctx, struct wf_node *node)
{
    static const enum wf_scope_id others[] = {WF_SCOPE_CLASS,   WF_SCOPE_CONTENT, WF_SCOPE_JOURNEY,
                                              WF_SCOPE_TRIGGER, WF_SCOPE_METRIC,  WF_SCOPE_TABLE,
                                              WF_SCOPE_CALENDAR};
    struct wf_sema *s = ctx->s;
    if (wf_blind(ctx->module))
        return false; /* it may be a value in what could not be imported */
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct wf_symbol *sym = wf_find(s, others[i], ctx->module, node->name);
        if (!sym)
            continue;
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0203, node->span, "`%s` is %s, which has no value here",
                    node->name->text, wf_symbol_kind_text((enum wf_symbol_kind)sym->kind));
        if (sym->kind == WF_SYM_CLASS) {
            const struct wf_str *classify = sym->type->enums->classify->name;
            wf_diag_edit(s->diags, diag, node->span, "%s = %s", classify->text, node->name->text);
            wf_diag_fix(s->diags, diag, "write `%s = %s`", classify->text, node->name->text);
        } else if (sym->node) {
            wf_diag_label(s->diags, diag, wf_name_span(sym->node), "declared here");
        }
        return true;
    }
    return false;
}

static void report_no_member(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_sema *s = ctx->s;
    if (s->said_no_member)
        return;
    s->said_no_member = true;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0206, node->span, "`%s` means nothing yet: no `member` is declared",
                node->name->text);
    struct wf_span top = {s->checked->modules[s->checked->n_modules - 1]->file, 0, 0};
    wf_diag_edit(s->diags, diag, top, "import std.retail\n");
    wf_diag_fix(s->diags, diag,
                "write `import std.retail` at the top: it declares what every "
                "shop has");
}

static bool said_unseen(struct wf_sema *s, struct wf_unit *unit, const struct wf_module *module)
{
    for (const struct wf_unseen *u = unit->unseen; u; u = u->next)
        if (u->module == module)
            return true;
    struct wf_unseen *u = wf_sema_alloc(s, sizeof(*u));
    if (!u)
        return true; /* the compilation fails for that */
    *u = (struct wf_unseen){module, unit->unseen};
    unit->unseen = u;
    return false;
}

bool wf_report_unseen(struct wf_sema *s, struct wf_module *module, const struct wf_str *name,
                      struct wf_span at)
{
    const struct wf_symbol *sym = wf_find(s, WF_SCOPE_CONDITION, NULL, name);
    if (!sym || !sym->module)
        return false;
    if (said_unseen(s, (struct wf_unit *)module, sym->module)) /* a module heads its unit */
        return true;
    const char *where = sym->module->name->text;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0201, at, "`%s` is declared in %s, which this file does not import",
                name->text, where);
    if (sym->module->embedded) {
        const struct wf_node *first = module->node->kid[WF_K_MODULE_ITEMS];
        struct wf_span top = {module->file, first->span.start, first->span.start};
        wf_diag_edit(s->diags, diag, top, "import %s\n", where);
        wf_diag_fix(s->diags, diag, "write `import %s` at the top", where);
    }
    return true;
}

static void report_unknown(struct wf_ctx *ctx, struct wf_node *node,
                           const struct wf_type_info *wanted)
{
    struct wf_sema *s = ctx->s;
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, node->name);
    const struct wf_enum *enums = wanted ? wanted->enums : NULL;
    for (uint32_t i = 0; enums && i < enums->n; i++)
        wf_suggest_offer(&suggest, enums->names[i]);
    for (uint32_t i = 0; ctx->row && i < ctx->row->n_fields; i++)
        wf_suggest_offer(&suggest, ctx->row->fields[i]->name);
    if (!enums || !suggest.best) {
        wf_suggest_scope(s, &suggest, WF_SCOPE_CONDITION, ctx->module);
        wf_suggest_scope(s, &suggest, WF_SCOPE_ALIAS, ctx->module);
    }
    if (wf_blind(ctx->module) && !suggest.best)
        return;
    if (!enums && wf_report_unseen(s, ctx->module, node->name, node->span))
        return;
    struct wf_diag *diag;
    if (enums)
        diag = wf_diag(s->diags, WF_E0207, node->span, "`%s` is not one of %s", node->name->text,
                       wf_enum_words(s, enums));
    else
        diag = wf_diag(s->diags, WF_E0201, node->span, "nothing is called `%s`", node->name->text);
    wf_suggest_fix(s, diag, &suggest);
    struct wf_record *event = enums ? NULL : event_with_field(ctx, node->name);
    if (event)
        wf_diag_note(s->diags, diag,
                     "`%s` is a field of the event `%s`: say which of its events are meant, as in "
                     "`last %s.%s` or `%s[%s ...]`",
                     node->name->text, event->name->text, event->name->text, node->name->text,
                     event->name->text, node->name->text);
    else if (ctx->row && !suggest.best)
        wf_diag_note(s->diags, diag, "inside [ ] stand the fields of `%s`, then the member's",
                     ctx->row->name->text);
}

const char *wf_enum_words(struct wf_sema *s, const struct wf_enum *enums)
{
    struct wf_buf words;
    wf_buf_init(&words, s->alloc, 0);
    for (uint32_t i = 0; i < enums->n && i < 12; i++)
        wf_buf_addf(&words, "%s%s", i ? ", " : "", enums->names[i]->text);
    if (enums->n > 12)
        wf_buf_adds(&words, " …");
    const char *copy = wf_arena_copy(s->arena, wf_buf_str(&words), words.len);
    wf_buf_release(&words);
    return copy ? copy : "";
}

bool wf_name_known(struct wf_ctx *ctx, struct wf_node *node)
{
    return row_field(ctx, node) || wf_is(node->name, "member") ||
           wf_find_node(ctx->s, WF_SCOPE_CONDITION, ctx->module, node);
}

const struct wf_type_info *wf_check_name(struct wf_ctx *ctx, struct wf_node *node,
                                         const struct wf_type_info *wanted)
{
    struct wf_sema *s = ctx->s;
    if (enum_position(ctx, wanted, node))
        return wf_type_optional(s, wanted, false);
    struct wf_field *field = row_field(ctx, node);
    if (field) {
        warn_shadow(ctx, node);
        return use_row_field(node, field);
    }
    struct wf_symbol *sym = wf_find_node(s, WF_SCOPE_CONDITION, ctx->module, node);
    if (sym)
        return use_symbol(ctx, node, sym);
    if (wf_is(node->name, "member") && s->checked->member_symbol) {
        node->sym = s->checked->member_symbol;
        return wf_type_sort(WF_SORT_MEMBER);
    }
    if (report_other_kind(ctx, node))
        return &wf_type_none;
    if (!s->checked->member && !wf_blind(ctx->module))
        report_no_member(ctx, node);
    else
        report_unknown(ctx, node, wanted);
    return &wf_type_none;
}

/* ---- base.name ---- */

static const struct wf_type_info *via(struct wf_ctx *ctx, struct wf_node *node,
                                      const struct wf_type_info *base)
{
    struct wf_sema *s = ctx->s;
    bool member = base->ref->kind == WF_SYM_MEMBER;
    struct wf_field *field =
        wf_record_find(s, ctx->module, base->ref->record, node, wf_name_span(node));
    if (!field)
        return &wf_type_none;
    node->sym = field->sym;
    node->form = member ? WF_FORM_VIA_MEMBER : WF_FORM_VIA_TABLE;
    field->sym->used = true;
    return wf_type_optional(s, field->type, true); /* what is referred to may not be there */
}

static const struct wf_type_info *own_field(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_field *field =
        wf_record_find(ctx->s, ctx->module, ctx->s->checked->member, node, wf_name_span(node));
    if (!field)
        return &wf_type_none;
    node->sym = field->sym;
    node->form = WF_FORM_OWN_FIELD;
    field->sym->used = true;
    return field->type;
}

static const struct wf_type_info *values_of_events(struct wf_ctx *ctx, struct wf_node *node,
                                                   struct wf_symbol *event)
{
    struct wf_field *field =
        wf_record_find(ctx->s, ctx->module, event->record, node, wf_name_span(node));
    if (!field || wf_type_bad(field->type))
        return &wf_type_none;
    node->sym = field->sym;
    node->form = WF_FORM_EVENT_VALUES;
    field->sym->used = true;
    return wf_type_of_events(ctx->s, field->type, event);
}

const struct wf_type_info *wf_check_field_of(struct wf_ctx *ctx, struct wf_node *node,
                                             const struct wf_type_info *base)
{
    struct wf_sema *s = ctx->s;
    if (wf_type_bad(base))
        return &wf_type_none;
    if (base->sort == WF_SORT_MEMBER)
        return own_field(ctx, node);
    if (base->sort == WF_SORT_EVENTS)
        return values_of_events(ctx, node, base->event);
    if (wf_type_is(base, WF_T_REF))
        return via(ctx, node, base);
    struct wf_node *left = node->kid[WF_K_FIELD_BASE];
    wf_diag(s->diags, WF_E0205, node->span, "`%s` is %s, which has no fields", wf_words(s, left),
            wf_type_text(base));
    return &wf_type_none;
}

const struct wf_type_info *wf_check_field(struct wf_ctx *ctx, struct wf_node *node)
{
    struct wf_node *base = node->kid[WF_K_FIELD_BASE];
    if (base->kind == WF_N_NAME && ctx->row && !row_field(ctx, base)) {
        struct wf_symbol *sym = wf_find_node(ctx->s, WF_SCOPE_CONDITION, ctx->module, base);
        struct wf_field *field =
            sym && sym->kind == WF_SYM_EVENT && sym->record == ctx->row
                ? wf_record_find(ctx->s, ctx->module, ctx->row, node, wf_name_span(node))
                : NULL;
        if (field) { /* `purchase.store` inside purchase[ ]: this row's */
            base->sym = sym;
            return use_row_field(node, field);
        }
    }
    bool word = false;
    const struct wf_type_info *type = wf_check_events(ctx, node, &word);
    if (word && !wf_type_bad(type))
        return wf_report_word(ctx, node);
    return type;
}
