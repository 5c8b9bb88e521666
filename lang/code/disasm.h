/*
 * disasm.h - the code of a program as text for people (`wayfare dump --stage code`).
 */
#ifndef WF_CODE_DISASM_H
#define WF_CODE_DISASM_H

#include "lang/base/buf.h"
#include "lang/code/program.h"

/* Appends the whole code. `places`: also where in the rules each output comes from. */
void wf_disasm(const struct wf_program *program, bool places, struct wf_buf *out);

/* Appends one instruction, without its line's end. */
void wf_disasm_insn(const struct wf_program *program, uint32_t insn, struct wf_buf *out);

#endif
