#include "lang/lang.h"

#include <string.h>

#include "lang/code/disasm.h"
#include "lang/code/emit.h"
#include "lang/code/encode.h"
#include "lang/code/verify.h"
#include "lang/ir/dump.h"
#include "lang/ir/lower.h"
#include "lang/ir/opt.h"
#include "lang/syntax/ast.h"

static struct wf_program *new_program(const struct wf_alloc *alloc)
{
    struct wf_program *program = wf_calloc(alloc, 1, sizeof *program);
    if (program)
        wf_arena_init(&program->arena, alloc);
    return program;
}

/* The pipeline. Each stage says in its header what it requires and what it fills. */
static enum wf_status compile(struct wf_compiled *c, struct wf_program *p,
                              const struct wf_alloc *alloc, const struct wf_loader *loader,
                              const char *path, bool testing)
{
    struct wf_front *front = &c->front;
    enum wf_status status;
    if ((status = wf_front_check(front, loader, path)))
        return status;
    front->checked.testing = testing;
    if ((status = wf_lower(&front->checked, &front->sources, &p->arena, alloc, &p->ir, &c->why)))
        return status;
    if ((status = wf_ir_optimise(&p->ir, NULL, alloc))) /* its zone is known to a night only */
        return status;
    if ((status = wf_emit(p)))
        return status;
    wf_program_hash(p, p->hash);
    return wf_verify(p, &c->why);
}

static enum wf_status compile_file(const struct wf_alloc *alloc, const struct wf_loader *loader,
                                   const char *path, bool testing, struct wf_compiled *out)
{
    memset(out, 0, sizeof *out);
    wf_front_init(&out->front, alloc);
    struct wf_program *program = new_program(alloc);
    if (!program)
        return WF_ERR_NOMEM;
    enum wf_status status = compile(out, program, alloc, loader, path, testing);
    if (status == WF_ERR_FORMAT)
        status = WF_ERR_INTERNAL; /* what we made ourselves must pass the gate */
    if (status)
        wf_program_free(program);
    else
        out->program = program;
    return status;
}

enum wf_status wf_compile(const struct wf_alloc *alloc, const struct wf_loader *loader,
                          const char *path, struct wf_compiled *out)
{
    return compile_file(alloc, loader, path, false, out);
}

enum wf_status wf_compile_tests(const struct wf_alloc *alloc, const struct wf_loader *loader,
                                const char *path, struct wf_compiled *out)
{
    return compile_file(alloc, loader, path, true, out);
}

void wf_compiled_release(struct wf_compiled *compiled)
{
    wf_program_free(compiled->program);
    compiled->program = NULL;
    wf_front_release(&compiled->front);
}

struct wf_program *wf_compiled_take(struct wf_compiled *compiled)
{
    struct wf_program *program = compiled->program;
    compiled->program = NULL;
    return program;
}

bool wf_is_program(const void *bytes, size_t len)
{
    return len >= 4 && memcmp(bytes, "WAYC", 4) == 0;
}

enum wf_status wf_program_load(const struct wf_alloc *alloc, const void *bytes, size_t len,
                               struct wf_program **program_out, const char **why_out)
{
    struct wf_program *program;
    enum wf_status status = wf_decode(alloc, bytes, len, &program, why_out);
    if (status)
        return status;
    status = wf_verify(program, why_out);
    if (status)
        wf_program_free(program);
    else
        *program_out = program;
    return status;
}

enum wf_status wf_program_store(const struct wf_program *program, struct wf_buf *out)
{
    return wf_encode(program, out);
}

enum wf_status wf_dump_program(const struct wf_program *program, enum wf_dump stage, bool places,
                               struct wf_buf *out)
{
    if (stage == WF_DUMP_AST)
        return WF_ERR_USAGE; /* a compiled file holds no tree */
    if (stage == WF_DUMP_IR)
        wf_ir_dump(out, &program->ir);
    else
        wf_disasm(program, places, out);
    return out->failed ? WF_ERR_NOMEM : WF_OK;
}

enum wf_status wf_dump_compiled(const struct wf_compiled *compiled, enum wf_dump stage, bool places,
                                struct wf_buf *out)
{
    const struct wf_checked *checked = &compiled->front.checked;
    if (stage != WF_DUMP_AST)
        return compiled->program ? wf_dump_program(compiled->program, stage, places, out)
                                 : WF_ERR_USAGE;
    if (!checked->n_modules)
        return WF_ERR_USAGE;
    wf_ast_dump(out, checked->modules[checked->n_modules - 1]->node);
    return out->failed ? WF_ERR_NOMEM : WF_OK;
}
