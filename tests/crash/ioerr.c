/*
 * Every call on a file fails once, and then every call from it on, with each error that the system
 * may answer to it: the run ends well or says what is wrong, of which file, with an exit code of
 * the manual; when the disk is well again, the night is run again and is what it should be.
 *
 *   once       EIO, ENOSPC, EMFILE, EACCES as the call may meet them; EINTR; half of the bytes
 *   from then  EIO, ENOSPC
 *
 * What is interrupted or done by half is gone on with: those runs must end well. A sync that failed
 * is never tried again by us; SQLite may sync the journal of what it rolls back, but after a failed
 * sync of any file no run ends well.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fault/campaign.h"

enum { CALLS = 4096, HALF = -1, JOURNAL_HEAD = 28 };

struct trouble {
    unsigned at;
    int error; /* HALF: half of the bytes */
    bool for_ever, met;
    unsigned calls;
    enum call_kind kinds[CALLS];
    size_t lens[CALLS];
    char path[128]; /* of the call that failed first */
    enum call_kind kind;
    char unsynced[128]; /* the file whose sync failed */
    bool failed_sync, synced_again;
    bool marks;    /* a night: its marker is the last that is written */
    bool zeroed;   /* the journal was ended, as SQLite does it when it commits */
    bool released; /* all is done: what SQLite syncs on closing is nothing any more */
};

static void watch_sync(struct trouble *t, const struct call *call, int error)
{
    /* SQLite does without the sync of the folder its journal is in, if that cannot be done */
    bool ours = strncmp(call->path, "state", 5) != 0;
    bool journal = strstr(call->path, "-journal") != NULL;
    if (journal && call->kind == CALL_WRITE)
        t->zeroed = call->offset == 0 && call->len == JOURNAL_HEAD;
    bool last = t->marks ? strstr(call->path, "/PUBLISHED") != NULL : journal && t->zeroed;
    t->released |= call->kind == CALL_SYNC && last && !error;
    if (call->kind != CALL_SYNC || strcmp(call->path, "state") == 0 || (t->released && !ours))
        return;
    if (t->failed_sync && ours && strcmp(t->unsynced, call->path) == 0)
        t->synced_again = true;
    if (!error || t->failed_sync)
        return;
    t->failed_sync = true;
    snprintf(t->unsynced, sizeof(t->unsynced), "%s", call->path);
}

/* Whether that error is one this call may end with. */
static bool may_end(enum call_kind kind, int error, size_t len)
{
    bool bytes = kind == CALL_READ || kind == CALL_WRITE;
    switch (error) {
    case HALF: return bytes && len > 1;
    case EINTR: return bytes || kind == CALL_OPEN || kind == CALL_CLOSE || kind == CALL_LOCK;
    case ENOSPC:
        return kind == CALL_WRITE || kind == CALL_OPEN || kind == CALL_MAKE_FOLDER ||
               kind == CALL_RENAME || kind == CALL_SYNC || kind == CALL_TRUNCATE;
    case EMFILE: return kind == CALL_OPEN || kind == CALL_LIST;
    case EACCES:
        return kind == CALL_OPEN || kind == CALL_LIST || kind == CALL_MAKE_FOLDER ||
               kind == CALL_RENAME || kind == CALL_REMOVE || kind == CALL_STAT;
    default: return kind != CALL_LOCK;
    }
}

static int meddle(void *ctx, struct call *call)
{
    struct trouble *t = ctx;
    unsigned now = t->calls++;
    if (now >= CALLS)
        abort();
    t->kinds[now] = call->kind;
    t->lens[now] = call->len;
    int error = 0;
    /* Two threads' calls come in another order each time: where the one that came in this place may
     * not meet the error (a stat is never interrupted), the next that may does. */
    if ((t->for_ever || !t->met) && now >= t->at && may_end(call->kind, t->error, call->len))
        error = t->error;
    if (error && !t->met) {
        snprintf(t->path, sizeof(t->path), "%s", call->path);
        t->kind = call->kind;
        t->met = true;
    }
    if (error == HALF) {
        call->len /= 2;
        error = 0;
    }
    watch_sync(t, call, error);
    return error;
}

static enum wf_status run(struct play *play, struct trouble *t)
{
    t->marks = !play->scene->nights[play->scene->n_nights - 2].command;
    play_restore(play, play->base);
    calls_watch(play->root, &(struct calls_hook){t, meddle, NULL});
    enum wf_status st = play_run(play, play_night(play));
    calls_unwatch();
    return st;
}

/* One of the ends that the manual knows, told with the name of a file of the shop. */
static bool well_said(const struct play *play, enum wf_status st, const char *why)
{
    int code = wf_status_exit(st);
    bool known = code == 65 || code == 66 || code == 70 || code == 74 || code == 75 || code == 77;
    return known && (strstr(why, play->root) || strstr(why, ".csv") || strstr(why, ".jsonl") ||
                     strstr(why, "2026-11-"));
}

static void try(struct campaign *c, struct play *play, unsigned at, int error, bool for_ever)
{
    char where[128];
    struct trouble t = {.at = at, .error = error, .for_ever = for_ever};
    enum wf_status st = run(play, &t);
    const char *why = wf_buf_str(&play_night(play)->why);
    snprintf(where, sizeof(where), "%s from call %u %s", error == HALF ? "half" : strerror(error),
             at, for_ever ? "on" : "only");
    struct call call = {.kind = t.kind};
    bool good = play_good(play, play_night(play), st);
    if (good && !play_ended(play, END_NIGHT))
        campaign_bad(c, "%s, %s (%s %s): ended well without a night", play->scene->name, where,
                     call_name(&call), t.path);
    if (!good && (error == HALF || (error == EINTR && t.kind != CALL_SYNC)))
        campaign_bad(c, "%s, %s (%s %s): not gone on with: %s", play->scene->name, where,
                     call_name(&call), t.path, why);
    if (!good && !well_said(play, st, why))
        campaign_bad(c, "%s, %s (%s %s): ended with %d: %s", play->scene->name, where,
                     call_name(&call), t.path, wf_status_exit(st), why);
    /* where there is no marker, what was committed last is not told from what is synced on closing
     */
    bool told = st == WF_OK || strncmp(t.unsynced, "state", 5) != 0;
    if (good && told && t.failed_sync)
        campaign_bad(c, "%s, %s: ended well though %s could not be synced", play->scene->name,
                     where, t.unsynced);
    if (t.synced_again)
        campaign_bad(c, "%s, %s (%s): a failed sync was tried again", play->scene->name, where,
                     t.path);
    if (c->points % 2)
        campaign_again(c, play, where);
    else
        campaign_next(c, play, play_marked(play), where);
}

static void each_trouble(struct campaign *c, struct play *play)
{
    static const int ERRORS[] = {EIO, ENOSPC, EMFILE, EACCES, EINTR, HALF};
    struct trouble calm = {.at = CALLS};
    if (!play_good(play, play_night(play), run(play, &calm)))
        abort();
    for (unsigned at = 0; at < calm.calls; at++)
        for (size_t e = 0; e < sizeof(ERRORS) / sizeof(*ERRORS); e++)
            if (may_end(calm.kinds[at], ERRORS[e], calm.lens[at]))
                for (int for_ever = 0; for_ever < (e < 2 ? 2 : 1); for_ever++)
                    if (campaign_takes(c))
                        try(c, play, at, ERRORS[e], for_ever);
    campaign_says(c, "%s: %u calls", play->scene->name, calm.calls);
}

int main(int argc, char **argv)
{
    struct campaign c;
    if (!campaign_begin(&c, "ioerr", argc, argv))
        return 64;
    campaign_scenes(&c, each_trouble);
    return campaign_end(&c);
}
