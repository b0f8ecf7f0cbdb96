"""Situations in which a workbook cannot be used at all: one sentence each, in Chinese and English."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from app.errors import DomainError

UNUSABLE: Final[dict[str, tuple[str, str]]] = {
    "file_unreadable": ("打不开文件 {file}：{why}。", "{file} cannot be opened: {why}."),
    "file_empty": ("{file} 是空文件，没有任何内容。", "{file} is empty."),
    "file_too_many_sheets": (
        "{file} 的工作表超过 {sheets} 张；请只保留需要导入的工作表。",
        "{file} has more than {sheets} sheets; keep those to be imported.",
    ),
    "file_too_large": (
        "{file} 太大（超过 {mebibytes} MB）；请分成几个文件。",
        "{file} is too large (over {mebibytes} MiB); split it.",
    ),
    "file_old_or_encrypted": (
        "{file} 带有密码或是旧版格式（.xls、.xlsb）；请在 Excel 中去掉密码，另存为 .xlsx。",
        "{file} has a password or an old format (.xls, .xlsb); remove the password and save it as .xlsx.",
    ),
    "file_is_text": (
        "{file} 其实是文本文件（如 CSV）；请用 Excel 打开后另存为 .xlsx。",
        "{file} is a text file (such as CSV); open it in Excel and save it as .xlsx.",
    ),
    "file_is_noise": ("{file} 不是 Excel 工作簿。", "{file} is not an Excel workbook."),
    "file_is_zip": (
        "{file} 是压缩包，不是 Excel 工作簿；请先解压，再选里面的 .xlsx。",
        "{file} is a zip archive, not a workbook; unpack it and choose the .xlsx inside.",
    ),
    "file_has_macros": (
        "{file} 含有宏，为安全起见不读取；请另存为不含宏的 .xlsx。",
        "{file} holds macros and is not read; save it as .xlsx without macros.",
    ),
    "file_damaged": (
        "{file} 已损坏；请在 Excel 中打开并重新保存。",
        "{file} is damaged; open it in Excel and save it again.",
    ),
    "file_is_bomb": (
        "{file} 解压后大得不合常理，不读取。",
        "{file} would unpack to an implausible size and is not read.",
    ),
    "file_too_wide": (
        "{file} 有单元格远在数据区之外（超过 40 万行或 EA 列）；请删掉多余的行和列。",
        "{file} has cells far outside (beyond row 400,000 or column EA); delete the surplus rows and columns.",
    ),
    "no_known_sheet": (
        "{file} 里没有 CareMatch 的工作表；其他名单请先用 carematch map 建立对应关系。",
        "{file} has none of CareMatch's sheets; for any other list run carematch map first.",
    ),
    "columns_disagree": (
        "「{sheet}」的列「{columns}」内容与表头对不上，可能放错了列；请核对后再导入。",
        "in {sheet} the content of {columns_en} does not fit the headers, as if columns were swapped; check them.",
    ),
    "no_header": (
        "{file} 里找不到表头行（至少要有姓名等两列能认出来）。",
        "no header row was found in {file} (at least two columns have to be recognised, such as the name).",
    ),
    "mapping_unusable": ("对应关系文件 {file} 有误：{why}。", "the mapping {file} cannot be used: {why_en}."),
    "no_mapping": (
        "没有记住的对应关系适合 {file}；请先用 carematch map 建立。",
        "no remembered mapping fits {file}; run carematch map first.",
    ),
}


class UnusableFile(DomainError):
    """A file that cannot be imported at all; `code` says why."""

    status: ClassVar[int] = 422

    def __init__(self, situation: str, **data: Any) -> None:
        self.code = situation  # type: ignore[misc]
        self.zh, self.en = UNUSABLE[situation]  # type: ignore[misc]
        super().__init__(**data)


class RecordClash(DomainError):
    """The record changed while the file was being read, or two rows of it cannot both hold; nothing was imported."""

    code = "record_clash"
    zh = "导入与现有数据冲突（{constraint}），没有导入任何内容；请重试，仍不行请先用 --dry-run 检查。"
    en = "The import clashes with the record ({constraint}); nothing was imported. Try again, or check with --dry-run."
