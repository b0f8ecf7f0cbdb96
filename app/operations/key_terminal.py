"""`carematch key` on the command line: says each step of a rotation, and where one stands. Decides nothing."""

from __future__ import annotations

from app.actor import system_actor
from app.context import open_context
from app.operations.rotation import count_stale, rotate
from app.sealed import keyring

_STEPS = {
    "announced": "已生成新密钥，等待各进程读取。A new key is made; every process reads it now.",
    "changed_over": "新密钥已启用，旧密钥仍可解密。The new key is in use; the old one still opens.",
    "audit_chain": "审计链已换用新密钥。The audit chain goes on under the new key.",
    "forgotten": "旧密钥已移除。The old key is gone.",
}


def rotate_key() -> None:
    """Rotate, or finish a rotation, and say what was done."""

    def tell(step: str, rows: int) -> None:
        if step in _STEPS:
            print(_STEPS[step], flush=True)
        else:
            print(f"  {step}: {rows}", flush=True)

    made = rotate(open_context(pool_size=4), system_actor(), tell)
    print(
        f"完成：{made.rows} 行已改用密钥 {made.key_id}。Done: {made.rows} rows are sealed under key {made.key_id}."
    )
    if made.put_aside:
        print(
            f"旧密钥在 {made.put_aside}，只为打开以前的备份；不再需要时请删除。\n"
            f"The key before is {made.put_aside}, for backups made with it; delete it when you need none of them."
        )
    print("请另存新的 keys/field.key。Keep a copy of the new keys/field.key apart from the data.")


def show_key() -> None:
    """Print the key's name, whether a rotation is under way, and what still waits for it."""
    context = open_context(pool_size=4)
    ring = keyring()
    with context.database.reading() as session:
        stale = {table: rows for table, rows in count_stale(session).items() if rows}
    print(f"密钥 Key: {ring.key_id}")
    if ring.next_id or ring.old_ids:
        print(
            "更换未完成，请再运行 carematch key rotate。A rotation is not finished: run `carematch key rotate`."
        )
    for table, rows in stale.items():
        print(f"  {table}: {rows}")
    if not stale:
        print("全部敏感字段都在此密钥下。Every sealed value is under this key.")
