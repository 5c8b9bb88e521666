/*
 * emit.h - makes straight-line code of the program graph.
 *
 * Requires: program->ir is complete, optimised and accepted by wf_ir_verify.
 * Fills: insns, blocks, outs, run_nodes, the register and slot counts and n_stages, all in
 * program->arena. WF_ERR_LIMIT when the program needs more than limits.h allows.
 */
#ifndef WF_CODE_EMIT_H
#define WF_CODE_EMIT_H

#include "lang/base/status.h"
#include "lang/code/program.h"

enum wf_status wf_emit(struct wf_program *program);

#endif
