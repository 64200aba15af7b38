"""A stock DataTable whose visible countdowns all tick each second, as most consoles do it."""

import sys
import time

from textual.app import App, ComposeResult
from textual.widgets import DataTable

COLUMNS = (
    "Number",
    "Client",
    "Subject",
    "Pri",
    "Technician",
    "Status",
    "Response",
    "Resolution",
    "Risk",
    "Policy",
)


class Countdowns(App[None]):
    def compose(self) -> ComposeResult:
        yield DataTable(cursor_type="row")

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        for name in COLUMNS:
            table.add_column(name, key=name, width=16)
        for row in range(int((sys.argv[1:] or ["500"])[0])):
            table.add_row(*(f"{name} {row}" for name in COLUMNS), key=str(row))
        self.set_interval(1.0, self.tick)

    def tick(self) -> None:
        table = self.query_one(DataTable)
        left = int(time.monotonic())
        for row in range(min(46, table.row_count)):
            table.update_cell(str(row), "Response", f"{(left + row) % 60:02d}:{left % 60:02d}")
            table.update_cell(str(row), "Resolution", f"{(left * row) % 60:02d}:{left % 60:02d}")


if __name__ == "__main__":
    Countdowns().run()
