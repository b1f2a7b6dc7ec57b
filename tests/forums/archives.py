"""Small archives of our own writing, with every feature that an import carries over."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import quoteattr

SITE = "https://meta.example.org"


def table(name: str, *rows: dict[str, str | int]) -> str:
    lines = ["<row " + " ".join(f"{key}={quoteattr(str(value))}" for key, value in row.items()) + " />" for row in rows]
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{name}>\n' + "\n".join(lines) + f"\n</{name}>"


def packed(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def day(number: int, hour: int = 0) -> str:
    return f"2012-03-{number:02}T{hour:02}:00:00.000"


def _post(number: int, **more: str | int) -> dict[str, str | int]:
    return {"Id": number, "Score": 0, "ContentLicense": "CC BY-SA 3.0", **more}


def _past(number: int, kind: int, post: int, when: str, user: int | str, text: str, comment: str = "") -> dict:
    who = {"UserId": user} if isinstance(user, int) else {"UserDisplayName": user}
    row = {"Id": number, "PostHistoryTypeId": kind, "PostId": post, "CreationDate": when, **who, "Text": text}
    return {**row, "Comment": comment} if comment else row


def stackexchange(path: Path, **replaced: str) -> Path:
    """Two questions (one edited, renamed, answered, closed), three answers, four comments, six people."""
    users = [("-1", "Community"), ("1", "Anne Petit"), ("2", "Bob"), ("3", "Ça va"), ("4", "Silent"), ("5", "Editor")]
    words = "How does one *fold* a name?\n\nSee [this](https://meta.example.org/questions/2)."
    link = '<a href="https://meta.example.org/questions/2">this</a>'
    html = f"<p>How does one <em>fold</em> a name?</p>\n\n<p>See {link}.</p>\n"
    code = '<pre class="lang-py"><code>fold(x)\n</code></pre>'
    posts = [
        _post(
            2,
            PostTypeId=1,
            CreationDate=day(1),
            OwnerUserId=2,
            Title="Older question",
            Tags="<names><faq>",
            Body="<p>Old.</p>",
        ),
        _post(
            1,
            PostTypeId=1,
            CreationDate=day(2),
            OwnerUserId=1,
            Title="Folding names?",
            Tags="<names><unicode>",
            Body=html,
            AcceptedAnswerId=4,
            ClosedDate=day(9),
            LastEditDate=day(5),
            LastEditorUserId=5,
        ),
        _post(3, PostTypeId=2, ParentId=1, CreationDate=day(3), OwnerUserId=2, Body="<p>With <code>NFKD</code>.</p>"),
        _post(
            4,
            PostTypeId=2,
            ParentId=1,
            CreationDate=day(4),
            OwnerDisplayName="user99",
            CommunityOwnedDate=day(6),
            Body=f'<p>H<sub>2</sub>O, and see <a href="/a/3">Bob’s</a> &lt;b&gt;.</p>{code}',
        ),
        _post(5, PostTypeId=2, ParentId=2, CreationDate=day(3), Body="<p>Nobody’s answer.</p>"),
        _post(6, PostTypeId=4, CreationDate=day(3), OwnerUserId=2, Body="<p>A tag.</p>"),
        _post(7, PostTypeId=2, ParentId=77, CreationDate=day(3), OwnerUserId=2, Body="<p>Lost.</p>"),
    ]
    comments = [
        {
            "Id": 1,
            "PostId": 3,
            "Score": 2,
            "Text": "@bob why *that*, and `@bob`?",
            "CreationDate": day(3, 5),
            "UserId": 1,
        },
        {"Id": 2, "PostId": 1, "Score": 0, "Text": "# no title, @AnnePetit", "CreationDate": day(2, 5), "UserId": 2},
        {
            "Id": 3,
            "PostId": 4,
            "Score": 0,
            "Text": "@nobody-here hello",
            "CreationDate": day(5, 5),
            "UserDisplayName": "user7",
        },
        {"Id": 4, "PostId": 5, "Score": 0, "Text": "Nobody speaks.", "CreationDate": day(6)},
        {"Id": 5, "PostId": 66, "Score": 0, "Text": "Lost.", "CreationDate": day(6)},
    ]
    votes = [(1, 1, 2), (2, 1, 2), (3, 3, 2), (4, 3, 3), (5, 4, 1), (6, 1, 5), (7, 66, 2)]
    history = [
        _past(1, 1, 1, day(2), 1, "Folding?"),
        _past(2, 2, 1, day(2), 1, "How to fold a name?"),
        _past(3, 3, 1, day(2), 1, "<names>"),
        _past(4, 5, 1, day(5), 5, words, "better English"),
        _past(5, 4, 1, day(5), 5, "Folding names?"),
        _past(6, 6, 1, day(5), "user99", "<names><unicode>"),
        _past(7, 10, 1, day(9), -1, json.dumps({"Voters": [{"Id": 2, "DisplayName": "Bob"}]}), "101"),
        _past(8, 2, 3, day(3), 2, "With `NFKD`."),
        _past(9, 24, 1, day(5), -1, ""),
        _past(10, 2, 6, day(3), 2, "A tag."),
    ]
    tables = {
        "Users": table("users", *({"Id": i, "DisplayName": n, "CreationDate": day(1)} for i, n in users)),
        "Posts": table("posts", *posts),
        "Comments": table("comments", *comments),
        "Votes": table(
            "votes", *({"Id": i, "PostId": p, "VoteTypeId": k, "CreationDate": day(7)} for i, p, k in votes)
        ),
        "PostHistory": table("posthistory", *history),
        "Tags": table("tags", *({"Id": i, "TagName": n} for i, n in enumerate(["names", "faq", "unicode", "unused"]))),
        "PostLinks": table("postlinks", {"Id": 1, "PostId": 1, "RelatedPostId": 2, "LinkTypeId": 1}),
        "Badges": table("badges", {"Id": 1, "UserId": 1, "Name": "Teacher"}),
        **replaced,
    }
    return packed(path, **{f"meta/{name}.xml": text for name, text in tables.items()})


def _said(number: int, place: int, user: int, name: str, cooked: str, **more: object) -> dict:
    return {
        "id": number,
        "post_number": place,
        "user_id": user,
        "username": name.lower(),
        "name": name,
        "cooked": cooked,
        "created_at": f"2017-03-{place:02}T10:00:00.000Z",
        "updated_at": f"2017-04-{place:02}T10:00:00.000Z",
        "post_type": 1,
        "version": 1,
        "reply_to_post_number": None,
        "hidden": False,
        "user_deleted": False,
        "deleted_at": None,
        "wiki": False,
        "actions_summary": [],
        "accepted_answer": False,
        "edit_reason": None,
        **more,
    }


def _topic(number: int, title: str, posts: list[dict], **more: object) -> dict:
    said = {"id": number, "title": title, "slug": "a-topic", "created_at": "2017-03-01T10:00:00Z", "visible": True}
    return {
        **said,
        "closed": False,
        "archived": False,
        "category_id": 4,
        "tags": [],
        "post_stream": {"posts": posts},
        **more,
    }


QUOTE = (
    '<aside class="quote" data-post="1" data-topic="10"><div class="title"><img class="avatar" src="a"> Zoe:</div>'
    '<blockquote><p>The beginning</p></blockquote></aside><p>I agree, <a class="mention" href="/u/zoe">@Zoe</a>.</p>'
)


def discourse(path: Path, **replaced: str) -> Path:
    """Two topics with likes, a quotation, mentions, an accepted answer, hidden, deleted and whispered posts, lines."""
    first = [
        _said(
            101,
            1,
            1,
            "Zoe",
            "<p>The beginning of it.</p>",
            actions_summary=[{"id": 2, "count": 3}, {"id": 8, "count": 9}],
        ),
        _said(102, 2, 2, "Yan", QUOTE, reply_to_post_number=1, version=3, edit_reason="spelling"),
        _said(103, 3, 3, "Xenia", "<p>This post was flagged and is hidden.</p>", hidden=True),
        _said(
            104,
            4,
            2,
            "Yan",
            "<p>It works now.</p>",
            accepted_answer=True,
            wiki=True,
            actions_summary=[{"id": 2, "count": 1}],
        ),
        _said(105, 5, 4, "Staff", "", post_type=3, action_code="closed.enabled"),
        _said(106, 6, 4, "Staff", "<p>Psst</p>", post_type=4),
        _said(
            107,
            7,
            3,
            "Xenia",
            "<p>Gone</p>",
            deleted_at="2017-03-08T10:00:00Z",
            actions_summary=[{"id": 2, "count": 2}],
        ),
        _said(108, 8, 4, "Staff", "<p>3 posts were split off</p>", post_type=3, action_code="split_topic"),
        _said(109, 9, 4, "Staff", "", post_type=3, action_code="user_left"),
    ]
    second = [
        _said(
            201,
            1,
            2,
            "Yan",
            '<p>See <a href="/t/a-topic/10/4">there</a> and <a href="/t/other/999">elsewhere</a>.</p>',
            created_at="2017-05-01T10:00:00Z",
            polls=[{"name": "poll", "options": []}],
        ),
    ]
    topics = {
        "a-topic.10.json": _topic(10, "A first topic", first, closed=True, tags=["help", {"id": 1, "name": "new tag"}]),
        "b-topic.11.json": _topic(
            11, "Unlisted", second, visible=False, archived=True, category_id=5, created_at="2017-05-01T10:00:00Z"
        ),
        "categories.json": {
            "category_list": {"categories": [{"id": 4, "name": "Support"}, {"id": 5, "name": "Lounge"}]}
        },
    }
    return packed(path, **{**{name: json.dumps(topic) for name, topic in topics.items()}, **replaced})


def plain_forum(path: Path) -> Path:
    """Two topics in two forums, with a reply to a reply, titles of posts, misread letters and an address."""
    posts = [
        {
            "id": 0,
            "author": "Zoé",
            "uid": 5,
            "date": "2005-02-13T13:45:00",
            "title": "Le forum",
            "html": "<p>Bonjour&nbsp;! C’est le forum.</p>",
            "parent": None,
        },
        {
            "id": 54,
            "author": "SAS",
            "uid": 65,
            "date": "2005-02-14T16:07:00",
            "title": "irc.cgi",
            "html": "<p>Quelle idÃ©e</p>",
            "parent": 0,
            "depth": 1,
        },
        {
            "id": 55,
            "author": "Zoé",
            "uid": 5,
            "date": "2005-02-14T18:11:00",
            "title": "Re: Le forum",
            "html": "<code>a\nb</code>",
            "parent": 54,
        },
        {"id": 56, "author": "", "uid": 0, "date": "2005-02-14T17:00:00", "title": "", "html": "", "parent": 99},
    ]
    other = [{"id": "x", "author": "Ann", "date": "2004-01-01", "html": "<p>Hello</p>", "email": "Ann@Example.org"}]
    topics = [
        {"nid": 151, "title": "Le forum", "forum": "Général", "posts": posts, "url": "https://old.example.org/151"},
        {"nid": "b", "title": "T" + "itle " * 40, "forum": "Offres d’emploi", "posts": other},
        {"nid": "c", "title": "Empty", "posts": []},
    ]
    path.write_text(json.dumps(topics, ensure_ascii=False))
    return path
