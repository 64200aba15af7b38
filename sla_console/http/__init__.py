"""Holds the parts that all HTTP clients of the console share.

- ``proxies``: which proxy of the environment a request goes through, and what is wrong with one.
- ``bodies``: reading an answer without letting it fill the memory.
- ``waits``: how long a receiver asks to be left alone.
"""
