#include "lang/syntax/ast.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_texts[] = {
#define NODE(kind, text) text,
#include "lang/syntax/ast.def"
};

static const char *const op_texts[] = {
#define OP(op, text) text,
#include "lang/syntax/ast.def"
};

enum { ONE = 0, LIST = 1 };

static const struct slot_row {
    uint8_t kind, index;
    bool list;
    const char *name;
} slot_rows[] = {
#define SLOT(kind, slot, index, many) {WF_N_##kind, index, many, #slot},
#include "lang/syntax/ast.def"
};

const char *wf_node_kind_text(enum wf_node_kind kind)
{
    return kind_texts[kind];
}

const char *wf_op_text(enum wf_op op)
{
    return op_texts[op];
}

struct wf_slot_info wf_node_slot(enum wf_node_kind kind, unsigned index)
{
    for (size_t i = 0; i < sizeof(slot_rows) / sizeof(slot_rows[0]); i++) {
        if (slot_rows[i].kind == kind && slot_rows[i].index == index)
            return (struct wf_slot_info){slot_rows[i].name, slot_rows[i].list};
    }
    return (struct wf_slot_info){NULL, false};
}

/* ---- outline ---- */

static const struct {
    unsigned flag;
    const char *text;
} flag_texts[] = {
    {WF_F_NOT, "not"},
    {WF_F_EXPORT, "export"},
    {WF_F_PATH, "path"},
    {WF_F_DELTA, "delta"},
    {WF_F_OPTIONAL, "optional"},
    {WF_F_ORDERED, "ordered"},
    {WF_F_LOCKED, "locked"},
    {WF_F_TO_INVITER, "to_inviter"},
    {WF_F_PER_OWNER, "per_owner"},
    {WF_F_PER_STORE, "per_store"},
};

static bool has_num(const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_INT:
    case WF_N_PERCENT:
    case WF_N_BOOL:
    case WF_N_DATE:
    case WF_N_TIME:
    case WF_N_CLOCK:
    case WF_N_DURATION:
    case WF_N_TYPE:
    case WF_N_LIMIT: return true;
    case WF_N_EVERY:
    case WF_N_WAIT_UNTIL: return n->op == WF_OP_WEEKDAY || n->op == WF_OP_MONTH_DAY;
    default: return false;
    }
}

static void dump_head(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_adds(buf, kind_texts[n->kind]);
    if (n->op != WF_OP_NONE && op_texts[n->op][0])
        wf_buf_addf(buf, " `%s`", op_texts[n->op]);
    if (n->name) {
        wf_buf_addc(buf, ' ');
        wf_buf_addc(buf, n->kind == WF_N_STRING ? '"' : '\'');
        wf_buf_add(buf, n->name->text, n->name->len);
        wf_buf_addc(buf, n->kind == WF_N_STRING ? '"' : '\'');
    }
    if (n->text && n->kind != WF_N_STRING)
        wf_buf_addf(buf, " %s", n->text->text);
    if (has_num(n))
        wf_buf_addf(buf, " #%" PRId64, n->num);
    for (size_t i = 0; i < sizeof(flag_texts) / sizeof(flag_texts[0]); i++) {
        if (n->flags & flag_texts[i].flag)
            wf_buf_addf(buf, " +%s", flag_texts[i].text);
    }
    wf_buf_addc(buf, '\n');
}

static void indent(struct wf_buf *buf, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        wf_buf_adds(buf, "  ");
}

static void add_lower(struct wf_buf *buf, const char *text)
{
    for (; *text; text++)
        wf_buf_addc(buf, *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text);
}

static void dump(struct wf_buf *buf, const struct wf_node *n, const char *slot, unsigned depth)
{
    indent(buf, depth);
    if (slot) {
        add_lower(buf, slot);
        wf_buf_adds(buf, ": ");
    }
    dump_head(buf, n);
    for (unsigned i = 0; i < WF_MAX_KIDS; i++) {
        struct wf_slot_info info = wf_node_slot((enum wf_node_kind)n->kind, i);
        for (const struct wf_node *kid = n->kid[i]; kid; kid = info.list ? kid->next : NULL)
            dump(buf, kid, info.name, depth + 1);
    }
}

void wf_ast_dump(struct wf_buf *buf, const struct wf_node *node)
{
    if (node)
        dump(buf, node, NULL, 0);
}

/* ---- equality ---- */

static bool same_head(const struct wf_node *a, const struct wf_node *b)
{
    return a->kind == b->kind && a->op == b->op && a->name == b->name && a->num == b->num &&
           a->real == b->real && (a->flags | WF_F_PAREN) == (b->flags | WF_F_PAREN) &&
           (a->kind != WF_N_MIGRATE || a->text == b->text);
}

bool wf_ast_equal(const struct wf_node *a, const struct wf_node *b)
{
    if (!a || !b)
        return a == b;
    if (!same_head(a, b))
        return false;
    for (unsigned i = 0; i < WF_MAX_KIDS; i++) {
        bool list = wf_node_slot((enum wf_node_kind)a->kind, i).list;
        const struct wf_node *x = a->kid[i], *y = b->kid[i];
        for (; x && y; x = x->next, y = y->next) {
            if (!wf_ast_equal(x, y))
                return false;
            if (!list)
                break;
        }
        if (!x != !y)
            return false;
    }
    return true;
}
