"""Tables of text, for terminals and notebooks."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

__all__ = ["format_html_table", "format_table", "make_frame"]


def format_table(rows: Sequence[Sequence[str]]) -> str:
    """Lines of aligned columns, the first row their heads: the first to the left, others right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        ).rstrip()
        for row in rows
    )


def format_html_table(rows: Sequence[Sequence[str]], *, caption: str = "") -> str:
    """The same as an HTML table; text is escaped."""
    head, *body = rows
    cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = [f"<tr>{cells}</tr>"]
    for first, *others in body:
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in others)
        lines.append(f'<tr><th scope="row">{escape(first)}</th>{cells}</tr>')
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<thead>{lines[0]}</thead><tbody>{''.join(lines[1:])}</tbody></table>"


def make_frame(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A pandas frame of these rows.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("to_frame needs pandas: pip install pandas") from error
    return pd.DataFrame(list(rows))
