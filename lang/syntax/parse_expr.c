/*
 * parse_expr.c - an expression inside a text: "您好{name|亲}".
 *
 * The bytes are parsed as `let x = BYTES` in a small source of their own; then every place is moved
 * to where the bytes stand in their file, in the tree and in what was reported.
 */
#include <string.h>

#include "lang/base/words.h"
#include "lang/syntax/parse.h"

static const char prefix[] = "let x=";

struct shift {
    struct wf_span range; /* of the expression, in its file */
};

static struct wf_span moved(const struct shift *shift, struct wf_span span)
{
    uint32_t skip = (uint32_t)strlen(prefix), len = shift->range.end - shift->range.start;
    uint32_t start = span.start > skip ? span.start - skip : 0;
    uint32_t end = span.end > skip ? span.end - skip : 0;
    start = start > len ? len : start;
    end = end > len ? len : end;
    return (struct wf_span){shift->range.file, shift->range.start + start,
                            shift->range.start + (end < start ? start : end)};
}

static void move_tree(const struct shift *shift, struct wf_node *node)
{
    for (; node; node = node->next) {
        node->span = moved(shift, node->span);
        node->name_span = moved(shift, node->name_span);
        for (int i = 0; i < WF_MAX_KIDS; i++)
            move_tree(shift, node->kid[i]);
    }
}

static void move_diags(const struct shift *shift, const struct wf_diags *from,
                       struct wf_diags *diags)
{
    for (size_t i = 0; i < from->n; i++) {
        const struct wf_diag *old = from->items[i];
        struct wf_span at = moved(shift, old->span);
        bool end = at.start == shift->range.end; /* "the file ends here" is not true here */
        struct wf_diag *diag =
            wf_diag(diags, old->code, at, "%s",
                    end ? wf_word("the value between the braces is not complete") : old->message);
        for (const struct wf_label *l = old->labels; l; l = l->next)
            wf_diag_label(diags, diag, moved(shift, l->span), "%s", l->text);
        for (const struct wf_edit *e = old->edits; e; e = e->next)
            wf_diag_edit(diags, diag, moved(shift, e->span), "%s", e->text);
        if (old->fix)
            wf_diag_fix(diags, diag, "%s", old->fix);
        if (old->note)
            wf_diag_note(diags, diag, "%s", old->note);
    }
    diags->dropped += from->dropped;
}

/* The value of the one `let`; NULL: there is more, or something else. */
static struct wf_node *only_value(const struct wf_node *module)
{
    struct wf_node *let = module->kid[WF_K_MODULE_ITEMS];
    return let && let->kind == WF_N_LET && !let->next ? let->kid[WF_K_LET_VALUE] : NULL;
}

static enum wf_status parse(struct wf_arena *arena, struct wf_intern *intern,
                            const struct wf_sources *small, const struct shift *shift,
                            struct wf_diags *diags, const struct wf_han_names *declared,
                            struct wf_node **out)
{
    struct wf_diags said;
    wf_diags_init(&said, small->alloc, small);
    struct wf_node *module = NULL;
    enum wf_status status = wf_parse(arena, intern, small, 0, &said, declared, &module);
    if (status == WF_OK || status == WF_ERR_RULES)
        move_diags(shift, &said, diags);
    wf_diags_release(&said);
    if (status != WF_OK)
        return status;
    *out = only_value(module);
    if (!*out) {
        wf_diag(diags, WF_E0110, shift->range, "one value is expected between the braces");
        return WF_ERR_RULES;
    }
    move_tree(shift, *out);
    return WF_OK;
}

enum wf_status wf_parse_expr(struct wf_arena *arena, struct wf_intern *intern,
                             const struct wf_sources *sources, struct wf_span range,
                             struct wf_diags *diags, const struct wf_han_names *declared,
                             struct wf_node **out)
{
    const struct wf_source *source = &sources->files[range.file];
    struct wf_sources small;
    struct wf_buf text;
    wf_sources_init(&small, sources->alloc);
    wf_buf_init(&text, sources->alloc, 0);
    wf_buf_adds(&text, prefix);
    wf_buf_add(&text, source->text + range.start, range.end - range.start);
    uint32_t file;
    enum wf_status status =
        text.failed ? WF_ERR_NOMEM
                    : wf_sources_add(&small, source->name, text.data, text.len, false, &file);
    struct shift shift = {range};
    *out = NULL;
    if (status == WF_OK)
        status = parse(arena, intern, &small, &shift, diags, declared, out);
    wf_buf_release(&text);
    wf_sources_release(&small);
    return status;
}
