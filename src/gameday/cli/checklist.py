"""``gameday checklist``: the checklists, forms and scripts at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gameday.bootstrap import process_tables
from gameday.cli.main import App
from gameday.cli.output import output_option, print_rows, print_value
from gameday.core.errors import NothingToDo

if TYPE_CHECKING:
    from gameday.core.process_tables.checklists import Checklist


@click.command(epilog="Example: gameday checklist resolution")
@click.argument("name", metavar="[LIST]", required=False)
@output_option
@click.pass_obj
def checklist(app: App, name: str | None, output: str) -> None:
    """List the checklists, forms and scripts, or print one as Markdown.

    `gameday respond check --item LIST.ITEM` ticks an item off. The lists are packaged; your own in
    process/checklists.yaml stand for them.
    """
    from gameday.core.process_tables.checklists import markdown

    lists = process_tables.checklists(app.settings.process).lists
    if name is None:
        rows = [{**_shown(each), "number_of_items": len(each.items)} for each in lists]
        print_rows(rows, ["id", "kind", "number_of_items", "title", "when"], output)
        return
    chosen = next((each for each in lists if each.id == name), None)
    if chosen is None:
        known = ", ".join(each.id for each in lists)
        raise NothingToDo(f"no list is named {name!r}", hint=f"there are {known}")
    if output == "table":
        click.echo("\n".join(markdown(chosen)).rstrip("\n"))
    else:
        print_value(_shown(chosen), output)


def _shown(chosen: Checklist) -> dict[str, Any]:
    """As JSON has it: every item with its whole id and what has to be filled in."""
    items = [
        {
            **item.model_dump(mode="json"),
            "id": f"{chosen.id}.{item.id}",
            "placeholders": list(item.placeholders),
        }
        for item in chosen.items
    ]
    return {**chosen.model_dump(mode="json"), "items": items}
