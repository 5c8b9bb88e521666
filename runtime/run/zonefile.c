#include "runtime/run/zonefile.h"

#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/fs.h"

#define ZONES "/usr/share/zoneinfo/"

static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

/* A name may not leave the folder of the zones. */
static bool is_zone_name(const char *name)
{
    return *name && *name != '/' && strspn(name, LETTERS) == strlen(name) && strlen(name) < 128;
}

enum wf_status wf_zone_load(const char *name, const struct wf_alloc *alloc,
                            struct wf_zone **zone_out, struct wf_buf *why)
{
    struct wf_buf path, bytes;
    if (strcmp(name, "UTC") == 0)
        return wf_zone_fixed(alloc, 0, zone_out);
    wf_buf_init(&path, alloc, 0);
    wf_buf_init(&bytes, alloc, (size_t)1 << 20);
    wf_buf_addf(&path, ZONES "%s", name);
    enum wf_status st = is_zone_name(name) ? WF_OK : WF_ERR_USAGE;
    if (st == WF_OK)
        st = path.failed ? WF_ERR_NOMEM : wf_fs_os.read(wf_fs_os.ctx, wf_buf_str(&path), &bytes);
    if (st == WF_OK)
        st = wf_zone_parse(alloc, bytes.data ? bytes.data : "", bytes.len, zone_out);
    if (st != WF_OK && why)
        wf_say(why, "time zone \"%s\": %s", name,
               st == WF_ERR_MISSING ? wf_word("this machine has no such zone")
                                    : wf_status_text(st));
    wf_buf_release(&path);
    wf_buf_release(&bytes);
    return st;
}

/* The list is written for the zone compiler: "Z NAME ..." begins a zone, "L TARGET NAME" names one
 * once more. */
static void offer_listed(char *text, wf_offer_fn *offer, void *to)
{
    for (char *line, *rest = text; (line = strtok_r(rest, "\n", &rest));) {
        bool link = strncmp(line, "L ", 2) == 0;
        if (!link && strncmp(line, "Z ", 2) != 0)
            continue;
        char *name = strtok_r(line + 2, " ", &line);
        if (link)
            name = strtok_r(line, " ", &line);
        if (name)
            offer(to, name);
    }
}

bool wf_zone_known(const char *name, wf_offer_fn *offer, void *to)
{
    struct wf_zone *zone = NULL;
    struct wf_buf list;
    enum wf_status st = wf_zone_load(name, NULL, &zone, NULL);
    wf_zone_free(zone);
    if (st != WF_ERR_MISSING && st != WF_ERR_USAGE)
        return true; /* damaged, or no memory: nothing that the rules could mend */
    wf_buf_init(&list, NULL, (size_t)1 << 20);
    if (wf_fs_os.read(wf_fs_os.ctx, ZONES "tzdata.zi", &list) == WF_OK && list.len)
        offer_listed(list.data, offer, to);
    wf_buf_release(&list);
    return false;
}
