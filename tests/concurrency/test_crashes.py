"""Short forms of the kills and failures, on both databases, with the controls that must go red."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.concurrency import n_meanwhile, n_plans, n_runs, r7
from tests.concurrency.crash import spend_a_night
from tests.concurrency.stage import stage, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.concurrency.stage import Stage

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def towns(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Stage]]:
    """A small town with a published plan on each database that a test asks for, made once whatever the order."""
    with contextlib.ExitStack() as open_:
        made: dict[str, Stage] = {}

        def find(kind: str) -> Stage:
            if kind not in made:
                databases = request.getfixturevalue(f"{kind}_databases")
                folder = tmp_path_factory.mktemp(kind) / "data"
                url = databases.make() if kind == "postgresql" else None
                if url is not None:
                    open_.callback(databases.drop, url)
                fill = databases.make_at if url is None else None
                made[kind] = open_.enter_context(stage(kind, folder, url, fill))
                spend_a_night(made[kind])
            return made[kind]

        yield find


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def town(request: pytest.FixtureRequest, towns: Callable[[str], Stage]) -> Stage:
    return towns(request.param)


def test_r7_an_acknowledged_booking_survives_kills() -> None:
    with stages(("sqlite",)) as made:
        out = r7.run(made[0], kills=3)
    assert out.violations == []
    assert out.successes > 0


def test_r7_goes_red_when_the_reply_is_sent_before_the_commit() -> None:
    with stages(("sqlite",), durable=False) as made:
        out = r7.run_control(made[0])
    assert any("lost" in each for each in out.violations), out.violations


def test_n2_of_several_starts_one_runs_and_the_others_name_it(town: Stage) -> None:
    out = n_runs.run_n2(town, starts=4)
    assert out.violations == []


def test_n3_a_holder_stopped_past_its_lease_publishes_nothing(town: Stage) -> None:
    out = n_runs.run_n3(town)
    assert out.violations == []
    assert out.refusals["lease_lost"] == 1


def test_n4_what_happened_during_the_solve_survives(town: Stage) -> None:
    out = n_meanwhile.run_n4(town, acts=40)
    assert out.violations == []
    assert out.successes > 10


def test_n5_publishing_disturbs_nobody(town: Stage) -> None:
    out = n_meanwhile.run_n5(town, placements=500)
    assert out.violations == []
    assert out.successes > 0


def test_n7_the_checker_refuses_twenty_of_twenty_corrupted_plans(town: Stage) -> None:
    out = n_plans.run_n7(town)
    assert out.violations == []
    assert out.refusals["refused"] == 20


def test_n8_one_seed_gives_one_plan_on_any_number_of_cores(town: Stage) -> None:
    out = n_plans.run_n8(town)
    assert out.violations == []
