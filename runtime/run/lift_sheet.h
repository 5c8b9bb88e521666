/*
 * lift_sheet.h - lift.csv: what tonight's journeys that try something out have shown so far.
 */
#ifndef WF_RUN_LIFT_SHEET_H
#define WF_RUN_LIFT_SHEET_H

#include "runtime/engine/engine.h"
#include "runtime/run/sheet.h"

extern const char *const WF_LIFT_COLUMNS[];

/* Writes a row for each comparison (lift.h). A cell without a value is empty: rates of nobody,
 * means of a goal that is no figure, intervals of too few. */
enum wf_status wf_lift_rows(const struct wf_night *night, struct wf_sheet *sheet);

#endif
