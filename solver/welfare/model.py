"""The night as units that pick at most one column each: a request with its options, or a group with its combinations.

Group rules vanish into the columns wherever a group has few combinations, so every later step sees one shape:
choose columns, keep rows. It solves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from solver.welfare.grouping import grouped_columns

if TYPE_CHECKING:
    from solver.arrays import Arrays, Bools, Floats, Ints

ALIKE = 4  # kinds of amounts above which they are mixed
Matrix = Any  # scipy.sparse.csc_array of int64; its stubs differ too much between versions to name here


@dataclass(frozen=True)
class ModelLevel:
    """A level over columns: ``value[c]``; maximised as a sum, or minimised as the worst of the chosen."""

    worst: bool
    value: Ints


@dataclass(frozen=True)
class Model:
    """U units, C columns, M rows.

    Attributes
    ----------
    unit_start : int64[U + 1]
        Columns of unit ``u`` are ``unit_start[u]:unit_start[u + 1]``; at most one is chosen.
    unit_must : bool[U]
        Exactly one is chosen.
    matrix : csc int64[M, C]
        Row ``m``: ``matrix[m] @ x <= rhs[m]``, with equality where ``equal[m]``.
    row_resource : int64[M]
        The resource of a row; -1 for rows that link the members of a large group, and for those that only follow from
        others (`solver.welfare.implied`, cuts): they have no price of their own.
    unit_of_request : int64[N]
    column_start, column_option : int64[C + 1], int64[...]
        The options that a column places (none for a helper column of a large group).

    """

    unit_start: Ints
    unit_must: Bools
    matrix: Matrix
    rhs: Ints
    equal: Bools
    row_resource: Ints
    levels: list[ModelLevel]
    column_start: Ints
    column_option: Ints
    requests: int
    request_of: Ints
    unit_of_request: Ints

    @property
    def units(self) -> int:
        return len(self.unit_start) - 1

    @property
    def columns(self) -> int:
        return len(self.column_start) - 1

    @property
    def is_one_level(self) -> bool:
        """Whether nothing lies behind the first level: then near enough ends a search, and no later one is loosened."""
        return len(self.levels) == 1

    @cached_property
    def is_mixed(self) -> bool:
        """Whether amounts are of many kinds, as minutes are: whole plans then lie far from the relaxation's corner."""
        return len(np.unique(self.matrix.data)) > ALIKE

    @cached_property
    def column_unit(self) -> Ints:
        """int64[C]: the unit of each column."""
        unit = np.repeat(np.arange(self.units), np.diff(self.unit_start))
        unit.setflags(write=False)  # one for all who ask
        return unit

    @cached_property
    def plain(self) -> Bools:
        """bool[M]: rows of a resource, which need not be full."""
        return (self.row_resource >= 0) & ~self.equal

    @cached_property
    def linked(self) -> Bools:
        """bool[C]: columns on a row that is no resource's; they cannot be chosen one by one."""
        links = self.matrix[np.flatnonzero(self.row_resource < 0)].tocsc()
        linked: Bools = np.diff(links.indptr) > 0
        return linked

    @cached_property
    def linked_units(self) -> Bools:
        """bool[U]: units with such a column."""
        units = np.zeros(self.units, dtype=np.bool_)
        units[self.column_unit[self.linked]] = True
        return units

    @cached_property
    def load(self) -> Any:
        """Csc int64[M, C]: the matrix without signs, for what touches what."""
        return abs(self.matrix)

    @cached_property
    def room(self) -> Floats:
        """float64[M]: more than a row can leave free; a column that counts below zero on it gives room."""
        given = sparse.csc_array(
            (np.minimum(self.matrix.data, 0), self.matrix.indices, self.matrix.indptr), self.matrix.shape
        )
        room: Floats = np.abs(self.rhs).astype(np.float64) - given.sum(axis=1)
        return room

    def options_of(self, chosen: Bools) -> Ints:
        """Options that are placed by the chosen columns (bool[C]), ascending."""
        picked = np.flatnonzero(chosen)
        counts = self.column_start[picked + 1] - self.column_start[picked]
        first = np.repeat(self.column_start[picked], counts)
        offset = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        return np.sort(self.column_option[first + offset])

    def choice(self, chosen: Bools) -> Ints:
        """int64[N]: the option index of each request, -1 where it stays unplaced."""
        options = self.options_of(chosen)
        result = np.full(self.requests, -1, dtype=np.int64)
        result[self.request_of[options]] = options
        return result


def build_model(arrays: Arrays) -> Model:
    """Turn a problem's arrays into units and columns.

    A pinned request keeps its held option only; a combination that alone needs more than a capacity is left out.
    """
    grouped = grouped_columns(arrays)
    request_of = arrays.option_request
    ruled = grouped.requests
    keep = ~ruled[request_of]
    held_only = arrays.pinned[request_of]
    keep &= ~held_only | (arrays.held[request_of] == np.arange(arrays.options))
    singles = np.flatnonzero(keep)
    single_units = np.flatnonzero(~ruled)
    unit_of_request = np.full(arrays.requests, -1, dtype=np.int64)
    unit_of_request[single_units] = np.arange(len(single_units))
    unit_of_request[ruled] = grouped.unit_of_request + len(single_units)
    column_unit = np.concatenate([unit_of_request[request_of[singles]], grouped.unit + len(single_units)])
    lengths = np.concatenate([np.ones(len(singles), dtype=np.int64), np.diff(grouped.start)])
    column_option = np.concatenate([singles, grouped.option])
    unit_must = np.concatenate([(arrays.must | arrays.pinned)[single_units], grouped.must])
    pick = sparse.csr_array(
        (
            np.ones(len(column_option), dtype=np.int64),
            column_option,
            np.concatenate([[0], np.cumsum(lengths)]),
        ),
        shape=(len(lengths), arrays.options),
    )
    uses = sparse.csr_array(
        (arrays.use_amount, arrays.use_resource, arrays.use_start),
        shape=(arrays.options, len(arrays.capacity)),
    )
    needs = (pick @ uses).tocsr()
    fits = np.ones(len(lengths), dtype=np.bool_)
    too_large = needs.data > arrays.capacity[needs.indices]
    fits[np.repeat(np.arange(len(lengths)), np.diff(needs.indptr))[too_large]] = False
    order = np.flatnonzero(fits)
    pick, needs, column_unit = pick[order], needs[order], column_unit[order]
    link = grouped.link
    if link is not None:
        padded = sparse.vstack(
            [sparse.csr_array((len(singles), link.shape[1]), dtype=np.int64), link], format="csr"
        )
        needs = sparse.hstack([needs, padded[order]], format="csr")
    links = 0 if link is None else link.shape[1]
    row_resource = np.concatenate([np.arange(len(arrays.capacity)), np.full(links, -1)]).astype(np.int64)
    rhs = np.concatenate([arrays.capacity, np.zeros(links, dtype=np.int64)])
    equal = np.concatenate([np.zeros(len(arrays.capacity), dtype=np.bool_), grouped.equal])
    units = len(single_units) + len(grouped.must)
    matrix = needs.tocsc().T.tocsc()
    starts = np.concatenate([[0], np.cumsum(np.bincount(column_unit, minlength=units))])
    return Model(
        unit_start=starts.astype(np.int64),
        unit_must=unit_must,
        matrix=matrix,
        rhs=rhs,
        equal=equal,
        row_resource=row_resource,
        levels=[_level(level.worst, level.value, pick) for level in arrays.levels],
        column_start=pick.indptr.astype(np.int64),
        column_option=pick.indices.astype(np.int64),
        requests=arrays.requests,
        request_of=request_of,
        unit_of_request=unit_of_request,
    )


def _level(worst: bool, value: Ints, pick: Matrix) -> ModelLevel:
    if not worst:
        return ModelLevel(worst=False, value=pick @ value)
    highest = np.zeros(pick.shape[0], dtype=np.int64)
    owner = np.repeat(np.arange(pick.shape[0]), np.diff(pick.indptr))
    np.maximum.at(highest, owner, value[pick.indices])
    return ModelLevel(worst=True, value=highest)
