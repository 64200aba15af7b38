"""Errors of requests that do not fit the schema, named and worded as graphql-java does."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from graphql import DocumentNode, FieldNode, GraphQLError, GraphQLSyntaxError, Node
from graphql.language import InlineFragmentNode, OperationDefinitionNode, SelectionSetNode

Wording = Callable[..., str]

# What graphql-core says, the name graphql-java has for it, and graphql-java's words.
_NAMED: Final[tuple[tuple[re.Pattern[str], str, Wording], ...]] = (
    (
        re.compile(r"Field '(.+)' must not have a selection since type '(.+)' has no subfields"),
        "SubSelectionNotAllowed",
        lambda name, kind: f"Sub selection not allowed on leaf type '{kind}' of field '{name}'",
    ),
    (
        re.compile(r"Field '(.+)' of type '(.+)' must have a selection of subfields"),
        "SubSelectionRequired",
        lambda name, kind: f"Sub selection required for type '{kind}' of field '{name}'",
    ),
    (
        re.compile(r"Cannot query field '(.+?)' on type '(.+?)'"),
        "FieldUndefined",
        lambda name, kind: f"Field '{name}' in type '{kind}' is undefined",
    ),
    (
        re.compile(r"Variable '\$(.+)' of type '(.+)' used in position expecting type '(.+)'"),
        "VariableTypeMismatch",
        lambda _, given, wanted: f"Variable type '{given}' does not match expected type '{wanted}'",
    ),
    (
        re.compile(r"Variable '\$(.+?)' is not defined"),
        "UndefinedVariable",
        lambda name: f"Undefined variable '{name}'",
    ),
    (
        re.compile(r"Unknown argument '(.+?)' on field '(.+?)'"),
        "UnknownArgument",
        lambda name, _: f"Unknown field argument '{name}'",
    ),
    (
        re.compile(r"Argument '.+\((.+):\)' of type '.+' is required, but it was not provided"),
        "MissingFieldArgument",
        lambda name: f"Missing field argument '{name}'",
    ),
)
_NULL: Final = re.compile(
    r"Variable '\$(.+?)' has invalid value: Expected (?:a )?value of non-null type '(.+?)' "
    r"(?:to be provided|not to be None)"
)


def refused_request(errors: list[GraphQLError], document: DocumentNode | None) -> dict[str, Any]:
    """Return the whole answer to a request that was not carried out.

    Args:
        errors: What is wrong with it.
        document: What was asked, if it could be read at all.
    """
    return {"errors": [_told(error, document) for error in errors], "data": None}


def _told(error: GraphQLError, document: DocumentNode | None) -> dict[str, Any]:
    path: list[FieldNode] = []
    for node in error.nodes or ():
        if not path:
            path = _path(document, node)
    # Of a selection that may not be, the field is shown and not its brace.
    braces = isinstance(next(iter(error.nodes or ()), None), SelectionSetNode)
    whole = path[-1].loc if path and braces else None
    places = (
        [(whole.start_token.line, whole.start_token.column)]
        if whole is not None
        else [(at.line, at.column) for at in error.locations or ()]
    )
    syntax = isinstance(error, GraphQLSyntaxError)
    return {
        "message": _message(error.message, "/".join(step.name.value for step in path)),
        "locations": [{"line": line, "column": column} for line, column in places],
        "extensions": {"classification": "InvalidSyntax" if syntax else "ValidationError"},
    }


def _message(message: str, path: str) -> str:
    for pattern, name, wording in _NAMED:
        if found := pattern.search(message):
            at = f"@[{path}]" if path else ""
            return f"Validation error ({name}{at}) : {wording(*found.groups())}"
    if found := _NULL.search(message):
        name, kind = found.groups()
        return f"Variable '{name}' has coerced Null value for NonNull type '{kind}'"
    return message


def _path(document: DocumentNode | None, node: Node) -> list[FieldNode]:
    """Return the fields that lead to where a node stands, the innermost last."""
    found: list[FieldNode] = []
    for definition in document.definitions if document else ():
        selection = getattr(definition, "selection_set", None)
        if isinstance(selection, SelectionSetNode):
            for path in _paths(selection, []):
                if _covers(path[-1], node):
                    found = path
    return found


def _covers(field: FieldNode, node: Node) -> bool:
    outer, inner = field.loc, node.loc
    return bool(outer and inner and outer.start <= inner.start and inner.end <= outer.end)


def _paths(selection: SelectionSetNode, above: list[FieldNode]) -> Iterator[list[FieldNode]]:
    for node in selection.selections:
        if isinstance(node, FieldNode):
            yield [*above, node]
            if node.selection_set is not None:
                yield from _paths(node.selection_set, [*above, node])
        elif isinstance(node, InlineFragmentNode):
            yield from _paths(node.selection_set, above)


def asked_fields(document: DocumentNode | None) -> list[str]:
    """Return the names under which a request wants its answers, as far as it can be read."""
    for definition in document.definitions if document else ():
        if isinstance(definition, OperationDefinitionNode):
            nodes = definition.selection_set.selections
            fields = [node for node in nodes if isinstance(node, FieldNode)]
            return [(field.alias or field.name).value for field in fields]
    return []
