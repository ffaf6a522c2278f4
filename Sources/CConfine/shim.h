// What Swift cannot call: prctl is variadic, and a seccomp filter is made of macros.
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <spawn.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

// glibc 2.34 and later; Swift's own view of <spawn.h> leaves it out.
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

// Present where the program was built with a sanitizer, whose runtime needs more of the system than a filter leaves it.
extern void __asan_init(void) __attribute__((weak));
extern void __tsan_init(void) __attribute__((weak));

static inline int confine_is_sanitized(void) { return __asan_init || __tsan_init; }

/// From here on no program that is started gains rights. 0, or an errno.
static inline int confine_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

#if defined(__x86_64__)
#define CONFINE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define CONFINE_ARCH AUDIT_ARCH_AARCH64
#endif

#define CONFINE_ALLOW(name)                                                                                            \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
// Memory, but none that can be run: the third argument says what it may be used for (4 is PROT_EXEC).
#define CONFINE_ALLOW_UNLESS_EXECUTABLE(name)                                                                          \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##name, 0, 4),                                                             \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),                                    \
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 4, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),            \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/// Leaves the process reading and writing what is open, memory, and its own end; anything else kills it. 0, or an errno.
static inline int confine_to_conversation(void) {
#ifdef CONFINE_ARCH
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CONFINE_ARCH, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        CONFINE_ALLOW(read),
        CONFINE_ALLOW(write),
        CONFINE_ALLOW(futex),
        CONFINE_ALLOW(brk),
        CONFINE_ALLOW(munmap),
        CONFINE_ALLOW(mremap),
        CONFINE_ALLOW(madvise),
        CONFINE_ALLOW(getrandom),
        CONFINE_ALLOW(clock_gettime),
        CONFINE_ALLOW(sched_yield),
        CONFINE_ALLOW(restart_syscall),
        CONFINE_ALLOW(rt_sigreturn),
        // What abort() does.
        CONFINE_ALLOW(rt_sigprocmask),
        CONFINE_ALLOW(getpid),
        CONFINE_ALLOW(gettid),
        CONFINE_ALLOW(tgkill),
        CONFINE_ALLOW(exit),
        CONFINE_ALLOW(exit_group),
        CONFINE_ALLOW_UNLESS_EXECUTABLE(mmap),
        CONFINE_ALLOW_UNLESS_EXECUTABLE(mprotect),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ? 0 : errno;
#else
    return ENOSYS;
#endif
}

/// What lists of processes show, in fifteen characters.
static inline void confine_name(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
