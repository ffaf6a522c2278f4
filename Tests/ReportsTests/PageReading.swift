import Foundation
import FoundationXML

/// A page as a strict reader takes it: elements, attributes, texts.
final class PageReading: NSObject, XMLParserDelegate {
    private(set) var elements: Set<String> = []
    private(set) var attributes: Set<String> = []
    private(set) var ids: [String] = []
    private(set) var links: [String] = []
    private(set) var text = ""
    private(set) var titles: [String] = []
    /// What went wrong; nil for a page that is well formed.
    private(set) var problem: String?
    /// Cells of each row of each table, with blanks between.
    private(set) var rows: [String] = []
    private var row = ""
    private var isStyle = false

    init(_ html: String) {
        super.init()
        let parser = XMLParser(data: Data(html.utf8))
        parser.delegate = self
        if !parser.parse() {
            problem =
                "line \(parser.lineNumber), column \(parser.columnNumber): \(parser.parserError.map { "\($0)" } ?? "?")"
        }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes values: [String: String]
    ) {
        elements.insert(name)
        attributes.formUnion(values.keys)
        if let id = values["id"] { ids.append(id) }
        if let link = values["href"] { links.append(link) }
        if name == "tr" { row = "" }
        isStyle = name == "style"
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        guard !isStyle else { return }
        text += string
        row += string
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if name == "tr" { rows.append(row) }
        if name == "td" || name == "th" { row += " | " }
        isStyle = false
    }
}
