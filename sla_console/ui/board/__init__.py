"""The board's query language: filter, order, and the words for both."""
