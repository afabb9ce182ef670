"""Words that decide whether characters that spell a place's name are one, and what follows it.

All in folded (Simplified, half-width) form. Lists are kept by hand: each entry was met in text or
is a plain word of the language that happens to be a name.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AGENCY = re.compile(
    r"(?:市|县|区|州)?(?:"
    r"公安(?!县)(?:局|分局|厅|交警|交通|机关|系统|消防|边防|部门)?(?:干警|民警)?|警方|警察|交警|特警|巡警|刑警|民警|"
    r"分局|交通警察|消防|武警|边防|司法|检察院|人民检察院|(?:高级|中级)?人民法院|法院|"
    r"政法委|政法|委政法|纪委|监委|纪检|委(?!书记|副书记|常委|员|托|派|内|婉)|政府|人民政府|城管|信访|综治"
    r")(?:交警|支队|大队|中队|总队)*"
)
"""An agency's name right after a place's. 市委书记 is a person, who travels, and is left out."""

OFFICE = re.compile(r"公安局|交警大队|人民法院|法院|检察院|人民检察院|县委|政法委|人民政府")
"""An office that only a place can have, enough to take a county's two-character short name. A 分局
is not: it may be named after a street or a spa (温泉公安分局 is in 咸宁, not in 温泉县)."""

ROUND_UP = re.compile(r"快讯|各地|多地|全国|各省|各界|群英谱|英雄谱|两起|多起|多省|\d省")
"""A title that announces news of several places: only places that it names itself count as sure."""

GENERIC_DISTRICTS = _words("""
    城区 郊区 矿区 市区 东区 西区 南区 北区 中区 新区 港区 市中区 新城区 新市区 市郊区 南市区 北市区
""")
"""Names of districts that are also plain words; they count only right after their city's full
name and before an agency (阳泉市城区公安分局)."""

NEEDS_PARENT = _words("""
    公安县 合作市 全州县 南部县 平安区 平安县 和平区 和平县 通道县 互助县 同心县 友好区 友谊县 爱民区
    工农区 向阳区 东风区 前进区 建设区 老城区 东城区 西城区 城东区 城西区 城中区 城北区 城关区 城厢区
    河东区 河西区 河口区 江北区 江南区 江东区 江岸区 海港区 港口区 港南区 港北区 南山区 东山区 西山区
    北山区 东山县 南岸区 南海区 市南区 市北区 富民县 新民市 东方市 安居区 安定区 长安区 新华区 中山区
    光明区 太平区 朝阳区 红旗区 解放区 团结区 五营区 三元区 中阳县 保安县 平和县 大安市 大同区 大同县
    万安县 西安区 南和县 文明区 铁西区 铁东区 北关区 南关区 西市区 路南区 路北区 桥东区 桥西区 中原区
    中方县 东兴区 东兴市 西湖区 东湖区 南湖区
""")
"""Counties whose full name is also plain words or common elsewhere: only with their parent named."""

ONE_CHARACTER = frozenset("和应代任成单道兴开")
"""Stems of one character that make a county's name of chance: 省和县公安局 is not 和县's."""

INTRODUCING = frozenset("是在从由到向对与及为经让被据")
"""What may stand before a county's name of two characters: 是沙县公安局 (not 开明县公安局)."""

NOT_SHORT = _words("""
    公安 合作 全州 南部 平安 平和 和平 通道 互助 同心 友好 友谊 爱民 工农 向阳 东风 前进 建设 老城
    东城 西城 城东 城西 城中 城北 城南 城关 城厢 河东 河西 河口 江北 江南 江东 江岸 海港 港口 港南
    港北 南山 东山 西山 北山 南岸 南海 市南 市北 富民 新民 东方 安居 安定 长安 新华 中山 光明 太平
    红旗 解放 团结 开发 文明 铁西 铁东 北关 南关 西市 路南 路北 桥东 桥西 中原 中方 兴国 富裕 吉利
    惠民 高明 平原 新城 新市 新建 新兴 新区 民权 民和 民乐 大方 大通 大化 大足 天长 永和 清新 会同
    进贤 德化 乐业 威信 方正 双流 共和 平定 平顺 武功 和顺 同仁 同德 崇信 崇义 团风 从化 开化 敦化
    兴业 富顺 安化 建安 建华 站前 中华 上街 下关 红星 三水 三山 市中 定安 宁安 保安 大安 永安 平昌
    公主 法库 西区 东区 道里 道外 山阳 清流 中心 集安
""")
"""Two-character short names of counties that are plain words: never taken as names."""

WORD_LIKE = _words("""
    大同 安康 长治 来宾 日照 阿里 三明 东方 海南 海西 海北 海东 朝阳 中卫 吉安 山南 红河 怒江 黄山
    吴忠 白山 天门 北海 白银 中山 文山 兴安 河源
""")
"""Short names of prefectures that are also words, people or landscapes: taken only after their
province's name or before an agency."""

SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田"
    "姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦史顾侯邵孟龙段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟颜倪严牛温芦季俞章鲁葛"
)

PERSON_AFTER = re.compile(r"同志|先生|女士|说|告诉|局长|所长|支?队长|大队长|教导员|政委|警官|老师|医生")

NOT_THE_PLACE = re.compile(
    r"[东西南北中]?(?:一|二|三)?路(?!政|面|段|上)|大街|街(?!道|头)|大道|大学|学院|大厦|宾馆|酒店|饭店|"
    r"会议|精神|时间|奥运|会谈|合作组织|"
    r"协定|共识|条约|保卫战|战役|大屠杀|事变|起义|新闻|日报|晚报|时报|商报|都市报|电视台|卫视|广播|网(?!上|络|民|格|吧)|在线|"
    r"菜|烤鸭|话(?!题)|口音|机场|籍|人(?!民|大|口|社|力|员)|银行|证券|集团|铁路局|军区|舰|宣言|合作|冬奥|亚运|冬残奥|残奥|"
    r"世博|进博|海峡|湾区|畔|岸|问题|方面军|号|公报|公约|峰会"
)
"""What makes a short name part of something else: a street, a school, a dish, a document."""

FEATURE = re.compile(
    r"河|江(?!滩)|湖(?!区)|岭|山(?![区村乡寨洪火体城庄林水])|海(?![关事警域洋军外鲜拔防滨滩上边湾])"
)
"""What makes a short name a river's, a lake's or a mountain's, which may lie in another place: 喀什河
flows in 尼勒克县. Plain words that begin alike (山区, 海关) do not."""

ENDS_OTHERWISE = re.compile(r"区(?=域|别|块|位|划)|市(?=场|值|价|面上|话)|县(?=级|域经)|州(?=长)")

RIVERS = {
    "河南": "黄淮运渭汾漳沙",
    "河北": "黄淮运渭汾漳沙",
    "江西": "长珠湘赣汉沿",
    "湖南": "太庭阳巢泽西",
    "湖北": "太庭阳巢泽西",
    "海南": "上珠南东渤黄",
    "山西": "泰华衡恒嵩",
    "山东": "泰华衡恒嵩",
}
"""A character before these makes them a river's, a lake's or a mountain's side: 黄河南岸."""

PUBLISHER = re.compile(
    r"(?:政法|长安|新闻|公安|警方|平安|法制|法治|信息|都市|电视|日报|晚报|在线|之窗|热线|广播|网|报|台).*$"
)
"""What makes a place's name a publisher's: 政法网 of 甘肃政法网."""
