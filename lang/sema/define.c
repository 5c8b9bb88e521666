/*
 * define.c - let, segment and classify: each typed once, when first used; circles are refused.
 */
#include "lang/sema/check.h"

enum { NEW, UNDER_WAY, DONE };

static void report_circle(struct wf_sema *s, struct wf_symbol *sym, struct wf_span used)
{
    struct wf_buf path;
    wf_buf_init(&path, s->alloc, 0);
    unsigned from = 0;
    while (s->defining[from].sym != sym)
        from++;
    for (unsigned i = from; i < s->n_defining; i++)
        wf_buf_addf(&path, "%s → ", s->defining[i].sym->name->text);
    wf_buf_adds(&path, sym->name->text);
    struct wf_diag *diag = wf_diag(s->diags, WF_E0204, used, "`%s` is defined by itself: %s",
                                   sym->name->text, wf_buf_str(&path));
    for (unsigned i = from + 1; i < s->n_defining; i++)
        wf_diag_label(s->diags, diag, s->defining[i].used, "`%s` uses `%s`",
                      s->defining[i - 1].sym->name->text, s->defining[i].sym->name->text);
    wf_buf_release(&path);
}

static const struct wf_type_info *type_let(struct wf_ctx *ctx, struct wf_node *node)
{
    const struct wf_type_info *type = wf_check_value(ctx, node->kid[WF_K_LET_VALUE], NULL);
    return wf_type_bad(type) ? &wf_type_none : type;
}

static const struct wf_type_info *type_classify(struct wf_ctx *ctx, struct wf_symbol *sym)
{
    struct wf_sema *s = ctx->s;
    struct wf_node *otherwise = NULL;
    struct wf_node *class = sym->node->kid[WF_K_CLASSIFY_CLASSES];
    for (; class; class = class->next) {
        if (class->kind != WF_N_CLASS)
            continue;
        if (otherwise) {
            struct wf_diag *diag = wf_diag(s->diags, WF_W0401, wf_name_span(class),
                                           "nobody is ever `%s`: everyone left was taken by `%s`",
                                           class->name->text, otherwise->name->text);
            wf_diag_label(s->diags, diag, otherwise->span, "the rest of the members end here");
            wf_diag_note(s->diags, diag, "`otherwise` comes last");
        }
        if (class->kid[WF_K_CLASS_WHEN])
            wf_check_condition(ctx, class->kid[WF_K_CLASS_WHEN]);
        else if (!otherwise)
            otherwise = class;
    }
    return sym->type;
}

const struct wf_type_info *wf_define(struct wf_sema *s, struct wf_symbol *sym, struct wf_span used)
{
    if (sym->state == DONE)
        return sym->type ? sym->type : &wf_type_none;
    if (sym->state == UNDER_WAY) {
        report_circle(s, sym, used);
        return &wf_type_none;
    }
    if (s->n_defining >= WF_MAX_NESTING) {
        wf_diag(s->diags, WF_E0108, used, "more than %d definitions, each using the next",
                WF_MAX_NESTING);
        return &wf_type_none;
    }
    sym->state = UNDER_WAY;
    s->defining[s->n_defining].sym = sym;
    s->defining[s->n_defining++].used = used;
    struct wf_ctx ctx = {.s = s, .module = sym->module};
    const struct wf_type_info *type;
    if (sym->kind == WF_SYM_LET)
        type = type_let(&ctx, sym->node);
    else if (sym->kind == WF_SYM_SEGMENT)
        type = wf_check_condition(&ctx, sym->node->kid[WF_K_SEGMENT_COND]);
    else
        type = type_classify(&ctx, sym);
    s->n_defining--;
    sym->state = DONE;
    sym->type = wf_type_bad(type) ? &wf_type_none : type;
    struct wf_checked *c = s->checked;
    if (wf_sema_push(s, &c->defs, &c->n_defs, &c->room_defs, &sym, sizeof(struct wf_symbol *)))
        sym->index = c->n_defs - 1;
    return sym->type;
}

void wf_check_definitions(struct wf_sema *s)
{
    for (uint32_t m = 0; m < s->checked->n_modules && !s->nomem; m++) {
        struct wf_node *node = s->checked->modules[m]->node->kid[WF_K_MODULE_ITEMS];
        for (; node && !s->nomem; node = node->next) {
            bool defines =
                node->kind == WF_N_LET || node->kind == WF_N_SEGMENT || node->kind == WF_N_CLASSIFY;
            if (defines && node->sym)
                wf_define(s, node->sym, wf_name_span(node));
        }
    }
}
