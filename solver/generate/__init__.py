"""Seeded synthetic problems of every kind a night or a round has. It draws; it never solves and holds no real data."""

from solver.generate.classical import draw_assignment, draw_unit_demand
from solver.generate.draft import Draft, to_arrays, to_document
from solver.generate.night import NightShape, draw_night
from solver.generate.round import RoundShape, draw_round

__all__ = [
    "Draft",
    "NightShape",
    "RoundShape",
    "draw_assignment",
    "draw_night",
    "draw_round",
    "draw_unit_demand",
    "to_arrays",
    "to_document",
]
