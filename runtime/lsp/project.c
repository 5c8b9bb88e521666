/*
 * project.c - which files are checked together.
 *
 * A main file is one that no other imports. For an open document every main file that leads to it
 * is checked, open or not, so that an edit of a shared file shows what it breaks elsewhere; only a
 * document that nobody imports is checked as a main file itself.
 */
#include <string.h>

#include "runtime/lsp/server.h"

/* ---- reading ---- */

static enum wf_status read_open(void *ctx, const char *path, const char **bytes_out,
                                size_t *len_out)
{
    struct wf_lsp *lsp = ctx;
    const struct wf_lsp_doc *doc = wf_lsp_doc_of_path(lsp, path);
    if (!doc)
        return lsp->host.loader.read(lsp->host.loader.ctx, path, bytes_out, len_out);
    *bytes_out = doc->text;
    *len_out = doc->len;
    return WF_OK;
}

static void done_reading(void *ctx, const char *bytes, size_t len)
{
    struct wf_lsp *lsp = ctx;
    for (size_t i = 0; i < lsp->n_docs; i++) {
        if (lsp->docs[i]->text == bytes)
            return;
    }
    lsp->host.loader.done(lsp->host.loader.ctx, bytes, len);
}

struct wf_loader wf_lsp_loader(struct wf_lsp *lsp)
{
    return (struct wf_loader){
        .ctx = lsp, .read = read_open, .done = done_reading, .zone = lsp->host.loader.zone};
}

/* ---- who imports whom ---- */

/* The path an import means; NULL: no memory. "./" and "x/.." are undone. */
static char *resolve(const char *from, const char *to)
{
    struct wf_buf path;
    const char *slash = strrchr(from, '/');
    wf_buf_init(&path, NULL, 0);
    wf_buf_add(&path, from, slash ? (size_t)(slash - from) + 1 : 0);
    while (*to && !path.failed) {
        size_t len = strcspn(to, "/");
        bool up = len == 2 && memcmp(to, "..", 2) == 0;
        if (up && path.len > 1) {
            path.len--;
            while (path.len && path.data[path.len - 1] != '/')
                path.len--;
        } else if (!up && len && !(len == 1 && to[0] == '.')) {
            wf_buf_add(&path, to, len + (to[len] == '/'));
        }
        to += len + (to[len] == '/');
    }
    wf_buf_adds(&path, "");
    if (!path.failed && path.data) {
        path.data[path.len] = '\0';
        return wf_buf_detach(&path, NULL);
    }
    wf_buf_release(&path);
    return NULL;
}

static void forget_imports(struct wf_lsp_known *known)
{
    for (size_t i = 0; i < known->n_imports; i++)
        wf_free(NULL, known->imports[i]);
    known->n_imports = 0;
}

static struct wf_lsp_known *known_of(const struct wf_lsp *lsp, const char *path)
{
    for (size_t i = 0; i < lsp->n_known; i++) {
        if (strcmp(lsp->known[i].path, path) == 0)
            return &lsp->known[i];
    }
    return NULL;
}

static void know(void *to, const char *path)
{
    struct wf_lsp *lsp = to;
    if (known_of(lsp, path))
        return;
    char *copy = wf_strdup(NULL, path);
    if (!copy ||
        wf_grow(NULL, &lsp->known, &lsp->room_known, lsp->n_known + 1, sizeof(*lsp->known))) {
        wf_free(NULL, copy);
        lsp->nomem = true;
        return;
    }
    lsp->known[lsp->n_known++] = (struct wf_lsp_known){.path = copy};
}

static void keep_imports(struct wf_lsp *lsp, struct wf_lsp_known *known, const struct wf_scan *scan)
{
    for (size_t i = 0; i < scan->n_imports; i++) {
        if (!scan->imports[i].path || !scan->imports[i].name)
            continue;
        char *path = resolve(known->path, scan->imports[i].name->text);
        if (!path || wf_grow(NULL, &known->imports, &known->room_imports, known->n_imports + 1,
                             sizeof(*known->imports))) {
            wf_free(NULL, path);
            lsp->nomem = true;
            return;
        }
        known->imports[known->n_imports++] = path;
    }
}

/* What a file imports, as it is now. */
static void look_into(struct wf_lsp *lsp, struct wf_lsp_known *known)
{
    const char *bytes;
    size_t len;
    uint32_t file;
    struct wf_sources sources;
    struct wf_intern names;
    struct wf_scan scan;
    forget_imports(known);
    if (lsp->loader.read(lsp->loader.ctx, known->path, &bytes, &len) != WF_OK)
        return;
    wf_sources_init(&sources, NULL);
    wf_intern_init(&names, NULL, 0);
    wf_scan_init(&scan, NULL);
    enum wf_status status = wf_sources_add(&sources, known->path, bytes, len, false, &file);
    if (status == WF_OK)
        status = wf_scan(&names, &sources, file, &scan);
    if (status == WF_OK)
        keep_imports(lsp, known, &scan);
    lsp->nomem |= status == WF_ERR_NOMEM;
    wf_scan_release(&scan);
    wf_intern_release(&names);
    wf_sources_release(&sources);
    lsp->loader.done(lsp->loader.ctx, bytes, len);
}

static void forget_known(struct wf_lsp *lsp)
{
    for (size_t i = 0; i < lsp->n_known; i++) {
        forget_imports(&lsp->known[i]);
        wf_free(NULL, lsp->known[i].imports);
        wf_free(NULL, lsp->known[i].path);
    }
    lsp->n_known = 0;
}

static bool in_workspace(const struct wf_lsp *lsp, const char *path)
{
    for (size_t i = 0; i < lsp->n_folders; i++) {
        size_t len = strlen(lsp->folders[i]);
        if (strncmp(path, lsp->folders[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return false;
}

/* A document outside the workspace: the files beside it may import it. */
static void know_beside(struct wf_lsp *lsp, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct wf_buf folder;
    if (path[0] != '/' || in_workspace(lsp, path) || !lsp->host.list)
        return;
    wf_buf_init(&folder, NULL, 0);
    wf_buf_add(&folder, path, slash > path ? (size_t)(slash - path) : 1);
    if (!folder.failed)
        lsp->host.list(lsp->host.ctx, folder.data, false, know, lsp);
    wf_buf_release(&folder);
}

static void look_everywhere(struct wf_lsp *lsp)
{
    forget_known(lsp);
    for (size_t i = 0; i < lsp->n_folders && lsp->host.list; i++)
        lsp->host.list(lsp->host.ctx, lsp->folders[i], true, know, lsp);
    for (size_t i = 0; i < lsp->n_docs; i++) {
        know_beside(lsp, lsp->docs[i]->path);
        know(lsp, lsp->docs[i]->path);
    }
    for (size_t i = 0; i < lsp->n_known; i++)
        look_into(lsp, &lsp->known[i]);
}

/* ---- main files ---- */

static struct wf_lsp_root *root_for(struct wf_lsp *lsp, const char *path)
{
    for (size_t i = 0; i < lsp->n_roots; i++) {
        if (strcmp(lsp->roots[i]->path, path) == 0)
            return lsp->roots[i];
    }
    struct wf_lsp_root *root = wf_calloc(NULL, 1, sizeof(*root));
    char *copy = wf_strdup(NULL, path);
    if (!root || !copy ||
        wf_grow(NULL, &lsp->roots, &lsp->room_roots, lsp->n_roots + 1, sizeof(*lsp->roots))) {
        wf_free(NULL, root);
        wf_free(NULL, copy);
        lsp->nomem = true;
        return NULL;
    }
    root->path = copy;
    root->stale = true;
    lsp->roots[lsp->n_roots++] = root;
    return root;
}

static bool imports(const struct wf_lsp_known *known, const char *path)
{
    for (size_t i = 0; i < known->n_imports; i++) {
        if (strcmp(known->imports[i], path) == 0)
            return true;
    }
    return false;
}

/* Marks the main files above a file. `met` is by lsp->known. Answers how many there are. */
static size_t want_above(struct wf_lsp *lsp, size_t at, bool *met, bool changed)
{
    size_t n = 0;
    bool imported = false;
    met[at] = true;
    for (size_t i = 0; i < lsp->n_known; i++) {
        if (i == at || !imports(&lsp->known[i], lsp->known[at].path))
            continue;
        imported = true;
        n += met[i] ? 0 : want_above(lsp, i, met, changed);
    }
    if (imported)
        return n;
    struct wf_lsp_root *root = root_for(lsp, lsp->known[at].path);
    if (root) {
        root->wanted = true;
        root->stale |= changed;
    }
    return 1;
}

/* Marks the main files that lead to a path. */
static void want(struct wf_lsp *lsp, const char *path, bool changed)
{
    struct wf_lsp_known *known = known_of(lsp, path);
    bool *met = wf_calloc(NULL, lsp->n_known + 1, sizeof(*met));
    if (known && met && want_above(lsp, (size_t)(known - lsp->known), met, changed)) {
        wf_free(NULL, met);
        return;
    }
    wf_free(NULL, met);
    struct wf_lsp_root *root = root_for(lsp, path); /* files that import one another */
    if (root) {
        root->wanted = true;
        root->stale |= changed;
    }
}

static void release_front(struct wf_lsp_root *root)
{
    for (size_t i = 0; root->lines && i < root->front.sources.n; i++)
        wf_lsp_lines_release(&root->lines[i]);
    wf_free(NULL, root->lines);
    root->lines = NULL;
    if (root->checked)
        wf_front_release(&root->front);
    root->checked = false;
}

static void root_free(struct wf_lsp_root *root)
{
    if (!root)
        return;
    root_free(root->kept);
    release_front(root);
    wf_free(NULL, root->path);
    wf_free(NULL, root);
}

/* What is taken away by a check that finds something wrong, if nothing was. */
static void keep(struct wf_lsp *lsp, struct wf_lsp_root *root)
{
    struct wf_lsp_root *kept = wf_calloc(NULL, 1, sizeof(*kept));
    char *path = wf_strdup(NULL, root->path);
    if (!kept || !path) {
        wf_free(NULL, kept);
        wf_free(NULL, path);
        lsp->nomem = true;
        return;
    }
    *kept = (struct wf_lsp_root){.path = path, .past = true, .checked = true};
    kept->front = root->front;
    kept->front.diags.sources = &kept->front.sources;
    kept->lines = root->lines;
    root->lines = NULL;
    root->checked = false;
    root_free(root->kept);
    root->kept = kept;
}

/* Where nothing can be said (no memory, the file is gone) what was known before stays. */
static void check(struct wf_lsp *lsp, struct wf_lsp_root *root)
{
    struct wf_front front;
    wf_front_init(&front, NULL);
    enum wf_status status = wf_front_check(&front, &lsp->loader, root->path);
    root->stale = false;
    if (status != WF_OK && status != WF_ERR_RULES && (root->checked || !front.sources.n)) {
        wf_front_release(&front);
        return;
    }
    if (status != WF_OK && root->checked && root->sound)
        keep(lsp, root);
    release_front(root);
    root->sound = status == WF_OK;
    if (root->sound) {
        root_free(root->kept);
        root->kept = NULL;
    }
    root->front = front; /* nothing in it points to the front itself but diags */
    root->front.diags.sources = &root->front.sources;
    root->checked = true;
}

static void drop_unwanted(struct wf_lsp *lsp)
{
    size_t kept = 0;
    for (size_t i = 0; i < lsp->n_roots; i++) {
        if (lsp->roots[i]->wanted)
            lsp->roots[kept++] = lsp->roots[i];
        else
            root_free(lsp->roots[i]);
    }
    lsp->n_roots = kept;
}

void wf_lsp_refresh(struct wf_lsp *lsp)
{
    bool dirty = false, everything = lsp->look_again;
    for (size_t i = 0; i < lsp->n_docs; i++)
        dirty |= lsp->docs[i]->dirty;
    if (!dirty && !everything)
        return;
    if (everything)
        look_everywhere(lsp);
    for (size_t i = 0; i < lsp->n_docs && !everything; i++) {
        struct wf_lsp_known *known = known_of(lsp, lsp->docs[i]->path);
        if (lsp->docs[i]->dirty && known)
            look_into(lsp, known);
    }
    for (size_t i = 0; i < lsp->n_roots; i++)
        lsp->roots[i]->wanted = false;
    for (size_t i = 0; i < lsp->n_docs; i++) {
        want(lsp, lsp->docs[i]->path, everything || lsp->docs[i]->dirty);
        lsp->docs[i]->dirty = false;
    }
    drop_unwanted(lsp);
    for (size_t i = 0; i < lsp->n_roots; i++) {
        if (lsp->roots[i]->stale)
            check(lsp, lsp->roots[i]);
    }
    lsp->look_again = false;
    wf_lsp_publish(lsp);
}

void wf_lsp_refresh_all(struct wf_lsp *lsp, const char *path)
{
    wf_lsp_refresh(lsp);
    want(lsp, path, false);
    for (size_t i = 0; i < lsp->n_roots; i++) {
        if (lsp->roots[i]->stale)
            check(lsp, lsp->roots[i]);
    }
}

void wf_lsp_project_release(struct wf_lsp *lsp)
{
    for (size_t i = 0; i < lsp->n_roots; i++)
        root_free(lsp->roots[i]);
    forget_known(lsp);
    wf_free(NULL, lsp->known);
    wf_free(NULL, lsp->roots);
}

/* ---- asking ---- */

/* Which file of its program a path is. */
static bool file_of(const struct wf_lsp_root *root, const char *path, uint32_t *file_out)
{
    for (uint32_t f = 0; root->checked && f < root->front.sources.n; f++) {
        if (root->front.sources.files[f].embedded ||
            strcmp(root->front.sources.files[f].name, path) != 0)
            continue;
        *file_out = f;
        return true;
    }
    return false;
}

struct wf_lsp_root *wf_lsp_root_of(const struct wf_lsp *lsp, const char *path, uint32_t *file_out)
{
    for (size_t i = 0; i < lsp->n_roots; i++) {
        if (file_of(lsp->roots[i], path, file_out))
            return lsp->roots[i];
    }
    return NULL;
}

struct wf_lsp_root *wf_lsp_kept_of(const struct wf_lsp_spot *spot, uint32_t *file_out)
{
    struct wf_lsp_root *kept = spot->root->kept;
    return kept && file_of(kept, spot->doc->path, file_out) ? kept : NULL;
}

struct wf_lsp_lines *wf_lsp_lines_of(struct wf_lsp *lsp, struct wf_lsp_root *root, uint32_t file)
{
    if (file >= root->front.sources.n)
        return NULL;
    if (!root->lines)
        root->lines = wf_calloc(NULL, root->front.sources.n, sizeof(*root->lines));
    if (!root->lines)
        return NULL;
    const struct wf_source *source = &root->front.sources.files[file];
    struct wf_lsp_lines *lines = &root->lines[file];
    if (!lines->n && wf_lsp_lines_make(lines, source->text, source->len, lsp->utf8))
        return NULL;
    return lines;
}

static char *library_uri(struct wf_lsp *lsp, const struct wf_source *source)
{
    struct wf_buf path;
    char *uri = NULL;
    wf_buf_init(&path, NULL, 0);
    struct wf_buf name;
    wf_buf_init(&name, NULL, 0);
    wf_buf_addf(&name, "%s.way", source->name);
    if (lsp->host.copy && !name.failed &&
        lsp->host.copy(lsp->host.ctx, name.data, source->text, source->len, &path) == WF_OK)
        uri = wf_lsp_uri_of(lsp, wf_buf_str(&path));
    wf_buf_release(&name);
    wf_buf_release(&path);
    return uri;
}

/* Where bytes of an older text stand by now: behind what was changed they moved with it, within it
 * they are looked for. */
static struct wf_span moved(const struct wf_source *old, const struct wf_lsp_doc *doc,
                            struct wf_span span)
{
    size_t shorter = old->len < doc->len ? old->len : doc->len, before = 0, behind = 0;
    while (before < shorter && old->text[before] == doc->text[before])
        before++;
    while (behind < shorter - before &&
           old->text[old->len - 1 - behind] == doc->text[doc->len - 1 - behind])
        behind++;
    if (span.end <= before)
        return span;
    size_t start = doc->len - (old->len - span.start), len = span.end - span.start;
    if (span.start < old->len - behind) {
        const char *found =
            memmem(doc->text + before, doc->len - behind - before, old->text + span.start, len);
        start = found ? (size_t)(found - doc->text) : before;
        len = found ? len : 0;
    }
    return (struct wf_span){span.file, (uint32_t)start, (uint32_t)(start + len)};
}

json_t *wf_lsp_location(struct wf_lsp *lsp, struct wf_lsp_root *root, struct wf_span span)
{
    const struct wf_lsp_lines *lines = wf_lsp_lines_of(lsp, root, span.file);
    if (!lines)
        return NULL;
    const struct wf_source *source = &root->front.sources.files[span.file];
    const struct wf_lsp_doc *doc = root->past ? wf_lsp_doc_of_path(lsp, source->name) : NULL;
    if (doc) {
        span = moved(source, doc, span);
        lines = &doc->lines;
    }
    char *uri = source->embedded ? library_uri(lsp, source) : wf_lsp_uri_of(lsp, source->name);
    json_t *location = uri ? json_pack("{s:s, s:o}", "uri", uri, "range",
                                       wf_lsp_range(lines, span.start, span.end))
                           : NULL;
    wf_free(NULL, uri);
    return location;
}
