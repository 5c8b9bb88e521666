/*
 * declare.c - every name a program declares, before any meaning is looked at.
 */
#include "lang/sema/check.h"

static struct wf_symbol *declare(struct wf_sema *s, enum wf_scope_id scope,
                                 enum wf_symbol_kind kind, struct wf_module *module,
                                 struct wf_node *node)
{
    struct wf_symbol *sym = wf_symbol_new(s, kind, node->name, node, module);
    node->sym = sym;
    if (node->name)
        wf_declare(s, scope, sym);
    return sym;
}

static void declare_definition(struct wf_sema *s, enum wf_symbol_kind kind,
                               struct wf_module *module, struct wf_node *node)
{
    declare(s, WF_SCOPE_CONDITION, kind, module, node);
}

static const struct wf_enum *enum_of_classes(struct wf_sema *s, struct wf_symbol *classify)
{
    struct wf_enum *classes = wf_sema_alloc(s, sizeof(*classes));
    if (!classes)
        return NULL;
    classes->classify = classify;
    struct wf_node *class = classify->node->kid[WF_K_CLASSIFY_CLASSES];
    uint32_t room = 0;
    for (; class; class = class->next) {
        if (class->kind == WF_N_CLASS)
            wf_sema_push(s, &classes->names, &classes->n, &room, &class->name,
                         sizeof(const struct wf_str *));
    }
    return classes;
}

/* Classes are found through their classify; two of them may share a word. */
static void declare_class(struct wf_sema *s, struct wf_symbol *classify, struct wf_node *class,
                          uint32_t position)
{
    struct wf_symbol *first = wf_class_of(s, classify->type->enums, class->name);
    if (first) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(class),
                                       "the class `%s` is declared twice", class->name->text);
        wf_diag_label(s->diags, diag, wf_name_span(first->node), "first declared here");
        return;
    }
    struct wf_symbol *sym = wf_symbol_new(s, WF_SYM_CLASS, class->name, class, classify->module);
    class->sym = sym;
    if (!sym)
        return;
    sym->index = position;
    sym->type = classify->type;
    wf_declare_quietly(s, WF_SCOPE_CLASS, sym);
}

static void declare_classify(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct wf_symbol *classify = declare(s, WF_SCOPE_CONDITION, WF_SYM_CLASSIFY, module, node);
    struct wf_type_info *type = wf_sema_alloc(s, sizeof(*type));
    if (!classify || !type)
        return;
    *type = (struct wf_type_info){.sort = WF_SORT_VALUE, .base = WF_T_ENUM, .optional = true};
    type->enums = enum_of_classes(s, classify);
    classify->type = type;
    uint32_t position = 0;
    for (struct wf_node *class = node->kid[WF_K_CLASSIFY_CLASSES]; class; class = class->next) {
        if (class->kind == WF_N_CLASS && class->name)
            declare_class(s, classify, class, position++);
    }
}

/* A channel is declared by the first policy that says when it may be used. */
static void declare_channels(struct wf_sema *s, struct wf_module *module, struct wf_node *policy)
{
    for (struct wf_node *item = policy->kid[WF_K_POLICY_ITEMS]; item; item = item->next) {
        if (item->kind != WF_N_REACH || !item->name)
            continue;
        struct wf_symbol *sym = wf_find(s, WF_SCOPE_CHANNEL, NULL, item->name);
        if (!sym) {
            sym = wf_symbol_new(s, WF_SYM_CHANNEL, item->name, item, NULL);
            wf_declare_quietly(s, WF_SCOPE_CHANNEL, sym);
            struct wf_checked *c = s->checked;
            if (sym && wf_sema_push(s, &c->channels, &c->n_channels, &c->room_channels, &sym,
                                    sizeof(struct wf_symbol *)))
                sym->index = c->n_channels - 1;
        }
        item->sym = sym;
    }
    (void)module;
}

struct zone_offers {
    struct wf_sema *s;
    struct wf_suggest near;
};

static void offer_zone(void *to, const char *name)
{
    struct zone_offers *offers = to;
    wf_suggest_offer(&offers->near, wf_sema_name(offers->s, name));
}

/* A night could not be dated: better said by `check` than by the night. */
static void check_zone(struct wf_sema *s, const struct wf_node *node)
{
    struct zone_offers offers = {.s = s};
    wf_suggest_init(&offers.near, node->name);
    if (!s->loader->zone || s->loader->zone(node->name->text, offer_zone, &offers))
        return;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0212, node->span,
                                   "this machine has no time zone called \"%s\"", node->name->text);
    if (offers.near.best)
        wf_diag_fix(s->diags, diag, "did you mean \"%s\"?", offers.near.best->text);
    else
        wf_diag_note(s->diags, diag,
                     "zones are called by a continent and a large city in them: "
                     "\"Asia/Shanghai\", which is the time of all China");
}

static void declare_timezone(struct wf_sema *s, struct wf_module *module, struct wf_node *node,
                             struct wf_node **seen)
{
    if (*seen) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0202, node->span, "the timezone is set twice in this file");
        wf_diag_label(s->diags, diag, (*seen)->span, "first set here");
        return;
    }
    *seen = node;
    check_zone(s, node);
    /* the zone of the main file, which comes last, rules the whole program */
    s->checked->timezone = node->name;
    (void)module;
}

static void declare_merges(struct wf_sema *s, struct wf_node *node)
{
    if (s->checked->merges) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0202, node->span, "the feed of merged members is named twice");
        wf_diag_label(s->diags, diag, s->checked->merges->span, "first named here");
        return;
    }
    s->checked->merges = node;
}

static void declare_content(struct wf_sema *s, enum wf_symbol_kind kind, struct wf_nodes *list,
                            struct wf_module *module, struct wf_node *node)
{
    struct wf_symbol *sym = declare(s, WF_SCOPE_CONTENT, kind, module, node);
    if (sym)
        sym->index = list->n;
    wf_node_push(s, list, node);
}

static void declare_listed(struct wf_sema *s, enum wf_scope_id scope, enum wf_symbol_kind kind,
                           struct wf_nodes *list, struct wf_module *module, struct wf_node *node)
{
    struct wf_symbol *sym = declare(s, scope, kind, module, node);
    if (sym)
        sym->index = list->n;
    wf_node_push(s, list, node);
}

static void declare_item(struct wf_sema *s, struct wf_module *module, struct wf_node *node,
                         struct wf_node **zone)
{
    struct wf_checked *c = s->checked;
    switch (node->kind) {
    case WF_N_TIMEZONE: declare_timezone(s, module, node, zone); break;
    case WF_N_ALIAS: declare(s, WF_SCOPE_ALIAS, WF_SYM_ALIAS, module, node); break;
    case WF_N_MERGES: declare_merges(s, node); break;
    case WF_N_MEMBER:
    case WF_N_EVENT:
    case WF_N_TABLE: wf_declare_record(s, module, node); break;
    case WF_N_COUPON: declare_content(s, WF_SYM_COUPON, &c->coupons, module, node); break;
    case WF_N_MESSAGE: declare_content(s, WF_SYM_MESSAGE, &c->messages, module, node); break;
    case WF_N_GROUP: declare_content(s, WF_SYM_GROUP, &c->groups, module, node); break;
    case WF_N_CATALOGUE: wf_node_push(s, &c->catalogues, node); break;
    case WF_N_COST: wf_node_push(s, &c->costs, node); break;
    case WF_N_CALENDAR:
        declare_listed(s, WF_SCOPE_CALENDAR, WF_SYM_CALENDAR, &c->calendars, module, node);
        break;
    case WF_N_LET: declare_definition(s, WF_SYM_LET, module, node); break;
    case WF_N_SEGMENT: declare_definition(s, WF_SYM_SEGMENT, module, node); break;
    case WF_N_CLASSIFY: declare_classify(s, module, node); break;
    case WF_N_TRIGGER: declare(s, WF_SCOPE_TRIGGER, WF_SYM_TRIGGER, module, node); break;
    case WF_N_JOURNEY:
        declare_listed(s, WF_SCOPE_JOURNEY, WF_SYM_JOURNEY, &c->journeys, module, node);
        break;
    case WF_N_POLICY:
        declare_listed(s, WF_SCOPE_POLICY, WF_SYM_POLICY, &c->policies, module, node);
        declare_channels(s, module, node);
        break;
    case WF_N_METRIC:
        declare_listed(s, WF_SCOPE_METRIC, WF_SYM_METRIC, &c->metrics, module, node);
        break;
    case WF_N_TEST: wf_node_push(s, &c->tests, node); break;
    default: break; /* IMPORT was followed, ERROR was reported */
    }
}

static bool known_anywhere(struct wf_sema *s, const struct wf_module *module, struct wf_node *node)
{
    const struct wf_str *name = node->name;
    for (int id = 0; id < WF_SCOPE_COUNT_ && !node->sym; id++)
        node->sym = wf_find(s, (enum wf_scope_id)id, module, name);
    if (node->sym)
        return true;
    struct wf_checked *c = s->checked;
    for (uint32_t i = 0; i < c->n_events; i++) {
        if (wf_record_field(c->events[i], name))
            return true;
    }
    for (uint32_t i = 0; i < c->n_tables; i++) {
        if (wf_record_field(c->tables[i], name))
            return true;
    }
    return wf_record_field(c->sent, name) || wf_record_value(s, name);
}

static void suggest_field_names(struct wf_suggest *suggest, const struct wf_record *record)
{
    for (uint32_t i = 0; record && i < record->n_fields; i++)
        wf_suggest_offer(suggest, record->fields[i]->name);
}

/* An alias must stand for something, and not for itself. */
static void check_alias(struct wf_sema *s, struct wf_symbol *alias)
{
    struct wf_node *old = alias->node->kid[WF_K_ALIAS_OLD];
    if (!old || !old->name)
        return;
    struct wf_symbol *step = alias;
    for (int n = 0; step && step->node && n < WF_MAX_NESTING; n++) {
        const struct wf_str *next = step->node->kid[WF_K_ALIAS_OLD]->name;
        step = wf_find(s, WF_SCOPE_ALIAS, step->module, next);
        if (step && step->state)
            return; /* said at the first of the circle */
        if (step == alias) {
            alias->state = 1;
            wf_diag(s->diags, WF_E0204, alias->node->span, "the alias `%s` stands for itself",
                    alias->name->text);
            return;
        }
    }
    if (known_anywhere(s, alias->module, old))
        return;
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, old->name);
    for (int id = 0; id < WF_SCOPE_COUNT_; id++)
        wf_suggest_scope(s, &suggest, (enum wf_scope_id)id, alias->module);
    for (uint32_t i = 0; i < s->checked->n_events; i++)
        suggest_field_names(&suggest, s->checked->events[i]);
    if (wf_blind(alias->module) && !suggest.best)
        return;
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0201, wf_name_span(old),
                "nothing is called `%s`, so no alias can stand for it", old->name->text);
    wf_suggest_fix(s, diag, &suggest);
}

void wf_declare_all(struct wf_sema *s)
{
    wf_declare_sent(s);
    for (uint32_t m = 0; m < s->checked->n_modules && !s->nomem; m++) {
        struct wf_module *module = s->checked->modules[m];
        struct wf_node *zone = NULL;
        struct wf_node *node = module->node->kid[WF_K_MODULE_ITEMS];
        for (; node && !s->nomem; node = node->next)
            declare_item(s, module, node, &zone);
    }
    if (!s->checked->timezone)
        s->checked->timezone = wf_sema_name(s, "Asia/Shanghai");
}

/* `member { 城市 text? }` where 城市 is an alias of the field `city`: a second field, which whoever
 * wrote it hardly wants. */
static void check_beside(struct wf_sema *s, struct wf_symbol *alias, struct wf_record *record)
{
    const struct wf_node *old = alias->node->kid[WF_K_ALIAS_OLD];
    const struct wf_field *meant = old ? wf_record_field(record, old->name) : NULL;
    const struct wf_field *field = meant ? wf_record_field(record, alias->name) : NULL;
    if (!field || field == meant || !field->decl || field->sym->module->embedded ||
        !wf_sees(field->sym->module, alias))
        return;
    struct wf_span span = wf_name_span(field->decl);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_W0203, span,
                "`%s` is an alias of the field `%s`; this declares a second field beside it",
                alias->name->text, old->name->text);
    if (meant->decl &&
        meant->decl->span.file == span.file) { /* two of one name would be an error */
        wf_diag_label(s->diags, diag, wf_name_span(meant->decl), "the field that is meant");
        return;
    }
    wf_diag_edit(s->diags, diag, span, "%s", old->name->text);
    if (field->column == field->name) {
        struct wf_span end = {span.file, field->decl->span.end, field->decl->span.end};
        wf_diag_edit(s->diags, diag, end, " from \"%s\"", field->column->text);
    }
    wf_diag_fix(s->diags, diag, "write `%s`: it is the same field, of the column \"%s\"",
                old->name->text, field->column->text);
}

void wf_check_aliases(struct wf_sema *s)
{
    struct wf_scope *aliases = &s->scopes[WF_SCOPE_ALIAS];
    for (size_t i = 0; i < aliases->n_all; i++) {
        check_alias(s, aliases->all[i]);
        check_beside(s, aliases->all[i], s->checked->member);
        for (uint32_t e = 0; e < s->checked->n_events; e++)
            check_beside(s, aliases->all[i], s->checked->events[e]);
    }
}
