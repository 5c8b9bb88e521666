/*
 * module.c - a main file and all it imports, each once, imported before importing.
 *
 *   scan ─▶ load what it imports ─▶ names that are visible ─▶ parse
 *
 * The scan comes first because Chinese text is cut into words by the names that are known.
 */
#include <string.h>

#include "lang/sema/check.h"
#include "lang/sema/stdlib.h"

struct path { /* the units being loaded, the main file first: for cycles */
    struct wf_unit *units[WF_MAX_NESTING + 1];
    unsigned depth;
};

static enum wf_status load(struct wf_sema *s, struct wf_unit *unit, struct path *path);

/* A path inside the project: "./" and "x/.." undone. NULL: it leads outside, or no memory. */
static const struct wf_str *join(struct wf_sema *s, const struct wf_str *from,
                                 const struct wf_str *to, bool *outside_out)
{
    struct wf_buf buf;
    wf_buf_init(&buf, s->alloc, WF_MAX_STRING);
    const char *slash = strrchr(from->text, '/');
    wf_buf_add(&buf, from->text, slash ? (size_t)(slash - from->text) + 1 : 0);
    *outside_out = memchr(to->text, '\0', to->len) || to->text[0] == '/';
    for (const char *p = to->text; *p && !*outside_out;) {
        size_t len = strcspn(p, "/");
        const char *rest = p[len] ? p + len + 1 : p + len;
        if (len == 2 && p[0] == '.' && p[1] == '.') {
            *outside_out = buf.len == 0;
            for (buf.len -= buf.len > 0; buf.len && buf.data[buf.len - 1] != '/';)
                buf.len--;
        } else if (len && !(len == 1 && p[0] == '.')) {
            wf_buf_add(&buf, p, len);
            if (p[len])
                wf_buf_addc(&buf, '/');
        }
        p = rest;
    }
    const struct wf_str *joined = NULL;
    if (buf.failed)
        s->nomem = true;
    else if (!*outside_out && !(joined = wf_intern(s->names, wf_buf_str(&buf), buf.len)))
        s->nomem = true;
    wf_buf_release(&buf);
    return joined;
}

static struct wf_unit *unit_new(struct wf_sema *s, const struct wf_str *name, bool embedded)
{
    struct wf_unit *unit = wf_sema_alloc(s, sizeof(*unit));
    if (!unit ||
        wf_grow(s->alloc, &s->units, &s->room_units, s->n_units + 1, sizeof(struct wf_unit *))) {
        s->nomem = true;
        return NULL;
    }
    unit->module.name = name;
    unit->module.embedded = embedded;
    wf_scan_init(&unit->scan, s->alloc);
    wf_han_names_init(&unit->seen, s->alloc);
    s->units[s->n_units++] = unit;
    return unit;
}

static struct wf_unit *unit_find(struct wf_sema *s, const struct wf_str *name, bool embedded)
{
    for (size_t i = 0; i < s->n_units; i++) {
        if (s->units[i]->module.name == name && s->units[i]->module.embedded == embedded)
            return s->units[i];
    }
    return unit_new(s, name, embedded);
}

static enum wf_status read_embedded(struct wf_sema *s, struct wf_unit *unit)
{
    for (const struct wf_stdlib_file *f = wf_stdlib_files; f->name; f++) {
        if (wf_is(unit->module.name, f->name))
            return wf_sources_add(s->sources, f->name, f->text, f->len, true, &unit->module.file);
    }
    return WF_ERR_MISSING;
}

static enum wf_status read_file(struct wf_sema *s, struct wf_unit *unit)
{
    struct wf_buf path;
    wf_buf_init(&path, s->alloc, 0);
    wf_buf_adds(&path, s->root);
    wf_buf_adds(&path, unit->module.name->text);
    const char *bytes = NULL;
    size_t len = 0;
    enum wf_status status =
        path.failed ? WF_ERR_NOMEM : s->loader->read(s->loader->ctx, path.data, &bytes, &len);
    if (status == WF_OK) {
        status = wf_sources_add(s->sources, path.data, bytes, len, false, &unit->module.file);
        s->loader->done(s->loader->ctx, bytes, len);
    }
    wf_buf_release(&path);
    return status;
}

static void report_unread(struct wf_sema *s, const struct wf_unit *unit, struct wf_span at,
                          enum wf_status status)
{
    const char *name = unit->module.name->text;
    if (unit->module.embedded) {
        struct wf_suggest suggest;
        wf_suggest_init(&suggest, unit->module.name);
        for (const struct wf_stdlib_file *f = wf_stdlib_files; f->name; f++) {
            const struct wf_str *known = wf_sema_name(s, f->name);
            if (known)
                wf_suggest_offer(&suggest, known);
        }
        struct wf_diag *diag = wf_diag(s->diags, WF_E0601, at, "there is no module `%s`", name);
        wf_suggest_fix(s, diag, &suggest);
        if (!suggest.best)
            wf_diag_note(s->diags, diag, "a file of your own is imported as \"./name.way\"");
    } else if (status == WF_ERR_MISSING) {
        wf_diag(s->diags, WF_E0601, at, "there is no file `%s`", name);
    } else if (status == WF_ERR_LIMIT) {
        wf_diag(s->diags, WF_E0108, at, "`%s` is over the size a rule file may have (%zu MiB)",
                name, WF_MAX_SOURCE >> 20);
    } else {
        wf_diag(s->diags, WF_E0604, at, "`%s` cannot be read: %s", name, wf_status_text(status));
    }
}

static void report_cycle(struct wf_sema *s, const struct path *path, const struct wf_unit *again)
{
    struct wf_buf words;
    wf_buf_init(&words, s->alloc, 0);
    unsigned from = 0;
    while (path->units[from] != again)
        from++;
    for (unsigned i = from; i < path->depth; i++)
        wf_buf_addf(&words, "%s → ", path->units[i]->module.name->text);
    wf_buf_adds(&words, again->module.name->text);
    const struct wf_unit *last = path->units[path->depth - 1];
    struct wf_diag *diag =
        wf_diag(s->diags, WF_E0602, last->scan.imports[last->imported_at].span,
                "these files import each other in a circle: %s", wf_buf_str(&words));
    for (unsigned i = from; i + 1 < path->depth; i++) {
        const struct wf_unit *unit = path->units[i];
        wf_diag_label(s->diags, diag, unit->scan.imports[unit->imported_at].span, "imports %s",
                      path->units[i + 1]->module.name->text);
    }
    wf_diag_note(s->diags, diag, "move what both need into a third file that both import");
    wf_buf_release(&words);
}

/* The unit an import means, loaded if it was not; NULL: reported. */
static struct wf_unit *follow(struct wf_sema *s, struct wf_unit *unit, uint32_t i,
                              struct path *path)
{
    const struct wf_scan_import *import = &unit->scan.imports[i];
    const struct wf_str *name = import->name;
    bool outside = false;
    if (import->path)
        name = unit->module.embedded ? NULL : join(s, unit->module.name, import->name, &outside);
    if (outside)
        wf_diag(s->diags, WF_E0603, import->span, "`%s` leads outside the folder of the main file",
                import->name->text);
    struct wf_unit *other = name ? unit_find(s, name, !import->path) : NULL;
    if (!other || other->failed)
        return NULL;
    unit->imported_at = i;
    if (other->state == 1) {
        report_cycle(s, path, other);
        return NULL;
    }
    if (other->state == 2)
        return other;
    if (path->depth >= WF_MAX_NESTING || s->n_units > WF_MAX_MODULES) {
        wf_diag(s->diags, WF_E0108, import->span, "too many files import one another (%d)",
                path->depth >= WF_MAX_NESTING ? WF_MAX_NESTING : WF_MAX_MODULES);
        return NULL;
    }
    enum wf_status status = load(s, other, path);
    if (status == WF_OK)
        return other;
    other->failed = true;
    if (status == WF_ERR_NOMEM)
        s->nomem = true;
    else
        report_unread(s, other, import->span, status);
    return NULL;
}

static void see(struct wf_sema *s, struct wf_unit *unit, struct wf_unit *other, uint32_t *room)
{
    for (uint32_t i = 0; i < unit->module.n_sees; i++) {
        if (unit->module.sees[i] == &other->module)
            return;
    }
    struct wf_module *module = &other->module;
    wf_sema_push(s, &unit->module.sees, &unit->module.n_sees, room, &module,
                 sizeof(struct wf_module *));
    if (wf_han_names_add_all(&unit->seen, &other->scan.names) != WF_OK)
        s->nomem = true;
}

/* Names that a module shows to its importers: its own and what it exports of others. */
static void see_exports(struct wf_sema *s, struct wf_unit *unit, struct wf_unit *other,
                        uint32_t *room)
{
    see(s, unit, other, room);
    unit->blind |= other->blind;
    for (size_t i = 0; i < other->scan.n_imports; i++) {
        if (other->scan.imports[i].exported && other->imports[i])
            see_exports(s, unit, other->imports[i], room); /* no circles: they were refused */
    }
}

static void import_all(struct wf_sema *s, struct wf_unit *unit, struct path *path)
{
    unit->imports = wf_arena_array(s->arena, unit->scan.n_imports, sizeof(struct wf_unit *));
    if (!unit->imports) {
        s->nomem = true;
        unit->scan.n_imports = 0;
    }
    path->units[path->depth++] = unit;
    for (uint32_t i = 0; i < unit->scan.n_imports && !s->nomem; i++) {
        unit->imports[i] = follow(s, unit, i, path);
        unit->blind |= !unit->imports[i];
    }
    path->depth--;
    uint32_t room = 0;
    see(s, unit, unit, &room);
    for (uint32_t i = 0; i < unit->scan.n_imports; i++) {
        if (unit->imports[i])
            see_exports(s, unit, unit->imports[i], &room);
    }
}

static enum wf_status load(struct wf_sema *s, struct wf_unit *unit, struct path *path)
{
    enum wf_status status = unit->module.embedded ? read_embedded(s, unit) : read_file(s, unit);
    if (status != WF_OK)
        return status;
    unit->state = 1;
    status = wf_scan(s->names, s->sources, unit->module.file, &unit->scan);
    if (status == WF_ERR_NOMEM)
        return status;
    import_all(s, unit, path);
    status = wf_parse(s->trees, s->names, s->sources, unit->module.file, s->diags, &unit->seen,
                      &unit->module.node);
    unit->state = 2;
    unit->blind |= status != WF_OK;
    if (status == WF_ERR_NOMEM)
        return status;
    struct wf_module *module = &unit->module;
    struct wf_checked *c = s->checked;
    if (!wf_sema_push(s, &c->modules, &c->n_modules, &s->room_modules, &module,
                      sizeof(struct wf_module *)))
        return WF_ERR_NOMEM;
    return WF_OK;
}

enum wf_status wf_modules_load(struct wf_sema *s, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0;
    s->root = wf_arena_copy(s->arena, path, folder);
    const struct wf_str *name = wf_sema_name(s, path + folder);
    struct wf_unit *unit = name && s->root ? unit_new(s, name, false) : NULL;
    struct path *stack = wf_sema_alloc(s, sizeof(*stack));
    if (!unit || !stack)
        return WF_ERR_NOMEM;
    enum wf_status status = load(s, unit, stack);
    return s->nomem ? WF_ERR_NOMEM : status;
}

void wf_modules_release(struct wf_sema *s)
{
    for (size_t i = 0; i < s->n_units; i++) {
        wf_scan_release(&s->units[i]->scan);
        wf_han_names_release(&s->units[i]->seen);
    }
    wf_free(s->alloc, s->units);
}

bool wf_blind(const struct wf_module *module)
{
    return ((const struct wf_unit *)module)->blind; /* a module is the head of its unit */
}
