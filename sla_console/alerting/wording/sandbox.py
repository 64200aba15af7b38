"""Jinja2, bounded: what a template may call, and how much work it may make.

Jinja's own sandbox keeps templates away from Python's insides, but lets them run as long as they
like and make texts as long as they like. Here every loop, macro, block, call and value costs from
one purse, and what could grow a value at one stroke is refused or paid for beforehand.

This module loads Jinja2, so it is imported when the first message is worded and not before.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from jinja2 import BaseLoader, StrictUndefined, Undefined, nodes, pass_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

PURSE: Final = 500_000
"""Work that one rendering may make; a character costs 1. The built-in words need under a quarter."""
_STEP: Final = 25
"""What one turn of a loop, one call or one block costs."""
_LONGEST_RANGE: Final = 1000
_LARGEST_NUMBER: Final = 1 << 64
_FILTERS: Final = (  # noqa: SIM905 - a list of strings takes a line for each
    "abs capitalize count d default first float int items last length list lower map max min "
    "reject rejectattr reverse select selectattr sort title trim truncate unique upper wordcount"
).split()
_TEXT_METHODS: Final = frozenset(
    (  # noqa: SIM905
        "capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit islower "
        "isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind "
        "rindex rpartition rsplit rstrip split splitlines startswith strip swapcase title upper"
    ).split()
)
_SIZED = (str, list, tuple, dict, set, range)


class TooMuchWork(Exception):  # noqa: N818 - reads as what it is
    """A template made more work than one message may."""

    def __init__(self) -> None:
        super().__init__("it makes too much work: too many turns of a loop, or too much text")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox for templates of plain text.

    Args:
        loader: Where the templates are.
        adapt: Changes the syntax tree of a template of this name before it is compiled; may raise
            ``TemplateSyntaxError``.
    """

    intercepted_binops = frozenset({"+", "*", "%", "**"})

    def __init__(
        self, loader: BaseLoader, adapt: Callable[[nodes.Template, str | None], None] | None = None
    ) -> None:
        super().__init__(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=False,
            auto_reload=False,
            optimized=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=pass_context(lambda _context, value: self.shown(value)),
        )
        self._adapt = adapt
        self.purse = PURSE
        own = {"join": self._join, "replace": self._replace}
        usual = {name: self._paid(self.filters[name]) for name in _FILTERS}
        self.filters = {**usual, **own}
        kept = {"namespace": self.globals["namespace"], "range": self._range}
        self.globals.clear()
        self.globals.update(kept)

    def words(self, name: str, values: Mapping[str, Any]) -> str:
        """Return what a template renders to.

        Raises:
            TooMuchWork: if it does not end within its purse.
            RecursionError: if it includes itself.
            Exception: any other, as a template may fail in any way.
        """
        self.purse = PURSE
        return self.get_template(name).render(values)

    def pay(self, cost: int) -> None:
        """Take the cost of some work from the purse.

        Raises:
            TooMuchWork: if not so much is left.
        """
        self.purse -= cost
        if self.purse < 0:
            raise TooMuchWork

    def turn(self, cost: int) -> None:
        """Pay for the text of one turn of what may be run again; compiled into every template.

        The step itself is paid for as every call is.
        """
        self.pay(cost)

    def shown(self, value: Any) -> Any:
        """Pay for a value that a template shows; lists and the like have no words."""
        text = _text(value)
        self.pay(len(text))
        return text

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template may use an attribute; of text, only what cannot make it grow."""
        if isinstance(obj, str) and attr not in _TEXT_METHODS:
            return False
        if isinstance(obj, int | float | bytes):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ARG002
        """Return nothing: ``format`` can make any length, and is refused like other methods."""
        return None

    def call(self, context: Context, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something for a template and take the cost."""
        self.pay(_STEP + _size(getattr(obj, "__self__", None)) + sum(map(_size, args)))
        return super().call(context, obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Compute what could grow a value at one stroke, after it was paid for."""
        if operator == "**":
            raise SecurityError("** is not allowed here")
        if operator == "%" and isinstance(left, str):
            raise SecurityError("% of a text is not allowed here")
        if operator == "+":
            self.pay(_size(left) + _size(right))
        elif operator == "*":
            self._pay_product(left, right)
        return super().call_binop(context, operator, left, right)

    def _generate(
        self,
        source: nodes.Template,
        name: str | None,
        filename: str | None,
        defer_init: bool = False,
    ) -> str:
        if self._adapt is not None:
            self._adapt(source, name)
        _make_paid(source)
        return super()._generate(source, name, filename, defer_init)

    def _pay_product(self, left: Any, right: Any) -> None:
        for many, times in ((left, right), (right, left)):
            if isinstance(many, _SIZED) and isinstance(times, int):
                self.pay(len(many) * max(times, 0))
                return
        if any(isinstance(one, int) and abs(one) > _LARGEST_NUMBER for one in (left, right)):
            raise SecurityError("the numbers are too large")

    def _paid(self, usual: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(usual)
        def paid(*args: Any, **kwargs: Any) -> Any:
            self.pay(_STEP + sum(map(_size, args)))
            return usual(*args, **kwargs)

        return paid

    def _range(self, *args: int) -> range:
        numbers = range(*args)
        if len(numbers) > _LONGEST_RANGE:
            raise SecurityError(f"range() gives at most {_LONGEST_RANGE} numbers here")
        return numbers

    def _join(self, values: Iterable[Any], between: str = "") -> str:
        parts = [self.shown(value) for value in values]
        self.pay(len(between) * len(parts))
        return between.join(parts)

    def _replace(self, text: Any, old: str, new: str) -> str:
        whole, part = _text(text), _text(old)
        self.pay(len(whole) + whole.count(part) * len(new))
        return whole.replace(part, new)


def _text(value: Any) -> str:
    """Return a plain value as text.

    Raises:
        SecurityError: for a list and the like, whose words could be of any length.
        UndefinedError: for a name that is not known.
    """
    if isinstance(value, str | int | float | Undefined) or value is None:
        return str(value)
    raise SecurityError(f"a {type(value).__name__} is no text; use join, or name one part of it")


def _size(value: Any) -> int:
    return len(value) if isinstance(value, _SIZED) else 0


def _make_paid(template: nodes.Template) -> None:
    """Let everything that may be run again pay for each time, with the text that it holds."""
    again = template.find_all((nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block))
    bodies: list[Any] = [template, *again]
    for node in bodies:
        held = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        turn = nodes.EnvironmentAttribute("turn")
        call = nodes.Call(turn, [nodes.Const(held)], [], None, None)
        node.body.insert(0, nodes.ExprStmt(call).set_lineno(node.lineno or 1, override=True))
    # "~" joins without asking anybody; the filter pays.
    for parent in _parents(template):
        for field, value in parent.iter_fields():
            if isinstance(value, nodes.Concat):
                setattr(parent, field, _joined(value))
            elif isinstance(value, list):
                value[:] = [_joined(one) if isinstance(one, nodes.Concat) else one for one in value]


def _joined(concat: nodes.Concat) -> nodes.Filter:
    line = concat.lineno
    parts: Sequence[nodes.Expr] = concat.nodes
    joined = nodes.Filter(nodes.List(list(parts)), "join", [], [], None, None)
    joined.set_lineno(line, override=False)
    if concat.environment is not None:
        joined.set_environment(concat.environment)
    return joined


def _parents(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield a node and all below it, the deepest first."""
    for child in node.iter_child_nodes():
        yield from _parents(child)
    yield node
