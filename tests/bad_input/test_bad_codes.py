"""Codes and tasks as people spoil them: exit 2, one message with its place, never a traceback."""

import pytest

from platformlabour import cli

GOOD = "item,coder,code\na,A,N\na,B,N\nb,A,V\nb,B,N\n"

# name: content, what the message must say
SPOILT = {
    "an empty file": (b"", "an empty file"),
    "blank lines only": (b"\n \n", "an empty file"),
    "a header without rows": (b"item,coder,code\n", "a header without rows"),
    "no column code": (b"item,coder,label\na,A,N\n", "no column 'code'"),
    "semicolons": (b"item;coder;code\na;A;N\n", "semicolons or tabs"),
    "two columns of one name": (b"item,coder,code,code\na,A,N,V\n", "two columns of one name"),
    "a short row": (b"item,coder,code\na,A\n", "row 2: found 2 cells"),
    "one coder only": (b"item,coder,code\na,A,N\nb,A,V\n", "one coder only, 'A'"),
    "no item in common": (b"item,coder,code\na,A,N\nb,B,V\n", "no item that two coders coded"),
    "an item coded twice": (GOOD.encode() + b"a,B,V\n", "row 6, column \"item\": found item 'a' coded again by 'B'"),
    "an item without a name": (b"item,coder,code\n,A,N\n", 'column "item"'),
    "a coder without a name": (b"item,coder,code\na,,N\n", 'column "coder"'),
    "empty codes only": (b"item,coder,code\na,A,\na,B,\n", "only empty cells"),
    "HTML in an item": (GOOD.encode() + b"<script>x</script>,A,N\n", "HTML"),
    "HTML in a code": (GOOD.encode() + b"c,A,<b>N</b>\n", "HTML"),
    "a formula in an item": (GOOD.encode() + b"=1+1,A,N\n", "formula"),
    "a formula in a coder": (GOOD.encode() + b"c,@A,N\n", "formula"),
    "a control character": (GOOD.encode() + b"c\x1b[2J,A,N\n", "control character U+001B"),
    "a NUL byte": (GOOD.encode() + b"c\x00,A,N\n", "NUL byte"),
    "a wrong byte": (GOOD.encode() + b"c\xe9,A,N\n", "0xE9"),
    "an open quote": (GOOD.encode() + b'"c,A,N\n', "cannot be read"),
    "two versions of the codebook": (
        b"item,coder,code,version\na,A,N,1.0\na,B,N,1.1\n",
        "version 1.1 of the codebook, after codes under 1.0",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_spoilt_codes(tmp_path, capsys, name):
    content, words = SPOILT[name]
    path = tmp_path / "codes.csv"
    path.write_bytes(content)
    assert cli.main(["agreement", str(path)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert words in shown.err
    assert "codes.csv" in shown.err or "coder" in shown.err or "two" in shown.err
    assert len(shown.err.strip().splitlines()) == 1
    assert shown.err.isprintable() or "\x1b" not in shown.err


def test_an_item_coded_twice_in_two_files_names_both(tmp_path, capsys):
    paths = []
    for name in ("first.csv", "again.csv"):
        path = tmp_path / name
        path.write_text(GOOD, encoding="utf-8")
        paths.append(str(path))
    assert cli.main(["agreement", *paths]) == 2
    assert "again.csv, row 2" in (message := capsys.readouterr().err)
    assert "row 2 of first.csv" in message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--level", "nominl"], "nominal, ordinal, interval or ratio"),
        (["--level", "interval"], "found 'N'; expected a number"),
        (["--replicates", "0"], "from 1 to"),
        (["--replicates", "many"], "'many' for replicates"),
        (["--seed", "-1"], "'-1' for the seed"),
    ],
)
def test_spoilt_options(tmp_path, capsys, options, words):
    path = tmp_path / "codes.csv"
    path.write_text(GOOD, encoding="utf-8")
    assert cli.main(["agreement", str(path), *options]) == 2
    assert words in capsys.readouterr().err


def test_a_negative_value_at_the_level_ratio(tmp_path, capsys):
    path = tmp_path / "codes.csv"
    path.write_text("item,coder,code\na,A,-1\na,B,2\n", encoding="utf-8")
    assert cli.main(["agreement", str(path), "--level", "ratio"]) == 2
    assert '"code": found -1' in capsys.readouterr().err


def test_files_that_are_not_there(tmp_path, capsys):
    assert cli.main(["agreement", str(tmp_path / "none.csv")]) == 2
    assert "no such file" in capsys.readouterr().err
    assert cli.main(["agreement", str(tmp_path)]) == 2
    assert "no file" in capsys.readouterr().err


TASKS = {
    "HTML in a title": ("item,title\n1,<b>Cat</b>\n", "HTML"),
    "a formula in a title": ("item,title\n1,=HYPERLINK(1)\n", "formula"),
    "a terminal's command in a title": ("item,title\n1,Cat\x1b[2J\n", "U+001B"),
    "a task twice": ("item,title\n1,Cat\n1,Dog\n", "'1' as in row 2"),
    "a task without a name": ("item,title\n,Cat\n", "an empty cell"),
    "no tasks": ("item,title\n", "a header without rows"),
    "an empty file": ("", "an empty file"),
    "no titles": ("item,name\n1,Cat\n", "no column 'title'"),
}


@pytest.mark.parametrize("name", TASKS)
def test_spoilt_tasks(tmp_path, capsys, name):
    content, words = TASKS[name]
    path = tmp_path / "items.csv"
    path.write_text(content, encoding="utf-8")
    out = tmp_path / "codes.csv"
    assert cli.main(["code", str(path), "--coder", "Ada", "--out", str(out)]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert "items.csv" in message
    assert not out.exists()
