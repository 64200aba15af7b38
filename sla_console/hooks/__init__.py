"""Receives what comes from outside: links that people follow, and events that programs report.

A room of its own above ``service``, beside ``ui``: it is a second door for people, and what comes in
goes through the same service. It listens in the console that monitors, and moves with the lease.

- ``receiver``: listens while this console monitors; a port in use is shown and tried again.
- ``server``: one aiohttp server with limits on connections, time, size and rate.
- ``limits``: how often who may ask, and how deep a document may be.
- ``action_routes``: GET shows a page and does nothing; POST does the deed, once.
- ``pages``: the pages, as plain HTML.
- ``event_routes``: calls that name a ticket, signed or by a secret path; answered before the work.

Nothing here believes a body, logs an address, or shows more of a ticket than number and subject.
"""
