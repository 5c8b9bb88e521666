#include "lang/code/encode.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "lang/base/limits.h"
#include "lang/base/utf8.h"
#include "lang/code/wire.h"

/*
 *   0   "WAYC"
 *   4   u32 version       u32 number of sections      u64 bytes of the file
 *   20  a section each:   u32 id, u32 0, u64 offset, u64 size, u64 xxh3-64 of its bytes
 *       the sections, in order, without gaps: the head, a table of the IR each, the code's tables
 */
enum {
    MAGIC = 0x43594157,
    HEADER = 20,
    ENTRY = 32,
    SECTION_HEAD = 0,
    SECTION_IR = 1,
    SECTION_CODE = SECTION_IR + WF_IRT_COUNT_,
    CODE_TABLES = 4,
    SECTIONS = SECTION_CODE + CODE_TABLES,
    SECTION_LATER = SECTION_IR + WF_IRT_catalogues, /* from here to the code: not in version 4 */
};

#define U16(s, m)                                                                                  \
    {                                                                                              \
#m, offsetof(struct s, m), 2, WF_FK_U16, 0, 0                                              \
    }
#define U32(s, m)                                                                                  \
    {                                                                                              \
#m, offsetof(struct s, m), 4, WF_FK_U32, 0, 0                                              \
    }
#define N(a) ((unsigned)(sizeof(a) / sizeof *(a)))

static const struct wf_ir_fd insn_fields[] = {
    U16(wf_insn, op), U16(wf_insn, dst), U16(wf_insn, a),
    U16(wf_insn, b),  U32(wf_insn, c),   U32(wf_insn, d),
};
static const struct wf_ir_fd block_fields[] = {U16(wf_block, domain), U16(wf_block, stage),
                                               U32(wf_block, first), U32(wf_block, count)};
static const struct wf_ir_fd out_fields[] = {U32(wf_output, node), U16(wf_output, domain),
                                             U16(wf_output, stage)};
static const struct wf_ir_fd run_fields[] = {{"node", 0, 4, WF_FK_U32, 0, 0}};
static const struct wf_ir_fd ir_fields[] = {U32(wf_ir, timezone), U32(wf_ir, merges)};
static const struct wf_ir_fd program_fields[] = {U16(wf_program, n_b),     U16(wf_program, n_v),
                                                 U16(wf_program, n_w),     U16(wf_program, slots_b),
                                                 U16(wf_program, slots_v), U16(wf_program, slots_w),
                                                 U16(wf_program, n_stages)};

/* One of the code's tables; the arrays are reached by offset, as the IR's are. */
struct code_table {
    uint16_t rows, n, row_size;
    uint16_t n_fields;
    const struct wf_ir_fd *fields;
};
static const struct code_table code_tables[CODE_TABLES] = {
    {offsetof(struct wf_program, insns), offsetof(struct wf_program, n_insns),
     sizeof(struct wf_insn), N(insn_fields), insn_fields},
    {offsetof(struct wf_program, blocks), offsetof(struct wf_program, n_blocks),
     sizeof(struct wf_block), N(block_fields), block_fields},
    {offsetof(struct wf_program, outs), offsetof(struct wf_program, n_outs),
     sizeof(struct wf_output), N(out_fields), out_fields},
    {offsetof(struct wf_program, run_nodes), offsetof(struct wf_program, n_run_nodes),
     sizeof(uint32_t), N(run_fields), run_fields},
};

static const struct wf_ir_td *record_table(void)
{
    return &wf_ir_td[WF_IRT_events];
}

/* ---- encoding ---- */

static void put_head(struct wf_buf *out, const struct wf_program *p)
{
    wf_buf_add(out, p->hash, sizeof p->hash);
    wf_put_row(out, program_fields, N(program_fields), p);
    wf_put_row(out, ir_fields, N(ir_fields), &p->ir);
    wf_put_row(out, record_table()->fields, record_table()->n_fields, &p->ir.member);
}

static void put_texts(struct wf_buf *out, const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_texts; i++) {
        wf_put(out, ir->texts[i]->len, 4);
        wf_buf_add(out, ir->texts[i]->text, ir->texts[i]->len);
    }
}

static bool is_text(const struct wf_value *value)
{
    return value->present && (value->type == WF_T_TEXT || value->type == WF_T_SET);
}

static uint64_t value_bits(const struct wf_value *value)
{
    uint64_t bits = 0;
    if (is_text(value))
        return value->len;
    if (value->present)
        memcpy(&bits, value->type == WF_T_NUMBER ? (const void *)&value->f : &value->i, 8);
    return bits;
}

static void put_consts(struct wf_buf *out, const struct wf_ir *ir)
{
    for (uint32_t i = 0; i < ir->n_consts; i++) {
        const struct wf_value *value = &ir->consts[i];
        wf_put(out, value->type, 1);
        wf_put(out, value->present, 1);
        wf_put(out, value_bits(value), 8);
        if (is_text(value))
            wf_buf_add(out, value->text, value->len);
    }
}

static void put_table(struct wf_buf *out, const void *owner, uint16_t rows_at, uint16_t n_at,
                      size_t row_size, const struct wf_ir_fd *fields, unsigned n_fields)
{
    const char *rows;
    uint32_t n;
    memcpy(&rows, (const char *)owner + rows_at, sizeof rows);
    memcpy(&n, (const char *)owner + n_at, sizeof n);
    wf_put(out, n, 4);
    for (uint32_t i = 0; i < n; i++)
        wf_put_row(out, fields, n_fields, rows + i * row_size);
}

static void put_section(struct wf_buf *out, const struct wf_program *p, unsigned id)
{
    const struct wf_ir *ir = &p->ir;
    if (id == SECTION_HEAD) {
        put_head(out, p);
    } else if (id >= SECTION_CODE) {
        const struct code_table *t = &code_tables[id - SECTION_CODE];
        put_table(out, p, t->rows, t->n, t->row_size, t->fields, t->n_fields);
    } else if (id - SECTION_IR == WF_IRT_texts) {
        wf_put(out, ir->n_texts, 4);
        put_texts(out, ir);
    } else if (id - SECTION_IR == WF_IRT_consts) {
        wf_put(out, ir->n_consts, 4);
        put_consts(out, ir);
    } else {
        const struct wf_ir_td *t = &wf_ir_td[id - SECTION_IR];
        put_table(out, ir, t->rows, t->n, t->row_size, t->fields, t->n_fields);
    }
}

/* Overwrites bytes that are there already. */
static void patch(struct wf_buf *out, size_t at, uint64_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        out->data[at + i] = (char)(unsigned char)(value >> 8 * i);
}

enum wf_status wf_encode(const struct wf_program *program, struct wf_buf *out)
{
    size_t base = out->len;
    wf_put(out, MAGIC, 4);
    wf_put(out, WF_FORMAT_VERSION, 4);
    wf_put(out, SECTIONS, 4);
    for (unsigned i = 0; i < 8 + SECTIONS * ENTRY; i++)
        wf_buf_addc(out, 0);
    for (unsigned id = 0; id < SECTIONS && !out->failed; id++) {
        size_t start = out->len;
        put_section(out, program, id);
        if (out->failed)
            break;
        size_t entry = base + HEADER + id * ENTRY;
        patch(out, entry, id, 4);
        patch(out, entry + 8, start - base, 8);
        patch(out, entry + 16, out->len - start, 8);
        patch(out, entry + 24, XXH3_64bits(out->data + start, out->len - start), 8);
    }
    if (out->failed)
        return WF_ERR_NOMEM;
    if (out->len - base > WF_MAX_PROGRAM)
        return WF_ERR_LIMIT;
    patch(out, base + 12, out->len - base, 8);
    return WF_OK;
}

/* ---- decoding ---- */

static void refuse(struct wf_reader *in, const char *why)
{
    if (!in->why)
        in->why = why;
}

static void get_head(struct wf_reader *in, struct wf_program *p)
{
    const void *hash = wf_get_bytes(in, sizeof p->hash);
    if (hash)
        memcpy(p->hash, hash, sizeof p->hash);
    wf_get_row(in, program_fields, N(program_fields), p);
    wf_get_row(in, ir_fields, N(ir_fields), &p->ir);
    wf_get_row(in, record_table()->fields, record_table()->n_fields, &p->ir.member);
}

static enum wf_status get_texts(struct wf_reader *in, struct wf_program *p)
{
    struct wf_ir *ir = &p->ir;
    uint32_t n = wf_get_count(in, 4);
    ir->texts = wf_arena_array(&p->arena, (size_t)n + 1, sizeof *ir->texts);
    if (!ir->texts)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < n && !in->why; i++) {
        uint32_t len = (uint32_t)wf_get(in, 4);
        const char *bytes = wf_get_bytes(in, len);
        if (!bytes)
            break;
        if (wf_utf8_valid(bytes, len) != len)
            refuse(in, "a text is not UTF-8");
        struct wf_str *str = wf_arena_alloc(&p->arena, sizeof *str + len + 1);
        if (!str)
            return WF_ERR_NOMEM;
        str->len = len;
        memcpy(str->text, bytes, len);
        ir->texts[i] = str;
    }
    ir->n_texts = ir->room_texts = n;
    return WF_OK;
}

static enum wf_status get_const(struct wf_reader *in, struct wf_program *p, struct wf_value *value)
{
    value->type = (uint8_t)wf_get(in, 1);
    uint64_t present = wf_get(in, 1);
    uint64_t bits = wf_get(in, 8);
    if (present > 1 || (!present && bits))
        refuse(in, "a constant is neither there nor missing");
    value->present = present == 1;
    if (!is_text(value)) {
        memcpy(value->type == WF_T_NUMBER ? (void *)&value->f : &value->i, &bits, 8);
        return WF_OK;
    }
    const char *bytes = bits <= UINT32_MAX ? wf_get_bytes(in, bits) : NULL;
    if (!bytes) {
        refuse(in, "it ends too early");
        return WF_OK;
    }
    if (wf_utf8_valid(bytes, (size_t)bits) != bits)
        refuse(in, "a text is not UTF-8");
    value->len = (uint32_t)bits;
    value->text = wf_arena_copy(&p->arena, bytes, (size_t)bits);
    return value->text ? WF_OK : WF_ERR_NOMEM;
}

static enum wf_status get_consts(struct wf_reader *in, struct wf_program *p)
{
    struct wf_ir *ir = &p->ir;
    uint32_t n = wf_get_count(in, 10);
    ir->consts = wf_arena_array(&p->arena, (size_t)n + 1, sizeof *ir->consts);
    if (!ir->consts)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < n && !in->why; i++)
        if (get_const(in, p, &ir->consts[i]))
            return WF_ERR_NOMEM;
    ir->n_consts = ir->room_consts = n;
    return WF_OK;
}

/* Reads a table's rows into the arena and tells its owner: the array, its number. */
static enum wf_status get_table(struct wf_reader *in, struct wf_arena *arena, void *owner,
                                const struct code_table *t, uint32_t *n_out)
{
    uint32_t n = wf_get_count(in, wf_row_wire_size(t->fields, t->n_fields));
    char *rows = wf_arena_array(arena, (size_t)n + 1, t->row_size);
    if (!rows)
        return WF_ERR_NOMEM;
    for (uint32_t i = 0; i < n; i++)
        wf_get_row(in, t->fields, t->n_fields, rows + (size_t)i * t->row_size);
    memcpy((char *)owner + t->rows, &rows, sizeof rows);
    memcpy((char *)owner + t->n, &n, sizeof n);
    *n_out = n;
    return WF_OK;
}

static enum wf_status get_section(struct wf_reader *in, struct wf_program *p, unsigned id)
{
    uint32_t n;
    if (id == SECTION_HEAD) {
        get_head(in, p);
        return WF_OK;
    }
    if (id >= SECTION_CODE)
        return get_table(in, &p->arena, p, &code_tables[id - SECTION_CODE], &n);
    if (id - SECTION_IR == WF_IRT_texts)
        return get_texts(in, p);
    if (id - SECTION_IR == WF_IRT_consts)
        return get_consts(in, p);
    const struct wf_ir_td *t = &wf_ir_td[id - SECTION_IR];
    struct code_table table = {t->rows, t->n, t->row_size, t->n_fields, t->fields};
    enum wf_status status = get_table(in, &p->arena, &p->ir, &table, &n);
    if (!status)
        memcpy((char *)&p->ir + t->room, &n, sizeof n);
    return status;
}

/* The entry of the next section, which says `id`; it must begin where the last one ended. */
static struct wf_reader open_section(struct wf_reader *table, const unsigned char *file, size_t len,
                                     unsigned id, size_t *end)
{
    struct wf_reader in = {0};
    uint64_t got_id = wf_get(table, 4), zero = wf_get(table, 4);
    uint64_t offset = wf_get(table, 8), size = wf_get(table, 8), sum = wf_get(table, 8);
    if (table->why || got_id != id || zero || offset != *end || size > len - *end) {
        in.why = "its table of sections is damaged";
        return in;
    }
    in.at = file + *end;
    in.left = (size_t)size;
    *end += (size_t)size;
    if (XXH3_64bits(in.at, in.left) != sum)
        in.why = "a checksum does not match";
    return in;
}

/* How many sections a file of that version has; 0: it is not read. */
static unsigned sections_of(uint64_t version)
{
    return version == WF_FORMAT_VERSION        ? SECTIONS
           : version == WF_FORMAT_VERSION_READ ? SECTIONS - (SECTION_CODE - SECTION_LATER)
                                               : 0;
}

static enum wf_status get_sections(struct wf_program *p, const unsigned char *file, size_t len,
                                   unsigned sections, const char **why)
{
    struct wf_reader table = {.at = file + HEADER, .left = sections * ENTRY};
    size_t end = HEADER + sections * ENTRY;
    for (unsigned i = 0; i < sections; i++) {
        unsigned id = i < SECTION_LATER ? i : SECTIONS - sections + i;
        struct wf_reader in = open_section(&table, file, len, i, &end);
        if (!in.why) {
            enum wf_status status = get_section(&in, p, id);
            if (status)
                return status;
        }
        if (!in.why && in.left)
            in.why = "a section is longer than its table";
        if (in.why) {
            *why = in.why;
            return WF_ERR_FORMAT;
        }
    }
    if (end == len)
        return WF_OK;
    *why = "it is longer than its sections";
    return WF_ERR_FORMAT;
}

static const char *check_header(const void *bytes, size_t len, unsigned *sections_out)
{
    struct wf_reader in = {.at = bytes, .left = len};
    if (len > WF_MAX_PROGRAM)
        return "it is larger than WF_MAX_PROGRAM";
    if (wf_get(&in, 4) != MAGIC || in.why)
        return "it is not a compiled program";
    *sections_out = sections_of(wf_get(&in, 4));
    if (wf_get(&in, 4) != *sections_out || !*sections_out)
        return "it was compiled by another version; compile the rules again";
    if (wf_get(&in, 8) != len || in.left < *sections_out * ENTRY)
        return "it is cut short, or longer than it was written";
    return NULL;
}

enum wf_status wf_decode(const struct wf_alloc *alloc, const void *bytes, size_t len,
                         struct wf_program **program_out, const char **why_out)
{
    unsigned sections = 0;
    const char *why = check_header(bytes, len, &sections);
    enum wf_status status = why ? WF_ERR_FORMAT : WF_OK;
    struct wf_program *p = NULL;
    if (!status) {
        p = wf_calloc(alloc, 1, sizeof *p);
        status = p ? WF_OK : WF_ERR_NOMEM;
    }
    if (!status) {
        wf_arena_init(&p->arena, alloc);
        p->ir.arena = &p->arena;
        status = get_sections(p, bytes, len, sections, &why);
    }
    if (why_out)
        *why_out = status == WF_ERR_FORMAT ? why : NULL;
    if (status) {
        wf_program_free(p);
        return status;
    }
    *program_out = p;
    return WF_OK;
}
