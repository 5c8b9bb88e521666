#include "tests/tools/zoned.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/run/zonefile.h"

struct wf_zone *zone_of(const char *name)
{
    struct wf_zone *zone = NULL;
    assert_int_equal(wf_zone_load(name, NULL, &zone, NULL), WF_OK);
    return zone;
}

int64_t at(const struct wf_zone *zone, const char *text)
{
    struct wf_stamp stamp;
    struct wf_stretch stretch = {0};
    int64_t day;
    if (wf_date_parse(text, strlen(text), &day))
        return wf_zone_midnight(zone, day);
    assert_true(wf_stamp_parse(text, strlen(text), &stamp));
    return wf_zone_stamp(zone, &stretch, stamp);
}

int64_t day_of(const char *text)
{
    int64_t day;
    assert_true(wf_date_parse(text, strlen(text), &day));
    return day;
}
