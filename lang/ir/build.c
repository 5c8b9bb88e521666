#include "lang/ir/build.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "lang/ir/rule.h"

/* What makes a row equal to another: its tag and its words. */
enum tag {
    TAG_NONE,
    TAG_TEXT,
    TAG_CONST,
    TAG_LIST,
    TAG_PLACE,
    TAG_NODE,
    TAG_INPUT,
    TAG_VIEW,
    TAG_AGG,
    TAG_POP,
    TAG_ANNIV,
    TAG_FOLLOW,
};

enum { KEY_WORDS = 9 };

struct key {
    uint32_t tag;
    uint32_t word[KEY_WORDS];
};

struct wf_irb_slot {
    struct key key; /* tag TAG_NONE: free */
    uint32_t row;
};

static uint32_t low(uint64_t x)
{
    return (uint32_t)x;
}

static uint32_t high(uint64_t x)
{
    return (uint32_t)(x >> 32);
}

uint32_t wf_irb_fail(struct wf_irb *b, enum wf_status status, const char *why)
{
    if (b->status == WF_OK) {
        b->status = status;
        b->why = why;
    }
    return WF_NONE;
}

/* ---- tables ---- */

/* Room for n more rows of `size` bytes in an arena array; 0, or -1 with the builder failed. */
static int make_room(struct wf_irb *b, void *rows, uint32_t n_rows, uint32_t *room, uint32_t n,
                     size_t size)
{
    if (n > WF_MAX_NODES - n_rows) {
        wf_irb_fail(b, WF_ERR_LIMIT, "WF_MAX_NODES");
        return -1;
    }
    if (n_rows + n <= *room)
        return 0;
    uint32_t want = *room ? *room * 2 : 16;
    if (want < n_rows + n)
        want = n_rows + n;
    void *wider = wf_arena_array(b->ir->arena, want, size);
    if (!wider) {
        wf_irb_fail(b, WF_ERR_NOMEM, NULL);
        return -1;
    }
    void *old;
    memcpy(&old, rows, sizeof(old));
    if (n_rows)
        memcpy(wider, old, n_rows * size);
    memcpy(rows, &wider, sizeof(wider));
    *room = want;
    return 0;
}

#define X(type, name)                                                                              \
    uint32_t wf_irb_add_##name(struct wf_irb *b, type const *rows, uint32_t n)                     \
    {                                                                                              \
        struct wf_ir *ir = b->ir;                                                                  \
        if (b->status != WF_OK ||                                                                  \
            make_room(b, &ir->name, ir->n_##name, &ir->room_##name, n, sizeof(type)))              \
            return WF_NONE;                                                                        \
        if (n)                                                                                     \
            memcpy(ir->name + ir->n_##name, rows, n * sizeof(type));                               \
        ir->n_##name += n;                                                                         \
        return ir->n_##name - n;                                                                   \
    }
WF_IR_TABLES(X)
#undef X

/* ---- finding equal rows ---- */

/* For the tags whose words are only a hash: is row `row` really equal? */
struct same {
    bool (*is)(const struct wf_ir *ir, uint32_t row, const void *arg);
    const void *arg;
};

static struct wf_irb_slot *find(const struct wf_irb *b, const struct key *key,
                                const struct same *same)
{
    size_t mask = b->room_slots - 1;
    size_t at = (size_t)XXH3_64bits(key, sizeof(*key)) & mask;
    for (; b->slots[at].key.tag != TAG_NONE; at = (at + 1) & mask) {
        struct wf_irb_slot *slot = &b->slots[at];
        if (memcmp(&slot->key, key, sizeof(*key)) == 0 &&
            (!same || same->is(b->ir, slot->row, same->arg)))
            break;
    }
    return &b->slots[at];
}

static int widen(struct wf_irb *b)
{
    size_t room = b->room_slots ? b->room_slots * 2 : 256;
    struct wf_irb_slot *slots = wf_calloc(b->alloc, room, sizeof(*slots));
    if (!slots)
        return -1;
    size_t mask = room - 1;
    for (size_t i = 0; i < b->room_slots; i++) {
        if (b->slots[i].key.tag == TAG_NONE)
            continue;
        size_t at = (size_t)XXH3_64bits(&b->slots[i].key, sizeof(struct key)) & mask;
        while (slots[at].key.tag != TAG_NONE)
            at = (at + 1) & mask;
        slots[at] = b->slots[i];
    }
    wf_free(b->alloc, b->slots);
    b->slots = slots;
    b->room_slots = room;
    return 0;
}

/* The slot of an equal row or a free one; NULL: out of memory (noted). */
static struct wf_irb_slot *look(struct wf_irb *b, const struct key *key, const struct same *same)
{
    if (b->status != WF_OK)
        return NULL;
    if (2 * (b->n_slots + 1) > b->room_slots && widen(b)) {
        wf_irb_fail(b, WF_ERR_NOMEM, NULL);
        return NULL;
    }
    return find(b, key, same);
}

/* Takes the free slot for a new row (WF_NONE: the row was not made). */
static uint32_t take(struct wf_irb *b, struct wf_irb_slot *slot, const struct key *key,
                     uint32_t row)
{
    if (row != WF_NONE) {
        *slot = (struct wf_irb_slot){*key, row};
        b->n_slots++;
    }
    return row;
}

static bool is_taken(const struct wf_irb_slot *slot)
{
    return slot->key.tag != TAG_NONE;
}

/* ---- keys of rows ---- */

static struct key node_key(const struct wf_ir_node *node)
{
    return (struct key){TAG_NODE, {node->op, node->a, node->b, node->c}};
}

static struct key input_key(const struct wf_ir_input *x)
{
    return (struct key){TAG_INPUT, {x->domain, x->record, x->field, x->via_field}};
}

static struct key view_key(const struct wf_ir_view *x)
{
    return (struct key){TAG_VIEW, {x->event, x->by, x->sent}};
}

static struct key agg_key(const struct wf_ir_agg *x)
{
    return (struct key){TAG_AGG, {x->kind, x->type, x->view, x->filter, x->value}};
}

static struct key pop_key(const struct wf_ir_pop *x)
{
    uint32_t kind =
        x->kind | (uint32_t)x->type << 8 | (uint32_t)x->percent << 16 | (uint32_t)x->no_match << 17;
    return (struct key){TAG_POP,
                        {kind, low((uint64_t)x->n), high((uint64_t)x->n), x->x, x->among, x->per}};
}

static struct key anniv_key(const struct wf_ir_anniv *x)
{
    return (struct key){TAG_ANNIV,
                        {low((uint64_t)x->months), high((uint64_t)x->months),
                         low((uint64_t)x->days), high((uint64_t)x->days), low((uint64_t)x->seconds),
                         high((uint64_t)x->seconds), x->feb29}};
}

static struct key follow_key(const struct wf_ir_follow *x)
{
    return (struct key){
        TAG_FOLLOW,
        {x->view, x->filter, x->unit, low((uint64_t)x->within), high((uint64_t)x->within)}};
}

static struct key place_key(const struct wf_ir_place *x)
{
    return (struct key){TAG_PLACE, {x->file, x->line, x->column}};
}

static struct key bytes_key(enum tag tag, uint32_t type, const void *bytes, size_t len)
{
    XXH128_hash_t h = XXH3_128bits(bytes, len);
    return (struct key){
        tag, {type, (uint32_t)len, low(h.low64), high(h.low64), low(h.high64), high(h.high64)}};
}

static struct key const_key(const struct wf_value *v)
{
    uint64_t bits = (uint64_t)v->i;
    if (!v->present)
        return (struct key){TAG_CONST, {v->type}};
    if (v->type == WF_T_TEXT || v->type == WF_T_SET)
        return bytes_key(TAG_CONST, v->type, v->len ? v->text : "", v->len);
    if (v->type == WF_T_NUMBER)
        memcpy(&bits, &v->f, sizeof(bits));
    return (struct key){TAG_CONST, {v->type, 1, low(bits), high(bits), 0, 0, 1}};
}

struct bytes {
    const void *at;
    size_t len;
};

static bool same_text(const struct wf_ir *ir, uint32_t row, const void *arg)
{
    const struct bytes *bytes = arg;
    const struct wf_str *text = ir->texts[row];
    return text->len == bytes->len && memcmp(text->text, bytes->at, bytes->len) == 0;
}

static bool same_const(const struct wf_ir *ir, uint32_t row, const void *arg)
{
    const struct wf_value *a = &ir->consts[row], *b = arg;
    if (!a->present || (a->type != WF_T_TEXT && a->type != WF_T_SET))
        return true; /* the key holds all of it */
    return a->len == b->len && (a->len == 0 || memcmp(a->text, b->text, a->len) == 0);
}

static bool same_list(const struct wf_ir *ir, uint32_t row, const void *arg)
{
    const struct bytes *bytes = arg;
    const struct wf_ir_list *list = &ir->lists[row];
    size_t len = list->count * sizeof(uint32_t);
    return len == bytes->len &&
           (len == 0 || memcmp(ir->list_items + list->first, bytes->at, len) == 0);
}

/* ---- init: rows that are already there are found again ---- */

void wf_ir_init(struct wf_ir *ir, struct wf_arena *arena)
{
    *ir = (struct wf_ir){.arena = arena, .timezone = WF_NONE, .merges = WF_NONE};
    struct wf_ir_record *m = &ir->member;
    m->name = m->word = m->pattern = m->encoding = m->void_when = m->place = WF_NONE;
    m->at_field = m->member_field = WF_NONE;
    m->complete_since = INT32_MIN;
}

static void remember(struct wf_irb *b, struct key key, uint32_t row)
{
    struct wf_irb_slot *slot = look(b, &key, NULL);
    if (slot && !is_taken(slot))
        take(b, slot, &key, row);
}

void wf_irb_init(struct wf_irb *b, struct wf_ir *ir, const struct wf_alloc *alloc)
{
    *b = (struct wf_irb){.ir = ir, .alloc = alloc, .place = WF_NONE};
    for (uint32_t i = 0; i < ir->n_texts; i++)
        remember(b, bytes_key(TAG_TEXT, 0, ir->texts[i]->text, ir->texts[i]->len), i);
    for (uint32_t i = 0; i < ir->n_consts; i++)
        remember(b, const_key(&ir->consts[i]), i);
    for (uint32_t i = 0; i < ir->n_lists; i++)
        remember(b,
                 bytes_key(TAG_LIST, 0, ir->list_items + ir->lists[i].first,
                           ir->lists[i].count * sizeof(uint32_t)),
                 i);
    for (uint32_t i = 0; i < ir->n_places; i++)
        remember(b, place_key(&ir->places[i]), i);
    for (uint32_t i = 0; i < ir->n_nodes; i++)
        remember(b, node_key(&ir->nodes[i]), i);
    for (uint32_t i = 0; i < ir->n_inputs; i++)
        remember(b, input_key(&ir->inputs[i]), i);
    for (uint32_t i = 0; i < ir->n_views; i++)
        remember(b, view_key(&ir->views[i]), i);
    for (uint32_t i = 0; i < ir->n_aggs; i++)
        remember(b, agg_key(&ir->aggs[i]), i);
    for (uint32_t i = 0; i < ir->n_pops; i++)
        remember(b, pop_key(&ir->pops[i]), i);
    for (uint32_t i = 0; i < ir->n_annivs; i++)
        remember(b, anniv_key(&ir->annivs[i]), i);
    for (uint32_t i = 0; i < ir->n_follows; i++)
        remember(b, follow_key(&ir->follows[i]), i);
}

void wf_irb_release(struct wf_irb *b)
{
    wf_free(b->alloc, b->slots);
    b->slots = NULL;
    b->n_slots = b->room_slots = 0;
}

/* ---- interned rows ---- */

uint32_t wf_irb_text(struct wf_irb *b, const char *bytes, size_t len)
{
    struct bytes arg = {bytes, len};
    struct same same = {same_text, &arg};
    struct key key = bytes_key(TAG_TEXT, 0, bytes, len);
    struct wf_irb_slot *slot = look(b, &key, &same);
    if (!slot || is_taken(slot))
        return slot ? slot->row : WF_NONE;
    struct wf_str *text = wf_arena_alloc(b->ir->arena, sizeof(*text) + len + 1);
    if (!text)
        return wf_irb_fail(b, WF_ERR_NOMEM, NULL);
    text->len = len;
    if (len)
        memcpy(text->text, bytes, len);
    const struct wf_str *row = text;
    return take(b, slot, &key, wf_irb_add_texts(b, &row, 1));
}

uint32_t wf_irb_textz(struct wf_irb *b, const char *text)
{
    return wf_irb_text(b, text, strlen(text));
}

uint32_t wf_irb_place(struct wf_irb *b, uint32_t file, uint32_t line, uint32_t column)
{
    struct wf_ir_place place = {file, line, column};
    struct key key = place_key(&place);
    struct wf_irb_slot *slot = look(b, &key, NULL);
    if (!slot || is_taken(slot))
        return slot ? slot->row : WF_NONE;
    return take(b, slot, &key, wf_irb_add_places(b, &place, 1));
}

uint32_t wf_irb_const(struct wf_irb *b, struct wf_value value)
{
    bool bytes = value.present && (value.type == WF_T_TEXT || value.type == WF_T_SET);
    struct wf_value clean = {.type = value.type, .present = value.present};
    if (value.present && value.type == WF_T_NUMBER)
        clean.f = value.f;
    else if (value.present && !bytes)
        clean.i = value.i;
    if (bytes) { /* the bytes are those of one of texts */
        uint32_t text = wf_irb_text(b, value.len ? value.text : "", value.len);
        if (text == WF_NONE)
            return WF_NONE;
        clean.len = value.len;
        clean.text = b->ir->texts[text]->text;
    }
    struct same same = {same_const, &clean};
    struct key key = const_key(&clean);
    struct wf_irb_slot *slot = look(b, &key, &same);
    if (!slot || is_taken(slot))
        return slot ? slot->row : WF_NONE;
    return take(b, slot, &key, wf_irb_add_consts(b, &clean, 1));
}

static int compare_values(const void *a, const void *b)
{
    struct wf_value x, y;
    memcpy(&x, a, sizeof(x));
    memcpy(&y, b, sizeof(y));
    return wf_value_compare(x, y);
}

static uint32_t intern_list(struct wf_irb *b, const uint32_t *items, uint32_t n)
{
    struct bytes arg = {items, n * sizeof(uint32_t)};
    struct same same = {same_list, &arg};
    struct key key = bytes_key(TAG_LIST, 0, items, n * sizeof(uint32_t));
    struct wf_irb_slot *slot = look(b, &key, &same);
    if (!slot || is_taken(slot))
        return slot ? slot->row : WF_NONE;
    uint32_t first = wf_irb_add_list_items(b, items, n);
    struct wf_ir_list list = {first, n};
    return first == WF_NONE ? WF_NONE : take(b, slot, &key, wf_irb_add_lists(b, &list, 1));
}

uint32_t wf_irb_list(struct wf_irb *b, const struct wf_value *values, uint32_t n)
{
    struct wf_value *sorted = wf_calloc(b->alloc, n + (size_t)1, sizeof(*sorted));
    uint32_t *items = wf_calloc(b->alloc, n + (size_t)1, sizeof(*items));
    uint32_t list = WF_NONE, kept = 0;
    if (!sorted || !items) {
        wf_irb_fail(b, WF_ERR_NOMEM, NULL);
        goto done;
    }
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = values[i];
        if (!values[i].present || values[i].type != values[0].type) {
            wf_irb_fail(b, WF_ERR_INTERNAL, "list of two types");
            goto done;
        }
    }
    qsort(sorted, n, sizeof(*sorted), compare_values);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || wf_value_compare(sorted[i - 1], sorted[i]) != 0)
            items[kept++] = wf_irb_const(b, sorted[i]);
    if (b->status == WF_OK)
        list = intern_list(b, items, kept);
done:
    wf_free(b->alloc, sorted);
    wf_free(b->alloc, items);
    return list;
}

uint32_t wf_irb_input(struct wf_irb *b, const struct wf_ir_input *input)
{
    struct key key = input_key(input);
    struct wf_irb_slot *slot = look(b, &key, NULL);
    if (!slot)
        return WF_NONE;
    if (is_taken(slot)) {
        b->ir->inputs[slot->row].needed |= input->needed;
        b->ir->inputs[slot->row].implied &= input->implied;
        return slot->row;
    }
    return take(b, slot, &key, wf_irb_add_inputs(b, input, 1));
}

uint32_t wf_irb_view(struct wf_irb *b, uint32_t event, uint32_t by, bool sent)
{
    struct wf_ir_view view = {.event = event, .by = by, .sent = sent};
    struct key key = view_key(&view);
    struct wf_irb_slot *slot = look(b, &key, NULL);
    if (!slot || is_taken(slot))
        return slot ? slot->row : WF_NONE;
    if (b->ir->n_views > UINT16_MAX - WF_DOM_EVENT)
        return wf_irb_fail(b, WF_ERR_LIMIT, "views");
    return take(b, slot, &key, wf_irb_add_views(b, &view, 1));
}

#define INTERN(name, struct_name, table)                                                           \
    uint32_t wf_irb_##name(struct wf_irb *b, const struct struct_name *row)                        \
    {                                                                                              \
        struct key key = name##_key(row);                                                          \
        struct wf_irb_slot *slot = look(b, &key, NULL);                                            \
        if (!slot || is_taken(slot))                                                               \
            return slot ? slot->row : WF_NONE;                                                     \
        return take(b, slot, &key, wf_irb_add_##table(b, row, 1));                                 \
    }
INTERN(agg, wf_ir_agg, aggs)
INTERN(pop, wf_ir_pop, pops)
INTERN(anniv, wf_ir_anniv, annivs)
INTERN(follow, wf_ir_follow, follows)
#undef INTERN

/* ---- nodes ---- */

static bool has_failed_operand(const struct wf_ir_node *node)
{
    const char *args = wf_ir_op_args(node->op);
    const uint32_t index[3] = {node->a, node->b, node->c};
    for (int i = 0; i < 3; i++)
        if (args[i] != '-' && index[i] == WF_NONE)
            return true;
    return false;
}

uint32_t wf_irb_node(struct wf_irb *b, enum wf_ir_op op, uint32_t x, uint32_t y, uint32_t z)
{
    struct wf_ir_node node = {.op = (uint8_t)op, .a = x, .b = y, .c = z, .place = b->place};
    if (b->status != WF_OK)
        return WF_NONE;
    if (has_failed_operand(&node))
        return wf_irb_fail(b, WF_ERR_INTERNAL, "operand that was not made");
    const char *why = wf_ir_rule(b->ir, b->ir->n_nodes, &node);
    if (why)
        return wf_irb_fail(b, WF_ERR_INTERNAL, why);
    if (b->simplify) {
        uint32_t instead = b->simplify(b, &node);
        if (instead != WF_NONE || b->status != WF_OK)
            return instead;
    }
    struct key key = node_key(&node);
    struct wf_irb_slot *slot = look(b, &key, NULL);
    if (!slot || is_taken(slot))
        return slot ? slot->row : WF_NONE;
    return take(b, slot, &key, wf_irb_add_nodes(b, &node, 1));
}

uint32_t wf_irb_value(struct wf_irb *b, struct wf_value value)
{
    uint32_t constant = wf_irb_const(b, value);
    return constant == WF_NONE ? WF_NONE : wf_irb_node(b, WF_IR_CONST, constant, 0, 0);
}

uint32_t wf_irb_int(struct wf_irb *b, enum wf_type type, int64_t i)
{
    return wf_irb_value(b, wf_int_value(type, i));
}

uint32_t wf_irb_bool(struct wf_irb *b, bool value)
{
    return wf_irb_value(b, wf_bool_value(value));
}

uint32_t wf_irb_str(struct wf_irb *b, const char *text)
{
    return wf_irb_value(b, wf_text_value(WF_T_TEXT, text, strlen(text)));
}

uint32_t wf_irb_col(struct wf_irb *b, uint32_t input)
{
    return wf_irb_node(b, WF_IR_COL, input, 0, 0);
}

uint32_t wf_irb_param(struct wf_irb *b, enum wf_ir_param param, uint32_t index)
{
    return wf_irb_node(b, WF_IR_PARAM, param, index, 0);
}

uint32_t wf_irb_aggpart(struct wf_irb *b, uint32_t agg, enum wf_ir_part part)
{
    return wf_irb_node(b, WF_IR_AGG, agg, part, 0);
}
