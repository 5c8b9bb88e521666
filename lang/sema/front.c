#include "lang/sema/front.h"

#include "lang/sema/check.h"

enum { NAMES_SEED = 0x57415946 }; /* only the speed of look-ups depends on it */

void wf_front_init(struct wf_front *front, const struct wf_alloc *alloc)
{
    *front = (struct wf_front){0};
    wf_sources_init(&front->sources, alloc);
    wf_intern_init(&front->names, alloc, NAMES_SEED);
    wf_diags_init(&front->diags, alloc, &front->sources);
    wf_arena_init(&front->trees, alloc);
    wf_arena_init(&front->checked.arena, alloc);
}

void wf_front_release(struct wf_front *front)
{
    wf_arena_release(&front->checked.arena);
    wf_arena_release(&front->trees);
    wf_diags_release(&front->diags);
    wf_intern_release(&front->names);
    wf_sources_release(&front->sources);
}

/* Requires declared names; fills node->type, sym and form, and the lists of checked. */
static void check_declarations(struct wf_sema *s)
{
    for (uint32_t m = 0; m < s->checked->n_modules && !s->nomem; m++) {
        struct wf_module *module = s->checked->modules[m];
        struct wf_node *node = module->node->kid[WF_K_MODULE_ITEMS];
        for (; node && !s->nomem; node = node->next) {
            switch (node->kind) {
            case WF_N_COUPON:
            case WF_N_MESSAGE:
            case WF_N_GROUP:
            case WF_N_COST: wf_check_content(s, module, node); break;
            case WF_N_TRIGGER: wf_check_trigger(s, module, node); break;
            case WF_N_JOURNEY: wf_check_journey(s, module, node); break;
            case WF_N_POLICY: wf_check_policy(s, module, node); break;
            case WF_N_METRIC: wf_check_metric(s, module, node); break;
            case WF_N_TEST: wf_check_test(s, module, node); break;
            default: break;
            }
        }
    }
}

static void check_all(struct wf_sema *s)
{
    wf_declare_all(s);
    wf_check_clashes(s);
    wf_check_records(s);
    wf_check_aliases(s);
    wf_check_definitions(s);
    check_declarations(s);
    if (!s->diags->errors && !s->nomem) {
        wf_check_budgets(s);
        wf_check_locked(s);
    }
    if (s->diags->errors || s->diags->dropped || s->nomem)
        return;
    wf_lint_unused(s);
    wf_lint_missing(s);
    wf_lint_rules(s);
    wf_lint_truth(s);
}

/* The scopes go; what they held is still asked for (query.h). */
static void keep_names(struct wf_sema *s)
{
    struct wf_checked *c = s->checked;
    for (int id = 0; id < WF_SCOPE_RULE; id++) {
        const struct wf_scope *scope = &s->scopes[id];
        for (size_t i = 0; i < scope->n_all; i++)
            wf_sema_push(s, &c->names, &c->n_names, &c->room_names, &scope->all[i],
                         sizeof(struct wf_symbol *));
    }
}

enum wf_status wf_front_check(struct wf_front *front, const struct wf_loader *loader,
                              const char *path)
{
    struct wf_sema s = {
        .checked = &front->checked,
        .arena = &front->checked.arena,
        .trees = &front->trees,
        .names = &front->names,
        .sources = &front->sources,
        .diags = &front->diags,
        .alloc = front->sources.alloc,
        .loader = loader,
    };
    enum wf_status status = wf_modules_load(&s, path);
    if (status == WF_OK) {
        check_all(&s);
        keep_names(&s);
    }
    wf_scopes_release(&s);
    wf_modules_release(&s);
    wf_diags_sort(&front->diags);
    if (status != WF_OK)
        return status;
    /* a warning that had no memory to be said in does not make the rules wrong */
    bool unsaid = front->diags.dropped && front->diags.n < WF_MAX_DIAGS;
    if (s.nomem || (unsaid && !front->diags.errors))
        return WF_ERR_NOMEM;
    return front->diags.errors || front->diags.dropped ? WF_ERR_RULES : WF_OK;
}
