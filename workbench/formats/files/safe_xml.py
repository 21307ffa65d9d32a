"""XML without its dangers: no entities of its own, nothing fetched from elsewhere, no bottomless nesting."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from workbench.errors import WorkbenchError

DEPTH_LIMIT = 200
"""Elements within elements."""


def parse_xml(data: bytes, name: str) -> Element:
    """The root element.

    Raises
    ------
    WorkbenchError
        The XML is broken or cut short (line and column are named), declares entities, or nests too deeply.
    """
    builder = TreeBuilder()
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH_LIMIT:
            raise WorkbenchError(
                f"{name} line {parser.CurrentLineNumber:,}: elements are nested more than {DEPTH_LIMIT} deep.",
                "Check that the right file was exported.",
            )
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: Any) -> int:
        raise WorkbenchError(
            f"{name} line {parser.CurrentLineNumber:,}: the XML declares or uses entities of its own, which can blow up"
            " or read other files.",
            "Export it without a DOCTYPE.",
        )

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.SkippedEntityHandler = refuse
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        raise WorkbenchError(
            f"{name} line {error.lineno:,} column {error.offset:,}: the XML is broken"
            f" ({expat.ErrorString(error.code)}).",
            "The file was cut short or damaged: export it again.",
        ) from error
    except (ValueError, LookupError, AssertionError) as error:
        raise WorkbenchError(f"{name}: the XML cannot be read ({error}).", "Export it in UTF-8.") from error
