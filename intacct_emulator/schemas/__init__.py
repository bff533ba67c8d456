"""The objects of the API: their fields, as one small table of text per object."""

from intacct_emulator.schemas.reading import load
from intacct_emulator.schemas.shapes import CUSTOM_OBJECTS, Field, Group, Kind, Ref, Schema, open_schema

__all__ = ["CUSTOM_OBJECTS", "Field", "Group", "Kind", "Ref", "Schema", "load", "open_schema"]
