"""Tokens with their tags, one a line: told from other text by content, read into lists, wrong lines named."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.preview import preview
from core.data.tables import LoadedTable, open_table
from core.errors import DataError

CONLL_2003 = """-DOCSTART- -X- -X- O

EU NNP B-NP B-ORG
rejects VBZ B-VP O
German JJ B-NP B-MISC
call NN I-NP O
. . O O

Peter NNP B-NP B-PER
Blackburn NNP I-NP I-PER

"""

CONLL_U = """# newdoc id = one
# sent_id = 1
# text = Vamos al mar
1\tVamos\tir\tVERB\t_\tNumber=Plur\t0\troot\t_\t_
2-3\tal\t_\t_\t_\t_\t_\t_\t_\t_
2\ta\ta\tADP\t_\t_\t4\tcase\t_\t_
3\tel\tel\tDET\t_\t_\t4\tdet\t_\t_
4\tmar\tmar\tNOUN\t_\t_\t1\tobl\t_\tSpaceAfter=No
4.1\tx\tx\tX\t_\t_\t_\t_\t_\t_

# sent_id = 2
1\tSí\tsí\tINTJ\t_\t_\t0\troot\t_\t_
"""


def read(path: Path, content: str, encoding: str = "utf-8") -> LoadedTable:
    path.write_bytes(content.encode(encoding))
    return open_table(str(path))


def two_fields(between: str, sentences: int = 3) -> str:
    sentence = [("Anna", "B-PER"), ("lives", "O"), ("in", "O"), ("New", "B-LOC"), ("York", "I-LOC"), (".", "O")]
    return "\n".join("".join(f"{token}{between}{tag}\n" for token, tag in sentence) for _ in range(sentences))


@pytest.mark.parametrize("name", ["a.conll", "a.iob2", "a.bio", "a.txt", "a.tsv", "a"])
@pytest.mark.parametrize("between", [" ", "\t"])
def test_tokens_and_tags_are_lists(tmp_path: Path, name: str, between: str) -> None:
    loaded = read(tmp_path / name, two_fields(between))
    assert loaded.meta.format == "conll"
    assert [str(kind) for kind in loaded.table.schema.types] == ["list<item: string>"] * 2
    assert (
        loaded.table.to_pylist()
        == [
            {
                "tokens": ["Anna", "lives", "in", "New", "York", "."],
                "tags": ["B-PER", "O", "O", "B-LOC", "I-LOC", "O"],
            }
        ]
        * 3
    )
    (finding,) = loaded.meta.findings
    assert (finding.code, finding.severity, finding.count) == ("conll-rows", "info", 3)
    assert "3 sentences" in finding.title


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_further_columns_and_document_marks(tmp_path: Path, line_end: str) -> None:
    loaded = read(tmp_path / "eng.train.txt", CONLL_2003.replace("\n", line_end))
    assert loaded.table.to_pylist() == [
        {
            "tokens": ["EU", "rejects", "German", "call", "."],
            "column_2": ["NNP", "VBZ", "JJ", "NN", "."],
            "column_3": ["B-NP", "B-VP", "B-NP", "I-NP", "O"],
            "tags": ["B-ORG", "O", "B-MISC", "O", "O"],
        },
        {
            "tokens": ["Peter", "Blackburn"],
            "column_2": ["NNP", "NNP"],
            "column_3": ["B-NP", "I-NP"],
            "tags": ["B-PER", "I-PER"],
        },
    ]
    assert "column_2, column_3" in loaded.meta.findings[0].meaning


@pytest.mark.parametrize("name", ["es.conllu", "es.txt"])
def test_conll_u_has_its_own_columns(tmp_path: Path, name: str) -> None:
    loaded = read(tmp_path / name, (CONLL_U + "\n") * 8)
    assert loaded.meta.format == "conll" and loaded.meta.rows == 16
    assert loaded.table.slice(0, 2).select(["tokens", "lemma", "tags", "misc"]).to_pylist() == [
        {
            "tokens": ["Vamos", "a", "el", "mar"],
            "lemma": ["ir", "a", "el", "mar"],
            "tags": ["VERB", "ADP", "DET", "NOUN"],
            "misc": ["_", "_", "_", "SpaceAfter=No"],
        },
        {"tokens": ["Sí"], "lemma": ["sí"], "tags": ["INTJ"], "misc": ["_"]},
    ]


def test_a_counter_before_the_tokens_is_left_out(tmp_path: Path) -> None:
    sentence = "# http://example.org [2009]\n1\tIn\tO\tO\n2\tBremen\tB-LOC\tO\n3\tja\tO\tO\n\n"
    loaded = read(tmp_path / "germeval.tsv", sentence * 3)
    assert (
        loaded.table.to_pylist()
        == [{"tokens": ["In", "Bremen", "ja"], "column_3": ["O", "B-LOC", "O"], "tags": ["O", "O", "O"]}] * 3
    )


def test_a_number_sign_may_be_a_token(tmp_path: Path) -> None:
    text = "# id 7\n# O\nCES B-EVENT\n! O\n\n#GoodNight O\nall O\n\n# domain=x words\nyes O\nno O\n"
    for name in ("wnut.txt", "wnut.conll"):
        tokens = read(tmp_path / name, text).table.column("tokens").to_pylist()
        assert tokens == [["#", "CES", "!"], ["#GoodNight", "all"], ["yes", "no"]]


def test_other_spaces_belong_to_the_token(tmp_path: Path) -> None:
    loaded = read(tmp_path / "a.conll", "1\u00a0000 B-NUM\nNew York\tB-LOC\n\nx O\n".replace("New York\t", "New_York "))
    assert loaded.table.column("tokens").to_pylist() == [["1\u00a0000", "New_York"], ["x"]]
    loaded = read(tmp_path / "b.conll", "New York\tB-LOC\nis\tO\n\t\n \nx\tO\n")
    assert loaded.table.column("tokens").to_pylist() == [["New York", "is"], ["x"]]


def test_plain_tags_that_return_are_seen_too(tmp_path: Path) -> None:
    words = [f"word{number} {'NOUN' if number % 3 else 'VERB'}" for number in range(40)]
    content = "\n\n".join("\n".join(words[start : start + 8]) for start in range(0, 40, 8))
    loaded = read(tmp_path / "tagged.txt", content)
    assert loaded.meta.format == "conll" and loaded.meta.rows == 5


@pytest.mark.parametrize(
    "content",
    [
        "Hello there\nDear friend\n\nGood night\nSleep well\n\n" * 20,
        "First paragraph of it.\n\nSecond one.\n\nThird, which\ngoes on.\n",
        "Name: Anna\nAge: 7\n\nName: Bert\nAge: 8\n\n",
        "2019 10\n2020 12\n\n2021 14\n2022 15\n\n" * 10,
    ],
)
def test_other_text_is_not_taken_for_it(tmp_path: Path, content: str) -> None:
    assert read(tmp_path / "some.txt", content).meta.format == "text"


def test_tables_are_not_taken_for_it(tmp_path: Path) -> None:
    assert read(tmp_path / "t.csv", two_fields("\t")).meta.format == "tsv", "what is called .csv is read as such"
    assert read(tmp_path / "t.tsv", "text\tlabel\n" + "a good film\tpos\nbad\tneg\n" * 20).meta.format == "tsv"
    assert read(tmp_path / "u.tsv", "word\tkind\n" + "film\tO\n\nbook\tO\n" * 20).meta.format == "conll"


def test_a_line_that_does_not_fit_is_named(tmp_path: Path) -> None:
    good = two_fields("\t", sentences=1000)
    with pytest.raises(DataError, match=r"^Line 7,001 of a\.conll does not have 2 fields") as one:
        read(tmp_path / "a.conll", good + "\nlonely\n" + good)
    assert "Correct or remove that line" in one.value.advice
    with pytest.raises(DataError, match=r"^3 lines of a\.conll do not have 2 fields") as several:
        read(tmp_path / "a.conll", good + "\nlonely\n" + good + "\na\tb\tO\nfine\tO\nalone\n")
    assert "lines 7,001, 14,002, 14,004." in several.value.advice


def test_a_file_that_is_only_called_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not written like a CoNLL file") as caught:
        read(tmp_path / "a.conll", "just\nwords\n\nof\nprose\n")
    assert "B-LOC" in caught.value.advice


def test_one_sentence_without_an_end(tmp_path: Path) -> None:
    loaded = read(tmp_path / "a.iob", "Anna B-PER\nlives O")
    assert loaded.table.to_pylist() == [{"tokens": ["Anna", "lives"], "tags": ["B-PER", "O"]}]
    assert "empty line" in loaded.meta.findings[0].fix


def test_other_encodings(tmp_path: Path) -> None:
    content = "Müller B-PER\nwohnt O\nin O\nKöln B-LOC\n\n" * 5
    for encoding in ("latin-1", "utf-16", "utf-8-sig"):
        loaded = read(tmp_path / f"{encoding}.txt", content, encoding)
        assert loaded.meta.format == "conll"
        assert loaded.table.column("tokens")[0].as_py() == ["Müller", "wohnt", "in", "Köln"]


def test_a_preview_names_what_the_lists_hold(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(two_fields(" "))
    found = preview(str(tmp_path / "a.conll"))
    assert [(column.name, column.kind, column.fields) for column in found.columns] == [
        ("tokens", "list", ("string",)),
        ("tags", "list", ("string",)),
    ]
    assert found.head[0]["tags"] == '["B-PER", "O", "O", "B-LOC", "I-LOC", "O"]'
