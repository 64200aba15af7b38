"""Holds the parts that all who speak HTTP share.

- ``proxies``: which proxy of the environment a request goes through, and what is wrong with one.
- ``bodies``: reading an answer without letting it fill the memory.
- ``waits``: how long a receiver asks to be left alone.
- ``standard_webhooks``: signatures of webhooks, given and verified.
"""
