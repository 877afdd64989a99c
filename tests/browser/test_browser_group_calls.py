"""Group calls in a mesh, checked by decoded media: people join, leave, share a screen, and a browser crashes."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import pytest
from playwright.sync_api import Error, Locator, ViewportSize, expect

from kit.client.api import wait_for
from tests.browser.calls import is_silent, watched
from tests.browser.conftest import Join, OpenScreen, unique
from tests.browser.people import Person, Screen

#: Longer than the 20 seconds after which a silent page has left, on a busy machine.
_GONE_MS = 75_000
#: The page area of a small laptop's screen.
_LAPTOP: ViewportSize = {"width": 1280, "height": 657}
#: The page keeps its connections for statistics. One machine works for all of them, so cameras are small and slow, and
#: microphones are not processed: echo cancellation and its like took more of the processor than all other media.
_KEEP = """() => {
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  const small = (video) => video && { ...video, width: 320, height: 240, frameRate: 5 };
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const raw = (audio) => audio && { ...audio, ...plain };
  media.getUserMedia = (wanted) => ask({ ...wanted, audio: raw(wanted.audio), video: small(wanted.video) });
  window.connections = [];
  window.RTCPeerConnection = new Proxy(RTCPeerConnection, {
    construct: (kind, args) => { const made = new kind(...args); window.connections.push(made); return made; },
  });
}"""
#: A machine without a screen has none to share: a moving drawing replaces it.
_SCREEN = """() => {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 400 });
    const paint = canvas.getContext('2d');
    let turn = 0;
    setInterval(() => {
      paint.fillStyle = `hsl(${(turn += 7)} 60% 45%)`;
      paint.fillRect(0, 0, 640, 400);
    }, 100);
    return canvas.captureStream(10);
  };
}"""
#: From how many pages decoded video and audible sound arrive; the rest is for the message of a failure.
_ARRIVING = """async () => {
  let pages = 0;
  for (const one of window.connections) {
    if (one.connectionState !== 'connected') continue;
    const rows = [...(await one.getStats()).values()].filter((row) => row.type === 'inbound-rtp');
    const frames = rows.some((row) => row.kind === 'video' && row.framesDecoded > 5);
    if (frames && rows.some((row) => row.kind === 'audio' && row.totalAudioEnergy > 0)) pages += 1;
  }
  const connections = window.connections.map((one) => `${one.connectionState} ${one.signalingState}`);
  return { pages, connections, toasts: window.toasts };
}"""
_ARRIVES = f"async (others) => (await ({_ARRIVING})()).pages === others"
#: How many frames each video in the window has shown; toasts are for the message of a failure.
_SHOWN = """() => ({
  frames: [...document.querySelectorAll('.room video')].map((one) => one.getVideoPlaybackQuality().totalVideoFrames),
  toasts: window.toasts,
})"""


@dataclass
class Member:
    """A person at their own screen, with the group open."""

    person: Person
    screen: Screen
    group: str

    @property
    def window(self) -> Locator:
        return self.screen.page.locator(".room")

    def press(self, name: str) -> None:
        self.screen.page.get_by_role("button", name=name, exact=True).first.click()

    def join(self, label: str = "Join") -> None:
        self.screen.page.locator(".room-banner").get_by_role("button", name=label).click()

    def sees(self, people: int) -> None:
        """All people in the call, this one included, according to the decoded media."""
        expect(self.window.locator(".room-tile:not(.is-screen)")).to_have_count(people, timeout=_GONE_MS)
        wait_for(
            lambda: self.screen.page.evaluate(_ARRIVING),
            until=lambda found: found["pages"] == people - 1,
            what=f"pictures and sound of {people - 1} others",
        )
        self.shows(people)

    def shows(self, videos: int) -> None:
        """This many videos are in the window, and all of them have shown frames."""
        wait_for(
            lambda: self.screen.page.evaluate(_SHOWN),
            until=lambda found: len(found["frames"]) == videos and min(found["frames"]) > 1,
            what=f"{videos} videos in the window of {self.person.name}",
        )


def group_of(people: list[Person]) -> str:
    """A group whose members follow each other, so nobody has to accept."""
    for one in people:
        for other in people:
            if one is not other:
                one.api.put(f"/v1/follows/{other.user_id}")
    body = {"clientGroupId": unique("g"), "title": "Walkers", "userIds": [one.user_id for one in people[1:]]}
    return str(people[0].api.post("/v1/conversations/groups", body)["id"])


def members(open_screen: OpenScreen, people: list[Person]) -> list[Member]:
    """The first and the others on desktops; the last one on a phone, in Japanese."""
    group, found = group_of(people), []
    for person in people:
        phone = person is people[-1]
        screen = open_screen(phone=phone, locale="ja-JP" if phone else "en-US")
        if not phone:
            screen.page.set_viewport_size(_LAPTOP)
        for script in (_KEEP, _SCREEN):
            screen.page.add_init_script(f"({script})()")
        watched(screen, person).page.evaluate("path => { history.pushState(null, '', path); }", f"/messages/{group}")
        screen.page.evaluate("() => dispatchEvent(new PopStateEvent('popstate'))")
        expect(screen.page.locator(".chat-head")).to_contain_text("Walkers")
        found.append(Member(person, screen, group))
    return found


def test_three_talk_in_a_group_while_they_join_leave_and_share_a_screen(open_screen: OpenScreen, join: Join) -> None:
    one, two, three = members(open_screen, [join("Mio"), join("Tom"), join("Ami")])
    one.press("Group video call")
    expect(one.window).to_be_visible()
    # It rings for members outside the call: one answers there, another joins from the group's page
    ringing = two.screen.page.get_by_role("alertdialog", name="Walkers: Mio started a group call")
    two.screen.check_accessibility()
    ringing.get_by_role("button", name="Join").click()
    three.screen.picture("group-call-rings-phone")
    three.press("今はしない")
    three.screen.check_accessibility()
    three.screen.picture("group-call-banner-phone")
    three.join("参加")
    for member in (one, two, three):
        member.sees(3)
    expect(one.window.locator(".room-tile.is-speaking")).to_have_count(1)
    one.screen.check_accessibility()
    one.screen.picture("group-call-desktop")
    three.screen.picture("group-call-phone")
    # Muting is visible to the others
    two.press("Mute")
    expect(one.window.get_by_role("img", name="Tom is muted")).to_be_visible()
    # A shared screen is a separate tile
    two.press("Share screen")
    expect(one.window.get_by_label("Tom’s screen").first).to_be_visible()
    for member, name in ((one, "desktop"), (three, "phone")):
        member.shows(4)
        member.screen.picture(f"group-call-screen-{name}")
    three.screen.check_accessibility()
    two.press("Stop sharing")
    expect(one.window.locator(".room-tile.is-screen")).to_have_count(0)
    # One leaves and returns while the others continue
    two.press("Leave the call")
    is_silent(two.screen)
    for member in (one, three):
        member.sees(2)
    two.join()
    for member in (one, two, three):
        member.sees(3)
    # The call ends when the last participant leaves
    for member, label in ((one, "Leave the call"), (two, "Leave the call"), (three, "通話から退出")):
        member.press(label)
        is_silent(member.screen)
    expect(two.screen.page.locator(".room-banner")).to_have_count(0)
    # The call history lists it, with the attendees
    three.screen.open("/calls")
    row = three.screen.page.locator(".call-row")
    expect(row).to_contain_text("グループビデオ通話")
    row.locator("summary").click()
    expect(row.locator("li")).to_have_count(3)
    three.screen.check_accessibility()
    three.screen.picture("group-call-listed-phone")


@pytest.mark.long
def test_a_page_that_dies_and_a_member_who_is_removed_leave_the_call(open_screen: OpenScreen, join: Join) -> None:
    one, two, three = members(open_screen, [join("Mio"), join("Tom"), join("Ami")])
    one.press("Group voice call")
    for member, label in ((two, "Join"), (three, "参加")):
        member.join(label)
    for member in (one, two, three):
        expect(member.window.locator("[data-state=connected]")).to_have_count(2)
    with contextlib.suppress(Error):
        two.screen.page.goto("chrome://crash", timeout=5_000)
    for member in (one, three):
        expect(member.window.locator(".room-tile")).to_have_count(2, timeout=_GONE_MS)
        expect(member.window.locator("[data-state=connected]")).to_have_count(1)
    # A person removed from the group leaves its call
    one.person.api.delete(f"/v1/conversations/{one.group}/members/{three.person.user_id}")
    is_silent(three.screen)
    expect(one.window.locator(".room-tile")).to_have_count(1)
