"""Real nights: the sample with every kind of wish, planned for once by the program, its file read back."""

import json

from tests.support.monday import begin


def draw_town(scale):
    """Return the problem document of a Monday's first night, fifteen levels.

    ``scale`` is the sample's: a twelfth has some 600 requests and takes half a minute, 1 has 7,000 and takes a minute.
    """
    begin()
    from tests.concurrency.crash import spend_a_night
    from tests.concurrency.stage import stages

    with stages(("sqlite",), durable=False) as (town,):
        spend_a_night(town, scale)
        (file,) = (town.data / "nights").rglob("welfare.problem.json")
        return json.loads(file.read_text(encoding="utf-8"))
