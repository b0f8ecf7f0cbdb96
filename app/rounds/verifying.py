"""Derives a published list again from what was announced: offline, without the database, by anybody. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from app.priority.rules import draw_number
from app.rounds.commitment import digest, hash_entries, hash_secret, is_signed, make_seed
from app.rounds.document import CommitmentFile, ListFile
from app.rounds.listing import FEWEST, count_bands, find_cutoffs, order_row

MOST_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """What does not agree, as a sentence in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Verdict:
    """What was looked at and what does not agree; `fingerprint` is the hash of the commitment in the file."""

    findings: list[Finding]
    rows: int = 0
    fingerprint: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether everything agrees."""
        return not self.findings


def verify(document: Any, announced: Any = None) -> Verdict:
    """Return every way in which a list disagrees with itself, and with the commitment that was announced, if given."""
    try:
        ListFile.model_validate(document)
        if announced is not None:
            CommitmentFile.model_validate(announced)
    except ValidationError as fault:
        return Verdict([_say_form(fault)])
    found = list(_find_all(document, announced))
    return Verdict(found, len(document["rows"]), digest(document["commitment"]))


def _say_form(fault: ValidationError) -> Finding:
    where = ".".join(str(part) for part in fault.errors(include_url=False, include_input=False)[0]["loc"])
    return Finding(
        "form",
        f"文件格式不符：{where or '整个文件'}。这不是一份完整的公布名单或承诺文件。",
        f"The file does not have the form of a published list or commitment: see {where or 'the whole of it'}.",
    )


def _find_all(document: dict[str, Any], announced: Any) -> Iterator[Finding]:
    yield from _check_in_force(document)
    yield from _check_commitment(document, announced)
    yield from _check_draws(document)
    yield from _check_order(document)
    yield from _check_figures(document)
    unsigned = {key: value for key, value in document.items() if key != "signature"}
    if not is_signed(document["commitment"]["list_key"], unsigned, document["signature"]):
        yield Finding(
            "signature",
            "签名与事先公布的公钥不符：名单在公布后被改动过，或不是由街道发布的。",
            "The signature is not that of the announced key: the list was changed after it was published, or is not "
            "the subdistrict's.",
        )


def _check_in_force(document: dict[str, Any]) -> Iterator[Finding]:
    withdrawn = document.get("withdrawn")
    if withdrawn is not None:
        yield Finding(
            "withdrawn",
            f"名单已于 {withdrawn['on']} 撤回，不再有效：所依据的方案已撤销。抽签号不变，请以重新公布的名单为准。",
            f"The list was withdrawn on {withdrawn['on']} and does not hold any more: its plan was rolled back. The "
            "draw numbers stay; the list published next counts.",
        )


def _check_commitment(document: dict[str, Any], announced: Any) -> Iterator[Finding]:
    commitment = document["commitment"]
    if announced is not None and announced != commitment:
        keys = sorted(key for key in announced if announced[key] != commitment[key])
        yield Finding(
            "announced",
            f"名单中的承诺与报名前公布的不同（{'、'.join(keys)}）。",
            f"The commitment in the list is not the one announced before the window opened ({', '.join(keys)}).",
        )
    if hash_secret(document["secret"]) != commitment["secret_sha256"]:
        yield Finding(
            "secret",
            "公布的密钥与报名前公布的摘要不符：抽签用的不是当初承诺的密钥。",
            "The secret does not have the hash that was announced: it is not the one committed to.",
        )
    if digest(commitment["policy"]) != commitment["policy_sha256"]:
        yield Finding(
            "policy",
            "政策文件与报名前公布的摘要不符：排序规则被改动过。",
            "The policy file does not have the hash that was announced: the rules of the order were changed.",
        )
    if not commitment["closes_on"] < document["public_number_on"] <= document["effective_on"]:
        yield Finding(
            "number_too_early",
            f"公开数产生于 {document['public_number_on']}，不在报名截止（{commitment['closes_on']}）之后、名单生效之前。",
            f"The public number arose on {document['public_number_on']}, not after the window closed "
            f"({commitment['closes_on']}) and before the list.",
        )


def _check_draws(document: dict[str, Any]) -> Iterator[Finding]:
    rows = document["rows"]
    twice = sorted(code for code, count in Counter(row["need"] for row in rows).items() if count > 1)
    if twice:
        yield Finding(
            "twice",
            f"编号出现不止一次：{'、'.join(twice[:MOST_NAMED])}。",
            f"Listed more than once: {', '.join(twice[:MOST_NAMED])}.",
        )
    if hash_entries([row["need"] for row in rows]) != document["entries_sha256"]:
        yield Finding(
            "entries",
            "名单上的编号与截止时登记的不一致：有人被加入或删去。",
            "The codes are not those that were registered as the window closed: somebody was added or left out.",
        )
    seed = make_seed(document["secret"], document["public_number"])
    wrong = [row["need"] for row in rows if draw_number(seed, row["need"]) != row["draw"]]
    if wrong:
        yield Finding(
            "draw",
            f"{len(wrong)} 个抽签号与密钥和公开数算出的不符，例如 {'、'.join(wrong[:MOST_NAMED])}。",
            f"{len(wrong)} draw numbers do not follow from the secret and the public number, as {', '.join(wrong[:MOST_NAMED])}.",
        )


def _check_order(document: dict[str, Any]) -> Iterator[Finding]:
    rows = document["rows"]
    for before, after in pairwise(rows):
        if order_row(before) > order_row(after):
            yield Finding(
                "order",
                f"顺序不对：{after['need']} 应排在 {before['need']} 之前。",
                f"The order is wrong: {after['need']} belongs before {before['need']}.",
            )
            break
    odd = [
        row["need"]
        for row in rows
        if (row["outcome"] == "placed") != (row["class"] is not None)
        or (row["outcome"] == "withdrawn") != (row["band"] == "")
    ]
    if odd:
        yield Finding(
            "outcome",
            f"结果自相矛盾：{'、'.join(odd[:MOST_NAMED])}（录取须有班级，退出者不分类别）。",
            f"The outcome contradicts itself for {', '.join(odd[:MOST_NAMED])} (placed means a class; who withdrew has no band).",
        )


def _check_figures(document: dict[str, Any]) -> Iterator[Finding]:
    bands = count_bands(document["rows"])
    if bands != document["bands"]:
        yield Finding(
            "bands",
            "各类别的人数与名单逐行统计的不符。",
            "The figures by band are not what the rows add up to.",
        )
    if len(bands) > 1 and any(band["needs"] < FEWEST for band in bands):
        yield Finding(
            "small_band",
            f"有类别不足 {FEWEST} 人而没有合并。",
            f"A band of fewer than {FEWEST} people was not merged.",
        )
    if find_cutoffs(document["rows"]) != document["cutoffs"]:
        yield Finding(
            "cutoffs",
            "录取线与名单逐行推算的不符。",
            "The cutoffs are not what the rows give.",
        )
