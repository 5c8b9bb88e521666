/*
 * A night is killed (SIGKILL) in front of every system call that changes something on the disk, in
 * the middle of every write, and behind the last; then the run that goes on is killed in the same
 * way. Each time the night is run again, or the next one is run instead:
 *
 *   again   the outputs and the state are those of a shop that was never disturbed
 *   next    so are those of both nights; or, if nobody could have taken the disturbed night (it had
 *           no marker when it was killed), of a shop in which only the next night was run
 *
 * In front of a call is behind the one before, so these are all the states a kill can leave.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/fault/campaign.h"

enum { CHANGES = 4096 };

/* Where a run dies, and what it did so far. */
struct death {
    unsigned changes, at; /* at == CHANGES: nowhere */
    bool half, dying;
    bool splits[CHANGES]; /* the change is a write of several bytes */
};

static int look(void *ctx, struct call *call)
{
    struct death *death = ctx;
    if (!call->changes)
        return 0;
    unsigned now = death->changes++;
    if (now >= CHANGES)
        abort();
    death->splits[now] = call->kind == CALL_WRITE && call->len > 1;
    if (now != death->at)
        return 0;
    if (!death->half)
        kill(getpid(), SIGKILL);
    call->len /= 2;
    death->dying = true;
    return 0;
}

static void die(void *ctx, const struct call *call)
{
    const struct death *death = ctx;
    (void)call;
    if (death->dying)
        kill(getpid(), SIGKILL);
}

/* Kills a run of the disturbed night; false: it had ended before (threads take turns as they like).
 */
static bool killed(struct play *play, unsigned at, bool half)
{
    struct death death = {.at = at, .half = half};
    enum wf_status st;
    return play_apart(play, &(struct calls_hook){&death, look, die}, &st);
}

/* Runs the disturbed night from here; how many changes that takes, and of what kind. */
static unsigned count(struct campaign *c, struct play *play, struct death *death, const char *where)
{
    *death = (struct death){.at = CHANGES};
    calls_watch(play->root, &(struct calls_hook){death, look, NULL});
    campaign_again(c, play, where);
    calls_unwatch();
    if (calls_strays())
        campaign_bad(c, "%s: %u changes outside the shop's folder", play->scene->name,
                     calls_strays());
    return death->changes;
}

/* The run that goes on dies too. */
static void second_deaths(struct campaign *c, struct play *play, const struct death *run,
                          const char *where)
{
    struct death again;
    char there[128];
    for (unsigned j = 0; j < 2 * run->changes; j++) {
        if ((j % 2 && !run->splits[j / 2]) || !campaign_takes_deep(c))
            continue;
        snprintf(there, sizeof(there), "%s and then %s %u", where, j % 2 ? "inside" : "before",
                 j / 2);
        play_restore(play, play->cut);
        killed(play, j / 2, j % 2);
        if (c->points % 3)
            count(c, play, &again, there);
        else
            campaign_next(c, play, play_marked(play), there);
    }
}

static void first_death(struct campaign *c, struct play *play, unsigned at, bool half)
{
    char where[64];
    struct death run;
    if (!campaign_takes(c))
        return;
    snprintf(where, sizeof(where), "killed %s %u", half ? "inside" : "before", at);
    play_restore(play, play->base);
    killed(play, at, half);
    bool marked = play_marked(play);
    play_keep(play, play->cut);
    count(c, play, &run, where);
    play_restore(play, play->cut);
    campaign_next(c, play, marked, where);
    second_deaths(c, play, &run, where);
}

static void each_death(struct campaign *c, struct play *play)
{
    struct death calm;
    unsigned n = count(c, play, &calm, "undisturbed");
    for (unsigned at = 0; at <= n; at++)
        for (int half = 0; half <= (at < n && calm.splits[at]); half++)
            first_death(c, play, at, half);
    campaign_says(c, "%s: %u changes", play->scene->name, n);
}

int main(int argc, char **argv)
{
    struct campaign c;
    if (!campaign_begin(&c, "crash", argc, argv))
        return 64;
    campaign_scenes(&c, each_death);
    return campaign_end(&c);
}
