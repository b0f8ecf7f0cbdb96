"""The running serials of the factories' codes and names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

_LETTERS = str.maketrans("0123456789", "abcdefghij")


def start_serials() -> Iterator[str]:
    """Return serials of six letters: sorted as text, what was made first comes first (9 and 10 would not).

    Letters, because whoever is looked for by digits is looked for in names of places too: compound 100029 would
    be found with the person whose identity number ends in 0029.
    """
    return (str(number).translate(_LETTERS) for number in count(100_001))
