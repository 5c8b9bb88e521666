/*
 * check_test.c - the tests in a file: their members, their timeline, what they expect.
 */
#include "lang/base/words.h"
#include "lang/sema/check.h"

struct scene {
    struct wf_ctx ctx;
    struct wf_nodes members; /* TEST_MEMBER */
    struct wf_node *last;    /* the item with the latest date so far */
};

static struct wf_node *member_named(const struct scene *t, const struct wf_str *name)
{
    for (uint32_t i = 0; i < t->members.n; i++) {
        if (t->members.items[i]->name == name)
            return t->members.items[i];
    }
    return NULL;
}

static void check_who(struct scene *t, struct wf_node *name)
{
    struct wf_sema *s = t->ctx.s;
    if (!name || !name->name)
        return;
    struct wf_node *member = member_named(t, name->name);
    if (member) {
        name->sym = member->sym;
        return;
    }
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, name->name);
    for (uint32_t i = 0; i < t->members.n; i++)
        wf_suggest_offer(&suggest, t->members.items[i]->name);
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0201, name->span, "this test has no member `%s`", name->name->text);
    wf_suggest_fix(s, diag, &suggest);
    if (!suggest.best)
        wf_diag_note(s->diags, diag, "declare one: member %s { ... }", name->name->text);
}

static void check_value(struct scene *t, const struct wf_field *field, struct wf_node *value)
{
    struct wf_span because = field->decl ? wf_name_span(field->decl) : value->span;
    if (value->kind == WF_N_MISSING) {
        value->type = field->type;
    } else if (wf_type_is(field->type, WF_T_REF)) {
        if (value->kind == WF_N_NAME && field->type->ref->kind == WF_SYM_MEMBER) {
            check_who(t, value);
            value->type = field->type;
        } else if (field->type->ref->record->key) {
            wf_check_against(&t->ctx, value, field->type->ref->record->key->type, because,
                             N_("the field names its key, %s"));
        }
    } else if (wf_type_is(field->type, WF_T_SET) && value->kind == WF_N_LIST) {
        value->type = field->type;
        for (struct wf_node *item = value->kid[WF_K_LIST_ITEMS]; item; item = item->next)
            wf_check_against(&t->ctx, item, wf_type_plain(WF_T_TEXT, false), because,
                             N_("it is one text of a set: %s"));
    } else {
        wf_check_against(&t->ctx, value, field->type, because, N_("the field is %s"));
    }
}

static void check_props(struct scene *t, const struct wf_record *record, struct wf_node *first)
{
    struct wf_sema *s = t->ctx.s;
    for (struct wf_node *prop = first; prop && record; prop = prop->next) {
        if (prop->kind != WF_N_PROP)
            continue;
        for (struct wf_node *other = first; other != prop; other = other->next) {
            if (other->name != prop->name)
                continue;
            struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(prop),
                                           "`%s` is given twice", prop->name->text);
            wf_diag_label(s->diags, diag, wf_name_span(other), "first given here");
        }
        struct wf_field *field = wf_record_find(s, t->ctx.module, record, prop, wf_name_span(prop));
        if (!field)
            continue;
        prop->sym = field->sym;
        check_value(t, field, prop->kid[WF_K_PROP_VALUE]);
    }
}

static void check_date(struct scene *t, struct wf_node *item, struct wf_node *on)
{
    struct wf_sema *s = t->ctx.s;
    if (!on || on->kind != WF_N_DATE)
        return;
    if (t->last && on->num < t->last->num) {
        struct wf_diag *diag =
            wf_diag(s->diags, WF_E0511, on->span, "a test goes forward in time; %s comes before %s",
                    wf_words(s, on), wf_words(s, t->last));
        wf_diag_label(s->diags, diag, t->last->span, "it was already this day");
        return;
    }
    t->last = on;
    (void)item;
}

static void check_event(struct scene *t, struct wf_node *node)
{
    struct wf_sema *s = t->ctx.s;
    check_date(t, node, node->kid[WF_K_TEST_EVENT_ON]);
    check_who(t, node->kid[WF_K_TEST_EVENT_MEMBER]);
    struct wf_symbol *sym = wf_find_node(s, WF_SCOPE_CONDITION, t->ctx.module, node);
    if (sym && sym->kind == WF_SYM_EVENT && !sym->record->sent) {
        node->sym = sym;
        sym->used = true;
        check_props(t, sym->record, node->kid[WF_K_TEST_EVENT_PROPS]);
        return;
    }
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, node->name);
    for (uint32_t i = 0; i < s->checked->n_events; i++)
        wf_suggest_offer(&suggest, s->checked->events[i]->name);
    if (wf_blind(t->ctx.module) && !suggest.best)
        return;
    struct wf_span at = wf_name_span(node);
    struct wf_diag *diag;
    if (sym && sym->kind == WF_SYM_WORD) {
        diag = wf_diag(s->diags, WF_E0306, at, "what happens is a `%s`; `%s` is the condition",
                       sym->event->name->text, node->name->text);
        wf_diag_edit(s->diags, diag, at, "%s", sym->event->name->text);
        wf_diag_fix(s->diags, diag, "write `%s`", sym->event->name->text);
    } else if (sym) {
        wf_diag(s->diags, WF_E0203, at,
                sym->kind == WF_SYM_EVENT ? N_("`%s` is %s that only the rules themselves make")
                                          : N_("`%s` is %s, not an event"),
                node->name->text, wf_symbol_kind_text((enum wf_symbol_kind)sym->kind));
    } else if (!wf_report_unseen(s, t->ctx.module, node->name, at)) {
        diag = wf_diag(s->diags, WF_E0201, at, "there is no event `%s`", node->name->text);
        wf_suggest_fix(s, diag, &suggest);
    }
}

/* A name of one scope that an expectation needs. */
static struct wf_symbol *expect_name(struct scene *t, struct wf_node *node, enum wf_scope_id scope,
                                     enum wf_symbol_kind kind, const char *what)
{
    struct wf_sema *s = t->ctx.s;
    struct wf_symbol *sym = wf_find_node(s, scope, t->ctx.module, node);
    if (sym && sym->kind == kind) {
        node->sym = sym;
        (kind == WF_SYM_CLASS ? sym->type->enums->classify : sym)->tested = true;
        return sym;
    }
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, node->name);
    for (size_t i = 0; i < s->scopes[scope].n_all; i++) {
        if (s->scopes[scope].all[i]->kind == kind &&
            wf_sees(t->ctx.module, s->scopes[scope].all[i]))
            wf_suggest_offer(&suggest, s->scopes[scope].all[i]->name);
    }
    if (wf_blind(t->ctx.module) && !suggest.best)
        return NULL;
    struct wf_diag *diag = wf_diag(s->diags, WF_E0201, wf_name_span(node), what, node->name->text);
    wf_suggest_fix(s, diag, &suggest);
    return NULL;
}

static const struct wf_node *find_step(const struct wf_node *list, const struct wf_str *name)
{
    for (; list; list = list->next) {
        if (list->kind == WF_N_STEP && list->name == name)
            return list;
        if (list->kind == WF_N_ACTION)
            continue;
        for (int i = 0; i < WF_MAX_KIDS; i++) {
            const struct wf_node *found = list->kid[i] ? find_step(list->kid[i], name) : NULL;
            if (found)
                return found;
        }
    }
    return NULL;
}

static void check_place(struct scene *t, struct wf_node *node)
{
    struct wf_symbol *journey =
        expect_name(t, node, WF_SCOPE_JOURNEY, WF_SYM_JOURNEY, N_("there is no journey `%s`"));
    struct wf_node *step = node->kid[WF_K_EXPECTED_WHAT];
    if (!journey || !step || !step->name)
        return;
    const struct wf_node *found = find_step(journey->node->kid[WF_K_JOURNEY_STEPS], step->name);
    if (found)
        step->sym = found->sym;
    else if (!wf_is(step->name, "start")) /* before the first */
        wf_diag(t->ctx.s->diags, WF_E0211, step->span, "the journey `%s` has no step `%s`",
                journey->name->text, step->name->text);
}

static void check_gate(struct scene *t, struct wf_node *node)
{
    static const char *const gates[] = {"valid", "holdout", "paused", "hours", "reach",
                                        "cap",   "stock",   "budget", "missed"};
    struct wf_sema *s = t->ctx.s;
    struct wf_suggest suggest;
    wf_suggest_init(&suggest, node->name);
    for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
        if (wf_is(node->name, gates[i]))
            return;
        wf_suggest_offer(&suggest, wf_sema_name(s, gates[i]));
    }
    struct wf_diag *diag = wf_diag(s->diags, WF_E0207, wf_name_span(node),
                                   "`%s` is no reason to suppress an action; the reasons are "
                                   "valid, holdout, paused, hours, reach, cap, stock, budget, "
                                   "missed",
                                   node->name->text);
    wf_suggest_fix(s, diag, &suggest);
}

static void check_action(struct scene *t, struct wf_node *action)
{
    struct wf_node *target = action->kid[WF_K_ACTION_TARGET];
    bool task = action->op == WF_OP_DO_OWNER || action->op == WF_OP_DO_STORE;
    if (task && target) /* what is expected is the text as it was written or as it came out */
        target->type = wf_type_plain(WF_T_TEXT, false);
    wf_check_action(&t->ctx, action);
    struct wf_node *at = action->kid[WF_K_ACTION_AT];
    if (at && at->kind != WF_N_CLOCK && !wf_type_bad(at->type))
        wf_diag(t->ctx.s->diags, WF_E0110, at->span,
                "a test says the hour itself, as in `at 19:00`");
}

static void check_expected(struct scene *t, struct wf_node *node)
{
    struct wf_node *what = node->kid[WF_K_EXPECTED_WHAT];
    check_who(t, node->kid[WF_K_EXPECTED_MEMBER]);
    switch (node->op) {
    case WF_OP_EX_ACTION: check_action(t, what); break;
    case WF_OP_EX_SEGMENT:
        expect_name(t, node, WF_SCOPE_CONDITION, WF_SYM_SEGMENT, N_("there is no segment `%s`"));
        break;
    case WF_OP_EX_JOURNEY: check_place(t, node); break;
    case WF_OP_EX_CLASS:
        expect_name(t, node, WF_SCOPE_CLASS, WF_SYM_CLASS, N_("there is no class `%s`"));
        break;
    case WF_OP_EX_VALUE: {
        struct wf_record *member = t->ctx.s->checked->member;
        struct wf_field *field =
            member ? wf_record_find(t->ctx.s, t->ctx.module, member, node, wf_name_span(node))
                   : NULL;
        if (field) {
            node->sym = field->sym;
            check_value(t, field, what);
        }
        break;
    }
    case WF_OP_EX_SUPPRESSED:
        check_gate(t, node);
        if (what)
            check_action(t, what);
        break;
    default: break;
    }
}

static void declare_member(struct scene *t, struct wf_node *node)
{
    struct wf_sema *s = t->ctx.s;
    struct wf_node *first = member_named(t, node->name);
    if (first) {
        struct wf_diag *diag = wf_diag(s->diags, WF_E0202, wf_name_span(node),
                                       "the member `%s` is declared twice", node->name->text);
        wf_diag_label(s->diags, diag, wf_name_span(first), "first declared here");
        return;
    }
    node->sym = wf_symbol_new(s, WF_SYM_TEST_MEMBER, node->name, node, t->ctx.module);
    wf_node_push(s, &t->members, node);
}

void wf_check_test(struct wf_sema *s, struct wf_module *module, struct wf_node *node)
{
    struct scene t = {
        .ctx = {.s = s, .module = module, .no_members = N_("a test holds plain values")}};
    struct wf_node *first = node->kid[WF_K_TEST_ITEMS];
    for (struct wf_node *item = first; item; item = item->next) {
        if (item->kind == WF_N_TEST_MEMBER && item->name)
            declare_member(&t, item);
    }
    for (struct wf_node *item = first; item && !s->nomem; item = item->next) {
        switch (item->kind) {
        case WF_N_TEST_MEMBER:
            check_props(&t, s->checked->member, item->kid[WF_K_TEST_MEMBER_PROPS]);
            break;
        case WF_N_TEST_EVENT: check_event(&t, item); break;
        case WF_N_TEST_CHANGE:
            check_date(&t, item, item->kid[WF_K_TEST_CHANGE_ON]);
            check_who(&t, item->kid[WF_K_TEST_CHANGE_MEMBER]);
            check_props(&t, s->checked->member, item->kid[WF_K_TEST_CHANGE_PROPS]);
            break;
        case WF_N_EXPECT: {
            check_date(&t, item, item->kid[WF_K_EXPECT_ON]);
            struct wf_node *what = item->kid[WF_K_EXPECT_WHAT];
            for (; what; what = what->next) {
                if (what->kind == WF_N_EXPECTED)
                    check_expected(&t, what);
            }
            break;
        }
        default: break;
        }
    }
}
