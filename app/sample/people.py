"""The sample's registered people: elders and children with their families, households, floors and gaits. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from app.models import Guardianship, Household, Person, PersonRole
from app.models.enums import Mobility, Role, Sex, Stairs
from app.sample import names
from app.sample.draws import Draws
from app.sample.rows import Row, Rows
from app.sample.town import Home, Town

ELDERS: Final = 12_000
CHILDREN: Final = 2_500
THREE_GENERATIONS_SHARE: Final = 0.08

_AGES_OLD: Final = {(60, 69): 0.50, (70, 79): 0.33, (80, 89): 0.14, (90, 99): 0.03}
_MONTHS_YOUNG: Final = {(6, 35): 0.27, (36, 74): 0.18, (75, 143): 0.55}
"""Nursery, kindergarten, primary school; counts by compound know the shares, the register over-represents users."""


@dataclass
class Someone:
    """A person as the other parts of the sample need them."""

    row: Row
    household: Row
    home: Home
    born_on: date
    sex: Sex
    years: float
    floors_down: int = 0
    grade: int | None = None
    """Valid today."""
    has_cognition: bool = False
    """Whether a dementia assessment is in force."""
    guardians: list[Someone] = field(default_factory=list)
    elders_at_home: list[Someone] = field(default_factory=list)
    kept_by_elder: bool = False
    """A child for whom only the elder at home is named to fetch."""


@dataclass(frozen=True)
class People:
    """Elders, the couples among them, children by family."""

    elders: list[Someone] = field(default_factory=list)
    couples: list[tuple[Someone, Someone]] = field(default_factory=list)
    alone: list[Someone] = field(default_factory=list)
    families: list[list[Someone]] = field(default_factory=list)
    """Children of one family each."""

    @property
    def children(self) -> list[Someone]:
        """All children, family by family."""
        return [child for family in self.families for child in family]


class PeopleBuilder:
    """Adds households and persons one by one; numbers and codes count up."""

    def __init__(self, rows: Rows, town: Town, draws: Draws, today: date) -> None:
        self._rows, self._town, self._draws, self._today = rows, town, draws, today
        self._counts = {"H": 0, "E": 0, "C": 0, "A": 0}
        self._people = 0

    def add_household(self, home: Home) -> Row:
        """Add a household on a floor of one of the compound's buildings."""
        draws = self._draws
        building = draws.pick(home.buildings)
        floor = draws.between(1, building["floors"])
        room = f"{floor}{draws.between(1, 4):02d}"
        other = draws.pick(self._town.homes) if draws.chance(0.15) else home
        code = self._number("H", 5)
        return self._rows.add_sealed(
            Household,
            code,
            {"address": f"{home.committee}样例路{draws.between(1, 99)}弄{building['name']}{room}室"},
            code=code,
            compound_id=home.area,
            building_id=building,
            floor=floor,
            registered_compound_id=None if other is not home and draws.chance(0.5) else other.area,
            version=1,
        )

    def add_elder(self, household: Row, home: Home, years: float, sex: Sex) -> Someone:
        """Add an elder; how they take the stairs depends on their age."""
        draws = self._draws
        frailty = min(0.95, max(0.02, (years - 66) / 34))
        stairs = draws.weigh(
            {
                Stairs.alone: 1 - frailty,
                Stairs.stick: 0.6 * frailty,
                Stairs.with_help: 0.25 * frailty,
                Stairs.no: 0.15 * frailty,
            }
        )
        level = frailty if stairs is not Stairs.no else 0.95
        mobility = draws.weigh(
            {
                Mobility.walks: 1.2 - level,
                Mobility.walking_aid: 0.45 * level,
                Mobility.wheelchair: 0.1 * level,
            }
        )
        surname = names.draw_surname(draws)
        return self._add(
            "E",
            household,
            home,
            years,
            sex,
            "old",
            surname,
            stairs=stairs,
            mobility=mobility,
            role=Role.elder,
        )

    def add_adult(self, household: Row, home: Home, years: float, sex: Sex, surname: str) -> Someone:
        """Add an adult without a role of their own: a parent."""
        return self._add("A", household, home, years, sex, "young", surname)

    def add_child(self, household: Row, home: Home, born_on: date, sex: Sex, surname: str) -> Someone:
        """Add a child born on a day."""
        years = (self._today - born_on).days / 365.25
        return self._add("C", household, home, years, sex, "child", surname, role=Role.child, born_on=born_on)

    def _add(  # noqa: PLR0913 - one argument a column
        self,
        letter: str,
        household: Row,
        home: Home,
        years: float,
        sex: Sex,
        generation: str,
        surname: str,
        *,
        role: Role | None = None,
        born_on: date | None = None,
        stairs: Stairs = Stairs.alone,
        mobility: Mobility = Mobility.walks,
    ) -> Someone:
        born_on = born_on or self._today - timedelta(days=round(years * 365.25) + self._draws.between(1, 364))
        name = names.draw_name(self._draws, generation, sex, surname)
        pinyin, initials = names.spell_name(name)
        code = self._number(letter, 5)
        self._people += 1
        row = self._rows.add_sealed(
            Person,
            code,
            {
                "id_number": names.make_id_number(self._people, born_on, sex),
                "phone": None if role is Role.child else names.make_phone(self._people),
                "health_note": None,
            },
            code=code,
            household_id=household,
            name=name,
            pinyin=pinyin,
            pinyin_initials=initials,
            sex=sex,
            born_on=born_on,
            stairs=stairs,
            mobility=mobility,
            is_synthetic=True,
            version=1,
        )
        if role is not None:
            self._rows.add(PersonRole, person_id=row, role=role)
        building = household["building_id"]
        floors_down = 0 if building["has_lift"] else household["floor"] - 1
        return Someone(row, household, home, born_on, sex, years, floors_down)

    def _number(self, letter: str, digits: int) -> str:
        self._counts[letter] += 1
        return f"SYN-{letter}{self._counts[letter]:0{digits}d}"


def build_people(rows: Rows, town: Town, scale: float, seed: int, today: date) -> People:
    """Add exactly 12,000 x scale elders and 2,500 x scale children with their families."""
    draws = Draws(seed, "people")
    builder = PeopleBuilder(rows, town, draws, today)
    people = People()
    _add_families(builder, people, rows, town, round(CHILDREN * scale), draws, today)
    _add_elders(builder, people, town, round(ELDERS * scale), draws)
    return people


def _add_elders(builder: PeopleBuilder, people: People, town: Town, count: int, draws: Draws) -> None:
    homes = {i: home.aged for i, home in enumerate(town.homes)}
    while (missing := count - len(people.elders)) > 0:
        home = town.homes[draws.weigh(homes)]
        household = builder.add_household(home)
        years = draw_old_age(draws)
        if missing >= 2 and draws.chance(0.42):
            other = max(60.1, years + draws.gauss(-2, 3))
            pair = (
                builder.add_elder(household, home, years, Sex.male),
                builder.add_elder(household, home, other, Sex.female),
            )
            people.couples.append(pair)
            people.elders.extend(pair)
            continue
        sex = Sex.female if draws.chance(0.58) else Sex.male
        elder = builder.add_elder(household, home, years, sex)
        people.elders.append(elder)
        if draws.chance(0.5):
            people.alone.append(elder)


def draw_old_age(draws: Draws) -> float:
    """Return an age from 60 on, in years."""
    low, high = draws.weigh(_AGES_OLD)
    return draws.uniform(low, high)


def _add_families(
    builder: PeopleBuilder,
    people: People,
    rows: Rows,
    town: Town,
    count: int,
    draws: Draws,
    today: date,
) -> None:
    homes = {i: home.young for i, home in enumerate(town.homes)}
    missing = count
    while missing > 0:
        home = town.homes[draws.weigh(homes)]
        household = builder.add_household(home)
        size = min(missing, draws.weigh({1: 0.68, 2: 0.28, 3: 0.04}))
        family = _add_family(builder, rows, household, home, size, draws, today)
        if draws.chance(THREE_GENERATIONS_SHARE):
            elder = builder.add_elder(household, home, draws.uniform(60, 74), Sex.female)
            people.elders.append(elder)
            is_keeper = draws.chance(0.5)
            for child in family:
                child.elders_at_home.append(elder)
                child.kept_by_elder = is_keeper
        people.families.append(family)
        missing -= size


def _add_family(
    builder: PeopleBuilder,
    rows: Rows,
    household: Row,
    home: Home,
    size: int,
    draws: Draws,
    today: date,
) -> list[Someone]:
    """Add the parents and children of one family; each child gets every parent as a guardian."""
    surname = names.draw_surname(draws)
    mother = builder.add_adult(household, home, draws.uniform(26, 44), Sex.female, names.draw_surname(draws))
    parents = [(mother, "母亲")]
    if not draws.chance(0.09):
        father = builder.add_adult(household, home, mother.years + draws.uniform(-1, 5), Sex.male, surname)
        parents.append((father, "父亲"))
    family: list[Someone] = []
    born_on = _draw_birth(draws, today)
    for nth in range(size):
        if nth and not draws.chance(0.1):  # else a twin
            born_on = _draw_birth(draws, today)
        sex = Sex.female if draws.chance(0.48) else Sex.male
        child = builder.add_child(household, home, born_on, sex, surname)
        for parent, relation in parents:
            child.guardians.append(parent)
            rows.add(
                Guardianship, child_id=child.row, guardian_id=parent.row, relation=relation,
                valid_from=born_on, valid_to=None,
            )  # fmt: skip
        family.append(child)
    return family


def _draw_birth(draws: Draws, today: date) -> date:
    low, high = draws.weigh(_MONTHS_YOUNG)
    return today - timedelta(days=round(draws.uniform(low, high) * 30.44))
