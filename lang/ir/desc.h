/*
 * desc.h - the records of the IR, described: what encoding, verifying, renumbering and hashing
 * loop over (ir_field.def).
 *
 * Three tables are not made of described records: `texts` (struct wf_str), `consts` (struct
 * wf_value; a TEXT or SET points at the bytes of one of `texts`) and the bare uint32_t tables,
 * which have one field at offset 0.
 */
#ifndef WF_IR_DESC_H
#define WF_IR_DESC_H

#include "lang/ir/ir.h"

enum wf_ir_table {
#define X(type, name) WF_IRT_##name,
    WF_IR_TABLES(X)
#undef X
        WF_IRT_COUNT_
};

enum wf_ir_kind {
    WF_FK_BOOL, /* a C bool: only 0 and 1 may ever be stored in it */
    WF_FK_U8,   /* < limit */
    WF_FK_U16,
    WF_FK_U32,
    WF_FK_I32,
    WF_FK_I64,
    WF_FK_U64,
    WF_FK_REF,   /* uint32_t: an index into `table` */
    WF_FK_OPT,   /* the same, or WF_NONE */
    WF_FK_FIRST, /* uint32_t: start of a range of `table`; the next field is its COUNT */
    WF_FK_COUNT,
};

struct wf_ir_fd {
    const char *name;
    uint16_t offset;
    uint8_t size;  /* bytes */
    uint8_t kind;  /* enum wf_ir_kind */
    uint8_t table; /* REF OPT FIRST COUNT */
    uint8_t limit; /* U8 */
};

struct wf_ir_td {
    const char *name;
    uint16_t rows, n, room; /* offsets in struct wf_ir of the array and its two numbers */
    uint16_t row_size;
    uint16_t n_fields; /* 0: texts, consts */
    const struct wf_ir_fd *fields;
};

/* By enum wf_ir_table. The member schema (ir->member) is one more row of the shape of `events`. */
extern const struct wf_ir_td wf_ir_td[WF_IRT_COUNT_];

static inline uint32_t wf_ir_table_n(const struct wf_ir *ir, enum wf_ir_table table)
{
    return *(const uint32_t *)(const void *)((const char *)ir + wf_ir_td[table].n);
}

/* Row `row` of a table, NULL when there is none. */
void *wf_ir_row(const struct wf_ir *ir, enum wf_ir_table table, uint32_t row);

/* The value of an index field (REF OPT FIRST COUNT U32). */
static inline uint32_t *wf_ir_index(void *row, const struct wf_ir_fd *field)
{
    return (uint32_t *)(void *)((char *)row + field->offset);
}

#endif
