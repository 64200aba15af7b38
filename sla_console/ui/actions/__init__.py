"""The actions of a person: their catalogue, their keys, and how each is carried out."""
