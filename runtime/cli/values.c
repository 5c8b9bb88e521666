#include "runtime/cli/values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/limits.h"

bool wf_cli_as_of(const char *text, const struct wf_zone *zone, int64_t *now_out)
{
    struct wf_stamp stamp;
    int64_t day;
    if (wf_date_parse(text, strlen(text), &day)) {
        *now_out = wf_zone_midnight(zone, day);
        return true;
    }
    if (!wf_stamp_parse(text, strlen(text), &stamp))
        return false;
    struct wf_stretch stretch = {0};
    *now_out = wf_zone_stamp(zone, &stretch, stamp);
    return true;
}

bool wf_cli_share(const char *text, uint32_t *out)
{
    char *end;
    double share = strtod(text, &end);
    if (end == text)
        return false;
    if (*end == '%') {
        share /= 100;
        end++;
    }
    if (*end || !(share >= 0 && share <= 1))
        return false;
    *out = (uint32_t)lround(share * 1e6);
    return true;
}

int64_t wf_cli_memory(void)
{
    int64_t pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? pages / 4 * page : 0;
}

struct wf_run_options wf_cli_look(const char *data, uint32_t rejects, int64_t unreadable)
{
    return (struct wf_run_options){.data = data,
                                   .threads = 1,
                                   .event_memory = (uint64_t)wf_cli_memory(),
                                   .batch = WF_BATCH,
                                   .max_rejects = rejects,
                                   .accept_unreadable = (uint64_t)unreadable,
                                   .accept_volume = true};
}
