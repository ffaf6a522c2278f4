import Dispatch
import Foundation
import LedgerService
import PumpCore
import Reports
import Synchronization

/// The terminal as a picture that is drawn anew in its place. It is given back as it was, whatever ends the view.
final class LiveScreen: Sendable {
    private struct State {
        var report: StatusReport?
        var drawn = ""
    }

    private let before: termios
    private let state = Mutex(State())
    private let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false

    /// Nil where the program does not talk to a terminal.
    init?() {
        var settings = termios()
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else {
            return nil
        }
        before = settings
    }

    /// Shows the daemon's status until `q`, Ctrl-C, a signal, or the daemon's end.
    func show(_ daemon: DaemonDoor, _ context: RequestContext) async throws {
        enter()
        defer { leave() }
        let (wishes, wish) = AsyncStream.makeStream(of: Void.self)
        let events = TerminalEvents(quit: { wish.yield() }, resized: { [weak self] in self?.draw() })
        defer { events.cancel() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await daemon.watch(context) { self.take($0) } }
            group.addTask { for await _ in wishes { return } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func take(_ status: StatusAnswer) {
        state.withLock { $0.report = StatusReport(status) }
        draw()
    }

    private func draw() {
        state.withLock { state in
            guard let report = state.report else { return }
            var size = winsize()
            if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) != 0 || size.ws_col == 0 {
                (size.ws_col, size.ws_row) = (80, 24)
            }
            let lines = StatusScreen(report).lines(width: Int(size.ws_col), height: Int(size.ws_row))
            let picture = "\u{1B}[H" + lines.map { paint($0) + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J"
            guard picture != state.drawn else { return }
            state.drawn = picture
            Terminal.print(picture)
        }
    }

    private func paint(_ line: StatusScreen.Line) -> String {
        guard !isPlain, let mood = line.mood else { return line.text }
        let code =
            switch mood {
            case .quiet: "1"
            case .waiting: "1;33"
            case .good: "1;32"
            case .bad: "1;31"
            }
        return "\u{1B}[\(code)m" + line.text + "\u{1B}[0m"
    }

    /// Keys come one by one and unseen, Ctrl-C among them; the picture has a page of its own.
    private func enter() {
        var settings = before
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        Terminal.print("\u{1B}[?1049h\u{1B}[?25l\u{1B}[H\u{1B}[J")
    }

    private func leave() {
        Terminal.print("\u{1B}[?25h\u{1B}[?1049l")
        var settings = before
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }
}

/// Keys and signals, for as long as the screen is shown. Dispatch sources may be cancelled from any thread; their type
/// does not say so on Linux.
private final class TerminalEvents: @unchecked Sendable {
    private let sources: [any DispatchSourceProtocol]

    init(quit: @escaping @Sendable () -> Void, resized: @escaping @Sendable () -> Void) {
        let queue = DispatchQueue(label: "pumpledger.keys")
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler { @Sendable in
            var buffer = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            // Ctrl-C, Ctrl-D, and a terminal that has gone.
            let ends: [UInt8] = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4]
            if count <= 0 || buffer.prefix(count).contains(where: ends.contains) { quit() }
        }
        var sources: [any DispatchSourceProtocol] = [keys]
        for (number, act) in [(SIGINT, quit), (SIGTERM, quit), (SIGHUP, quit), (SIGWINCH, resized)] {
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { @Sendable in act() }
            sources.append(source)
        }
        self.sources = sources
        keys.activate()
        for source in sources.dropFirst() { source.resume() }
    }

    func cancel() {
        for source in sources { source.cancel() }
    }
}
