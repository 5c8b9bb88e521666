#include "runtime/cli/catalogue.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "lang/base/distance.h"
#include "lang/base/utf8.h"
#include "lang/base/words.h"
#include "runtime/cli/rules.h"
#include "runtime/cli/table.h"

struct code {
    const struct wf_str *name;
    bool coupon, unapproved;
};

struct catalogues {
    struct wf_front *front;
    const char *dir;
    struct code *codes;
    size_t n, room;
    bool coupons, messages; /* there is one, and it was read */
};

static bool says_no(const char *text)
{
    static const char *const no[] = {"false", "0", "no", "n", "否", NULL};
    for (size_t i = 0; no[i]; i++) {
        if (strcmp(text, no[i]) == 0)
            return true;
    }
    return false;
}

static bool add_code(struct catalogues *c, const char *name, bool coupon, bool unapproved)
{
    if (wf_grow(NULL, &c->codes, &c->room, c->n + 1, sizeof(*c->codes)))
        return false;
    const struct wf_str *str = wf_intern(&c->front->names, name, strlen(name));
    c->codes[c->n++] = (struct code){str, coupon, unapproved};
    return str != NULL;
}

static size_t column_of(const struct wf_cli_table *table, const char *name)
{
    size_t i = 0;
    while (i < table->n_columns && strcmp(table->columns[i], name) != 0)
        i++;
    return i;
}

/* Every row behind the header; false: no memory. */
static bool read_codes(struct catalogues *c, const struct wf_cli_table *table, const char *text,
                       bool coupon)
{
    size_t code = column_of(table, "code"), approved = column_of(table, "approved");
    for (text += strcspn(text, "\n"); *text; text += strcspn(text, "\n")) {
        size_t len = wf_cli_line_length(++text);
        struct wf_piece_of at;
        if (!len || !wf_cli_cell(text, len, table->delimiter, code, &at))
            continue;
        char *name = wf_cli_cell_text(text, at), *said = NULL;
        if (approved < table->n_columns && wf_cli_cell(text, len, table->delimiter, approved, &at))
            said = wf_cli_cell_text(text, at);
        bool good = name && (!*name || add_code(c, name, coupon, said && says_no(said)));
        free(name);
        free(said);
        if (!good)
            return false;
    }
    return true;
}

static enum wf_status read_catalogue(struct catalogues *c, const struct wf_node *node,
                                     const char *path)
{
    bool coupon = node->op == WF_OP_COUPONS;
    struct wf_overlay file = {0};
    struct wf_cli_table table = {0};
    enum wf_status st = wf_cli_overlay(path, false, &file);
    if (st == WF_ERR_NOMEM)
        return st;
    struct wf_span span = node->kid[WF_K_CATALOGUE_FROM]->span;
    if (st != WF_OK) {
        wf_diag(&c->front->diags, WF_E0702, span, "%s cannot be read: %s", path,
                wf_status_text(st));
    } else if (wf_utf8_valid(file.bytes, file.len) < file.len || strlen(file.bytes) < file.len) {
        wf_diag(&c->front->diags, WF_E0702, span, "%s is not UTF-8 text", path);
    } else {
        wf_cli_table_read(&table, wf_cli_without_bom(file.bytes));
        if (column_of(&table, "code") == table.n_columns)
            wf_diag(&c->front->diags, WF_E0702, span, "%s has no column `code`", path);
        else if (!read_codes(c, &table, wf_cli_without_bom(file.bytes), coupon))
            st = WF_ERR_NOMEM;
        *(coupon ? &c->coupons : &c->messages) |= column_of(&table, "code") < table.n_columns;
    }
    wf_cli_table_release(&table);
    free(file.bytes);
    return st == WF_ERR_NOMEM ? st : WF_OK;
}

static enum wf_status read_pattern(struct catalogues *c, const struct wf_node *node)
{
    const char *pattern = node->kid[WF_K_CATALOGUE_FROM]->name->text;
    struct wf_buf path;
    glob_t found;
    wf_buf_init(&path, NULL, 0);
    wf_buf_addf(&path, "%s/%s", c->dir, pattern);
    enum wf_status st = path.failed ? WF_ERR_NOMEM : WF_OK;
    int answer = st == WF_OK ? glob(path.data, 0, NULL, &found) : GLOB_ABORTED;
    if (answer == GLOB_NOSPACE)
        st = WF_ERR_NOMEM;
    else if (answer == GLOB_NOMATCH)
        wf_diag(&c->front->diags, WF_E0702, node->kid[WF_K_CATALOGUE_FROM]->span,
                "there is no %s in %s", pattern, c->dir);
    for (size_t i = 0; answer == 0 && st == WF_OK && i < found.gl_pathc; i++)
        st = read_catalogue(c, node, found.gl_pathv[i]);
    if (answer == 0)
        globfree(&found);
    wf_buf_release(&path);
    return st;
}

/* ---- what the actions name ---- */

static bool is_declared(const struct wf_checked *checked, const char *name, bool coupon)
{
    for (uint32_t i = 0; i < (coupon ? checked->coupons.n : checked->messages.n); i++) {
        const struct wf_node *node =
            coupon ? checked->coupons.items[i] : checked->messages.items[i];
        if (strcmp(node->name->text, name) == 0)
            return true;
    }
    return false;
}

/* The name's place, behind where its action begins. */
static struct wf_span span_of(const struct wf_front *front, const struct wf_ir *ir, uint32_t place,
                              const char *name)
{
    const struct wf_ir_place *at = &ir->places[place];
    for (uint32_t f = 0; place != WF_NONE && f < front->sources.n; f++) {
        const struct wf_source *source = &front->sources.files[f];
        if (strcmp(source->name, ir->texts[at->file]->text) != 0 || at->line > source->n_lines)
            continue;
        const char *found = strstr(source->text + source->lines[at->line - 1], name);
        uint32_t start = found ? (uint32_t)(found - source->text) : 0;
        return (struct wf_span){f, start, start + (uint32_t)strlen(name)};
    }
    return (struct wf_span){UINT32_MAX, 0, 0};
}

static void check_name(struct catalogues *c, const struct wf_ir *ir, uint32_t text, uint32_t place,
                       bool coupon)
{
    const char *name = text == WF_NONE ? NULL : ir->texts[text]->text;
    struct wf_diags *diags = &c->front->diags;
    if (!name || !(coupon ? c->coupons : c->messages) ||
        is_declared(&c->front->checked, name, coupon))
        return;
    size_t len = strlen(name), best = (len / 3 > 1 ? len / 3 : 1) + 1;
    const char *near = NULL;
    for (size_t i = 0; i < c->n; i++) {
        if (c->codes[i].coupon != coupon)
            continue;
        if (strcmp(c->codes[i].name->text, name) == 0) {
            if (c->codes[i].unapproved)
                wf_diag(diags, WF_E0209, span_of(c->front, ir, place, name),
                        "the catalogue marks `%s` as not approved", name);
            return;
        }
        const char *code = c->codes[i].name->text;
        size_t d = wf_edit_distance(name, len, code, strlen(code), best);
        if (d < best && d < len) {
            best = d;
            near = code;
        }
    }
    struct wf_diag *diag = wf_diag(diags, WF_E0209, span_of(c->front, ir, place, name),
                                   "no catalogue and no declaration has `%s`", name);
    if (near)
        wf_diag_fix(diags, diag, "did you mean `%s`?", near);
}

enum wf_status wf_check_catalogues(struct wf_compiled *compiled, const char *dir)
{
    struct catalogues c = {.front = &compiled->front, .dir = dir};
    const struct wf_checked *checked = &compiled->front.checked;
    const struct wf_ir *ir = &compiled->program->ir;
    enum wf_status st = WF_OK;
    for (uint32_t i = 0; i < checked->catalogues.n && st == WF_OK; i++)
        st = read_pattern(&c, checked->catalogues.items[i]);
    for (uint32_t i = 0; i < ir->n_actions && st == WF_OK; i++) {
        const struct wf_ir_action *a = &ir->actions[i];
        if (a->kind == WF_ACT_COUPON || a->kind == WF_ACT_GRANT || a->kind == WF_ACT_SEND)
            check_name(&c, ir, a->name, a->place, a->kind != WF_ACT_SEND);
        check_name(&c, ir, a->coupon, a->place, true);
    }
    free(c.codes);
    return st;
}
