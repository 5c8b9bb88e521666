/*
 * print_rule.c - declarations, steps and actions as one line of canonical English.
 */
#include <inttypes.h>
#include <string.h>

#include "lang/base/type.h"
#include "lang/syntax/print.h"

static void print(struct wf_buf *buf, const struct wf_node *n)
{
    wf_print_canonical(buf, n);
}

/* " word VALUE" where there is a value. */
static void print_after(struct wf_buf *buf, const char *word, const struct wf_node *n)
{
    if (!n)
        return;
    wf_buf_adds(buf, word);
    print(buf, n);
}

static void print_items(struct wf_buf *buf, const struct wf_node *item, const char *between)
{
    for (bool first = true; item; item = item->next, first = false) {
        wf_buf_adds(buf, first ? "" : between);
        print(buf, item);
    }
}

static void print_block(struct wf_buf *buf, const struct wf_node *items, const char *between)
{
    wf_buf_adds(buf, items ? " { " : " {");
    print_items(buf, items, between);
    wf_buf_adds(buf, items ? " }" : " }");
}

static void print_string(struct wf_buf *buf, const struct wf_str *text)
{
    struct wf_node quoted = {.kind = WF_N_STRING, .name = text};
    print(buf, &quoted);
}

/* A name that may have been written as a string. */
static void print_own_name(struct wf_buf *buf, const struct wf_node *n)
{
    if (n->flags & WF_F_PATH)
        print_string(buf, n->name);
    else
        wf_print_name(buf, n->name);
}

/* ---- data ---- */

static void print_type(struct wf_buf *buf, const struct wf_node *n)
{
    static const char *const words[WF_T_COUNT_] = {
        [WF_T_BOOL] = "bool",   [WF_T_INT] = "int",     [WF_T_NUMBER] = "number",
        [WF_T_MONEY] = "money", [WF_T_TEXT] = "text",   [WF_T_DATE] = "date",
        [WF_T_TIME] = "time",   [WF_T_CLOCK] = "clock", [WF_T_DAYS] = "duration",
        [WF_T_SET] = "set",
    };
    if (n->num == WF_T_ENUM) {
        wf_buf_adds(buf, "one of (");
        print_items(buf, n->kid[WF_K_TYPE_VALUES], n->flags & WF_F_ORDERED ? " < " : ", ");
        wf_buf_addc(buf, ')');
    } else if (n->num == WF_T_REF) {
        wf_print_name(buf, n->name);
    } else if (n->num > 0 && n->num < WF_T_COUNT_ && words[n->num]) {
        wf_buf_adds(buf, words[n->num]);
    }
    if (n->flags & WF_F_OPTIONAL)
        wf_buf_addc(buf, '?');
}

static void print_field(struct wf_buf *buf, const struct wf_node *n)
{
    wf_print_name(buf, n->name);
    print_after(buf, " ", n->kid[WF_K_FIELD_DECL_TYPE]);
    print_after(buf, " ", n->kid[WF_K_FIELD_DECL_ATTRS]);
    for (const struct wf_node *a = n->kid[WF_K_FIELD_DECL_ATTRS]; a && a->next; a = a->next)
        print_after(buf, " ", a->next);
}

static void print_record(struct wf_buf *buf, const struct wf_node *n)
{
    if (n->kind == WF_N_MEMBER) {
        wf_buf_adds(buf, n->flags & WF_F_DELTA ? "member delta" : "member");
        print_after(buf, " from ", n->kid[WF_K_MEMBER_FROM]);
        print_block(buf, n->kid[WF_K_MEMBER_ITEMS], " ");
    } else if (n->kind == WF_N_EVENT) {
        wf_buf_adds(buf, "event ");
        wf_print_name(buf, n->name);
        print_after(buf, " as ", n->kid[WF_K_EVENT_WORD]);
        print_after(buf, " from ", n->kid[WF_K_EVENT_FROM]);
        print_block(buf, n->kid[WF_K_EVENT_ITEMS], " ");
    } else {
        wf_buf_adds(buf, "table ");
        wf_print_name(buf, n->name);
        print_after(buf, " from ", n->kid[WF_K_TABLE_FROM]);
        print_block(buf, n->kid[WF_K_TABLE_ITEMS], " ");
    }
}

/* ---- content ---- */

static void print_content(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_addf(buf, "%s ", wf_node_kind_text((enum wf_node_kind)n->kind));
    print_own_name(buf, n);
    print_after(buf, " ", n->kid[WF_K_COUPON_LABEL]);
    if (n->kid[WF_K_COUPON_PROPS])
        print_block(buf, n->kid[WF_K_COUPON_PROPS], " ");
}

/* `by` is what a coupon's preference has between name and value. */
static void print_property(struct wf_buf *buf, const struct wf_node *n)
{
    bool prefer = n->name && strcmp(n->name->text, "prefer") == 0;
    wf_print_name(buf, n->name);
    wf_buf_adds(buf, prefer ? " by " : " ");
    if (prefer)
        wf_print_at(buf, n->kid[WF_K_PROP_VALUE], WF_LEVEL_OPERAND);
    else
        print(buf, n->kid[WF_K_PROP_VALUE]);
}

/* ---- actions and triggers ---- */

static void print_pairs(struct wf_buf *buf, const struct wf_node *list)
{
    wf_buf_adds(buf, " { ");
    for (const struct wf_node *pair = list ? list->kid[WF_K_LIST_ITEMS] : NULL; pair;
         pair = pair->next) {
        wf_print_name(buf, pair->name);
        print_after(buf, " = ", pair->kid[WF_K_PROP_VALUE]);
        wf_buf_adds(buf, pair->next ? ", " : " ");
    }
    wf_buf_addc(buf, '}');
}

static void print_points(struct wf_buf *buf, const struct wf_node *value)
{
    bool minus = value && value->kind == WF_N_NEG;
    wf_buf_adds(buf, minus ? " -" : " +");
    wf_print_at(buf, minus ? value->kid[WF_K_NEG_VALUE] : value, WF_LEVEL_UNARY);
}

static void print_action(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *with = n->kid[WF_K_ACTION_WITH];
    wf_buf_adds(buf, wf_op_text((enum wf_op)n->op));
    print_after(buf, " ", n->kid[WF_K_ACTION_TARGET]);
    switch (n->op) {
    case WF_OP_DO_SEND: print_after(buf, " with coupon ", with); break;
    case WF_OP_DO_POINTS: print_points(buf, with); break;
    case WF_OP_DO_SET: print_after(buf, " = ", with); break;
    case WF_OP_DO_OWNER:
    case WF_OP_DO_STORE: print_after(buf, " due ", with); break;
    case WF_OP_DO_EMIT: print_pairs(buf, with); break;
    default: break;
    }
    print_after(buf, " via ", n->kid[WF_K_ACTION_CHANNEL]);
    print_after(buf, " at ", n->kid[WF_K_ACTION_AT]);
    if (n->flags & WF_F_TO_INVITER)
        wf_buf_adds(buf, " to inviter");
}

static void print_trigger(struct wf_buf *buf, const struct wf_node *n)
{
    if (n->name) {
        wf_buf_adds(buf, "trigger ");
        wf_print_name(buf, n->name);
        wf_buf_addc(buf, ' ');
        print_items(buf, n->kid[WF_K_TRIGGER_OPTIONS], " ");
        wf_buf_adds(buf, n->kid[WF_K_TRIGGER_OPTIONS] ? " " : "");
    }
    wf_buf_adds(buf, "when ");
    print(buf, n->kid[WF_K_TRIGGER_WHEN]);
    wf_buf_adds(buf, " then ");
    print_items(buf, n->kid[WF_K_TRIGGER_ACTIONS], ", ");
}

/* ---- journeys ---- */

static void print_journey(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_adds(buf, "journey ");
    wf_print_name(buf, n->name);
    wf_buf_adds(buf, " { ");
    print_items(buf, n->kid[WF_K_JOURNEY_HEAD], " ");
    wf_buf_adds(buf, n->kid[WF_K_JOURNEY_HEAD] ? " " : "");
    print_items(buf, n->kid[WF_K_JOURNEY_STEPS], " ");
    wf_buf_adds(buf, n->kid[WF_K_JOURNEY_STEPS] ? " }" : "}");
}

static void print_wait(struct wf_buf *buf, const struct wf_node *n)
{
    if (n->kind == WF_N_WAIT) {
        print_after(buf, "wait ", n->kid[WF_K_WAIT_FOR]);
    } else if (n->kind == WF_N_WAIT_UNTIL) {
        wf_buf_adds(buf, "wait until ");
        if (n->op == WF_OP_WEEKDAY)
            wf_buf_adds(buf, wf_weekday_text(n->num));
        else if (n->op == WF_OP_BUSINESS_DAY)
            wf_buf_adds(buf, "business day");
        print_after(buf, n->op == WF_OP_BUSINESS_DAY ? " of " : "", n->kid[WF_K_WAIT_UNTIL_POINT]);
    } else {
        print_after(buf, "wait for ", n->kid[WF_K_WAIT_FOR_WHAT]);
        print_after(buf, " up to ", n->kid[WF_K_WAIT_FOR_UP_TO]);
        print_after(buf, "", n->kid[WF_K_WAIT_FOR_THEN]);
        print_after(buf, " else", n->kid[WF_K_WAIT_FOR_ELSE]);
    }
}

static void print_branch(struct wf_buf *buf, const struct wf_node *n) /* IF SPLIT ARM */
{
    const struct wf_node *other = n->kid[WF_K_IF_ELSE];
    if (n->kind == WF_N_IF) {
        print_after(buf, "if ", n->kid[WF_K_IF_COND]);
        print_after(buf, "", n->kid[WF_K_IF_THEN]);
        print_after(buf, other && other->kind == WF_N_IF ? " else " : " else", other);
    } else if (n->kind == WF_N_SPLIT) {
        wf_buf_adds(buf, "split");
        print_block(buf, n->kid[WF_K_SPLIT_ARMS], " ");
    } else {
        print(buf, n->kid[WF_K_ARM_SHARE]);
        print_after(buf, " ", n->kid[WF_K_ARM_LABEL]);
        print_after(buf, "", n->kid[WF_K_ARM_BODY]);
    }
}

static void print_migrate(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_adds(buf, "migrate from ");
    wf_print_name(buf, n->name);
    wf_buf_addc(buf, '@');
    wf_print_name(buf, n->text);
    print_block(buf, n->kid[WF_K_MIGRATE_MAPS], " ");
}

/* A step, milestone or go: a word and a name. */
static void print_named(struct wf_buf *buf, const char *word, const struct wf_node *n,
                        const char *end)
{
    wf_buf_adds(buf, word);
    wf_print_name(buf, n->name);
    wf_buf_adds(buf, end);
}

/* ---- policies, metrics, tests ---- */

static void print_policy(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_adds(buf, "policy");
    if (n->name)
        print_named(buf, " ", n, "");
    wf_buf_adds(buf, n->flags & WF_F_LOCKED ? " locked" : "");
    print_after(buf, " for members where ", n->kid[WF_K_POLICY_SCOPE]);
    print_block(buf, n->kid[WF_K_POLICY_ITEMS], " ");
}

static void print_period(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_adds(buf, n->op == WF_OP_UNIT_D   ? "calendar day"
                     : n->op == WF_OP_UNIT_W ? "calendar week"
                                             : "calendar month");
}

static void print_gate(struct wf_buf *buf, const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_REACH:
        print_named(buf, "reach ", n, "");
        print_after(buf, " when ", n->kid[WF_K_REACH_WHEN]);
        break;
    case WF_N_QUIET:
        wf_buf_adds(buf, n->op == WF_OP_NONE ? "quiet none" : "quiet ");
        print_after(buf, "", n->kid[WF_K_QUIET_FROM]);
        print_after(buf, " to ", n->kid[WF_K_QUIET_TO]);
        if (n->op != WF_OP_NONE)
            wf_buf_addf(buf, " %s", wf_op_text((enum wf_op)n->op));
        break;
    case WF_N_CAP:
        wf_buf_adds(buf, "cap ");
        print_items(buf, n->kid[WF_K_CAP_LIMITS], ", ");
        if (n->op != WF_OP_NONE)
            wf_buf_addf(buf, " else %s", wf_op_text((enum wf_op)n->op));
        print_after(buf, " ", n->kid[WF_K_CAP_DEFER]);
        break;
    case WF_N_LIMIT:
        wf_buf_addf(buf, "%" PRId64 " %s per ", n->num, wf_op_text((enum wf_op)n->op));
        print(buf, n->kid[WF_K_LIMIT_PER]);
        print_after(buf, " via ", n->kid[WF_K_LIMIT_VIA]);
        wf_buf_adds(buf, n->flags & WF_F_PER_OWNER   ? " per owner"
                         : n->flags & WF_F_PER_STORE ? " per store"
                                                     : "");
        break;
    case WF_N_BUDGET:
        wf_buf_adds(buf, n->op == WF_OP_COUPONS ? "budget coupon" : "budget");
        print_after(buf, " ", n->kid[WF_K_BUDGET_TARGET]);
        print_after(buf, " ", n->kid[WF_K_BUDGET_AMOUNT]);
        print_after(buf, " per ", n->kid[WF_K_BUDGET_PER]);
        break;
    default: /* PAUSE */
        wf_buf_adds(buf, "pause");
        if (n->name)
            print_named(buf, " journey ", n, "");
        print_after(buf, " when ", n->kid[WF_K_PAUSE_WHEN]);
        print_after(buf, " at least ", n->kid[WF_K_PAUSE_AT_LEAST]);
        break;
    }
}

static void print_over(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *where = n->kid[WF_K_OVER_WHERE];
    if (n->op == WF_OP_SHARE) {
        print_after(buf, "share of members where ", where);
        return;
    }
    if (n->op == WF_OP_COUNT) {
        wf_buf_adds(buf, "count members");
    } else {
        wf_buf_adds(buf, n->op == WF_OP_AVERAGE  ? "average of "
                         : n->op == WF_OP_MEDIAN ? "median of "
                                                 : "sum of ");
        wf_print_at(buf, n->kid[WF_K_OVER_OF], WF_LEVEL_SUM);
        wf_buf_adds(buf, n->op == WF_OP_TOTAL ? "" : " over members");
    }
    print_after(buf, " where ", where);
}

/* A metric's ratio: what is over members stands in parentheses inside it. */
static void print_metric_part(struct wf_buf *buf, const struct wf_node *n, bool whole)
{
    bool nested = n && n->kind == WF_N_BINARY;
    if (!n)
        return;
    if (n->kind == WF_N_OVER && whole) {
        print_over(buf, n);
    } else if (n->kind == WF_N_OVER || (nested && !whole)) {
        wf_buf_addc(buf, '(');
        print_metric_part(buf, n, true);
        wf_buf_addc(buf, ')');
    } else if (nested) {
        print_metric_part(buf, n->kid[WF_K_BINARY_LEFT], false);
        wf_buf_addf(buf, " %s ", wf_op_text((enum wf_op)n->op));
        print_metric_part(buf, n->kid[WF_K_BINARY_RIGHT], false);
    } else {
        print(buf, n);
    }
}

/* Whether it ends with an event set's `by`, which would be taken for the metric's. */
static bool ends_with_by(const struct wf_node *n)
{
    while (n) {
        switch (n->kind) {
        case WF_N_BY: return true;
        case WF_N_BINARY: n = n->kid[WF_K_BINARY_RIGHT]; break;
        case WF_N_IN: n = n->kid[WF_K_IN_SET]; break;
        case WF_N_BETWEEN: n = n->kid[WF_K_BETWEEN_HIGH]; break;
        case WF_N_PERCENT_OF: n = n->kid[WF_K_PERCENT_OF_VALUE]; break;
        case WF_N_NOT:
        case WF_N_NEG:
        case WF_N_AGG:
        case WF_N_DAYS_SINCE: n = n->kid[0]; break;
        case WF_N_OVER: n = n->kid[WF_K_OVER_WHERE]; break;
        case WF_N_TOP:
            n = n->kid[WF_K_TOP_AMONG] || n->kid[WF_K_TOP_PER] ? NULL : n->kid[WF_K_TOP_BY];
            break;
        case WF_N_QUANTILE:
            n = n->kid[WF_K_QUANTILE_AMONG] || n->kid[WF_K_QUANTILE_PER] ? NULL : n->kid[0];
            break;
        default: return false;
        }
    }
    return false;
}

/* The metric itself, up to its `by`. */
static void print_measured(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *among = n->kid[WF_K_METRIC_AMONG], *is = n->kid[WF_K_METRIC_IS];
    bool guard = !n->kid[WF_K_METRIC_BY] && ends_with_by(among ? among : is);
    print_metric_part(buf, is, !(guard && !among));
    if (!among)
        return;
    wf_buf_adds(buf, " among members where ");
    wf_buf_adds(buf, guard ? "(" : "");
    print(buf, among);
    wf_buf_adds(buf, guard ? ")" : "");
}

static void print_metric(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *label = n->kid[WF_K_METRIC_LABEL];
    print_named(buf, "metric ", n, "");
    print_after(buf, " ", label);
    print_after(buf, " in ", label ? label->next : NULL);
    wf_buf_adds(buf, " is ");
    print_measured(buf, n);
    print_after(buf, " by ", n->kid[WF_K_METRIC_BY]);
}

static void print_test_item(struct wf_buf *buf, const struct wf_node *n)
{
    if (n->kind == WF_N_TEST_MEMBER) {
        print_named(buf, "member ", n, "");
        print_block(buf, n->kid[WF_K_TEST_MEMBER_PROPS], ", ");
        return;
    }
    print_after(buf, "on ", n->kid[0]);
    if (n->kind == WF_N_EXPECT) {
        wf_buf_adds(buf, " expect ");
        print_items(buf, n->kid[WF_K_EXPECT_WHAT], ", ");
        return;
    }
    print_after(buf, " ", n->kid[WF_K_TEST_EVENT_MEMBER]);
    if (n->kind == WF_N_TEST_EVENT)
        print_named(buf, " ", n, "");
    print_block(buf, n->kid[WF_K_TEST_EVENT_PROPS], ", ");
}

static void print_expected(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *member = n->kid[WF_K_EXPECTED_MEMBER];
    const struct wf_node *what = n->kid[WF_K_EXPECTED_WHAT];
    switch (n->op) {
    case WF_OP_EX_ACTION: print(buf, what); break;
    case WF_OP_EX_NOTHING: wf_buf_adds(buf, "nothing"); break;
    case WF_OP_EX_SUPPRESSED:
        print_named(buf, "suppressed ", n, "");
        print_after(buf, " ", what);
        break;
    default: break;
    }
    if (n->op == WF_OP_EX_ACTION || n->op == WF_OP_EX_NOTHING || n->op == WF_OP_EX_SUPPRESSED) {
        print_after(buf, " to ", member);
        return;
    }
    print(buf, member);
    print_named(buf,
                n->op == WF_OP_EX_SEGMENT   ? " in "
                : n->op == WF_OP_EX_JOURNEY ? " in journey "
                : n->op == WF_OP_EX_CLASS   ? " in class "
                                            : ".",
                n, "");
    print_after(buf, n->op == WF_OP_EX_JOURNEY ? " at " : " = ", what);
}

/* ---- all of them ---- */

static void print_rule(struct wf_buf *buf, const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_TRIGGER: print_trigger(buf, n); break;
    case WF_N_OPTION:
        wf_buf_adds(buf, wf_op_text((enum wf_op)n->op));
        print_after(buf, " ", n->kid[WF_K_OPTION_VALUE]);
        break;
    case WF_N_ACTION: print_action(buf, n); break;
    case WF_N_JOURNEY: print_journey(buf, n); break;
    case WF_N_ENTER: print_after(buf, "enter when ", n->kid[WF_K_ENTER_WHEN]); break;
    case WF_N_EXIT: print_after(buf, "exit when ", n->kid[WF_K_EXIT_WHEN]); break;
    case WF_N_GOAL:
        print_after(buf, "goal ", n->kid[WF_K_GOAL_WHAT]);
        print_after(buf, " within ", n->kid[WF_K_GOAL_WITHIN]);
        break;
    case WF_N_MIGRATE: print_migrate(buf, n); break;
    case WF_N_MAP:
        print_named(buf, "", n, " -> ");
        print(buf, n->kid[WF_K_MAP_TO]);
        break;
    case WF_N_WAIT:
    case WF_N_WAIT_UNTIL:
    case WF_N_WAIT_FOR: print_wait(buf, n); break;
    case WF_N_IF:
    case WF_N_SPLIT:
    case WF_N_ARM: print_branch(buf, n); break;
    case WF_N_BLOCK: print_block(buf, n->kid[WF_K_BLOCK_STEPS], " "); break;
    case WF_N_STEP: print_named(buf, "step ", n, ":"); break;
    case WF_N_MILESTONE: print_named(buf, "milestone ", n, ""); break;
    case WF_N_LEAVE: wf_buf_adds(buf, "leave"); break;
    case WF_N_GO: print_named(buf, "go ", n, ""); break;
    case WF_N_POLICY: print_policy(buf, n); break;
    case WF_N_PERIOD: print_period(buf, n); break;
    case WF_N_HOLDOUT: print_after(buf, "holdout ", n->kid[WF_K_HOLDOUT_SHARE]); break;
    case WF_N_VOLUME: print_after(buf, "volume ", n->kid[WF_K_VOLUME_COUNT]); break;
    case WF_N_OVER: print_over(buf, n); break;
    case WF_N_METRIC: print_metric(buf, n); break;
    case WF_N_TEST:
        print_after(buf, "test ", n->kid[WF_K_TEST_LABEL]);
        print_block(buf, n->kid[WF_K_TEST_ITEMS], " ");
        break;
    case WF_N_TEST_MEMBER:
    case WF_N_TEST_EVENT:
    case WF_N_TEST_CHANGE:
    case WF_N_EXPECT: print_test_item(buf, n); break;
    case WF_N_EXPECTED: print_expected(buf, n); break;
    case WF_N_ERROR: wf_buf_adds(buf, "error"); break;
    default: print_gate(buf, n); break;
    }
}

void wf_print_statement(struct wf_buf *buf, const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_MODULE: print_items(buf, n->kid[WF_K_MODULE_ITEMS], "\n"); break;
    case WF_N_IMPORT:
        wf_buf_adds(buf, n->flags & WF_F_EXPORT ? "export import " : "import ");
        print_own_name(buf, n);
        break;
    case WF_N_TIMEZONE:
        wf_buf_adds(buf, "timezone ");
        print_string(buf, n->name);
        break;
    case WF_N_ALIAS:
        print_named(buf, "alias ", n, " = ");
        print(buf, n->kid[0]);
        break;
    case WF_N_MEMBER:
    case WF_N_EVENT:
    case WF_N_TABLE: print_record(buf, n); break;
    case WF_N_MERGES: print_after(buf, "merges from ", n->kid[WF_K_MERGES_FROM]); break;
    case WF_N_FIELD_DECL: print_field(buf, n); break;
    case WF_N_TYPE: print_type(buf, n); break;
    case WF_N_ATTR:
    case WF_N_RECORD_OPTION:
        wf_buf_adds(buf, wf_op_text((enum wf_op)n->op));
        print_after(buf, " ", n->kid[0]);
        break;
    case WF_N_UNIQUE:
        wf_buf_adds(buf, "unique (");
        print_items(buf, n->kid[WF_K_UNIQUE_FIELDS], ", ");
        wf_buf_addc(buf, ')');
        break;
    case WF_N_VOID_WHEN: print_after(buf, "void when ", n->kid[WF_K_VOID_WHEN_COND]); break;
    case WF_N_COUPON:
    case WF_N_MESSAGE:
    case WF_N_GROUP: print_content(buf, n); break;
    case WF_N_CATALOGUE:
        wf_buf_adds(buf, n->op == WF_OP_COUPONS ? "coupons from " : "messages from ");
        print(buf, n->kid[WF_K_CATALOGUE_FROM]);
        break;
    case WF_N_PROP: print_property(buf, n); break;
    case WF_N_COST:
        print_named(buf, "cost ", n, " ");
        print(buf, n->kid[WF_K_COST_AMOUNT]);
        break;
    case WF_N_CALENDAR:
        print_named(buf, "calendar ", n, " from ");
        print(buf, n->kid[WF_K_CALENDAR_FROM]);
        break;
    case WF_N_LET:
        print_named(buf, "let ", n, " = ");
        print(buf, n->kid[WF_K_LET_VALUE]);
        break;
    case WF_N_SEGMENT:
        print_named(buf, "segment ", n, " is ");
        print(buf, n->kid[WF_K_SEGMENT_COND]);
        break;
    case WF_N_CLASSIFY:
        print_named(buf, "classify ", n, "");
        print_block(buf, n->kid[WF_K_CLASSIFY_CLASSES], " ");
        break;
    case WF_N_CLASS:
        print_named(buf, "", n, n->kid[WF_K_CLASS_WHEN] ? " when " : " otherwise");
        print(buf, n->kid[WF_K_CLASS_WHEN]);
        break;
    default: print_rule(buf, n); break;
    }
}
