#include "lang/base/words.h"
#include "lang/syntax/lexer_state.h"

#include <inttypes.h>
#include <string.h>
#include <utf8proc.h>

#include "lang/base/calendar.h"
#include "lang/base/limits.h"
#include "lang/base/utf8.h"

#include "lexer.h"

int wf_lexer_scan(yyscan_t yyscanner);

/* ---- the list ---- */

void wf_tokens_init(struct wf_tokens *tokens, const struct wf_alloc *alloc)
{
    *tokens = (struct wf_tokens){.alloc = alloc};
}

void wf_tokens_release(struct wf_tokens *tokens)
{
    wf_free(tokens->alloc, tokens->items);
    wf_free(tokens->alloc, tokens->comments);
    wf_tokens_init(tokens, tokens->alloc);
}

struct wf_token *wf_lexer_add(struct wf_lexer *lexer, enum wf_raw raw, size_t len)
{
    struct wf_tokens *t = lexer->tokens;
    if (wf_grow(t->alloc, &t->items, &t->room, t->n + 1, sizeof(*t->items))) {
        lexer->status = WF_ERR_NOMEM;
        return NULL;
    }
    struct wf_token *token = &t->items[t->n++];
    unsigned flags = (lexer->lines || t->n == 1 ? WF_TK_LINE : 0u) |
                     (lexer->blank ? WF_TK_BLANK : 0u) | (lexer->space ? WF_TK_SPACE : 0u);
    *token = (struct wf_token){.raw = (uint8_t)raw,
                               .flags = (uint16_t)flags,
                               .start = lexer->at,
                               .end = lexer->at + (uint32_t)len,
                               .column = lexer->at - lexer->line_start};
    lexer->at += (uint32_t)len;
    lexer->lines = 0;
    lexer->blank = lexer->space = false;
    return token;
}

struct wf_span wf_lexer_span(const struct wf_lexer *lexer, size_t from, size_t len)
{
    uint32_t start = lexer->at + (uint32_t)from;
    return (struct wf_span){lexer->file, start, start + (uint32_t)len};
}

const struct wf_str *wf_lexer_keep(struct wf_lexer *lexer, const char *text, size_t len)
{
    const struct wf_str *s = wf_intern(lexer->intern, text, len);
    if (!s)
        lexer->status = WF_ERR_NOMEM;
    return s;
}

/* ---- space and comments ---- */

void wf_lex_space(struct wf_lexer *lexer, size_t len)
{
    lexer->at += (uint32_t)len;
    lexer->space = true;
}

void wf_lex_line(struct wf_lexer *lexer, size_t len)
{
    lexer->at += (uint32_t)len;
    lexer->line_start = lexer->at;
    lexer->space = true;
    if (++lexer->lines > 1)
        lexer->blank = true;
}

void wf_lex_comment(struct wf_lexer *lexer, size_t len)
{
    struct wf_tokens *t = lexer->tokens;
    if (wf_grow(t->alloc, &t->comments, &t->room_comments, t->n_comments + 1,
                sizeof(*t->comments))) {
        lexer->status = WF_ERR_NOMEM;
        return;
    }
    t->comments[t->n_comments++] = (struct wf_comment){
        .start = lexer->at,
        .end = lexer->at + (uint32_t)len,
        .line = lexer->lines || (t->n == 0 && t->n_comments == 0),
        .blank = lexer->blank,
    };
    lexer->at += (uint32_t)len;
    lexer->blank = false;
    lexer->space = true;
    /* the line end behind it counts as the first, so that the next token is first on its line */
    lexer->lines = 0;
}

/* ---- words ---- */

/* Latin letters' doubles in Greek and Cyrillic, and full-width forms: what a name is mistaken
 * for. */
static bool looks_latin(uint32_t c)
{
    static const char *const doubles = "аеорсухіѕјһԁԛԝАВЕКМНОРСТУХІЅЈαοινρυΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    char utf8[4];
    size_t n = wf_utf8_encode(c, utf8);
    if (c >= 0xFF01 && c <= 0xFF5E)
        return true;
    for (const char *p = doubles; n && *p;) {
        uint32_t d;
        size_t step = wf_utf8_decode(p, 4, &d);
        if (d == c)
            return true;
        p += step ? step : 1;
    }
    return false;
}

/* Warns of a word that could be read as another one; reports what is no letter in it. */
static void examine(struct wf_lexer *lexer, const char *text, size_t len)
{
    size_t twins = 0, foreign = 0, latin = 0;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = wf_utf8_decode(text + i, len - i, &c);
        if (!n)
            return;
        if (c < 0x80) {
            latin += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        } else {
            utf8proc_category_t cat = utf8proc_category((utf8proc_int32_t)c);
            if (cat == UTF8PROC_CATEGORY_CN || cat > UTF8PROC_CATEGORY_NO) {
                WF_REPORT(lexer, WF_E0102, i, n, "`%.*s` is no letter: it cannot stand in a name",
                          (int)n, text + i);
                return;
            }
            bool twin = looks_latin(c);
            twins += twin;
            foreign += !twin;
        }
        i += n;
    }
    if (twins && (latin || !foreign) && lexer->warned < 50) {
        lexer->warned++;
        WF_REPORT(lexer, WF_W0101, 0, len,
                  "`%.*s` looks like a Latin word but has other letters in it", (int)len, text);
    }
}

/* Interns the NFC form. */
static const struct wf_str *normal_form(struct wf_lexer *lexer, const char *text, size_t len)
{
    if (wf_utf8_is_plain_nfc(text, len))
        return wf_lexer_keep(lexer, text, len);
    wf_buf_reset(&lexer->scratch);
    if (wf_utf8_nfc(&lexer->scratch, text, len)) {
        lexer->status = WF_ERR_NOMEM;
        return NULL;
    }
    return wf_lexer_keep(lexer, wf_buf_str(&lexer->scratch), lexer->scratch.len);
}

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] >= 0x80)
            return false;
    }
    return true;
}

/* A run that can be read in two ways: it is said, and stands for a value that could not be read. */
static size_t refuse_run(struct wf_lexer *lexer, const char *text, size_t len, size_t one,
                         size_t other)
{
    struct wf_diag *d =
        WF_REPORT(lexer, WF_E0107, 0, len, "`%.*s` can be read in two ways", (int)len, text);
    if (d)
        wf_diag_note(lexer->diags, d, "as `%.*s %.*s` or as `%.*s %.*s`: put a space", (int)one,
                     text, (int)(len - one), text + one, (int)other, text, (int)(len - other),
                     text + other);
    struct wf_token *t = wf_lexer_add(lexer, WF_RAW_BAD, len);
    if (t)
        t->flags |= WF_TK_REPORTED;
    return len;
}

size_t wf_lex_word(struct wf_lexer *lexer, const char *text, size_t len)
{
    size_t tie = 0, used = is_ascii(text, len) ? len : wf_words_cut(lexer->words, text, len, &tie);
    if (tie)
        return refuse_run(lexer, text, len, used, tie);
    bool plain = is_ascii(text, used);
    if (!plain)
        examine(lexer, text, used);
    if (used > WF_MAX_NAME && wf_utf8_count(text, used) > WF_MAX_NAME)
        WF_REPORT(lexer, WF_E0108, 0, used, "a name of more than %d characters", WF_MAX_NAME);
    const struct wf_str *name =
        plain ? wf_lexer_keep(lexer, text, used) : normal_form(lexer, text, used);
    struct wf_token *t = wf_lexer_add(lexer, WF_RAW_WORD, used);
    if (!t || !name)
        return used;
    t->text = name;
    const struct wf_word *word = wf_words_find(lexer->words, name->text, name->len);
    if (word) {
        t->keyword = word->keyword;
        t->flags |= word->begins_phrase ? WF_TK_PHRASE : 0;
    }
    return used;
}

/* ---- numbers and points of time ---- */

/* Copies digits and signs as ASCII; answers how many source bytes were such, at most `len`. */
static size_t to_ascii(const char *text, size_t len, char *out, size_t room)
{
    size_t i = 0, n = 0;
    while (i < len && n + 1 < room) {
        unsigned char c = (unsigned char)text[i];
        if ((c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' || c == 'T') {
            out[n++] = (char)c;
            i++;
        } else if (c == 0xEF && (unsigned char)text[i + 1] == 0xBC &&
                   (unsigned char)text[i + 2] >= 0x8D && (unsigned char)text[i + 2] <= 0x9A) {
            out[n++] = (char)((unsigned char)text[i + 2] - 0x8D + '-');
            i += 3;
        } else {
            break;
        }
    }
    out[n] = '\0';
    return i;
}

/* Reads ASCII digits with at most one point: value = mantissa / 10^decimals. */
static bool read_decimal(const char *digits, int64_t *mantissa_out, int *decimals_out)
{
    int64_t m = 0;
    int decimals = -1;
    for (const char *p = digits; *p; p++) {
        if (*p == '.') {
            decimals = 0;
            continue;
        }
        int d = *p - '0';
        if (m > (INT64_MAX - d) / 10)
            return false;
        m = m * 10 + d;
        if (decimals >= 0)
            decimals++;
    }
    *mantissa_out = m;
    *decimals_out = decimals;
    return true;
}

static double power_of_ten(int n)
{
    double p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

enum { EXACT_DIGITS = 15 };

/* Fills an INT, NUMBER or PERCENT; false where it does not fit. */
static bool fill_number(struct wf_token *t, int64_t m, int decimals, bool percent)
{
    bool point = decimals >= 0;
    int places = point ? decimals : 0;
    if ((point || percent) && (double)m >= power_of_ten(EXACT_DIGITS))
        return false;
    t->real = (double)m / power_of_ten(places);
    t->num = m;
    t->raw = point ? WF_RAW_NUMBER : WF_RAW_INT;
    if (percent) {
        if (places > 4 || (double)m > 1e12)
            return false;
        for (int i = places; i < 4; i++)
            t->num *= 10;
        t->raw = WF_RAW_PERCENT;
        t->real = (double)t->num / 1e6;
    } else if (point && places <= 2) {
        for (int i = places; i < 2; i++)
            t->num *= 10;
        t->flags |= WF_TK_CENTS;
    }
    return true;
}

/* A word stuck to a number that is no unit: how much of it to take along, after saying so. */
static size_t wrong_unit(struct wf_lexer *lexer, const char *text, size_t number, size_t len)
{
    size_t end = number;
    while (end < len && (unsigned char)text[end] < 0x80)
        end++;
    static const char *const long_units[][2] = {{"day", "d"},    {"week", "w"}, {"month", "mo"},
                                                {"year", "y"},   {"hour", "h"}, {"minute", "min"},
                                                {"second", "s"}, {"sec", "s"},  {"hr", "h"}};
    for (size_t i = 0; i < sizeof(long_units) / sizeof(long_units[0]); i++) {
        size_t n = strlen(long_units[i][0]);
        bool plural = end == number + n + 1 && text[end - 1] == 's';
        if ((end == number + n || plural) && memcmp(text + number, long_units[i][0], n) == 0) {
            struct wf_diag *d = WF_REPORT(lexer, WF_E0113, 0, end, "`%.*s` is no unit of time",
                                          (int)(end - number), text + number);
            if (d) {
                wf_diag_edit(lexer->diags, d, wf_lexer_span(lexer, 0, end), "%.*s%s", (int)number,
                             text, long_units[i][1]);
                wf_diag_fix(lexer->diags, d, "write `%.*s%s`", (int)number, text, long_units[i][1]);
            }
            return end;
        }
    }
    WF_REPORT(lexer, WF_E0105, 0, end, "`%.*s` is neither a number nor a duration", (int)end, text);
    return end;
}

/* The unit behind a number of `number` bytes: its length, 0 when there is none. */
static size_t unit_behind(const char *text, size_t number, size_t len, uint8_t *op_out)
{
    size_t n = 0;
    const struct wf_unit_info *unit = wf_unit_find(text + number, len - number, &n);
    if (!unit)
        return 0;
    bool ascii = (unsigned char)text[number] < 0x80;
    size_t stretch = n;
    while (ascii && number + stretch < len && (unsigned char)text[number + stretch] < 0x80)
        stretch++;
    if (stretch != n)
        return 0;
    *op_out = unit->op;
    return n;
}

size_t wf_lex_number(struct wf_lexer *lexer, const char *text, size_t len, bool percent)
{
    char digits[64];
    size_t used = to_ascii(text, len, digits, sizeof(digits));
    size_t number = used;
    uint8_t unit = WF_OP_NONE;
    bool bad = false;
    if (!percent && used < len && strlen(digits) < sizeof(digits) - 1) {
        size_t n = unit_behind(text, used, len, &unit);
        if (n) {
            used += n;
        } else if ((unsigned char)text[used] < 0x80) {
            used = wrong_unit(lexer, text, used, len);
            bad = true;
        }
    }
    used = percent ? len : used;
    int64_t m = 0;
    int decimals = -1;
    struct wf_token probe = {0};
    if (!bad && (strlen(digits) >= sizeof(digits) - 1 || !read_decimal(digits, &m, &decimals) ||
                 !fill_number(&probe, m, decimals, percent))) {
        WF_REPORT(lexer, WF_E0105, 0, used,
                  percent ? N_("`%.*s` has more digits than a percentage holds (four decimals)")
                          : N_("`%.*s` has more digits than a number holds"),
                  (int)used, text);
        bad = true;
    }
    if (!bad && unit && decimals >= 0) {
        WF_REPORT(lexer, WF_E0105, 0, used, "a duration counts whole units: `%.*s`", (int)used,
                  text);
        bad = true;
    }
    if (number > used)
        used = number;
    struct wf_token *t = wf_lexer_add(lexer,
                                      bad    ? WF_RAW_BAD
                                      : unit ? WF_RAW_DURATION
                                             : probe.raw,
                                      used);
    if (!t)
        return used;
    t->num = bad ? 0 : probe.num;
    t->real = bad ? 0 : probe.real;
    t->unit = unit;
    t->flags |= bad ? WF_TK_REPORTED : probe.flags;
    t->spell = wf_lexer_keep(lexer, digits, strlen(digits));
    return used;
}

/* Why a date like 2026-06-31 is none. */
static void note_month(struct wf_lexer *lexer, struct wf_diag *diag, const char *date)
{
    int64_t year = strtoll(date, NULL, 10);
    int month = (int)strtol(date + 5, NULL, 10), day = (int)strtol(date + 8, NULL, 10);
    if (month >= 1 && month <= 12 && day > wf_month_days(year, month))
        wf_diag_note(lexer->diags, diag, "the month %.7s has %d days", date,
                     wf_month_days(year, month));
}

void wf_lex_point(struct wf_lexer *lexer, enum wf_raw raw, const char *text, size_t len)
{
    char ascii[40];
    const char *p = ascii;
    to_ascii(text, len, ascii + 1, sizeof(ascii) - 1);
    ascii[0] = '0';
    if (raw != WF_RAW_CLOCK || ascii[2] != ':')
        p = ascii + 1; /* 9:30 is 09:30 */
    int64_t value = 0;
    struct wf_stamp stamp;
    bool good = false;
    if (raw == WF_RAW_DATE) {
        good = wf_date_parse(p, strlen(p), &value);
    } else if (raw == WF_RAW_CLOCK) {
        good = wf_clock_parse(p, strlen(p), &value);
    } else if (wf_stamp_parse(p, strlen(p), &stamp)) {
        good = true;
        value = stamp.day * WF_DAY_SECONDS + stamp.clock;
    }
    struct wf_diag *diag = NULL;
    if (!good)
        diag = WF_REPORT(lexer, WF_E0106, 0, len,
                  raw == WF_RAW_CLOCK  ? N_("`%.*s` is no clock time (HH:MM)")
                  : raw == WF_RAW_DATE ? N_("`%.*s` is no date of the calendar (YYYY-MM-DD)")
                                       : N_("`%.*s` is no time (YYYY-MM-DDTHH:MM)"),
                  (int)len, text);
    if (diag && raw == WF_RAW_DATE)
        note_month(lexer, diag, p);
    struct wf_token *t = wf_lexer_add(lexer, good ? raw : WF_RAW_BAD, len);
    if (!t)
        return;
    t->num = value;
    t->flags |= good ? 0 : WF_TK_REPORTED;
    t->spell = wf_lexer_keep(lexer, p, strlen(p));
}

void wf_lex_hash(struct wf_lexer *lexer, const char *text, size_t len)
{
    const struct wf_str *hash = wf_lexer_keep(lexer, text + 1, len - 1);
    struct wf_token *t = wf_lexer_add(lexer, WF_RAW_HASH, len);
    if (t)
        t->text = hash;
}

/* ---- signs ---- */

void wf_lex_sign(struct wf_lexer *lexer, unsigned sign, size_t len)
{
    struct wf_token *t = wf_lexer_add(lexer, WF_RAW_SIGN, len);
    if (t)
        t->sign = (uint16_t)sign;
}

/* Signs of other languages: said once, then understood as what is meant. */
void wf_lex_foreign(struct wf_lexer *lexer, const char *text, size_t len)
{
    static const struct {
        const char *text, *mend;
        uint16_t sign, keyword;
    } signs[] = {
        {"==", "=", '=', 0},          {"＝＝", "=", '=', 0},     {"<>", "!=", WF_SIGN_NE, 0},
        {"&&", "and", 0, WF_KW_AND},  {"||", "or", 0, WF_KW_OR}, {"!", "not ", 0, WF_KW_NOT},
        {"！", "not ", 0, WF_KW_NOT},
    };
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (strlen(signs[i].text) != len || memcmp(signs[i].text, text, len) != 0)
            continue;
        struct wf_diag *d = WF_REPORT(lexer, WF_E0112, 0, len, "`%.*s` is written `%.3s` here",
                                      (int)len, text, signs[i].mend);
        if (d) {
            wf_diag_edit(lexer->diags, d, wf_lexer_span(lexer, 0, len), "%s", signs[i].mend);
            wf_diag_fix(lexer->diags, d, "write `%.3s`", signs[i].mend);
        }
        struct wf_token *t = wf_lexer_add(lexer, signs[i].keyword ? WF_RAW_WORD : WF_RAW_SIGN, len);
        if (t) {
            t->sign = signs[i].sign;
            t->keyword = signs[i].keyword;
            t->text = wf_lexer_keep(lexer, text, len);
        }
        return;
    }
    WF_REPORT(lexer, WF_E0112, 0, len,
              "`%.*s` is no sign here: `then` begins the actions, `>=` compares", (int)len, text);
    struct wf_token *t = wf_lexer_add(lexer, WF_RAW_SIGN, len);
    if (t) {
        t->sign = WF_SIGN_WRONG;
        t->flags |= WF_TK_REPORTED;
    }
}

void wf_lex_bad(struct wf_lexer *lexer, const char *text, size_t len)
{
    unsigned char c = (unsigned char)text[0];
    if (c < 0x20 || c == 0x7F)
        WF_REPORT(lexer, WF_E0102, 0, len,
                  c ? N_("a control character (0x%02X) cannot stand in a rule file")
                    : N_("a NUL byte (0x%02X) cannot stand in a rule file"),
                  c);
    else
        WF_REPORT(lexer, WF_E0102, 0, len, "`%.*s` means nothing here", (int)len, text);
    lexer->at += (uint32_t)len;
    lexer->space = true;
}

/* ---- the whole file ---- */

static enum wf_status scan_all(struct wf_lexer *lexer, char *text, size_t len)
{
    yyscan_t scanner;
    if (wf_lexer_lex_init_extra(lexer, &scanner))
        return WF_ERR_INTERNAL;
    if (wf_lexer__scan_buffer(text, (yy_size_t)len + 2, scanner) && lexer->status == WF_OK)
        wf_lexer_scan(scanner);
    wf_lexer_lex_destroy(scanner);
    return lexer->status;
}

enum wf_status wf_lex(struct wf_intern *intern, const struct wf_sources *sources, uint32_t file,
                      const struct wf_words *words, struct wf_diags *diags,
                      struct wf_tokens *tokens)
{
    const struct wf_source *source = &sources->files[file];
    struct wf_lexer *lexer = wf_calloc(tokens->alloc, 1, sizeof(*lexer));
    char *copy = wf_realloc(tokens->alloc, NULL, source->len + 2);
    enum wf_status status = WF_ERR_NOMEM;
    if (!lexer || !copy)
        goto done;
    *lexer = (struct wf_lexer){
        .intern = intern, .words = words, .diags = diags, .tokens = tokens, .file = file};
    wf_buf_init(&lexer->scratch, tokens->alloc, 0);
    size_t valid = wf_utf8_valid(source->text, source->len);
    if (valid < source->len) {
        lexer->at = (uint32_t)valid;
        WF_REPORT(lexer, WF_E0101, 0, 1, "the byte 0x%02X here is not UTF-8",
                  (unsigned char)source->text[valid]);
        lexer->status = WF_ERR_RULES;
    } else {
        if (source->len)
            memcpy(copy, source->text, source->len);
        copy[source->len] = copy[source->len + 1] = '\0';
        scan_all(lexer, copy, source->len);
    }
    status = lexer->status;
    lexer->at = (uint32_t)source->len;
    if (!wf_lexer_add(lexer, WF_RAW_EOF, 0))
        status = WF_ERR_NOMEM;
    wf_buf_release(&lexer->scratch);
done:
    wf_free(tokens->alloc, copy);
    wf_free(tokens->alloc, lexer);
    return status;
}
