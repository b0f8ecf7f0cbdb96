"""`carematch user ...` and `carematch token`; imports happen when a command runs."""

from __future__ import annotations

from typing import Annotated

import typer

_NAME = Annotated[str, typer.Argument(help="登录名 Sign-in name.")]
_ASK = Annotated[
    bool, typer.Option("--ask", help="输入密码，而不是生成 Type the password instead of having one made.")
]


def register(cli: typer.Typer) -> None:
    """Add `user` and `token`."""
    users = typer.Typer(no_args_is_help=True, help="工作人员账号 Accounts of staff.")
    cli.add_typer(users, name="user")

    @users.command("add")
    def add(
        name: _NAME,
        role: Annotated[str, typer.Option(help="adviser|coordinator|site|manager|auditor|admin")],
        display_name: Annotated[str, typer.Option("--display-name", help="显示的姓名 Name shown.")] = "",
        area: Annotated[
            list[str] | None, typer.Option(help="区域代码，可多次 Area code, repeatable.")
        ] = None,
        site: Annotated[
            list[str] | None, typer.Option(help="服务点代码，可多次 Site code, repeatable.")
        ] = None,
        ask: _ASK = False,
    ) -> None:
        """新建账号。Make a user; the password is printed once."""
        from app.accounts import terminal  # noqa: PLC0415

        terminal.add(name, display_name or name, role, area or [], site or [], ask=ask)

    @users.command("disable")
    def disable(name: _NAME) -> None:
        """停用账号，立即退出。Disable a user and end all logins at once."""
        from app.accounts import terminal  # noqa: PLC0415

        terminal.disable(name)

    @users.command("reset")
    def reset(name: _NAME, ask: _ASK = False) -> None:
        """重设密码并恢复账号。Give a new password, let a disabled user back in."""
        from app.accounts import terminal  # noqa: PLC0415

        terminal.reset(name, ask=ask)

    @users.command("list")
    def list_(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
        """列出账号。List the users with role and scope."""
        from app.accounts import terminal  # noqa: PLC0415

        terminal.list_(as_json=as_json)

    @cli.command()
    def token(
        name: _NAME,
        hours: Annotated[float, typer.Option(help="有效小时数 Hours it lives.", min=0.01, max=24 * 366)] = 8,
        label: Annotated[str, typer.Option(help="用途 What it is for.")] = "",
        as_json: Annotated[bool, typer.Option("--json")] = False,
    ) -> None:
        """为程序签发令牌，只显示一次。Make a bearer token for a program; it is shown once."""
        from app.accounts import terminal  # noqa: PLC0415

        terminal.token(name, hours, label, as_json=as_json)
