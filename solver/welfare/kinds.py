"""Columns that use the same rows in the same amounts are of one kind: "Mondays and Wednesdays at this site".

A night has a few thousand kinds, however many people choose between them. With A = each x of (what a column of each kind
uses x which columns are of a kind), sums over columns are sums over kinds first, and a kind's rows are looked at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from solver.arrays import Bools, Ints

ALIKE = 4  # columns a kind, on average, below which looking at kinds saves nothing


@dataclass(frozen=True)
class Kinds:
    """``each`` csc float64[M, K] x ``of`` csr float64[K, C] = a night's matrix [M, C]."""

    each: Any
    of: Any


def find_kinds(matrix: Any) -> Kinds:
    """Return the kinds of a matrix's columns (csr float64[M, C]); where hardly two are alike, each row is a kind instead."""
    columns = matrix.tocsc()
    columns.sort_indices()
    rows, count = matrix.shape
    numbers = np.random.default_rng(0).random(rows)  # equal columns have equal sums, others hardly ever
    _, first, kind = np.unique(columns.T @ numbers, return_index=True, return_inverse=True)
    if count < ALIKE * len(first) or not _is_equal(columns, first[kind]):
        return Kinds(sparse.eye_array(rows, format="csc"), matrix)
    of = sparse.csc_array((np.ones(count), kind, np.arange(count + 1)), shape=(len(first), count))
    return Kinds(columns[:, first], of.tocsr())


def list_ranges(start: Ints, length: Ints) -> Ints:
    """Return start[0], start[0] + 1, ... (``length[0]`` of them), then start[1], and so on."""
    ranges: Ints = np.arange(int(length.sum())) + np.repeat(start - np.cumsum(length) + length, length)
    return ranges


def slim(matrix: Any) -> Any:
    """Return the same csr or csc with 32-bit indices where they do: a third less to read at every product."""
    largest = max(matrix.nnz, *matrix.shape)
    if largest > np.iinfo(np.int32).max:
        return matrix
    indices, indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return type(matrix)((matrix.data, indices, indptr), shape=matrix.shape)


def _is_equal(columns: Any, model: Ints) -> bool:
    """Whether every column (csc) is the one that ``model`` int64[C] names."""
    start, length = columns.indptr.astype(np.int64), np.diff(columns.indptr)
    if (length != length[model]).any():
        return False
    entry = list_ranges(start[model], length)
    same: Bools = (columns.indices == columns.indices[entry]) & (columns.data == columns.data[entry])
    return bool(same.all())
