/*
 * lint_rules.c - rules without a name, segments that are the same, coupons that never leave.
 */
#include "lang/sema/check.h"

/* An unnamed rule is known by its text: a changed word makes it another rule. */
static void lint_unnamed(struct wf_sema *s, const struct wf_module *module)
{
    uint32_t rules = 0;
    for (struct wf_node *n = module->node->kid[WF_K_MODULE_ITEMS]; n; n = n->next)
        rules += n->kind == WF_N_TRIGGER;
    if (rules < 2)
        return;
    for (struct wf_node *n = module->node->kid[WF_K_MODULE_ITEMS]; n; n = n->next) {
        if (n->kind != WF_N_TRIGGER || n->name)
            continue;
        struct wf_span when = n->kid[WF_K_TRIGGER_WHEN]->span;
        struct wf_diag *diag = wf_diag(s->diags, WF_W0501, when,
                                       "one of %u rules in this file, and it has no name", rules);
        wf_diag_note(s->diags, diag,
                     "write `trigger NAME when ...`: a rule without a name becomes "
                     "another rule when its words change");
    }
}

static void lint_equal_segments(struct wf_sema *s)
{
    struct wf_checked *c = s->checked;
    for (uint32_t i = 0; i < c->n_defs; i++) {
        struct wf_symbol *later = c->defs[i];
        if (later->kind != WF_SYM_SEGMENT || later->module->embedded)
            continue;
        const struct wf_str *words = wf_identity_of_text(s, later->node->kid[WF_K_SEGMENT_COND]);
        struct wf_symbol *earlier = wf_find(s, WF_SCOPE_SEGMENT, NULL, words);
        if (!earlier) {
            struct wf_symbol *known = wf_symbol_new(s, WF_SYM_SEGMENT, words, later->node, NULL);
            wf_declare_quietly(s, WF_SCOPE_SEGMENT, known);
            continue;
        }
        struct wf_diag *diag = wf_diag(s->diags, WF_W0402, wf_name_span(later->node),
                                       "`%s` and `%s` are the same segment", later->name->text,
                                       earlier->node->name->text);
        wf_diag_label(s->diags, diag, wf_name_span(earlier->node), "the same condition");
    }
}

static void lint_stock(struct wf_sema *s)
{
    for (uint32_t i = 0; i < s->checked->coupons.n; i++) {
        struct wf_node *coupon = s->checked->coupons.items[i];
        for (struct wf_node *prop = coupon->kid[WF_K_COUPON_PROPS]; prop; prop = prop->next) {
            struct wf_node *value = prop->kid[WF_K_PROP_VALUE];
            if (!wf_is(prop->name, "stock") || value->kind != WF_N_INT || value->num > 0 ||
                !coupon->sym || !coupon->sym->used)
                continue;
            wf_diag(s->diags, WF_W0403, prop->span,
                    "the coupon `%s` has no stock: whatever sends it sends nothing",
                    coupon->name->text);
        }
    }
}

void wf_lint_rules(struct wf_sema *s)
{
    for (uint32_t m = 0; m < s->checked->n_modules; m++) {
        if (!s->checked->modules[m]->embedded)
            lint_unnamed(s, s->checked->modules[m]);
    }
    lint_equal_segments(s);
    lint_stock(s);
}
