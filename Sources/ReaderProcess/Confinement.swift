import CConfine
import Glibc
import PumpLinks

/// What a reader may use, in bytes and seconds.
enum ReaderLimits {
    /// Beyond what the program itself takes when it starts. A whole log is some hundred kilobytes.
    static let memory: rlim_t = 64 << 20
    /// Of a processor, for a whole session: one of a year's log takes less than one. It ends a reader that hangs when nobody
    /// is left to end it.
    static let processorSeconds: rlim_t = 60
}

/// Takes from this process everything that reading a pump's bytes does not need. Whatever the bytes make of the process
/// after that, it can read and write its socket, take some memory and end.
func confineReader() throws(SystemCallFailure) {
    // A sanitizer's runtime lives beside the program and needs more than the program.
    let isSanitized = confine_is_sanitized() != 0
    let taken = try addressSpace()
    try limit(RLIMIT_CORE, to: 0)
    try limit(RLIMIT_CPU, to: ReaderLimits.processorSeconds)
    try limit(RLIMIT_FSIZE, to: 0)
    try limit(RLIMIT_NOFILE, to: rlim_t(ReaderChild.descriptor + 1))
    if !isSanitized { try limit(RLIMIT_AS, to: taken + ReaderLimits.memory) }
    try succeed("prctl(PR_SET_NO_NEW_PRIVS)", confine_no_new_privileges())
    if !isSanitized { try succeed("prctl(PR_SET_SECCOMP)", confine_to_conversation()) }
}

private func limit(_ what: __rlimit_resource, to most: rlim_t) throws(SystemCallFailure) {
    var limit = rlimit(rlim_cur: most, rlim_max: most)
    try systemCall("setrlimit") { unsafe setrlimit(__rlimit_resource_t(what.rawValue), &limit) }
}

private func succeed(_ call: String, _ code: Int32) throws(SystemCallFailure) {
    guard code == 0 else { throw SystemCallFailure(call: call, code: code) }
}

/// Bytes of address space that this process takes: the first number of `statm`, in pages.
private func addressSpace() throws(SystemCallFailure) -> rlim_t {
    let file = try systemCall("open") { unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC) }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 128)
    let count = try systemCall("read") { unsafe read(file, &text, text.count) }
    let digits = text.prefix(count).prefix { (48...57).contains($0) }
    guard let pages = rlim_t(String(decoding: digits, as: UTF8.self)),
        let page = rlim_t(exactly: sysconf(Int32(_SC_PAGESIZE)))
    else { throw SystemCallFailure(call: "read /proc/self/statm", code: EINVAL) }
    return pages * page
}
