"""Options that commands of several rooms share."""

from __future__ import annotations

import click

report_every_option = click.option(
    "--report-every",
    envvar="RAFID_REPORT_EVERY",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to log what was done, when there was anything to do.",
)
