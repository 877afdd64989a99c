"""The main user journey in Chromium: sign up, post, search, follow, get notified, sign out."""

from __future__ import annotations

import io
import math
import re
import struct
import wave
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from kit.client.api import wait_for
from kit.client.endpoints import Endpoints
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import PASSWORD


def photo(colour: tuple[int, int, int]) -> bytes:
    """A JPEG of 640 × 480."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def tone() -> bytes:
    """Half a second of 440 Hz as WAV."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        samples = (int(12_000 * math.sin(2 * math.pi * 440 * i / 8000)) for i in range(4000))
        sound.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


def test_a_new_person_signs_up_with_a_mailed_code_and_signs_out(open_screen: OpenScreen) -> None:
    screen = open_screen(locale="ja-JP")
    page, handle = screen.page, unique("new")
    email = f"{handle}@example.com"
    # Given a visitor on the landing page
    screen.open("/").check_accessibility()
    page.get_by_role("link", name="アカウントを作る").first.click()
    # When they sign up with the code from the e-mail
    screen.check_accessibility()
    page.get_by_label("メールアドレス").fill(email)
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="次へ").click()
    expect(page.get_by_role("heading", name="メールを確認してください")).to_be_visible()
    screen.check_accessibility()
    page.get_by_label("確認コード").fill(screen.code_for(email))
    page.get_by_role("button", name="確認する").click()
    # And choose a handle and a name
    expect(page).to_have_url(re.compile("/welcome$"))
    screen.check_accessibility()
    page.get_by_label("表示名").fill("新しい人")
    page.get_by_label("ハンドル").fill(handle)
    page.get_by_role("button", name="はじめる").click()
    # Then they see their home timeline, and can post and sign out
    expect(page.get_by_role("heading", name="ホーム", exact=True)).to_be_visible()
    screen.post(f"はじめまして {handle} #はじめまして")
    screen.follow_link("/settings")
    page.get_by_role("button", name="ログアウト", exact=True).click()
    expect(page.get_by_role("link", name="アカウントを作る").first).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('CognitoIdentity'))") == []


def test_wrong_passwords_and_taken_addresses_are_explained(open_screen: OpenScreen, join: Join) -> None:
    person = join()
    screen = open_screen()
    page = screen.open("/sign-in").page
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill("Wrong-password-1")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The e-mail address or password is wrong.")
    screen.open("/sign-up")
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_have_text("An account with this e-mail address already exists.")


def test_a_lockout_message_does_not_say_that_the_password_is_wrong(open_screen: OpenScreen, join: Join) -> None:
    person = join()
    screen = open_screen()
    page = screen.open("/sign-in").page
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill("Wrong-password-1")
    alert = page.get_by_role("alert").filter(has_text="Too many attempts. Wait a moment and try again.")

    def locked_out() -> bool:
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("button", name="Sign in")).to_be_enabled()
        return alert.is_visible()

    # The sixth is the first to be refused; if each takes longer than the one-second lockout, a later one.
    tries = next((number for number in range(1, 13) if locked_out()), None)
    assert tries
    assert tries > 5


def test_a_forgotten_password_is_replaced(open_screen: OpenScreen, join: Join) -> None:
    person = join()
    screen = open_screen()
    page = screen.open("/forgot").page
    known = len(screen.mails_to(person.email))
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_role("button", name="Send code").click()
    page.get_by_label("Confirmation code").fill(screen.code_for(person.email, known))
    assert "password" in screen.mails_to(person.email)[0]["subject"]
    page.get_by_label("New password").fill("Another-Harbour-8")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Password", exact=True).fill("Another-Harbour-8")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()


def test_photos_with_descriptions_reach_the_followers_timeline_live(open_screen: OpenScreen, join: Join) -> None:
    # Given a reader who follows an author
    author, reader = join("Aki"), join("Ren")
    reader.api.put(f"/v1/follows/{author.user_id}")
    reading = open_screen().sign_in_by_form(reader)
    writing = open_screen().sign_in_by_form(author)
    # When the author posts two photos, one described
    page = writing.page
    text = f"Two views {unique('p')}"
    page.locator("#main form.composer textarea").fill(text)
    files = [
        {"name": "sea.jpg", "mimeType": "image/jpeg", "buffer": photo((30, 90, 140))},
        {"name": "hill.jpg", "mimeType": "image/jpeg", "buffer": photo((60, 120, 40))},
    ]
    page.locator("#main input[data-kind=photo]").set_input_files(files)
    page.get_by_label("Description of sea.jpg").fill("A calm blue sea")
    expect(page.locator(".attachment[data-state=ready]")).to_have_count(2)
    writing.check_accessibility()
    page.locator("#main form.composer button[type=submit]").click()
    # Then it is in their own timeline, with the description
    post = writing.article(text)
    expect(post.get_by_role("button", name="Open photo: A calm blue sea")).to_be_visible()
    # And the reader is notified live, and sees it
    pill = reading.page.get_by_role("button", name=re.compile("new post"))
    expect(pill).to_be_visible()
    pill.click()
    expect(reading.article(text).locator("img.avatar, svg.avatar").first).to_be_visible()
    # And can open it full screen, by keyboard
    reading.article(text).get_by_role("button", name="Open photo: A calm blue sea").click()
    box = reading.page.get_by_role("dialog")
    expect(box.get_by_role("img", name="A calm blue sea")).to_be_visible()
    reading.page.keyboard.press("ArrowRight")
    expect(box.get_by_role("img", name="Photo 2 of 2")).to_be_visible()
    reading.page.keyboard.press("Escape")
    expect(box).to_have_count(0)


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_video_and_audio_are_posted_and_can_be_played(
    kind: str, open_screen: OpenScreen, join: Join, sample_video: Path
) -> None:
    screen = open_screen().sign_in_by_form(join())
    page, text = screen.page, f"Listen and look {unique('m')}"
    page.locator("#main form.composer textarea").fill(text)
    if kind == "video":
        page.locator("#main input[data-kind=video]").set_input_files(sample_video)
    else:
        page.locator("#main input[data-kind=audio]").set_input_files(
            {"name": "tone.wav", "mimeType": "audio/wav", "buffer": tone()}
        )
    expect(page.locator(".attachment[data-state=ready]")).to_be_visible()
    page.locator("#main form.composer button[type=submit]").click()
    player = screen.article(text).locator(kind)
    expect(player).to_be_visible()
    page.wait_for_function("element => element.readyState >= 1 && !element.error", arg=player.element_handle())
    screen.check_accessibility()


def test_files_that_cannot_be_posted_are_refused_before_the_upload(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in_by_form(join())
    page = screen.page
    page.locator("#main input[data-kind=photo]").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(page.locator(".toast-error")).to_contain_text("notes.txt: this kind of file cannot be posted.")
    page.locator("#main form.composer textarea").fill("👩‍👩‍👧" * 501)
    expect(page.get_by_role("img", name="1 character too many")).to_be_visible()
    expect(page.locator("#main form.composer button[type=submit]")).to_be_disabled()


def test_follow_like_and_reply_arrive_as_live_notifications(open_screen: OpenScreen, join: Join) -> None:
    # Given an author with an open page, and a reader who finds their post
    author, reader = join("Nao"), join("Kim")
    word = unique("word")
    post = author.api.post("/v1/posts", {"clientPostId": unique("c"), "text": f"Anyone up for tea? {word}"})
    watching = open_screen().sign_in_by_form(author)
    acting = open_screen().sign_in_by_form(reader)
    page = acting.page
    # When they follow, like and reply
    acting.follow_link(f"/@{author.handle}")
    page.locator("#main").get_by_role("button", name="Follow: Nao", exact=True).click()
    expect(page.get_by_test_id("followers")).to_have_text("1")
    acting.article(word).get_by_role("button", name=re.compile("^Like")).click()
    acting.follow_link(f"/posts/{post['id']}")
    acting.post("Yes please")
    # Then the author's badge counts, and the page lists all three
    bell = watching.page.locator(".rail a[href='/notifications'] .badge")
    expect(bell).to_contain_text("3")
    watching.follow_link("/notifications")
    for kind in ("follow", "like", "reply"):
        expect(watching.page.locator(f".notification[data-type={kind}]")).to_be_visible()
    watching.check_accessibility()
    watching.page.get_by_role("button", name="Mark all as read").click()
    expect(bell).to_have_count(0)


def test_a_post_is_found_by_search_with_its_words_marked(open_screen: OpenScreen, join: Join) -> None:
    author = join("Haru")
    word = unique("quokka")
    author.api.post("/v1/posts", {"clientPostId": unique("c"), "text": f"今朝の京都は静か。{word} #朝の散歩"})
    screen = open_screen().sign_in_by_form(author)
    page = screen.page
    wait_for(lambda: author.api.get("/v1/search", q=word)["total"], until=bool, what="the post to become searchable")
    screen.follow_link("/search")
    page.get_by_role("combobox").first.fill(word)
    page.keyboard.press("Enter")
    expect(page.locator("article.post mark").first).to_have_text(word)
    screen.check_accessibility()
    page.get_by_role("link", name="People").click()
    expect(page).to_have_url(re.compile("type=people"))


def test_an_author_deletes_their_own_post(open_screen: OpenScreen, join: Join) -> None:
    screen = open_screen().sign_in_by_form(join())
    text = f"Soon gone {unique('d')}"
    post = screen.post(text)
    post.get_by_role("button", name="More").click()
    post.get_by_role("menuitem", name="Delete").click()
    screen.check_accessibility()
    screen.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(screen.article(text)).to_have_count(0)


def test_scrolling_loads_older_posts(open_screen: OpenScreen, join: Join, endpoints: Endpoints) -> None:
    author = join()
    mark = unique("s")
    for number in range(45):
        author.api.post("/v1/posts", {"clientPostId": f"{mark}-{number}", "text": f"{mark} number {number}"})
    screen = open_screen().sign_in_by_form(author)
    screen.follow_link(f"/@{author.handle}")
    rows = screen.page.locator("article.post")
    expect(rows).to_have_count(20)

    def scrolled() -> int:
        screen.page.mouse.wheel(0, 4000)
        return rows.count()

    wait_for(scrolled, until=lambda count: count >= 45, what="all posts")
    expect(rows).to_have_count(45)
    texts = [text.split("number ")[1] for text in screen.page.locator(".post-text").all_inner_texts()]
    assert texts == [str(number) for number in reversed(range(45))]
