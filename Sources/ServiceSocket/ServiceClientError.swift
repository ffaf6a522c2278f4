package import PumpLinks

/// Why the daemon gave no answer. Each says where, and what to do.
package enum ServiceClientError: Error, Hashable, Sendable {
    case unusablePath(path: String, UnixAddress.Unusable)
    /// Nobody is there; `leftOver` when a socket is, but no process behind it.
    case noDaemon(path: String, leftOver: Bool)
    /// `open`: to whom the socket, or the folder on the way to it, is open.
    case denied(path: String, open: Admitted)
    /// It is there, and says nothing.
    case silent(path: String, after: Duration)
    case notThisDaemon(path: String)
    case wrongVersion(daemon: UInt16, program: UInt16)
    /// Found before anything was sent.
    case requestTooLarge(bytes: Int, limit: Int)
    case refused(Refusal)
    /// The daemon went away before the answer was complete.
    case brokenOff(path: String)
    /// One answer was asked for, and many come.
    case answerIsStream
    case cancelled
    case failed(path: String, SystemCallFailure)

    package enum Admitted: Hashable, Sendable {
        case group(String)
        case user(String)
        case unknown
    }
}

extension ServiceClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unusablePath(let path, let why): why.sentence(path)
        case .noDaemon(let path, leftOver: false):
            "no daemon at \(path). Start it (sudo systemctl start pumpledgerd), or give its --socket"
        case .noDaemon(let path, leftOver: true):
            "no daemon at \(path): a socket is there, but the process that made it is gone. "
                + "Start the daemon (sudo systemctl start pumpledgerd)"
        case .denied(let path, .group(let group)):
            "no permission to use \(path): it is for the group \(group). "
                + "Become a member (sudo usermod -aG \(group) $USER), then log in again"
        case .denied(let path, .user(let user)):
            "no permission to use \(path): it is for the user \(user) alone. "
                + "Run as that user, or set socketGroup for the daemon"
        case .denied(let path, .unknown):
            "no permission to use \(path). Ask whoever looks after this machine which group may use it"
        case .silent(let path, let after):
            "the daemon at \(path) did not answer within \(after.inWords). "
                + "Look at it (systemctl status pumpledgerd), and try again"
        case .notThisDaemon(let path): "what answers at \(path) is not pumpledgerd. Give the daemon's --socket"
        case .wrongVersion(let daemon, let program):
            "the daemon speaks version \(daemon) of the protocol and this program version \(program). "
                + (daemon < program
                    ? "Restart the daemon after the upgrade (sudo systemctl restart pumpledgerd)"
                    : "Use the pumpledger that was installed with the daemon")
        case .requestTooLarge(let bytes, let limit):
            "the request has \(bytes) bytes, and the daemon takes at most \(limit). Send it in smaller parts"
        case .refused(let refusal): "the daemon refused: \(refusal.sentence)" + remedy(refusal.reason)
        case .brokenOff(let path):
            "the daemon at \(path) went away before its answer was complete. "
                + "Look at it (systemctl status pumpledgerd), and try again"
        case .answerIsStream: "the daemon answers this request with a stream; read it as one"
        case .cancelled: "cancelled"
        case .failed(let path, let failure): "cannot talk to the daemon at \(path): \(failure)"
        }
    }

    private func remedy(_ reason: Refusal.Reason) -> String {
        switch reason {
        case .busy, .tooSlow, .stopping: ". Try again in a moment"
        case .requestTooLarge: ". Send it in smaller parts"
        case .answerTooLarge: ". Ask for a shorter period"
        case .wrongVersion: ". Use the pumpledger that was installed with the daemon"
        case .badProtocol, .other: ""
        }
    }
}
