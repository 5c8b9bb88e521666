#include "tests/fault/campaign.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRINTED = 40 };

bool campaign_begin(struct campaign *c, const char *name, int argc, char **argv)
{
    *c = (struct campaign){.name = name, .stride = 1, .deep = 1};
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        uint64_t *number = strcmp(argv[i], "--stride") == 0  ? &c->stride
                           : strcmp(argv[i], "--deep") == 0  ? &c->deep
                           : strcmp(argv[i], "--seed") == 0  ? &c->seed
                           : strcmp(argv[i], "--least") == 0 ? &c->least
                                                             : NULL;
        if (number) {
            *number = strtoull(value, NULL, 10);
            i++;
        } else if (strcmp(argv[i], "--scene") == 0) {
            c->scene = value;
            i++;
        } else if (strcmp(argv[i], "--weaken") == 0) {
            c->weaken = value;
            i++;
        } else if (strcmp(argv[i], "--verbose") == 0) {
            c->verbose = true;
        } else {
            fprintf(stderr, "%s: what is '%s'?\n", name, argv[i]);
            return false;
        }
    }
    c->stride = c->stride ? c->stride : 1;
    c->deep = c->deep ? c->deep : 1;
    return true;
}

static bool takes(struct campaign *c, bool deep, uint64_t stride)
{
    bool so = c->numbered[deep]++ % stride == c->seed % stride;
    c->points += so;
    return so;
}

bool campaign_takes(struct campaign *c)
{
    return takes(c, false, c->stride);
}

bool campaign_takes_deep(struct campaign *c)
{
    return takes(c, true, c->deep);
}

void campaign_bad(struct campaign *c, const char *format, ...)
{
    va_list args;
    if (c->bad++ >= PRINTED || (c->weaken && !c->verbose))
        return;
    printf("%s: BAD ", c->name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

void campaign_says(const struct campaign *c, const char *format, ...)
{
    va_list args;
    if (!c->verbose)
        return;
    printf("%s: ", c->name);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
    fflush(stdout);
}

void campaign_scenes(struct campaign *c, scene_fn *fn)
{
    struct play *play = calloc(1, sizeof(*play));
    for (unsigned i = 0; play && i < N_SCENES; i++) {
        if (c->scene && strcmp(c->scene, SCENES[i].name) != 0)
            continue;
        uint64_t points = c->points, bad = c->bad;
        play_open(play, &SCENES[i]);
        fn(c, play);
        play_close(play);
        campaign_says(c, "%s: %" PRIu64 " points, %" PRIu64 " bad", SCENES[i].name,
                      c->points - points, c->bad - bad);
    }
    free(play);
}

static void ended(struct campaign *c, struct play *play, enum wf_status st,
                  const struct chain *night, bool good, const char *where)
{
    const char *which = night == play_night(play) ? "run again" : "the next night instead";
    if (!play_good(play, night, st))
        campaign_bad(c, "%s, %s: %s, it failed (%d): %s", play->scene->name, where, which,
                     wf_status_exit(st), wf_buf_str(&night->why));
    else if (!good)
        campaign_bad(c, "%s, %s: %s, not what it should be:\n%s", play->scene->name, where, which,
                     wf_buf_str(&play->said));
}

void campaign_again(struct campaign *c, struct play *play, const char *where)
{
    struct chain *night = play_night(play);
    enum wf_status st = play_run(play, night);
    ended(c, play, st, night, play_good(play, night, st) && play_ended(play, END_NIGHT), where);
}

void campaign_next(struct campaign *c, struct play *play, bool marked, const char *where)
{
    struct chain *night = play_after(play);
    enum wf_status st = play_run(play, night);
    bool good = play_good(play, night, st) &&
                (play_ended(play, END_AFTER) || (!marked && play_ended(play, END_ALONE)));
    ended(c, play, st, night, good, where);
}

int campaign_end(const struct campaign *c)
{
    if (c->weaken) {
        printf("%s without %s: %" PRIu64 " points, %" PRIu64 " bad, %s\n", c->name, c->weaken,
               c->points, c->bad, c->bad ? "as there should be" : "so it does not see that");
        return c->bad == 0;
    }
    printf("%s: %" PRIu64 " points, %" PRIu64 " bad\n", c->name, c->points, c->bad);
    if (c->points < c->least)
        printf("%s: too few points, at least %" PRIu64 " were asked for\n", c->name, c->least);
    return c->bad || c->points < c->least;
}
