/*
 * words.h - what a person reads, in their language (gettext, domain "wayfare").
 *
 * A text is written once, in English, as one whole sentence, and looked up where it is used.
 * Nothing is remembered here: which language is spoken, and where the catalogue lies, is the
 * program's to say (setlocale and bindtextdomain); without that, and with WF_ENGLISH_ONLY, the text
 * itself comes back. What is written to a night's files or to the state is never translated: its
 * bytes do not depend on who looks on.
 *
 *   wf_word("text")               the text; also where a table's text, marked N_("..."), is used
 *   wf_word_n("a %zu", "%zu", n)  the form for n
 *   wf_word_in("action", "left")  the same word may be another one elsewhere: said of an action
 *   wf_say(buf, "a %s", ...)      wf_buf_addf of a translated sentence
 *
 * wf_diag, wf_diag_label, wf_diag_fix, wf_diag_note, wf_fault_set and wf_usage look their format up
 * themselves: the literal stands there as it is.
 *
 * The words are collected by `make po` through these names (tests/tools/po.sh).
 */
#ifndef WF_BASE_WORDS_H
#define WF_BASE_WORDS_H

#ifndef WF_ENGLISH_ONLY
#include <libintl.h>
#endif

#define WF_WORDS_DOMAIN "wayfare"

#define N_(text) text

__attribute__((format_arg(1))) static inline const char *wf_word(const char *text)
{
#ifndef WF_ENGLISH_ONLY
    return *text ? dgettext(WF_WORDS_DOMAIN, text) : text; /* "" would be the catalogue's head */
#else
    return text;
#endif
}

#define wf_word_in(context, text) wf_word_of(context "\004" text, text)

static inline const char *wf_word_of(const char *key, const char *text)
{
    const char *found = wf_word(key);
    return found == key ? text : found;
}

__attribute__((format_arg(1), format_arg(2))) static inline const char *
wf_word_n(const char *one, const char *many, unsigned long n)
{
#ifndef WF_ENGLISH_ONLY
    return dngettext(WF_WORDS_DOMAIN, one, many, n);
#else
    return n == 1 ? one : many;
#endif
}

#endif
