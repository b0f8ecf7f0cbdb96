"""A real night of a small town: the sample with every kind of wish, planned for once by the program, its file read back."""

import json

from tests.support.monday import begin


def draw_town():
    """Return the problem document of a Monday's night (575 requests, fifteen levels); takes half a minute."""
    begin()
    from tests.concurrency.crash import spend_a_night
    from tests.concurrency.stage import stages

    with stages(("sqlite",), durable=False) as (town,):
        spend_a_night(town)
        (file,) = (town.data / "nights").rglob("welfare.problem.json")
        return json.loads(file.read_text(encoding="utf-8"))
