#include "tests/tools/lowered.h"

#include <stdio.h>
#include <string.h>

#include "lang/ir/lower.h"
#include "lang/ir/opt.h"
#include "lang/ir/verify.h"

struct text {
    const char *bytes;
};

static enum wf_status read_text(void *ctx, const char *path, const char **bytes, size_t *len)
{
    const struct text *text = ctx;
    (void)path;
    *bytes = text->bytes;
    *len = strlen(text->bytes);
    return WF_OK;
}

static void done_text(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)bytes, (void)len;
}

static bool say(const char *source, const char *what, const char *why)
{
    fprintf(stderr, "%s\n%s: %s\n", source, what, why ? why : "?");
    return false;
}

bool lowered_from(struct lowered *out, const char *source, bool optimise)
{
    struct text text = {source};
    struct wf_loader loader = {.ctx = &text, .read = read_text, .done = done_text};
    struct wf_ir_fault fault;
    const char *why = NULL;
    wf_front_init(&out->front, NULL);
    wf_arena_init(&out->arena, NULL);
    if (wf_front_check(&out->front, &loader, "test.way"))
        return say(source, "check", out->front.diags.n ? out->front.diags.items[0]->message : NULL);
    if (wf_lower(&out->front.checked, &out->front.sources, &out->arena, NULL, &out->ir, &why))
        return say(source, "lower", why);
    if (wf_ir_verify(&out->ir, &fault))
        return say(source, fault.table, fault.rule);
    if (!optimise)
        return true;
    if (wf_ir_optimise(&out->ir, NULL, NULL))
        return say(source, "optimise", NULL);
    return !wf_ir_verify(&out->ir, &fault) || say(source, fault.table, fault.rule);
}

void lowered_release(struct lowered *lowered)
{
    wf_arena_release(&lowered->arena);
    wf_front_release(&lowered->front);
}
