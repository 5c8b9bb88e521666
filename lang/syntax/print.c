/*
 * print.c - expressions as canonical English, with only the parentheses that are needed.
 */
#include "lang/syntax/print.h"

#include <inttypes.h>

#include "lang/base/calendar.h"

static enum wf_level binary_level(enum wf_op op)
{
    switch (op) {
    case WF_OP_OR: return WF_LEVEL_OR;
    case WF_OP_AND: return WF_LEVEL_AND;
    case WF_OP_ADD:
    case WF_OP_SUB: return WF_LEVEL_SUM;
    case WF_OP_MUL:
    case WF_OP_DIV: return WF_LEVEL_TERM;
    case WF_OP_OR_ELSE: return WF_LEVEL_OR_ELSE;
    default: return WF_LEVEL_COMPARE;
    }
}

static bool binds_set(const struct wf_node *n) /* a window inside the aggregate */
{
    return n->op == WF_OP_IN_LAST || n->op == WF_OP_IN_NEXT || n->op == WF_OP_SINCE ||
           n->op == WF_OP_FROM_TO;
}

static enum wf_level level_of(const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_BINARY: return binary_level((enum wf_op)n->op);
    case WF_N_NOT: return WF_LEVEL_NOT;
    case WF_N_IS:
    case WF_N_IN:
    case WF_N_BETWEEN:
    case WF_N_TAGGED:
    case WF_N_FOLLOWED:
    case WF_N_TOP:
    case WF_N_CROSSING:
    case WF_N_EVERY: return WF_LEVEL_COMPARE;
    case WF_N_WINDOWED: return binds_set(n) ? WF_LEVEL_SET : WF_LEVEL_COMPARE;
    case WF_N_NEG:
    case WF_N_PERCENT_OF: return WF_LEVEL_UNARY;
    case WF_N_AGG:
    case WF_N_DAYS_SINCE:
    case WF_N_QUANTILE:
    case WF_N_ANNIVERSARY: return WF_LEVEL_OPERAND;
    case WF_N_FIELD:
    case WF_N_FILTER:
    case WF_N_BY: return WF_LEVEL_SET;
    default: return WF_LEVEL_PRIMARY;
    }
}

bool wf_print_is_expression(const struct wf_node *n)
{
    return n->kind <= WF_N_EVERY && n->kind != WF_N_OVER;
}

void wf_print_name(struct wf_buf *buf, const struct wf_str *name)
{
    if (name)
        wf_buf_add(buf, name->text, name->len);
}

const char *wf_weekday_text(int64_t weekday)
{
    static const char *const days[] = {"monday", "tuesday",  "wednesday", "thursday",
                                       "friday", "saturday", "sunday"};
    return weekday >= 0 && weekday < 7 ? days[weekday] : "";
}

static void in_parentheses(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_addc(buf, '(');
    wf_print_at(buf, n, WF_LEVEL_OR);
    wf_buf_addc(buf, ')');
}

/* ---- literals ---- */

static void print_quoted(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_addc(buf, '"');
    for (size_t i = 0; n->name && i < n->name->len; i++) {
        char c = n->name->text[i];
        if (c == '"' || c == '\\')
            wf_buf_addc(buf, '\\');
        if (c == '\n' || c == '\t')
            wf_buf_adds(buf, c == '\n' ? "\\n" : "\\t");
        else if ((unsigned char)c < 0x20)
            wf_buf_addf(buf, "\\u{%x}", (unsigned)c);
        else
            wf_buf_addc(buf, c);
    }
    wf_buf_addc(buf, '"');
}

static void print_date(struct wf_buf *buf, const struct wf_node *n)
{
    char date[WF_DATE_TEXT], clock[WF_CLOCK_TEXT];
    int64_t seconds = n->num % WF_DAY_SECONDS;
    seconds += seconds < 0 ? WF_DAY_SECONDS : 0;
    if (n->kind != WF_N_CLOCK) {
        wf_date_text(n->kind == WF_N_DATE ? n->num : (n->num - seconds) / WF_DAY_SECONDS, date);
        wf_buf_adds(buf, date);
    }
    if (n->kind == WF_N_DATE)
        return;
    wf_clock_text(seconds, clock);
    wf_buf_adds(buf, n->kind == WF_N_TIME ? "T" : "");
    wf_buf_add(buf, clock, seconds % 60 ? 8 : 5);
}

static void print_list(struct wf_buf *buf, const struct wf_node *item)
{
    wf_buf_addc(buf, '(');
    for (bool first = true; item; item = item->next, first = false) {
        wf_buf_adds(buf, first ? "" : ", ");
        wf_print_at(buf, item, WF_LEVEL_OR);
    }
    wf_buf_addc(buf, ')');
}

static void print_literal(struct wf_buf *buf, const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_INT: wf_buf_addf(buf, "%" PRId64, n->num); break;
    case WF_N_NUMBER: wf_print_name(buf, n->text); break;
    case WF_N_PERCENT:
        wf_print_name(buf, n->text);
        wf_buf_addc(buf, '%');
        break;
    case WF_N_STRING: print_quoted(buf, n); break;
    case WF_N_BOOL: wf_buf_adds(buf, n->num ? "true" : "false"); break;
    case WF_N_DATE:
    case WF_N_TIME:
    case WF_N_CLOCK: print_date(buf, n); break;
    case WF_N_DURATION:
        wf_buf_addf(buf, "%" PRId64 "%s", n->num, wf_op_text((enum wf_op)n->op));
        break;
    case WF_N_LIST: print_list(buf, n->kid[WF_K_LIST_ITEMS]); break;
    case WF_N_NAME: wf_print_name(buf, n->name); break;
    default: wf_buf_adds(buf, wf_node_kind_text((enum wf_node_kind)n->kind)); break;
    }
}

/* ---- event sets ---- */

/* Whether what is printed ends with an aggregate that would take a window behind it for its own. */
static bool ends_with_aggregate(const struct wf_node *n)
{
    for (;;) {
        switch (n->kind) {
        case WF_N_AGG:
            return n->op != WF_OP_FIRST && n->op != WF_OP_LAST && n->op != WF_OP_GAP &&
                   n->op != WF_OP_HOUR;
        case WF_N_BINARY: n = n->kid[WF_K_BINARY_RIGHT]; break;
        case WF_N_NEG: n = n->kid[WF_K_NEG_VALUE]; break;
        case WF_N_PERCENT_OF: n = n->kid[WF_K_PERCENT_OF_VALUE]; break;
        case WF_N_DAYS_SINCE: n = n->kid[WF_K_DAYS_SINCE_POINT]; break;
        case WF_N_QUANTILE:
            if (n->kid[WF_K_QUANTILE_AMONG] || n->kid[WF_K_QUANTILE_PER])
                return false;
            n = n->kid[WF_K_QUANTILE_OF];
            break;
        default: return false;
        }
        if (!n)
            return false;
    }
}

/* `purchase since last redeem` takes a window behind it for redeem's. */
static bool ends_with_point(const struct wf_node *n)
{
    if (n->kind != WF_N_WINDOWED || (n->op != WF_OP_SINCE && n->op != WF_OP_FROM_TO))
        return false;
    const struct wf_node *end = n->kid[n->op == WF_OP_SINCE ? WF_K_WINDOWED_A : WF_K_WINDOWED_B];
    return end && end->kind == WF_N_AGG;
}

static void print_base(struct wf_buf *buf, const struct wf_node *n)
{
    if (n && ends_with_point(n))
        in_parentheses(buf, n);
    else
        wf_print_at(buf, n, WF_LEVEL_SET);
}

static void print_point(struct wf_buf *buf, const struct wf_node *n)
{
    bool plain = n && (n->kind == WF_N_DATE || n->kind == WF_N_TIME || n->kind == WF_N_NAME ||
                       n->kind == WF_N_NOW || n->kind == WF_N_TODAY || n->kind == WF_N_ENTRY ||
                       n->kind == WF_N_ERROR ||
                       (n->kind == WF_N_AGG && (n->op == WF_OP_FIRST || n->op == WF_OP_LAST)));
    if (plain)
        wf_print_at(buf, n, WF_LEVEL_OPERAND);
    else if (n)
        in_parentheses(buf, n);
}

static void print_window(struct wf_buf *buf, const struct wf_node *n)
{
    wf_buf_addf(buf, " %s ", wf_op_text((enum wf_op)n->op));
    if (n->op == WF_OP_IN_LAST || n->op == WF_OP_IN_NEXT)
        wf_print_at(buf, n->kid[WF_K_WINDOWED_A], WF_LEVEL_PRIMARY);
    else
        print_point(buf, n->kid[WF_K_WINDOWED_A]);
    if (n->op == WF_OP_FROM_TO) {
        wf_buf_adds(buf, " to ");
        print_point(buf, n->kid[WF_K_WINDOWED_B]);
    }
}

static void print_windowed(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *base = n->kid[WF_K_WINDOWED_BASE];
    if (binds_set(n)) {
        print_base(buf, base);
        print_window(buf, n);
        return;
    }
    if (base && ends_with_aggregate(base))
        in_parentheses(buf, base);
    else
        wf_print_at(buf, base, WF_LEVEL_SUM);
    wf_buf_addf(buf, " %s ", wf_op_text((enum wf_op)n->op));
    wf_print_at(buf, n->kid[WF_K_WINDOWED_A], WF_LEVEL_PRIMARY);
}

/* count purchase older than 90d: the window of a value's kind belongs to the set here. */
static void print_agg(struct wf_buf *buf, const struct wf_node *n)
{
    const struct wf_node *set = n->kid[WF_K_AGG_SET];
    wf_buf_addf(buf, "%s ", wf_op_text((enum wf_op)n->op));
    if (set && set->kind == WF_N_WINDOWED && !binds_set(set) && ends_with_aggregate(n)) {
        print_base(buf, set->kid[WF_K_WINDOWED_BASE]);
        wf_buf_addf(buf, " %s ", wf_op_text((enum wf_op)set->op));
        wf_print_at(buf, set->kid[WF_K_WINDOWED_A], WF_LEVEL_PRIMARY);
    } else {
        wf_print_at(buf, set, WF_LEVEL_SET);
    }
}

/* ---- operators ---- */

static void print_among(struct wf_buf *buf, const struct wf_node *among, const struct wf_node *per)
{
    if (among) {
        wf_buf_adds(buf, " among ");
        if (among->kind == WF_N_NAME)
            wf_print_name(buf, among->name);
        else
            in_parentheses(buf, among);
    }
    if (per) {
        wf_buf_adds(buf, " per ");
        wf_print_at(buf, per, WF_LEVEL_SET);
    }
}

/* What `top ... by` and `quintile of` measure: a name, an aggregate, or in parentheses. */
static void print_measure(struct wf_buf *buf, const struct wf_node *n)
{
    bool quantile = n && n->kind == WF_N_QUANTILE;
    wf_print_at(buf, n, quantile ? WF_LEVEL_SET : WF_LEVEL_OPERAND);
}

static void print_binary(struct wf_buf *buf, const struct wf_node *n)
{
    enum wf_level level = level_of(n);
    bool chains = level != WF_LEVEL_COMPARE;
    wf_print_at(buf, n->kid[WF_K_BINARY_LEFT], chains ? level : WF_LEVEL_SUM);
    wf_buf_addf(buf, " %s ", wf_op_text((enum wf_op)n->op));
    wf_print_at(buf, n->kid[WF_K_BINARY_RIGHT],
                level == WF_LEVEL_OR_ELSE ? WF_LEVEL_OPERAND : (enum wf_level)(level + 1));
}

static void print_crossing(struct wf_buf *buf, const struct wf_node *n)
{
    wf_print_at(buf, n->kid[WF_K_CROSSING_SUBJECT], WF_LEVEL_SUM);
    wf_buf_addf(buf, " %s ", wf_op_text((enum wf_op)n->op));
    wf_print_at(buf, n->kid[WF_K_CROSSING_TO], WF_LEVEL_PRIMARY);
    if (n->kid[WF_K_CROSSING_FROM]) {
        wf_buf_adds(buf, " from ");
        wf_print_at(buf, n->kid[WF_K_CROSSING_FROM], WF_LEVEL_PRIMARY);
    }
}

static void print_every(struct wf_buf *buf, const struct wf_node *n)
{
    if (n->op == WF_OP_WEEKDAY)
        wf_buf_addf(buf, "every %s", wf_weekday_text(n->num));
    else if (n->op == WF_OP_MONTH_DAY)
        wf_buf_addf(buf, "every month on %" PRId64, n->num);
    else if (n->op == WF_OP_EVERY_DAYS)
        wf_buf_adds(buf, "every ");
    else
        wf_buf_adds(buf, "on ");
    wf_print_at(buf, n->kid[WF_K_EVERY_EVERY], WF_LEVEL_PRIMARY);
    if (n->op == WF_OP_EVERY_DAYS)
        wf_buf_adds(buf, " from ");
    wf_print_at(buf, n->kid[WF_K_EVERY_FROM], WF_LEVEL_PRIMARY);
}

static void print_tests(struct wf_buf *buf, const struct wf_node *n) /* IS IN BETWEEN */
{
    const char *negation = n->flags & WF_F_NOT ? "not " : "";
    wf_print_at(buf, n->kid[0], WF_LEVEL_SUM);
    if (n->kind == WF_N_IS) {
        wf_buf_addf(buf, " is %s%s", negation, wf_op_text((enum wf_op)n->op));
    } else if (n->kind == WF_N_IN) {
        wf_buf_addf(buf, " %sin ", negation);
        wf_print_at(buf, n->kid[WF_K_IN_SET], WF_LEVEL_SET);
    } else {
        wf_buf_addf(buf, " %sbetween ", negation);
        wf_print_at(buf, n->kid[WF_K_BETWEEN_LOW], WF_LEVEL_SUM);
        wf_buf_adds(buf, " and ");
        wf_print_at(buf, n->kid[WF_K_BETWEEN_HIGH], WF_LEVEL_SUM);
    }
}

static void print_set(struct wf_buf *buf, const struct wf_node *n) /* FIELD FILTER BY */
{
    print_base(buf, n->kid[0]);
    if (n->kind == WF_N_FILTER) {
        wf_buf_addc(buf, '[');
        wf_print_at(buf, n->kid[WF_K_FILTER_COND], WF_LEVEL_OR);
        wf_buf_addc(buf, ']');
        return;
    }
    wf_buf_adds(buf, n->kind == WF_N_FIELD ? "." : " by ");
    wf_print_name(buf, n->name);
}

static void print_expression(struct wf_buf *buf, const struct wf_node *n)
{
    switch (n->kind) {
    case WF_N_NEG:
        wf_buf_addc(buf, '-');
        wf_print_at(buf, n->kid[WF_K_NEG_VALUE], WF_LEVEL_UNARY);
        break;
    case WF_N_NOT:
        wf_buf_adds(buf, "not ");
        wf_print_at(buf, n->kid[WF_K_NOT_VALUE], WF_LEVEL_NOT);
        break;
    case WF_N_BINARY: print_binary(buf, n); break;
    case WF_N_IS:
    case WF_N_IN:
    case WF_N_BETWEEN: print_tests(buf, n); break;
    case WF_N_TAGGED:
        wf_buf_adds(buf, "tagged ");
        wf_print_at(buf, n->kid[WF_K_TAGGED_TAG], WF_LEVEL_PRIMARY);
        break;
    case WF_N_PERCENT_OF:
        wf_print_at(buf, n->kid[WF_K_PERCENT_OF_PERCENT], WF_LEVEL_PRIMARY);
        wf_buf_adds(buf, " of ");
        wf_print_at(buf, n->kid[WF_K_PERCENT_OF_VALUE], WF_LEVEL_UNARY);
        break;
    case WF_N_FILTER:
    case WF_N_FIELD:
    case WF_N_BY: print_set(buf, n); break;
    case WF_N_WINDOWED: print_windowed(buf, n); break;
    case WF_N_AGG: print_agg(buf, n); break;
    case WF_N_FOLLOWED:
        wf_print_at(buf, n->kid[WF_K_FOLLOWED_FIRST], WF_LEVEL_SUM);
        wf_buf_adds(buf, " followed by ");
        wf_print_at(buf, n->kid[WF_K_FOLLOWED_THEN], WF_LEVEL_SUM);
        wf_buf_adds(buf, " within ");
        wf_print_at(buf, n->kid[WF_K_FOLLOWED_WITHIN], WF_LEVEL_PRIMARY);
        break;
    case WF_N_DAYS_SINCE:
        wf_buf_adds(buf, "days since ");
        print_measure(buf, n->kid[WF_K_DAYS_SINCE_POINT]);
        break;
    case WF_N_TOP:
        wf_buf_addf(buf, "%s ", wf_op_text((enum wf_op)n->op));
        wf_print_at(buf, n->kid[WF_K_TOP_COUNT], WF_LEVEL_PRIMARY);
        wf_buf_adds(buf, " by ");
        print_measure(buf, n->kid[WF_K_TOP_BY]);
        print_among(buf, n->kid[WF_K_TOP_AMONG], n->kid[WF_K_TOP_PER]);
        break;
    case WF_N_QUANTILE:
        wf_buf_addf(buf, "%s ", wf_op_text((enum wf_op)n->op));
        print_measure(buf, n->kid[WF_K_QUANTILE_OF]);
        print_among(buf, n->kid[WF_K_QUANTILE_AMONG], n->kid[WF_K_QUANTILE_PER]);
        break;
    case WF_N_ANNIVERSARY:
        wf_buf_adds(buf, "anniversary of ");
        wf_print_at(buf, n->kid[WF_K_ANNIVERSARY_OF], WF_LEVEL_SET);
        wf_buf_addf(buf, n->op == WF_OP_FEB28 ? "%s" : " %s", wf_op_text((enum wf_op)n->op));
        break;
    case WF_N_CROSSING: print_crossing(buf, n); break;
    case WF_N_EVERY: print_every(buf, n); break;
    default: print_literal(buf, n); break;
    }
}

void wf_print_at(struct wf_buf *buf, const struct wf_node *n, enum wf_level least)
{
    if (!n)
        return;
    if (level_of(n) < least)
        in_parentheses(buf, n);
    else
        print_expression(buf, n);
}

void wf_print_canonical(struct wf_buf *buf, const struct wf_node *node)
{
    if (!node)
        return;
    if (wf_print_is_expression(node))
        wf_print_at(buf, node, WF_LEVEL_OR);
    else
        wf_print_statement(buf, node);
}
