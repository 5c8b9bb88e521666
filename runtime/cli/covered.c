#include "runtime/cli/covered.h"

#include <string.h>

#include "lang/base/escape.h"
#include "runtime/run/action.h"

void wf_covered_init(struct wf_covered *covered)
{
    *covered = (struct wf_covered){0};
    wf_arena_init(&covered->arena, NULL);
}

void wf_covered_release(struct wf_covered *covered)
{
    wf_free(NULL, covered->branches);
    wf_arena_release(&covered->arena);
}

static struct wf_covered_branch look_at(const struct wf_coverage *coverage,
                                        const struct wf_branch *branch)
{
    const struct wf_ir *ir = coverage->ir;
    const struct wf_ir_place *place = &ir->places[branch->place];
    return (struct wf_covered_branch){
        .file = wf_ir_text(ir, place->file),
        .line = place->line,
        .column = place->column,
        .rule = wf_branch_rule(coverage, branch),
        .missing = wf_branch_missing(branch),
        .label = branch->kind == WF_BRANCH_ARM ? wf_ir_text(ir, ir->arms[branch->row].label) : NULL,
        .kind = branch->kind,
        .seen = branch->seen,
    };
}

static struct wf_covered_branch *find(struct wf_covered *covered, size_t n,
                                      const struct wf_covered_branch *like)
{
    for (size_t i = 0; i < n; i++) {
        struct wf_covered_branch *b = &covered->branches[i];
        if (b->line == like->line && b->column == like->column && b->kind == like->kind &&
            strcmp(b->file, like->file) == 0 && (!b->label || strcmp(b->label, like->label) == 0))
            return b;
    }
    return NULL;
}

/* Copies what does not outlive the program. */
static bool keep(struct wf_arena *arena, const char **text)
{
    if (!*text)
        return true;
    size_t len = strlen(*text) + 1;
    char *copy = wf_arena_alloc(arena, len);
    if (copy)
        memcpy(copy, *text, len);
    *text = copy;
    return copy != NULL;
}

enum wf_status wf_covered_add(struct wf_covered *covered, const struct wf_coverage *coverage)
{
    size_t before = covered->n;
    for (size_t i = 0; i < coverage->n; i++) {
        struct wf_covered_branch one = look_at(coverage, &coverage->branches[i]);
        struct wf_covered_branch *known = find(covered, before, &one);
        if (known) {
            covered->seen += one.seen && !known->seen;
            known->seen = known->seen || one.seen;
            continue;
        }
        if (wf_grow(NULL, &covered->branches, &covered->room, covered->n + 1,
                    sizeof(*covered->branches)) ||
            !keep(&covered->arena, &one.file) || !keep(&covered->arena, &one.rule) ||
            !keep(&covered->arena, &one.label))
            return WF_ERR_NOMEM;
        covered->branches[covered->n++] = one;
        covered->seen += one.seen;
    }
    return WF_OK;
}

int wf_covered_percent(const struct wf_covered *covered)
{
    return covered->n ? (int)(covered->seen * 100 / covered->n) : 100;
}

void wf_covered_missing(const struct wf_covered *covered, struct wf_buf *out)
{
    for (size_t i = 0; i < covered->n; i++) {
        const struct wf_covered_branch *b = &covered->branches[i];
        if (b->seen)
            continue;
        wf_buf_addf(out, "  %s:%u:%u: %s: %s", b->file, b->line, b->column, b->rule, b->missing);
        if (b->label)
            wf_buf_addf(out, ": \"%s\"", b->label);
        wf_buf_addc(out, '\n');
    }
}

static void add_member(struct wf_buf *out, const char *name, const char *text)
{
    wf_buf_addf(out, "\"%s\":", name);
    wf_json_string(out, text, strlen(text));
}

void wf_covered_json(const struct wf_covered *covered, struct wf_buf *out)
{
    const char *glue = "\n  {";
    for (size_t i = 0; i < covered->n; i++) {
        const struct wf_covered_branch *b = &covered->branches[i];
        if (b->seen)
            continue;
        wf_buf_adds(out, glue);
        add_member(out, "file", b->file);
        wf_buf_addf(out, ",\"line\":%u,\"column\":%u,", b->line, b->column);
        add_member(out, "rule", b->rule);
        wf_buf_addc(out, ',');
        add_member(out, "missing", b->missing);
        if (b->label) {
            wf_buf_addc(out, ',');
            add_member(out, "label", b->label);
        }
        wf_buf_addc(out, '}');
        glue = ",\n  {";
    }
}
