/*
 * scene.h - a campaign's play: nights before, the night that is disturbed, the night after it.
 *
 * A scene is data (scenes.c). What is disturbed may also be a command that changes the state; what
 * is said of "nights" is then said of it. Everything happens in one folder, ROOT:
 *
 *   ROOT/state/shop.db, ROOT/out   the state and the outputs, as far as things went
 *   ROOT/data0, data1, ...         the exports of each night
 *   ROOT.base                      state and outputs before the disturbed night
 *   ROOT.cut                       a copy for the campaign's own use
 */
#ifndef WF_TESTS_SCENE_H
#define WF_TESTS_SCENE_H

#include <stdio.h>

#include "tests/fault/calls.h"
#include "tests/tools/nights.h"

#define SCENE_STATE "state/shop.db" /* what SQLite syncs is not what the outputs lie in */

enum { SCENE_NIGHTS = 6, SCENE_FEEDS = 5 };

/* An export: a head, and rows for the numbers from .. to - 1, each %d of the row being the number.
 */
struct scene_feed {
    const char *name, *head, *row;
    int from, to;
};

struct scene_night {
    const char *as_of;
    const char *rules; /* NULL: the same as the night before */
    bool jsonl;
    unsigned threads;                     /* 0: one */
    uint64_t event_memory;                /* 0: any; 1: next to nothing, events go to a file */
    uint64_t max_actions;                 /* 0: any number */
    const char *command;                  /* instead of a run: its words, but for the folders */
    bool approve;                         /* releases the night held before, of the same T */
    enum wf_status ends;                  /* WF_ERR_HELD: it is held */
    struct scene_feed feeds[SCENE_FEEDS]; /* none: the exports of the night before */
};

struct scene {
    const char *name;
    struct scene_night nights[SCENE_NIGHTS]; /* the last but one is disturbed */
    unsigned n_nights;
    bool bare; /* it begins without a state: what is disturbed makes one, or leaves a file that is
                  none */
    enum wf_status alone; /* how the last night may end too, the disturbed one never having been */
    int format;           /* what the state is made before the disturbed night; 0: what it is */
    /* The disturbed night was killed once, in front of the first call of that kind on a path that
     * holds this text: what is disturbed is the run that goes on. NULL: it was not. */
    enum call_kind cut;
    const char *cut_path;
};

extern const struct scene SCENES[];
extern const unsigned N_SCENES;

/* What an undisturbed shop looks like after ... */
enum ending {
    END_NIGHT, /* the night */
    END_AFTER, /* the night and the one after it */
    END_ALONE, /* the one after it, the night never having been run */
    ENDINGS
};

struct play {
    const struct scene *scene;
    char root[64], base[80], cut[80];
    struct chain nights[SCENE_NIGHTS];
    struct wf_buf endings[ENDINGS];
    char plan[WF_PLAN_ID];       /* of the night held last */
    struct wf_approval approval; /* of it */
    struct wf_buf said;          /* what differed, when play_ended answered false */
    char words[1024];            /* what the last command printed, for people who look */
    FILE *printed;               /* where it printed it */
    bool answered;               /* the disturbed night came to its end, in play_apart */
};

/* Plays the nights before, and takes down all endings. */
void play_open(struct play *play, const struct scene *scene);
void play_close(struct play *play);

/* State and outputs as they are in that copy (play->base, play->cut); and a copy of them as they
 * are. */
void play_restore(struct play *play, const char *from);
void play_keep(struct play *play, const char *to);

struct chain *play_night(struct play *play); /* the disturbed one */
struct chain *play_after(struct play *play);

/* Runs one of them. */
enum wf_status play_run(struct play *play, struct chain *night);

/* Whether that is how the night should end. */
bool play_good(const struct play *play, const struct chain *night, enum wf_status status);

/* Runs the disturbed night in another process under a hook. True: it was killed, else *status_out
 * is what the night answered. */
bool play_apart(struct play *play, const struct calls_hook *hook, enum wf_status *status_out);

/* Things are as they should be. */
bool play_ended(struct play *play, enum ending ending);

/* Somebody may act upon the disturbed night: its marker is there, or whoever ran it was told that
 * it is done. */
bool play_marked(const struct play *play);

#endif
