"""Traps of the labels: what must stay unknown, and what must be quoted from where it stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from time import perf_counter

import pytest

from indexer.clean import Cleaned
from indexer.clean.stamp import Fact
from indexer.extract import extract, relabel
from indexer.extract.byline import by_line, names
from indexer.extract.campaign import label_campaigns
from indexer.extract.dateline import find_dateline
from indexer.extract.draft import Draft
from indexer.extract.region import label_region
from indexer.source import Page
from mappings import regions
from mappings.article import Article, Evidence
from mappings.text import Units
from tests.corpus import SHARED, TODAY, read

XWLB = SHARED / "corpora" / "xwlb-police.jsonl"


def article(body: str, *, facts: tuple[Fact, ...] = (), page: str | None = None, **record: str) -> Article:
    """The article of a cleaned page of one line."""
    text = body if page is None else page
    return extract(Cleaned(Page("x.jsonl:1", text, record), None, body, facts, ()), TODAY)


def evidence(found: Article, field: str) -> list[Evidence]:
    return [item for item in found.evidence if item.field == field]


class TestDateline:
    @pytest.mark.parametrize(
        ("body", "outlet"),
        [
            ("四川新闻网自贡4月20日讯(王萦)", "四川新闻网"),
            ("西江法治訊羅定11月5日訊 ", "西江法治訊"),
            ("東江上游網紫金訊（記者 林木）", "東江上游網"),
            ("新华社北京4月20日电 ", "新华社"),
            ("新华社专电（记者 王萦）", "新华社"),
            ("【武陵新报3月18日讯】民警", "武陵新报"),
            ("央视网消息（新闻联播）：南方", "央视网"),
            ("央视网消息，南方", "央视网"),
            ("中国网络电视台消息(新闻联播)：南方", "中国网络电视台"),
            ("经济日报北京4月20日讯 ", "经济日报"),
            ("甘肃政法网讯", "甘肃政法网"),
        ],
    )
    def test_an_outlet_is_told_by_what_follows_it(self, body: str, outlet: str) -> None:
        found = find_dateline(body)
        assert found is not None
        assert found.outlet == outlet
        assert body[slice(*found.outlet_span)] == outlet

    @pytest.mark.parametrize(
        "body", ["本报讯 民警", "本网讯（记者 王萦）", "【本报讯】民警", "本台消息：民警"]
    )
    def test_our_own_paper_has_no_name(self, body: str) -> None:
        found = find_dateline(body)
        assert found is not None
        assert found.outlet is None

    @pytest.mark.parametrize(
        "body",
        [
            "民警发现电台电缆被盗",
            "民警在电台消息：有人报警",
            "通过互联网消息发布",
            "通过互联网消息，发布",
            "网民在互联网消息，发布",
            "据警方通报讯",
            "据警方通报讯：",
            "据新华网消息，",
            "根据群众举报消息，民警",
            "接群众举报消息，民警",
            "由本地电视台消息，",
            "经甲地电视台消息，",
            "记者从甲地新闻网消息：",
            "在甲地新闻网消息：",
            "公安网站发布消息：",
            "山东烟台消息：",
            "本报电话：123",
            "本台消息灵通人士",
            "本社电工王某",
            "某某日报今天发布重要消息：",
            "农村信用社消息：",
        ],
    )
    def test_a_sentence_is_no_dateline(self, body: str) -> None:
        assert find_dateline(body) is None
        assert article(body + "。").source is None


class TestByLine:
    @pytest.mark.parametrize(
        ("text", "authors"),
        [
            ("周重新 杨光勇", ("周重新", "杨光勇")),
            ("王萦", ("王萦",)),
            ("佟 岩", ("佟岩",)),
            ("朴成哲", ("朴成哲",)),
            ("古月明", ("古月明",)),
            ("欧阳文山、司马光", ("欧阳文山", "司马光")),
            ("阿不都·热西提 买买提·艾力", ("阿不都·热西提", "买买提·艾力")),
            ("记者 张某 通讯员 扎西达娃", ("张某", "扎西达娃")),
            ("文/图 王萦", ("王萦",)),
            ("新闻联播", ()),
            ("焦点访谈", ()),
            ("方圆访谈", ()),
            ("金融频道", ()),
            ("央视一套", ()),
            ("江苏", ()),
            ("高清", ()),
            ("党组", ()),
            ("白族", ()),
            ("江苏台", ()),
            ("来源：甲地网", ()),
            ("王萦 新闻联播", ()),
            ("记者 新闻联播", ()),
            ("记者 王萦 发自北京 报道", ("王萦",)),
            ("记者", ()),
            ("如图", ()),
        ],
    )
    def test_only_persons_are_authors(self, text: str, authors: tuple[str, ...]) -> None:
        assert by_line(text) == authors
        found = article(f"甲地新闻网自贡4月20日讯({text})民警走访。")
        assert found.authors == authors
        assert bool(evidence(found, "authors")) == bool(authors)

    def test_a_programme_is_no_author(self) -> None:
        assert article("央视网消息（新闻联播）：南方各省。").authors == ()
        assert article("本港讯 (周重新 杨光勇) 民警走访。").authors == ("周重新", "杨光勇")

    def test_an_interview_is_no_by_line(self) -> None:
        page = "记者：排第三名啊\n记者：很好\n"
        facts = (Fact("author", "排第三名啊", 3, 8), Fact("author", "很好", 12, 14))
        assert article("正文。", facts=facts, page=page).authors == ()
        assert article("正文。", facts=(Fact("author", "王萦", 3, 5),), page="记者：王萦").authors == (
            "王萦",
        )

    def test_a_stamp_names_its_author_as_printed(self) -> None:
        fact = Fact("author", "五营派出所", 3, 8)
        assert article("正文。", facts=(fact,), page="作者：五营派出所").authors == ("五营派出所",)
        assert names("记者 张某 通讯员 李某") == ("张某", "李某")


class TestSource:
    @pytest.mark.parametrize(
        ("page", "name", "source", "basis"),
        [
            ("凡本网注明“来源:甲地新闻网”的作品", "甲地新闻网", "甲地新闻网", "stated"),
            ("凡本站注明：稿源：甲地新闻网的作品", "甲地新闻网", "甲地新闻网", "stated"),
            ("凡注明“来源:甲地新闻网”的作品", "甲地新闻网", "甲地新闻网", "inferred"),
            ("转载请注明来源:甲地新闻网", "甲地新闻网", "甲地新闻网", "inferred"),
            ("凡本网注明“来源:非甲地新闻网”的作品", "非甲地新闻网", None, None),
            ("凡本网注明“来源:XX网(非甲地新闻网)”的作品", "XX网", None, None),
            ("凡本网注明“来源:××网”的作品", "××网", None, None),
            ("凡本网注明“来源:某某网”的作品", "某某网", None, None),
            ("凡本网注明“来源:其他媒体”的作品", "其他媒体", None, None),
        ],
    )
    def test_a_notice_is_believed_only_of_itself(
        self, page: str, name: str, source: str | None, basis: str | None
    ) -> None:
        start = page.index(name)
        found = article("正文。", facts=(Fact("notice", name, start, start + len(name)),), page=page)
        assert found.source == source
        assert [item.basis for item in evidence(found, "source")] == ([basis] if basis else [])

    @pytest.mark.parametrize("said", ["甲地新闻网", "《甲地新闻网》", "《甲地  新闻网》"])
    def test_a_record_is_quoted_where_it_stands(self, said: str) -> None:
        (item,) = evidence(article("正文。", source=said), "source")
        assert said[item.start : item.end] == item.quote
        assert "甲地" in item.quote


class TestWhereThePublisherStands:
    """Region evidence that rests on the publisher quotes the words that name the publisher."""

    BODY = "民警进村。" * 20

    def test_in_the_furniture_of_a_page(self) -> None:
        page = "来源：甘肅 政法網\n" + self.BODY
        found = article(self.BODY, facts=(Fact("source", "甘肅 政法網", 3, 9),), page=page)
        (item,) = evidence(found, "region")
        assert (item.rule, item.where, item.quote) == ("source", "page", "甘肅")
        assert page[item.start : item.end] == item.quote

    def test_in_a_dateline(self) -> None:
        body = "甘肃政法网讯（记者 王萦）" + self.BODY
        (item,) = evidence(article(body), "region")
        assert (item.rule, item.where, body[item.start : item.end]) == ("source", "body", "甘肃")

    def test_in_a_record(self) -> None:
        (item,) = evidence(article(self.BODY, source="《甘肃政法网》"), "region")
        assert (item.where, item.quote, item.start) == ("record", "甘肃", 1)

    def test_the_same_after_labelling_again(self) -> None:
        found = article("甘肃政法网讯（记者 王萦）" + self.BODY)
        assert relabel(replace(found, region=(), region_then=())) == found

    def test_words_that_cannot_be_found_again_are_quoted_whole(self) -> None:
        said = Evidence("source", "甘 肃政法网", "stamp", "甘\n肃政法网", 3, 9, "page", "stated")
        draft = Draft(None, self.BODY, "甘肃政法网", source_evidence=said)
        assert [(i.quote, i.start, i.end) for i in label_region(draft)[2]] == [("甘\n肃政法网", 3, 9)]


class TestPubtime:
    @pytest.mark.parametrize(
        ("pubtime", "expected"),
        [
            ("20120619091200", "2012-06-19"),
            ("201206190912", "2012-06-19"),
            ("2012061909", "2012-06-19"),
            ("20120619T091200", "2012-06-19"),
            ("2012", "2012"),
            ("2012-06-18T23:30:00Z", "2012-06-19"),
            ("2012-06-18T23:30:00.123z", "2012-06-19"),
            ("2012-06-18T23:30:00+00:00", "2012-06-19"),
            ("2012-06-18 23:30:00 +0000", "2012-06-19"),
            ("2012-06-18 23:30:00 UTC", "2012-06-19"),
            ("2012-06-18T23:30:00+08:00", "2012-06-18"),
            ("2012-06-19T00:30:00+09:00", "2012-06-18"),
            ("2012-06-18T23:30:00", "2012-06-18"),
            ("2012-06-18T15:59:59Z", "2012-06-18"),
            ("1340062319", "2012-06-19"),  # 2012-06-18T23:31:59Z
            ("1340062319000", "2012-06-19"),
            ("1340033400", "2012-06-18"),
            ("20120619249999", None),  # no hour of a day
            ("20120230091200", None),
            ("2012-02-30T23:30:00Z", None),
            ("0001-01-01T00:00:00+14:00", None),
            ("9999-12-31T23:59:59-14:00", None),
            ("99999999999999999999", None),
            ("1925", None),
            ("9999", None),
            ("4102444800", None),  # not yet
            ("120619", None),
            ("0", None),
        ],
    )
    def test_the_day_in_china(self, pubtime: str, expected: str | None) -> None:
        found = article("没有日期的正文。", pubtime=pubtime)
        assert found.date == expected
        assert [item.quote for item in evidence(found, "date")] == ([pubtime] if expected else [])

    def test_a_year_alone_spans_it(self) -> None:
        found = article("正文。", pubtime="2012")
        assert (found.date_min, found.date_max) == (20120101, 20121231)

    def test_a_day_that_china_has_already(self) -> None:
        page = Page("x.jsonl:1", "正文。", {"pubtime": "2025-12-31T23:30:00Z"})
        cleaned = Cleaned(page, None, "正文。", (), ())
        assert extract(cleaned, date(2026, 1, 1)).date == "2026-01-01"


def names_of(body: str, title: str | None = None) -> list[str]:
    draft = Draft(title, body + "民警走访。" * 60, date_min=20120101, date_max=20121231)
    path, then, _ = label_region(draft)
    assert not any(map(regions.is_nominal, (path[-1:] + then[-1:])))
    return [regions.name(code) for code in path]


class TestRegion:
    @pytest.mark.parametrize(
        "body",
        [
            "喀什河水位上涨，喀什河中。喀什河畔，喀什河南岸，喀什河流域。喀什河：救援。",
            "丽江畔。丽江岸。丽江江畔。",
            "昆明湖，昆明湖畔。昆明湖。昆明湖。",
            "保定山，保定岭，保定海。保定山上。",
            "南昌大学，南昌机场，南昌大道，南昌街，南昌路。南昌路。",
        ],
    )
    def test_what_is_named_after_a_place_is_not_the_place(self, body: str) -> None:
        assert names_of(body) == []

    def test_a_river_does_not_place_a_rescue(self) -> None:
        body = "喀什河中，车中五人被困。新疆尼勒克县。尼勒克县公安局民警赶到。"
        assert names_of(body, "新疆喀什河：激流中的救援")[-1] == "尼勒克县"

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("武汉江岸公安分局民警。", "武汉市"),
            ("四川绵阳江油警方。", "江油市"),
            ("浙江衢州江山市公安局。", "江山市"),
            ("昆明山区民警。昆明山村。昆明山洪。", "昆明市"),
            ("南京江宁警方。", "江宁区"),
            ("宁波海曙警方。", "海曙区"),
            ("大连海关，大连海域，大连海警。", "大连市"),
        ],
    )
    def test_what_only_begins_alike_is_the_place(self, body: str, expected: str) -> None:
        assert names_of(body * 4)[-1] == expected

    def test_a_level_that_is_no_place_ends_no_label(self) -> None:
        body = "北京房山区救援。北京石景山区救援。北京门头沟区救援。"
        assert names_of(body, "京城暴雨夜") == ["北京市"]
        assert names_of("北京市房山区公安分局。")[-2:] == ["市辖区", "房山区"]
        assert names_of("湖北天门市公安局。湖北仙桃市公安局。湖北潜江市公安局。") == ["湖北省"]

    def test_a_publisher_below_such_a_level_places_the_province(self) -> None:
        path = label_region(Draft(None, "民警走访。" * 60, "神农架网"))[0]
        assert [regions.name(code) for code in path] == ["湖北省"]

    @pytest.mark.parametrize(("code", "nominal"), [("110100", True), ("429000", True), ("410100", False)])
    def test_which_levels_are_no_places(self, code: str, nominal: bool) -> None:
        assert regions.is_nominal(code) == nominal


class TestSpeed:
    def test_units_are_found_by_their_place_in_the_joined_text(self) -> None:
        units = Units("“三访三评”，2012 年 abc！")
        joined, listed = units.joined, list(units)
        places = [place for place, char in enumerate(joined) if char != " "]
        unit_at = units.unit_at(places).tolist()
        assert unit_at == [joined.count(" ", 0, place) - 1 for place in places]
        assert max(unit_at) == len(listed) - 1

    def test_time_grows_with_the_text(self) -> None:
        def seconds(times: int) -> float:
            draft = Draft(None, "三访三评，创先争优，" * times)
            label_campaigns(draft)
            begun = perf_counter()
            label_campaigns(draft)
            return perf_counter() - begun

        small, large = min(seconds(4_000) for _ in range(3)), min(seconds(32_000) for _ in range(3))
        assert large < 20 * small  # 8 if it is linear, 64 if it is quadratic


@pytest.mark.skipif(not XWLB.exists(), reason="the corpus is not beside the project")
def test_of_national_news_little_is_guessed() -> None:
    found = read(XWLB)
    assert [item.authors for item in found if item.authors] == []
    assert {item.source for item in found} <= {"央视网", "CNTV", "中国网络电视台", None}
    for item in found:
        assert not any(map(regions.is_nominal, item.region[-1:] + item.region_then[-1:])), item.title
    river = next(item for item in found if item.title == "新疆喀什河：激流中的救援")
    assert "653100" not in river.region
