import Foundation

/// What a program asks over the socket.
package struct ServiceQuestion: Codable, Sendable {
    package var request: Request
    package var context: RequestContext

    package init(_ request: Request, _ context: RequestContext) {
        self.request = request
        self.context = context
    }
}

/// What comes back: an answer, or why there is none.
package enum ServiceReply: Codable, Sendable {
    case answer(Answer)
    case error(ServiceError)
}

/// Questions and replies as bytes. Both programs of one version have the same types, so JSON made from them is enough;
/// the socket's greeting tells versions apart.
package enum ServiceMessage {
    package static func bytes(_ message: some Encodable) throws(ServiceError) -> [UInt8] {
        do { return [UInt8](try JSONEncoder().encode(message)) } catch {
            throw ServiceError(.badInput, "a message could not be written for the socket: \(error)")
        }
    }

    package static func question(_ bytes: [UInt8]) throws(ServiceError) -> ServiceQuestion { try read(bytes) }
    package static func reply(_ bytes: [UInt8]) throws(ServiceError) -> ServiceReply { try read(bytes) }

    private static func read<Message: Decodable>(_ bytes: [UInt8]) throws(ServiceError) -> Message {
        do { return try JSONDecoder().decode(Message.self, from: Data(bytes)) } catch {
            throw ServiceError(
                .badInput, "the other program of PumpLedger says something that this one does not understand",
                remedy: "Use the pumpledger that was installed with the daemon, or restart the daemon after an upgrade."
            )
        }
    }
}
