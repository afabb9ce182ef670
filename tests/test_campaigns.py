"""Campaigns: the authority file, and which campaigns an article speaks of."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from indexer.extract.campaign import label_campaigns
from indexer.extract.draft import Draft
from mappings import campaigns, regions
from mappings.errors import InputError
from mappings.text import fold, units

DAZOUFANG, PINGJING, SANFANG = "dazoufang-2009", "kaimen-pingjing-2011", "sanfang-sanping-2012"


class TestAuthorityFile:
    def test_a_campaign_is_found_by_its_id(self) -> None:
        found = campaigns.get(SANFANG)
        assert found.name == campaigns.name(SANFANG) == "“三访三评”深化“大走访”活动"
        assert (found.start, found.end, found.level, found.org) == (
            "2011-12",
            "2012-06",
            "ministry",
            "公安部",
        )
        assert campaigns.known(SANFANG)

    def test_an_unknown_id_is_an_error(self) -> None:
        assert not campaigns.known("no-such")
        with pytest.raises(KeyError, match="no-such"):
            campaigns.get("no-such")

    def test_aliases_are_as_text_is_matched(self) -> None:
        for campaign in campaigns.all_campaigns():
            for alias in (*campaign.aliases, *campaign.local, *(item.alias for item in campaign.dated)):
                assert fold(alias) == alias
                assert "".join(units(alias)) == alias

    def test_an_alias_that_is_enough_alone_belongs_to_one_campaign(self) -> None:
        alone = [alias for campaign in campaigns.all_campaigns() for alias in campaign.aliases]
        bound = {item.alias for campaign in campaigns.all_campaigns() for item in campaign.dated}
        assert len(set(alone)) == len(alone)
        assert not bound & set(alone)

    def test_windows_of_an_alias_do_not_overlap(self) -> None:
        windows: dict[str, list[tuple[int, int]]] = {}
        for campaign in campaigns.all_campaigns():
            for item in campaign.dated:
                windows.setdefault(item.alias, []).append((item.first, item.last))
        for alias, spans in windows.items():
            ordered = sorted(spans)
            assert all(a[1] < b[0] for a, b in pairwise(ordered)), alias

    def test_places_exist_and_sources_are_plain_addresses(self) -> None:
        for campaign in campaigns.all_campaigns():
            assert not campaign.place or regions.known(campaign.place)
            assert all(source.isascii() and " " not in source for source in campaign.sources)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("not toml", "not a list of campaigns"),
            ("[[campaign]]\nid = 'a'", "campaign 1 .a."),
            ("[[campaign]]\nid = 'Ä'", "lower-case ASCII"),
        ],
    )
    def test_a_file_that_cannot_be_used_says_why(self, tmp_path: Path, text: str, message: str) -> None:
        file = tmp_path / "campaigns.toml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            campaigns.load(file)


def label(
    body: str, first: int | None = None, last: int | None = None, title: str | None = None
) -> list[str]:
    """The ids of an article dated between two days, checked against their evidence."""
    draft = Draft(title, body, date_min=first, date_max=first if last is None else last)
    ids, evidence = label_campaigns(draft)
    for item in evidence:
        text = draft.title if item.where == "title" else draft.body
        assert text is not None
        assert text[item.start : item.end] == item.quote
        assert item.basis == ("stated" if item.rule == "alias" else "inferred")
    assert list(dict.fromkeys(item.value for item in evidence)) == list(ids)
    return list(ids)


class TestMatching:
    @pytest.mark.parametrize(
        "body",
        [
            "“三访三评”深化“大走访”活动动员大会",
            "三访三评深化大走访",
            "「三訪三評」深化「大走訪」",
            "三 访 三 评、深化·大走访",
        ],
    )
    def test_punctuation_and_script_are_seen_through(self, body: str) -> None:
        assert label(body) == [SANFANG]

    def test_nothing_matches_across_the_end_of_a_clause(self) -> None:
        assert label("百日入户走访。保平安") == []

    def test_the_longest_match_wins(self) -> None:
        assert label("“三访三评”深化“大走访”", 20090301) == [SANFANG]
        assert label("“文明交通行动计划百日行动”", 20220801) == ["wenming-jiaotong-2010"]

    def test_the_quote_is_as_printed(self) -> None:
        body = "結合“我為群眾辦實事”實踐活動"
        evidence = label_campaigns(Draft(None, body))[1]
        assert [item.quote for item in evidence] == ["我為群眾辦實事”實踐活動"]

    def test_the_most_prominent_comes_first(self) -> None:
        body = "创先争优，创先争优，三访三评，三访三评，三访三评"
        assert label(body) == [SANFANG, "chuangxian-zhengyou-2010"]
        assert label(body, title="“四群”教育在行动")[0] == "siqun-2011"


class TestDazoufang:
    """大走访 alone was one campaign in 2009, another in 2011 and a third in 2012."""

    @pytest.mark.parametrize(
        ("day", "expected"),
        [
            (20081201, [DAZOUFANG]),
            (20090821, [DAZOUFANG]),
            (20110301, [PINGJING]),
            (20111220, [SANFANG]),
            (20120415, [SANFANG]),
            (20080601, []),
            (20100701, []),
            (20140301, []),
            (20230301, []),
        ],
    )
    def test_the_date_decides(self, day: int, expected: list[str]) -> None:
        assert label("将“大走访”变为“长走访”", day) == expected

    def test_a_year_decides_too(self) -> None:
        assert label("大走访", 20090101, 20091231) == [DAZOUFANG]
        assert label("大走访", 20110101, 20111231) == [PINGJING]
        assert label("大走访", 20120101, 20121231) == [SANFANG]

    def test_without_a_date_it_is_undecided(self) -> None:
        assert label("继续深入开展“大走访”活动") == []
        assert label("大走访", 20090101, 20121231) == []

    def test_a_full_name_needs_no_date(self) -> None:
        assert label("“大走访”开门评警活动") == [PINGJING]


class TestWhatNeedsMore:
    @pytest.mark.parametrize(
        ("body", "day", "expected"),
        [
            ("在学习实践活动中", 20090821, ["kexue-fazhanguan-2008"]),
            ("在学习实践活动中", 20150821, []),
            ("结合教育实践活动", 20130901, ["qunzhong-luxian-2013"]),
            ("创先争优和主题教育实践活动", 20120415, ["chuangxian-zhengyou-2010"]),
            ("主题教育", 20190901, ["buwang-chuxin-2019"]),
            ("主题教育", 20230901, ["zhuti-jiaoyu-2023"]),
            ("主题教育", 20160901, []),
            ("百日行动", 20220801, ["bairi-xingdong-2022"]),
            ("百日行动", 20100801, []),
            ("大练兵", 20040801, ["dalianbing-2004"]),
            ("大练兵", 20190801, []),
            ("爱民实践活动", 20080115, ["aimin-shijian-2008"]),
            ("爱民实践活动", 20090821, []),
            ("“三基”工程", 20070821, ["sanji-2006"]),
            ("“三基”工程", 20090821, []),
            ("扫黑除恶", 20190601, ["saohei-2018"]),
            ("扫黑除恶", 20220601, ["saohei-changtai-2021"]),
            ("组织全警走基层送温暖", 20120415, []),
            ("创造治理欠薪冬季行动", 20241225, []),
        ],
    )
    def test_common_words_count_only_in_their_years(self, body: str, day: int, expected: list[str]) -> None:
        assert label(body, day) == expected

    def test_local_campaigns_of_a_common_name_need_their_place(self) -> None:
        assert label("推进“一村一警”") == []
        assert label("河南各地推进“一村一警”") == ["yicun-yijing-2014"]
        assert label("汝阳县公安局推进“一村一警”。") == ["yicun-yijing-2014"]
