"""How the service refuses: HTTP 200 with its own code."""

from typing import Any


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """An application error as the service reports it.

    Args:
        code: One of its codes, such as ``entity_does_not_exist``.
        attributes: The inputs it complains about.
        index: Place of the offending object in a bulk mutation.
    """

    def __init__(self, code: str, *attributes: str, index: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        param: dict[str, Any] = {} if index is None else {"index": index}
        if attributes:
            param["attributes"] = list(attributes)
        self.entries = [{"code": code, "param": param}]
        self.bulk = index is not None

    @classmethod
    def of(cls, refusals: "list[Refusal]") -> "Refusal":
        """Return one refusal that names everything wrong with a bulk mutation."""
        first = refusals[0]
        first.entries = [entry for refusal in refusals for entry in refusal.entries]
        return first

    def body(self, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the whole answer.

        The message is null, as seen live; a bulk mutation has none, and no data, as documented.

        Args:
            data: What was answered beside it: null for the field that refused.
        """
        error: dict[str, Any] = {} if self.bulk else {"message": None}
        error["extensions"] = {"clientError": self.entries}
        return {"errors": [error], "data": {} if self.bulk or data is None else data}
