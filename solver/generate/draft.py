"""A drawn problem as plain arrays, and its two ways out: the file format or the array interface. It draws nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from solver.arrays import Arrays, Bools, Ints

Document = dict[str, Any]
NO_ONE = -1


@dataclass(slots=True)
class Draft:
    """N requests, O options, R resources, G groups; shapes and meaning as in `solver.arrays.Arrays`.

    Attributes
    ----------
    resource_names : list of str
        One id per resource, made only when a document is written.
    terms : dict of name -> int64[O]
    objective : list of levels as in the file format
    class_ : int64[N]
        1 is the highest class.
    excluded_request, excluded_site, excluded_metres : int64[X]
        Sites just outside the service's limit, written as ``excluded`` options.

    """

    capacity: Ints
    request_start: Ints
    use_start: Ints
    use_resource: Ints
    use_amount: Ints
    site: Ints
    terms: dict[str, Ints]
    objective: list[Document]
    group: Ints
    same_site: Bools
    all_or_none: Bools
    must: Bools
    held: Ints
    pinned: Bools
    class_: Ints
    resource_kinds: tuple[str, ...]
    limit_metres: int = 0
    excluded_request: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    excluded_site: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    excluded_metres: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def get_resource_name(self, index: int) -> str:
        """Resources lie site by site, each site with every kind."""
        site, kind = divmod(index, len(self.resource_kinds))
        return f"s{site}/{self.resource_kinds[kind]}"


def to_arrays(draft: Draft) -> Arrays:
    """The draft through the array interface, for sizes beyond a file."""
    from solver.arrays import ArrayLevel, Arrays  # noqa: PLC0415 - documents are written without the model

    options = len(draft.site)
    levels = []
    for level in draft.objective:
        if "worst" in level:
            levels.append(ArrayLevel(worst=True, value=draft.terms[level["worst"]]))
            continue
        value = np.zeros(options, dtype=np.int64)
        for name, weight in level["sum"].items():
            value += weight * draft.terms[name]
        levels.append(ArrayLevel(worst=False, value=value))
    return Arrays(
        capacity=draft.capacity,
        request_start=draft.request_start,
        use_start=draft.use_start,
        use_resource=draft.use_resource,
        use_amount=draft.use_amount,
        site=draft.site,
        levels=levels,
        group=draft.group,
        same_site=draft.same_site,
        all_or_none=draft.all_or_none,
        must=draft.must,
        pinned=draft.pinned,
        held=draft.held,
        priority=np.zeros(options, dtype=np.int64),
    )


def to_document(draft: Draft) -> Document:
    """The draft as a ``solver-problem/1`` object; terms that are 0 are left out, as the format allows."""
    names = [draft.get_resource_name(i) for i in range(len(draft.capacity))]
    columns = [(name, values.tolist()) for name, values in draft.terms.items()]
    excluded: dict[int, list[Document]] = {}
    for owner, site, metres in zip(
        draft.excluded_request.tolist(),
        draft.excluded_site.tolist(),
        draft.excluded_metres.tolist(),
        strict=True,
    ):
        found = excluded.setdefault(owner, [])
        data = {"metres": metres, "limit_metres": draft.limit_metres}
        found.append(
            {"id": f"x{len(found) + 1}", "site": f"s{site}", "uses": {}, "reason": "too_far", "data": data}
            | {"terms": {"served": 1, "metres": metres}}
        )
    use_start, use_resource = draft.use_start.tolist(), draft.use_resource.tolist()
    use_amount, sites, starts = draft.use_amount.tolist(), draft.site.tolist(), draft.request_start.tolist()
    requests: list[Document] = []
    for n, (group, class_) in enumerate(zip(draft.group.tolist(), draft.class_.tolist(), strict=True)):
        options: list[Document] = []
        for o in range(starts[n], starts[n + 1]):
            uses = {names[use_resource[u]]: use_amount[u] for u in range(use_start[o], use_start[o + 1])}
            terms = {name: values[o] for name, values in columns if values[o]}
            option = {"id": f"o{o - starts[n] + 1}", "site": f"s{sites[o]}", "uses": uses, "terms": terms}
            options.append(option)
        request: Document = {"id": f"r{n}", "class": class_, "options": options}
        if group != NO_ONE:
            request["group"] = f"g{group}"
        if draft.must[n]:
            request["must"] = True
        if draft.held[n] != NO_ONE:
            request |= {"held": f"o{int(draft.held[n]) - starts[n] + 1}", "pinned": bool(draft.pinned[n])}
        if n in excluded:
            request["excluded"] = excluded[n]
        requests.append(request)
    return {
        "format": "solver-problem/1",
        "note": "synthetic",
        "resources": [
            {"id": name, "capacity": capacity}
            for name, capacity in zip(names, draft.capacity.tolist(), strict=True)
        ],
        "groups": [
            {"id": f"g{i}", "same_site": same, "all_or_none": whole}
            for i, (same, whole) in enumerate(
                zip(draft.same_site.tolist(), draft.all_or_none.tolist(), strict=True)
            )
        ],
        "requests": requests,
        "objective": draft.objective,
    }
