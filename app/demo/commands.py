"""The demo's steps in order; each finds out what an earlier, perhaps interrupted, run has already done."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from sqlalchemy import select

from app import migrate
from app.accounts.commands import create_user
from app.attendance.sweep import assign_owners
from app.clock import today
from app.context import Context, open_context
from app.db import WriteSession
from app.models import Area, Person, Site, StaffUser
from app.models.enums import AreaKind, StaffRole
from app.status.queries import get_figures
from app.status.summary import print_figures

DEMO_STAFF = (
    ("adviser", "养老顾问", StaffRole.adviser),
    ("coordinator", "晚托协调员", StaffRole.coordinator),
    ("site", "服务点工作人员", StaffRole.site),
    ("manager", "街道负责人", StaffRole.manager),
    ("auditor", "审计员", StaffRole.auditor),
    ("admin", "系统管理员", StaffRole.admin),
)


def run_demo(scale: float, *, serve: bool) -> int:
    """Migrate, load the sample, match tonight, print the summary; then serve until stopped. Returns an exit code."""
    console = Console()
    context = open_context()
    migrate.upgrade(context.database.engine)
    console.print("[1/4] 数据库已就绪 The database is ready.")
    loaded = _load_sample(console, context, scale)
    if loaded != 0:
        return loaded
    password = _make_staff(context)
    console.print("[3/4] 今晚的匹配 Tonight's matching ...")
    night = subprocess.run([*_carematch(), "nightly", "--once"], check=False)
    if night.returncode not in {0, 3}:  # 3: a gate held part of it back, which the page shows
        return night.returncode
    with context.database.reading() as session:
        print_figures(get_figures(session), console)
    context.database.dispose()
    _tell_how_to_sign_in(console, context, password)
    if serve:
        console.print("[4/4] 服务已启动，按 Ctrl-C 停止。Serving; Ctrl-C stops.")
        # The server takes this process's place: one process to stop, one exit code.
        command = _carematch()
        os.execv(command[0], [*command, "serve", "--port", str(context.settings.port)])  # noqa: S606
    return 0


def _carematch() -> list[str]:
    return [sys.executable, "-m", "app"]


def _load_sample(console: Console, context: Context, scale: float) -> int:
    with context.database.reading() as session:
        is_loaded = session.scalar(select(Person.id).limit(1)) is not None
    if is_loaded:
        console.print("[2/4] 样例数据已在库中 The sample is there already.")
        return 0
    console.print("[2/4] 装入样例数据（全部为虚构）Loading the sample (all of it synthetic) ...")
    return subprocess.run([*_carematch(), "sample", "--scale", str(scale)], check=False).returncode


def _make_staff(context: Context) -> str:
    """Make one user a role where they are missing; the password is this data folder's own."""
    path = context.settings.data / "demo-password.txt"
    password = _read_or_make_password(path)

    def work(session: WriteSession) -> None:
        known = set(session.scalars(select(StaffUser.name)))
        root = session.scalars(select(Area.code).where(Area.kind == AreaKind.subdistrict)).all()
        sites = session.scalars(select(Site.code).order_by(Site.code)).all()
        for name, display_name, role in DEMO_STAFF:
            if name in known:
                continue
            areas = [] if role in {StaffRole.site, StaffRole.admin} else list(root)
            create_user(
                session, name, display_name, role, password, areas, sites if role is StaffRole.site else []
            )
        assign_owners(session)

    context.database.write(work)
    return password


def _read_or_make_password(path: Path) -> str:
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    password = secrets.token_urlsafe(9)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(password + "\n")
    return password


def _tell_how_to_sign_in(console: Console, context: Context, password: str) -> None:
    console.print(f"\n网址 Address:  http://127.0.0.1:{context.settings.port}", highlight=False)
    console.print(
        f"密码 Password: [bold]{password}[/bold]  （各演示账号相同 the same for every demo user）",
        highlight=False,
    )
    for name, display_name, _role in DEMO_STAFF:
        console.print(f"  {name:<12} {display_name}", highlight=False)
    console.print(f"演示日期 Today: {today().isoformat()}\n", highlight=False)
