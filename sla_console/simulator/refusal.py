"""How the service refuses: HTTP 200 with its own code."""


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """An application error as the service reports it.

    Args:
        code: One of its codes, such as ``entity_does_not_exist``.
        attributes: The inputs it complains about.
    """

    def __init__(self, code: str, *attributes: str) -> None:
        super().__init__(code)
        self.code = code
        self.attributes = attributes

    def body(self) -> dict[str, object]:
        """Return the whole answer; the message is null, as seen live."""
        param = {"attributes": list(self.attributes)} if self.attributes else {}
        return {
            "errors": [
                {
                    "message": None,
                    "extensions": {"clientError": [{"code": self.code, "param": param}]},
                }
            ],
            "data": {},
        }
