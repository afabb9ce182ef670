"""The slow, obvious implementations that the fast ones are held against."""

from __future__ import annotations

from mappings.text import _CLASS, BREAK, LONGEST_UNIT, fold  # the committed table, nothing else


def slow_units(text: str) -> list[tuple[str, int, int]]:
    """The units of a text with their places, one character at a time."""
    found: list[tuple[str, int, int]] = []
    run_start: int | None = None
    folded = fold(text)

    def close(end: int) -> None:
        nonlocal run_start
        if run_start is not None:
            for start in range(run_start, end, LONGEST_UNIT):
                stop = min(start + LONGEST_UNIT, end)
                found.append((folded[start:stop], start, stop))
            run_start = None

    for place, char in enumerate(text):
        kind = _CLASS[ord(char)]
        if kind == 1:
            run_start = place if run_start is None else run_start
            continue
        close(place)
        if kind == 2:
            found.append((folded[place], place, place + 1))
        elif kind == 3:
            if found and found[-1][0] == BREAK:
                found.pop()
            found.append((BREAK, place, place + 1))
    close(len(text))
    return found


def slow_find(text: str, term: list[str]) -> list[tuple[int, int]]:
    """Every place of a term in a text."""
    there = slow_units(text)
    names = [unit for unit, _, _ in there]
    return [
        (there[at][1], there[at + len(term) - 1][2])
        for at in range(len(there) - len(term) + 1)
        if names[at : at + len(term)] == term
    ]


def contains(text: str, term: list[str]) -> bool:
    """Whether a text contains a term, by a scan of it."""
    return bool(term) and bool(slow_find(text, term))
