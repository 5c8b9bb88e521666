#include "lang/format.h"

#include <string.h>

#include "lang/base/limits.h"
#include "lang/sema/stdlib.h"

/* The modules met so far; each adds its names once. */
struct gather {
    const struct wf_alloc *alloc;
    const struct wf_loader *loader;
    struct wf_intern *intern;
    struct wf_han_names *names;
    const struct wf_str *met[256];
    size_t n_met;
};

static bool is_met(struct gather *g, const struct wf_str *path)
{
    for (size_t i = 0; i < g->n_met; i++) {
        if (g->met[i] == path)
            return true;
    }
    if (g->n_met == sizeof(g->met) / sizeof(g->met[0]))
        return true;
    g->met[g->n_met++] = path;
    return false;
}

/* `import` seen from `importer`; NULL where it would leave the folder, or out of memory. */
static const struct wf_str *join(struct gather *g, const struct wf_str *importer,
                                 const struct wf_str *import)
{
    const char *slash = strrchr(importer->text, '/'), *rest = import->text;
    if (rest[0] == '/' || strstr(rest, ".."))
        return NULL;
    rest += strncmp(rest, "./", 2) == 0 ? 2 : 0;
    struct wf_buf buf;
    wf_buf_init(&buf, g->alloc, 0);
    if (slash)
        wf_buf_add(&buf, importer->text, (size_t)(slash - importer->text) + 1);
    wf_buf_adds(&buf, rest);
    const struct wf_str *path = buf.failed ? NULL : wf_intern(g->intern, buf.data, buf.len);
    wf_buf_release(&buf);
    return path;
}

static enum wf_status gather_imports(struct gather *g, const struct wf_str *importer,
                                     const struct wf_scan *scan, bool only_exported,
                                     unsigned depth);

/* Adds the names of one module's text and of what it exports. */
static enum wf_status gather_text(struct gather *g, const struct wf_str *path, const void *bytes,
                                  size_t len, unsigned depth)
{
    struct wf_sources sources;
    struct wf_scan scan;
    uint32_t file;
    wf_sources_init(&sources, g->alloc);
    wf_scan_init(&scan, g->alloc);
    enum wf_status status = wf_sources_add(&sources, path->text, bytes, len, false, &file);
    if (status == WF_OK)
        status = wf_scan(g->intern, &sources, file, &scan);
    if (status == WF_OK)
        status = wf_han_names_add_all(g->names, &scan.names);
    if (status == WF_OK)
        status = gather_imports(g, path, &scan, true, depth);
    wf_scan_release(&scan);
    wf_sources_release(&sources);
    return status == WF_ERR_NOMEM ? status : WF_OK;
}

static enum wf_status gather_std(struct gather *g, const struct wf_str *name, unsigned depth)
{
    for (const struct wf_stdlib_file *f = wf_stdlib_files; f->name; f++) {
        if (strcmp(f->name, name->text) == 0)
            return gather_text(g, name, f->text, f->len, depth);
    }
    return WF_OK;
}

static enum wf_status gather_file(struct gather *g, const struct wf_str *path, unsigned depth)
{
    const char *bytes;
    size_t len;
    enum wf_status status = g->loader->read(g->loader->ctx, path->text, &bytes, &len);
    if (status)
        return status == WF_ERR_NOMEM ? status : WF_OK;
    status = gather_text(g, path, bytes, len, depth);
    g->loader->done(g->loader->ctx, bytes, len);
    return status;
}

enum { MAX_CHAIN = 64 }; /* imports of imports */

static enum wf_status gather_imports(struct gather *g, const struct wf_str *importer,
                                     const struct wf_scan *scan, bool only_exported, unsigned depth)
{
    enum wf_status status = WF_OK;
    for (size_t i = 0; i < scan->n_imports && status == WF_OK && depth < MAX_CHAIN; i++) {
        const struct wf_scan_import *import = &scan->imports[i];
        const struct wf_str *path = import->path ? join(g, importer, import->name) : import->name;
        if (!path || (only_exported && !import->exported) || is_met(g, path))
            continue;
        status = import->path ? gather_file(g, path, depth + 1) : gather_std(g, path, depth + 1);
    }
    return status;
}

enum wf_status wf_format_bytes(const struct wf_loader *loader, const char *path, const void *bytes,
                               size_t len, enum wf_keywords keywords, struct wf_sources *sources,
                               struct wf_diags *diags, struct wf_buf *out)
{
    struct wf_intern intern;
    struct wf_han_names names;
    struct wf_scan scan;
    uint32_t file;
    wf_intern_init(&intern, sources->alloc, 0);
    wf_han_names_init(&names, sources->alloc);
    wf_scan_init(&scan, sources->alloc);
    struct gather g = {
        .alloc = sources->alloc, .loader = loader, .intern = &intern, .names = &names};
    enum wf_status status = wf_sources_add(sources, path, bytes, len, false, &file);
    const struct wf_str *own = wf_intern_cstr(&intern, path);
    if (status == WF_OK && !own)
        status = WF_ERR_NOMEM;
    if (status == WF_OK)
        status = wf_scan(&intern, sources, file, &scan);
    if (status == WF_OK)
        status = gather_imports(&g, own, &scan, false, 0);
    if (status == WF_OK)
        status = wf_format(out, sources, file, diags, &names, keywords);
    wf_scan_release(&scan);
    wf_han_names_release(&names);
    wf_intern_release(&intern);
    return status;
}
