/*
 * lang.h - the compiler: rule files in, a verified program out.
 *
 *   struct wf_compiled c;
 *   enum wf_status status = wf_compile(NULL, &loader, "rules.way", &c);
 *   ... c.front.diags says what there is to say, also on success (warnings) ...
 *   if (status == WF_OK) use(c.program);
 *   wf_compiled_release(&c);
 *
 * Nothing here reads a file, prints, or looks at a clock: bytes come from the loader, messages stay
 * in the diagnostics. A program is a pure function of the loaded bytes.
 */
#ifndef WF_LANG_H
#define WF_LANG_H

#include "lang/base/alloc.h"
#include "lang/base/buf.h"
#include "lang/base/status.h"
#include "lang/code/program.h"
#include "lang/sema/front.h"
#include "lang/sema/stdlib.h" /* the modules that are built in */

struct wf_compiled {
    struct wf_front front;      /* sources, diagnostics and the checked tree */
    struct wf_program *program; /* NULL unless wf_compile answered WF_OK */
    const char *why;            /* WF_ERR_INTERNAL: which promise of ours is broken; else NULL */
};

/*
 * Compiles a main file and all it imports. Fills *out whatever it answers; release it.
 * WF_ERR_RULES: the diagnostics say why. Else the status of reading the main file, WF_ERR_NOMEM,
 * WF_ERR_LIMIT, or WF_ERR_INTERNAL. The program passed wf_verify and may outlive the rest through
 * wf_compiled_take.
 */
enum wf_status wf_compile(const struct wf_alloc *alloc, const struct wf_loader *loader,
                          const char *path, struct wf_compiled *out);

/* The same for a run of the tests in the main file: what they ask of the library's segments and
 * classes is in the program too. Such a program is not for a night. */
enum wf_status wf_compile_tests(const struct wf_alloc *alloc, const struct wf_loader *loader,
                                const char *path, struct wf_compiled *out);
void wf_compiled_release(struct wf_compiled *compiled);

/* Hands the program to the caller, who frees it with wf_program_free. */
struct wf_program *wf_compiled_take(struct wf_compiled *compiled);

/* Is this, by its first bytes, a compiled program rather than rules? */
bool wf_is_program(const void *bytes, size_t len);

/*
 * The program of a compiled file's bytes, verified; free it with wf_program_free. WF_ERR_FORMAT
 * when it is damaged, hostile or of another version; *why_out (may be NULL) then is static text.
 */
enum wf_status wf_program_load(const struct wf_alloc *alloc, const void *bytes, size_t len,
                               struct wf_program **program_out, const char **why_out);

/* Appends the compiled file's bytes. */
enum wf_status wf_program_store(const struct wf_program *program, struct wf_buf *out);

enum wf_dump { WF_DUMP_AST, WF_DUMP_IR, WF_DUMP_CODE };

/*
 * Appends one stage as text for people; `places`: with where in the rules things stand (CODE). AST
 * needs a compilation whose front half succeeded; WF_ERR_USAGE where the stage is not there.
 */
enum wf_status wf_dump_compiled(const struct wf_compiled *compiled, enum wf_dump stage, bool places,
                                struct wf_buf *out);
enum wf_status wf_dump_program(const struct wf_program *program, enum wf_dump stage, bool places,
                               struct wf_buf *out);

#endif
