#include "runtime/cli/language.h"

#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lang/base/words.h"

static const char ENGLISH[] = "en", CHINESE[] = "zh";

static const char *set(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

/* What the user's locale asks for, by the order of POSIX, and of gettext where it is not plain C.
 */
static const char *of_locale(void)
{
    const char *locale = set("LC_ALL");
    if (!locale)
        locale = set("LC_MESSAGES");
    if (!locale)
        locale = set("LANG");
    if (!locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0)
        return ENGLISH;
    const char *language = set("LANGUAGE");
    return strncmp(language ? language : locale, CHINESE, 2) == 0 ? CHINESE : ENGLISH;
}

static bool is_folder(const char *path)
{
    return access(path, R_OK | X_OK) == 0;
}

/* Where the catalogue lies; false: nowhere. */
static bool find_catalogue(char path[PATH_MAX])
{
    static const char *const places[] = {"locale", "../share/locale"};
    char program[PATH_MAX];
    const char *said = set("WAYFARE_LOCALE_DIR");
    if (said)
        return snprintf(path, PATH_MAX, "%s", said) < PATH_MAX;
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program));
    if (len <= 0 || (size_t)len >= sizeof(program))
        return false;
    while (len > 0 && program[len - 1] != '/')
        len--;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        int n = snprintf(path, PATH_MAX, "%.*s%s", (int)len, program, places[i]);
        if (n > 0 && n < PATH_MAX && is_folder(path))
            return true;
    }
    return false;
}

/* gettext asks LANGUAGE which catalogue to take, in any locale but plain C. Newer libraries take
 * the name "C.UTF-8" for plain as well, but not its other spelling. LC_CTYPE makes the words of the
 * system's own catalogue come in UTF-8 too. */
static void speak(const char *language)
{
    static const char *const stand_ins[] = {"C.utf8", "C.UTF-8", "en_US.UTF-8", ""};
    char folder[PATH_MAX];
    if (language != CHINESE || !find_catalogue(folder))
        return;
    const char *locale = NULL;
    for (size_t i = 0; !locale && i < sizeof(stand_ins) / sizeof(*stand_ins); i++)
        locale = setlocale(LC_MESSAGES, stand_ins[i]);
    if (!locale || !setlocale(LC_CTYPE, locale) || setenv("LANGUAGE", "zh_CN", 1))
        return;
    bindtextdomain(WF_WORDS_DOMAIN, folder);
    bind_textdomain_codeset(WF_WORDS_DOMAIN, "UTF-8");
}

static int which(const char *said, const char **language_out)
{
    const char *known[] = {ENGLISH, CHINESE};
    for (size_t i = 0; said && i < 2; i++) {
        if (strcmp(said, known[i]) == 0) {
            *language_out = known[i];
            return 0;
        }
    }
    if (said)
        fprintf(stderr, wf_word("wayfare: --lang takes en|zh, not '%s'\n"), said);
    else
        fputs(wf_word("wayfare: --lang needs a value: --lang en|zh\n"), stderr);
    return 64;
}

int wf_language(int *argc, char **argv)
{
    const char *language = of_locale();
    int n = 1, code = 0, i = 1;
    for (; i < *argc && strcmp(argv[i], "--") != 0 && code == 0; i++) {
        if (strcmp(argv[i], "--lang") == 0)
            code = which(i + 1 < *argc ? argv[++i] : NULL, &language);
        else if (strncmp(argv[i], "--lang=", 7) == 0)
            code = which(argv[i] + 7, &language);
        else
            argv[n++] = argv[i];
    }
    while (i < *argc)
        argv[n++] = argv[i++];
    *argc = n;
    argv[n] = NULL;
    speak(language);
    return code;
}
