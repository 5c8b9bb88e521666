#include "lang/code/pin.h"

#include <string.h>

#include "lang/code/emit.h"
#include "lang/code/encode.h"
#include "lang/code/verify.h"
#include "lang/ir/link.h"
#include "lang/ir/slice.h"

static struct wf_program *new_program(const struct wf_alloc *alloc)
{
    struct wf_program *program = wf_calloc(alloc, 1, sizeof(*program));
    if (program) {
        wf_arena_init(&program->arena, alloc);
        program->ir.arena = &program->arena;
    }
    return program;
}

enum wf_status wf_pin(const struct wf_program *program, uint32_t journey,
                      const struct wf_alloc *alloc, struct wf_buf *out)
{
    struct wf_program *slice = new_program(alloc);
    if (!slice)
        return WF_ERR_NOMEM;
    enum wf_status st = wf_ir_slice(&program->ir, journey, alloc, &slice->ir);
    if (st == WF_OK)
        st = wf_emit(slice);
    if (st == WF_OK) {
        wf_program_hash(slice, slice->hash);
        st = wf_encode(slice, out);
    }
    wf_program_free(slice);
    return st;
}

/* A pin as a program of its own. */
static enum wf_status open_pin(const struct wf_pinned *pin, const struct wf_alloc *alloc,
                               struct wf_program **out, struct wf_buf *why)
{
    const char *broken = NULL;
    enum wf_status st = wf_decode(alloc, pin->bytes, pin->len, out, &broken);
    if (st == WF_OK) {
        st = wf_verify(*out, &broken);
        if (st == WF_OK && (*out)->ir.n_journeys != 1) {
            st = WF_ERR_FORMAT;
            broken = "not one journey";
        }
        if (st != WF_OK) {
            wf_program_free(*out);
            *out = NULL;
        }
    }
    if (st == WF_ERR_FORMAT && why)
        wf_buf_addf(why, "the state holds a damaged journey: %s", broken ? broken : "");
    return st;
}

static enum wf_status link_all(const struct wf_program *tonight, const struct wf_slice *slices,
                           size_t n, const struct wf_alloc *alloc, struct wf_program *out,
                           struct wf_buf *why)
{
    const char *broken = NULL;
    enum wf_status st = wf_ir_link(&tonight->ir, slices, n, alloc, &out->ir, why);
    if (st == WF_OK)
        st = wf_emit(out);
    if (st != WF_OK)
        return st;
    wf_program_hash(out, out->hash);
    st = wf_verify(out, &broken);
    if (st == WF_OK) /* to everybody else it is the program of tonight's rules */
        memcpy(out->hash, tonight->hash, sizeof(out->hash));
    if (st != WF_ERR_FORMAT)
        return st;
    if (why) /* each part was verified: the whole must be */
        wf_buf_addf(why, "linking a pinned journey broke the program: %s", broken ? broken : "");
    return WF_ERR_INTERNAL;
}

enum wf_status wf_pin_link(const struct wf_program *tonight, const struct wf_pinned *pins, size_t n,
                           const struct wf_alloc *alloc, struct wf_program **out,
                           struct wf_buf *why)
{
    struct wf_program **opened = wf_calloc(alloc, n + 1, sizeof(struct wf_program *));
    struct wf_slice *slices = wf_calloc(alloc, n + 1, sizeof(*slices));
    struct wf_program *linked = new_program(alloc);
    enum wf_status st = opened && slices && linked ? WF_OK : WF_ERR_NOMEM;
    for (size_t i = 0; st == WF_OK && i < n; i++) {
        st = open_pin(&pins[i], alloc, &opened[i], why);
        if (st == WF_OK)
            slices[i] = (struct wf_slice){&opened[i]->ir, pins[i].identity};
    }
    if (st == WF_OK)
        st = link_all(tonight, slices, n, alloc, linked, why);
    for (size_t i = 0; opened && i < n; i++)
        wf_program_free(opened[i]);
    wf_free(alloc, opened);
    wf_free(alloc, slices);
    if (st != WF_OK)
        wf_program_free(linked);
    else
        *out = linked;
    return st;
}
