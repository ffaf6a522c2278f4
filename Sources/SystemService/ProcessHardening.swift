import Glibc

/// What the process holds in memory is about patients: no core file of it, and no file that others may read.
package func hardenProcess() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    umask(0o077)
}
