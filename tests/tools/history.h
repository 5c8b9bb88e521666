/*
 * history.h - a made-up shop that lives through sixty nights, and its exports in two ways: all of
 * it each night, or only what changed since the last night that was run.
 *
 * Members join, change, are exported wrongly and mended, and become one; orders come late, early,
 * twice, wrong, contradicting each other and for members nobody knows yet; they are corrected and
 * cancelled. Every history of one seed is the same.
 */
#ifndef TESTS_TOOLS_HISTORY_H
#define TESTS_TOOLS_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "lang/base/buf.h"
#include "lang/base/calendar.h"

enum { HISTORY_NIGHTS = 60, HISTORY_MEMBERS = 24, HISTORY_EVENTS = 420 };

enum history_feed {
    HISTORY_MEMBER,
    HISTORY_MERGES,
    HISTORY_SHOPS,
    HISTORY_PURCHASE,
    HISTORY_VISIT,
    HISTORY_OPTOUT,
    HISTORY_FEEDS
};

struct history_member {
    int joins, changed; /* the nights */
    int merged;         /* the night from which it is another; or after the last */
    int into;
    bool stays;  /* its row is exported also when it was merged */
    bool broken; /* points cannot be read */
    int points, city, tags, shop, inviter;
    bool wecom;
};

struct history_event {
    enum history_feed feed;
    int member, number, line, first, changed;
    int64_t day;
    int hour, amount, brand, shop;
    bool broken, cancelled, twin, doubled;
};

struct history {
    uint64_t dice;
    int night;
    struct history_member members[HISTORY_MEMBERS];
    struct history_event events[HISTORY_EVENTS];
    int n_events, n_shops, shops_turn, kind_of_ids;
};

/* Random, but always the same: 0 .. below - 1. */
int history_roll(uint64_t *dice, int below);

void history_begin(struct history *h, uint64_t seed);

/* The time zone of its rules. */
const char *history_zone(uint64_t seed);

/* Rules over it, chosen by the seed; `fewer`: some of them. */
void history_rules(uint64_t seed, bool fewer, struct wf_buf *out);

/* Another day goes by; what is exported on the morning after it. */
void history_live(struct history *h);

/* One feed as a file: all of it, or what changed after the night `since` and, by `dice`, some of
 * the rest. */
void history_export(const struct history *h, enum history_feed feed, bool full, int since,
                    uint64_t *dice, struct wf_buf *out);

/* The date of a night, as --as-of takes it. */
void history_date(int night, char out[WF_DATE_TEXT]);
int64_t history_day(int night); /* since 1970 */

#endif
