"""The examples of the OpenAPI document: an invented article, as the sample corpus holds it."""

from __future__ import annotations

from typing import Any

PROBLEM_EXAMPLE: dict[str, Any] = {
    "type": "/problems/bad-request",
    "title": "Bad Request",
    "status": 400,
    "detail": "page counts from 1",
    "parameter": "page",
}

_LABELS: dict[str, Any] = {
    "id": "5d2a4f0b9c1e7a830f66",
    "title": "挎包里装着一本“民情账” 沂水民警大走访走进三百户农家",
    "url": "http://www.mengyi.example/2009-02/11/content_3.htm",
    "source": "蒙沂在线",
    "authors": ["傅成海"],
    "date": "2009-02-11",
    "year": 2009,
    "region": [
        {"code": "370000", "name": "山东省"},
        {"code": "371300", "name": "临沂市"},
        {"code": "371323", "name": "沂水县"},
    ],
    "campaigns": [{"id": "dazoufang-2009", "name": "全国公安民警大走访爱民实践活动"}],
}

_VALUE: dict[str, Any] = {"selected": False, "children": [], "other": 0}

SEARCH_EXAMPLE: dict[str, Any] = {
    "query": {
        "text": "大走訪",
        "mode": "exact",
        "terms": [{"text": "大走訪", "forms": ["大走访"], "articles": 3, "excluded": False}],
        "notes": [],
    },
    "total": 3,
    "hits": [
        {
            **_LABELS,
            "snippets": [
                {
                    "field": "title",
                    "text": _LABELS["title"],
                    "start": 0,
                    "marks": [[18, 21]],
                    "more": [False, False],
                },
                {
                    "field": "body",
                    "text": "“大走访”活动开展以来，派出所七名民警分包二十一个村",
                    "start": 108,
                    "marks": [[1, 4]],
                    "more": [True, True],
                },
            ],
            "score": 7.25,
        }
    ],
    "facets": {
        "region": {
            "values": [
                {
                    **_VALUE,
                    "value": "370000",
                    "label": "山东省",
                    "count": 1,
                    "toggle": "?q=%E5%A4%A7&region=370000",
                }
            ],
            "unknown": 0,
            "other": 0,
        },
        "year": {
            "values": [
                {**_VALUE, "value": "2009", "label": "2009", "count": 1, "toggle": "?q=%E5%A4%A7&year=2009"}
            ],
            "unknown": 0,
            "other": 0,
        },
        "campaign": {"values": [], "unknown": 0, "other": 0},
        "source": {"values": [], "unknown": 0, "other": 0},
    },
    "snapshot": "0c7f9f0a5b3f4f0e8c1d2b3a4f5e6d7c",
    "took_ms": 1.4,
    "links": {
        "self": "?q=%E5%A4%A7%E8%B5%B0%E8%A8%AA&size=1&page=2",
        "next": "?q=%E5%A4%A7%E8%B5%B0%E8%A8%AA&size=1&page=3",
        "prev": "?q=%E5%A4%A7%E8%B5%B0%E8%A8%AA&size=1",
    },
}

ARTICLE_EXAMPLE: dict[str, Any] = {
    **_LABELS,
    "body": "正月十七的清早，沂蒙山里的霜还没有化，……",
    "script": "Hans",
    "origin": "pages/001_dazoufang_yishui.txt",
    "snapshot": SEARCH_EXAMPLE["snapshot"],
    "evidence": [
        {
            "field": "date",
            "value": "2009-02-11",
            "rule": "stamp",
            "quote": "2009-02-11 16:32:08",
            "start": 131,
            "end": 150,
            "where": "page",
            "basis": "stated",
        }
    ],
}
