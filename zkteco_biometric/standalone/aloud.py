"""A dry run that tells a person what it does."""

from __future__ import annotations

import click

from zkteco_biometric.standalone import problems
from zkteco_biometric.standalone.dry_run import Order, Report, Surroundings, dry_run
from zkteco_biometric.standalone.progress import unwatched, watched
from zkteco_biometric.standalone.summary import introduction, summary


def introduce(order: Order) -> None:
	click.echo("\n".join(introduction(order)))


def dry_run_aloud(order: Order, around: Surroundings, *, quiet: bool = False) -> Report:
	"""Progress and summary. Raises `Problem` where the device failed, once the summary is told."""
	report = dry_run(order, unwatched if quiet else watched, around)
	if not quiet:
		click.echo("\n".join(summary(order, report)))
	if report.result.failure:
		raise problems.of_device(report.result.failure)
	return report
