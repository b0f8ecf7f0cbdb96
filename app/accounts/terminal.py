"""What the account commands do at the terminal: ask, act in one transaction with its audit row, print once."""

from __future__ import annotations

import getpass
import json
import secrets
import sys
from datetime import timedelta

from app import migrate
from app.accounts import commands, queries
from app.accounts.errors import UnknownCode
from app.audit.commands import record
from app.context import Context, open_context
from app.db import WriteSession
from app.models import StaffUser
from app.models.enums import StaffRole

_ACTOR = "system"


def _open() -> Context:
    context = open_context()
    migrate.upgrade(context.database.engine)
    return context


def _choose_password(*, ask: bool) -> tuple[str, bool]:
    """Return a password and whether it was made here (and must be shown)."""
    if not ask:
        return secrets.token_urlsafe(12), True
    if not sys.stdin.isatty():  # a script pipes it in
        return sys.stdin.readline().rstrip("\n"), False
    first = getpass.getpass("密码 Password: ")
    if getpass.getpass("再输一次 Once more: ") != first:
        print("两次输入不一致。The two differ.", file=sys.stderr)
        sys.exit(2)
    return first, False


def _tell(sentence: str, password: str, *, made: bool) -> None:
    print(sentence)
    if made:
        print(f"密码（只显示这一次）Password, shown this once: {password}")


def add(name: str, display_name: str, role: str, areas: list[str], sites: list[str], *, ask: bool) -> None:
    """Make a user."""
    if role not in set(StaffRole):
        raise UnknownCode(unknown=role)
    password, made = _choose_password(ask=ask)

    def work(session: WriteSession) -> None:
        user = commands.create_user(session, name, display_name, StaffRole(role), password, areas, sites)
        record(
            session,
            _ACTOR,
            "user.add",
            f"user:{user.id}",
            {"role": role, "areas": areas, "sites": sites},
        )

    _open().database.write(work)
    _tell(f"已新建账号 {name}。User {name} is there.", password, made=made)


def disable(name: str) -> None:
    """Disable a user."""

    def work(session: WriteSession) -> None:
        user = commands.disable_user(session, name)
        record(session, _ACTOR, "user.disable", f"user:{user.id}", {})

    _open().database.write(work)
    print(f"已停用 {name}，其登录已全部失效。{name} is disabled; all logins have ended.")


def reset(name: str, *, ask: bool) -> None:
    """Give a new password."""
    password, made = _choose_password(ask=ask)

    def work(session: WriteSession) -> None:
        user = commands.reset_password(session, name, password)
        record(session, _ACTOR, "user.reset", f"user:{user.id}", {})

    _open().database.write(work)
    _tell(f"已重设 {name} 的密码。{name} has a new password.", password, made=made)


def list_(*, as_json: bool) -> None:
    """Print the users."""
    with _open().database.reading() as session:
        rows = [_describe(user) for user in queries.list_users(session)]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "停用 disabled" if row["disabled"] else "启用 active"
        print(f"{row['name']:<16} {row['role']:<12} {state}  {row['display_name']}")


def _describe(user: StaffUser) -> dict[str, object]:
    return {
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "disabled": user.disabled_at is not None,
        "area_ids": sorted(area.area_id for area in user.areas),
        "site_ids": sorted(site.site_id for site in user.sites),
    }


def token(name: str, hours: float, label: str, *, as_json: bool) -> None:
    """Make a bearer token and print it."""

    def work(session: WriteSession) -> tuple[str, str]:
        made, expires_at = commands.create_token(session, name, timedelta(hours=hours), label)
        user = queries.get_user(session, name)
        record(session, _ACTOR, "token.add", f"user:{user.id}", {"hours": hours})
        return made, expires_at.isoformat()

    made, expires_at = _open().database.write(work)
    if as_json:
        print(json.dumps({"token": made, "expires_at": expires_at, "name": name}))
    else:
        print(made)
