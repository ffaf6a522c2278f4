/// How a packet looks: sober, dark on white, for screen, Letter and A4.
enum PacketStyle {
    /// `running` stands at the foot of each printed page, so that a loose sheet says where it belongs.
    static func sheet(running: String) -> String { rules + printed(PageText.styled(running)) }

    private static let rules = """
        html { font: 15px/1.45 system-ui, -apple-system, "Segoe UI", "Liberation Sans", "Noto Sans", Arial, sans-serif; color: #1a1a1a; background: #ffffff; font-variant-numeric: tabular-nums lining-nums; }
        body { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; font-weight: 650; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-top: .5rem; border-top: 2px solid #1a1a1a; font-weight: 650; }
        h3 { font-size: 1rem; margin: 1.3rem 0 .4rem; font-weight: 650; }
        p { margin: .4rem 0; max-width: 50rem; overflow-wrap: anywhere; }
        a { color: #1d3f72; text-decoration: underline; text-decoration-thickness: .06em; text-underline-offset: .15em; }
        a:focus-visible { outline: 3px solid #e8b64c; outline-offset: 2px; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: .5rem; background: #ffffff; padding: .4rem; }
        .kicker { text-transform: uppercase; letter-spacing: .08em; font-size: .8rem; color: #4a4a4a; margin: 0 0 .3rem; }
        .simulated { border: 3px double #8c1d18; color: #8c1d18; font-weight: 700; padding: .5rem .8rem; margin: .8rem 0; max-width: none; }
        .facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13.5rem, 1fr)); gap: .5rem 1.5rem; margin: 1rem 0; padding: .7rem 0; border-top: 1px solid #bdbdbd; border-bottom: 1px solid #bdbdbd; }
        .facts div { min-width: 0; }
        .facts dt { font-size: .78rem; color: #4a4a4a; }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        nav { margin: 1.2rem 0 0; font-size: .9rem; }
        nav ol { columns: 2 20rem; margin: .3rem 0 0; padding-left: 1.5rem; }
        nav, nav li { break-inside: avoid; }
        table { border-collapse: collapse; width: 100%; margin: .7rem 0 1.2rem; font-size: .87rem; line-height: 1.35; }
        caption { text-align: left; font-weight: 600; padding: .2rem 0 .35rem; font-size: .95rem; }
        th, td { text-align: left; vertical-align: top; padding: .28rem .5rem .28rem 0; border-bottom: 1px solid #dcdcdc; overflow-wrap: anywhere; }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { font-size: .8rem; font-weight: 600; color: #3a3a3a; border-bottom: 1.5px solid #1a1a1a; vertical-align: bottom; overflow-wrap: normal; hyphens: manual; }
        tbody th { font-weight: 600; }
        .number { text-align: right; white-space: nowrap; padding-right: .9rem; }
        tbody + tbody { border-top: 1px solid #8a8a8a; }
        tr.detail td, tr.detail th { border-bottom-color: #dcdcdc; padding-top: 0; color: #3a3a3a; }
        tr.joined td, tr.joined th { border-bottom: 0; }
        tr.group th { background: #f1f3f6; padding: .35rem .5rem; }
        .wide { font-size: .79rem; }
        .wide code { font-size: .88em; }
        .summary td, .summary th { font-size: 1rem; padding-top: .45rem; padding-bottom: .45rem; }
        .summary thead th { font-size: .8rem; }
        .summary .detail td { font-size: .84rem; }
        code { font: .86em/1.35 ui-monospace, "Liberation Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
        .unbroken { white-space: nowrap; }
        .muted { color: #4a4a4a; }
        .blank { color: #4a4a4a; font-style: italic; border-bottom: 1px dotted #8a8a8a; }
        .outside { color: #4a4a4a; }
        ul.open { list-style: none; padding: 0; margin: .5rem 0 1rem; }
        ul.open li { padding: .35rem 0 .35rem 10.6rem; border-bottom: 1px solid #dcdcdc; position: relative; max-width: none; overflow-wrap: anywhere; break-inside: avoid; }
        .weight { position: absolute; left: 0; font-weight: 650; }
        .stops { color: #8c1d18; }
        .review { color: #6b4700; }
        .settled { font-weight: 650; color: #1f5130; }
        figure { margin: .8rem 0; }
        figcaption { font-size: .87rem; color: #3a3a3a; }
        svg.chart { width: 100%; height: auto; display: block; }
        svg.chart text { font-size: 9px; fill: #3a3a3a; }
        .legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; font-size: .84rem; margin-top: .3rem; }
        .key { display: inline-flex; align-items: center; gap: .35rem; }
        .key svg { width: 14px; height: 14px; }
        .rule { margin: .7rem 0; break-inside: avoid; }
        .rule h3 { margin: 0 0 .15rem; }
        .rule p { margin: .1rem 0; }
        :target { background: #fff4d6; }
        tr:target > * { background: #fff4d6; }

        """

    private static func printed(_ running: String) -> String {
        """
        @page { margin: 15mm 14mm 17mm; @bottom-left { content: "\(running)"; font: 7.5pt sans-serif; color: #3a3a3a; } @bottom-right { content: "page " counter(page) " of " counter(pages); font: 7.5pt sans-serif; color: #3a3a3a; } }
        @media print {
        html { font-size: 9.6pt; }
        body { max-width: none; margin: 0; padding: 0; }
        a { color: inherit; text-decoration-color: #8a8a8a; }
        .skip { display: none; }
        h1 { font-size: 17pt; }
        h2 { font-size: 12.5pt; break-after: avoid; margin-top: 16pt; }
        h3, caption { break-after: avoid; }
        thead { display: table-header-group; }
        tr, figure, .facts, .simulated { break-inside: avoid; }
        tbody.keep, table.short { break-inside: avoid; }
        p { orphans: 3; widows: 3; }
        svg.chart { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        tr.group th { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
        }
        """
    }
}
