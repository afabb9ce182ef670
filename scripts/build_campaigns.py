"""Writes mappings/campaigns.toml: the authority file of campaigns, from the reference's table.

    python scripts/build_campaigns.py <reference folder> [mappings/campaigns.toml]

`<reference folder>/campaigns.tsv` has a campaign a line: canonical name, aliases, start, end,
level, organisation, evidence, status. What it lacks is curated here: a stable id, which aliases
mean the campaign only in its years or only in its place, and a few further ways of writing it.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

Window = tuple[str, str]


@dataclass(frozen=True)
class Curated:
    """What is decided by hand. `dated`: alias to the months (YYYY-MM) in which it means this
    campaign; `local`: aliases that mean it only where `place` is named; `drop`: aliases too
    common to use at all; `add`: further aliases that are enough alone."""

    id: str
    add: tuple[str, ...] = ()
    dated: dict[str, Window] = field(default_factory=dict)
    local: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    place: str = ""
    note: str = ""


OPEN = "2099-12"


def yearly(stem: str, first: int, last: int = 2026) -> tuple[str, ...]:
    return tuple(f"{stem}{year}" for year in range(first, last + 1))


CURATED: dict[str, Curated] = {
    "全国公安民警大走访爱民实践活动": Curated(
        "dazoufang-2009",
        add=("大走访爱民实践活动",),
        dated={"大走访": ("2008-12", "2009-12"), "公安民警大走访": ("2008-12", "2009-12")},
        note="carried on through 2009 as 长走访",
    ),
    "“大走访”开门评警活动": Curated("kaimen-pingjing-2011", dated={"大走访": ("2011-01", "2011-11")}),
    "“三访三评”深化“大走访”活动": Curated("sanfang-sanping-2012", dated={"大走访": ("2011-12", "2012-12")}),
    "百万警进千万家": Curated("baiwanjing-2019", note="open-ended"),
    "五进五民爱民实践活动": Curated("wujin-wumin-2020"),
    "2008年元旦春节爱民实践活动": Curated(
        "aimin-shijian-2008", dated={"爱民实践活动": ("2007-12", "2008-03")}
    ),
    "警民相约警务室": Curated("jingwushi-2006"),
    "创建“枫桥式公安派出所”活动": Curated("fengqiao-paichusuo-2019"),
    "坚持和发展新时代“枫桥经验”": Curated("fengqiao-jingyan"),
    "扫黑除恶专项斗争": Curated("saohei-2018", dated={"扫黑除恶": ("2018-01", "2020-12")}),
    "常态化扫黑除恶": Curated(
        "saohei-changtai-2021",
        add=("扫黑除恶斗争常态化", "常态化开展扫黑除恶"),
        dated={"扫黑除恶": ("2021-01", OPEN)},
    ),
    "打黑除恶专项斗争": Curated("dahei-2006"),
    "清网行动": Curated("qingwang-2011"),
    "打四黑除四害": Curated("dasihei-2011"),
    "2010严打整治行动": Curated(
        "yanda-2010", add=("2010年严打整治",), dated={"严打": ("2010-06", "2010-12")}
    ),
    "严打(第一次)": Curated(
        "yanda-1983",
        dated={"严厉打击刑事犯罪": ("1983-08", "1987-12"), "严打": ("1983-08", "1987-12")},
    ),
    "严打(第二次)": Curated("yanda-1996", dated={"严打": ("1996-04", "1997-12")}),
    "严打整治斗争": Curated(
        "yanda-2001", dated={"严打": ("2001-04", "2003-12"), "严打整治斗争": ("2001-04", "2004-12")}
    ),
    "“三基”工程建设": Curated(
        "sanji-2006", dated={"三基工程": ("2006-01", "2008-12"), "三基工程建设": ("2006-01", "2009-06")}
    ),
    "公安“三项建设”": Curated("sanxiang-jianshe-2008", dated={"三项建设": ("2008-01", "2013-12")}),
    "公安“三项重点工作”": Curated("sanxiang-zhongdian-2009", dated={"三项重点工作": ("2009-12", "2013-12")}),
    "公安大讨论": Curated("dataolun-2003", dated={"公安大讨论": ("2002-01", "2004-12")}),
    "公安大练兵": Curated(
        "dalianbing-2004",
        dated=dict.fromkeys(("大练兵", "岗位大练兵", "公安大练兵"), ("2003-01", "2005-12")),
        note="later trainings of the name are others",
    ),
    "公安大接访": Curated(
        "dajiefang-2005",
        dated=dict.fromkeys(("大接访", "开门大接访", "公安大接访"), ("2004-05", "2006-12")),
    ),
    "侦破命案专项行动": Curated("mingan-2004", dated={"命案必破": ("2003-01", "2005-12")}),
    "“亮剑”行动": Curated("liangjian-2010", dated={"亮剑行动": ("2009-11", "2012-12")}, drop=("亮剑",)),
    "“清剿火患”战役": Curated("qingjiao-huohuan-2011"),
    "“破案会战”(经侦)": Curated("poan-huizhan-2012", dated={"破案会战": ("2011-01", "2013-12")}),
    "缉枪治爆专项行动": Curated("jiqiang-zhibao", note="every year"),
    "打击整治枪爆违法犯罪专项行动(一)": Curated(
        "qiangbao-2018",
        dated=dict.fromkeys(("打击整治枪爆", "打击整治枪爆违法犯罪专项行动"), ("2018-01", "2020-12")),
    ),
    "打击整治枪爆违法犯罪专项行动(二)": Curated(
        "qiangbao-2023",
        dated=dict.fromkeys(("打击整治枪爆", "打击整治枪爆违法犯罪专项行动"), ("2023-01", "2026-06")),
    ),
    "“云剑”行动": Curated(
        "yunjian-2019",
        dated=dict.fromkeys(("云剑", "云剑行动"), ("2019-01", "2020-12")),
        note="repeated in 2020",
    ),
    "夏季治安打击整治“百日行动”": Curated(
        "bairi-xingdong-2022",
        dated={"百日行动": ("2022-06", "2023-06")},
        note="not the 百日行动 of 文明交通行动计划",
    ),
    "夏季治安打击整治行动2023": Curated(
        "xiaji-2023", dated=dict.fromkeys(("夏季行动", "夏季治安打击整治行动"), ("2023-06", "2024-05"))
    ),
    "夏季治安打击整治行动2024": Curated(
        "xiaji-2024", dated=dict.fromkeys(("夏季行动", "夏季治安打击整治行动"), ("2024-06", "2025-05"))
    ),
    "冬季行动": Curated(
        "dongji-2024",
        add=("公安机关冬季行动", "冬季治安打击整治"),
        dated={"今冬明春社会治安打击整治": ("2024-11", "2025-06")},
        drop=("冬季行动",),
        note="冬季行动 alone is also about unpaid wages",
    ),
    "化解矛盾风险 维护社会稳定专项行动": Curated("huajie-maodun-2024"),
    "猎狐行动": Curated("liehu-2014", add=yearly("猎狐", 2014)),
    "净网专项行动": Curated("jingwang-2014", add=("净网行动", "扫黄打非净网", *yearly("净网", 2014))),
    "护苗专项行动": Curated("humiao-2014", add=("护苗行动", *yearly("护苗", 2014))),
    "“昆仑”行动": Curated("kunlun-2019", add=yearly("昆仑", 2019)),
    "“断卡”行动": Curated("duanka-2020", dated={"断卡": ("2020-10", OPEN)}),
    "“团圆”行动": Curated("tuanyuan-2021", dated={"团圆行动": ("2021-01", OPEN)}),
    "打拐专项行动": Curated(
        "daguai-2009", dated=dict.fromkeys(("打拐", "打拐专项行动"), ("2009-01", "2012-12"))
    ),
    "“坚持政治建警全面从严治警”教育整顿": Curated("zhengzhi-jianjing-2020"),
    "全国政法队伍教育整顿": Curated("zhengfa-zhengdun-2021"),
    "“人民公安从这里走来”主题宣传活动": Curated("renmin-gongan-2024"),
    "保持共产党员先进性教育活动": Curated("xianjinxing-2005", dated={"先进性教育": ("2004-06", "2007-06")}),
    "深入学习实践科学发展观活动": Curated(
        "kexue-fazhanguan-2008", dated={"学习实践活动": ("2008-03", "2010-12")}
    ),
    "创先争优活动": Curated("chuangxian-zhengyou-2010"),
    "党的群众路线教育实践活动": Curated(
        "qunzhong-luxian-2013",
        dated={"教育实践活动": ("2013-04", "2015-06")},
        note="主题教育实践活动 of 2012 is another",
    ),
    "“三严三实”专题教育": Curated("sanyan-sanshi-2015", dated={"三严三实": ("2015-01", "2016-12")}),
    "“两学一做”学习教育": Curated("liangxue-yizuo-2016"),
    "“不忘初心、牢记使命”主题教育": Curated(
        "buwang-chuxin-2019",
        dated={"不忘初心牢记使命": ("2019-05", "2020-12"), "主题教育": ("2019-05", "2020-06")},
        drop=("主题教育2019",),
        note="before 2019 the words are a slogan",
    ),
    "党史学习教育": Curated("dangshi-2021"),
    "“我为群众办实事”实践活动": Curated("banshishi-2021"),
    "学习贯彻习近平新时代中国特色社会主义思想主题教育": Curated(
        "zhuti-jiaoyu-2023", dated={"主题教育": ("2023-03", "2024-06")}, drop=("主题教育2023",)
    ),
    "党纪学习教育": Curated("dangji-2024"),
    "深入贯彻中央八项规定精神学习教育": Curated("baxiang-guiding-2025", add=("中央八项规定精神学习教育",)),
    "“四下基层”": Curated("sixia-jiceng", note="Fujian from 1988, promoted nationally in 2023"),
    "新春走基层(走转改)": Curated(
        "zoujiceng-2011",
        add=("新春走基层", "走基层转作风改文风", "走转改"),
        drop=("走基层",),
        note="a campaign of the media",
    ),
    "“四群”教育 干部直接联系群众制度": Curated("siqun-2011", place="530000"),
    "万名民警访平安": Curated("wanming-minjing-2002", place="340000"),
    "访惠聚": Curated("fanghuiju-2014", place="650000"),
    "双联行动": Curated("shuanglian-2012", local=("双联行动",), drop=("双联",), place="620000"),
    "一村(格)一警": Curated("yicun-yijing-2014", local=("一村一警", "一村一格一警"), place="410000"),
    "“无限忠诚·走在前列”主题教育实践": Curated("wuxian-zhongcheng-2016", place="330000"),
    "百日入户走访保平安": Curated("bairi-ruhu-2024", place="220000"),
    "一线一战、强基兴警": Curated("yixian-yizhan-2024", place="230000"),
    "“辖区清”活动": Curated("xiaquqing-2005", drop=("辖区清",), place="650000"),
    "百万群众大走访问卷调查": Curated("baiwan-qunzhong-2011", place="110000"),
    "大走访大排查大调研": Curated(
        "sanda-2020", local=("大走访大排查大调研", "大走访大排查大调研专项活动"), place="411000"
    ),
    "“进万家、访民情、解民忧、办实事”大走访": Curated(
        "jinwanjia-2022", local=("进万家访民情解民忧办实事",), place="340500"
    ),
    "精准走访恳谈走访月": Curated("jingzhun-zoufang-2017", place="510302"),
    "苗乡侗寨行、警民一家亲": Curated("miaoxiang-dongzhai-2009", place="522600"),
    "文明交通行动计划": Curated("wenming-jiaotong-2010"),
}

_STATUS = {"P": "page", "X": "counts", "G": "to verify"}
_PUNCTUATION = re.compile(r"[“”、·,，\s]")
_BRACKETED = re.compile(r"[(（].*?[)）]")
_ADDRESS = re.compile(
    r"(?<![^\s(;])(?:\d{1,3}(?:\.\d{1,3}){3}|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?::\d+)?(?:/[A-Za-z0-9._/?=&-]*)?"
)


def plain(text: str) -> str:
    """The alias without quotes, brackets and spaces, which matching sees through anyway."""
    return _PUNCTUATION.sub("", _BRACKETED.sub("", text))


def aliases_of(row: dict[str, str], curated: Curated) -> list[str]:
    """What is enough alone, folded (開門評警 is 开门评警), the longest first."""
    from mappings.text import fold

    given = [_BRACKETED.sub("", row["canonical"])] if "(" not in row["canonical"] else []
    given += [item for item in row["aliases"].split(";") if "…" not in item]
    bound = {fold(item) for item in (*curated.dated, *curated.local, *curated.drop)}
    found = {fold(plain(item)) for item in (*given, *curated.add)}
    return sorted((a for a in found - bound if len(a) > 2), key=lambda item: (-len(item), item))


def entry(row: dict[str, str]) -> str:
    name = row["canonical"]
    if name not in CURATED:
        raise SystemExit(f"no id is curated for {name}; add it to CURATED in {__file__}")
    curated = CURATED[name]
    aliases = aliases_of(row, curated)
    lines = [
        "[[campaign]]",
        f"id = {text(curated.id)}",
        f"name = {text(name)}",
        f"aliases = {text(aliases)}",
        f"start = {text(row['start'])}",
        f"end = {text(row['end'] or '..')}",
        f"level = {text(row['level'])}",
        f"org = {text(row['org'].strip())}",
        f"status = {text(status(row['status']))}",
        f"sources = {text(sources(row['evidence']))}",
    ]
    if curated.note:
        lines.append(f"note = {text(curated.note)}")
    if curated.place:
        lines.append(f"place = {text(curated.place)}")
    if curated.local:
        lines.append(f"local = {text(list(curated.local))}")
    if curated.dated:
        pairs = curated.dated.items()
        items = [f'  {{alias = {text(a)}, from = "{w[0]}", to = "{w[1]}"}},' for a, w in pairs]
        lines += ["dated = [", *items, "]"]
    return "\n".join(lines)


def text(value: str | list[str]) -> str:
    """A TOML string or list of strings."""
    return json.dumps(value, ensure_ascii=False)


def status(text: str) -> str:
    """What the dates and names rest on: a page, counts of the news programme, or nothing yet."""
    letters = dict.fromkeys(re.findall(r"\b[PXG]\b", text))
    return ", ".join(_STATUS[letter] for letter in letters) or "to verify"


def sources(text: str) -> list[str]:
    """The plain addresses in the reference's evidence, without its remarks."""
    return list(dict.fromkeys(found.rstrip("./") for found in _ADDRESS.findall(text)))


HEAD = """\
# Campaigns: names, aliases, years, level, organisation. Written by scripts/build_campaigns.py; do not
# edit, curate there. Facts collected from the pages under `sources`; `status` says what the dates
# rest on: a page, counts of the evening news programme over the years, or still to be verified.
#
# aliases  enough alone          dated  mean this campaign only in those months (an article without a
# local    only where `place` is        date is left undecided)
#          named                 start, end  EDTF; ".." is open or not known
"""


def main(arguments: list[str]) -> None:
    if not 1 <= len(arguments) <= 2:
        raise SystemExit(__doc__)
    root = Path(__file__).parents[1]
    sys.path.insert(0, str(root))
    target = Path(arguments[1]) if len(arguments) == 2 else root / "mappings/campaigns.toml"
    with (Path(arguments[0]) / "campaigns.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    ids = [CURATED[row["canonical"]].id for row in rows if row["canonical"] in CURATED]
    if len(set(ids)) < len(ids):
        raise SystemExit("an id stands twice in CURATED")
    target.write_text("\n\n".join([HEAD.rstrip(), *map(entry, rows)]) + "\n", encoding="utf-8")
    print(f"{len(rows)} campaigns", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
