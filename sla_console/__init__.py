"""SLA Console: watches the promises of a SuperOps service desk, live, in a terminal.

The rooms, and the one direction in which they import each other
(``cli → ui → service → monitoring → alerting, reporting, superops, store → config → domain``):

- ``domain``: what is true about tickets and promises. Values and rules; no I/O, no clock of its own.
- ``config``: typed settings, strict reading of TOML, paths, where secrets come from.
- ``superops``: speaking to SuperOps: transport, typed calls, answers turned into the domain.
- ``store``: what survives: encrypted SQLite, numbered migrations, a module for each noun.
- ``alerting``: who is told what, when and why not; delivery from the outbox; channels; words.
- ``reporting``: figures of the past: reports and their forms, promises tried on history.
- ``monitoring``: the engine: sync planner, board, deadlines, supervisor, leadership.
- ``service``: the one door for people: who may, what happened, then do it.
- ``ui``: the only room that knows Textual.
- ``hooks``: the second door for people, beside ``ui``: links in messages, and events from outside.
- ``simulator``: a SuperOps to run against; knows the domain's plain values only.
- ``cli``: the front door and the composition root; imports the rest when used.
"""
