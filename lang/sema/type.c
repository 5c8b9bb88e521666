#include "lang/base/words.h"
#include "lang/sema/check.h"

const struct wf_type_info wf_type_none = {.sort = WF_SORT_NONE};

#define PLAIN(t)                                                                                   \
    {                                                                                              \
        {.sort = WF_SORT_VALUE, .base = (t)},                                                      \
        {                                                                                          \
            .sort = WF_SORT_VALUE, .base = (t), .optional = true                                   \
        }                                                                                          \
    }
static const struct wf_type_info plain_types[WF_T_COUNT_][2] = {
    [WF_T_BOOL] = PLAIN(WF_T_BOOL),       [WF_T_INT] = PLAIN(WF_T_INT),
    [WF_T_NUMBER] = PLAIN(WF_T_NUMBER),   [WF_T_MONEY] = PLAIN(WF_T_MONEY),
    [WF_T_TEXT] = PLAIN(WF_T_TEXT),       [WF_T_DATE] = PLAIN(WF_T_DATE),
    [WF_T_TIME] = PLAIN(WF_T_TIME),       [WF_T_CLOCK] = PLAIN(WF_T_CLOCK),
    [WF_T_DAYS] = PLAIN(WF_T_DAYS),       [WF_T_MONTHS] = PLAIN(WF_T_MONTHS),
    [WF_T_SECONDS] = PLAIN(WF_T_SECONDS), [WF_T_SET] = PLAIN(WF_T_SET),
    [WF_T_ENUM] = PLAIN(WF_T_ENUM),       [WF_T_REF] = PLAIN(WF_T_REF),
};
#undef PLAIN

static const struct wf_type_info sort_types[] = {
    [WF_SORT_NONE] = {.sort = WF_SORT_NONE},
    [WF_SORT_MOMENT] = {.sort = WF_SORT_MOMENT},
    [WF_SORT_MEMBER] = {.sort = WF_SORT_MEMBER},
};

static const struct wf_type_info figure_types[] = {
    [WF_T_INT] = {.sort = WF_SORT_FIGURE, .base = WF_T_INT},
    [WF_T_NUMBER] = {.sort = WF_SORT_FIGURE, .base = WF_T_NUMBER},
    [WF_T_MONEY] = {.sort = WF_SORT_FIGURE, .base = WF_T_MONEY},
};

const struct wf_type_info *wf_type_plain(enum wf_type base, bool optional)
{
    return &plain_types[base][optional];
}

const struct wf_type_info *wf_type_sort(enum wf_sort sort)
{
    return &sort_types[sort];
}

const struct wf_type_info *wf_type_figure(enum wf_type base)
{
    return &figure_types[base];
}

const struct wf_type_info *wf_type_optional(struct wf_sema *s, const struct wf_type_info *type,
                                            bool optional)
{
    if (type->optional == optional || type->sort == WF_SORT_NONE)
        return type;
    if (!type->enums && !type->ref && !type->event)
        return wf_type_plain((enum wf_type)type->base, optional);
    struct wf_type_info *copy = wf_sema_alloc(s, sizeof(*copy));
    if (!copy)
        return &wf_type_none;
    *copy = *type;
    copy->optional = optional;
    return copy;
}

const struct wf_type_info *wf_type_events(struct wf_sema *s, struct wf_symbol *event)
{
    struct wf_type_info *type = wf_sema_alloc(s, sizeof(*type));
    if (!type)
        return &wf_type_none;
    type->sort = WF_SORT_EVENTS;
    type->event = event;
    return type;
}

const struct wf_type_info *wf_type_of_events(struct wf_sema *s, const struct wf_type_info *value,
                                             struct wf_symbol *event)
{
    struct wf_type_info *type = wf_sema_alloc(s, sizeof(*type));
    if (!type)
        return &wf_type_none;
    *type = *value;
    type->sort = WF_SORT_EVENT_VALUES;
    type->event = event;
    return type;
}

bool wf_type_bad(const struct wf_type_info *type)
{
    return !type || type->sort == WF_SORT_NONE;
}

bool wf_type_is(const struct wf_type_info *type, enum wf_type base)
{
    return type && type->sort == WF_SORT_VALUE && type->base == base;
}

bool wf_type_duration(const struct wf_type_info *type)
{
    return wf_type_is(type, WF_T_DAYS) || wf_type_is(type, WF_T_MONTHS) ||
           wf_type_is(type, WF_T_SECONDS);
}

bool wf_type_numeric(const struct wf_type_info *type)
{
    return wf_type_is(type, WF_T_INT) || wf_type_is(type, WF_T_NUMBER) ||
           wf_type_is(type, WF_T_MONEY);
}

bool wf_type_same(const struct wf_type_info *a, const struct wf_type_info *b)
{
    if (a->sort != b->sort || a->base != b->base)
        return false;
    if (a->base == WF_T_ENUM)
        return a->enums == b->enums;
    if (a->base == WF_T_REF)
        return a->ref == b->ref;
    return true;
}

static const char *value_text(enum wf_type base)
{
    switch (base) {
    case WF_T_BOOL: return N_("yes or no");
    case WF_T_INT: return N_("a whole number");
    case WF_T_NUMBER: return N_("a number");
    case WF_T_MONEY: return N_("an amount of money");
    case WF_T_TEXT: return N_("a text");
    case WF_T_DATE: return N_("a date");
    case WF_T_TIME: return N_("a point in time");
    case WF_T_CLOCK: return N_("a time of day");
    case WF_T_DAYS: return N_("a duration in days");
    case WF_T_MONTHS: return N_("a duration in months");
    case WF_T_SECONDS: return N_("an exact duration (hours, minutes, seconds)");
    case WF_T_SET: return N_("a set of texts");
    case WF_T_ENUM: return N_("one of a list of words");
    case WF_T_REF: return N_("a reference");
    case WF_T_NONE:
    case WF_T_COUNT_: break;
    }
    return N_("nothing");
}

static const char *type_text(const struct wf_type_info *type)
{
    switch ((enum wf_sort)type->sort) {
    case WF_SORT_VALUE:
        if (type->base == WF_T_ENUM && type->enums && type->enums->classify)
            return N_("a class");
        if (type->base == WF_T_REF && type->ref)
            return type->ref->kind == WF_SYM_MEMBER ? N_("another member") : N_("a row of a table");
        return value_text((enum wf_type)type->base);
    case WF_SORT_EVENTS: return N_("a set of events");
    case WF_SORT_EVENT_VALUES: return N_("a field of many events");
    case WF_SORT_MOMENT: return N_("a moment");
    case WF_SORT_MEMBER: return N_("the member");
    case WF_SORT_FIGURE:
        return type->base == WF_T_MONEY ? N_("an amount over all members")
                                        : N_("a number over all members");
    case WF_SORT_NONE: break;
    }
    return N_("nothing");
}

const char *wf_type_text(const struct wf_type_info *type)
{
    return wf_word(type_text(type));
}
