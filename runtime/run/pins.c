/* The structures that members entered under, linked into tonight's program. */
#include "lang/code/pin.h"
#include "runtime/engine/journey.h"
#include "runtime/run/running.h"

struct pins {
    const struct wf_alloc *alloc;
    struct wf_pinned *pins;
    size_t n, room;
    uint32_t *rules;
    size_t room_rules;
};

static enum wf_status add_pin(void *ctx, uint32_t rule, const char *identity,
                              const struct wf_version *version)
{
    struct pins *p = ctx;
    if (wf_grow(p->alloc, &p->pins, &p->room, p->n + 1, sizeof(*p->pins)) != 0 ||
        wf_grow(p->alloc, &p->rules, &p->room_rules, p->n + 1, sizeof(*p->rules)) != 0)
        return WF_ERR_NOMEM;
    p->pins[p->n] = (struct wf_pinned){version->bytes, version->len, identity};
    p->rules[p->n++] = rule;
    return WF_OK;
}

enum wf_status wf_run_pin(struct wf_running *r)
{
    const struct wf_ir *ir = &r->program->ir;
    struct pins p = {.alloc = r->alloc};
    enum wf_status st = r->result->already ? WF_OK : wf_journeys_check(ir, &r->state, r->why);
    if (st == WF_OK)
        st = wf_journeys_pins(ir, &r->state, add_pin, &p);
    if (st == WF_OK && p.n)
        st = wf_pin_link(r->program, p.pins, p.n, r->alloc, &r->linked, r->why);
    if (st == WF_OK && r->linked)
        r->program = r->linked;
    wf_free(r->alloc, p.pins);
    r->pinned = p.rules;
    return st;
}
