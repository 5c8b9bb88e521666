#include "runtime/run/volume.h"

#include <inttypes.h>
#include <string.h>

#include "lang/base/limits.h"
#include "lang/base/words.h"

static bool odd_volume(uint64_t before, uint64_t rows)
{
    uint64_t less = rows < before ? rows : before, more = rows < before ? before : rows;
    return more > WF_VOLUME_ROWS && less < more - less;
}

void wf_odd_volumes(const struct wf_state *state, const struct wf_load_report *report,
                    struct wf_buf *odd)
{
    for (size_t i = 0; i < report->n_feeds; i++) {
        const struct wf_load_feed *feed = &report->feeds[i];
        for (size_t k = 0; feed->full && k < state->n_feeds; k++) {
            uint64_t before = state->feeds[k].rows;
            if (strcmp(state->feeds[k].name, feed->name) != 0 || !odd_volume(before, feed->rows))
                continue;
            wf_say(odd, "%s has %" PRIu64 " rows, and had %" PRIu64 " the last night: %s\n",
                   feed->name, feed->rows, before,
                   feed->rows < before
                       ? wf_word("less than half, as if the export were cut short or "
                                 "held only what is new")
                       : wf_word("more than twice as many"));
        }
    }
}

enum wf_status wf_keep_volume(struct wf_state *state, const struct wf_load_report *report)
{
    for (size_t i = 0; i < report->n_feeds; i++) {
        if (!report->feeds[i].full)
            continue;
        struct wf_feed_rows *feed =
            wf_state_feed(state, report->feeds[i].name, strlen(report->feeds[i].name));
        if (!feed)
            return WF_ERR_NOMEM;
        feed->rows = report->feeds[i].rows;
    }
    return WF_OK;
}
