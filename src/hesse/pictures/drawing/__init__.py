"""Scenes drawn by matplotlib, which is imported when the first picture is drawn."""
