/*
 * ir_metric.h - metrics: figures over all members. Part of ir.h, whose conventions hold here.
 */
#ifndef WF_IR_IR_METRIC_H
#define WF_IR_IR_METRIC_H

#include <stdint.h>

enum wf_over_kind {
    WF_OVER_SHARE,   /* of all: how many for which `where` is known true -> NUMBER */
    WF_OVER_COUNT,   /* -> INT */
    WF_OVER_SUM,     /* of: INT, NUMBER or MONEY; what lacks a value adds nothing */
    WF_OVER_AVERAGE, /* over who has a value -> NUMBER, MONEY */
    WF_OVER_MEDIAN,  /* likewise; of an even number the mean of the middle two */
    WF_OVER_TOTAL,   /* of a table's column, over its rows; split by a reference: of that row */
    WF_OVER_COUNT_,
};
struct wf_ir_over {
    uint8_t kind, type;
    uint32_t of;    /* MEMBER node; WF_NONE: SHARE, COUNT, TOTAL */
    uint32_t where; /* MEMBER bool node; WF_NONE: every member */
    uint32_t table; /* TOTAL: row of `tables`; else WF_NONE */
    uint32_t field; /* TOTAL: of that record; else 0 */
};

enum wf_figure_op {
    WF_FIGURE_OVER,
    WF_FIGURE_CONST,
    WF_FIGURE_ADD, /* of two earlier rows of the same metric */
    WF_FIGURE_SUB,
    WF_FIGURE_MUL,
    WF_FIGURE_DIV, /* by zero: no value */
    WF_FIGURE_COUNT_,
};
struct wf_ir_figure {
    uint8_t op, type;  /* INT, NUMBER or MONEY */
    uint32_t over;     /* OVER: row of `overs`; else WF_NONE */
    uint32_t constant; /* CONST: row of `consts`; else WF_NONE */
    uint32_t a, b;     /* operands: rows of `figures`; else WF_NONE */
};

struct wf_ir_metric {
    uint32_t name, label;                  /* label: texts or WF_NONE */
    uint32_t section;                      /* of the report: texts or WF_NONE */
    uint32_t figures_first, figures_count; /* its arithmetic; the last row is the result */
    uint32_t overs_first, overs_count;     /* the reductions those read */
    uint32_t among;                        /* MEMBER bool node; WF_NONE: all members */
    uint32_t by;                           /* MEMBER node: a row for each value; WF_NONE: one row */
    uint32_t by_key;        /* `by` is a reference: MEMBER node of its key; else WF_NONE */
    uint32_t by_class;      /* `by` is a classify: its first row of `classes`; else WF_NONE */
    uint32_t by_text, text; /* canonical: `store`; the whole declaration */
    uint32_t place;
};

#endif
