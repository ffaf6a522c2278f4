/* Preloaded into a program, it makes one of its system calls on files below a folder fail, or all from that one on.
 *
 * FAULT_UNDER  the folder; other files are left alone
 * FAULT_CALLS  which calls count, a letter each: w write and pwrite, s fsync and fdatasync, u unlink, r rename and link,
 *              t ftruncate
 * FAULT_AT     the number of the call, from 1; 0 for none
 * FAULT_STICKY 1: every call of these from there on
 * FAULT_KIND   kill: the process ends before the call; torn: half of a write is done, then it ends; eio, enospc: the
 *              call fails; short: half of a write is done and said so; lie: a write is not done and said to be
 * FAULT_LOG    takes a line per call: its letter; `F NANOSECONDS` for the fault; `R` for a file that was flushed anew
 *              although flushing it had failed
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int count, logFile = -1, at, sticky;
static const char *calls, *kind, *under;
static char failed[PATH_MAX];

__attribute__((constructor)) static void begin(void)
{
    under = getenv("FAULT_UNDER");
    calls = getenv("FAULT_CALLS");
    kind = getenv("FAULT_KIND");
    at = atoi(getenv("FAULT_AT") ? getenv("FAULT_AT") : "0");
    sticky = getenv("FAULT_STICKY") != NULL;
    if (!calls) calls = "";
    if (!kind) kind = "";
    if (getenv("FAULT_LOG"))
        logFile = syscall(SYS_openat, AT_FDCWD, getenv("FAULT_LOG"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static void note(const char *line)
{
    if (logFile >= 0) syscall(SYS_write, logFile, line, strlen(line));
}

static int concerns(const char *path)
{
    return under && strncmp(path, under, strlen(under)) == 0;
}

static int named(int file, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return concerns(path);
}

/* 0: go on; 1: fail with errno; 2: half of it; 3: say that it is done */
static int meets(char call)
{
    char line[64] = {call, '\n', 0};
    if (!strchr(calls, call)) return 0;
    note(line);
    int number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
    if (at == 0 || number < at || (number > at && !sticky)) return 0;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(line, sizeof line, "F %ld\n", now.tv_sec * 1000000000L + now.tv_nsec);
    note(line);
    if (!strcmp(kind, "kill") || (!strcmp(kind, "torn") && call != 'w')) kill(getpid(), SIGKILL);
    if (!strcmp(kind, "short") || !strcmp(kind, "torn")) return call == 'w' ? 2 : 0;
    if (!strcmp(kind, "lie")) return 3;
    errno = !strcmp(kind, "enospc") ? ENOSPC : EIO;
    return 1;
}

static ssize_t put(int file, const void *bytes, size_t size, off_t place)
{
    char path[PATH_MAX];
    switch (named(file, path) ? meets('w') : 0) {
    case 1: return -1;
    case 3: return size;
    case 2:
        if (size > 1) size /= 2;
    }
    ssize_t done = place < 0 ? syscall(SYS_write, file, bytes, size) : syscall(SYS_pwrite64, file, bytes, size, place);
    if (!strcmp(kind, "torn") && at && count >= at) kill(getpid(), SIGKILL);
    return done;
}

ssize_t write(int file, const void *bytes, size_t size) { return put(file, bytes, size, -1); }
ssize_t pwrite(int file, const void *bytes, size_t size, off_t place) { return put(file, bytes, size, place); }
ssize_t pwrite64(int file, const void *bytes, size_t size, off_t place) { return put(file, bytes, size, place); }

static int flush(long number, int file)
{
    char path[PATH_MAX];
    int is_ours = named(file, path);
    if (is_ours && failed[0] && !strcmp(failed, path)) note("R\n");
    switch (is_ours ? meets('s') : 0) {
    case 1: strcpy(failed, path); return -1;
    case 3: return 0;
    }
    return syscall(number, file);
}

int fsync(int file) { return flush(SYS_fsync, file); }
int fdatasync(int file) { return flush(SYS_fdatasync, file); }

int unlink(const char *path)
{
    if (concerns(path) && meets('u') == 1) return -1;
    return syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

int rename(const char *from, const char *to)
{
    if (concerns(from) && meets('r') == 1) return -1;
    return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0L);
}

int link(const char *from, const char *to)
{
    if (concerns(from) && meets('r') == 1) return -1;
    return syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0L);
}

static int cut(int file, off_t size)
{
    char path[PATH_MAX];
    if (named(file, path) && meets('t') == 1) return -1;
    return syscall(SYS_ftruncate, file, size);
}

int ftruncate(int file, off_t size) { return cut(file, size); }
int ftruncate64(int file, off_t size) { return cut(file, size); }
