#include "tests/fault/disk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/run/fs.h"
#include "tests/fault/tree.h"

enum { STEPS = 4096, INODES = 512, ENTRIES = 48, PENDING = 1024, NAME = 64, SECTOR = 512 };

/* One change or sync, as the hook saw it. */
struct step {
    enum call_kind kind;
    char path[128], to[128];
    char *bytes;
    size_t len;
    int64_t offset;
    bool makes;
};

/* Names that are set (inode >= 0) or taken away as one. */
struct names {
    unsigned n;
    struct {
        char name[NAME];
        int inode;
    } set[2];
};

struct folder {
    unsigned n;
    struct {
        char name[NAME];
        int inode;
    } entries[ENTRIES];
};

struct inode {
    bool is_folder;
    struct wf_buf bytes;        /* when it was last synced */
    const struct step **writes; /* since: WRITE and TRUNCATE */
    struct folder synced, now;  /* of a folder */
    struct names *changes;      /* of a folder, since it was synced */
    unsigned n_writes, n_changes;
};

struct disk {
    enum disk_weakness weakness;
    struct step steps[STEPS];
    unsigned n_steps, done; /* done: the steps that the inodes below have been taken through */
    struct inode inodes[INODES];
    int n_inodes, n_first; /* n_first: of the folder it started from */
    char saved[64];        /* a copy of that */
};

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "disk: %s\n", what);
    abort();
}

/* ---- names and inodes ---- */

static void set_name(struct folder *folder, const char *name, int inode)
{
    unsigned i = 0;
    while (i < folder->n && strcmp(folder->entries[i].name, name) != 0)
        i++;
    if (inode < 0) {
        if (i < folder->n)
            folder->entries[i] = folder->entries[--folder->n];
        return;
    }
    must(i < ENTRIES, "too many names");
    folder->n += i == folder->n;
    snprintf(folder->entries[i].name, NAME, "%s", name);
    folder->entries[i].inode = inode;
}

static int get_name(const struct folder *folder, const char *name, size_t len)
{
    for (unsigned i = 0; i < folder->n; i++)
        if (strlen(folder->entries[i].name) == len &&
            memcmp(folder->entries[i].name, name, len) == 0)
            return folder->entries[i].inode;
    return -1;
}

/* The inode of a path as everybody sees it now, -1: none. */
static int find(const struct disk *disk, const char *path)
{
    int at = 0;
    while (*path && at >= 0) {
        size_t len = strcspn(path, "/");
        at = get_name(&disk->inodes[at].now, path, len);
        path += len + (path[len] == '/');
    }
    return at;
}

static int parent(const struct disk *disk, const char *path, const char **name_out)
{
    char folder[128];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 0, path);
    *name_out = slash ? slash + 1 : path;
    int at = find(disk, folder);
    must(at >= 0, "a change in a folder that is not there");
    return at;
}

static int new_inode(struct disk *disk, bool is_folder)
{
    must(disk->n_inodes < INODES, "too many files");
    struct inode *inode = &disk->inodes[disk->n_inodes];
    inode->is_folder = is_folder;
    wf_buf_init(&inode->bytes, NULL, 0);
    if (is_folder)
        inode->changes = calloc(PENDING, sizeof(*inode->changes));
    else
        inode->writes = calloc(PENDING, sizeof(*inode->writes));
    must(inode->changes || inode->writes, "no memory");
    return disk->n_inodes++;
}

static void drop_inodes(struct disk *disk)
{
    for (int i = 0; i < disk->n_inodes; i++) {
        struct inode *inode = &disk->inodes[i];
        wf_buf_release(&inode->bytes);
        free(inode->changes);
        free(inode->writes);
        *inode = (struct inode){0};
    }
    disk->n_inodes = 0;
    disk->done = 0;
}

/* What is in a folder of the real disk, all of it safe. */
static int take_folder(struct disk *disk, const char *path)
{
    int at = new_inode(disk, true);
    DIR *dir = opendir(path);
    must(dir != NULL, path);
    for (const struct dirent *e; (e = readdir(dir));) {
        char child[512];
        struct stat info;
        int inode;
        if (e->d_name[0] == '.' && (!e->d_name[1] || strcmp(e->d_name, "..") == 0))
            continue;
        if (strncmp(e->d_name, "data", 4) == 0)
            continue;
        snprintf(child, sizeof(child), "%s/%s", path, e->d_name);
        must(lstat(child, &info) == 0, child);
        if (S_ISDIR(info.st_mode)) {
            inode = take_folder(disk, child);
        } else {
            inode = new_inode(disk, false);
            must(wf_fs_os.read(NULL, child, &disk->inodes[inode].bytes) == WF_OK, child);
        }
        set_name(&disk->inodes[at].now, e->d_name, inode);
    }
    closedir(dir);
    disk->inodes[at].synced = disk->inodes[at].now;
    return at;
}

/* ---- recording ---- */

static bool lost_sync(const struct disk *disk, const struct call *call)
{
    return strncmp(call->path, "out", 3) == 0 &&
           disk->weakness == (call->folder ? DISK_FOLDERS_UNSYNCED : DISK_FILES_UNSYNCED);
}

static int let_pass(void *ctx, struct call *call)
{
    (void)ctx;
    (void)call;
    return 0;
}

static void add_step(struct disk *disk, const struct call *call, enum call_kind kind)
{
    must(disk->n_steps < STEPS, "too many steps");
    struct step *step = &disk->steps[disk->n_steps++];
    *step = (struct step){.kind = kind,
                          .len = kind == CALL_WRITE ? call->len : 0,
                          .offset = kind == CALL_OPEN ? 0 : call->offset,
                          .makes = call->makes};
    must(snprintf(step->path, sizeof(step->path), "%s", call->path) < (int)sizeof(step->path) &&
             snprintf(step->to, sizeof(step->to), "%s", call->to ? call->to : "") <
                 (int)sizeof(step->to),
         "a path is too long");
    if (step->len) {
        step->bytes = malloc(step->len);
        must(step->bytes != NULL, "no memory");
        memcpy(step->bytes, call->bytes, step->len);
    }
}

static void record(void *ctx, const struct call *call)
{
    struct disk *disk = ctx;
    size_t len = strlen(call->path), end = strlen(CALL_NAMELESS);
    if (len >= end && strcmp(call->path + len - end, CALL_NAMELESS) == 0)
        return;
    if (call->kind == CALL_SYNC ? !lost_sync(disk, call) : call->changes)
        add_step(disk, call, call->kind == CALL_OPEN && call->empties ? CALL_TRUNCATE : call->kind);
}

struct calls_hook disk_hook(struct disk *disk)
{
    return (struct calls_hook){disk, let_pass, record};
}

unsigned disk_steps(const struct disk *disk)
{
    return disk->n_steps;
}

struct disk *disk_new(const char *root, enum disk_weakness weakness)
{
    struct disk *disk = calloc(1, sizeof(*disk));
    must(disk != NULL, "no memory");
    disk->weakness = weakness;
    tree_scratch(disk->saved);
    tree_copy(root, disk->saved);
    take_folder(disk, disk->saved);
    return disk;
}

void disk_free(struct disk *disk)
{
    drop_inodes(disk);
    for (unsigned i = 0; i < disk->n_steps; i++)
        free(disk->steps[i].bytes);
    tree_remove(disk->saved);
    free(disk);
}

/* ---- going through the steps ---- */

static void change_names(struct inode *folder, const struct names *names)
{
    must(folder->n_changes < PENDING, "too many changes of one folder");
    folder->changes[folder->n_changes++] = *names;
    for (unsigned i = 0; i < names->n; i++)
        set_name(&folder->now, names->set[i].name, names->set[i].inode);
}

static void change_name(struct disk *disk, const char *path, int inode)
{
    const char *name;
    int folder = parent(disk, path, &name);
    struct names names = {.n = 1, .set[0].inode = inode};
    snprintf(names.set[0].name, NAME, "%s", name);
    change_names(&disk->inodes[folder], &names);
}

static void rename_within(struct disk *disk, const struct step *step)
{
    const char *from, *to;
    int folder = parent(disk, step->path, &from);
    must(parent(disk, step->to, &to) == folder, "a rename from folder to folder");
    struct names names = {.n = 2, .set = {{.inode = -1}, {.inode = find(disk, step->path)}}};
    snprintf(names.set[0].name, NAME, "%s", from);
    snprintf(names.set[1].name, NAME, "%s", to);
    change_names(&disk->inodes[folder], &names);
}

/* Writes into a file; a hole in front of it is filled. */
static void apply(struct wf_buf *bytes, size_t offset, const char *from, size_t len, int fill)
{
    size_t old = bytes->len;
    if (offset + len > old) {
        must(wf_buf_reserve(bytes, offset + len - old) == 0, "no memory");
        memset(bytes->data + old, fill, offset + len - old);
        bytes->len = offset + len;
    }
    if (from)
        memcpy(bytes->data + offset, from, len);
}

static void shorten(struct wf_buf *bytes, size_t size)
{
    if (size < bytes->len)
        bytes->len = size;
    else
        apply(bytes, size, NULL, 0, 0);
}

/* Everything written so far is safe. */
static void sync_inode(struct inode *inode)
{
    for (unsigned i = 0; i < inode->n_writes; i++) {
        const struct step *w = inode->writes[i];
        if (w->kind == CALL_TRUNCATE)
            shorten(&inode->bytes, (size_t)w->offset);
        else
            apply(&inode->bytes, (size_t)w->offset, w->bytes, w->len, 0);
    }
    inode->n_writes = inode->n_changes = 0;
    inode->synced = inode->now;
}

static void go_through(struct disk *disk, const struct step *step)
{
    int at = find(disk, step->path);
    switch (step->kind) {
    case CALL_OPEN: change_name(disk, step->path, new_inode(disk, false)); break;
    case CALL_MAKE_FOLDER: change_name(disk, step->path, new_inode(disk, true)); break;
    case CALL_REMOVE: change_name(disk, step->path, -1); break;
    case CALL_RENAME: rename_within(disk, step); break;
    case CALL_SYNC:
        must(at >= 0, "a sync of what is not there");
        sync_inode(&disk->inodes[at]);
        break;
    case CALL_WRITE:
    case CALL_TRUNCATE:
        must(at >= 0 && disk->inodes[at].n_writes < PENDING, "a write to what is not there");
        disk->inodes[at].writes[disk->inodes[at].n_writes++] = step;
        break;
    default: must(false, "a step of a strange kind");
    }
}

static void go_to(struct disk *disk, unsigned steps)
{
    if (steps < disk->done) {
        drop_inodes(disk);
        take_folder(disk, disk->saved);
    }
    while (disk->done < steps)
        go_through(disk, &disk->steps[disk->done++]);
}

bool disk_sees(struct disk *disk, unsigned steps, const char *path)
{
    go_to(disk, steps);
    return find(disk, path) >= 0;
}

/* ---- the cut ---- */

/* How likely anything unsynced is to survive, out of 256. */
struct luck {
    uint64_t state;
    unsigned share;
    bool whole; /* writes survive as a whole or not at all */
};

static uint64_t draw(struct luck *luck)
{
    uint64_t z = luck->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static bool survives(struct luck *luck)
{
    return (draw(luck) >> 8) % 256 < luck->share;
}

static void survive_write(struct luck *luck, struct wf_buf *bytes, const struct step *w)
{
    size_t at = (size_t)w->offset, end = at + w->len;
    bool all = survives(luck);
    int fill = draw(luck) % 2 ? 0 : (int)(draw(luck) % 256);
    if (end > bytes->len && survives(luck)) /* the length went out before what was written */
        apply(bytes, end, NULL, 0, fill);
    for (size_t n; at < end; at += n) {
        n = SECTOR - at % SECTOR;
        n = n < end - at ? n : end - at;
        if (luck->whole ? all : survives(luck))
            apply(bytes, at, w->bytes + (at - (size_t)w->offset), n, fill);
    }
}

static void survive_file(struct luck *luck, const struct inode *inode, const char *path)
{
    struct wf_buf bytes;
    wf_buf_init(&bytes, NULL, 0);
    wf_buf_add(&bytes, inode->bytes.data ? inode->bytes.data : "", inode->bytes.len);
    for (unsigned i = 0; i < inode->n_writes; i++) {
        const struct step *w = inode->writes[i];
        if (w->kind == CALL_WRITE)
            survive_write(luck, &bytes, w);
        else if (survives(luck))
            shorten(&bytes, (size_t)w->offset);
    }
    must(wf_fs_put(&wf_fs_os, path, bytes.data ? bytes.data : "", bytes.len) == WF_OK, path);
    wf_buf_release(&bytes);
}

static void survive_folder(const struct disk *disk, struct luck *luck, const struct inode *inode,
                           const char *path)
{
    struct folder left = inode->synced;
    for (unsigned i = 0; i < inode->n_changes; i++)
        if (survives(luck))
            for (unsigned k = 0; k < inode->changes[i].n; k++)
                set_name(&left, inode->changes[i].set[k].name, inode->changes[i].set[k].inode);
    must(wf_fs_os.make_folder(NULL, path) == WF_OK, path);
    for (unsigned i = 0; i < left.n; i++) {
        char child[512];
        const struct inode *of = &disk->inodes[left.entries[i].inode];
        snprintf(child, sizeof(child), "%s/%s", path, left.entries[i].name);
        if (of->is_folder)
            survive_folder(disk, luck, of, child);
        else
            survive_file(luck, of, child);
    }
}

void disk_cut(struct disk *disk, unsigned steps, uint64_t seed, const char *root)
{
    static const unsigned SHARES[] = {128, 0, 256, 128, 32, 224};
    struct luck luck = {.state = seed * 0x2545f4914f6cdd1du + steps};
    luck.share = SHARES[seed % 6];
    luck.whole = draw(&luck) % 2;
    go_to(disk, steps);
    tree_clear(root);
    survive_folder(disk, &luck, &disk->inodes[0], root);
}
