"""Speaking to SuperOps: transport, typed calls, answers turned into the domain.

Nothing is imported here, so that naming the room costs nothing. Its modules:

- ``client``: ``SuperOpsClient``, the typed calls; everything else serves it.
- ``budget``: ``RequestBudget``, the queue that keeps within the requests allowed a minute.
- ``calls``: one call from budget to judged answer, with retries for reads alone.
- ``sign_in``: the token, read anew when refused, and the one state "cannot sign in".
- ``transport``: one HTTP exchange, limited in time and size.
- ``faults``: what an answer that is no result means, in words.
- ``documents``: the queries, each in its own ``.graphql`` file.
- ``paging``: lists that come in pages.
- ``answers``, ``people_answers``, ``fields``, ``markup``: JSON to domain, whatever is missing.
"""
