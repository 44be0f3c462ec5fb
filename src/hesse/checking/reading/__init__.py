"""What an answer says: left sides, lists, components, shapes that do not fit."""
