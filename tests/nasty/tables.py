"""CSV and its relatives: what stands between cells, what quotes mean, how wide rows are, and headers that are traps."""

from __future__ import annotations

from tests.nasty.record import HEADER, Nasty, padded, padding, refused, table, written

DELIMITERS: tuple[Nasty, ...] = (
    padded("semicolons.csv", "good, really good;yes\n", [("good, really good", "yes")], delimiter=";"),
    padded("tabs.csv", 'a, b; c\t"d\n', [("a, b; c", '"d')], delimiter="\t"),
    padded("bars.csv", "a, b; c|d\n", [("a, b; c", "d")], delimiter="|"),
    padded("bars-in-a-text.txt", '"a|b, c"|d\n', [("a|b, c", "d")], delimiter="|"),
    padded("announced.csv", "a,b;c\n", [("a,b", "c")], header=("text", "label"), delimiter=";", mark=b"sep=;\r\n"),
    table(
        "announced-and-nothing-else.csv",
        "sep=|\ntext|label\n" + written(padding(), delimiter="|"),
        HEADER,
        padding(),
    ),
    padded(
        "inconsistent-delimiters.csv",
        "with a semicolon;good\nwith a tab\tgood\nright,good\n",
        [("right", "good")],
        "row-width",
        skipped=(1, 2),
    ),
    padded("decimal-commas.csv", "1,5;gut\n2,75;schlecht\n", [("1,5", "gut"), ("2,75", "schlecht")], delimiter=";"),
    refused("spaces-between.csv", "text label\n" + "a b c,d,e\n" * 20, "do not fit its header"),
    padded(
        "spaces-around-cells.csv",
        ' " quoted after a space" , good \n',
        [(' " quoted after a space" ', " good ")],
    ),
    table("carriage-returns.csv", written([HEADER, *padding()], lineterminator="\r"), HEADER, padding()),
    padded(
        "mixed-line-ends.csv",
        "unix,a\nold mac,b\rwindows,c\r\n\r\n\n\rafter empty lines,d\n",
        [("unix", "a"), ("old mac", "b"), ("windows", "c"), ("after empty lines", "d")],
    ),
    table("no-line-end-at-the-end.csv", written([HEADER, *padding()])[:-1], HEADER, padding()),
    table(
        "trailing-delimiters.csv",
        "text,label,\n" + "".join(f"{text},{label},\n" for text, label in padding()),
        ("text", "label", "column_3"),
        [(text, label, None) for text, label in padding()],
        "column-without-name",
    ),
)

QUOTES: tuple[Nasty, ...] = (
    refused("quote-never-closed.csv", 'text,label\n"open,a\n' + "more,b\n" * 30, "line 2 and is never closed"),
    refused("quote-closed-by-nothing-at-the-end.csv", "text,label\n" + "more,b\n" * 30 + '"open,a', "line 32"),
    padded("doubled-quotes.csv", '"she said ""no"", twice",a\n"""",b\n', [('she said "no", twice', "a"), ('"', "b")]),
    padded("backslash-quotes.csv", r'"she said \"no\", twice",a' + "\n", [('she said "no", twice', "a")]),
    padded("backslashes-that-mean-nothing.csv", r"C:\new\table,a" + "\n", [(r"C:\new\table", "a")]),
    padded("quotes-inside-a-cell.csv", 'a 5" disc and a 3" one,a\nrock "n" roll,b\n',
           [('a 5" disc and a 3" one', "a"), ('rock "n" roll', "b")]),
    padded("text-after-a-closing-quote.csv", '"half" quoted,a\n', [("half quoted", "a")], "odd-quotes"),
    refused("text-after-the-closing-quote-in-each-row.csv", 'text\n"a, b; c | d"e, f;g."\n', "fits its header"),
    padded("line-ends-in-cells.csv", '"one\ntwo\r\nthree\rfour",a\n"\n",b\n',
           [("one\ntwo\r\nthree\rfour", "a"), ("\n", "b")]),
    padded("delimiters-in-cells.csv", '"a,b;c\td|e",x\n', [("a,b;c\td|e", "x")]),
    padded("single-quotes.csv", "'tis fine,a\n'quoted',b\n", [("'tis fine", "a"), ("'quoted'", "b")]),
    padded("curly-quotes.csv", "“one, two”,a,\n“three”,b\n", [("“three”", "b")], "row-width", skipped=(1,)),
    padded("empty-quotes.csv", '"",a\n" ",b\n', [(None, "a"), (" ", "b")]),
    padded("quotes-in-tabs.tsv", 'the 5" disc\t"a\n"b\tc"d\n', [('the 5" disc', '"a'), ('"b', 'c"d')], delimiter="\t"),
    table(
        "all-quoted.csv",
        written([HEADER, *padding()], quoting=1),
        HEADER,
        padding(),
    ),
    table(
        "one-column-of-prose.csv",
        "text\n" + '"Good, bad; ugly | really."\n' * 30,
        ["text"],
        [("Good, bad; ugly | really.",)] * 30,
    ),
)  # fmt: skip

WIDTHS: tuple[Nasty, ...] = (
    padded("short-rows.csv", "alone\na,b\nalone again\n", [("a", "b")], "row-width", skipped=(1, 3)),
    padded("long-rows.csv", "a,b,c\na,b,\nfine,x\n", [("fine", "x")], "row-width", skipped=(1, 2)),
    padded("one-very-long-row.csv", "a," * 50_000 + "\n", [], "row-width", skipped=(1,)),
    padded("empty-lines-between.csv", "\n\na,b\n\n\n\nc,d\n\n", [("a", "b"), ("c", "d")]),
    padded("lines-of-spaces.csv", "   \na,b\n", [("a", "b")], "row-width", skipped=(1,)),
    padded("lines-of-delimiters.csv", ",\n,\na,b\n", [(None, None), (None, None), ("a", "b")]),
    padded("empty-labels.csv", "a,\nb,\n,c\n", [("a", None), ("b", None), (None, "c")]),
    refused("most-rows-misfit.csv", "text,label\n" + "one, two, three,a\n" * 20, "do not fit its header"),
    table(
        "total-at-the-end.csv",
        written([HEADER, *padding()]) + "\nTotal: 24 rows\n",
        HEADER,
        padding(),
        "row-width",
        skipped=(25,),
    ),
)

HEADERS: tuple[Nasty, ...] = (
    table(
        "no-header.csv",
        "This is a whole sentence of words that goes on,odd\n" + written(padding()),
        ["This is a whole sentence of words that goes on", "odd"],
        padding(),
        "no-header",
    ),
    table(
        "same-name-twice.csv",
        "text,label,text,text_2\n" + written(padding(4)),
        ["text", "label", "text_3", "text_2"],
        padding(4),
        "duplicate-column",
    ),
    table(
        "no-names.csv",
        ",,\n" + written(padding(3)),
        ["column_1", "column_2", "column_3"],
        padding(3),
        "column-without-name",
    ),
    table(
        "names-of-spaces.csv",
        " text , label,   \n" + written(padding(3)),
        ["text", "label", "column_3"],
        padding(3),
        "column-without-name",
    ),
    refused("header-only.csv", "text,label\n", "holds a header and no rows"),
    refused("header-and-empty-lines.csv", "text,label\n\n\r\n\n", "holds a header and no rows"),
    table(
        "a-hundred-thousand-empty-lines-above.csv", "\n" * 100_000 + written([HEADER, *padding()]), HEADER, padding()
    ),
    table("empty-lines-above.csv", "\n\r\n\n" + written([HEADER, *padding()]), HEADER, padding()),
    table(
        "numbers-for-names.csv",
        "0,1\n" + written(padding()),
        ["0", "1"],
        padding(),
    ),
    table(
        "header-comes-back.csv",
        (written([HEADER, *padding()[:12]]) + written([HEADER, *padding()[12:]])),
        HEADER,
        [*padding()[:12], HEADER, *padding()[12:]],
    ),
    table(
        "names-in-quotes-over-lines.csv",
        '"the\ntext","la,bel"\n' + written(padding()),
        ["the\ntext", "la,bel"],
        padding(),
    ),
    table(
        "name-of-a-kilobyte.csv",
        "n" * 1000 + ",label\n" + written(padding()),
        ["n" * 1000, "label"],
        padding(),
        "no-header",
    ),
    refused("comment-above.csv", "# made by a program\ntext,label\n" + written(padding()), "do not fit its header"),
)

TABLES = (*DELIMITERS, *QUOTES, *WIDTHS, *HEADERS)
