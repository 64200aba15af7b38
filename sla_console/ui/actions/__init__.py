"""What a person can do: the catalogue of actions, their keys, and how each is carried out."""
