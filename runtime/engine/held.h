/*
 * held.h - actions that a gate stopped for now: kept in the state, and let in again when their time
 * comes, with their id, their guard and their journey's exit judged anew.
 *
 * An action is held when its hours leave no minute before the next night's run, or by a cap that
 * says `else defer D` (once). It is missed when it comes to contend again more than its rule's
 * grace later than it should. What no rule asks for any more lapses, and so does what the grace is
 * over for while its member is absent (wf_outcome.lapsed).
 */
#ifndef WF_ENGINE_HELD_H
#define WF_ENGINE_HELD_H

#include "runtime/engine/contend.h"

/* Those whose time has come contend again and leave the state; `scalar` stands at T. */
enum wf_status wf_held_enter(struct wf_contend *contend, struct wf_scalar *scalar);

/* Once all is settled: what is held goes into the state. */
enum wf_status wf_held_keep(struct wf_contend *contend);

#endif
