import Glibc

/// Owns a descriptor and closes it when the last holder lets go of it: a dispatch source, which must not outlive its
/// descriptor, holds one too.
package final class Descriptor: Sendable {
    package let number: Int32

    package init(owning number: Int32) { self.number = number }

    deinit { _ = Glibc.close(number) }
}
