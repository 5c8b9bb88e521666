#include "runtime/run/expect_action.h"

#include <string.h>

#include "lang/base/value.h"
#include "runtime/run/action.h"
#include "runtime/vm/text.h"

static bool is_text(const struct wf_ir *ir, uint32_t text, const struct wf_str *name)
{
    const char *is = wf_ir_text(ir, text);
    return name && strcmp(is, name->text) == 0;
}

static bool is_kind(const struct wf_node *action, const struct wf_ir_action *did)
{
    switch (action->op) {
    case WF_OP_DO_COUPON: return did->kind == WF_ACT_COUPON;
    case WF_OP_DO_SEND: return did->kind == WF_ACT_SEND;
    case WF_OP_DO_GRANT: return did->kind == WF_ACT_GRANT;
    case WF_OP_DO_POINTS: return did->kind == WF_ACT_POINTS;
    case WF_OP_DO_TAG: return did->kind == WF_ACT_TAG;
    case WF_OP_DO_UNTAG: return did->kind == WF_ACT_UNTAG;
    case WF_OP_DO_SET: return did->kind == WF_ACT_SET;
    case WF_OP_DO_OWNER: return did->kind == WF_ACT_TASK && !did->to_store;
    case WF_OP_DO_STORE: return did->kind == WF_ACT_TASK && did->to_store;
    case WF_OP_DO_INVITE: return did->kind == WF_ACT_INVITE;
    case WF_OP_DO_EMIT: return did->kind == WF_ACT_EMIT;
    default: return false;
    }
}

/* What the action is called; a task's words are judged with its holes filled. */
static bool is_named(const struct wf_ir *ir, const struct wf_node *action,
                     const struct wf_ir_action *did)
{
    const struct wf_node *target = action->kid[WF_K_ACTION_TARGET];
    const struct wf_node *with = action->kid[WF_K_ACTION_WITH];
    switch (action->op) {
    case WF_OP_DO_COUPON:
        return target ? is_text(ir, did->name, target->name)
                      : strcmp(wf_ir_text(ir, did->name), "default") == 0;
    case WF_OP_DO_SEND:
        return is_text(ir, did->name, target->name) &&
               (!with || is_text(ir, did->coupon, with->name));
    case WF_OP_DO_SET: return is_text(ir, did->name, target->sym->name);
    case WF_OP_DO_POINTS:
    case WF_OP_DO_OWNER:
    case WF_OP_DO_STORE: return true;
    default: return is_text(ir, did->name, target->name);
    }
}

static bool is_due(const struct wf_node *within, struct wf_ir_duration due)
{
    struct wf_value span = wf_literal(within, WF_T_NONE);
    return span.type == due.unit && span.i == due.count;
}

/* A clock that the rule writes out can be judged at once. */
static bool could_at(const struct wf_ir *ir, const struct wf_node *clock, uint32_t at)
{
    if (!clock)
        return true;
    const struct wf_ir_node *asked = at == WF_NONE ? NULL : &ir->nodes[at];
    return asked && (asked->op != WF_IR_CONST || ir->consts[asked->a].i == clock->num);
}

bool wf_expect_could(const struct wf_ir *ir, const struct wf_node *action,
                     const struct wf_ir_action *did)
{
    bool task = action->op == WF_OP_DO_OWNER || action->op == WF_OP_DO_STORE;
    return is_kind(action, did) && is_named(ir, action, did) &&
           could_at(ir, action->kid[WF_K_ACTION_AT], did->at) &&
           (!(action->flags & WF_F_TO_INVITER) || did->to_inviter) &&
           (!task || !action->kid[WF_K_ACTION_WITH] ||
            is_due(action->kid[WF_K_ACTION_WITH], did->due));
}

/* ---- values ---- */

/* The length of the hole that begins here, 0: none does. Braces are doubled to mean themselves. */
static size_t hole(const char *text, size_t len)
{
    const char *end = len && *text == '{' ? memchr(text, '}', len) : NULL;
    return end ? (size_t)(end - text) + 1 : 0;
}

/* As the text was written or as it came out: a hole stands for any run of bytes. */
static bool is_like(const char *want, size_t want_len, const char *got, size_t got_len)
{
    size_t w = 0, g = 0, back_w = SIZE_MAX, back_g = 0;
    while (g < got_len) {
        size_t skip = hole(want + w, want_len - w);
        if (skip) { /* try an empty run first, and come back for a longer one */
            w += skip;
            back_w = w;
            back_g = g;
        } else if (w < want_len && want[w] == got[g]) {
            w++;
            g++;
        } else if (back_w != SIZE_MAX) {
            w = back_w;
            g = ++back_g;
        } else {
            return false;
        }
    }
    for (size_t skip; (skip = hole(want + w, want_len - w)) > 0;)
        w += skip;
    return w == want_len;
}

void wf_expect_literal(const struct wf_scene *scene, const struct wf_node *value, enum wf_type type,
                       struct wf_buf *out)
{
    const struct wf_zone *zone = scene->timeline->zone;
    const struct wf_node *plain = value->kind == WF_N_NEG ? value->kid[WF_K_NEG_VALUE] : value;
    int64_t sign = plain == value ? 1 : -1;
    switch (plain->kind) {
    case WF_N_STRING: wf_buf_add(out, plain->name->text, plain->name->len); break;
    case WF_N_NAME:
        wf_buf_adds(out, plain->form == WF_FORM_ENUM_VALUE
                             ? plain->type->enums->names[plain->num]->text
                             : plain->name->text);
        break;
    case WF_N_INT:
        if (type == WF_T_NUMBER)
            wf_value_print(out, zone, wf_number_value((double)(sign * plain->num)));
        else
            wf_value_print(out, zone,
                           wf_int_value(type, sign * plain->num * (type == WF_T_MONEY ? 100 : 1)));
        break;
    case WF_N_NUMBER:
        if (type == WF_T_MONEY)
            wf_value_print(out, zone, wf_int_value(type, sign * plain->num));
        else
            wf_value_print(out, zone, wf_number_value((double)sign * plain->real));
        break;
    case WF_N_PERCENT: wf_value_print(out, zone, wf_number_value(plain->real)); break;
    case WF_N_BOOL:
    case WF_N_DATE:
    case WF_N_CLOCK: wf_value_print(out, zone, wf_int_value(type, plain->num)); break;
    default: break; /* missing: nothing */
    }
}

static bool is_value(const struct wf_scene *scene, const struct wf_node *value, uint32_t node,
                     bool *failed)
{
    const struct wf_alloc *alloc = scene->why.night->alloc;
    struct wf_scalar *scalar = scene->why.scalar;
    struct wf_buf want, got;
    wf_buf_init(&want, alloc, 0);
    wf_buf_init(&got, alloc, 0);
    struct wf_value is = wf_scalar_value(scalar, node);
    wf_expect_literal(scene, value, (enum wf_type)is.type, &want);
    if (is.present)
        wf_text_node(scalar, node, &got);
    bool same = is.present == (value->kind != WF_N_MISSING) && want.len == got.len &&
                strcmp(wf_buf_str(&want), wf_buf_str(&got)) == 0;
    *failed |= want.failed || got.failed;
    wf_buf_release(&want);
    wf_buf_release(&got);
    return same;
}

static bool is_rendered(const struct wf_scene *scene, const struct wf_str *want,
                        const struct wf_decision *decision, bool *failed)
{
    struct wf_buf text;
    wf_buf_init(&text, scene->why.night->alloc, 0);
    wf_decision_text(scene->why.scalar, scene->why.night, decision, &text);
    bool same = is_like(want->text, want->len, wf_buf_str(&text), text.len);
    *failed |= text.failed;
    wf_buf_release(&text);
    return same;
}

/* The clock that was asked for is the receiver's. */
static bool is_at(const struct wf_scene *scene, const struct wf_node *clock,
                  const struct wf_decision *decision)
{
    const struct wf_ir *ir = &scene->why.night->program->ir;
    wf_scalar_member(scene->why.scalar, decision->target);
    struct wf_value at =
        wf_scalar_value(scene->why.scalar, wf_decision_action(ir, decision)->at);
    return at.present && at.i == clock->num;
}

/* A field is set to what actions.csv says. */
static bool is_set(const struct wf_scene *scene, const struct wf_node *value,
                   const struct wf_decision *decision, bool *failed)
{
    const struct wf_ir *ir = &scene->why.night->program->ir;
    uint32_t node = wf_decision_action(ir, decision)->value;
    struct wf_buf want, got;
    wf_buf_init(&want, scene->why.night->alloc, 0);
    wf_buf_init(&got, scene->why.night->alloc, 0);
    wf_expect_literal(scene, value, (enum wf_type)ir->nodes[node].type, &want);
    wf_decision_text(scene->why.scalar, scene->why.night, decision, &got);
    bool same = strcmp(wf_buf_str(&want), wf_buf_str(&got)) == 0;
    *failed |= want.failed || got.failed;
    wf_buf_release(&want);
    wf_buf_release(&got);
    return same;
}

static bool are_pairs(const struct wf_scene *scene, const struct wf_node *list,
                      const struct wf_ir_action *did, bool *failed)
{
    const struct wf_ir *ir = &scene->why.night->program->ir;
    const struct wf_node *prop = list ? list->kid[WF_K_LIST_ITEMS] : NULL;
    for (; prop; prop = prop->next) {
        uint32_t i = 0;
        while (i < did->pairs_count &&
               !is_text(ir, ir->pairs[did->pairs_first + i].key, prop->name))
            i++;
        if (i == did->pairs_count || !is_value(scene, prop->kid[WF_K_PROP_VALUE],
                                               ir->pairs[did->pairs_first + i].node, failed))
            return false;
    }
    return true;
}

bool wf_expect_is(const struct wf_scene *scene, const struct wf_node *action,
                  const struct wf_decision *decision, bool *failed)
{
    const struct wf_ir *ir = &scene->why.night->program->ir;
    const struct wf_ir_action *did = wf_decision_action(ir, decision);
    const struct wf_node *channel = action->kid[WF_K_ACTION_CHANNEL];
    const struct wf_node *with = action->kid[WF_K_ACTION_WITH];
    const struct wf_node *clock = action->kid[WF_K_ACTION_AT];
    if (!wf_expect_could(ir, action, did) ||
        (channel && !is_text(ir, decision->channel, channel->name)) ||
        (clock && !is_at(scene, clock, decision)))
        return false;
    wf_decision_enter(scene->why.scalar, ir, decision);
    switch (action->op) {
    case WF_OP_DO_POINTS: return is_value(scene, with, did->value, failed);
    case WF_OP_DO_SET: return is_set(scene, with, decision, failed);
    case WF_OP_DO_OWNER:
    case WF_OP_DO_STORE:
        return is_rendered(scene, action->kid[WF_K_ACTION_TARGET]->name, decision, failed);
    case WF_OP_DO_EMIT: return are_pairs(scene, with, did, failed);
    default: return true;
    }
}
