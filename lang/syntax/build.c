/*
 * build.c - the nodes that grammar.y makes.
 */
#include <string.h>

#include "lang/syntax/parser.h"

static const struct wf_str *intern(struct wf_parser *p, const char *text, size_t len)
{
    const struct wf_str *s = wf_intern(p->intern, text, len);
    if (!s)
        p->status = WF_ERR_NOMEM;
    return s;
}

static uint32_t highest(const struct wf_node *list)
{
    uint32_t most = 0;
    for (; list; list = list->next)
        most = list->height > most ? list->height : most;
    return most;
}

struct wf_node *wf_build(struct wf_parser *p, enum wf_node_kind kind, enum wf_op op,
                         struct wf_span span, struct wf_node *a, struct wf_node *b,
                         struct wf_node *c, struct wf_node *d)
{
    struct wf_node *node = wf_arena_alloc(p->arena, sizeof(*node));
    if (!node) {
        p->status = WF_ERR_NOMEM;
        return NULL;
    }
    *node = (struct wf_node){.kind = (uint8_t)kind, .op = (uint8_t)op, .span = span};
    node->name_span = (struct wf_span){span.file, span.start, span.start};
    struct wf_node *kids[WF_MAX_KIDS] = {a, b, c, d};
    for (int i = 0; i < WF_MAX_KIDS; i++) {
        uint32_t h = highest(kids[i]) + 1;
        node->height = h > node->height ? h : node->height;
        node->kid[i] = kids[i];
    }
    if (node->height <= WF_MAX_HEIGHT)
        return node;
    if (!p->told_depth)
        wf_diag(p->diags, WF_E0108, span, "the sentence is built more than %d levels high",
                WF_MAX_HEIGHT);
    p->told_depth = true;
    memset(node->kid, 0, sizeof(node->kid));
    node->kind = WF_N_ERROR;
    node->height = 1;
    return node;
}

static struct wf_span token_span(const struct wf_parser *p, uint32_t tok)
{
    const struct wf_token *t = &p->tokens->items[tok];
    return (struct wf_span){p->file, t->start, t->end};
}

struct wf_node *wf_build_name(struct wf_parser *p, struct wf_node *node, uint32_t tok)
{
    struct wf_token *t = &p->tokens->items[tok];
    t->flags |= WF_TK_NAME;
    if (node) {
        node->name = t->text;
        node->name_span = token_span(p, tok);
    }
    return node;
}

struct wf_node *wf_build_word(struct wf_parser *p, struct wf_node *node, uint32_t tok)
{
    const struct wf_token *t = &p->tokens->items[tok];
    if (!t->keyword)
        return wf_build_name(p, node, tok);
    if (node) {
        const char *en = wf_keyword_info((enum wf_keyword)t->keyword)->en;
        node->name = intern(p, en, strcspn(en, " "));
        node->name_span = token_span(p, tok);
    }
    return node;
}

struct wf_node *wf_build_take(struct wf_node *node, const struct wf_node *from)
{
    if (node && from) {
        node->name = from->name;
        node->name_span = from->span;
        if (from->kind == WF_N_STRING)
            node->text = from->text;
    }
    return node;
}

struct wf_node *wf_build_flag(struct wf_node *node, unsigned flags)
{
    if (node)
        node->flags = (uint16_t)(node->flags | flags);
    return node;
}

struct wf_node *wf_build_literal(struct wf_parser *p, uint32_t tok)
{
    static const uint8_t kinds[] = {
        [WF_RAW_INT] = WF_N_INT,         [WF_RAW_NUMBER] = WF_N_NUMBER,
        [WF_RAW_PERCENT] = WF_N_PERCENT, [WF_RAW_DURATION] = WF_N_DURATION,
        [WF_RAW_STRING] = WF_N_STRING,   [WF_RAW_DATE] = WF_N_DATE,
        [WF_RAW_TIME] = WF_N_TIME,       [WF_RAW_CLOCK] = WF_N_CLOCK,
        [WF_RAW_BAD] = WF_N_ERROR,
    };
    const struct wf_token *t = &p->tokens->items[tok];
    struct wf_node *node = wf_build(p, (enum wf_node_kind)kinds[t->raw], (enum wf_op)t->unit,
                                    token_span(p, tok), NULL, NULL, NULL, NULL);
    if (!node)
        return NULL;
    node->num = t->num;
    node->real = t->real;
    node->text = t->spell;
    if (t->flags & WF_TK_CENTS)
        node->flags |= WF_F_CENTS;
    if (t->raw == WF_RAW_STRING) {
        node->name = t->text;
        node->name_span = node->span;
    }
    return node;
}

struct wf_node *wf_build_unitless(struct wf_parser *p, uint32_t tok)
{
    struct wf_token *t = &p->tokens->items[tok];
    struct wf_span span = token_span(p, tok);
    const char *digits = t->spell ? t->spell->text : "";
    if (wf_parser_own_window(p, tok)) {
        t[1].flags |= WF_TK_REPORTED; /* the sign, at which the parser would stumble next */
    } else {
        struct wf_diag *d =
            wf_diag(p->diags, WF_E0113, span,
                    "%s of what? a duration has its unit: d w mo y, or h min s", digits);
        wf_diag_days(p->diags, d, span, digits);
    }
    t->raw = WF_RAW_DURATION;
    t->unit = WF_OP_UNIT_D;
    return wf_build_literal(p, tok);
}

struct wf_node *wf_build_dotted(struct wf_parser *p, struct wf_node *left, uint32_t tok)
{
    struct wf_token *t = &p->tokens->items[tok];
    t->flags |= WF_TK_NAME;
    if (!left || !left->name || !t->text)
        return left;
    struct wf_buf buf;
    wf_buf_init(&buf, p->tokens->alloc, 0);
    wf_buf_add(&buf, left->name->text, left->name->len);
    wf_buf_addc(&buf, '.');
    wf_buf_add(&buf, t->text->text, t->text->len);
    left->name = buf.failed ? NULL : intern(p, wf_buf_str(&buf), buf.len);
    if (buf.failed)
        p->status = WF_ERR_NOMEM;
    wf_buf_release(&buf);
    left->span = left->name_span = wf_span_join(left->span, token_span(p, tok));
    return left;
}

struct wf_nodes wf_list_add(struct wf_nodes list, struct wf_node *node)
{
    if (!node)
        return list;
    if (list.last)
        list.last->next = node;
    else
        list.first = node;
    list.last = node;
    return list;
}

/* ---- actions and journeys ---- */

struct wf_node *wf_build_action(struct wf_parser *p, enum wf_op op, struct wf_span span,
                                struct wf_node *target, struct wf_nodes mods)
{
    struct wf_node *with = NULL, *channel = NULL, *at = NULL;
    unsigned flags = 0;
    for (struct wf_node *mod = mods.first; mod; mod = mod->next) {
        struct wf_node *value = mod->kid[WF_K_ATTR_VALUE];
        struct wf_node **slot = mod->op == WF_OP_CHANNEL   ? &channel
                                : mod->op == WF_OP_AS      ? &at
                                : mod->op == WF_OP_COUPONS ? &with
                                                           : NULL;
        bool again = slot ? *slot != NULL : flags != 0;
        if (again)
            wf_diag(p->diags, WF_E0110, mod->span, "said twice in one action");
        else if (slot)
            *slot = value;
        else
            flags |= WF_F_TO_INVITER;
        if (mod->op == WF_OP_COUPONS && op != WF_OP_DO_SEND)
            wf_diag(p->diags, WF_E0110, mod->span, "`with coupon` belongs to `send MESSAGE`");
    }
    struct wf_node *node = wf_build(p, WF_N_ACTION, op, span, target, with, channel, at);
    return wf_build_flag(node, flags);
}

static bool is_head(const struct wf_node *node)
{
    return node->kind == WF_N_ENTER || node->kind == WF_N_EXIT || node->kind == WF_N_GOAL ||
           node->kind == WF_N_OPTION || node->kind == WF_N_MIGRATE;
}

struct wf_node *wf_build_journey(struct wf_parser *p, struct wf_span span, uint32_t name,
                                 struct wf_nodes items)
{
    struct wf_nodes head = {NULL, NULL}, steps = {NULL, NULL};
    for (struct wf_node *item = items.first, *next; item; item = next) {
        next = item->next;
        item->next = NULL;
        if (!is_head(item)) {
            steps = wf_list_add(steps, item);
            continue;
        }
        if (steps.first)
            wf_diag(p->diags, WF_E0110, item->span,
                    "this belongs to the head of the journey, above its first step");
        head = wf_list_add(head, item);
    }
    struct wf_node *node =
        wf_build(p, WF_N_JOURNEY, WF_OP_NONE, span, head.first, steps.first, NULL, NULL);
    return wf_build_name(p, node, name);
}

void wf_warn_next_line(struct wf_parser *p, const struct wf_node *target)
{
    if (!target)
        return;
    for (size_t i = p->handed + 1; i-- > 0;) {
        const struct wf_token *t = &p->tokens->items[i];
        if (t->start > target->span.start)
            continue;
        if (t->start == target->span.start && t->flags & WF_TK_LINE)
            wf_diag(p->diags, WF_W0102, target->span,
                    "`send coupon` takes this name from the next line");
        return;
    }
}
