"""The sample's areas: one subdistrict, three blocks, the 19 real committees, 81 invented compounds. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

import numpy as np

from app.areas.rules import normalise_name
from app.models import Area, AreaAlias, Building, Compound
from app.models.enums import AreaKind, Datum
from app.people.names import SYNTHETIC_MARK as MARK
from app.sample import ground
from app.sample.draws import Draws, share_out
from app.sample.english import name_place
from app.sample.rows import Row, Rows

RESIDENTS: Final = 71_000
SHARE_60_PLUS: Final = 0.3884
SHARE_UNDER_12: Final = 0.089
COMPOUNDS: Final = 81
WALK_UPS: Final = 40
RETROFITTED_LIFTS: Final = 7

_WALK_UP_NAMES: Final = ("新村", "老街坊", "工房", "里弄")
_LIFT_NAMES: Final = ("公寓", "花园", "雅苑", "嘉园")

BLOCKS: Final = {
    ("SYN-B1", "创意家园", "Creative Quarter"): "瑞南 打浦 斜土 瞿西 丽园 瞿南 蒙自",
    ("SYN-B2", "颐乐生活", "Pleasant Age"): "瞿中 瞿东 桑城 紫荆 桥一 桥二",
    ("SYN-B3", "人文滨江", "Riverside Culture"): "海悦 龙华 铁一 铁二 中一 中二",
}
"""The three blocks are real; which committee belongs to which is our guess."""

CENTRES: Final = {
    "瑞南": (0.10, 0.72), "打浦": (0.21, 0.58), "斜土": (0.24, 0.90), "瞿西": (0.41, 0.72), "丽园": (0.47, 0.92),
    "瞿南": (0.43, 0.52), "蒙自": (0.57, 0.53), "瞿中": (0.54, 0.72), "瞿东": (0.67, 0.70), "桑城": (0.67, 0.90),
    "紫荆": (0.86, 0.87), "桥一": (0.79, 0.62), "桥二": (0.92, 0.58), "海悦": (0.10, 0.22), "龙华": (0.24, 0.18),
    "铁一": (0.42, 0.20), "铁二": (0.57, 0.18), "中一": (0.72, 0.24), "中二": (0.89, 0.24),
}  # fmt: skip
"""Where committees lie, as shares of the plane's width and height; schematic."""


@dataclass(frozen=True)
class Home:
    """A compound as the other parts of the sample need it."""

    row: Row
    area: Row
    committee: str
    place: tuple[float, float]
    is_walk_up: bool
    residents: int
    aged: int
    young: int
    buildings: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Town:
    """The areas by name, and the compounds in the order of their codes."""

    subdistrict: Row
    committees: dict[str, Row]
    homes: list[Home]


def build_town(rows: Rows, seed: int) -> Town:
    """Add areas, compounds, aliases and buildings."""
    draws = Draws(seed, "town")
    root = rows.add(
        Area, code="310101020", kind=AreaKind.subdistrict, parent_id=None,
        name_zh="五里桥街道", name_en="Wuliqiao Subdistrict",
    )  # fmt: skip
    committees = _add_committees(rows, root)
    homes = _add_compounds(rows, draws, committees)
    _add_buildings(rows, draws, homes)
    return Town(root, committees, homes)


def _add_committees(rows: Rows, root: Row) -> dict[str, Row]:
    block_of: dict[str, Row] = {}
    for (code, name_zh, name_en), members in BLOCKS.items():
        block = rows.add(
            Area, code=code, kind=AreaKind.block, parent_id=root, name_zh=name_zh, name_en=name_en
        )
        block_of |= dict.fromkeys(members.split(), block)
    found = {}
    for code, name in read_committees():
        short = name.removesuffix("居委会")
        found[short] = rows.add(
            Area,
            code=code,
            kind=AreaKind.committee,
            parent_id=block_of[short],
            name_zh=name,
            name_en=name_place(name),
        )
        rows.add(AreaAlias, area_id=found[short], alias=normalise_name(f"{short}居民区"))
    return found


def read_committees() -> list[tuple[str, str]]:
    """Return code and name of the 19 real committees."""
    text = files("app.sample").joinpath("data/wuliqiao_committees.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [(code, name) for code, name in lines[1:]]


def _add_compounds(rows: Rows, draws: Draws, committees: dict[str, Row]) -> list[Home]:
    extra = set(draws.take(sorted(committees), COMPOUNDS - 4 * len(committees)))
    of = [name for name in committees for _ in range(4 + (name in extra))]
    walk_ups = set(draws.take(range(COMPOUNDS), WALK_UPS))
    sizes = [draws.uniform(0.6, 1.4) * (0.85 if i in walk_ups else 1.15) for i in range(COMPOUNDS)]
    residents = share_out(RESIDENTS, sizes)
    old = [n * draws.uniform(0.95, 1.1) * (1.1 if i in walk_ups else 0.9) for i, n in enumerate(residents)]
    aged = share_out(round(RESIDENTS * SHARE_60_PLUS), old)
    young = share_out(round(RESIDENTS * SHARE_UNDER_12), [n * draws.uniform(0.8, 1.2) for n in residents])
    homes: list[Home] = []
    for i, committee in enumerate(of):
        place = _draw_place(draws, committee, [home.place for home in homes])
        nth = sum(home.committee == committee and home.is_walk_up == (i in walk_ups) for home in homes)
        name = _name_compound(committee, nth, is_walk_up=i in walk_ups)
        area = rows.add(
            Area, code=f"SYN-C{i + 1:02d}", kind=AreaKind.compound, parent_id=committees[committee],
            name_zh=name + MARK, name_en=f"{name_place(name)} (sample)",
        )  # fmt: skip
        rows.add(AreaAlias, area_id=area, alias=normalise_name(name))
        point = ground.to_point(*place)
        row = rows.add(
            Compound, area_id=area, latitude=round(point.latitude, 6), longitude=round(point.longitude, 6),
            source_datum=Datum.wgs84, residents=residents[i], residents_60_plus=aged[i],
            residents_under_12=young[i],
        )  # fmt: skip
        homes.append(Home(row, area, committee, place, i in walk_ups, residents[i], aged[i], young[i]))
    return homes


def _name_compound(committee: str, nth: int, *, is_walk_up: bool) -> str:
    names = _WALK_UP_NAMES if is_walk_up else _LIFT_NAMES
    return f"{committee}{names[nth % 4]}" + ("二期" if nth >= 4 else "")


def _draw_place(draws: Draws, committee: str, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """Return a place near the committee's centre, off the roads and apart from its neighbours."""
    centre_east, centre_north = CENTRES[committee]
    apart = 90.0
    while True:
        place = (
            centre_east * ground.WIDTH + draws.uniform(-190, 190),
            centre_north * ground.HEIGHT + draws.uniform(-170, 150),
        )
        is_on_ground = 40 < place[0] < ground.WIDTH - 40 and 110 < place[1] < ground.HEIGHT - 20
        is_off_roads = ground.measure_to_barriers(np.array([place]))[0] > 45
        if is_on_ground and is_off_roads and all(np.hypot(*np.subtract(place, t)) > apart for t in taken):
            return place
        apart *= 0.97  # a crowded corner takes shorter gaps rather than looping for ever


def _add_buildings(rows: Rows, draws: Draws, homes: list[Home]) -> None:
    walk_ups = [home for home in homes if home.is_walk_up]
    retrofitted = draws.take(walk_ups, RETROFITTED_LIFTS)
    for home in homes:
        count = draws.between(7, 13) if home.is_walk_up else draws.between(3, 6)
        for number in range(1, count + 1):
            is_retrofitted = number == 1 and any(home is other for other in retrofitted)
            home.buildings.append(
                rows.add(
                    Building,
                    code=f"{home.area['code']}-{number:02d}",
                    compound_id=home.area,
                    name=f"{number}号",
                    floors=draws.between(5, 7) if home.is_walk_up else draws.between(11, 28),
                    has_lift=is_retrofitted or not home.is_walk_up,
                    lift_retrofitted=is_retrofitted,
                )
            )
