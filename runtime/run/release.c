#include "runtime/run/release.h"

#include <stdio.h>
#include <string.h>

#include "lang/base/words.h"
#include "runtime/data/digest.h"
#include "runtime/run/publish.h"

void wf_night_folder(const struct wf_zone *zone, int64_t now, char out[WF_FOLDER_NAME])
{
    int64_t day, clock;
    char date[WF_DATE_TEXT], time[WF_CLOCK_TEXT];
    wf_zone_local(zone, now, &day, &clock);
    wf_date_text(day, date);
    wf_clock_text(clock, time);
    if (now == wf_zone_midnight(zone, day))
        snprintf(out, WF_FOLDER_NAME, "%s", date);
    else
        snprintf(out, WF_FOLDER_NAME, "%sT%.2s%.2s%.2s", date, time, time + 3, time + 6);
}

bool wf_night_time(const struct wf_zone *zone, const char *name, int64_t *time_out)
{
    int64_t day, clock = 0;
    size_t len = strlen(name);
    if ((len != 10 && len != 17) || !wf_date_parse(name, 10, &day))
        return false;
    if (len == 17) {
        char text[WF_CLOCK_TEXT];
        snprintf(text, sizeof(text), "%.2s:%.2s:%.2s", name + 11, name + 13, name + 15);
        if (name[10] != 'T' || !wf_clock_parse(text, 8, &clock))
            return false;
    }
    *time_out = len == 10 ? wf_zone_midnight(zone, day) : wf_zone_instant(zone, day, clock);
    return true;
}

const char *wf_out_path(struct wf_buf *buf, const char *out, const char *before, const char *name,
                        const char *behind)
{
    wf_buf_reset(buf);
    wf_buf_addf(buf, "%s/%s%s%s", out, before, name, behind);
    return buf->failed ? NULL : wf_buf_str(buf);
}

static enum wf_status say(struct wf_buf *why, enum wf_status st, const char *text, const char *what)
{
    if (why)
        wf_say(why, what, text);
    return st;
}

enum wf_status wf_prove_file(const struct wf_fs *fs, const char *path, const char *sha256)
{
    struct wf_buf text;
    unsigned char raw[WF_SHA256];
    char hex[WF_HEX_SHA256];
    wf_buf_init(&text, NULL, 0);
    enum wf_status st = fs->read(fs->ctx, path, &text);
    if (st == WF_OK) {
        wf_sha256(wf_buf_str(&text), text.len, raw);
        wf_hex(hex, raw, sizeof(raw));
        st = strcmp(hex, sha256) == 0 ? WF_OK : WF_ERR_STATE;
    }
    wf_buf_release(&text);
    return st;
}

/* WF_OK: the folder's manifest has the digest; WF_ERR_MISSING: there is none; else it differs. */
static enum wf_status prove(const struct wf_fs *fs, const char *folder, const char *sha256)
{
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/manifest.json", folder);
    enum wf_status st = path.failed ? WF_ERR_NOMEM : wf_prove_file(fs, wf_buf_str(&path), sha256);
    wf_buf_release(&path);
    return st;
}

/* The staging folder becomes the night's, unless it has already. */
static enum wf_status bring_out(const struct wf_fs *fs, const char *out,
                                const struct wf_run_row *run, struct wf_buf *why)
{
    struct wf_buf from, to;
    wf_buf_init(&from, NULL, 0);
    wf_buf_init(&to, NULL, 0);
    const char *staging = wf_out_path(&from, out, ".", run->folder, ".staging");
    const char *final = wf_out_path(&to, out, "", run->folder, "");
    enum wf_status st = staging && final ? prove(fs, final, run->manifest) : WF_ERR_NOMEM;
    if (st == WF_ERR_MISSING) {
        st = prove(fs, staging, run->manifest);
        if (st == WF_OK)
            st = fs->rename(fs->ctx, staging, final);
        if (st == WF_OK)
            st = fs->sync_folder(fs->ctx, out);
        if (st == WF_ERR_MISSING)
            st = say(why, WF_ERR_STATE, final,
                     N_("%s is lost: the state says this night was being published here"));
        else if (st != WF_OK)
            st = say(why, st, final, N_("%s cannot be published from its staging folder"));
    } else if (st != WF_OK) {
        st = say(why, st, final, N_("%s is not what the state says was published"));
    }
    wf_buf_release(&from);
    wf_buf_release(&to);
    return st;
}

enum wf_status wf_check_published(const struct wf_fs *fs, const char *out,
                                  const struct wf_run_row *run, struct wf_buf *why)
{
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    const char *folder = wf_out_path(&path, out, "", run->folder, "");
    enum wf_status st = folder ? prove(fs, folder, run->manifest) : WF_ERR_NOMEM;
    if (st == WF_ERR_MISSING)
        st = say(why, WF_ERR_STATE, folder,
                 N_("%s was published and is gone: a night is decided once, so bring the folder "
                    "back from "
                    "a copy (or was another --out meant?)"));
    else if (st == WF_ERR_STATE)
        st = say(why, st, folder, N_("%s is not what was published: its manifest.json is another"));
    else if (st != WF_OK && folder)
        st = say(why, st, folder, N_("%s cannot be looked at"));
    wf_buf_release(&path);
    return st;
}

/* A folder that somebody took away needs no marker. */
static enum wf_status put_marker(const struct wf_fs *fs, const char *out,
                                 const struct wf_run_row *run)
{
    struct wf_buf folder, path, text, want;
    wf_buf_init(&folder, NULL, 0);
    wf_buf_init(&path, NULL, 0);
    wf_buf_init(&text, NULL, 0);
    wf_buf_init(&want, NULL, 0);
    wf_buf_addf(&want, "%s\n", run->manifest);
    const char *dir = wf_out_path(&folder, out, "", run->folder, "");
    const char *marker = wf_out_path(&path, out, "", run->folder, "/PUBLISHED");
    enum wf_status st =
        dir && marker && !want.failed ? fs->read(fs->ctx, marker, &text) : WF_ERR_NOMEM;
    bool torn = st == WF_OK && strcmp(wf_buf_str(&text), wf_buf_str(&want)) != 0;
    if (st == WF_ERR_MISSING || torn) {
        st = prove(fs, dir, run->manifest);
        if (st == WF_OK)
            st = wf_fs_put(fs, marker, want.data, want.len);
        if (st == WF_OK)
            st = fs->sync_folder(fs->ctx, dir);
    }
    wf_buf_release(&folder);
    wf_buf_release(&path);
    wf_buf_release(&text);
    wf_buf_release(&want);
    return st;
}

enum wf_status wf_release_night(const struct wf_fs *fs, struct wf_store *store, const char *out,
                                struct wf_run_row *run, struct wf_buf *why)
{
    if (run->status == WF_RUN_PUBLISHED) {
        enum wf_status st = put_marker(fs, out, run);
        if (st == WF_OK || st == WF_ERR_MISSING || st == WF_ERR_STATE)
            return WF_OK;
        return say(why, st, run->folder, N_("%s is published, its marker cannot be looked at"));
    }
    enum wf_status st = bring_out(fs, out, run, why);
    if (st != WF_OK)
        return st;
    run->status = WF_RUN_PUBLISHED;
    st = store->ops->begin(store);
    if (st == WF_OK)
        st = store->ops->put_run(store, run);
    if (st == WF_OK)
        st = store->ops->commit(store);
    if (st != WF_OK) {
        store->ops->rollback(store);
        run->status = WF_RUN_PUBLISHING;
        if (why)
            wf_buf_adds(why, wf_buf_str(&store->why));
        return st;
    }
    st = put_marker(fs, out, run);
    return st == WF_OK ? st : say(why, st, run->folder, N_("%s is published, its marker is not"));
}

/* ---- folders of nights that never were ---- */

struct clearing {
    const struct wf_fs *fs;
    const struct wf_zone *zone;
    const char *out, *before, *behind;
};

static bool is_night(const struct clearing *c, const char *name)
{
    char night[WF_FOLDER_NAME];
    int64_t time;
    size_t len = strlen(name), before = strlen(c->before), behind = strlen(c->behind);
    if (len < before + behind || len - before - behind >= sizeof(night) ||
        memcmp(name, c->before, before) != 0 || strcmp(name + len - behind, c->behind) != 0)
        return false;
    memcpy(night, name + before, len - before - behind);
    night[len - before - behind] = 0;
    return wf_night_time(c->zone, night, &time);
}

static enum wf_status clear_one(void *ctx, const char *name)
{
    const struct clearing *c = ctx;
    struct wf_buf path;
    if (!is_night(c, name))
        return WF_OK;
    wf_buf_init(&path, NULL, 0);
    const char *folder = wf_out_path(&path, c->out, "", name, "");
    enum wf_status st = folder ? wf_fs_remove_tree(c->fs, folder) : WF_ERR_NOMEM;
    wf_buf_release(&path);
    return st;
}

enum wf_status wf_clear_nights(const struct wf_fs *fs, const struct wf_zone *zone, const char *out,
                               const char *before, const char *behind)
{
    struct clearing clearing = {fs, zone, out, before, behind};
    enum wf_status st = fs->list(fs->ctx, out, clear_one, &clearing);
    return st == WF_ERR_MISSING ? WF_OK : st;
}

/* ---- the state against the outputs ---- */

struct checking {
    const struct wf_fs *fs;
    const struct wf_zone *zone;
    const char *out;
    const struct wf_run_row *last;
    struct wf_buf *why;
};

static enum wf_status check_folder(void *ctx, const char *name)
{
    const struct checking *c = ctx;
    int64_t time;
    struct wf_buf path, text;
    if (!wf_night_time(c->zone, name, &time))
        return WF_OK;
    if (c->last->status != WF_RUN_NONE && time <= c->last->t)
        return WF_OK;
    wf_buf_init(&path, NULL, 0);
    wf_buf_init(&text, NULL, 0);
    const char *manifest = wf_out_path(&path, c->out, "", name, "/manifest.json");
    enum wf_status st = manifest ? c->fs->read(c->fs->ctx, manifest, &text) : WF_ERR_NOMEM;
    if (st == WF_ERR_MISSING)
        st = WF_OK; /* not a night of ours */
    else if (st == WF_OK && c->why)
        wf_say(c->why,
               "%s/%s is newer than the state: the state is a restored copy or another shop's",
               c->out, name);
    if (st == WF_OK && text.len)
        st = WF_ERR_STATE;
    wf_buf_release(&path);
    wf_buf_release(&text);
    return st;
}

enum wf_status wf_check_outputs(const struct wf_fs *fs, const struct wf_zone *zone, const char *out,
                                const struct wf_run_row *last, struct wf_buf *why)
{
    struct checking checking = {fs, zone, out, last, why};
    enum wf_status st = fs->list(fs->ctx, out, check_folder, &checking);
    if (st == WF_OK || st == WF_ERR_MISSING)
        return WF_OK;
    return why && why->len ? st : say(why, st, out, N_("%s cannot be looked through"));
}
