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

static const char *known(const char *said)
{
    return said && strcmp(said, ENGLISH) == 0   ? ENGLISH
           : said && strcmp(said, CHINESE) == 0 ? CHINESE
                                                : NULL;
}

int wf_language(int *argc, char **argv)
{
    const char *language = of_locale(), *said = NULL;
    bool bad = false;
    int n = 1, i = 1;
    for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
        bool apart = strcmp(argv[i], "--lang") == 0;
        if (!apart && strncmp(argv[i], "--lang=", 7) != 0) {
            argv[n++] = argv[i];
            continue;
        }
        said = apart ? i + 1 < *argc ? argv[++i] : NULL : argv[i] + 7;
        bad = !known(said);
        if (bad)
            break;
        language = known(said);
    }
    while (!bad && i < *argc)
        argv[n++] = argv[i++];
    speak(language);
    if (bad) {
        if (said)
            fprintf(stderr, wf_word("wayfare: --lang takes en|zh, not '%s'\n"), said);
        else
            fputs(wf_word("wayfare: --lang needs a value: --lang en|zh\n"), stderr);
        return 64;
    }
    *argc = n;
    argv[n] = NULL;
    return 0;
}
