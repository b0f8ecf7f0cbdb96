"""What `carematch shopping` prints."""

from __future__ import annotations

import json
import sys

from rich.console import Console
from rich.table import Table

from app.context import open_context
from app.language.days import say_weekdays
from app.language.labels import label
from app.planning.errors import NoPlan
from app.shopping.commands import work_out
from app.shopping.queries import load_class_names

NO_PLAN = 4


def run(budget: int, *, as_json: bool) -> int:
    """Work the list out and print it; returns the exit code (4: the solver gave no answer)."""
    context = open_context(pool_size=2)
    console = Console(stderr=True)
    try:
        with console.status("正在计算 Working it out ...") as status:
            made = work_out(
                context.database,
                context.settings.data,
                budget,
                lambda step, _share: status.update(f"正在计算 Working it out: {step} ..."),
            )
    except NoPlan as fault:
        print(f"{fault.sentence('zh')}\n{fault.sentence('en')}", file=sys.stderr)
        return NO_PLAN
    with context.database.reading() as session:
        names = load_class_names(session, [each.class_code for each in made.bought])
    if as_json:
        rows = [
            {
                "class": each.class_code,
                "site_zh": names[each.class_code].site_zh,
                "weekdays": each.weekdays,
                "amounts": {kind.value: amount for kind, amount in each.amounts.items()},
                "serves": len(each.need_ids),
            }
            for each in made.bought
        ]
        print(
            json.dumps(
                {
                    "budget": made.budget,
                    "unmet": made.unmet,
                    "serves": made.served,
                    "proven": made.is_proven,
                    "buy": rows,
                },
                ensure_ascii=False,
            )
        )
        return 0
    table = Table(title=f"增能清单 The shopping list: 最多 at most {budget}")
    for head in ("服务点 Site", "班次 Class", "增加 More", "星期 Days", "可解决 Serves"):
        table.add_column(head)
    for each in made.bought:
        more = ", ".join(f"+{amount} {label(kind, 'zh')}" for kind, amount in each.amounts.items())
        name = names[each.class_code]
        table.add_row(
            name.site_zh, name.class_zh, more, say_weekdays(each.weekdays, "zh"), str(len(each.need_ids))
        )
    out = Console()
    out.print(table)
    out.print(
        f"共可多安排 {made.served} 项需求（目前未安排 {made.unmet} 项），不动任何人。"
        f"In all {made.served} more needs of {made.unmet} unmet ones; nobody is moved."
    )
    return 0
