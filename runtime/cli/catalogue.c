#include "runtime/cli/catalogue.h"

#include <string.h>

#include "lang/base/distance.h"
#include "lang/base/words.h"
#include "runtime/data/catalogue.h"

struct catalogues {
    struct wf_front *front;
    const struct wf_dataset *data;
};

/* ---- what the actions name ---- */

static bool is_declared(const struct wf_checked *checked, const char *name, bool coupon)
{
    for (uint32_t i = 0; i < (coupon ? checked->coupons.n : checked->messages.n); i++) {
        const struct wf_node *node =
            coupon ? checked->coupons.items[i] : checked->messages.items[i];
        if (strcmp(node->name->text, name) == 0)
            return true;
    }
    return false;
}

/* The name's place, behind where its action begins. */
static struct wf_span span_of(const struct wf_front *front, const struct wf_ir *ir, uint32_t place,
                              const char *name)
{
    const struct wf_ir_place *at = &ir->places[place];
    for (uint32_t f = 0; place != WF_NONE && f < front->sources.n; f++) {
        const struct wf_source *source = &front->sources.files[f];
        if (strcmp(source->name, ir->texts[at->file]->text) != 0 || at->line > source->n_lines)
            continue;
        const char *found = strstr(source->text + source->lines[at->line - 1], name);
        uint32_t start = found ? (uint32_t)(found - source->text) : 0;
        return (struct wf_span){f, start, start + (uint32_t)strlen(name)};
    }
    return (struct wf_span){UINT32_MAX, 0, 0};
}

/* The code most like a name that no catalogue has; NULL: none is near. */
static const struct wf_listing *nearest(const struct wf_ir *ir, const struct wf_dataset *data,
                                        bool coupon, const char *name)
{
    size_t len = strlen(name), best = (len / 3 > 1 ? len / 3 : 1) + 1;
    const struct wf_listing *found = NULL;
    for (uint32_t i = 0; i < ir->n_catalogues; i++) {
        const struct wf_catalogue *c = &data->catalogues[i];
        for (uint32_t k = 0; ir->catalogues[i].coupon == coupon && k < c->n; k++) {
            size_t d = wf_edit_distance(name, len, c->listings[k].code, c->listings[k].len, best);
            if (d >= best || d >= len)
                continue;
            best = d;
            found = &c->listings[k];
        }
    }
    return found;
}

/* Whether every catalogue of the kind could be read: else nobody knows what they have. */
static bool all_read(const struct wf_ir *ir, const struct wf_dataset *data, bool coupon)
{
    for (uint32_t i = 0; i < ir->n_catalogues; i++)
        if (ir->catalogues[i].coupon == coupon && !data->catalogues[i].read)
            return false;
    return true;
}

static void check_name(struct catalogues *c, const struct wf_ir *ir, uint32_t text, uint32_t place,
                       bool coupon)
{
    const char *name = text == WF_NONE ? NULL : ir->texts[text]->text;
    struct wf_diags *diags = &c->front->diags;
    if (!name || is_declared(&c->front->checked, name, coupon) || !all_read(ir, c->data, coupon))
        return;
    bool listed = false, approved = true;
    for (uint32_t i = 0; i < ir->n_catalogues; i++) {
        const struct wf_listing *listing =
            ir->catalogues[i].coupon == coupon
                ? wf_catalogue_find(&c->data->catalogues[i], name, strlen(name))
                : NULL;
        listed |= listing != NULL;
        approved &= !listing || listing->approved;
    }
    if (listed && approved)
        return;
    struct wf_span span = span_of(c->front, ir, place, name);
    if (listed) {
        wf_diag(diags, WF_E0209, span, "the catalogue marks `%s` as not approved", name);
        return;
    }
    struct wf_diag *diag =
        wf_diag(diags, WF_E0209, span, "no catalogue and no declaration has `%s`", name);
    const struct wf_listing *near = nearest(ir, c->data, coupon, name);
    if (near)
        wf_diag_fix(diags, diag, "did you mean `%.*s`?", (int)near->len, near->code);
}

void wf_check_catalogues(struct wf_compiled *compiled, const struct wf_dataset *data)
{
    struct catalogues c = {.front = &compiled->front, .data = data};
    const struct wf_ir *ir = &compiled->program->ir;
    for (uint32_t i = 0; i < ir->n_actions; i++) {
        const struct wf_ir_action *a = &ir->actions[i];
        if (a->kind == WF_ACT_COUPON || a->kind == WF_ACT_GRANT || a->kind == WF_ACT_SEND)
            check_name(&c, ir, a->name, a->place, a->kind != WF_ACT_SEND);
        check_name(&c, ir, a->coupon, a->place, true);
    }
}
