#include "runtime/cli/mend.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ROUNDS = 20 }; /* each mends what the one before uncovered */

struct mending {
    struct wf_overlay *overlay; /* NULL: files are mended */
    struct wf_buf *said;
    size_t mended;
};

static int by_place(const void *left, const void *right)
{
    const struct wf_edit *a = *(struct wf_edit *const *)left;
    const struct wf_edit *b = *(struct wf_edit *const *)right;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return (a->span.end > b->span.end) - (a->span.end < b->span.end);
}

static bool overlaps(struct wf_edit *const *edits, size_t n, const struct wf_diag *diag)
{
    for (const struct wf_edit *e = diag->edits; e; e = e->next) {
        for (size_t i = 0; i < n; i++) {
            if (e->span.start <= edits[i]->span.end && edits[i]->span.start <= e->span.end)
                return true;
        }
    }
    return false;
}

static bool all_in(const struct wf_diag *diag, uint32_t file)
{
    for (const struct wf_edit *e = diag->edits; e; e = e->next) {
        if (e->span.file != file)
            return false;
    }
    return diag->edits != NULL;
}

static void say(struct wf_buf *said, const struct wf_source *source, const struct wf_diag *diag)
{
    struct wf_place at = wf_source_place(source, diag->span.start);
    wf_say(said, "%s:%u:%u: mended %s: %s\n", source->name, at.line, at.column,
           wf_code_text(diag->code), diag->fix ? diag->fix : diag->message);
}

/* The edits of one file that do not touch each other, in order. The caller frees them. */
static enum wf_status choose_edits(const struct wf_diags *diags, uint32_t file,
                                   struct wf_edit ***edits_out, size_t *n_out, struct wf_buf *said,
                                   size_t *mended)
{
    size_t n = 0, room = 0;
    struct wf_edit **edits = NULL;
    for (size_t i = 0; i < diags->n; i++) {
        const struct wf_diag *diag = diags->items[i];
        if (!all_in(diag, file) || overlaps(edits, n, diag))
            continue;
        for (struct wf_edit *e = diag->edits; e; e = e->next) {
            if (wf_grow(NULL, &edits, &room, n + 1, sizeof(struct wf_edit *))) {
                free(edits);
                return WF_ERR_NOMEM;
            }
            edits[n++] = e;
        }
        say(said, &diags->sources->files[file], diag);
        ++*mended;
    }
    if (n)
        qsort(edits, n, sizeof(struct wf_edit *), by_place);
    *edits_out = edits;
    *n_out = n;
    return WF_OK;
}

static void apply(struct wf_buf *text, const struct wf_source *source, struct wf_edit *const *edits,
                  size_t n)
{
    uint32_t at = 0;
    if (source->bom)
        wf_buf_adds(text, "\xef\xbb\xbf");
    for (size_t i = 0; i < n; i++) {
        wf_buf_add(text, source->text + at, edits[i]->span.start - at);
        wf_buf_adds(text, edits[i]->text);
        at = edits[i]->span.end;
    }
    wf_buf_add(text, source->text + at, source->len - at);
}

static enum wf_status put(struct mending *m, const char *name, struct wf_buf *text)
{
    if (text->failed)
        return WF_ERR_NOMEM;
    if (!m->overlay)
        return wf_cli_rewrite(name, wf_buf_str(text), text->len);
    free(m->overlay->bytes);
    m->overlay->bytes = wf_buf_detach(text, &m->overlay->len);
    return WF_OK;
}

static enum wf_status mend_file(struct mending *m, const struct wf_front *front, uint32_t file)
{
    const struct wf_source *source = &front->sources.files[file];
    struct wf_buf text, said;
    struct wf_edit **edits = NULL;
    size_t n = 0, found = 0;
    if (source->embedded || (m->overlay && strcmp(source->name, m->overlay->path) != 0))
        return WF_OK;
    wf_buf_init(&said, NULL, 0);
    wf_buf_init(&text, NULL, 0);
    enum wf_status status = choose_edits(&front->diags, file, &edits, &n, &said, &found);
    if (status == WF_OK && n) {
        apply(&text, source, edits, n);
        status = put(m, source->name, &text);
    }
    if (status == WF_OK) {
        wf_buf_add(m->said, wf_buf_str(&said), said.len);
        m->mended += found;
    }
    free(edits);
    wf_buf_release(&text);
    wf_buf_release(&said);
    return status;
}

enum wf_status wf_mend(const char *path, struct wf_overlay *overlay, struct wf_buf *said,
                       size_t *mended_out)
{
    struct mending m = {.overlay = overlay, .said = said};
    struct wf_loader loader = overlay ? wf_cli_overlaid(overlay) : wf_cli_loader();
    enum wf_status status = WF_OK;
    size_t before = SIZE_MAX;
    for (int round = 0; round < MOST_ROUNDS && status == WF_OK && m.mended != before; round++) {
        struct wf_front front;
        wf_front_init(&front, NULL);
        before = m.mended;
        status = wf_front_check(&front, &loader, path);
        if (status == WF_ERR_RULES)
            status = WF_OK;
        for (uint32_t f = 0; f < front.sources.n && status == WF_OK; f++)
            status = mend_file(&m, &front, f);
        wf_front_release(&front);
    }
    *mended_out = m.mended;
    return status;
}
