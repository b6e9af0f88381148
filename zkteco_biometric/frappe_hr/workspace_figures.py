"""The workspace's numbers. Days and hours are those of the site's clock, by which check-ins are stored.

All are counted in the index on device and time, so that they cost what they count, however many check-ins there are.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import formatdate, getdate
from pypika import Criterion
from pypika.enums import DatePart
from pypika.functions import Date, Extract

from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, SETTINGS
from zkteco_biometric.frappe_hr.overview import Overview, overviews

DAYS = 14
MOST_DEVICES = 6
"""As many have a colour of their own in a chart; the others are added up."""

_HOURS = 24


def enabled_devices() -> list[Overview]:
	"""How those do that the user may see and that are not disabled."""
	return overviews(frappe.get_list(SETTINGS, filters={"enable": 1}, pluck="name", order_by="name"))


def filter_of_devices_seen() -> list:
	"""By which Desk's list shows what is counted here. It takes a name with a comma for two: where there is one, any device."""
	devices = _devices_seen()
	return ["in", devices] if devices and ",".join(devices).split(",") == devices else ["is", "set"]


def check_ins_of_today() -> int:
	"""From the devices that the user may see."""
	rows = _counted(getdate(), 1, [])
	return rows[0][0] if rows else 0


def per_hour_of_today() -> dict[str, Any]:
	"""A chart's labels and its one dataset, hour by hour; `{}` where the user sees no device."""
	rows = _counted(getdate(), 1, [Extract(DatePart.hour, _table().time)])
	if rows is None:
		return {}
	by_hour = {int(hour): count for hour, count in rows}
	values = [by_hour.get(hour, 0) for hour in range(_HOURS)]
	return {
		"labels": [f"{hour:02}" for hour in range(_HOURS)],
		"datasets": [{"name": _("Check-ins"), "values": values}],
	}


def per_day_and_device() -> dict[str, Any]:
	"""A chart's labels, and a dataset for each device, the busiest first; `{}` where the user sees no device."""
	first = getdate() - timedelta(days=DAYS - 1)
	rows = _counted(first, DAYS, [_table()[DEVICE_FIELD], Date(_table().time)])
	if rows is None:
		return {}
	counted = {(device, getdate(day)): count for device, day, count in rows}
	days = [first + timedelta(days=number) for number in range(DAYS)]
	return {
		"labels": [formatdate(day, "d") for day in days],
		"datasets": [
			{
				"name": name,
				"values": [sum(counted.get((device, day), 0) for device in devices) for day in days],
			}
			for name, devices in _series(counted)
		],
	}


def _series(counted: dict[tuple[str, date], int]) -> list[tuple[str, list[str]]]:
	"""The names of the datasets, and the devices that each adds up."""
	totals: Counter[str] = Counter()
	for (device, _day), count in counted.items():
		totals[device] += count
	busiest = [device for device, _total in totals.most_common()]
	series = [(device, [device]) for device in busiest[:MOST_DEVICES]]
	others = busiest[MOST_DEVICES:]
	return [*series, (_("Other Devices"), others)] if others else series or [(_("Check-ins"), [])]


def _counted(first: date, days: int, by: Sequence[Any]) -> list[tuple] | None:
	"""How many check-ins there are from `first` on, for each value of `by`; one query, None where the user sees no device."""
	devices = _devices_seen()
	if not devices:
		return None
	begin = datetime.combine(first, time())
	table = _table()
	wanted = [
		table[DEVICE_FIELD].isin(devices),
		table.time >= begin,
		table.time < begin + timedelta(days=days),
	]
	query = frappe.qb.from_(table).select(*by, Count("*")).where(Criterion.all(wanted))
	return list(query.groupby(*by).run() if by else query.run())


def _devices_seen() -> list[str]:
	return frappe.get_list(SETTINGS, pluck="name", order_by="name")


def _table() -> Any:
	return frappe.qb.DocType(CHECK_IN)
