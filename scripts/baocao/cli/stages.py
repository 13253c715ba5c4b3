"""The stages that commands are listed by, in the order of the flow."""

from __future__ import annotations

from enum import StrEnum

from baocao.project.language import N_


class Stage(StrEnum):
    """What a command is for."""

    intake = N_("Sending out and taking in")
    checking = N_("Checking what was received")
    building = N_("Making the reports")
    tracing = N_("Following the numbers")
    reviewing = N_("Reviewing and approving")
    verifying = N_("Holding other texts against the numbers")
    editions = N_("Issuing and auditing")
