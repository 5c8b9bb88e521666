#include "runtime/run/claim.h"

#include <string.h>

#include "lang/base/words.h"
#include "runtime/run/release.h"

/* ---- which night ---- */

struct finding {
    int64_t after;
    const char *folder; /* NULL: the first published one after `after` */
    const struct wf_alloc *alloc;
    struct wf_run_row *out;
};

static enum wf_status copy_run(const struct wf_run_row *from, const struct wf_alloc *alloc,
                               struct wf_run_row *to)
{
    *to = *from;
    to->rules = wf_strdup(alloc, from->rules);
    to->inputs = wf_strdup(alloc, from->inputs);
    to->folder = wf_strdup(alloc, from->folder);
    to->manifest = wf_strdup(alloc, from->manifest);
    if (to->rules && to->inputs && to->folder && to->manifest)
        return WF_OK;
    wf_run_row_release(to, alloc);
    return WF_ERR_NOMEM;
}

static enum wf_status look_at(void *ctx, const struct wf_run_row *run)
{
    struct finding *f = ctx;
    if (f->out->status != WF_RUN_NONE || run->status != WF_RUN_PUBLISHED)
        return WF_OK;
    if (f->folder ? strcmp(run->folder, f->folder) != 0 : run->seq <= f->after)
        return WF_OK;
    return copy_run(run, f->alloc, f->out);
}

static enum wf_status find(struct wf_store *store, struct finding *f)
{
    *f->out = (struct wf_run_row){0};
    enum wf_status st = store->ops->each_run(store, look_at, f);
    if (st != WF_OK)
        wf_run_row_release(f->out, f->alloc);
    return st;
}

enum wf_status wf_claim_next(struct wf_store *store, int64_t claimed, struct wf_run_row *out)
{
    return find(store, &(struct finding){claimed, NULL, store->alloc, out});
}

enum wf_status wf_claim_find(struct wf_store *store, const char *folder, struct wf_run_row *out)
{
    return find(store, &(struct finding){0, folder, store->alloc, out});
}

/* ---- what is in it ---- */

static enum wf_status unread(struct wf_buf *why, enum wf_status st, const char *path)
{
    if (st != WF_ERR_NOMEM && why)
        wf_say(why, N_("cannot read %s: %s"), path, wf_status_text(st));
    return st;
}

static enum wf_status prove_output(const struct wf_fs *fs, const char *folder, const json_t *output,
                                   struct wf_buf *why)
{
    const char *name = json_string_value(json_object_get(output, "file"));
    const char *sha256 = json_string_value(json_object_get(output, "sha256"));
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s", folder, name ? name : "");
    enum wf_status st = path.failed                 ? WF_ERR_NOMEM
                        : !name || !sha256          ? WF_ERR_STATE
                        : strchr(name, '/') != NULL ? WF_ERR_STATE
                                                    : wf_prove_file(fs, wf_buf_str(&path), sha256);
    bool wrong = st == WF_ERR_MISSING || st == WF_ERR_STATE;
    if (wrong && why)
        wf_say(why, st == WF_ERR_MISSING ? N_("%s is gone") : N_("%s is not what was published"),
               wf_buf_str(&path));
    else if (st != WF_OK)
        unread(why, st, wf_buf_str(&path));
    wf_buf_release(&path);
    return wrong ? WF_ERR_STATE : st;
}

static enum wf_status prove_outputs(const struct wf_fs *fs, const char *folder,
                                    json_t **outputs_out, struct wf_buf *why)
{
    struct wf_buf path, text;
    json_t *manifest = NULL;
    wf_buf_init(&path, NULL, 0);
    wf_buf_init(&text, NULL, 0);
    wf_buf_addf(&path, "%s/manifest.json", folder);
    enum wf_status st = path.failed ? WF_ERR_NOMEM : fs->read(fs->ctx, wf_buf_str(&path), &text);
    if (st != WF_OK)
        unread(why, st, wf_buf_str(&path));
    else if ((st = wf_json_read(wf_buf_str(&text), text.len, &manifest)) == WF_OK && !manifest)
        st = WF_ERR_NOMEM; /* its digest was proved: these are the bytes we wrote */
    json_t *outputs = json_object_get(manifest, "outputs");
    if (st == WF_OK && !json_is_array(outputs))
        st = WF_ERR_STATE;
    for (size_t i = 0; st == WF_OK && i < json_array_size(outputs); i++)
        st = prove_output(fs, folder, json_array_get(outputs, i), why);
    if (st == WF_OK)
        *outputs_out = json_incref(outputs);
    json_decref(manifest);
    wf_buf_release(&path);
    wf_buf_release(&text);
    return st;
}

enum wf_status wf_claim_prove(const struct wf_fs *fs, const char *out, const struct wf_run_row *run,
                              json_t **outputs_out, struct wf_buf *why)
{
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    enum wf_status st = wf_check_published(fs, out, run, why);
    const char *folder = st == WF_OK ? wf_out_path(&path, out, "", run->folder, "") : NULL;
    if (st == WF_OK)
        st = folder ? prove_outputs(fs, folder, outputs_out, why) : WF_ERR_NOMEM;
    wf_buf_release(&path);
    return st;
}
