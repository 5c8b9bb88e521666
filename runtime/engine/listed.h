/*
 * listed.h - gate 1: what comes from a catalogue leaves only if the catalogue of tonight has it.
 */
#ifndef WF_ENGINE_LISTED_H
#define WF_ENGINE_LISTED_H

#include "runtime/engine/engine.h"

/*
 * By action of the program: why what it says or gives may not leave tonight (what: WF_NOTE_NONE: it
 * may). What the rules declare themselves is not looked for. The caller frees it; NULL: no memory.
 */
struct wf_gate_note *wf_listed_notes(const struct wf_night *night);

#endif
