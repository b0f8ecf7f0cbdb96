"""What can go wrong in operation."""

from __future__ import annotations

from app.errors import DomainError


class NotReady(DomainError):
    """The published plan is older than a night and a morning."""

    status = 503
    code = "not_ready"
    zh = "已发布的匹配结果过旧：{age_hours} 小时前发布，上限 {limit_hours} 小时。请检查夜间任务。"
    en = (
        "The published plan is {age_hours} hours old, the limit is {limit_hours}; look after the nightly run."
    )


class NoPlanYet(DomainError):
    """No plan has been published."""

    status = 503
    code = "no_plan_yet"
    zh = "还没有发布过匹配结果。"
    en = "No plan has been published yet."


class PortTaken(DomainError):
    """The address to serve on is not free."""

    code = "port_taken"
    zh = "{host}:{port} 无法使用（{why}）；请用 PORT= 另选一个端口。"
    en = "{host}:{port} cannot be used ({why}); choose another port with PORT=."


class NotABackup(DomainError):
    """The file to restore is not a whole backup of this program."""

    code = "not_a_backup"
    zh = "{file} 不是完整的 CareMatch 备份：{why_zh}。数据库未改动。"
    en = "{file} is not a whole CareMatch backup: {why_en}. The database was not changed."


class NotEmpty(DomainError):
    """Restoring over a database that holds data needs to be said."""

    code = "not_empty"
    zh = "数据库里已有数据；确要覆盖请加 --replace。"
    en = "The database holds data; say --replace to put the backup in its place."


class FileExists(DomainError):
    """A backup never overwrites a file."""

    code = "file_exists"
    zh = "{file} 已存在；备份不会覆盖文件，请换一个文件名。"
    en = "{file} is there already; a backup overwrites nothing, choose another name."


class WrongRevision(DomainError):
    """The backup comes from a newer or unknown program."""

    code = "wrong_revision"
    zh = "备份的数据库版本是 {revision}，本程序只认到 {head}；请先升级程序。"
    en = "The backup has revision {revision}, this program knows up to {head}; upgrade the program first."


class NoDatabase(DomainError):
    """There is nothing to back up."""

    code = "no_database"
    zh = "数据库还没有建立；请先运行 carematch migrate 或 demo。"
    en = "There is no database yet; run `carematch migrate` or `demo` first."


class KeyRotating(DomainError):
    """While the field key changes, a backup without its keys could not be opened later."""

    code = "key_rotating"
    zh = "字段密钥正在更换；请先运行 carematch key rotate 完成更换，或用 --with-key 备份。"
    en = "The field key is being changed; finish with `carematch key rotate`, or back up --with-key."


class KeyInUse(DomainError):
    """Values are left that open with the old key only."""

    code = "key_in_use"
    zh = "还有 {count} 处敏感字段打不开或无法改用新密钥（{places}）；旧密钥保留，其余已更换。请核对这些记录后再运行一次。"
    en = "{count} sealed values could not be sealed anew ({places}); the old key stays, the others are done. Look at these and run again."


class KeyElsewhere(DomainError):
    """The key comes from the environment: the program can say what to set there, not set it."""

    code = "key_elsewhere"
    zh = "字段密钥来自环境变量 CAREMATCH_FIELD_KEY：请把它换成 {file} 的内容，重启所有进程，再运行一次。"
    en = "The field key comes from CAREMATCH_FIELD_KEY: set it to what {file} holds, restart every process, and run this again."


class KeyDoesNotFit(DomainError):
    """The record was sealed under a key that is not here; going on would seal new values under another one."""

    code = "key_does_not_fit"
    zh = "敏感字段（{place}）不是用本机的密钥（编号 {key}）加密的；请把原来的 keys/field.key 放进数据文件夹，或设置同一个 CAREMATCH_FIELD_KEY。"
    en = "Sealed fields ({place}) were not sealed under the key here ({key}); put the original keys/field.key into the data folder, or set the same CAREMATCH_FIELD_KEY."


class OtherKey(DomainError):
    """The backup's sealed fields were sealed under another key."""

    code = "other_key"
    zh = "备份中的敏感字段是用另一把密钥加密的；请把原来的 keys/field.key 放回数据文件夹，或用 --with-key 所做的备份。"
    en = "The backup was sealed under another key; put its keys/field.key into the data folder, or use a backup made --with-key."
