#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/code/encode.h"
#include "lang/code/wire.h"

/*
 * What is hashed: every row of every table of the IR but `places` and `texts`; a field that points
 * at a text counts as its bytes, one that points at a place not at all. So neither the names of
 * files, nor lines, nor the code that this version of the compiler makes change it. A table that
 * came with a later format counts where it has rows: other programs are what they were.
 */

static void add_number(XXH3_state_t *state, uint64_t value)
{
    unsigned char b[8];
    for (unsigned i = 0; i < 8; i++)
        b[i] = (unsigned char)(value >> 8 * i);
    XXH3_128bits_update(state, b, sizeof b);
}

static void add_text(XXH3_state_t *state, const char *text, size_t len)
{
    add_number(state, len);
    XXH3_128bits_update(state, text, len);
}

static void add_field(XXH3_state_t *state, const struct wf_ir *ir, const struct wf_ir_fd *field,
                      const void *row)
{
    bool index = field->kind == WF_FK_REF || field->kind == WF_FK_OPT;
    uint64_t bits = wf_field_bits(field, row);
    if (index && field->table == WF_IRT_places)
        return;
    if (index && field->table == WF_IRT_texts && bits < ir->n_texts)
        add_text(state, ir->texts[bits]->text, ir->texts[bits]->len);
    else
        add_number(state, bits);
}

static void add_row(XXH3_state_t *state, const struct wf_ir *ir, const struct wf_ir_td *td,
                    const void *row)
{
    for (unsigned f = 0; f < td->n_fields; f++)
        add_field(state, ir, &td->fields[f], row);
}

static void add_const(XXH3_state_t *state, const struct wf_value *value)
{
    uint64_t bits = 0;
    add_number(state, value->type);
    add_number(state, value->present);
    if (!value->present)
        return;
    if (value->type == WF_T_TEXT || value->type == WF_T_SET) {
        add_text(state, value->text, value->len);
        return;
    }
    memcpy(&bits, value->type == WF_T_NUMBER ? (const void *)&value->f : &value->i, sizeof bits);
    add_number(state, bits);
}

static void add_table(XXH3_state_t *state, const struct wf_ir *ir, enum wf_ir_table table)
{
    uint32_t n = wf_ir_table_n(ir, table);
    add_number(state, n);
    for (uint32_t i = 0; i < n; i++) {
        if (table == WF_IRT_consts)
            add_const(state, &ir->consts[i]);
        else
            add_row(state, ir, &wf_ir_td[table], wf_ir_row(ir, table, i));
    }
}

static void add_text_index(XXH3_state_t *state, const struct wf_ir *ir, uint32_t text)
{
    if (text < ir->n_texts)
        add_text(state, ir->texts[text]->text, ir->texts[text]->len);
    else
        add_number(state, UINT64_MAX);
}

void wf_program_hash(const struct wf_program *program, unsigned char hash_out[16])
{
    const struct wf_ir *ir = &program->ir;
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    add_text_index(&state, ir, ir->timezone);
    add_text_index(&state, ir, ir->merges);
    add_row(&state, ir, &wf_ir_td[WF_IRT_events], &ir->member);
    for (unsigned t = 0; t < WF_IRT_COUNT_; t++)
        if (t != WF_IRT_texts && t != WF_IRT_places &&
            (t < WF_IRT_catalogues || wf_ir_table_n(ir, (enum wf_ir_table)t)))
            add_table(&state, ir, (enum wf_ir_table)t);
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state));
    memcpy(hash_out, canonical.digest, 16);
}
