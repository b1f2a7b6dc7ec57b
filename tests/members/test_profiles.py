"""What members choose and say of themselves: settings, picture, fields, hats, who sees their page, the directory."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from forums.queries.directory import Asked, directory_page
from forums.readers import reader_for
from members import jobs
from members.actions.blocks import block_member
from members.actions.pictures import crop_picture, remove_picture, upload_picture
from members.actions.profiles import describe_self
from members.actions.standing import grant_hat, wear_hat, withdraw_hat
from members.models import Hat, HatGrant, Member, ProfileAnswer, ProfileField, ProfilePicture, ShownTo
from tests.make import (
    make_admin,
    make_community,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_community()


def picture(width=300, height=200, kind="PNG", **more) -> SimpleUploadedFile:
    """Red on the left third, green in the middle, blue on the right."""
    image = Image.new("RGB", (width, height), "green")
    image.paste("red", (0, 0, width // 3, height))
    image.paste("blue", (2 * width // 3, 0, width, height))
    out = io.BytesIO()
    image.save(out, kind, **more)
    return SimpleUploadedFile(f"me.{kind.lower()}", out.getvalue(), f"image/{kind.lower()}")


def colour_of(member: Member, size="large") -> str:
    """What stands in the middle of the picture that is shown."""
    with Image.open(default_storage.open(member.pictures.get(key=member.picture).path(size))) as image:
        red, green, blue = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    return max(("red", red), ("green", green), ("blue", blue), key=lambda pair: pair[1])[0]


# --- Settings


def test_settings_are_exactly_five_choices_and_the_rest_is_one_step_away(client):
    client.force_login(make_member())

    page = client.get("/settings/")

    assert list(page.context["form"].fields) == ["language", "mail", "digest", "theme", "open_to"]
    for path in (
        "/settings/profile/", "/settings/picture/", "/settings/privacy/", "/settings/time/", "/settings/close/",
        "/settings/standing/", "/accounts/email/", "/accounts/password/change/", "/drafts/", "/bookmarks/", "/files/",
    ):  # fmt: skip
        assert f'href="{path}"' in page.content.decode()
        assert client.get(path).status_code == 200


def test_settings_save_what_was_chosen_and_do_not_lift_a_suspension_decided_meanwhile(client):
    ann = make_member("ann")
    client.force_login(ann)
    client.get("/settings/")
    until = timezone.now() + timedelta(days=3)
    Member.objects.filter(pk=ann.pk).update(suspended_until=until)

    said = {"language": "fr", "mail": "matters", "digest": "monthly", "theme": "dark", "open_to": "followed"}
    assert client.post("/settings/", said).status_code == 302

    ann.refresh_from_db()
    assert {name: getattr(ann, name) for name in said} == said
    assert ann.suspended_until == until


def test_saving_settings_writes_only_its_own_columns(client, django_assert_num_queries):
    """A whole row saved back would undo what somebody else decided between reading and writing."""
    client.force_login(make_member())
    said = {"language": "en", "mail": "all", "digest": "never", "theme": "auto", "open_to": "nobody"}

    with django_assert_num_queries(6) as asked:  # session, member, the update, the message in the session (3)
        client.post("/settings/", said)

    (update,) = [q["sql"] for q in asked if q["sql"].startswith('UPDATE "members_member"')]
    assert "suspended_until" not in update
    assert '"open_to"' in update


def test_time_and_welcoming_are_a_page_of_their_own(client):
    ann = make_member()
    client.force_login(ann)

    said = {"time_zone": "America/Montreal", "digest_hour": "18", "wants_to_welcome": "on"}
    assert client.post("/settings/time/", said).status_code == 302

    ann.refresh_from_db()
    assert (ann.time_zone, ann.digest_hour, ann.wants_to_welcome) == ("America/Montreal", 18, True)


# --- A picture


def test_uploaded_picture_is_shown_as_its_middle_in_two_sizes_without_its_metadata(client):
    ann = make_member("ann")
    client.force_login(ann)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"

    assert client.post("/settings/picture/", {"file": picture(kind="JPEG", exif=exif)}).status_code == 302

    ann.refresh_from_db()
    assert colour_of(ann) == "green"
    row = ProfilePicture.objects.get()
    for size, pixels in (("small", 96), ("large", 256)):
        response = client.get(getattr(ann, f"{size}_picture"))
        data = b"".join(response.streaming_content)
        with Image.open(io.BytesIO(data)) as image:
            assert (image.format, image.size) == ("WEBP", (pixels, pixels))
        assert b"taken at home" not in data
        assert response["Cache-Control"] == "private, max-age=31536000, immutable"
        assert response["Content-Type"] == "image/webp"
    with default_storage.open(row.path("whole")) as whole:
        assert b"taken at home" not in whole.read()


@pytest.mark.parametrize(("position", "colour"), [("start", "red"), ("centre", "green"), ("end", "blue")])
def test_part_chosen_without_a_script_is_kept_at_a_new_address(client, position, colour):
    ann = make_member("ann")
    client.force_login(ann)
    client.post("/settings/picture/", {"file": picture(900, 200)})
    before = Member.objects.get().small_picture

    client.post("/settings/picture/crop", {"position": position})

    ann.refresh_from_db()
    assert colour_of(ann) == colour
    assert ann.small_picture != before
    assert client.get(before).status_code == 404
    jobs.sweep_pictures()
    assert ProfilePicture.objects.count() == 1


def test_square_of_the_script_is_kept_and_one_outside_the_picture_is_moved_into_it():
    ann = make_member("ann")
    upload_picture(by=ann, file=picture(900, 300))

    crop_picture(by=ann, left=10, top=10, side=100)
    assert colour_of(ann) == "red"
    crop_picture(by=ann, left=5000, top=0, side=5000)
    assert colour_of(ann) == "blue"


def test_tall_picture_upright_by_its_metadata_is_cut_after_turning():
    ann = make_member("ann")
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter to the right: red is on top then

    row = upload_picture(by=ann, file=picture(300, 100, "JPEG", exif=exif))

    assert (row.width, row.height) == (100, 300)
    crop_picture(by=ann, left=0, top=0, side=100)
    assert colour_of(ann) == "red"


def test_moving_picture_shows_its_first_frame():
    ann = make_member("ann")
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])

    upload_picture(by=ann, file=SimpleUploadedFile("a.gif", out.getvalue()))

    assert colour_of(ann) == "red"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<svg onload=alert(1)>", "not a JPEG"),
        (picture().read()[:200], "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (5 * 1024 * 1024), "larger than 5 MB"),
    ],
)
def test_what_is_no_picture_is_refused_on_the_page(client, data, said):
    ann = make_member("ann")
    client.force_login(ann)

    page = client.post("/settings/picture/", {"file": SimpleUploadedFile("me.png", data)})

    assert page.status_code == 422
    assert said in page.content.decode()
    assert (Member.objects.get().picture, ProfilePicture.objects.count()) == ("", 0)


def test_decompression_bomb_is_not_decoded():
    bomb = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(bomb, "PNG")
    assert len(bomb.getvalue()) < 100_000

    with pytest.raises(Refused, match="50 million pixels"):
        upload_picture(by=make_member(), file=SimpleUploadedFile("b.png", bomb.getvalue()))


def test_picture_taken_off_is_gone_from_page_and_storage(client):
    ann = make_member("ann", name="Ann Bell")
    upload_picture(by=ann, file=picture())
    row, address = ProfilePicture.objects.get(), ann.small_picture
    assert client.get(address).status_code == 200

    remove_picture(by=ann)
    jobs.sweep_pictures()

    assert client.get(address).status_code == 404
    assert [default_storage.exists(row.path(size)) for size in ("small", "large", "whole")] == [False] * 3
    assert ">AB</span>" in client.get("/m/ann/").content.decode()


def test_whole_picture_is_its_owners_for_a_day(client):
    ann = make_member("ann")
    client.force_login(ann)
    upload_picture(by=ann, file=picture())
    assert client.get("/settings/picture/whole").status_code == 200
    client.force_login(make_member("bob"))
    assert client.get("/settings/picture/whole").status_code == 404
    client.force_login(ann)
    ProfilePicture.objects.update(created_at=timezone.now() - timedelta(hours=25))

    jobs.sweep_pictures()

    assert client.get("/settings/picture/whole").status_code == 404
    assert colour_of(ann) == "green"
    with pytest.raises(Refused, match="no longer kept"):
        crop_picture(by=ann, left=0, top=0, side=100)


def test_sweep_takes_what_a_crash_left_and_nothing_that_is_shown():
    ann = make_member("ann")
    upload_picture(by=ann, file=picture())
    shown = ann.picture
    left = ProfilePicture.objects.create(key="a" * 32, member=ann, width=9, height=9, created_at=timezone.now())
    jobs.sweep_pictures()
    assert ProfilePicture.objects.count() == 2  # it may still be on its way

    ProfilePicture.objects.filter(pk=left.pk).update(created_at=timezone.now() - timedelta(hours=2))
    jobs.sweep_pictures()

    assert ProfilePicture.objects.get().key == shown


@pytest.mark.parametrize("replies", [1, 30])
def test_pictures_and_hats_beside_posts_cost_no_query(client, django_assert_num_queries, replies):
    forum, admin = make_forum(), make_admin()
    topic = make_topic(forum)
    hat = Hat.objects.create(name_en="Curator", name_fr="Conservatrice")
    for _ in range(min(replies, 19)):
        author = make_member()
        upload_picture(by=author, file=picture(70, 70))
        wear_hat(grant_hat(hat, to=author, by=admin, reason="letter"), by=author)
        make_reply(topic, by=author)

    with django_assert_num_queries(5):  # reader, topic, posts, rules, community
        html = client.get(topic.get_absolute_url()).content.decode()

    assert html.count('<img class="avatar"') == min(replies, 19)
    assert html.count(">Curator</span>") == min(replies, 19)


# --- Fields of the community


def field(**said) -> ProfileField:
    return ProfileField.objects.create(**{"name_en": "Workshop", "name_fr": "Atelier", **said})


def test_answers_are_shown_to_whom_their_field_says(client):
    ann = make_member("ann")
    trade = field(seen_by="everyone")
    site = field(name_en="Site", name_fr="Site", kind="url")
    tool = field(name_en="Tool", name_fr="Outil", kind="choice", choices_en="Saw\nPlane", choices_fr="Scie\nRabot")
    client.force_login(ann)
    said = {"name": "Ann", "pronouns": "she/her", "bio": "I mend."}
    said |= {f"field-{trade.pk}": "Leeds", f"field-{site.pk}": "ann.example.org", f"field-{tool.pk}": "1"}

    assert client.post("/settings/profile/", said).status_code == 302

    assert dict(ProfileAnswer.objects.values_list("field", "value")) == {
        trade.pk: "Leeds", site.pk: "https://ann.example.org", tool.pk: "1",
    }  # fmt: skip
    mine = client.get("/m/ann/").content.decode()
    assert "she/her" in mine
    assert 'href="https://ann.example.org" rel="nofollow ugc noopener"' in mine
    assert '<dd dir="auto">Plane</dd>' in mine
    client.logout()
    seen = client.get("/m/ann/").content.decode()
    assert ("Leeds" in seen, "Plane" in seen, "ann.example.org" in seen) == (True, False, False)


def test_no_field_is_ever_required_and_an_emptied_one_leaves_no_row(client):
    ann, trade = make_member("ann"), field()
    describe_self(by=ann, name="Ann", pronouns="", bio="", answers={trade.pk: "Leeds"}, hat=None)
    client.force_login(ann)

    assert client.post("/settings/profile/", {"name": ""}).status_code == 302

    assert ProfileAnswer.objects.count() == 0


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://example.org/", "data:text/html,x", "no address"])
def test_link_that_is_no_address_of_the_web_is_refused(client, address):
    client.force_login(make_member("ann"))
    site = field(kind="url")

    page = client.post("/settings/profile/", {"name": "Ann", f"field-{site.pk}": address})

    assert (page.status_code, ProfileAnswer.objects.count()) == (422, 0)


def test_retired_field_is_neither_asked_nor_shown_and_its_answer_is_kept(client):
    ann, trade = make_member("ann"), field(seen_by="everyone")
    describe_self(by=ann, name="Ann", pronouns="", bio="", answers={trade.pk: "Leeds"}, hat=None)
    assert "Leeds" in client.get("/m/ann/").content.decode()
    ProfileField.objects.update(retired_at=timezone.now())

    describe_self(by=ann, name="Ann", pronouns="", bio="", answers={trade.pk: ""}, hat=None)

    assert "Leeds" not in client.get("/m/ann/").content.decode()
    assert ProfileAnswer.objects.get().value == "Leeds"


# --- Hats


@pytest.fixture
def hat() -> Hat:
    return Hat.objects.create(name_en="Curator", name_fr="Conservatrice", description_en="Works at the museum.")


def test_hat_is_on_the_profile_and_beside_posts_only_where_worn(client, hat):
    ann, admin, topic = make_member("ann"), make_admin("solene"), make_topic()
    make_reply(topic, by=ann)
    grant = grant_hat(hat, to=ann, by=admin, reason="Letter of the museum.")

    assert ">Curator</span>" in client.get("/m/ann/").content.decode()
    assert "Letter of the museum" not in client.get("/m/ann/").content.decode()
    assert "Curator" not in client.get(topic.get_absolute_url()).content.decode()
    client.force_login(ann)
    client.post("/settings/profile/", {"name": "Ann", "hat": str(grant.pk)})
    html = client.get(topic.get_absolute_url()).content.decode()
    assert 'title="verified by the team on' in html
    assert html.count(">Curator</span>") == 1

    withdraw_hat(grant, by=admin, reason="Left the museum.")

    assert "Curator" not in client.get(topic.get_absolute_url()).content.decode()
    assert "Curator" not in client.get("/m/ann/").content.decode()
    grant.refresh_from_db()
    assert (grant.granted_by, grant.withdrawn_by, grant.withdrawn_reason) == (admin, admin, "Left the museum.")


def test_hat_that_has_ended_is_not_shown_and_may_be_given_again(client, hat):
    ann, admin = make_member("ann"), make_admin()
    grant = grant_hat(hat, to=ann, by=admin, reason="x", until=timezone.now() + timedelta(days=1))
    HatGrant.objects.filter(pk=grant.pk).update(
        since=timezone.now() - timedelta(days=2), until=timezone.now() - timedelta(days=1)
    )
    assert "Curator" not in client.get("/m/ann/").content.decode()

    grant_hat(hat, to=ann, by=admin, reason="again")

    assert "Curator" in client.get("/m/ann/").content.decode()
    assert HatGrant.objects.count() == 2


def test_hats_are_given_by_admins_with_a_reason_once_and_worn_by_their_owner(hat):
    ann, bob, admin = make_member("ann"), make_member("bob"), make_admin()
    with pytest.raises(Refused, match="Only admins"):
        grant_hat(hat, to=ann, by=bob, reason="friend")
    with pytest.raises(Refused, match="Say why"):
        grant_hat(hat, to=ann, by=admin, reason=" ")
    grant = grant_hat(hat, to=ann, by=admin, reason="x")
    with pytest.raises(Refused, match="already"):
        grant_hat(hat, to=ann, by=admin, reason="x")
    with pytest.raises(Refused, match="not yours"):
        wear_hat(grant, by=bob)
    wear_hat(grant, by=ann)
    with pytest.raises(IntegrityError), transaction.atomic():
        HatGrant.objects.create(
            member=ann, hat=Hat.objects.create(name_en="Other"), granted_by=admin, reason="x", is_worn=True
        )


# --- The page and who sees it


def test_tabs_list_topics_posts_and_thanked_ones_that_the_reader_may_read(client):
    from forums.actions.keeping import give_reaction
    from forums.models import ReactionKind

    ann, sealed = make_member("ann"), make_forum(audience="team")
    moderator = make_moderator()
    mine = make_topic(by=ann, title="Open words")
    thanked = make_reply(make_topic(title="Somewhere else"), by=ann, body="Thanked words.")
    more = make_reply(make_topic(title="Elsewhere again"), by=ann, body="More thanked words.")
    for post, people in ((thanked, 1), (more, 2)):
        for _ in range(people):
            give_reaction(post, ReactionKind.objects.first(), by=make_member())
    make_topic(sealed, by=make_moderator("tom"), title="Sealed words")

    def titles(tab: str, who=None) -> str:
        client.force_login(who) if who else client.logout()
        return client.get(f"/m/ann/?show={tab}").content.decode()

    assert "Open words" in titles("topics")
    assert "Somewhere else" not in titles("topics")
    assert "Thanked words." in titles("posts")
    html = titles("thanked")
    assert html.index("Elsewhere again") < html.index("Somewhere else")
    assert "Open words" not in html
    client.logout()
    assert "Sealed words" not in client.get("/m/tom/?show=topics").content.decode()
    client.force_login(moderator)
    assert "Sealed words" in client.get("/m/tom/?show=topics").content.decode()
    assert mine.title in titles("nonsense")


@pytest.mark.parametrize("tab", ["topics", "posts", "thanked"])
def test_tabs_go_on_by_key(client, tab):
    from forums.actions.keeping import give_reaction
    from forums.models import ReactionKind

    ann, forum, fan = make_member("ann"), make_forum(), make_member()
    for number in range(33):
        topic = make_topic(forum, by=ann, title=f"Topic number {number:02d}")
        give_reaction(topic.posts.get(), ReactionKind.objects.first(), by=fan)

    first = client.get(f"/m/ann/?show={tab}")
    again = first.content.decode().split(f"?show={tab}&amp;after=")[1].split('"')[0]
    second = client.get(f"/m/ann/?show={tab}&after={again}").content.decode()

    seen = [f"Topic number {n:02d}" for n in range(33) if f"Topic number {n:02d}" in first.content.decode()]
    rest = [f"Topic number {n:02d}" for n in range(33) if f"Topic number {n:02d}" in second]
    assert (len(seen), len(rest), set(seen) & set(rest)) == (30, 3, set())
    assert client.get(f"/m/ann/?show={tab}&after=nonsense").status_code == 200


@pytest.mark.parametrize("tab", ["about", "topics", "posts", "thanked"])
@pytest.mark.parametrize("topics", [1, 30])
def test_page_of_a_member_costs_the_same_with_1_row_and_30(client, django_assert_max_num_queries, tab, topics):
    ann, forum = make_member("ann"), make_forum()
    for _ in range(topics):
        make_topic(forum, by=ann)

    with django_assert_max_num_queries(6):  # member, hats, reader, community, answers, posts
        client.get(f"/m/ann/?show={tab}")


@pytest.mark.parametrize(
    ("choice", "seeing"),
    [
        ("everyone", {"visitor", "member", "tom", "ann"}),
        ("members", {"member", "tom", "ann"}),
        ("team", {"tom", "ann"}),
    ],
)
def test_page_is_seen_by_whom_a_member_chose(client, choice, seeing):
    ann = make_member("ann", bio="I mend kettles.", shown_to=choice)
    topic = make_topic(by=ann, title="Open words", body="Words to read.")
    people = {"visitor": None, "member": make_member("member"), "tom": make_moderator("tom"), "ann": ann}

    for name, person in people.items():
        client.force_login(person) if person else client.logout()
        for tab in ("about", "topics", "posts"):
            html = client.get(f"/m/ann/?show={tab}").content.decode()
            assert ("Open words" in html) == (name in seeing), (name, tab)
            assert ("kettles" in html) == (name in seeing and tab == "about"), (name, tab)
        assert "Words to read." in client.get(topic.get_absolute_url()).content.decode()


# --- The directory


def found(member: Member, **asked) -> list[str]:
    return [person.username for person in directory_page(reader_for(member), Asked(**asked)).people.rows]


def test_directory_is_for_members(client):
    assert client.get("/members/")["Location"] == "/accounts/login/?next=/members/"
    client.force_login(make_member("new", state=Member.State.APPLYING))
    assert client.get("/members/").status_code == 403
    client.force_login(make_member())
    assert client.get("/members/").status_code == 200


def test_directory_finds_names_without_accents_and_case_and_shows_each_to_whom_they_chose():
    zoe, ann = make_member("zoe", name="Zoé Élan"), make_member("ann", name="Ann Bell")
    make_member("eric", name="éric", shown_to=ShownTo.MEMBERS)
    hidden = make_member("ghost", name="Ghost", shown_to=ShownTo.TEAM)
    make_member("old", state=Member.State.PLACEHOLDER, email=None)
    make_member("asking", state=Member.State.APPLYING)
    tom = make_moderator("tom")

    assert found(ann) == ["ann", "eric", "tom", "zoe"]
    assert found(tom) == ["ann", "eric", "ghost", "tom", "zoe"]
    assert found(hidden, words="ghost") == ["ghost"]
    assert found(ann, words="ghost") == []
    assert found(ann, words="ELAN zoe") == [zoe.username]
    assert found(ann, words="100%") == []
    assert found(ann, placeholders=True) == ["ann", "eric", "old", "tom", "zoe"]


def test_block_keeps_both_out_of_each_others_directory_and_page(client):
    ann, bob = make_member("ann", bio="Kettles."), make_member("bob")
    assert found(ann) == ["ann", "bob"]

    block_member(bob, by=ann)

    assert (found(ann), found(bob)) == (["ann"], ["bob"])
    client.force_login(bob)
    html = client.get("/m/ann/").content.decode()
    assert ("Kettles." in html, "There is a block between you" in html) == (False, True)


def test_directory_filters_by_hat_and_newcomers(hat):
    ann, leo = make_member("ann"), make_newcomer("leo")
    grant_hat(hat, to=ann, by=make_admin("solene"), reason="x")

    assert found(ann, hat=hat.pk) == ["ann"]
    assert found(ann, newcomers=True) == [leo.username]
    assert found(ann, newest=True)[0] == "leo"


@pytest.mark.parametrize("order", ["", "newest"])
def test_directory_goes_on_by_key_and_costs_the_same_with_many(client, django_assert_num_queries, order):
    client.force_login(make_member("aaa"))
    client.get("/members/")
    with django_assert_num_queries(7) as one:  # session, member, reader, header, people, hats, community
        client.get(f"/members/?order={order}")
    for number in range(60):
        make_member(f"person{number:02d}", name="Same" if number % 2 else f"Name {number:02d}")

    with django_assert_num_queries(len(one)):
        first = client.get(f"/members/?order={order}")
    after = first.context["page"].people.after
    second = client.get(f"/members/?order={order}&after={after}").context["page"].people

    names = [person.username for person in (*first.context["page"].people.rows, *second.rows)]
    assert (len(names), len(set(names)), second.after) == (61, 61, "")


@pytest.mark.parametrize("after", ["x", "W10", "bnVsbA", "WzEsMl0", "WyJhIiwiYiJd", "A" * 900])
def test_directory_takes_an_odd_key_for_the_first_page(client, after):
    client.force_login(make_member())
    assert client.get(f"/members/?after={after}").status_code == 200
    assert client.get(f"/members/?order=newest&after={after}").status_code == 200
    assert client.get("/members/?hat=99999999999&name=%00").status_code == 200


@pytest.mark.parametrize("name", ["Agnès Morel", "agnes  morel", "Аgnès Mоrel", "hélène", "Modération", "ADMIN"])
def test_nobody_is_called_like_those_who_speak_for_the_community(client, name):
    make_moderator("agnes", name="Agnès Morel")
    make_host(make_forum("atelier"), "helene")
    tom = make_member("tom", name="Tom", bio="I mend things.")
    client.force_login(tom)

    response = client.post("/settings/profile/", {"name": name, "pronouns": "he", "bio": "Changed."})

    assert response.status_code == 422
    assert "This name belongs to the team" in response.content.decode()
    assert "Changed." in response.content.decode()
    tom.refresh_from_db()
    assert (tom.name, tom.bio) == ("Tom", "I mend things.")


def test_the_team_keeps_its_own_names(client):
    agnes = make_moderator("agnes", name="Agnès")
    client.force_login(agnes)
    assert client.post("/settings/profile/", {"name": "Agnes", "pronouns": "", "bio": ""}).status_code == 302
