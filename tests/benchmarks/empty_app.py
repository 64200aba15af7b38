"""The smallest Textual app: what any program of this kind costs to start."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    def compose(self) -> ComposeResult:
        yield Static("first paint")


if __name__ == "__main__":
    Empty().run()
