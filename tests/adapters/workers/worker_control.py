"""A Chaos Toolkit control."""

import logging
from typing import Any


def before_activity_control(context: dict[str, Any], **_: Any) -> None:
    """Leave a trace."""
    logging.getLogger("chaostoolkit").info("control saw %s", context["name"])
