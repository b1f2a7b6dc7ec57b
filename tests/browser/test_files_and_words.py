"""What Markdown and uploads become in a real browser: with and without scripts, in both languages, by keyboard."""

from __future__ import annotations

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from PIL import Image, ImageDraw

from forums.actions.attachments import upload_file
from forums.actions.previews import fetch_next_preview
from forums.actions.rendering import render_again
from forums.models import Attachment
from tests.browser.conftest import Way
from tests.make import make_community, make_forum, make_member, make_reply, make_topic
from toolkit.fetch import Fetched
from toolkit.text import one_line

WORDS = """Everything that words can be, @ann and #glue, in one post: www.example.org, /t/{topic}/.

||The butler|| did it, and so did ||**his sister**, as [told](https://example.org) before||.

> [Zoe](/p/{post}/):
> Sand it first, then glue it. ||Or not||

::: details How to take the lid off
1. Unscrew the *four* screws
2. Pull

```python
def lift(lid: str) -> bool:
    return lid != "stuck"  # a comment that is rather long and goes on and on, wider than the screen
```
:::

https://example.org/a-page

- [ ] to do
- [x] done

{image}

{file} and ![a cat elsewhere](https://example.org/cat.jpg)

| a | b | c |
|---|:-:|--:|
| 1 | 2 | 3 |

{arabic}, \u202eoverridden @ann and {tower}[^1].

[^1]: A note.
"""
ARABIC = "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645"
TOWER = "Z" + "\u0301\u0302\u0303\u0304" * 4 + "algo"


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def photo(width=1400, height=700) -> bytes:
    image = Image.new("RGB", (width, height), (190, 120, 70))
    draw = ImageDraw.Draw(image)
    for n in range(0, width, 70):
        draw.line((n, 0, width - n, height), fill=(60, 90 + n % 120, 110), width=12)
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def a_post_with_everything(ann):
    make_community()
    forum = make_forum("workshop")
    other = make_topic(forum, title="How to glue what moves", tags=["glue"])
    quoted = make_reply(other)
    image = upload_file(by=ann, file=ContentFile(photo()), name="bench.jpg", alt="A bench with stripes")
    file = upload_file(by=ann, file=ContentFile(b"%PDF-1.7"), name="Notice d’emploi.pdf")
    body = WORDS.format(
        topic=other.pk, post=quoted.pk, image=image.markdown, file=file.markdown, arabic=ARABIC, tower=TOWER
    )
    topic = make_topic(forum, by=ann, title=one_line(f"{TOWER} and all the rest"), body=body)
    page = b"<title>A page about benches</title><meta name=description content='%s'>" % (b"Benches and stools. " * 20)
    fetch_next_preview(lambda url: Fetched(url, "utf-8", page))
    while render_again():
        pass
    return topic


def test_words_look_as_they_should_and_open_by_keyboard(somebody, way: Way):
    ann = make_member("ann", language=way.lang)
    topic = a_post_with_everything(ann)
    reader = somebody(way)
    page = reader.goes(topic.get_absolute_url())
    reader.fits()
    told = page.locator(".words .p").first
    assert "butler" not in told.inner_text()
    told.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert "The butler" in told.inner_text()
    assert "his sister" not in told.inner_text()
    details = page.locator(".words details:not(.spoiler) > summary")
    details.focus()
    page.keyboard.press("Space")
    page.get_by_text("lift").first.wait_for(state="visible")
    image = page.locator(".words img").first
    image.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.words img')].every(i => i.complete && i.naturalWidth)"
    )
    box = image.bounding_box()
    assert box is not None
    assert abs(box["width"] / box["height"] - 2) < 0.05
    assert page.locator(".words .card").get_by_text("A page about benches").is_visible()
    assert page.locator(".words .titled").first.inner_text() == "How to glue what moves"
    reader.fits()
    reader.shot("words")
    if way.js:
        results = Axe().run(page)
        assert results.response["violations"] == [], results.generate_report()


def test_own_files_are_added_described_and_removed_by_plain_forms(somebody, way: Way):
    make_community()
    ann = make_member("ann", language=way.lang)
    topic = make_topic(title="A topic")
    writer = somebody(way).signs_in("ann")
    page = writer.goes("/files/")
    page.set_input_files(
        "main [name=files]",
        [
            {"name": "bench.jpg", "mimeType": "image/jpeg", "buffer": photo()},
            {"name": "evil.jpg", "mimeType": "image/jpeg", "buffer": b"<svg onload=alert(1)>"},
            {"name": "page.html", "mimeType": "text/html", "buffer": b"<script>document.title='run'</script>"},
        ],
    )
    writer.presses("Add")
    writer.sees("This is named like an image, but is none.")
    image, html = Attachment.objects.get(kind="image"), Attachment.objects.get(kind="file")
    page.fill(f"#alt-{image.pk}", "A bench")
    page.locator(f"#file-{image.pk}").get_by_role("button", name=way.say("Save")).click()
    page.wait_for_load_state()
    assert page.input_value(f"#markdown-{image.pk}") == f"![A bench]({image.get_absolute_url()})"
    writer.fits()
    writer.shot("files")
    if way.js:
        results = Axe().run(page)
        assert results.response["violations"] == [], results.generate_report()
    make_reply(topic, by=ann, body=image.markdown)
    writer.goes("/files/")
    page.locator(f"#file-{html.pk}").get_by_role("button").click()
    page.wait_for_load_state()
    assert set(Attachment.objects.all()) == {image}


def test_uploaded_page_and_disguised_image_are_inert(somebody):
    """A file must never run as a page of this site, whatever it is called and whoever opens it."""
    make_community()
    ann = make_member("ann", language="en")
    script = b"<!doctype html><script>document.title = 'run'</script>"
    page_file = upload_file(by=ann, file=ContentFile(script), name="page.html")
    svg = upload_file(
        by=ann, file=ContentFile(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"), name="a.svg"
    )
    disguised = upload_file(by=ann, file=ContentFile(photo(600, 300) + script), name="a.jpg")
    make_reply(make_topic(), by=ann, body=" ".join(f.markdown for f in (page_file, svg, disguised)))
    reader = somebody(Way("en", True, 1280))
    page = reader.goes("/")
    for file in (page_file, svg):
        with page.expect_download() as download:
            page.evaluate("address => { location.href = address }", file.get_absolute_url())
        assert download.value.suggested_filename == file.name
    page = reader.goes(disguised.get_absolute_url())
    assert page.evaluate("document.contentType") == "image/jpeg"
    assert "run" not in page.title()
    reader.errors.clear()  # the browser's own style for a picture alone is refused like any other
    for file in (page_file, svg, disguised):
        ran = reader.goes("/").evaluate(
            """address => new Promise(done => {
                const script = document.createElement('script')
                script.onload = () => done(true); script.onerror = () => done(false)
                script.src = address; document.head.append(script)
            })""",
            file.get_absolute_url(),
        )
        assert ran is False
