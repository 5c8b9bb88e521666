/*
 * lint_unused.c - names of the main file that nothing uses. Segments, classes and metrics are in
 * the report of every night; names of an imported file, or of one without rules, are there for
 * others.
 */
#include "lang/sema/check.h"

static bool wants_use(const struct wf_symbol *sym)
{
    switch (sym->kind) {
    case WF_SYM_LET:
    case WF_SYM_MESSAGE:
    case WF_SYM_COUPON:
    case WF_SYM_GROUP:
    case WF_SYM_TABLE:
    case WF_SYM_CALENDAR:
    case WF_SYM_ALIAS: return true;
    default: return false;
    }
}

static bool has_rules(const struct wf_module *module)
{
    for (const struct wf_node *n = module->node->kid[WF_K_MODULE_ITEMS]; n; n = n->next) {
        if (n->kind == WF_N_TRIGGER || n->kind == WF_N_JOURNEY)
            return true;
    }
    return false;
}

void wf_lint_unused(struct wf_sema *s)
{
    static const enum wf_scope_id scopes[] = {WF_SCOPE_CONDITION, WF_SCOPE_CONTENT, WF_SCOPE_TABLE,
                                              WF_SCOPE_CALENDAR, WF_SCOPE_ALIAS};
    const struct wf_module *main_file = s->checked->modules[s->checked->n_modules - 1];
    if (!has_rules(main_file))
        return;
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++) {
        const struct wf_scope *scope = &s->scopes[scopes[i]];
        for (size_t k = 0; k < scope->n_all; k++) {
            struct wf_symbol *sym = scope->all[k];
            if (sym->used || sym->module != main_file || !wants_use(sym) || !sym->node)
                continue;
            struct wf_diag *diag = wf_diag(s->diags, WF_W0201, wf_name_span(sym->node),
                                           "`%s` is never used", sym->name->text);
            if (sym->kind == WF_SYM_COUPON || sym->kind == WF_SYM_MESSAGE)
                wf_diag_note(s->diags, diag, "no rule sends it");
        }
    }
}
