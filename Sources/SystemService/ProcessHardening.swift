import Glibc

/// What the process holds in memory is about patients: no core file of it, and no file that others may read.
package func hardenProcess() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    umask(0o077)
}

/// What the runtime prints of a crash shows registers and the memory that they point to, and that is about patients. The
/// runtime asks its environment only when the process starts, so a process that was started without an answer starts
/// itself again, as the same process. Call it first; whoever sets `SWIFT_BACKTRACE` wants to see what it shows.
package func quietenCrashes() {
    guard unsafe getenv("SWIFT_BACKTRACE") == nil, let path = unsafe realpath("/proc/self/exe", nil) else { return }
    unsafe setenv("SWIFT_BACKTRACE", "enable=no", 1)
    // Where this returns, a crash is loud and everything else is as it should be.
    unsafe execv(path, CommandLine.unsafeArgv)
    unsafe free(path)
}
