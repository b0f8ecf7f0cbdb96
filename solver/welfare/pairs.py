"""The combinations of all pairs at once: two siblings, a couple. Most groups of a night are pairs, a city has 90,000."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Arrays, Bools, Ints


@dataclass(frozen=True)
class Pairs:
    """Columns of P pairs; ``pair`` ascends, ``options`` holds a column's one or two options, -1 where a member stays out.

    Attributes
    ----------
    must : bool[P]
        One of the columns must be taken.
    pair : int64[K]
    options : int64[K, 2]

    """

    must: Bools
    pair: Ints
    options: Ints


def list_choices(arrays: Arrays, requests: Ints) -> tuple[Ints, Ints]:
    """First option and number of options of each request; a pinned one has only what it holds."""
    pinned = arrays.pinned[requests]
    first = np.where(pinned, arrays.held[requests], arrays.request_start[requests])
    count = np.where(pinned, 1, arrays.request_start[requests + 1] - arrays.request_start[requests])
    return first, count


def pair_up(arrays: Arrays, members: Ints) -> Pairs:
    """List what the rules of each pair allow; ``members`` int64[P, 2], requests in the order of the file.

    In the order of `solver.welfare.grouping`: site by site where they share one, by the first member's option, by the
    second's; staying out comes last.
    """
    group = arrays.group[members[:, 0]]
    same, whole = arrays.same_site[group], arrays.all_or_none[group]
    need = arrays.must[members] | arrays.pinned[members]
    must = need[:, 0] | need[:, 1]
    stays = ~(need | whole[:, None])  # bool[P, 2]: the member may stay out while the other one is placed
    first, count = list_choices(arrays, members)
    ways = count + stays
    size = ways.prod(axis=1)
    pair = np.repeat(np.arange(len(members)), size)
    place = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
    way = np.stack([place // np.maximum(ways[pair, 1], 1), place % np.maximum(ways[pair, 1], 1)], axis=1)
    options = np.where(way < count[pair], first[pair] + way, -1)
    is_placed = options >= 0
    site = arrays.site[np.maximum(options, 0)] if arrays.options else options
    apart = same[pair] & is_placed.all(axis=1) & (site[:, 0] != site[:, 1])
    keep = np.flatnonzero(is_placed.any(axis=1) & ~apart)
    here = np.where(is_placed[keep, 0], site[keep, 0], site[keep, 1])
    here = np.where(same[pair[keep]], here, -1)
    order = keep[np.lexsort((place[keep], here, pair[keep]))]
    return Pairs(must, pair[order], options[order])
