"""Cleaning: furniture goes, text stays, in time that grows with the page."""

from __future__ import annotations

import json
import re
import time

import pytest

from indexer.clean import Cleaned, clean, rules, stamp, title
from indexer.clean.furniture import furniture
from indexer.clean.lines import join, split
from indexer.clean.stamp import is_names, read_stamp
from indexer.clean.title import is_masthead, without_site
from indexer.pipeline import make_article
from indexer.source import Page
from mappings.text import fold, units
from tests.corpus import EXAMPLES, SHARED, TODAY

PROSE = "民警在大走访活动中走进村民家里，听取意见，当场答复了三件事，还有两件事记在本子上带回去办。"

NASTY = [
    *(mark * 1000 for mark in "|>»→—-_=:/.[(【 　\t·a1年今{中网报"),
    *(
        part * 500
        for part in (
            "a|",
            "a>",
            "中|",
            "中>",
            " |",
            ": ",
            "12:",
            "2012年",
            "来源:",
            "{{",
            "打印",
            "新闻热线:1 ",
        )
    ),
    *(start + " " * 40_000 + "x" for start in ("今天是", "字号", "编辑", "注明", "2012年", "来源:")),
    "a" + "|" * 30 + " x y",
    "记者：" * 5000,
    "一二三四五六七八九 " * 500 + "!",
    "—" * 1000 + "网!",
]


def cleaned(text: str, **record: str) -> Cleaned:
    result = clean(Page("x.jsonl:1", text, record))
    assert isinstance(result, Cleaned)
    return result


def removed(text: str, **record: str) -> list[str]:
    return [item.text for item in cleaned(text, **record).removed]


def kept(*lines: str) -> None:
    """Asserts that every one of these lines of a page is in the article."""
    result = cleaned("\n".join(lines))
    said = f"{result.title or ''}\n{result.body}".split("\n")
    assert [line for line in lines if line not in said] == []


def test_no_pattern_takes_long():
    patterns = [rule.pattern for rule in rules()]
    for module in (stamp, title):
        patterns += [value for value in vars(module).values() if isinstance(value, re.Pattern)]
    start = time.perf_counter()
    for pattern in patterns:
        for text in NASTY:
            pattern.search(text[:300])
    assert time.perf_counter() - start < 1


def test_no_line_takes_long():
    start = time.perf_counter()
    for text in NASTY:
        (line,) = split(f"x{text}x")
        furniture(line)
        read_stamp(line)
        without_site(text)
        is_masthead(text[:80], frozenset())
        clean(Page("x.txt", f"标题在此处\n{text}\n{PROSE}\n{text}"))
    assert time.perf_counter() - start < 3


@pytest.mark.parametrize(
    "page",
    [
        "一二三四五六七八九十一二三四五六七八九十\n" * 60_000,
        f"{PROSE}\n" * 30_000,
        "上一篇:甲\n" * 60_000,
        "2012-03-05\n" * 60_000,
        "来源:甲 作者:乙 发布时间:2012-03-05\n" * 30_000,
        "|\n" * 100_000,
    ],
)
def test_a_long_page_takes_time_by_its_length(page):
    def took(text: str) -> float:
        start = time.perf_counter()
        clean(Page("x.txt", text))
        return time.perf_counter() - start

    took(page[: len(page) // 10])
    assert took(page) < 5


@pytest.mark.parametrize(
    "lines",
    [
        # An interview: a key is followed by what somebody says.
        ["留守儿童的一天", PROSE, "记者：今天晚上吃什么？", "记者：除了鱼还有什么东西？", PROSE],
        ["留守儿童的一天", "记者：今天吃什么", "江心语：鱼", "记者：你好", "记者：谢谢", PROSE],
        ["标题在此处", "记者：你为什么要在网上发布那样的消息呢，这样的消息是怎么来的？", PROSE],
        # A date that belongs to the text.
        ["关于深化改革的决定", "（2024年7月18日第二十届中央委员会第三次全体会议通过）", PROSE],
        ["严查交通违法", PROSE, "2013年1月1日 零点零一分 京港澳高速公路", PROSE],
        ["修改部分内容的建议", PROSE, "中央委员会", "2018年1月26日"],
        ["民警老王的一天", "时间：3月5日下午，民警老王走进村民家里", PROSE],
        ["镜头一", "时间：2012年3月5日", "地点：柿树坡村", PROSE],
        ["镜头一", "时间：2012年3月5日下午 地点：柿树坡村", PROSE],
        ["大事记", "2012年3月5日 全县大走访启动", "2012年3月6日 进村", "2012年3月7日 总结会"],
        ["住村日记", "2012年3月5日", "进村", "2012年3月6日", "开会", "2012年3月7日", "回城"],
        ["民警日记", *["2012年3月5日", PROSE, "2012年3月6日", PROSE, "2012年3月7日", PROSE]],
        # Furniture's words in the text.
        ["学雷锋日", "今天是2012年3月5日，民警走进敬老院看望老人", PROSE],
        ["标题在此处", "点赞：民警的一天", "分享：他的故事感动全村", PROSE],
        ["标题在此处", PROSE, "点赞", "收藏", PROSE],
        ["结对名单", "姓名|性别|单位", "张三|男|县公安局", PROSE],
        ["办事流程", PROSE, "报名 > 审核 > 公示 > 发证", PROSE],
        ["扫码办证 村民少跑路", PROSE, "扫码支付骗局频发", PROSE],
        ["标题在此处", PROSE, "未经授权转载的稿件一律追究", PROSE],
        ["标题在此处", PROSE, "相关链接：", PROSE],
        ["标题在此处", "欢迎来到敬老院", "今日天气晴好", PROSE],
        ["标题在此处", "网站未办理ICP备案被罚", PROSE],
        ["标题在此处", "新闻热线：028-86968123 昨天接到村民来电", PROSE],
        # Headlines of several lines.
        [
            "全省公安机关开展“大走访”活动",
            "民警进村入户听民声",
            "千里边关警民一家亲",
            PROSE,
        ],
        ["警民织密平安网 群众过上平安年", "百名民警走上电视台", "千里边关警民一家亲", PROSE],
    ],
    ids=lambda lines: lines[1][:12],
)
def test_text_stays(lines):
    kept(*lines)


def test_headlines_above_the_stamp_stay_in_their_order():
    result = cleaned(
        "全省公安机关开展“大走访”活动\n民警进村入户听民声\n警民织密平安网\n千里边关警民一家亲\n"
        f"来源：岭北新闻网 作者：张三 2012-03-05\n{PROSE}"
    )
    assert result.title == "千里边关警民一家亲"
    above = ["全省公安机关开展“大走访”活动", "民警进村入户听民声", "警民织密平安网"]
    assert result.body.split("\n") == [*above, PROSE]


@pytest.mark.parametrize(
    "line",
    [
        "岭北平安网",
        "岭北平安网 首页 法治专栏",
        "警民一家亲",
        "警民一家亲_岭北平安网",
        "首页 > 法治 > 正文",
    ],
)
def test_above_the_stamp_mastheads_menus_and_repeats_go(line):
    page = f"{line}\n警民一家亲\n来源：岭北平安网 2012-03-05\n{PROSE}"
    assert line in removed(page)
    assert (cleaned(page).title, cleaned(page).body) == ("警民一家亲", PROSE)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("岭北新闻网", True),
        ("汾源晨报 第三版 法治", True),
        ("警民织密平安网", False),
        ("警民织密平安网 群众过上平安年", False),
        ("百名民警走上电视台 讲述大走访里的故事", False),
    ],
)
def test_a_masthead_is_told_from_a_headline(text, is_one):
    assert is_masthead(text, frozenset()) is is_one


def test_a_dash_between_headlines_begins_no_site():
    assert without_site("民警进村——织密平安网") == "民警进村——织密平安网"
    assert without_site("民警进村听民声_岭北平安网") == "民警进村听民声"
    assert without_site("民警进村听民声—人民网") == "民警进村听民声"


@pytest.mark.parametrize(
    "ending", ["新闻热线:028-86968123", "未经授权不得转载使用", "本网注明来源的稿件版权归本网所有"]
)
def test_a_text_of_one_paragraph_is_never_lost(ending):
    assert cleaned(PROSE + ending).body.endswith(ending)
    assert cleaned(ending).body == ending


@pytest.mark.parametrize("page", ["分享到：微信 微博", "来源：岭北新闻网 2012-03-05", "相关新闻\n上一篇：甲"])
def test_a_page_of_nothing_but_furniture_is_kept(page):
    found = cleaned(page)
    assert units(f"{found.title or ''}\n{found.body}".strip()) == units(page)


def test_nothing_but_marks_is_no_text():
    assert not isinstance(clean(Page("x.txt", "——\n|\n！")), Cleaned)


def test_stamps_and_bars_stay_out_when_furniture_is_brought_back():
    assert cleaned("来源：岭北新闻网 2012-03-05\n|\n扫一扫在手机打开当前页").body == "扫一扫在手机打开当前页"


def test_a_title_of_the_record_is_one_line():
    assert cleaned("走访\n记\n", title="走访\n记").title == "走访 记"
    assert cleaned("走访 记", title=" 走访\n记 ").title == "走访 记"


@pytest.mark.parametrize(
    "page",
    [
        f"标题在此处\n来源：岭北新闻网\n{PROSE}",
        f"标题在此处\n作者：佟 岩\n{PROSE}",
        f"标题在此处\n2012-03-05 星期一 10:20\n{PROSE}",
        f"标题在此处\n2012-03-05 10:20 浏览：12 【打印】\n{PROSE}",
        f"标题在此处\n摘要：民警进村。\n来源：岭北新闻网 2012-03-05\n{PROSE}",
        f"标题在此处\n作者：秦安县公安局 发布时间：2012-03-05\n{PROSE}",
        f"标题在此处\n来源：人民网，作者：张三，李四\n{PROSE}",
        f"标题在此处\n{PROSE}\n（记者 张三 通讯员 李四）",
        f"标题在此处\n{PROSE}\n来源：岭北新闻网\n责任编辑：张三",
    ],
)
def test_stamps_of_the_head_and_the_tail_go(page):
    found = cleaned(page)
    assert [item.rule for item in found.removed if item.rule == "stamp"] == ["stamp"]
    assert any(fact.text for fact in found.facts)
    assert found.title == "标题在此处"


@pytest.mark.parametrize(
    ("text", "are"),
    [
        ("张三 李四", True),
        ("冯 川 任 洁", True),
        ("本报记者 张三 通讯员：李四", True),
        ("古丽·买买提、令狐小川", True),
        ("张三和李四", True),
        ("排第几名", True),  # four characters can be a name: its place in the page decides
        ("今天晚上吃什么", False),
        ("你好！", False),
    ],
)
def test_lists_of_names(text, are):
    assert is_names(fold(text)) is are


def test_each_block_is_joined_by_its_own_width():
    wide, narrow = "一二三四五六七八九十" * 3, "一二三四五六七八九十" * 2
    text = "\n".join([wide] * 3) + "尾。\n\n" + "\n".join([narrow] * 3) + "\n尾。\n\n不接\n不接"
    assert join(split(text)).split("\n")[1:] == [narrow * 3 + "尾。", "不接", "不接"]


@pytest.mark.skipif(not SHARED.exists(), reason="the items are not beside the project")
def test_of_broadcast_items_nothing_is_lost():
    with (SHARED / "corpora" / "xwlb-police.jsonl").open("rb") as file:
        for line in list(file)[::7]:
            record = json.loads(line)
            text = record.pop("text")
            body = units(cleaned(text, title=record["title"]).body)
            assert body == units(text), record["id"]


def test_of_the_samples_only_short_lines_are_lost():
    for path in sorted((EXAMPLES / "pages").glob("*.txt")):
        result = clean(Page(path.name, path.read_text("utf-8")))
        assert isinstance(result, Cleaned)
        for item in result.removed:
            assert "。" not in item.text or item.rule == "notice", item
        gone = [item.text for item in result.removed] + [fact.text for fact in result.facts]
        said = units("\n".join([result.title or "", result.body, *gone]))
        assert set(units(path.read_text("utf-8"))) - set(said) == set(), path.name


def test_records_of_one_paragraph_are_articles():
    article = make_article(Page("x.jsonl:1", f"{PROSE}新闻热线:028-86968123", {"title": "甲乙丙丁"}), TODAY)
    assert PROSE in article.body
