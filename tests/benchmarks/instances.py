"""The instances of the benchmark by name: each is drawn again from its seed in the process that solves it."""

from __future__ import annotations

from solver.generate import (
    NightShape,
    RoundShape,
    draw_assignment,
    draw_night,
    draw_round,
    draw_unit_demand,
)

NIGHTS = {
    "night-500-several": NightShape(500, several=True),
    "night-500-six-sites": NightShape(500, sites=6, several=True),
    "night-500-levels": NightShape(500, several=True, levels="published"),
    "night-2000-several": NightShape(2_000, several=True),
    "night-10000-several": NightShape(10_000, several=True),
    "night-30000-several": NightShape(30_000, several=True),
    "night-2000": NightShape(2_000),
    "night-10000": NightShape(10_000),
    "night-30000": NightShape(30_000),
    "night-30000-loose": NightShape(30_000, tightness=0.85),
    "night-2000-any-days": NightShape(2_000, any_days=True),
    "night-30000-any-days": NightShape(30_000, any_days=True),
    "night-30000-any-days-levels": NightShape(30_000, any_days=True, levels="published"),
    "night-10000-people": NightShape(10_000, levels="people"),
    "night-30000-people": NightShape(30_000, levels="people"),
    "night-30000-nearest": NightShape(30_000, levels="nearest"),
    "night-2000-levels": NightShape(2_000, levels="published"),
    "night-30000-levels": NightShape(30_000, levels="published"),
    "night-1000000": NightShape(1_000_000),
}
SEEDS = {"night-500-six-sites": 3, "night-500-levels": 12, "night-30000": 6, "night-30000-levels": 6}
"""Nights that are drawn for further seeds, 2 to this one: what holds for one night may be luck."""
TOWNS = {"town-monday": 1 / 12, "town-opening": 1.0}
"""Scale of the sample: the small town of tests, and the one that the demo plans."""
ROUNDS = {
    "round-605x33": RoundShape(605, 33),
    "round-1589x86": RoundShape(1_589, 86),
    "round-8000x311": RoundShape(8_000, 311),
    "round-605x33-lots": RoundShape(605, 33, ties=False),
    "round-2000-singles": RoundShape(2_000, 100, siblings=0.0, transfers=0.0, ties=False),
}
UNITS = {
    "unit-2000x40": (2_000, 40),
    "unit-10000x200": (10_000, 200),
    "unit-100000x600": (100_000, 600),
}
ASSIGNMENTS = {"gap-D-100x10": ("D", 100, 10), "gap-D-200x20": ("D", 200, 20), "gap-E-200x20": ("E", 200, 20)}
SEED = 1


def again(name):
    """What a night of `SEEDS` is called for its further seeds, and those seeds."""
    return {f"{name}-{seed}": seed for seed in range(2, SEEDS[name] + 1)}


def draw(name):
    """A draft (nights, unit demand, assignment) or, for rounds and the town, a document."""
    if name in TOWNS:
        from tests.benchmarks.town import draw_town  # the whole program: no other instance needs it

        return draw_town(TOWNS[name])
    for night in SEEDS:
        if name in again(night):
            return draw_night(NIGHTS[night], again(night)[name])
    if name in NIGHTS:
        return draw_night(NIGHTS[name], SEED)
    if name in UNITS:
        return draw_unit_demand(*UNITS[name], SEED)
    if name in ASSIGNMENTS:
        return draw_assignment(*ASSIGNMENTS[name], SEED)
    return draw_round(ROUNDS[name], 0)
