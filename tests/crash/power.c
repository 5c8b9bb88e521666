/*
 * The power goes during a night, at every change and every sync, and comes back to a disk that has
 * lost, reordered and torn what was not synced (disk.h); now and then it goes once more while the
 * run that goes on is at work. Then, as after a kill (crash.c), the night is run again or the next
 * one instead.
 *
 * --weaken proves that the campaign can see: with that part of the protocol taken away, it must
 * find bad points.
 *
 *   synchronous-off     SQLite syncs nothing (or -normal, -full: those do find nothing, as the
 * journal of an exclusive lock is truncated and synced, not deleted) files-unsynced      the
 * night's files are not synced folders-unsynced    the folders they are in are not synced
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "tests/fault/campaign.h"
#include "tests/fault/disk.h"

enum { SEEDS = 36 };

static enum disk_weakness weakness_of(const struct campaign *c)
{
    const char *weaken = c->weaken ? c->weaken : "";
    return strcmp(weaken, "files-unsynced") == 0     ? DISK_FILES_UNSYNCED
           : strcmp(weaken, "folders-unsynced") == 0 ? DISK_FOLDERS_UNSYNCED
                                                     : DISK_SOUND;
}

/* The night under a recording. */
static struct disk *recorded(struct campaign *c, struct play *play, enum wf_status *status_out)
{
    struct disk *disk = disk_new(play->root, weakness_of(c));
    struct calls_hook hook = disk_hook(disk);
    calls_watch(play->root, &hook);
    *status_out = play_run(play, play_night(play));
    calls_unwatch();
    return disk;
}

/* Its marker is there, or it has told whoever ran it that it is done. */
static bool sees_marker(const struct play *play, struct disk *disk, unsigned steps)
{
    char path[64];
    const struct scene_night *night = &play->scene->nights[play->scene->n_nights - 2];
    snprintf(path, sizeof(path), "out/%s/PUBLISHED", night->as_of);
    return steps == disk_steps(disk) || (!night->command && disk_sees(disk, steps, path));
}

/* The power goes again while the run that goes on is at work. */
static bool cut_again(struct campaign *c, struct play *play, uint64_t seed)
{
    enum wf_status st;
    struct disk *disk = recorded(c, play, &st);
    unsigned steps = (unsigned)(seed * 0x9e3779b97f4a7c15u >> 33) % (disk_steps(disk) + 1);
    bool marked = sees_marker(play, disk, steps);
    disk_cut(disk, steps, seed, play->root);
    disk_free(disk);
    return marked;
}

static void each_cut(struct campaign *c, struct play *play)
{
    enum wf_status st;
    char where[96];
    struct disk *disk = recorded(c, play, &st);
    if (!play_good(play, play_night(play), st))
        abort();
    for (unsigned at = 0; at <= disk_steps(disk); at++)
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            if (!campaign_takes(c))
                continue;
            bool marked = sees_marker(play, disk, at);
            snprintf(where, sizeof(where), "cut after step %u of %u, seed %u", at, disk_steps(disk),
                     (unsigned)seed);
            disk_cut(disk, at, seed, play->root);
            if (seed >= SEEDS / 2)
                marked |= cut_again(c, play, seed + at * SEEDS);
            if (seed % 2)
                campaign_again(c, play, where);
            else
                campaign_next(c, play, marked, where);
        }
    campaign_says(c, "%s: %u steps", play->scene->name, disk_steps(disk));
    disk_free(disk);
}

static const char SYNCHRONOUS[] = "synchronous-";

/* What the state says about synchronous does nothing. */
static int ignore_synchronous(void *ctx, int what, const char *first, const char *second,
                              const char *db, const char *trigger)
{
    (void)ctx, (void)second, (void)db, (void)trigger;
    return what == SQLITE_PRAGMA && strcmp(first, "synchronous") == 0 ? SQLITE_IGNORE : SQLITE_OK;
}

/* Called by SQLite for every database that is opened; there is no other way in for the word. */
static const char *lowered;

static int lower(sqlite3 *db, const char **why, const struct sqlite3_api_routines *api)
{
    char sql[64];
    (void)why, (void)api;
    snprintf(sql, sizeof(sql), "PRAGMA synchronous=%s", lowered);
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    sqlite3_set_authorizer(db, ignore_synchronous, NULL);
    return rc;
}

int main(int argc, char **argv)
{
    struct campaign c;
    if (!campaign_begin(&c, "power", argc, argv))
        return 64;
    if (c.weaken && strncmp(c.weaken, SYNCHRONOUS, sizeof(SYNCHRONOUS) - 1) == 0) {
        lowered = c.weaken + sizeof(SYNCHRONOUS) - 1;
        sqlite3_auto_extension((void (*)(void))lower);
    }
    campaign_scenes(&c, each_cut);
    return campaign_end(&c);
}
