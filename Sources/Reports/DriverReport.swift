import PumpCore
package import PumpDrivers

/// The driver table as people and machines read it: `drivers`, `drivers udev`, `drivers hwdb` and the README's table.
package struct DriverReport: Sendable {
    private let drivers: [PumpDriver]

    package init(_ drivers: [PumpDriver]) { self.drivers = drivers }

    package var sheet: Sheet {
        Sheet(
            heading: ["Pumps that this build can read. No driver ever sends a command outside its list."],
            columns: [
                .init("driver"), .init("maker"), .init("models"), .init("link"), .init("integrity"), .init("evidence"),
            ],
            rows: drivers.map { driver in
                [
                    .text(driver.name), .text(driver.maker), .text(driver.models.joined(separator: " ")),
                    .text(Self.link(driver)), .text(driver.integrity), .text(driver.stability.rawValue),
                ]
            },
            footing: drivers.flatMap { driver in
                driver.tells.map { "\(driver.name) tells: \($0)" }
                    + driver.cannotTell.map { "\(driver.name) cannot tell: \($0)" }
            })
    }

    package var json: JSONValue {
        .array(
            drivers.map { driver in
                .object([
                    .init("name", .string(driver.name)),
                    .init("maker", .string(driver.maker)),
                    .init("family", .string(driver.family)),
                    .init("models", .strings(driver.models)),
                    .init("evidence", .string(driver.stability.rawValue)),
                    .init(
                        "usb",
                        .array(
                            driver.usb.map {
                                .object([
                                    .init("vendor", .string(Self.hex4($0.vendor))),
                                    .init("product", .string(Self.hex4($0.product))), .init("what", .string($0.what)),
                                ])
                            })),
                    .init(
                        "serial",
                        driver.serial.map {
                            .object([.init("baud", .integer($0.baud)), .init("framing", .string($0.framing))])
                        } ?? .null),
                    .init("integrity", .string(driver.integrity)),
                    .init("confirmingRead", .bool(driver.needsConfirmingRead)),
                    .init(
                        "allowedCommands",
                        .array(
                            driver.allowedCommands.map {
                                .object([.init("code", .string($0.code)), .init("meaning", .string($0.meaning))])
                            })),
                    .init("tells", .strings(driver.tells)),
                    .init("cannotTell", .strings(driver.cannotTell)),
                    .init("decoderVersion", .integer(driver.decoderVersion)),
                ])
            })
    }

    /// Markdown rows for the README.
    package var markdown: String {
        var out = "| driver | maker and models | link | evidence |\n| --- | --- | --- | --- |\n"
        for driver in drivers {
            out +=
                "| `\(driver.name)` | \(driver.maker) \(driver.models.joined(separator: ", ")) | \(Self.link(driver))"
            out += " | \(driver.stability.rawValue) |\n"
        }
        return out
    }

    /// The udev rules: access for the service's group only, and nobody else's program on the port.
    package var udevRules: String {
        var out = """
            # Printed by `pumpledger drivers udev` from the driver table. Do not edit: a test compares.
            # Sorted after 60-serial.rules (names) and before 73-seat-late.rules; no uaccess tag on purpose.
            ACTION=="remove", GOTO="pumpledger_end"
            SUBSYSTEM!="usb|tty", GOTO="pumpledger_end"

            """
        for driver in drivers where !driver.usb.isEmpty || driver.usbInterfaceClass != nil {
            out += "\n# \(driver.maker) \(driver.family) (\(driver.name))\n"
            if let interfaceClass = driver.usbInterfaceClass {
                let code = [interfaceClass].hex
                out += "# any device with an interface of class \(code)\n"
                // usb_id, of udev's own rules, has listed the interfaces by now: `:0f0000:`.
                out += "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ENV{ID_USB_INTERFACES}==\"*:\(code)*\", "
                out += "TEST==\"power/control\", ATTR{power/control}=\"on\"\n"
                out += "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ENV{ID_USB_INTERFACES}==\"*:\(code)*\", \\\n"
                out += Self.ownDevice(driver)
            }
            for id in driver.usb {
                let usb = "ATTR{idVendor}==\"\(Self.hex4(id.vendor))\", ATTR{idProduct}==\"\(Self.hex4(id.product))\""
                let tty = "ATTRS{idVendor}==\"\(Self.hex4(id.vendor))\", ATTRS{idProduct}==\"\(Self.hex4(id.product))\""
                out += "# \(id.what)\n"
                out += "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", \(usb), \\\n"
                out += Self.ownDevice(driver)
                out += "SUBSYSTEM==\"tty\", \(tty), \\\n"
                out += "  MODE=\"0660\", GROUP=\"pumpledger\", ENV{ID_MM_PORT_IGNORE}=\"1\", "
                out += "ENV{PUMPLEDGER_DRIVER}=\"\(driver.name)\"\n"
            }
        }
        return out + "\nLABEL=\"pumpledger_end\"\n"
    }

    /// The hwdb: power saving off for these devices alone.
    package var hwdb: String {
        var out = """
            # Printed by `pumpledger drivers hwdb` from the driver table. Do not edit: a test compares.
            # A pump's adapter that the kernel suspends misses bytes; the switch is for these devices only.

            """
        for driver in drivers {
            for id in driver.usb {
                out +=
                    "\n# \(id.what)\nusb:v\(Self.hex4(id.vendor).uppercased())p\(Self.hex4(id.product).uppercased())*\n"
                out += " ID_AUTOSUSPEND=0\n"
            }
        }
        return out
    }

    private static func link(_ driver: PumpDriver) -> String {
        var parts: [String] = driver.usb.map { hex4($0.vendor) + ":" + hex4($0.product) }
        if let code = driver.usbInterfaceClass { parts.append("USB class " + [code].hex) }
        if let serial = driver.serial { parts.append("serial \(serial.baud) \(serial.framing)") }
        // Without ids and settings of its own, the port is named by a person.
        return parts.isEmpty ? (driver.makeSession == nil ? "file" : "tcp, serial") : parts.joined(separator: ", ")
    }

    /// What is set on the USB device of a pump: its group alone may open it, and nobody else's program probes it.
    private static func ownDevice(_ driver: PumpDriver) -> String {
        "  MODE=\"0660\", GROUP=\"pumpledger\", ENV{ID_MM_DEVICE_IGNORE}=\"1\", "
            + "ENV{ID_MTP_DEVICE_IGNORE}=\"1\", ENV{MTP_NO_PROBE}=\"1\", "
            + "ENV{PUMPLEDGER_DRIVER}=\"\(driver.name)\"\n"
    }

    private static func hex4(_ number: UInt16) -> String {
        [UInt8(number >> 8), UInt8(number & 0xFF)].hex
    }
}
