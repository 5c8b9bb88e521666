/*
 * cmd_new.c - `wayfare new`: a folder with rules that work, exports to try them on, and what keeps
 * them right. The files are built in (runtime/cli/files/new).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/base/words.h"
#include "runtime/cli/cli.h"
#include "runtime/cli/files.h"
#include "runtime/cli/options.h"
#include "runtime/cli/rules.h"

static const char *const languages[] = {"new/en/", "new/zh/"};

/* 0: an empty folder, or nothing yet. */
static int look_at(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    if (!folder)
        return errno == ENOENT ? 0 : -1;
    int others = 0;
    while ((entry = readdir(folder)))
        others += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return others;
}

/* The path in the new project of a built-in file; false: it belongs to another language. A part
 * that begins with "dot." begins with a dot there. */
static bool name_of(const struct wf_cli_file *file, int64_t language, struct wf_buf *out)
{
    static const char both[] = "new/both/";
    const char *prefix = languages[language], *name = file->name;
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        name += strlen(prefix);
    else if (strncmp(name, both, strlen(both)) == 0)
        name += strlen(both);
    else
        return false;
    for (bool begins = true; *name; begins = name[-1] == '/') {
        if (begins && strncmp(name, "dot.", 4) == 0)
            name += 3;
        wf_buf_addc(out, *name++);
    }
    return true;
}

/* Makes the folders that lead to the file. */
static bool make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool made = mkdir(path, 0777) == 0 || errno == EEXIST;
        *slash = '/';
        if (!made)
            return false;
    }
    return true;
}

static bool write_new(char *path, const struct wf_cli_file *file)
{
    if (!make_folders(path))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    bool written = fd >= 0;
    for (size_t at = 0; written && at < file->len;) {
        ssize_t n = write(fd, file->bytes + at, file->len - at);
        written = n > 0 || (n < 0 && errno == EINTR);
        at += n > 0 ? (size_t)n : 0;
    }
    return (fd < 0 || close(fd) == 0) && written;
}

static enum wf_status make(const char *folder, int64_t language)
{
    enum wf_status status = WF_OK;
    struct wf_buf path;
    wf_buf_init(&path, NULL, 0);
    for (const struct wf_cli_file *f = wf_cli_files; f->name && status == WF_OK; f++) {
        wf_buf_reset(&path);
        wf_buf_addf(&path, "%s/", folder);
        size_t from = path.len;
        if (!name_of(f, language, &path))
            continue;
        if (path.failed)
            status = WF_ERR_NOMEM;
        else if (!write_new(path.data, f))
            status = errno == EACCES || errno == EPERM ? WF_ERR_PERM : WF_ERR_IO;
        else
            printf("  %s\n", path.data + from);
    }
    if (status != WF_OK)
        wf_cli_fail(path.len ? wf_buf_str(&path) : folder, status, NULL);
    wf_buf_release(&path);
    return status;
}

int cmd_new(int argc, char **argv)
{
    int64_t language = 0;
    int n = 0;
    const struct wf_option table[] = {
        {"keywords", WF_OPT_CHOICE, &language, "en|zh", N_("the language of the rules"), 0, 0},
        {NULL, WF_OPT_FLAG, NULL, NULL, NULL, 0, 0},
    };
    int code = wf_options(argc, argv, table, &n);
    if (code != WF_OPTIONS_GO)
        return code;
    if (n != 1)
        return wf_usage("new", "needs the name of one folder");
    int others = look_at(argv[1]);
    if (others > 0)
        return wf_usage("new", "%s is not empty, and nothing in it is overwritten", argv[1]);
    if (others < 0)
        return wf_usage("new", "%s is not a folder that can be read", argv[1]);
    enum wf_status status = make(argv[1], language);
    if (status == WF_OK)
        printf(wf_word("made in %s; its README.md shows the way from here\n"), argv[1]);
    return wf_status_exit(status);
}
