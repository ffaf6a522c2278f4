import Glibc

/// How a serial port is set before its first byte: raw, eight bits, no flow control.
///
/// DTR and RTS: Linux raises both when a port is opened, and this code never moves them after that. HUPCL is cleared, so
/// that closing the port does not drop them either: to some devices that is a reset.
enum TerminalSettings {
    static let speeds: [Int: speed_t] = [
        1200: speed_t(B1200), 2400: speed_t(B2400), 4800: speed_t(B4800), 9600: speed_t(B9600),
        19_200: speed_t(B19200), 38_400: speed_t(B38400), 57_600: speed_t(B57600), 115_200: speed_t(B115200),
    ]

    static func makeRaw(_ descriptor: Int32, baud: Int, parity: SerialSettings.Parity) throws(SystemCallFailure) {
        var settings = termios()
        try systemCall("tcgetattr") { tcgetattr(descriptor, &settings) }
        cfmakeraw(&settings)
        let cleared = HUPCL | Int32(bitPattern: UInt32(CRTSCTS)) | CSIZE | CSTOPB | PARENB | PARODD
        settings.c_cflag &= ~tcflag_t(bitPattern: cleared)
        settings.c_cflag |= tcflag_t(CLOCAL | CREAD)
        switch parity {
        case .none: settings.c_cflag |= tcflag_t(CS8)
        case .even: settings.c_cflag |= tcflag_t(CS7 | PARENB)
        }
        settings.c_iflag &= ~tcflag_t(IXOFF | IXANY)
        withUnsafeMutableBytes(of: &settings.c_cc) { characters in
            characters[Int(VMIN)] = 1
            characters[Int(VTIME)] = 0
        }
        guard let speed = speeds[baud] else { throw SystemCallFailure(call: "cfsetspeed \(baud)", code: EINVAL) }
        try systemCall("cfsetspeed") { cfsetspeed(&settings, speed) }
        try systemCall("tcsetattr") { tcsetattr(descriptor, TCSANOW, &settings) }
        // tcsetattr succeeds when it could do any part of it.
        var now = termios()
        try systemCall("tcgetattr") { tcgetattr(descriptor, &now) }
        guard now.c_lflag & tcflag_t(ICANON | ECHO) == 0, cfgetospeed(&now) == speed else {
            throw SystemCallFailure(call: "tcsetattr", code: EINVAL)
        }
        // What came in before the line was raw may have been echoed or cut.
        try systemCall("tcflush") { tcflush(descriptor, TCIOFLUSH) }
    }
}
