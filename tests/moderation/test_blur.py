"""What those who moderate need not see before they ask for it."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from forums.actions.attachments import upload_file
from moderation.actions.cases import report
from moderation.covers import Cover, covered, pattern_of
from moderation.models import Colleague, Settings
from tests.forums.test_attachments import picture
from tests.make import make_community, make_member, make_moderator, make_reply, make_topic

pytestmark = pytest.mark.django_db
WORDS = Cover(words=pattern_of("connard\nfils de pute\nwanker\npédé"))


@pytest.fixture(autouse=True)
def _community():
    make_community()


def case_with_image(settings, tmp_path, **more):
    settings.MEDIA_ROOT = tmp_path
    ann, topic = make_member(), make_topic()
    file = upload_file(by=ann, file=SimpleUploadedFile("cat.png", picture(as_="PNG")), name="cat.png", alt="A cat")
    post = make_reply(topic, by=ann, body=f"Look ![A cat]({file.get_absolute_url()})", **more)
    beside = upload_file(by=ann, file=SimpleUploadedFile("dog.png", picture(as_="PNG")), name="dog.png", alt="A dog")
    make_reply(topic, by=ann, body=f"And ![A dog]({beside.get_absolute_url()})")
    return report(by=make_member(), post=post).case, file


def test_images_of_a_case_are_not_loaded_before_they_are_asked_for(client, settings, tmp_path):
    case, file = case_with_image(settings, tmp_path)
    client.force_login(make_moderator())

    html = client.get(f"/moderation/case/{case.pk}/").content.decode().partition("<main")[2]

    assert "<img" not in html
    address = f"/moderation/case/{case.pk}/a/{file.pk}/cat.png"
    assert f'<a class="covered-image" href="{address}' in html
    assert "Show the image: A cat" in html
    assert "Show the image: A dog" in html  # what stands beside is covered alike
    assert client.get(address).status_code == 200  # the link itself shows it, without a script


def test_covers_are_switched_off_by_whoever_wants_that(client, settings, tmp_path):
    case, _file = case_with_image(settings, tmp_path)
    tom = make_moderator()
    Colleague.objects.create(member=tom, blurs=False)
    client.force_login(tom)

    html = client.get(f"/moderation/case/{case.pk}/").content.decode().partition("<main")[2]

    assert html.count("<img") == 2
    assert "covered" not in html


def test_insults_are_closed_with_the_rest_of_the_passage_in_view():
    html = covered("<p>Bonjour.</p>\n<p>Tu es un <em>Connard</em>, &amp; voilà.</p><ul><li>fin</li></ul>", WORDS)

    assert html == (
        '<p>Bonjour.</p><details class="covered"><summary><span dir="auto">Tu es un •••, &amp; voilà.</span> '
        "<strong>Show the words</strong></summary>\n<p>Tu es un <em>Connard</em>, &amp; voilà.</p></details>"
        "<ul><li>fin</li></ul>"
    )


def test_a_run_of_insults_shows_nothing():
    html = covered("<p>wanker wankers FILS DE PUTE</p>", WORDS)

    assert "A passage with 3 insults" in html
    assert html.partition("</summary>")[0].count("ank") == 0


@pytest.mark.parametrize(
    ("text", "is_covered"),
    [("PEDE", True), ("pédés", True), ("pédestre", False), ("un connard!", True), ("connardise", False), ("", False)],
)
def test_words_are_whole_whatever_their_capitals_and_accents(text, is_covered):
    assert ("covered" in covered(f"<p>{text}</p>", WORDS)) == is_covered


def test_what_is_covered_stays_the_html_it_was():
    """Nothing is lost or opened twice, also around void tags, comments in code and attributes with signs."""
    html = '<p>a<br>wanker <a href="/x?a=1&amp;b=2" title="a &gt; b">x</a></p>'
    html += "<pre><code>&lt;p&gt;</code></pre><hr><p>z</p>"

    shut = covered(html, WORDS)

    assert shut.count("<details") == shut.count("</details>") == 1
    assert html.partition("</p>")[0] + "</p></details>" in shut
    assert shut.endswith("</details><pre><code>&lt;p&gt;</code></pre><hr><p>z</p>")


def test_excerpts_of_the_queue_are_covered_and_the_admin_says_by_which_words(client):
    make_topic()
    report(by=make_member(), post=make_reply(make_topic(), body="You absolute nincompoop & <b>fool</b>."))
    client.force_login(make_moderator())
    html = client.get("/moderation/").content.decode()
    assert '<p class="excerpt" dir="auto">You absolute nincompoop &amp; &lt;b&gt;fool&lt;/b&gt;.</p>' in html
    assert "covered" not in html

    Settings.objects.create(pk=1, covered_words="Nincompoop\n")

    html = client.get("/moderation/").content.decode()
    assert '<span dir="auto">You absolute ••• &amp; &lt;b&gt;fool&lt;/b&gt;.</span>' in html
    Settings.objects.update(covered_words="")
    assert "covered" not in client.get("/moderation/").content.decode()


def test_list_that_comes_with_commune_has_words_of_both_languages():
    pattern = pattern_of(Settings().covered_words)

    assert [bool(pattern.search(word)) for word in ("connard", "asshole", "merci", "screw")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize("around", ["{}", '<a href="/a/1/x.png" class="picture">{}</a>', '<a href="/t/1/"> {} </a>'])
def test_an_image_becomes_one_link_whether_it_was_one_or_not(around):
    said = 'srcset="/a/1/x.png 9w" alt="A &quot;cat&quot;" width="8" height="6"'
    image = f'<img src="/a/1/x.png?w=8" {said} loading="lazy">'

    html = covered(f"<p>{around.format(image)}</p>", Cover())

    assert html == (
        '<p><a class="covered-image" href="/a/1/x.png?w=8" target="_blank" rel="noopener" data-srcset="/a/1/x.png 9w" '
        'data-alt="A &quot;cat&quot;" data-width="8" data-height="6">Show the image: A &quot;cat&quot;</a></p>'
    )
