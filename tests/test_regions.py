"""Places: the data that is committed, and which place an article is about."""

from __future__ import annotations

import pytest

from indexer.extract.draft import Draft
from indexer.extract.region import label_region
from mappings import regions

YUNNAN, DIQING = "530000", "533400"


class TestCodes:
    def test_a_path_goes_from_the_province_down(self) -> None:
        assert regions.path("620522") == ("620000", "620500", "620522")
        assert [regions.name(code) for code in regions.path("620522")] == ["甘肃省", "天水市", "秦安县"]
        assert [regions.level(code) for code in regions.path("620522")] == [
            "province",
            "prefecture",
            "county",
        ]

    @pytest.mark.parametrize(
        ("code", "path", "name"),
        [
            ("110101", ("110000", "110100", "110101"), "市辖区"),
            ("500229", ("500000", "500200", "500229"), "县"),
            ("429004", ("420000", "429000", "429004"), "省直辖县级行政区划"),
            ("659001", ("650000", "659000", "659001"), "自治区直辖县级行政区划"),
        ],
    )
    def test_levels_without_a_place_of_their_own_have_a_name(
        self, code: str, path: tuple[str, ...], name: str
    ) -> None:
        assert regions.path(code) == path
        assert regions.name(path[1]) == name

    def test_an_old_code_is_followed_to_today(self) -> None:
        assert regions.path("533421") == (YUNNAN, DIQING, "533401")
        assert regions.path_then("533421") == (YUNNAN, DIQING, "533421")
        assert regions.name("533421") == "香格里拉市"

    def test_a_split_place_is_followed_as_far_as_its_parts_have_in_common(self) -> None:
        assert regions.path("341400") == ("340000",)  # 巢湖市, to three cities in 2011
        assert regions.path("130504") == ("130000", "130500")  # 邢台's 郊区, to two districts

    def test_a_code_given_again_means_two_places(self) -> None:
        then, now = [row for row in regions.all_names() if row.code == "469025"]
        assert (then.name, regions.path_of(then)[-1]) == ("定安县", "469021")
        assert (now.name, regions.path_of(now)[-1]) == ("白沙黎族自治县", "469025")

    def test_what_no_place_has_had_is_an_error(self) -> None:
        assert not regions.known("999999")
        for ask in (regions.path, regions.path_then, regions.name, regions.level):
            with pytest.raises(KeyError, match="999999"):
                ask("999999")

    def test_every_code_has_a_path_that_exists_today(self) -> None:
        for row in regions.all_names():
            path = regions.path(row.code)
            assert path
            assert all(regions.known(code) for code in path)
            assert all(regions.path(now)[-1] == now for now in row.now)

    def test_the_data_says_where_it_is_from(self) -> None:
        head = regions._FILE.read_text(encoding="utf-8").split("code\t")[0]
        assert "GB/T 2260" in head
        assert "MIT" in head


class TestShortNames:
    @pytest.mark.parametrize(
        ("name", "short"),
        [
            ("黔东南苗族侗族自治州", ("黔东南州", "黔东南")),
            ("迪庆藏族自治州", ("迪庆州", "迪庆")),
            ("达尔罕茂明安联合旗", ("达茂旗", "达茂", "达尔罕茂明安联合")),
            ("维西傈僳族自治县", ("维西县", "维西")),
            ("东乡族自治县", ("东乡县", "东乡")),
            ("广西壮族自治区", ("广西",)),
            ("神农架林区", ("神农架",)),
            ("北林区", ("北林",)),
            ("云县", ()),
        ],
    )
    def test_suffix_and_peoples_are_dropped(self, name: str, short: tuple[str, ...]) -> None:
        assert regions.short_names(name) == short


FILLER = "民警挨家挨户走访，听取群众意见。" * 30


def region(body: str, *, title: str | None = None, source: str | None = None, year: int | None = 2012) -> str:
    """Today's region of an article, as names joined by a slash; "" where it is not known."""
    days = (year * 10_000 + 101, year * 10_000 + 1231) if year else (None, None)
    draft = Draft(title, body + FILLER, source, date_min=days[0], date_max=days[1])
    path, then, evidence = label_region(draft)
    texts = {"title": draft.title, "body": draft.body, "record": draft.source}
    for item in evidence:
        text = texts[item.where]
        assert text is not None
        assert text[item.start : item.end] == item.quote
        assert item.field == "region"
        assert item.value in path
    assert bool(path) == bool(then) == bool(evidence)
    return "/".join(map(regions.name, path))


class TestAgency:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("秦安县公安局五营派出所民警进村。", "甘肃省/天水市/秦安县"),
            ("天水市秦安縣公安局五營派出所進村。", "甘肃省/天水市/秦安县"),
            ("——常德交警直属三大队扎实开展活动。", "湖南省/常德市"),
            ("黔东南州公安系统组织开展活动。", "贵州省/黔东南苗族侗族自治州"),
            ("迪庆州公安局交警支队组织全警走基层。", "云南省/迪庆藏族自治州"),
            ("自流井公安分局开展走访。", "四川省/自贡市/自流井区"),
            ("达茂旗公安局民警走访牧民。", "内蒙古自治区/包头市/达尔罕茂明安联合旗"),
            ("天水市公安局秦州分局民警进村。", "甘肃省/天水市/秦州区"),
            ("北京市朝阳区公安分局民警进社区。", "北京市/市辖区/朝阳区"),
            ("湖北省荆州市公安县公安局民警。", "湖北省/荆州市/公安县"),
            ("广西全州县公安局民警进村。", "广西壮族自治区/桂林市/全州县"),
            ("是沙县公安局湖口派出所的民警。", "福建省/三明市/沙县区"),
        ],
    )
    def test_the_issuing_agency_places_the_article(self, body: str, expected: str) -> None:
        assert region(body) == expected

    def test_a_name_of_the_day_gives_both_codes(self) -> None:
        draft = Draft(None, "中甸县公安局民警进村。" + FILLER, date_min=19990101, date_max=19991231)
        path, then, evidence = label_region(draft)
        assert path == (YUNNAN, DIQING, "533401")
        assert then == (YUNNAN, DIQING, "533421")
        assert (evidence[0].rule, evidence[0].basis, evidence[0].value) == ("agency", "stated", "533401")

    def test_agencies_of_several_counties_leave_the_prefecture(self) -> None:
        body = "黔东南州公安局部署。镇远县公安局回访，凯里市公安局接访，雷山县公安局调处，天柱县公安局包案。"
        assert region(body) == "贵州省/黔东南苗族侗族自治州"


class TestOtherWitnesses:
    def test_dateline(self) -> None:
        draft = Draft(None, "四川新闻网自贡4月20日讯 " + FILLER, dateline=(0, 14))
        path, _, evidence = label_region(draft)
        assert path == ("510000", "510300")
        assert (evidence[0].rule, evidence[0].quote) == ("dateline", "自贡")

    def test_the_dateline_of_national_news_is_not_its_place(self) -> None:
        assert label_region(Draft(None, "新华社北京4月20日电 " + FILLER, dateline=(0, 12)))[0] == ()

    @pytest.mark.parametrize(
        ("source", "expected"),
        [("香格里拉网", "云南省/迪庆藏族自治州"), ("甘肅政法網", "甘肃省"), ("三大队", ""), ("人民日报", "")],
    )
    def test_a_publisher_places_roughly(self, source: str, expected: str) -> None:
        assert region("", source=source) == expected

    def test_title(self) -> None:
        assert region("", title="【到群众中去】陕西礼泉：让监督员发挥作用") == "陕西省/咸阳市/礼泉县"

    def test_mentions_must_agree(self) -> None:
        assert region("云南普洱。云南普洱市。云南省普洱市。普洱市。") == "云南省/普洱市"
        assert region("云南省。贵州省。四川省。湖南省。云南省。") == ""

    def test_a_round_up_is_placed_only_by_its_title(self) -> None:
        body = "昆明警方打掉团伙。昆明市公安局介绍。"
        assert region(body, title="国内联播快讯") == ""
        assert region(body, title="昆明警方战果获全国通报") == "云南省/昆明市"


class TestTraps:
    @pytest.mark.parametrize(
        "body",
        [
            "全州公安民警共2445人次深入村寨。",  # not 全州县
            "公安机关、公安局、县公安局、公安县级联席会议。",  # not 公安县
            "各县市公安局，全市民警，全县民警。",
            "支队长高玉林说。高玉林支队长要求。高玉林强调。",  # not 玉林
            "汕尾城区公安分局。长治城区民警。",
            "市中区公安分局。郊区民警。矿区公安分局。新区公安分局。东区民警，西区民警。",
            "和平年代，合作社，平安建设，公共安全，民主团结，新华社，文明光明，解放军，长安剑，世界大同。",
            "光明日报、解放日报、新华网、长安网记者。",
            "国泰民安，长治久安，国内外来宾，日照充足，阿里巴巴。",
            "南京路派出所，北京大学，上海合作组织，遵义会议，延安精神，湖南人。",
            "黄河南岸，太湖南岸，长江西段，上海南面的海域。",
            "朝阳区公安分局。鼓楼区公安分局。城关区公安分局。新华区公安分局。",  # which one?
            "公安县，看不出紧张。",  # and no parent named
            "温泉公安分局民警。",  # a spa of some town
            "省和县公安局联合部署。",  # not 和县
        ],
    )
    def test_not_a_place(self, body: str) -> None:
        assert region(body) == ""

    def test_an_ambiguous_district_needs_its_parent(self) -> None:
        assert region("鼓楼区公安局民警进社区。南京警方部署。") == "江苏省/南京市/鼓楼区"
        assert region("城关区公安分局民警进社区。兰州市公安局部署。") == "甘肃省/兰州市/城关区"

    def test_a_publishers_page_about_another_place(self) -> None:
        assert region("浙江省德清县公安局民警进村。", source="四川新闻网") in ("", "浙江省/湖州市/德清县")
