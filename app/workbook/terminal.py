"""What the workbook's commands print and answer: 0 done, 1 faults, 2 an unusable file."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from app import clock, migrate
from app.actor import system_actor
from app.context import Context, open_context
from app.db import Database
from app.errors import DomainError
from app.workbook.commands import export_workbook, import_workbook, write_template
from app.workbook.door import print_refusal
from app.workbook.errors import UnusableFile
from app.workbook.examining import Options, Tell
from app.workbook.foreign import import_list
from app.workbook.mapping import read_mapping
from app.workbook.report import Report
from app.workbook.sheets import BY_KEY, SHEETS

DONE: Final = 0
FAULTS: Final = 1
UNUSABLE: Final = 2
_SHOWN: Final = 200


def run_template(file: Path) -> int:
    """Write the empty workbook."""
    try:
        write_template(file)
    except OSError as fault:
        return _refuse_place(file, fault)
    print(f"空白工作簿已写入 {file}。 The empty workbook is in {file}.")
    return DONE


def run_export(file: Path) -> int:
    """Write the record into a workbook."""
    context = open_migrated()
    try:
        with _progress() as tell:
            counts = export_workbook(context.database, file, system_actor(), tell)
    except OSError as fault:
        return _refuse_place(file, fault)
    rows = sum(counts.values())
    print(
        f"已导出 {rows} 行到 {file}。文件含身份证号、电话、住址和健康信息明文，仅供本单位使用，请妥善保管。\n"
        f"{rows} rows are in {file}. It holds ID numbers, phones, addresses and health notes in clear: "
        "for the office's own use, keep it safe."
    )
    return DONE


def run_import(file: Path, mapping: Path | None, *, dry_run: bool, skip_faulty: bool, as_json: bool) -> int:
    """Import a workbook, or a list by its mapping, and print what became of it."""
    try:
        context = open_migrated()
        with _progress() as tell:
            options = Options(clock.today(), dry_run, skip_faulty, tell=tell)
            report = _import(context.database, file, mapping, options)
    except DomainError as error:
        print_refusal(error, as_json=as_json)
        return UNUSABLE
    if as_json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        _print_report(report)
    return FAULTS if report.faults else DONE


def open_migrated() -> Context:
    """Open the record, and bring an empty or older one to the newest revision: an import may be its first row."""
    context = open_context()
    if migrate.get_revision(context.database.engine) != migrate.get_head():
        migrate.upgrade(context.database.engine)
    return context


def _refuse_place(file: Path, fault: OSError) -> int:
    print(
        f"无法写入 {file}：{fault.strerror}。请换一个文件夹。\n{file} cannot be written: {fault.strerror}. Choose another folder.",
        file=sys.stderr,
    )
    return UNUSABLE


def _import(database: Database, file: Path, mapping: Path | None, options: Options) -> Report:
    if mapping is not None:
        return import_list(database, file, read_mapping(mapping), system_actor(), options, clock.now())
    try:
        return import_workbook(database, file, system_actor(), options)
    except UnusableFile as error:
        if error.code != "no_known_sheet":
            raise
    # No sheet of ours: perhaps a list whose mapping is remembered.
    return import_list(database, file, None, system_actor(), options, clock.now())


def _print_report(report: Report) -> None:
    for fault in report.faults[:_SHOWN]:
        print(f"{fault.zh}\n    {fault.en}  [{fault.code}]")
    if len(report.faults) > _SHOWN:
        more = len(report.faults) - _SHOWN
        print(f"……另有 {more} 处，用 --json 可看全部。 {more} more; --json lists all.")
    if report.faults:
        n = len(report.faults)
        if report.imported:
            print(f"{n} 处错误，{report.skipped} 行已跳过。 {n} faults; {report.skipped} rows were skipped.")
        else:
            print(f"共 {n} 处错误，没有导入任何内容。 {n} faults; nothing was imported.")
    if report.changes:
        print(f"{'':　<8}  新增 new   修改 changed   未变 unchanged")
        for key, change in report.changes.items():
            counts = change.as_json()
            print(
                f"{BY_KEY[key].zh:　<8}  {counts['new']:>8} {counts['changed']:>12} {counts['unchanged']:>12}"
            )
    if report.waiting:
        print(
            f"{report.waiting} 行与已登记的人相近，等待人工判断：carematch matches list。 "
            f"{report.waiting} rows are nearly registered people and wait for a decision: carematch matches list."
        )
    if report.unknown_regions:
        print(
            f"提示：{report.unknown_regions} 个身份证号的地区码不在已知区县中。 "
            f"Note: {report.unknown_regions} ID numbers begin with an unknown county."
        )
    if report.dry_run:
        print("这是试运行，没有写入。 A dry run: nothing was written.")


@contextmanager
def _progress() -> Iterator[Tell]:
    """Show a bar on a terminal, nothing elsewhere; it goes to stderr so that `--json` stays JSON."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=2 * len(SHEETS) + 2)

        def tell(step: str) -> None:
            name = (
                BY_KEY[step].zh
                if step in BY_KEY
                else {"check": "检查 check", "slots": "时段 slots"}.get(step, step)
            )
            bar.update(task, advance=1, description=name)

        yield tell
