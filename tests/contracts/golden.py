"""The bodies that the Zuora adapter lists in full for its own tests: `shared/zuora/src/golden/bodies.txt`.

The file is text for people: a heading `# Action number` or `# Action number to target`, then the JSON. A heading is
told by its two first characters, because no line of JSON begins with them. The adapter's tests fail when the file is
not what the adapter writes, so it is never out of date.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from recordings import REPOSITORY

FILE = REPOSITORY / "shared" / "zuora" / "src" / "golden" / "bodies.txt"

# Which call carries the body of which action; `{}` is its target.
CALLS = {
    "CreateAccount": ("POST", "/v1/accounts"),
    "UpdateAccount": ("PUT", "/v1/accounts/{}"),
    "CreateContact": ("POST", "/v1/contacts"),
    "CreateProduct": ("POST", "/v1/object/product"),
    "UpdateProduct": ("PUT", "/v1/object/product/{}"),
    "CreateRatePlan": ("POST", "/v1/object/product-rate-plan"),
    "CreateCharge": ("POST", "/v1/object/product-rate-plan-charge"),
    "ActivateCurrencies": ("PUT", "/v1/object/product-rate-plan/{}"),
    "SetPrices": ("PUT", "/v1/object/product-rate-plan-charge/{}"),
    "CreateOrder": ("POST", "/v1/orders"),
    "ChangeOrder": ("POST", "/v1/orders"),
    "SetTriggerDates": ("PUT", "/v1/orders/{}/triggerDates"),
}


@dataclass(frozen=True)
class Golden:
    """A body with the action that it is of."""

    action: str
    target: str
    body: Any

    @property
    def method(self) -> str:
        """The method that carries it."""
        return CALLS[self.action][0]

    @property
    def path(self) -> str:
        """The path that it goes to."""
        return CALLS[self.action][1].format(self.target)


def bodies() -> list[Golden]:
    """All bodies of the file. A heading of an unknown action, or text that is no JSON, is an error."""
    found: list[Golden] = []
    for section in ("\n" + FILE.read_text(encoding="utf-8")).split("\n# ")[1:]:
        heading, _, text = section.partition("\n")
        action, _, rest = heading.partition(" ")
        if action not in CALLS:
            raise AssertionError(f"{FILE.name}: no call is known for {action}; add it to CALLS")
        found.append(Golden(action, rest.partition(" to ")[2], json.loads(text)))
    return found
