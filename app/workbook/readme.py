"""The first sheet of the workbook: how to fill it in, and what each sheet is for."""

from __future__ import annotations

from typing import Any, Final

from app.workbook.sheets import SHEETS

TITLE: Final = "说明"

_LINES: Final = (
    ("CareMatch 工作簿", "The CareMatch workbook"),
    ("每张表一行一条记录；深色表头必填，鼠标停在表头上可看说明和可填的词。",
     "One record a row; dark headers are required; hover over a header for its note and words."),
    ("编码一经使用就不要改：同一编码再次导入是修改，不会新增。",
     "Never change a code once used: the same code again is an edit, never a second record."),
    ("引用其他表时填对方的编码；小区也可以填名称或别名。",
     "Refer to other sheets by code; compounds also by name or alias."),
    ("日期写 2026-03-01；是否写“是”或“否”；多个值用分号隔开。",
     "Dates as 2026-03-01; yes and no as 是 and 否; several values with semicolons between."),
    ("身份证号和电话请用文本格式填写，否则 Excel 会改动末几位。",
     "Type ID and phone numbers as text, or Excel will alter their last digits."),
    ("先用 carematch import 文件 --dry-run 检查；有一处错误，整个文件都不会导入。",
     "Check with carematch import FILE --dry-run first; while one fault is left nothing is imported."),
    ("导出的工作簿含有个人敏感信息，请妥善保管，用后删除。",
     "An exported workbook holds sensitive personal data: keep it safe, delete it after use."),
)  # fmt: skip


def write_readme(book: Any) -> None:
    """Add the first sheet."""
    page = book.add_worksheet(TITLE)
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    page.set_column(0, 0, 18, wrap)
    page.set_column(1, 2, 70, wrap)
    row = 0
    for zh, en in _LINES:
        page.write_string(row, 1, zh, bold if row == 0 else wrap)
        page.write_string(row, 2, en, bold if row == 0 else wrap)
        row += 1
    for sheet in SHEETS:
        row += 1
        page.write_string(row, 0, sheet.zh, bold)
        page.write_string(row, 1, sheet.note_zh, wrap)
        page.write_string(row, 2, f"{sheet.en}. {sheet.note_en}".strip(), wrap)
