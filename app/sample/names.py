"""Invented names, numbers and addresses, each marked as synthetic. Pure.

The marks: names end in `·样例` (sample), codes begin with SYN, ID numbers with 99 (no such province), phone
numbers with 000 (no such range).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

from app.models.enums import Sex
from app.people.identity import find_check_character
from app.people.names import SYNTHETIC_MARK as MARK
from app.people.names import find_pinyin
from app.sample.draws import Draws

_SURNAMES: Final = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓韩冯曹彭"
    "肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦夏付方邹熊孟秦顾侯邵龙万段钱汤尹施陶洪"
)
_OLD_FEMALE: Final = (
    "秀英 桂兰 玉珍 凤英 素珍 桂英 玉兰 秀珍 美华 月琴 惠芳 丽华 宝珠 菊芬 文娟 佩珍 爱珍 雅琴 慧敏 淑芬"
)
_OLD_MALE: Final = (
    "建国 国强 志明 金根 阿福 德明 永康 炳生 福根 家声 鸿章 文龙 长发 宝康 正华 维民 伯年 耀祖 志坚 荣根"
)
_YOUNG_FEMALE: Final = "静 婷 敏 丽 倩 雪梅 晓燕 佳颖 思琪 雯雯 莉 燕 蓉 玲 晨曦 文静"
_YOUNG_MALE: Final = "伟 磊 强 军 涛 超 浩 俊杰 晓东 斌 鹏 志远 嘉伟 明 峰 凯"
_GIRLS: Final = "欣怡 梓涵 诗涵 雨桐 可馨 一诺 语嫣 若曦 佳宁 安琪 沐辰 思远 艺涵 悦宁 嘉禾 清越"
_BOYS: Final = "浩宇 子轩 宇航 梓豪 俊熙 一鸣 皓轩 奕辰 明哲 天佑 沐阳 思源 承泽 嘉树 知行 景行"
_GIVEN: Final = {
    (name, sex): tuple(given.split())
    for name, sex, given in (
        ("old", Sex.female, _OLD_FEMALE),
        ("old", Sex.male, _OLD_MALE),
        ("young", Sex.female, _YOUNG_FEMALE),
        ("young", Sex.male, _YOUNG_MALE),
        ("child", Sex.female, _GIRLS),
        ("child", Sex.male, _BOYS),
    )
}


def draw_surname(draws: Draws) -> str:
    """Return a common surname."""
    return draws.pick(_SURNAMES)


def draw_name(draws: Draws, generation: str, sex: Sex, surname: str) -> str:
    """Return a name with its mark; `generation` is old, young or child."""
    return f"{surname}{draws.pick(_GIVEN[generation, sex])}{MARK}"


@cache
def _spell(part: str) -> tuple[str, str]:
    return find_pinyin(part)


def spell_name(name: str) -> tuple[str, str]:
    """Return pinyin and initials of a sample name; its few parts are spelt once each, for a dictionary is slow."""
    (surname, first), (given, rest) = _spell(name[0]), _spell(name[1:].removesuffix(MARK))
    return surname + given, first + rest


def make_id_number(index: int, born_on: date, sex: Sex) -> str:
    """Return an ID number with a right check character that nobody can have; one for each index below 5 million."""
    sequence = 2 * (index % 500) + (sex is Sex.male)
    first_17 = f"99{index // 500:04d}{born_on:%Y%m%d}{sequence:03d}"
    return first_17 + find_check_character(first_17)


def make_phone(index: int) -> str:
    """Return a phone number of a range that does not exist."""
    return f"000{index:08d}"
