"""What an incident does to users: what its severity is decided by."""

from typing import Annotated

from pydantic import Field

from gameday.core.model import Model

Percent = Annotated[float, Field(ge=0, le=100)]


class Impact(Model):
    """What is known of an incident. users: per cent of them that are hit; degradation: per cent
    by which it is slower."""

    users: Percent = 0.0
    degradation: Annotated[float, Field(ge=0)] = 0.0
    revenue_loss: bool = False
    data_loss: bool = False
    breach: bool = False
    core_down: bool = False
    no_workaround: bool = False
    key_customer: bool = False
    feature_broken: bool = False
