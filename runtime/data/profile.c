#include "runtime/data/profile.h"

#include <stddef.h>
#include <time.h>

static const struct {
    const char *key;
    unsigned depth;
} phases[] = {
#define WF_PHASE_ROW(PHASE, key, depth) {key, depth},
    WF_PHASES(WF_PHASE_ROW)
#undef WF_PHASE_ROW
};

const char *wf_phase_key(enum wf_phase phase)
{
    return phases[phase].key;
}

unsigned wf_phase_depth(enum wf_phase phase)
{
    return phases[phase].depth;
}

double wf_profile_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A row that runs holds minus the time it began at. */
unsigned wf_profile_begin(struct wf_profile *profile, enum wf_phase phase, uint32_t feed)
{
    if (!profile || profile->n == WF_PROFILE_ROWS)
        return WF_PROFILE_ROWS;
    profile->rows[profile->n] = (struct wf_profile_row){phase, feed, -wf_profile_clock()};
    return profile->n++;
}

void wf_profile_end(struct wf_profile *profile, unsigned row)
{
    if (profile && row < profile->n)
        profile->rows[row].seconds += wf_profile_clock();
}

void wf_profile_add(struct wf_profile *profile, enum wf_phase phase, double seconds)
{
    if (profile && profile->n < WF_PROFILE_ROWS)
        profile->rows[profile->n++] = (struct wf_profile_row){phase, 0, seconds};
}
