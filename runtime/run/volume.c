#include "runtime/run/volume.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lang/base/calendar.h"
#include "lang/base/limits.h"
#include "lang/base/words.h"

static bool odd_volume(uint64_t before, uint64_t rows)
{
    uint64_t less = rows < before ? rows : before, more = rows < before ? before : rows;
    return more > WF_VOLUME_ROWS && less < more - less;
}

/* ---- days of the week ---- */

enum { NIGHTS = 3, NAME = 128 };

/* The count of a feed on the last night of that weekday, the one before it, ...: "purchase@3.0". No
 * name of a feed holds an @. */
static const char *name_of(const char *feed, int64_t day, int night, char out[NAME])
{
    int len = snprintf(out, NAME, "%s@%d.%d", feed, wf_weekday(day), night);
    return len < NAME ? out : NULL;
}

bool wf_volume_is_last(const struct wf_feed_rows *feed)
{
    return !strchr(feed->name, '@');
}

static const struct wf_feed_rows *find(const struct wf_state *state, const char *name)
{
    for (size_t i = 0; name && i < state->n_feeds; i++)
        if (strcmp(state->feeds[i].name, name) == 0)
            return &state->feeds[i];
    return NULL;
}

static bool median_of(const struct wf_state *state, const char *feed, int64_t day, uint64_t *out)
{
    uint64_t rows[NIGHTS];
    char name[NAME];
    for (int n = 0; n < NIGHTS; n++) {
        const struct wf_feed_rows *night = find(state, name_of(feed, day, n, name));
        if (!night)
            return false;
        rows[n] = night->rows;
    }
    uint64_t low = rows[0] < rows[1] ? rows[0] : rows[1];
    uint64_t high = rows[0] < rows[1] ? rows[1] : rows[0];
    *out = rows[2] < low ? low : rows[2] > high ? high : rows[2];
    return true;
}

static enum wf_status keep_weekday(struct wf_state *state, const struct wf_load_feed *feed,
                                   int64_t day)
{
    uint64_t rows = feed->rows;
    char name[NAME];
    for (int n = 0; n < NIGHTS && name_of(feed->name, day, n, name); n++) {
        bool known = find(state, name) != NULL;
        struct wf_feed_rows *night = wf_state_feed(state, name, strlen(name));
        if (!night)
            return WF_ERR_NOMEM;
        uint64_t before = night->rows;
        night->rows = rows;
        rows = before;
        if (!known)
            break;
    }
    return WF_OK;
}

/* ---- the guard ---- */

void wf_odd_volumes(const struct wf_state *state, const struct wf_load_report *report, int64_t day,
                    struct wf_buf *odd)
{
    for (size_t i = 0; i < report->n_feeds; i++) {
        const struct wf_load_feed *feed = &report->feeds[i];
        const struct wf_feed_rows *last = find(state, feed->name);
        uint64_t usual;
        bool weekly = feed->grows && median_of(state, feed->name, day, &usual);
        bool as_last = feed->full && last && !odd_volume(last->rows, feed->rows);
        if (weekly) { /* all history, or what is new: it is like one of the two */
            if (!as_last && odd_volume(usual, feed->rows))
                wf_say(odd,
                       "%s has %" PRIu64 " rows, and %" PRIu64 " by the median of the last three "
                       "nights of this day of the week\n",
                       feed->name, feed->rows, usual);
            continue;
        }
        if (!feed->full || !last || !odd_volume(last->rows, feed->rows))
            continue;
        wf_say(odd, "%s has %" PRIu64 " rows, and had %" PRIu64 " the last night: %s\n", feed->name,
               feed->rows, last->rows,
               feed->rows < last->rows
                   ? wf_word("less than half, as if the export were cut short or "
                             "held only what is new")
                   : wf_word("more than twice as many"));
    }
}

enum wf_status wf_keep_volume(struct wf_state *state, const struct wf_load_report *report,
                              int64_t day)
{
    for (size_t i = 0; i < report->n_feeds; i++) {
        const struct wf_load_feed *from = &report->feeds[i];
        if (from->grows && keep_weekday(state, from, day) != WF_OK)
            return WF_ERR_NOMEM;
        if (!from->full)
            continue;
        struct wf_feed_rows *feed = wf_state_feed(state, from->name, strlen(from->name));
        if (!feed)
            return WF_ERR_NOMEM;
        feed->rows = from->rows;
    }
    return WF_OK;
}
