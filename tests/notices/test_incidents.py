"""One notice when something begins, one when it is over, whatever happens in between."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from zkteco_biometric.notices.grouping import MOST_DEVICES, gather_notices
from zkteco_biometric.notices.incidents import Key, Kind, OpenIncident, Reading, Verdict, compare

NOON = datetime(2026, 6, 2, 12)
KEYS = [
	Key(kind, device) for kind in (Kind.FAILING, Kind.WAITING, Kind.SILENT_DEVICE) for device in ("A", "B")
]

verdicts = st.sampled_from(Verdict)
looks = st.lists(st.dictionaries(st.sampled_from(KEYS), verdicts), max_size=30)


def reading(key: Key, verdict: Verdict, hours: float = 0) -> Reading:
	return Reading(key, verdict, since=NOON + timedelta(hours=hours))


@given(looks)
@examples(tests=300, nightly=5000)
def test_openings_and_ends_take_turns(history: list[dict[Key, Verdict]]) -> None:
	known: dict[Key, OpenIncident] = {}
	for number, look in enumerate(history):
		readings = [reading(key, verdict, number) for key, verdict in look.items()]
		changes = compare(known.values(), readings)
		for opened in changes.opened:
			assert look[opened.key] is Verdict.TROUBLE
			assert opened.key not in known
		for over in changes.over:
			assert look[over.key] is Verdict.WELL
			assert over.key in known
		assert all(key in known and look.get(key) in (None, Verdict.WELL) for key in changes.unwatched)
		for key in (*(over.key for over in changes.over), *changes.unwatched):
			del known[key]
		known |= {one.key: OpenIncident(one.key, one.since) for one in changes.opened}
		assert {key for key, verdict in look.items() if verdict is Verdict.TROUBLE} <= known.keys()
		assert not {key for key, verdict in look.items() if verdict is Verdict.WELL} & known.keys()
		assert known.keys() <= look.keys(), "nobody else is watched"


@given(looks)
@examples(tests=100, nightly=2000)
def test_the_same_look_again_is_no_news(history: list[dict[Key, Verdict]]) -> None:
	for look in history:
		readings = [reading(key, verdict) for key, verdict in look.items()]
		opened = compare([], readings).opened
		assert not compare([OpenIncident(one.key, one.since) for one in opened], readings)


def test_a_silence_that_ends_without_a_punch_is_merely_not_watched_any_more() -> None:
	"""As when the site's working hours are changed."""
	silent = Key(Kind.SILENT_DEVICE, "A")
	known = [OpenIncident(silent, NOON)]
	assert compare(known, [reading(silent, Verdict.WELL)]).unwatched == (silent,)
	(over,) = compare(known, [reading(silent, Verdict.WELL, 0.5)]).over
	assert over.key == silent


def test_what_happens_together_on_a_device_is_one_notice() -> None:
	terminals = [reading(Key(Kind.SILENT_TERMINAL, "A", f"SN-{n}"), Verdict.TROUBLE) for n in range(40)]
	(notice,) = gather_notices(terminals, is_over=False)
	assert (notice.device, len(notice.readings)) == ("A", 40)


def test_what_befalls_many_devices_at_once_is_one_notice() -> None:
	failing = [reading(Key(Kind.FAILING, f"Device {n}"), Verdict.TROUBLE) for n in range(MOST_DEVICES + 1)]
	assert [one.device for one in gather_notices(failing[1:], False)] == [
		one.key.device for one in failing[1:]
	]
	(notice,) = gather_notices(failing, is_over=False)
	assert (notice.device, len(notice.devices)) == ("", MOST_DEVICES + 1)


def test_kinds_are_told_apart() -> None:
	both = [reading(Key(Kind.LOG_IN, "A"), Verdict.WELL), reading(Key(Kind.WAITING, "A"), Verdict.WELL)]
	notices = gather_notices(both, is_over=True)
	assert [(one.kind, one.is_over) for one in notices] == [(Kind.LOG_IN, True), (Kind.WAITING, True)]
