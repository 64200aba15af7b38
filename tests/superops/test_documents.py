"""Every query fits the schema, asks for what it is named for, and ships with the package."""

import subprocess
import sys
from importlib.resources import files

import pytest
from graphql import OperationDefinitionNode, build_schema, parse, validate

from sla_console.superops.documents import ALL, TICKET_LIST, Document


@pytest.fixture(scope="module")
def schema():
    text = files("sla_console.simulator").joinpath("schema.graphql").read_text("utf-8")
    return build_schema(text)


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.file)
def test_each_document_fits_the_schema(document: Document, schema):
    assert validate(schema, parse(document.text)) == []


@pytest.mark.parametrize("document", ALL, ids=lambda document: document.file)
def test_each_document_is_one_operation_of_the_kind_it_says(document: Document):
    (operation,) = parse(document.text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert operation.name is not None
    assert operation.name.value == document.root
    assert (operation.operation.value == "mutation") is document.write
    (root,) = operation.selection_set.selections
    assert root.name.value == document.root


def test_no_file_lies_about_without_a_document():
    shipped = {path.name for path in files("sla_console.superops").joinpath("queries").iterdir()}
    assert {name for name in shipped if name.endswith(".graphql")} == {
        f"{document.file}.graphql" for document in ALL
    }


def test_ticket_ids_are_always_asked_for_since_rows_vanish_without():
    assert "ticketId" in TICKET_LIST.text


def test_naming_the_room_loads_no_http_library():
    code = "import sys, sla_console.superops; print('httpx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
