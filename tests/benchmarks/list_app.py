"""A stock ListView with a hundred rows: how quickly a key can be answered at all."""

from textual.app import App, ComposeResult
from textual.widgets import Label, ListItem, ListView


class Rows(App[None]):
    def compose(self) -> ComposeResult:
        yield ListView(*(ListItem(Label(f"row number {n}")) for n in range(100)))


if __name__ == "__main__":
    Rows().run()
