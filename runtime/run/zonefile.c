#include "runtime/run/zonefile.h"

#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/fs.h"

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
    wf_buf_addf(&path, "/usr/share/zoneinfo/%s", name);
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
