/*
 * verify.h - the one gate to the machine: no program runs that has not passed it.
 *
 * Two linear passes, over the graph (wf_ir_verify) and over the code. A program that passes cannot
 * make the machine read or write out of bounds, whoever wrote its bytes.
 */
#ifndef WF_CODE_VERIFY_H
#define WF_CODE_VERIFY_H

#include "lang/base/status.h"
#include "lang/code/program.h"

/*
 * Sets program->verified. WF_ERR_FORMAT when it is refused; *why_out (may be NULL) then is a static
 * English phrase.
 */
enum wf_status wf_verify(struct wf_program *program, const char **why_out);

#endif
